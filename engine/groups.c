/* Groups: see groups.h. */
#include "engine/groups.h"

#include <stdlib.h>
#include <string.h>

#include "engine/abilities.h"
#include "engine/announce.h"
#include "engine/deadlines.h"
#include "engine/lifecycle.h"
#include "engine/operations.h"
#include "engine/pools.h"
#include "engine/stopping.h"

struct group *groups_find(const struct engine *engine, const char *name)
{
        struct group *group;

        HASH_FIND_STR(engine->groups_by_name, name, group);
        return group;
}

struct slot *groups_find_process(const struct engine *engine, uint32_t id)
{
        struct slot *slot;

        HASH_FIND(by_id, engine->slots, &id, sizeof(id), slot);
        return slot;
}

enum fault groups_resolve(const struct engine *engine, const char *namespec,
        struct group **ret_group, struct slot **ret_slot)
{
        const char *colon = strchr(namespec, ':');
        const char *process = colon ? colon + 1 : namespec;
        size_t length = colon ? (size_t)(colon - namespec) : strlen(namespec);
        struct group *group;
        struct slot *slot = NULL;

        HASH_FIND(hh, engine->groups_by_name, namespec, length, group);
        if (!group)
                return FAULT_BAD_NAME;
        if (!colon || (*process && strcmp(process, "*") != 0)) {
                HASH_FIND(by_name, group->by_name, process, strlen(process), slot);
                if (!slot)
                        return FAULT_BAD_NAME;
        }
        *ret_group = group;
        *ret_slot = slot;
        return FAULT_NONE;
}

/* Where a process of the program belongs: by name among those of its program, else at the end. */
static size_t place_of(const struct group *group, const struct program *program)
{
        size_t place = group->count;

        /* From the end, since what is added is mostly the last by name. */
        for (size_t i = group->count; i-- > 0;) {
                const struct program *other = group->processes[i]->program;

                if (strcmp(program_label(other), program_label(program)) != 0)
                        continue;
                if (strcmp(other->name, program->name) < 0)
                        return i + 1;
                place = i;
        }
        return place;
}

static struct slot *place_slot(struct engine *engine, struct group *group,
        const struct program *program, uint32_t id, size_t place)
{
        struct slot *slot = mem_new(sizeof(*slot));

        slot->process = (struct process){
                .id = id,
                .program = program,
                .group_name = group->config->name,
                .state = STOPPED,
                .disabled = abilities_is_disabled(engine, program),
                .deadline = USEC_NEVER,
                .stop_deadline = USEC_NEVER,
        };
        slot->group = group;
        slot->retry_at = USEC_NEVER;
        slot->report_at = USEC_NEVER;
        HASH_ADD(by_id, engine->slots, process.id, sizeof(slot->process.id), slot);
        HASH_ADD_KEYPTR(by_name, group->by_name, program->name, strlen(program->name), slot);
        group->processes = mem_grow(
                group->processes, &group->capacity, group->count + 1, sizeof(struct process *));
        memmove(&group->processes[place + 1], &group->processes[place],
                (group->count++ - place) * sizeof(struct process *));
        group->processes[place] = &slot->process;
        return slot;
}

struct slot *groups_place_process(
        struct engine *engine, struct group *group, const struct program *program, uint32_t id)
{
        return place_slot(engine, group, program, id, group->count);
}

static struct slot *add_slot(
        struct engine *engine, struct group *group, const struct program *program, size_t place)
{
        struct slot *slot;

        /* Two processes of one name are one, the first. */
        HASH_FIND(by_name, group->by_name, program->name, strlen(program->name), slot);
        if (slot)
                return NULL;
        slot = place_slot(engine, group, program, ++engine->last_process, place);
        effects_add(engine->out, FX_PROCESS_ADDED, slot->process.id);
        return slot;
}

struct slot *groups_add_process(struct engine *engine, struct group *group,
        const struct program *program, struct program_group *expanded)
{
        struct slot *slot = add_slot(engine, group, program, place_of(group, program));

        if (!slot)
                return NULL;
        slot->expanded = program_group_ref(expanded);
        pools_add_member(slot);
        announce_process(engine, TOPIC_PROCESS_ADDED, &slot->process);
        return slot;
}

struct group *groups_place(struct engine *engine, struct program_group *config)
{
        struct group *group = mem_new(sizeof(*group));

        group->config = program_group_ref(config);
        engine->groups = mem_grow(engine->groups, &engine->groups_capacity,
                engine->groups_count + 1, sizeof(struct group *));
        engine->groups[engine->groups_count++] = group;
        HASH_ADD_KEYPTR(hh, engine->groups_by_name, config->name, strlen(config->name), group);
        return group;
}

bool groups_add(struct engine *engine, struct program_group *config)
{
        struct group *group;

        if (groups_find(engine, config->name))
                return false;
        group = groups_place(engine, config);
        for (size_t i = 0; i < config->programs_count; i++)
                (void)add_slot(engine, group, config->programs[i], group->count);
        pools_add(engine, group);
        effects_add(engine->out, FX_GROUP_ADDED, 0)->group.name = mem_strdup(config->name);
        announce_group(engine, TOPIC_PROCESS_GROUP_ADDED, config->name);
        return true;
}

