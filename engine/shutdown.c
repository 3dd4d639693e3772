/* Shutdown: see shutdown.h. */
#include "engine/shutdown.h"

#include <string.h>

#include "base/text.h"
#include "engine/announce.h"
#include "engine/groups.h"
#include "engine/lifecycle.h"
#include "engine/pools.h"
#include "engine/requests.h"
#include "engine/stopping.h"

static const usec_t report_interval_usec = 3 * USEC_SEC;
/* How long event listeners are given to hear of the end of others before they are stopped. */
static const usec_t hearing_usec_max = USEC_SEC;

static void set_mood(struct engine *engine, enum mood mood)
{
        engine->mood = mood;
        effects_add(engine->out, FX_MOOD, 0)->mood = mood;
}

void shutdown_begin(struct engine *engine, bool restart)
{
        enum mood mood = restart ? MOOD_RESTARTING : MOOD_SHUTDOWN;

        if (engine->mood != MOOD_RUNNING) {
                if (engine->mood == MOOD_RESTARTING && !restart && !engine->finished)
                        set_mood(engine, mood);
                return;
        }
        set_mood(engine, mood);
        announce_mood(engine, TOPIC_SUPERVISOR_STATE_CHANGE_STOPPING);
        requests_refuse(engine);
        engine->stopping = groups_by_priority(engine);
        engine->stopping_count = engine->groups_count;
        engine->report_at = engine->now;
        /* Nothing is tried again from now on. */
        for (struct slot *slot = engine->slots; slot; slot = slot->by_id.next)
                lifecycle_rearm(engine, slot);
}

static void stop_group(struct engine *engine, struct group *group)
{
        CLEANUP(mem_free) struct slot **members = groups_members_by_priority(group);

        for (size_t i = group->count; i-- > 0;) {
                struct slot *slot = members[i];

                switch (slot->process.state) {
                case STARTING:
                case RUNNING:
                        if (!slot->process.stop_asked)
                                (void)stopping_stop(engine, slot); /* nobody waits for a result */
                        break;
                case BACKOFF:
                        lifecycle_give_up(engine, slot);
                        break;
                case STOPPED:
                case STOPPING:
                case EXITED:
                case FATAL:
                case UNKNOWN:
                case PROCESS_STATES:
                        break;
                }
        }
}

static void report(struct engine *engine)
{
        CLEANUP(text_clear) struct text names = {};

        for (size_t i = 0; i < engine->groups_count; i++)
                for (size_t j = 0; j < engine->groups[i]->count; j++) {
                        const struct process *process = engine->groups[i]->processes[j];

                        if (!process_state_is_stopped(process->state))
                                text_format(&names, "%s%s", names.length ? ", " : "",
                                        process->program->name);
                }
        effects_log(engine->out, LOG_LEVEL_INFO, 0, "waiting for %s to die", text_string(&names));
        for (size_t i = 0; i < engine->groups_count; i++)
                for (size_t j = 0; j < engine->groups[i]->count; j++) {
                        const struct process *process = engine->groups[i]->processes[j];

                        if (!process_state_is_stopped(process->state))
                                effects_log(engine->out, LOG_LEVEL_BLATHER, process->id,
                                        "%s state: %s", process->program->name,
                                        process_state_name(process->state));
                }
        engine->report_at = usec_add(engine->now, report_interval_usec);
}

static void finish(struct engine *engine)
{
        engine->finished = true;
        engine->stopping = mem_free(engine->stopping);
        /* Only what could not be signalled is still there. */
        for (struct slot *slot = engine->slots; slot; slot = slot->by_id.next)
                stopping_abandon(engine, slot);
        requests_finish(engine);
        effects_add(engine->out, FX_FINISHED, 0)->finished.restart =
                engine->mood == MOOD_RESTARTING;
}

/* Whether the group is to be left alone for a moment, because its listeners have not heard yet of
 * what ended before them. */
static bool is_hearing(struct engine *engine, const struct group *group)
{
        if (!pools_is_busy(group))
                return false;
        if (engine->stopping_at == 0)
                engine->stopping_at = usec_add(engine->now, hearing_usec_max);
        return engine->now < engine->stopping_at;
}

void shutdown_continue(struct engine *engine)
{
        if (engine->mood == MOOD_RUNNING || engine->finished)
                return;
        while (engine->stopping_count) {
                struct group *group = engine->stopping[engine->stopping_count - 1];

                if (!engine->stopping_begun && is_hearing(engine, group))
                        break;
                if (!engine->stopping_begun)
                        stop_group(engine, group);
                engine->stopping_begun = true;
                engine->stopping_at = 0;
                if (group->unstopped)
                        break;
                engine->stopping_count--;
                engine->stopping_begun = false;
        }
        if (engine->stopping_count == 0)
                finish(engine);
        else if (engine->report_at <= engine->now)
                report(engine);
}

void shutdown_take_back(struct engine *engine, struct group *group)
{
        size_t count = engine->stopping_count;

        if (engine->mood == MOOD_RUNNING || engine->finished)
                return;
        for (size_t i = 0; i < count; i++)
                if (engine->stopping[i] == group) {
                        if (i == count - 1)
                                engine->stopping_begun = false;
                        return;
                }
        engine->stopping = mem_resize(engine->stopping, count + 1, sizeof(struct group *));
        memmove(engine->stopping + 1, engine->stopping, count * sizeof(struct group *));
        engine->stopping[0] = group;
        engine->stopping_count++;
}

usec_t shutdown_deadline(const struct engine *engine)
{
        if (engine->mood == MOOD_RUNNING || engine->finished)
                return USEC_NEVER;
        return engine->stopping_at ? usec_min(engine->report_at, engine->stopping_at)
                                   : engine->report_at;
}
