/* Lifecycle: see lifecycle.h. */
#include "engine/lifecycle.h"

#include <string.h>

#include "engine/announce.h"
#include "engine/deadlines.h"
#include "engine/numprocs.h"
#include "engine/operations.h"
#include "engine/pools.h"
#include "engine/stopping.h"

static bool exit_is_expected(const struct process *process)
{
        int code = process_exit_code(process->wait_status);

        for (size_t i = 0; i < process->program->exitcodes_count; i++)
                if (process->program->exitcodes[i] == code)
                        return true;
        return false;
}

static bool is_barred(const struct process *process)
{
        return process->disabled || process->obsolete;
}

void lifecycle_change(struct engine *engine, struct slot *slot, enum process_input input)
{
        struct process *process = &slot->process;
        enum process_state from = process->state, to = process_next(from, input);
        struct effect *effect;

        if (to == from)
                return;
        process->state = to;
        slot->group->unstopped += process_state_is_stopped(from);
        slot->group->unstopped -= process_state_is_stopped(to);
        effect = effects_add(engine->out, FX_STATE, process->id);
        effect->state.from = from;
        effect->state.to = to;
        effect->state.pid = process->pid;
        effect->state.spawnerr = process->spawnerr ? mem_strdup(process->spawnerr) : NULL;
        if (to == STARTING || to == BACKOFF)
                effect->state.tries = process->retries;
        if (to == EXITED)
                effect->state.expected = exit_is_expected(process);
        announce_state(engine, slot, effect);
        if (process->obsolete)
                numprocs_came_to_rest(engine, slot);
        operations_follow(engine, slot);
}

static usec_t next_moment(const struct engine *engine, const struct slot *slot)
{
        const struct process *process = &slot->process;

        if (process->reaped)
                return process->state == STOPPING
                               ? usec_min(process->stop_deadline, slot->report_at)
                               : process->stop_deadline;
        switch (process->state) {
        case STARTING:
                if (process->spawning)
                        return USEC_NEVER;
                /* It must have been up for more than startsecs. */
                return usec_add(
                        usec_add(process->started, usec_from_secs(process->program->startsecs)), 1);
        case BACKOFF:
                if (is_barred(process) || engine->mood != MOOD_RUNNING)
                        return USEC_NEVER;
                return slot->retry_at;
        case STOPPING:
                return usec_min(process->stop_deadline, slot->report_at);
        case STOPPED:
        case RUNNING:
        case EXITED:
        case FATAL:
        case UNKNOWN:
        case PROCESS_STATES:
                break;
        }
        return USEC_NEVER;
}

void lifecycle_rearm(struct engine *engine, struct slot *slot)
{
        usec_t deadline = next_moment(engine, slot);

        if (slot->process.deadline == deadline)
                return;
        slot->process.deadline = deadline;
        deadlines_update(&engine->deadlines, slot);
}

static void set_spawnerr(struct process *process, char *text)
{
        mem_free(process->spawnerr);
        process->spawnerr = text;
}

void lifecycle_begin_run(struct engine *engine, struct slot *slot, enum process_input input)
{
        struct process *process = &slot->process;

        slot->autostart_due = false;
        process->stop_asked = false;
        process->has_exitstatus = false;
        process->exitstatus = 0;
        process->started = engine->now;
        process->start_wall = engine->wall;
        process->spawning = true;
        process->output_lost = false;
        slot->killed = false;
        slot->run_ticket = engine->last_ticket;
        set_spawnerr(process, NULL);
        pools_member_started(slot);
        lifecycle_change(engine, slot, input);
}

static void spawn(struct engine *engine, struct slot *slot, enum process_input input)
{
        struct process *process = &slot->process;

        if (process_next(process->state, input) == process->state || is_barred(process))
                return;
        lifecycle_begin_run(engine, slot, input);
        effects_add(engine->out, FX_SPAWN, process->id);
        lifecycle_rearm(engine, slot);
}

