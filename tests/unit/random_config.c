/* Random configurations: see random_config.h. */
#include "tests/unit/random_config.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

uint64_t random_roll(uint64_t *seed, uint64_t sides)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        return (*seed >> 11) % sides;
}

static char *process_name_of(size_t i)
{
        return mem_format("p%zu", i);
}

struct program *random_program(uint64_t *seed, size_t i)
{
        static const int64_t secs[] = { 0, 0, 1, 2, 10 };
        struct program *program = program_new();

        program->name = process_name_of(i);
        program->command = mem_strdup("x");
        program->label = mem_strdup("q");
        program->index = (unsigned)i;
        program->autostart = random_roll(seed, 2);
        program->autorestart = (enum autorestart)random_roll(seed, 3);
        program->startsecs = secs[random_roll(seed, 5)];
        program->startretries = (int64_t)random_roll(seed, 4);
        program->stopwaitsecs = secs[random_roll(seed, 5)];
        program->stopasgroup = random_roll(seed, 2);
        program->killasgroup = program->stopasgroup || random_roll(seed, 2);
        program->kill_narrow = !program->killasgroup && random_roll(seed, 4) == 0;
        program->on_orphan = (enum orphan)random_roll(seed, 3);
        program->priority = (int64_t)random_roll(seed, 5);
        return program;
}

const char *random_group_name(size_t i)
{
        static const char *const names[] = { "g0", "g1", "g2", "g3", "g4", "g5", "g6", "g7", "g8" };

        assert_true(i < ELEMENTS(names));
        return names[i];
}

static void make_pool(uint64_t *seed, struct program_group *group)
{
        static const char *const events[] = { "EVENT", "TICK", "PROCESS_STATE", "PROCESS_LOG" };

        group->kind = GROUP_EVENTLISTENER;
        group->buffer_size = 1 + (int64_t)random_roll(seed, 5);
        group->events = mem_new_array(3, sizeof(char *));
        group->events[0] = mem_strdup(events[random_roll(seed, ELEMENTS(events))]);
        if (random_roll(seed, 2))
                group->events[1] = mem_strdup(events[random_roll(seed, ELEMENTS(events))]);
}

void random_config(uint64_t *seed, struct program_set *set)
{
        set->groups = mem_new_array(RANDOM_GROUPS, sizeof(struct program_group *));
        for (size_t i = 0; i < RANDOM_GROUPS; i++) {
                struct program_group *group;

                if (random_roll(seed, 5) == 0)
                        continue;
                group = program_group_new(random_group_name(i),
                        random_roll(seed, 4) ? GROUP_HETEROGENEOUS : GROUP_FCGI);
                group->priority = (int64_t)random_roll(seed, 3);
                if (group->kind == GROUP_FCGI)
                        group->socket = mem_strdup("tcp://localhost:9000");
                if (random_roll(seed, 3) == 0)
                        make_pool(seed, group);
                group->programs_count = random_roll(seed, RANDOM_MEMBERS + 1);
                group->programs =
                        mem_new_array(group->programs_count + 1, sizeof(struct program *));
                for (size_t j = 0; j < group->programs_count; j++)
                        group->programs[j] = random_program(seed, j);
                set->groups[set->count++] = group;
        }
}
