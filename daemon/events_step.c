/* What a step of the fleet comes to for subscribers: see events_step.h. */
#include "daemon/events_step.h"

#include <string.h>
#include <uthash.h>

#include "base/text.h"
#include "base/wallclock.h"
#include "fleet/fleet.h"
#include "rpc/listing.h"

struct mark { /* what the step has done to a process or an application */
        char *key;
        bool told;
        bool added;   /* a process of it is new, and nothing else is known of it yet */
        bool pending; /* to be told at the end */
        bool changed; /* what is shown of it has changed */
        UT_hash_handle hh;
};

struct events_step {
        struct events_sink sink;
        struct fleet_effect *items; /* copies, which own group and name */
        size_t count, capacity;
        struct mark *processes, *applications;
};

struct events_step *events_step_new(const struct events_sink *sink)
{
        struct events_step *step = mem_new(sizeof(*step));

        step->sink = *sink;
        return step;
}

static void clear_marks(struct mark **marks)
{
        struct mark *mark, *next;

        HASH_ITER (hh, *marks, mark, next) {
                HASH_DEL(*marks, mark);
                mem_free(mark->key);
                mem_free(mark);
        }
}

static void clear(struct events_step *step)
{
        for (size_t i = 0; i < step->count; i++) {
                mem_free(step->items[i].group);
                mem_free(step->items[i].name);
        }
        step->count = 0;
        clear_marks(&step->processes);
        clear_marks(&step->applications);
}

struct events_step *events_step_free(struct events_step *step)
{
        if (!step)
                return NULL;
        clear(step);
        mem_free(step->items);
        return mem_free(step);
}

static bool is_wanted(const struct events_step *step)
{
        return step->sink.wants(step->sink.context, PUBLICATION_EVENT) ||
               step->sink.wants(step->sink.context, PUBLICATION_PROCESS) ||
               step->sink.wants(step->sink.context, PUBLICATION_APPLICATION);
}

void events_step_note(struct events_step *step, const struct fleet_effect *fx)
{
        struct fleet_effect *item;

        if (fx->type != FLEET_FX_INSTANCE && !is_wanted(step))
                return;
        step->items = mem_grow(step->items, &step->capacity, step->count + 1, sizeof(*step->items));
        item = &step->items[step->count++];
        *item = *fx;
        item->group = fx->group ? mem_strdup(fx->group) : NULL;
        item->name = fx->name ? mem_strdup(fx->name) : NULL;
}

/*
 * Marks.
 */

static struct mark *mark_of(struct mark **marks, char *taken_key)
{
        CLEANUP(mem_free) char *key = taken_key;
        struct mark *mark;

        HASH_FIND_STR(*marks, key, mark);
        if (mark)
                return mark;
        mark = mem_new(sizeof(*mark));
        mark->key = TAKE(key);
        HASH_ADD_KEYPTR(hh, *marks, mark->key, strlen(mark->key), mark);
        return mark;
}

static struct mark *process_mark(struct events_step *step, const struct fleet_effect *item)
{
        return mark_of(&step->processes, mem_format("%s:%s", item->group, item->name));
}

static struct mark *application_mark(struct events_step *step, const struct fleet_effect *item)
{
        return mark_of(&step->applications, mem_strdup(item->group));
}

/*
 * Publications.
 */

struct publication_clock events_step_clock(void)
{
        return (struct publication_clock){
                .monotonic = listing_monotonic_secs(),
                .wall = listing_secs(wallclock_now()),
        };
}

static bool wants(const struct events_step *step, enum publication publication)
{
        return step->sink.wants(step->sink.context, publication);
}

static void tell(const struct events_step *step, enum publication publication, char *taken)
{
        if (taken)
                step->sink.tell(step->sink.context, publication, taken);
}

static const struct fleet *fleet_of(const struct events_step *step)
{
        return step->sink.host->fleet(step->sink.host_context);
}

static const struct fleet_process *process_of(
        const struct events_step *step, const struct fleet_effect *item)
{
        const struct fleet_application *application =
                fleet_application_find(fleet_of(step), item->group);

        return application ? fleet_process_find(application, item->name) : NULL;
}

static void tell_application(const struct events_step *step, const char *name)
{
        if (wants(step, PUBLICATION_APPLICATION))
                tell(step, PUBLICATION_APPLICATION,
                        publication_application(step->sink.host, step->sink.host_context, name));
}

static void tell_process(struct events_step *step, const struct fleet_effect *item)
{
        const struct fleet_process *process = process_of(step, item);

        process_mark(step, item)->told = true;
        if (process && wants(step, PUBLICATION_PROCESS))
                tell(step, PUBLICATION_PROCESS,
                        publication_process(
                                step->sink.host, step->sink.host_context, process->namespec));
}