void lifecycle_spawn_again(struct engine *engine, struct slot *slot)
{
        struct process *process = &slot->process;

        if (process->stop_asked || is_barred(process) || engine->mood != MOOD_RUNNING) {
                lifecycle_spawn_failed(engine, slot, "it was lost when reeved crashed");
                return;
        }
        process->started = engine->now;
        process->start_wall = engine->wall;
        effects_add(engine->out, FX_SPAWN, process->id);
}

void lifecycle_start(struct engine *engine, struct slot *slot)
{
        if (slot->process.pid && !is_barred(&slot->process)) {
                effects_log(engine->out, LOG_LEVEL_WARN, slot->process.id,
                        "process '%s' already running", slot->process.program->name);
                return;
        }
        spawn(engine, slot, IN_START);
}

static void promote(struct engine *engine, struct slot *slot)
{
        struct process *process = &slot->process;

        process->retries = 0;
        lifecycle_change(engine, slot, IN_STAYED_UP);
        effects_log(engine->out, LOG_LEVEL_INFO, process->id,
                "success: %s entered RUNNING state, process has stayed up for > than %jd seconds "
                "(startsecs)",
                process->program->name, (intmax_t)process->program->startsecs);
        effects_log_is(engine->out, MESSAGE_RUNNING);
}

void lifecycle_spawned(struct engine *engine, struct slot *slot, pid_t pid, const char *how)
{
        struct process *process = &slot->process;

        if (!process->spawning || pid <= 0)
                return;
        process->spawning = false;
        process->pid = pid;
        effects_log(engine->out, LOG_LEVEL_INFO, process->id, "%s: '%s' with pid %jd", how,
                process->program->name, (intmax_t)pid);
        effects_log_is(engine->out, MESSAGE_SPAWNED);
        if (process->program->startsecs <= 0)
                promote(engine, slot);
        operations_spawned(engine, slot);
        if (process->stop_asked)
                stopping_stop_spawned(engine, slot);
        lifecycle_rearm(engine, slot);
}

/* The counter goes up with each failure in a row, and the n-th is followed by n seconds of waiting.
 */
static void back_off(struct engine *engine, struct slot *slot, enum process_input input)
{
        struct process *process = &slot->process;

        process->retries++;
        slot->retry_at = usec_add(engine->now, usec_from_secs(process->retries));
        lifecycle_change(engine, slot, input);
}

static void give_up_if_exhausted(struct engine *engine, struct slot *slot)
{
        struct process *process = &slot->process;

        if (process->state != BACKOFF || process->retries <= process->program->startretries)
                return;
        lifecycle_give_up(engine, slot);
        effects_log(engine->out, LOG_LEVEL_INFO, process->id,
                "gave up: %s entered FATAL state, too many start retries too quickly",
                process->program->name);
        effects_log_is(engine->out, MESSAGE_GAVE_UP);
}

void lifecycle_give_up(struct engine *engine, struct slot *slot)
{
        slot->process.retries = 0;
        lifecycle_change(engine, slot, IN_GIVE_UP);
        lifecycle_rearm(engine, slot);
}

void lifecycle_force_fatal(struct engine *engine, struct slot *slot, const char *reason)
{
        struct process *process = &slot->process;

        if (process_next(process->state, IN_UNSTARTABLE) == process->state)
                return;
        set_spawnerr(process, mem_strdup(reason));
        lifecycle_change(engine, slot, IN_UNSTARTABLE);
        lifecycle_give_up(engine, slot);
}

void lifecycle_set_args(struct engine *engine, struct slot *slot, const char *args)
{
        struct process *process = &slot->process;
        const char *now = process->extra_args ? process->extra_args : "";

        if (strcmp(args ? args : "", now) == 0)
                return;
        mem_free(process->extra_args);
        process->extra_args = args && *args ? mem_strdup(args) : NULL;
        effects_add(engine->out, FX_EXTRA_ARGS, process->id);
}

