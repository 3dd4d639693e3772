/* The text of the works: see work_state.h. */
#include "engine/work_state.h"

#include <stdlib.h>
#include <utlist.h>

#include "base/saved.h"
#include "base/saver.h"
#include "engine/fields.h"
#include "engine/groups.h"
#include "engine/request.h"
#include "engine/work.h"

#define WORK(member)      offsetof(struct work, member)
#define OPERATION(member) offsetof(struct operation, member)

static const char *const phases[] = {
        [OPERATION_CHECKING] = "checking",
        [OPERATION_SPAWNING] = "spawning",
        [OPERATION_STARTING] = "starting",
        [OPERATION_KILLING] = "killing",
        [OPERATION_STOPPING] = "stopping",
        [OPERATION_LEAVING] = "leaving",
        [OPERATION_SIGNALLING] = "signalling",
        [OPERATION_DONE] = "done",
};

static const struct field work_fields[] = {
        { "type", FIELD_ORDINAL, WORK(type), .names = request_names, .names_count = REQUEST_TYPES },
        { "dropped", FIELD_FLAG, WORK(dropped) },
        { "wait", FIELD_FLAG, WORK(wait) },
        { "single", FIELD_FLAG, WORK(single) },
        { "signal", FIELD_TEXT, WORK(signal), .is_needed = true },
        { "args", FIELD_TEXT, WORK(args) },
        { "name", FIELD_TEXT, WORK(name), .is_needed = true },
        { "error", FIELD_TEXT, WORK(error) },
        { "number", FIELD_UINT32, WORK(number) },
        { "lazy", FIELD_FLAG, WORK(lazy) },
        { "expanding", FIELD_FLAG, WORK(expanding) },
};

static const struct field operation_fields[] = {
        { "phase", FIELD_ORDINAL, OPERATION(phase), .names = phases,
                .names_count = ELEMENTS(phases) },
        { "ticket", FIELD_UINT64, OPERATION(ticket) },
        { "waited", FIELD_FLAG, OPERATION(waited) },
        { "status", FIELD_INT, OPERATION(status), .max = 1000 },
        { "extra", FIELD_TEXT, OPERATION(extra) },
        { "process_name", FIELD_TEXT, OPERATION(process_name), .is_needed = true },
        { "group_name", FIELD_TEXT, OPERATION(group_name), .is_needed = true },
        { "spec", FIELD_TEXT, OPERATION(spec), .is_needed = true },
};

_Static_assert(sizeof(enum fault) == sizeof(int), "a status is read as an int");

/*
 * Saving.
 */

/* Those of one process hear of it in an order of their own: its place there, from 0. */
static unsigned place_of(const struct operation *operation)
{
        const struct operation *other = operation->slot->operations;
        unsigned place = 0;

        for (; other != operation; other = other->next)
                place++;
        return place;
}

/* Among those that were waited for and are done. */
static unsigned order_of(const struct operation *operation)
{
        const struct work *work = operation->work;
        unsigned place = 0;

        while (work->order[place] != operation)
                place++;
        return place;
}

static void save_operation(const struct operation *operation, struct saver *saver)
{
        saver_item(saver, "operation");
        fields_save(saver, operation, operation_fields, ELEMENTS(operation_fields));
        if (operation->slot) {
                saver_count(saver, "process", operation->slot->process.id);
                saver_count(saver, "place", place_of(operation));
        } else if (operation->waited) {
                saver_count(saver, "order", order_of(operation));
        }
}

void work_state_save(const struct engine *engine, struct saver *saver)
{
        for (const struct work *work = engine->works; work; work = work->hh.next) {
                saver_item(saver, "work");
                saver_count(saver, "id", work->id);
                fields_save(saver, work, work_fields, ELEMENTS(work_fields));
                saver_inner(saver);
                for (size_t i = 0; i < work->count; i++)
                        save_operation(&work->operations[i], saver);
                saver_outer(saver);
        }
}

/*
 * Restoring.
 */

struct placed { /* an operation that waits in the list of its process */
        struct operation *operation;
        uint64_t place;
        size_t number; /* settles what is equal */
};

struct placing {
        struct placed *at;
        size_t count, capacity;
};

static int compare_placed(const void *left, const void *right)
{
        const struct placed *a = left, *b = right;

        if (a->place != b->place)
                return a->place < b->place ? -1 : 1;
        return a->number < b->number ? -1 : a->number > b->number;
}

