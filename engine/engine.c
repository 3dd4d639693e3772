/* The engine: see engine.h. */
#include "engine/engine.h"

#include "engine/abilities.h"
#include "engine/adoption.h"
#include "engine/announce.h"
#include "engine/deadlines.h"
#include "engine/groups.h"
#include "engine/lifecycle.h"
#include "engine/numprocs.h"
#include "engine/operations.h"
#include "engine/pools.h"
#include "engine/reload.h"
#include "engine/requests.h"
#include "engine/shutdown.h"
#include "engine/state.h"
#include "engine/stopping.h"
#include "engine/ticks.h"
#include "engine/work.h"

struct engine *engine_new(void)
{
        struct engine *engine = mem_new(sizeof(*engine));

        engine->mood = MOOD_RUNNING;
        engine->report_at = USEC_NEVER;
        engine->tick_at = USEC_NEVER;
        return engine;
}

struct engine *engine_free(struct engine *engine)
{
        if (!engine)
                return NULL;
        work_free_all(engine);
        groups_free_all(engine);
        abilities_free_all(engine);
        deadlines_clear(&engine->deadlines);
        program_set_clear(&engine->pending);
        mem_free(engine->stopping);
        mem_free(engine->leaving);
        mem_free(engine->rest);
        return mem_free(engine);
}

static void boot(struct engine *engine, const struct program_set *set)
{
        CLEANUP(mem_free) struct group **groups = NULL;

        if (engine->booted || engine->mood != MOOD_RUNNING)
                return;
        engine->booted = true;
        reload_set_pending(engine, set);
        for (size_t i = 0; i < set->count; i++)
                (void)groups_add(engine, set->groups[i]); /* of two of one name the first counts */
        effects_add(engine->out, FX_MOOD, 0)->mood = engine->mood;
        announce_mood(engine, TOPIC_SUPERVISOR_STATE_CHANGE_RUNNING);
        groups = groups_by_priority(engine);
        for (size_t i = 0; i < engine->groups_count; i++)
                groups_autostart(engine, groups[i]);
}

static void tell_time(struct engine *engine)
{
        struct slot *slot;

        while ((slot = deadlines_due(&engine->deadlines, engine->now)))
                lifecycle_timer(engine, slot);
}

static void command_checked(struct engine *engine, struct slot *slot, const struct event *in)
{
        struct operation *operation = operations_find(slot, in->checked.ticket);

        if (operation)
                operations_checked(engine, operation, in->checked.fault, in->checked.text);
}

/* Which slot an event is about; 0: none. */
static uint32_t subject_of(const struct event *in)
{
        switch (in->type) {
        case EV_COMMAND_CHECKED:
                return in->checked.process;
        case EV_SPAWNED:
                return in->spawned.process;
        case EV_SPAWN_FAILED:
                return in->spawn_failed.process;
        case EV_SIGNALLED:
                return in->signalled.process;
        case EV_EXITED:
                return in->exited.process;
        case EV_EMPTIED:
                return in->emptied.process;
        case EV_FROZEN:
                return in->frozen.process;
        case EV_EVENT_SENT:
                return in->sent.process;
        case EV_LISTENER_OUTPUT:
        case EV_OUTPUT:
                return in->output.process;
        case EV_NO_AUTORESTART:
                return in->no_autorestart;
        case EV_ADOPTED:
                return in->adopted.process;
        case EV_LOST:
                return in->lost.process;
        case EV_PROGRAM_DISABLED:
        case EV_BOOT:
        case EV_TIMER:
        case EV_REQUEST:
        case EV_REQUEST_DROPPED:
        case EV_CONFIG_READ:
        case EV_GROUP_CHECKED:
        case EV_LIMITS_CHANGED:
        case EV_PROGRAM_EXPANDED:
        case EV_REMOTE:
        case EV_SHUTDOWN:
        case EV_RECOVERED:
                break;
        }
        return 0;
}

static void step_daemon(struct engine *engine, const struct event *in)
{
        switch (in->type) {
        case EV_PROGRAM_DISABLED:
                abilities_remember(engine, in->disabled_program);
                return;
        case EV_BOOT:
                boot(engine, &in->boot);
                return;
        case EV_TIMER:
                tell_time(engine);
                return;
        case EV_REQUEST:
                requests_take(engine, &in->request);
                return;
        case EV_REQUEST_DROPPED:
                requests_drop(engine, in->dropped);
                return;
        case EV_CONFIG_READ:
                requests_config_read(engine, in->config.request, &in->config.set, in->config.error);
                return;
        case EV_GROUP_CHECKED:
                requests_group_checked(engine, in->group_checked.request, in->group_checked.name,
                        in->group_checked.error);
                return;
        case EV_LIMITS_CHANGED:
                requests_limits_changed(
                        engine, in->limits_changed.request, in->limits_changed.error);
                return;
        case EV_PROGRAM_EXPANDED:
                numprocs_expanded(engine, in->expanded.request, &in->expanded.set,
                        in->expanded.fault, in->expanded.error);
                return;
        case EV_REMOTE:
                announce_remote(engine, in->remote.type, in->remote.data);
                return;
        case EV_SHUTDOWN:
                if (in->shutdown.restart)
                        requests_read_for_restart(engine);
                else
                        shutdown_begin(engine, false);
                return;
        case EV_RECOVERED:
                adoption_end(engine);
                return;
        case EV_COMMAND_CHECKED:
        case EV_SPAWNED:
        case EV_SPAWN_FAILED:
        case EV_SIGNALLED:
        case EV_EXITED:
        case EV_EMPTIED:
        case EV_FROZEN:
        case EV_EVENT_SENT:
        case EV_LISTENER_OUTPUT:
        case EV_OUTPUT:
        case EV_NO_AUTORESTART:
        case EV_ADOPTED:
        case EV_LOST:
                return; /* of a slot that is gone */
        }
}