static bool autostarts_now(const struct engine *engine, const struct slot *slot)
{
        return slot->autostart_due && slot->process.state == STOPPED &&
               engine->mood == MOOD_RUNNING;
}

void lifecycle_spawn_failed(struct engine *engine, struct slot *slot, const char *text)
{
        struct process *process = &slot->process;

        if (!process->spawning)
                return;
        process->spawning = false;
        set_spawnerr(process, mem_strdup(text ? text : "unknown error"));
        effects_log(engine->out, LOG_LEVEL_INFO, process->id, "spawnerr: %s", process->spawnerr);
        effects_log_is(engine->out, MESSAGE_SPAWN_FAILED);
        back_off(engine, slot, IN_SPAWN_FAILED);
        if (process->stop_asked)
                stopping_stop(engine, slot);
        else
                give_up_if_exhausted(engine, slot);
        if (autostarts_now(engine, slot))
                spawn(engine, slot, IN_START);
        lifecycle_rearm(engine, slot);
}

/* Supervisor has no words for it, so they are a line of their own. */
static void log_cause(struct engine *engine, const struct slot *slot)
{
        const struct exit_record *record = exits_last(&slot->process);
        CLEANUP(mem_free) char *text = record ? exits_sentence(&slot->process, record) : NULL;

        if (text)
                effects_log(engine->out, LOG_LEVEL_INFO, slot->process.id, "%s", text);
}

static enum message exit_message(const struct slot *slot, bool asked)
{
        const struct exit_record *record = exits_last(&slot->process);

        if (record && record->reason == EXIT_OOM)
                return MESSAGE_OUT_OF_MEMORY;
        return asked ? MESSAGE_STOPPED : MESSAGE_EXITED;
}

static void log_exit(struct engine *engine, struct slot *slot, const char *what, const char *note,
        enum log_level level)
{
        enum message message = exit_message(slot, strcmp(what, "stopped") == 0);
        CLEANUP(mem_free) char *wait = process_wait_text(slot->process.wait_status);

        effects_log(engine->out, level, slot->process.id, "%s: %s (%s%s)", what,
                slot->process.program->name, wait, note);
        engine->out->at[engine->out->count - 1].log.of_exit = true;
        effects_log_is(engine->out, message);
        log_cause(engine, slot);
}

static void end_stopped(struct engine *engine, struct slot *slot)
{
        struct process *process = &slot->process;

        process->has_exitstatus = true;
        process->exitstatus = process_exit_code(process->wait_status);
        lifecycle_change(engine, slot, IN_STOPPED);
        log_exit(engine, slot, "stopped", "",
                exit_is_expected(process) ? LOG_LEVEL_INFO : LOG_LEVEL_WARN);
}

static void end_early(struct engine *engine, struct slot *slot)
{
        set_spawnerr(
                &slot->process, mem_strdup("Exited too quickly (process log may have details)"));
        back_off(engine, slot, IN_EXITED_EARLY);
        log_exit(engine, slot, "exited", "; not expected", LOG_LEVEL_WARN);
        give_up_if_exhausted(engine, slot);
}

static void end_exited(struct engine *engine, struct slot *slot)
{
        struct process *process = &slot->process;
        bool expected = exit_is_expected(process);

        /* It was up long enough, only the timer had not said so yet. */
        lifecycle_change(engine, slot, IN_STAYED_UP);
        process->retries = 0;
        process->has_exitstatus = true;
        process->exitstatus = process_exit_code(process->wait_status);
        set_spawnerr(
                process, expected ? NULL : mem_format("Bad exit code %d", process->exitstatus));
        lifecycle_change(engine, slot, IN_EXITED);
        log_exit(engine, slot, "exited", expected ? "; expected" : "; not expected",
                expected ? LOG_LEVEL_INFO : LOG_LEVEL_WARN);
}