/* What follows an event of the process. */
static void tell_both(struct events_step *step, const struct fleet_effect *item)
{
        tell_process(step, item);
        application_mark(step, item)->told = true;
        tell_application(step, item->group);
}

static void tell_removed(const struct events_step *step, const struct fleet_effect *item)
{
        if (wants(step, PUBLICATION_EVENT))
                tell(step, PUBLICATION_EVENT,
                        publication_event_removed(fleet_instance_at(fleet_of(step), item->instance),
                                item->group, item->name));
}

/* Who is not one of us, or not yet, has not been listened to so far. */
static bool is_heard(const struct events_step *step, unsigned index)
{
        const struct fleet_instance *instance = fleet_instance_at(fleet_of(step), index);

        return instance && (instance->state == PEERS_CHECKED || instance->state == PEERS_RUNNING);
}

static void tell_record(struct events_step *step, const struct fleet_effect *item)
{
        const struct fleet_process *process = process_of(step, item);
        const struct fleet_record *record =
                process ? fleet_process_record(process, item->instance) : NULL;

        if (!record || !is_heard(step, item->instance))
                return;
        if (item->news & FLEET_NEWS_STATE) {
                if (wants(step, PUBLICATION_EVENT))
                        tell(step, PUBLICATION_EVENT,
                                publication_event(fleet_of(step), record, events_step_clock()));
                tell_both(step, item);
        }
        if ((item->news & FLEET_NEWS_ABILITY) && wants(step, PUBLICATION_EVENT))
                tell(step, PUBLICATION_EVENT,
                        publication_event_ability(fleet_of(step), record, events_step_clock()));
}

static void take_record(struct events_step *step, const struct fleet_effect *item)
{
        const struct fleet_process *process = process_of(step, item);

        if (item->news & FLEET_NEWS_ADDED) {
                application_mark(step, item)->added = true;
                if (process && process->records_count == 1)
                        process_mark(step, item)->added = true;
        } else if (item->deleted) {
                tell_removed(step, item);
        } else {
                tell_record(step, item);
        }
}

static void take_deleted_process(struct events_step *step, const struct fleet_effect *item)
{
        application_mark(step, item)->pending = true;
        if (wants(step, PUBLICATION_PROCESS))
                tell(step, PUBLICATION_PROCESS,
                        publication_process_deleted(item->group, item->name, events_step_clock()));
}

static void take_forced(struct events_step *step, const struct fleet_effect *item)
{
        const struct fleet_process *process = process_of(step, item);

        if (process && wants(step, PUBLICATION_EVENT))
                tell(step, PUBLICATION_EVENT,
                        publication_event_forced(
                                fleet_of(step), process, item->target, events_step_clock()));
        tell_both(step, item);
}

static void take_process(struct events_step *step, const struct fleet_effect *item)
{
        const struct mark *mark = process_mark(step, item);

        if (item->deleted) {
                take_deleted_process(step, item);
        } else if (item->forced) {
                take_forced(step, item);
        } else if (!mark->told && !mark->added) {
                tell_process(step, item);
                application_mark(step, item)->pending = true;
        }
}

static void take_application(struct events_step *step, const struct fleet_effect *item)
{
        struct mark *mark = application_mark(step, item);

        if (!item->deleted) {
                mark->changed = true;
                return;
        }
        mark->told = true;
        if (wants(step, PUBLICATION_APPLICATION))
                tell(step, PUBLICATION_APPLICATION,
                        publication_application_deleted(item->group, events_step_clock()));
}

static void take(struct events_step *step, const struct fleet_effect *item)
{
        switch (item->type) {
        case FLEET_FX_INSTANCE:
                step->sink.instance(step->sink.context, item->instance, item->state);
                break;
        case FLEET_FX_RECORD:
                take_record(step, item);
                break;
        case FLEET_FX_PROCESS:
                take_process(step, item);
                break;
        case FLEET_FX_APPLICATION:
                take_application(step, item);
                break;
        case FLEET_FX_LOG:
        case FLEET_FX_START:
        case FLEET_FX_STOP:
        case FLEET_FX_FORCE:
        case FLEET_FX_WORK:
        case FLEET_FX_END:
        case FLEET_FX_ANSWER:
        case FLEET_FX_FORWARD:
        case FLEET_FX_OWED:
        case FLEET_FX_LOSSES:
        case FLEET_FX_NO_AUTORESTART:
                break; /* not for watchers */
        }
}

void events_step_end(struct events_step *step)
{
        const struct mark *mark, *next;

        for (size_t i = 0; i < step->count; i++)
                take(step, &step->items[i]);
        HASH_ITER (hh, step->applications, mark, next)
                if (!mark->told && (mark->pending || (mark->changed && !mark->added)))
                        tell_application(step, mark->key);
        clear(step);
}
