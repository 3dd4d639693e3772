/* Works: see work.h. */
#include "engine/work.h"

#include <string.h>
#include <utlist.h>

#include "base/text.h"

struct work *work_new(struct engine *engine, const struct request *request, size_t count)
{
        struct work *work = mem_new(sizeof(*work));

        work->id = request->id;
        work->type = request->type;
        work->wait = request->wait;
        work->signal = mem_strdup(request->signal ? request->signal : "");
        work->args = request->args ? mem_strdup(request->args) : NULL;
        work->name = mem_strdup(request->name ? request->name : "");
        work->number = request->number;
        work->lazy = request->lazy;
        work_reserve(work, count);
        HASH_ADD(hh, engine->works, id, sizeof(work->id), work);
        return work;
}

void work_reserve(struct work *work, size_t count)
{
        mem_free(work->operations);
        mem_free(work->order);
        work->operations = mem_new_array(count, sizeof(*work->operations));
        work->order = mem_new_array(count, sizeof(struct operation *));
}

struct work *work_find(const struct engine *engine, uint64_t id)
{
        struct work *work;

        HASH_FIND(hh, engine->works, &id, sizeof(id), work);
        return work;
}

void work_add(struct work *work, struct slot *slot, const char *spec)
{
        struct operation *operation = &work->operations[work->count++];
        const char *process = slot->process.program->name, *group = slot->process.group_name;

        operation->work = work;
        operation->slot = slot;
        operation->process_name = mem_strdup(process);
        operation->group_name = mem_strdup(group);
        if (spec)
                operation->spec = mem_strdup(spec);
        else if (strcmp(process, group) == 0)
                operation->spec = mem_strdup(process);
        else
                operation->spec = mem_format("%s:%s", group, process);
        DL_APPEND(slot->operations, operation);
        work->open++;
}

static void clear_operation(struct operation *operation)
{
        if (operation->slot)
                DL_DELETE(operation->slot->operations, operation);
        mem_free(operation->extra);
        mem_free(operation->process_name);
        mem_free(operation->group_name);
        mem_free(operation->spec);
}

static void free_work(struct engine *engine, struct work *work)
{
        HASH_DELETE(hh, engine->works, work);
        for (size_t i = 0; i < work->count; i++)
                clear_operation(&work->operations[i]);
        mem_free(work->operations);
        mem_free(work->order);
        mem_free(work->signal);
        mem_free(work->args);
        mem_free(work->name);
        mem_free(work->error);
        mem_free(work);
}

void work_drop_all(struct engine *engine)
{
        for (struct work *work = engine->works; work; work = work->hh.next)
                work->dropped = true;
}

void work_free_all(struct engine *engine)
{
        while (engine->works)
                free_work(engine, engine->works);
}

static void reply(struct engine *engine, uint64_t id, enum request_type type, struct answer *answer)
{
        struct effect *effect = effects_add(engine->out, FX_ANSWER, 0);

        effect->answer.request = id;
        effect->answer.answer = answer;
        effect->answer.of_abilities =
                type == REQUEST_ENABLE || type == REQUEST_DISABLE || type == REQUEST_ADD_GROUP;
}

void work_answer(struct engine *engine, struct work *work, struct answer *answer)
{
        if (work->dropped)
                answer_free(answer);
        else
                reply(engine, work->id, work->type, answer);
        free_work(engine, work);
}

void work_reply(struct engine *engine, const struct request *request, struct answer *answer)
{
        reply(engine, request->id, request->type, answer);
}

void work_refuse(
        struct engine *engine, const struct request *request, enum fault fault, const char *extra)
{
        reply(engine, request->id, request->type, answer_new_fault(fault, extra));
}

static void add_entry(struct answer *answer, const struct operation *operation)
{
        answer_add_entry(answer, operation->process_name, operation->group_name, operation->status,
                operation->extra);
}

/* In the order in which they were done: those that came at once by their place in the request, then
 * the others. */
static struct answer *entries_of(const struct work *work)
{
        struct answer *answer = answer_new(ANSWER_ENTRIES);

        for (size_t i = 0; i < work->count; i++)
                if (!work->operations[i].waited)
                        add_entry(answer, &work->operations[i]);
        for (size_t i = 0; i < work->order_count; i++)
                add_entry(answer, work->order[i]);
        return answer;
}

/* The names as a list in Python's notation, which clients read: "processes=['a', 'g:b']". */
static char *list_of(const struct work *work, enum fault status)
{
        CLEANUP(text_clear) struct text list = {};

        for (size_t i = 0; i < work->count; i++) {
                const char *spec = work->operations[i].spec;

                if (work->operations[i].status != status)
                        continue;
                text_append(&list, list.length ? ", " : "processes=[");
                text_append_repr(&list, spec, strlen(spec));
        }
        if (!list.length)
                return NULL;
        text_append_char(&list, ']');
        return text_take(&list);
}

/* Of a program's processes together: true, or those with which it did not go well. */
static struct answer *verdict_on(const struct work *work)
{
        static const enum fault faults[] = { FAULT_STILL_RUNNING, FAULT_FAILED };

        for (size_t i = 0; i < ELEMENTS(faults); i++) {
                CLEANUP(mem_free) char *list = list_of(work, faults[i]);

                if (list)
                        return answer_new_fault(faults[i], list);
        }
        return answer_new(ANSWER_TRUE);
}

bool work_is_of_program(const struct work *work)
{
        return work->type == REQUEST_DISABLE || work->type == REQUEST_NUMPROCS;
}

void work_settle(struct engine *engine, struct work *work)
{
        const struct operation *only = work->operations;

        if (work->open)
                return;
        if (work_is_of_program(work))
                work_answer(engine, work, verdict_on(work));
        else if (!work->single)
                work_answer(engine, work, entries_of(work));
        else if (only->status == FAULT_SUCCESS)
                work_answer(engine, work, answer_new(ANSWER_TRUE));
        else
                work_answer(engine, work, answer_new_fault(only->status, only->extra));
}

void work_finish_operation(
        struct engine *engine, struct operation *operation, enum fault status, const char *extra)
{
        struct work *work = operation->work;

        DL_DELETE(operation->slot->operations, operation);
        operation->slot = NULL;
        operation->phase = OPERATION_DONE;
        operation->status = status;
        operation->extra = extra ? mem_strdup(extra) : NULL;
        if (operation->waited)
                work->order[work->order_count++] = operation;
        work->open--;
        work_settle(engine, work);
}