static bool wants_restart(const struct engine *engine, const struct process *process)
{
        if (process->state != EXITED || engine->mood != MOOD_RUNNING || process->no_autorestart)
                return false;
        switch (process->program->autorestart) {
        case AUTORESTART_NEVER:
                return false;
        case AUTORESTART_UNEXPECTED:
                return !exit_is_expected(process);
        case AUTORESTART_ALWAYS:
                return true;
        }
        return false;
}

void lifecycle_end_run(struct engine *engine, struct slot *slot, const struct figures *usage)
{
        struct process *process = &slot->process;
        struct exit_record record = exits_judge(process, usage, slot->killed, slot->run_usec);

        exits_add(process, &record);
        lifecycle_thaw(engine, slot);
        process->reaped = false;
        process->stop_deadline = USEC_NEVER;
        if (process->stop_asked)
                end_stopped(engine, slot);
        else if (process->state == STARTING && slot->exited_early)
                end_early(engine, slot);
        else
                end_exited(engine, slot);
        pools_member_ended(engine, slot);
        process->pid = 0;
        process->stop_asked = false;
}

/* The main process is reaped, and there is nothing left of it that we care for. */
static void end_run(struct engine *engine, struct slot *slot, const struct figures *usage)
{
        const struct process *process = &slot->process;

        lifecycle_end_run(engine, slot, usage);
        if (wants_restart(engine, process) || autostarts_now(engine, slot))
                spawn(engine, slot, IN_START);
        lifecycle_rearm(engine, slot);
}

void lifecycle_begin_anew(struct engine *engine, struct slot *slot)
{
        struct process *process = &slot->process;

        if (process->state == STOPPED) {
                process->started = 0;
                process->start_wall = 0;
        }
        slot->autostart_due =
                process->program->autostart && (process->state == STOPPED || process->stop_asked);
        if (wants_restart(engine, process) || autostarts_now(engine, slot))
                spawn(engine, slot, IN_START);
}

void lifecycle_set_no_autorestart(struct engine *engine, struct slot *slot)
{
        struct process *process = &slot->process;

        if (process->no_autorestart)
                return;
        process->no_autorestart = true;
        if (process->program->autorestart != AUTORESTART_NEVER)
                effects_log(engine->out, LOG_LEVEL_WARN, process->id,
                        "autorestart of '%s' is not acted upon: its running failure strategy says "
                        "what follows its exit",
                        process->program->name);
}

void lifecycle_thaw(struct engine *engine, struct slot *slot)
{
        if (!slot->process.frozen)
                return;
        slot->process.frozen = false;
        effects_add(engine->out, FX_THAW, slot->process.id);
}

void lifecycle_note_exit(struct engine *engine, struct slot *slot, int status)
{
        struct process *process = &slot->process;

        process->wait_status = status;
        process->stop_wall = engine->wall;
        slot->run_usec = usec_sub(engine->now, process->started);
        slot->exited_early = slot->run_usec < usec_from_secs(process->program->startsecs);
}

void lifecycle_exited(struct engine *engine, struct slot *slot, pid_t pid, int status,
        bool populated, const struct figures *usage)
{
        struct process *process = &slot->process;

        if (process->pid == 0 || process->pid != pid || process->reaped)
                return;
        lifecycle_note_exit(engine, slot, status);
        if (populated && !process->program->kill_narrow) {
                pools_member_ended(engine, slot);
                stopping_drain(engine, slot);
        } else {
                end_run(engine, slot, usage);
        }
}

void lifecycle_emptied(struct engine *engine, struct slot *slot, const struct figures *usage)
{
        if (slot->process.reaped)
                end_run(engine, slot, usage);
}

void lifecycle_timer(struct engine *engine, struct slot *slot)
{
        struct process *process = &slot->process;

        if (process->reaped || process->state == STOPPING)
                stopping_timer(engine, slot);
        else if (process->state == STARTING)
                promote(engine, slot);
        else if (process->state == BACKOFF)
                spawn(engine, slot, IN_RETRY);
        lifecycle_rearm(engine, slot);
}
