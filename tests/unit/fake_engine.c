/* See fake_engine.h. */
#include "tests/unit/fake_engine.h"

#include <string.h>

struct engine *fake_engine_new(void)
{
        struct engine *engine = mem_new(sizeof(*engine));

        engine->mood = MOOD_RUNNING;
        return engine;
}

struct engine *fake_engine_free(struct engine *engine)
{
        if (!engine)
                return NULL;
        for (size_t i = 0; i < engine->groups_count; i++) {
                struct fake_group *group = engine->groups[i];

                for (size_t j = 0; j < group->count; j++) {
                        mem_free(group->processes[j]->spawnerr);
                        mem_free(group->processes[j]->extra_args);
                        mem_free(group->processes[j]);
                }
                program_group_unref(group->config);
                mem_free(group);
        }
        program_set_clear(&engine->pending);
        return mem_free(engine);
}

static void add_to_set(struct program_set *set, struct program_group *group)
{
        set->groups = mem_resize(set->groups, set->count + 1, sizeof(*set->groups));
        set->groups[set->count++] = group;
}

static void add_program(struct program_group *group, struct program *program)
{
        group->programs =
                mem_resize(group->programs, group->programs_count + 1, sizeof(*group->programs));
        group->programs[group->programs_count++] = program;
}

struct fake_group *fake_engine_add_group(struct engine *engine, const char *name, int priority)
{
        struct fake_group *group = mem_new(sizeof(*group));

        group->config = program_group_new(name, GROUP_PROGRAM);
        group->config->priority = priority;
        engine->groups[engine->groups_count++] = group;
        add_to_set(&engine->pending, program_group_ref(group->config));
        return group;
}

static struct program *new_program(const char *name)
{
        struct program *program = program_new();

        program->name = mem_strdup(name);
        program->section = mem_format("program:%s", name);
        program->command = mem_strdup("/bin/cat");
        return program;
}

struct process *fake_engine_add(struct engine *engine, struct fake_group *group, const char *name)
{
        struct process *process = mem_new(sizeof(*process));

        add_program(group->config, new_program(name));
        process->id = ++engine->last_id;
        process->program = group->config->programs[group->config->programs_count - 1];
        process->group_name = group->config->name;
        group->processes[group->count++] = process;
        return process;
}

struct program *fake_engine_add_pending(struct engine *engine, const char *group, const char *name)
{
        struct program_group *config = program_group_new(group, GROUP_PROGRAM);
        struct program *program = new_program(name);

        add_program(config, program);
        add_to_set(&engine->pending, config);
        return program;
}

enum mood engine_mood(const struct engine *engine)
{
        return engine->mood;
}

size_t engine_groups_count(const struct engine *engine)
{
        return engine->groups_count;
}

struct engine_group engine_group_at(const struct engine *engine, size_t index)
{
        const struct fake_group *group = engine->groups[index];

        return (struct engine_group){ group->config,
                (const struct process *const *)group->processes, group->count };
}

bool engine_group_find(const struct engine *engine, const char *name, struct engine_group *ret)
{
        for (size_t i = 0; i < engine->groups_count; i++)
                if (strcmp(engine->groups[i]->config->name, name) == 0) {
                        *ret = engine_group_at(engine, i);
                        return true;
                }
        return false;
}

const struct process *engine_process(const struct engine *engine, uint32_t id)
{
        for (size_t i = 0; i < engine->groups_count; i++)
                for (size_t j = 0; j < engine->groups[i]->count; j++)
                        if (engine->groups[i]->processes[j]->id == id)
                                return engine->groups[i]->processes[j];
        return NULL;
}

/* Nothing is left from an earlier image. */
bool engine_has_request(const struct engine *engine, uint64_t id)
{
        return false;
}

const struct program_set *engine_pending(const struct engine *engine)
{
        return &engine->pending;
}

enum fault engine_find_process(
        const struct engine *engine, const char *namespec, const struct process **ret)
{
        const char *colon = strchr(namespec, ':');
        CLEANUP(mem_free)
        char *name = mem_strndup(namespec, colon ? (size_t)(colon - namespec) : strlen(namespec));
        struct engine_group group;

        if (!engine_group_find(engine, name, &group))
                return FAULT_BAD_NAME;
        for (size_t i = 0; i < group.processes_count; i++)
                if (strcmp(group.processes[i]->program->name, colon ? colon + 1 : name) == 0) {
                        *ret = group.processes[i];
                        return FAULT_NONE;
                }
        return FAULT_BAD_NAME;
}