void groups_autostart(struct engine *engine, struct group *group)
{
        for (size_t i = 0; i < group->count; i++) {
                struct slot *slot = slot_of(group->processes[i]);

                if (slot->process.program->autostart)
                        lifecycle_start(engine, slot);
        }
}

static void free_slot(struct engine *engine, struct group *group, struct slot *slot)
{
        deadlines_remove(&engine->deadlines, slot);
        HASH_DELETE(by_id, engine->slots, slot);
        HASH_DELETE(by_name, group->by_name, slot);
        mem_free(slot->process.spawnerr);
        mem_free(slot->process.extra_args);
        mem_free(slot->process.exits);
        program_group_unref(slot->expanded);
        mem_free(slot->rest);
        mem_free(slot);
}

static void free_group(struct engine *engine, struct group *group)
{
        pools_remove(engine, group);
        HASH_DELETE(hh, engine->groups_by_name, group);
        for (size_t i = 0; i < group->count; i++)
                free_slot(engine, group, slot_of(group->processes[i]));
        mem_free(group->processes);
        program_group_unref(group->config);
        mem_free(group->rest);
        mem_free(group);
}

static void say_goodbye(struct engine *engine, struct slot *slot)
{
        stopping_abandon(engine, slot);
        operations_end(engine, slot);
        effects_add(engine->out, FX_PROCESS_REMOVED, slot->process.id);
}

void groups_remove_process(struct engine *engine, struct slot *slot)
{
        struct group *group = slot->group;
        size_t place = 0;

        say_goodbye(engine, slot);
        announce_process(engine, TOPIC_PROCESS_REMOVED, &slot->process);
        pools_remove_member(engine, slot);
        while (group->processes[place] != &slot->process)
                place++;
        group->count--;
        memmove(&group->processes[place], &group->processes[place + 1],
                (group->count - place) * sizeof(struct process *));
        free_slot(engine, group, slot);
}

void groups_remove(struct engine *engine, struct group *group)
{
        CLEANUP(mem_free) char *name = mem_strdup(group->config->name);
        size_t place = 0;

        for (size_t i = 0; i < group->count; i++)
                say_goodbye(engine, slot_of(group->processes[i]));
        effects_add(engine->out, FX_GROUP_REMOVED, 0)->group.name = mem_strdup(group->config->name);
        while (engine->groups[place] != group)
                place++;
        engine->groups_count--;
        memmove(&engine->groups[place], &engine->groups[place + 1],
                (engine->groups_count - place) * sizeof(struct group *));
        free_group(engine, group);
        announce_group(engine, TOPIC_PROCESS_GROUP_REMOVED, name);
}

void groups_free_all(struct engine *engine)
{
        for (size_t i = 0; i < engine->groups_count; i++)
                free_group(engine, engine->groups[i]);
        mem_free(engine->groups);
        engine->groups = NULL;
        engine->groups_count = 0;
}

struct ranked { /* for a sort that keeps the order of equals */
        int64_t priority;
        size_t place;
        void *what;
};

static int compare_ranked(const void *left, const void *right)
{
        const struct ranked *a = left, *b = right;

        if (a->priority != b->priority)
                return a->priority < b->priority ? -1 : 1;
        return a->place < b->place ? -1 : a->place > b->place;
}

struct group **groups_by_priority(const struct engine *engine)
{
        size_t count = engine->groups_count;
        struct group **sorted = mem_new_array(count, sizeof(struct group *));
        CLEANUP(mem_free) struct ranked *ranked = mem_new_array(count, sizeof(*ranked));

        for (size_t i = 0; i < count; i++)
                ranked[i] = (struct ranked){ engine->groups[i]->config->priority, i,
                        engine->groups[i] };
        qsort(ranked, count, sizeof(*ranked), compare_ranked);
        for (size_t i = 0; i < count; i++)
                sorted[i] = ranked[i].what;
        return sorted;
}

struct slot **groups_members_of_program(
        const struct engine *engine, const char *label, size_t *ret_count)
{
        CLEANUP(mem_free) struct group **groups = groups_by_priority(engine);
        struct slot **members = NULL;
        size_t count = 0, capacity = 0;

        for (size_t i = 0; i < engine->groups_count; i++)
                for (size_t j = 0; j < groups[i]->count; j++) {
                        const struct process *process = groups[i]->processes[j];

                        if (strcmp(program_label(process->program), label) != 0)
                                continue;
                        members = mem_grow(members, &capacity, count + 1, sizeof(*members));
                        members[count++] = slot_of(process);
                }
        *ret_count = count;
        return members;
}

bool groups_hold_program(const struct engine *engine, const char *label)
{
        for (size_t i = 0; i < engine->groups_count; i++)
                if (program_group_holds(engine->groups[i]->config, label))
                        return true;
        return false;
}

struct slot **groups_members_by_priority(const struct group *group)
{
        struct slot **sorted = mem_new_array(group->count, sizeof(struct slot *));
        CLEANUP(mem_free) struct ranked *ranked = mem_new_array(group->count, sizeof(*ranked));

        for (size_t i = 0; i < group->count; i++)
                ranked[i] = (struct ranked){ group->processes[i]->program->priority, i,
                        slot_of(group->processes[i]) };
        qsort(ranked, group->count, sizeof(*ranked), compare_ranked);
        for (size_t i = 0; i < group->count; i++)
                sorted[i] = ranked[i].what;
        return sorted;
}