static void step_slot(struct engine *engine, struct slot *slot, const struct event *in)
{
        switch (in->type) {
        case EV_COMMAND_CHECKED:
                command_checked(engine, slot, in);
                return;
        case EV_SPAWNED:
                lifecycle_spawned(engine, slot, in->spawned.pid, "spawned");
                return;
        case EV_SPAWN_FAILED:
                lifecycle_spawn_failed(engine, slot, in->spawn_failed.text);
                return;
        case EV_SIGNALLED:
                stopping_signalled(engine, slot, in->signalled.ticket, in->signalled.error);
                return;
        case EV_EXITED:
                slot->process.own_cpu = in->exited.own_cpu;
                lifecycle_exited(engine, slot, in->exited.pid, in->exited.status,
                        in->exited.populated, in->exited.usage);
                return;
        case EV_EMPTIED:
                lifecycle_emptied(engine, slot, in->emptied.usage);
                return;
        case EV_FROZEN:
                /* A run that ends thaws what it leaves. */
                slot->process.frozen = in->frozen.frozen && slot->process.pid;
                return;
        case EV_EVENT_SENT:
                pools_member_sent(engine, slot, in->sent.serial, in->sent.error);
                return;
        case EV_LISTENER_OUTPUT:
                pools_member_said(engine, slot, in->output.data, in->output.length);
                return;
        case EV_OUTPUT:
                announce_output(engine, slot, in->output.topic, in->output.data, in->output.length);
                return;
        case EV_NO_AUTORESTART:
                lifecycle_set_no_autorestart(engine, slot);
                return;
        case EV_ADOPTED:
                adoption_adopt(engine, slot, in);
                return;
        case EV_LOST:
                adoption_lose(engine, slot, in);
                return;
        case EV_PROGRAM_DISABLED:
        case EV_BOOT:
        case EV_TIMER:
        case EV_REQUEST:
        case EV_REQUEST_DROPPED:
        case EV_CONFIG_READ:
        case EV_GROUP_CHECKED:
        case EV_LIMITS_CHANGED:
        case EV_PROGRAM_EXPANDED:
        case EV_REMOTE:
        case EV_SHUTDOWN:
        case EV_RECOVERED:
                return; /* of no slot */
        }
}

void engine_step(struct engine *engine, const struct event *in, struct effects *out)
{
        struct slot *slot = groups_find_process(engine, subject_of(in));

        /* Time does not run backwards, whatever the order in which events were stamped. */
        if (in->now > engine->now)
                engine->now = in->now;
        engine->wall = in->wall;
        engine->out = out;
        if (slot)
                step_slot(engine, slot, in);
        else
                step_daemon(engine, in);
        numprocs_remove_resting(engine);
        shutdown_continue(engine);
        ticks_check(engine);
        pools_deliver(engine);
        engine->out = NULL;
}

usec_t engine_deadline(const struct engine *engine)
{
        usec_t first = usec_min(deadlines_first(&engine->deadlines), shutdown_deadline(engine));

        return usec_min(first, engine->tick_at);
}

uint64_t engine_next_serial(const struct engine *engine)
{
        return engine->next_serial;
}

void engine_set_next_serial(struct engine *engine, uint64_t serial)
{
        engine->next_serial = serial;
}

bool engine_is_heard(const struct engine *engine, enum topic topic)
{
        return engine->subscribers[topic] > 0;
}

bool engine_is_listener(const struct engine *engine, uint32_t id)
{
        const struct slot *slot = groups_find_process(engine, id);

        return slot && slot->member;
}

bool engine_has_request(const struct engine *engine, uint64_t id)
{
        return work_find(engine, id) != NULL;
}

enum mood engine_mood(const struct engine *engine)
{
        return engine->mood;
}

const struct process *engine_process(const struct engine *engine, uint32_t id)
{
        const struct slot *slot = groups_find_process(engine, id);

        return slot ? &slot->process : NULL;
}

static struct engine_group view_of(const struct group *group)
{
        return (struct engine_group){
                .config = group->config,
                .processes = group->processes,
                .processes_count = group->count,
        };
}

size_t engine_groups_count(const struct engine *engine)
{
        return engine->groups_count;
}

struct engine_group engine_group_at(const struct engine *engine, size_t index)
{
        return view_of(engine->groups[index]);
}

bool engine_group_find(const struct engine *engine, const char *name, struct engine_group *ret)
{
        const struct group *group = groups_find(engine, name);

        if (group)
                *ret = view_of(group);
        return group != NULL;
}

const struct program_set *engine_pending(const struct engine *engine)
{
        return &engine->pending;
}

enum fault engine_find_process(
        const struct engine *engine, const char *namespec, const struct process **ret)
{
        struct group *group;
        struct slot *slot;

        if (groups_resolve(engine, namespec, &group, &slot) != FAULT_NONE || !slot)
                return FAULT_BAD_NAME;
        *ret = &slot->process;
        return FAULT_NONE;
}
