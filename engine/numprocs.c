/* Numprocs: see numprocs.h. */
#include "engine/numprocs.h"

#include <string.h>

#include "engine/groups.h"
#include "engine/lifecycle.h"
#include "engine/operations.h"
#include "engine/work.h"

static bool is_of(const struct process *process, const char *label)
{
        return strcmp(program_label(process->program), label) == 0;
}

/* By index, up to 'number': whether the group has such a process of the program. */
static bool *indexes_of(const struct group *group, const char *label, unsigned number)
{
        bool *has = mem_new_array(number, sizeof(*has));

        for (size_t i = 0; i < group->count; i++)
                if (group->processes[i]->program->index < number &&
                        is_of(group->processes[i], label))
                        has[group->processes[i]->program->index] = true;
        return has;
}

/* The lowest index below 'number' that the group has no process of; 'number': it has them all. */
static unsigned first_missing(const struct group *group, const char *label, unsigned number)
{
        CLEANUP(mem_free) bool *has = indexes_of(group, label, number);
        unsigned index = 0;

        while (index < number && has[index])
                index++;
        return index;
}

/* As first_missing(), of all groups that hold the program, which are counted. */
static unsigned first_missing_of_all(
        const struct engine *engine, const char *label, unsigned number, size_t *ret_groups)
{
        unsigned first = number;

        *ret_groups = 0;
        for (size_t i = 0; i < engine->groups_count; i++) {
                const struct group *group = engine->groups[i];
                unsigned missing;

                if (!program_group_holds(group->config, label))
                        continue;
                (*ret_groups)++;
                missing = first_missing(group, label, number);
                first = missing < first ? missing : first;
        }
        return first;
}

static void expand(struct engine *engine, const struct request *request, unsigned from)
{
        struct work *work = work_new(engine, request, 0);
        struct effect *effect = effects_add(engine->out, FX_EXPAND_PROGRAM, 0);

        work->expanding = true;
        work->open = 1;
        effect->expand.request = work->id;
        effect->expand.program = mem_strdup(work->name);
        effect->expand.from = from;
        effect->expand.number = work->number;
}

static void set_obsolete(struct engine *engine, struct slot *slot, bool obsolete)
{
        if (slot->process.obsolete == obsolete)
                return;
        slot->process.obsolete = obsolete;
        effects_add(engine->out, FX_OBSOLETE, slot->process.id);
}

/*
 * More.
 */

/* What a lazy decrease has left running counts again. */
static void revive(struct engine *engine, struct group *group, const struct work *work)
{
        for (size_t i = 0; i < group->count; i++) {
                struct slot *slot = slot_of(group->processes[i]);

                if (!slot->process.obsolete || !is_of(&slot->process, work->name) ||
                        slot->process.program->index >= work->number)
                        continue;
                set_obsolete(engine, slot, false);
                operations_stay(engine, slot);
                lifecycle_rearm(engine, slot);
        }
}

static void add(struct engine *engine, struct group *group, const struct work *work,
        struct program_group *expanded)
{
        CLEANUP(mem_free) bool *has = indexes_of(group, work->name, work->number);

        for (size_t i = 0; i < expanded->programs_count; i++) {
                const struct program *program = expanded->programs[i];
                struct slot *slot;

                if (strcmp(program_label(program), work->name) != 0 ||
                        program->index >= work->number || has[program->index])
                        continue;
                slot = groups_add_process(engine, group, program, expanded);
                if (slot && program->autostart)
                        lifecycle_start(engine, slot);
        }
}

/*
 * Fewer.
 */

/* What rests is no loss; what waits for its next try would get none. */
static bool is_at_rest(enum process_state state)
{
        return state == STOPPED || state == BACKOFF || state == EXITED || state == FATAL;
}

static void leave(struct engine *engine, struct slot *slot)
{
        slot->process.obsolete = false; /* so that the next line does not bring it back */
        lifecycle_change(engine, slot, IN_STOP);
        groups_remove_process(engine, slot);
}

static bool is_excess(const struct slot *slot, const struct work *work)
{
        return is_of(&slot->process, work->name) && slot->process.program->index >= work->number;
}