static void restore_slot(struct saved_item *item, const struct engine *engine,
        struct operation *operation, struct placing *placing)
{
        uint32_t id = (uint32_t)saved_count(item, "process", UINT32_MAX, 0);
        struct slot *slot = groups_find_process(engine, id);

        if (!slot) {
                saved_fail(item, "process", "there is no such process");
                operation->phase = OPERATION_DONE;
                return;
        }
        operation->slot = slot;
        placing->at =
                mem_grow(placing->at, &placing->capacity, placing->count + 1, sizeof(*placing->at));
        placing->at[placing->count] = (struct placed){ operation,
                saved_count(item, "place", UINT32_MAX, 0), placing->count };
        placing->count++;
}

static void restore_order(struct saved_item *item, struct operation *operation)
{
        struct work *work = operation->work;
        uint64_t order = saved_count(item, "order", work->count - 1, 0);

        if (work->order[order])
                saved_fail(item, "order", "there are two of it");
        work->order[order] = operation;
        work->order_count++;
}

static void restore_operation(struct saved_item *item, struct engine *engine, struct work *work,
        struct operation *operation, struct placing *placing)
{
        operation->work = work;
        operation->phase = OPERATION_DONE;
        fields_restore(item, operation, operation_fields, ELEMENTS(operation_fields));
        if (operation->phase != OPERATION_DONE) {
                restore_slot(item, engine, operation, placing);
                work->open++;
        } else if (operation->waited) {
                restore_order(item, operation);
        }
}

static bool is_changing_limits(const struct work *work)
{
        return work->type == REQUEST_LIMITS && work->number > 0;
}

static bool waits_for_the_daemon(const struct work *work)
{
        return work->type == REQUEST_RELOAD_CONFIG || work->type == REQUEST_RESTART ||
               work->type == REQUEST_ADD_GROUP || is_changing_limits(work) || work->expanding;
}

static bool is_answered_at_once(const struct work *work)
{
        return work->type == REQUEST_REMOVE_GROUP || work->type == REQUEST_SHUTDOWN ||
               work->type == REQUEST_ENABLE;
}

static void check(struct saved_item *item, const struct work *work)
{
        if (is_answered_at_once(work))
                saved_fail(item, "type", "it is answered at once");
        if (work->open == 0)
                saved_fail(item, "type", "nothing of it is under way");
        if (waits_for_the_daemon(work) && work->count)
                saved_fail(item, "type", "it has no processes");
        if (work->single && work->count != 1)
                saved_fail(item, "single", "it has %zu processes", work->count);
        if (work->expanding && work->type != REQUEST_NUMPROCS)
                saved_fail(item, "expanding", "it is no change of numprocs");
        for (size_t i = 0; i < work->order_count; i++)
                if (!work->order[i])
                        saved_fail(item, "id", "an order has a gap");
}

static void restore_work(struct saved_item *item, struct engine *engine, struct placing *placing)
{
        const struct request request = {
                .id = saved_count(item, "id", UINT64_MAX, 0),
                .type = saved_name(item, "type", request_names, REQUEST_TYPES, REQUEST_START),
        };
        struct work *work;
        size_t count = 0;

        if (request.id == 0 || work_find(engine, request.id)) {
                saved_fail(item, "id", "none, or there are two of it");
                return;
        }
        for (struct saved_item *i = saved_inner(item, "operation"); i; i = saved_next(i))
                count++;
        work = work_new(engine, &request, count);
        fields_restore(item, work, work_fields, ELEMENTS(work_fields));
        work->count = count;
        count = 0;
        for (struct saved_item *i = saved_inner(item, "operation"); i; i = saved_next(i))
                restore_operation(i, engine, work, &work->operations[count++], placing);
        work->open += waits_for_the_daemon(work);
        check(item, work);
}

void work_state_restore(struct saved_item *outer, struct engine *engine)
{
        struct placing placing = {};

        for (struct saved_item *item = saved_inner(outer, "work"); item; item = saved_next(item))
                restore_work(item, engine, &placing);
        if (placing.count)
                qsort(placing.at, placing.count, sizeof(*placing.at), compare_placed);
        for (size_t i = 0; i < placing.count; i++)
                DL_APPEND(placing.at[i].operation->slot->operations, placing.at[i].operation);
        mem_free(placing.at);
}
