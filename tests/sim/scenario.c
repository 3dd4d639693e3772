/* The scenario: see scenario.h. */
#include "tests/sim/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/sim/world.h"

#define UNMANAGED 3 /* the index of the application that has no rules */

struct draft {
        struct world lottery; /* for its random numbers */
        struct scenario *s;
        struct text rules;
        unsigned nodes, load_each;
        bool is_vital, is_optional;
};

static uint64_t draw(struct draft *d, uint64_t below)
{
        return world_random(&d->lottery, below);
}

static void put(struct draft *d, const char *element, const char *value)
{
        text_format(&d->rules, "<%s>%s</%s>", element, value, element);
}

static void put_number(struct draft *d, const char *element, uint64_t value)
{
        text_format(&d->rules, "<%s>%llu</%s>", element, (unsigned long long)value, element);
}

static enum scenario_habit draw_habit(struct draft *d, bool all_good)
{
        uint64_t lot = draw(d, 10);

        if (d->is_vital)
                return SCENARIO_STEADY;
        if (lot == 0)
                return SCENARIO_WORKER;
        if (all_good || lot < 6)
                return SCENARIO_STEADY;
        return lot < 8 ? SCENARIO_FRAIL : SCENARIO_WEAK;
}

static void draw_program(struct draft *d, unsigned application, unsigned index, bool all_good)
{
        struct scenario *s = d->s;
        struct scenario_program *p = &s->programs[s->programs_count++];

        *p = (struct scenario_program){ .application = application,
                .habit = draw_habit(d, all_good),
                .where = UINT32_MAX,
                .startsecs = (int64_t)draw(d, 2),
                .stopwaitsecs = 1 + (int64_t)draw(d, 2),
                .autorestart = draw(d, 3) };
        (void)snprintf(p->group, sizeof(p->group), "a%u", application % 10);
        (void)snprintf(p->name, sizeof(p->name), "p%u", index % 10);
        if (s->is_uneven)
                p->where = (uint32_t)draw(d, UINT32_MAX) | UINT32_C(1) << draw(d, d->nodes);
        if (!s->applications[application].managed)
                return;
        text_format(&d->rules, "<program name=\"%s\">", p->name);
        put_number(d, "start_sequence", d->is_vital + draw(d, 4));
        put_number(d, "stop_sequence", draw(d, 3));
        put(d, "required", !d->is_optional && (d->is_vital || draw(d, 2)) ? "true" : "false");
        put(d, "wait_exit", p->habit == SCENARIO_WORKER ? "true" : "false");
        put_number(d, "expected_loading", draw(d, d->load_each + 1));
        text_append(&d->rules, "</program>\n");
}

static void draw_application(struct draft *d, unsigned index)
{
        static const enum running_failure vital[] = { RUNNING_RESTART_PROCESS,
                RUNNING_RESTART_PROCESS, RUNNING_RESTART_APPLICATION };
        struct scenario *s = d->s;
        struct scenario_application *a = &s->applications[s->applications_count++];
        unsigned count = 1 + (unsigned)draw(d, 3);
        uint64_t distribution = draw(d, 5);
        bool all_good = draw(d, 2);

        (void)snprintf(a->name, sizeof(a->name), "a%u", index % 10);
        a->managed = index != UNMANAGED;
        a->touchable = !a->managed || draw(d, 2);
        if (a->managed) {
                text_format(&d->rules, "<application name=\"%s\">", a->name);
                put(d, "distribution",
                        distribution_name(distribution < 3    ? ALL_INSTANCES
                                          : distribution == 3 ? SINGLE_INSTANCE
                                                              : SINGLE_NODE));
                put_number(d, "start_sequence", d->is_vital + draw(d, 4));
                put_number(d, "stop_sequence", draw(d, 3));
                put(d, "starting_strategy",
                        starting_strategy_name((enum starting_strategy)draw(
                                d, d->is_vital ? STARTING_LOCAL : STARTING_STRATEGIES)));
                put(d, "starting_failure_strategy",
                        starting_failure_name((enum starting_failure)draw(d, STARTING_FAILURES)));
                put(d, "running_failure_strategy",
                        running_failure_name(
                                d->is_vital ? vital[draw(d, ELEMENTS(vital))]
                                            : (enum running_failure)draw(d, RUNNING_SHUTDOWN)));
                text_append(&d->rules, "<programs>\n");
        }
        for (unsigned i = 0; i < count; i++)
                draw_program(d, index, i, all_good);
        if (a->managed)
                text_append(&d->rules, "</programs></application>\n");
}

static struct rules *read_rules(const struct text *text)
{
        char path[] = "/tmp/reeve-sim-XXXXXX";
        const char *paths[] = { path };
        struct rules *rules = NULL;
        struct err err = {};
        int fd = mkstemp(path);

        if (fd < 0 || write(fd, text->data, text->length) != (ssize_t)text->length ||
                rules_read(paths, 1, &rules, &err) < 0) {
                (void)fprintf(stderr, "the rules cannot be read: %s\n%s", err.text, text->data);
                abort();
        }
        (void)close(fd);
        (void)unlink(path);
        return rules;
}

struct scenario *scenario_new(uint64_t seed, unsigned nodes, bool is_vital)
{
        static const enum conciliation_strategy strategies[] = { CONCILIATION_SENICIDE,
                CONCILIATION_INFANTICIDE, CONCILIATION_STOP, CONCILIATION_RESTART,
                CONCILIATION_RUNNING_FAILURE };
        struct scenario *s = mem_new(sizeof(*s));
        struct draft d = { .s = s, .nodes = nodes, .is_vital = is_vital };
        unsigned managed;

        d.is_optional = is_vital && (seed >> 4) % 4 == 3;
        d.lottery.random = identity_mix(seed ^ UINT64_C(0xa99));
        s->conciliation = strategies[draw(&d, ELEMENTS(strategies))];
        s->starting = (enum starting_strategy)draw(&d, STARTING_STRATEGIES);
        s->is_heavy = draw(&d, 4) == 0 && !is_vital;
        s->is_uneven = draw(&d, 4) == 0 && !is_vital;
        s->by_node = 1 + (unsigned)draw(&d, 2);
        d.load_each = s->is_heavy ? 60 : 8; /* 12 programs have room even on one node */
        text_append(&d.rules, "<root>\n");
        managed = 1 + (unsigned)draw(&d, 4);
        for (unsigned i = 0; i < managed; i++)
                draw_application(&d, i);
        text_append(&d.rules, "</root>\n");
        s->rules = read_rules(&d.rules);
        text_clear(&d.rules);
        return s;
}

struct scenario *scenario_free(struct scenario *s)
{
        if (!s)
                return NULL;
        rules_unref(s->rules);
        return mem_free(s);
}