/* What rests goes at once, the others when they come to rest, for which they are stopped. */
static void shrink(struct engine *engine, struct work *work)
{
        size_t count;
        CLEANUP(mem_free)
        struct slot **members = groups_members_of_program(engine, work->name, &count);
        bool is_decrease = false;

        for (size_t i = 0; i < count; i++)
                is_decrease |= is_excess(members[i], work) && !members[i]->process.obsolete;
        if (!is_decrease)
                return;
        work_reserve(work, count);
        for (size_t i = 0; i < count; i++) {
                struct slot *slot = members[i];

                if (!is_excess(slot, work))
                        continue;
                if (is_at_rest(slot->process.state) || slot->process.state == UNKNOWN) {
                        leave(engine, slot);
                        continue;
                }
                set_obsolete(engine, slot, true);
                if (!work->lazy)
                        work_add(work, slot, NULL);
        }
}

static void apply(struct engine *engine, struct work *work, const struct program_set *set)
{
        for (size_t i = 0; i < engine->groups_count; i++) {
                struct group *group = engine->groups[i];
                struct program_group *expanded = program_set_find(set, group->config->name);

                if (!program_group_holds(group->config, work->name))
                        continue;
                revive(engine, group, work);
                if (expanded)
                        add(engine, group, work, expanded);
        }
        shrink(engine, work);
        operations_run(engine, work);
}

static bool check(struct engine *engine, const struct request *request)
{
        CLEANUP(mem_free) char *text = NULL;

        if (!groups_hold_program(engine, request->name)) {
                text = mem_format("program=%s unknown to Supvisors", request->name);
                work_refuse(engine, request, FAULT_BAD_NAME, text);
                return false;
        }
        if (request->number == 0) {
                text = mem_format(
                        "program=%s incorrect numprocs=0 - integer > 0 expected", request->name);
                work_refuse(engine, request, FAULT_INCORRECT_PARAMETERS, text);
                return false;
        }
        return true;
}

static bool is_too_many(const struct engine *engine, unsigned more, size_t groups)
{
        size_t now = HASH_CNT(by_id, engine->slots);

        return now > NUMPROCS_PROCESSES_MAX ||
               more > (NUMPROCS_PROCESSES_MAX - now) / (groups ? groups : 1);
}

void numprocs_take(struct engine *engine, const struct request *request)
{
        static const struct program_set none = {};
        size_t groups;
        unsigned missing;

        if (!check(engine, request))
                return;
        if (request->number > NUMPROCS_PROCESSES_MAX) {
                missing = 0;
                groups = 1;
        } else {
                missing = first_missing_of_all(engine, request->name, request->number, &groups);
        }
        if (missing == request->number) {
                apply(engine, work_new(engine, request, 0), &none);
        } else if (is_too_many(engine, request->number - missing, groups)) {
                CLEANUP(mem_free)
                char *text = mem_format(
                        "more than %d processes in all are not supported", NUMPROCS_PROCESSES_MAX);

                work_refuse(engine, request, FAULT_FAILED, text);
        } else {
                expand(engine, request, missing);
        }
}

void numprocs_expanded(struct engine *engine, uint64_t id, const struct program_set *set,
        enum fault fault, const char *error)
{
        struct work *work = work_find(engine, id);

        if (!work || !work->expanding)
                return;
        if (fault != FAULT_NONE) {
                work_answer(engine, work, answer_new_fault(fault, error));
                return;
        }
        work->expanding = false;
        work->open = 0;
        apply(engine, work, set);
}

/*
 * Going away.
 */

void numprocs_came_to_rest(struct engine *engine, struct slot *slot)
{
        if (!is_at_rest(slot->process.state))
                return;
        engine->leaving = mem_grow(engine->leaving, &engine->leaving_capacity,
                engine->leaving_count + 1, sizeof(*engine->leaving));
        engine->leaving[engine->leaving_count++] = slot->process.id;
}

void numprocs_remove_resting(struct engine *engine)
{
        for (size_t i = 0; i < engine->leaving_count; i++) {
                struct slot *slot = groups_find_process(engine, engine->leaving[i]);

                if (slot && slot->process.obsolete && is_at_rest(slot->process.state))
                        leave(engine, slot);
        }
        engine->leaving_count = 0;
}
