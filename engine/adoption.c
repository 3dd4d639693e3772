/* Adoption: see adoption.h. */
#include "engine/adoption.h"

#include "engine/lifecycle.h"
#include "engine/pools.h"
#include "engine/requests.h"
#include "engine/shutdown.h"
#include "engine/stopping.h"
#include "engine/work.h"

/* The run that the text knows of ended unseen, and the next one has begun already. */
static void end_unseen(struct engine *engine, struct slot *slot)
{
        if (!slot->process.reaped)
                lifecycle_note_exit(engine, slot, PROCESS_STATUS_UNKNOWN);
        lifecycle_end_run(engine, slot, NULL);
}

static void take_times(struct process *process, const struct event *in)
{
        if (in->adopted.started)
                process->started = in->adopted.started;
        if (in->adopted.start_wall)
                process->start_wall = in->adopted.start_wall;
}

/* Nobody hears what it says any more, and its configuration says what follows from that.  One that
 * is being stopped is stopped. */
static void lose_output(struct engine *engine, struct slot *slot)
{
        struct process *process = &slot->process;

        pools_member_ended(engine, slot);
        process->output_lost = true;
        if (process->state != STARTING && process->state != RUNNING)
                return;
        switch (process->program->on_orphan) {
        case ORPHAN_ADOPT:
                break;
        case ORPHAN_RESTART:
                slot->autostart_due = true;
                (void)stopping_stop(engine, slot); /* nobody waits for a result */
                break;
        case ORPHAN_KILL:
                stopping_kill(engine, slot);
                break;
        }
}

void adoption_adopt(struct engine *engine, struct slot *slot, const struct event *in)
{
        struct process *process = &slot->process;
        pid_t pid = in->adopted.pid;

        if (pid <= 0)
                return;
        work_drop_all(engine);
        if (process->pid && (process->pid != pid || process->reaped))
                end_unseen(engine, slot);
        if (!process->pid) {
                if (!process->spawning)
                        lifecycle_begin_run(
                                engine, slot, process->state == BACKOFF ? IN_RETRY : IN_START);
                take_times(process, in);
                lifecycle_spawned(engine, slot, pid, "adopted");
                if ((process->disabled || process->obsolete) && !process->stop_asked)
                        (void)stopping_stop(engine, slot); /* nobody waits for a result */
        } else {
                take_times(process, in);
                effects_log(engine->out, LOG_LEVEL_INFO, process->id, "adopted: '%s' with pid %jd",
                        process->program->name, (intmax_t)pid);
        }
        if (!in->adopted.has_output)
                lose_output(engine, slot);
        shutdown_take_back(engine, slot->group);
        lifecycle_rearm(engine, slot);
}

void adoption_lose(struct engine *engine, struct slot *slot, const struct event *in)
{
        struct process *process = &slot->process;
        int status = in->lost.has_status ? in->lost.status : PROCESS_STATUS_UNKNOWN;

        work_drop_all(engine);
        if (process->spawning) {
                lifecycle_spawn_again(engine, slot);
        } else if (process->reaped) {
                if (!in->lost.populated)
                        lifecycle_emptied(engine, slot, in->lost.usage);
        } else if (process->pid) {
                lifecycle_exited(
                        engine, slot, process->pid, status, in->lost.populated, in->lost.usage);
        }
}

void adoption_end(struct engine *engine)
{
        /* What they have set going goes on without them. */
        work_free_all(engine);
        requests_read_again(engine);
}
