/* The scenario: which applications the simulated instances have, by which rules, and how their
 * programs behave.  Drawn from the seed, never changed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/rules.h"

#define SCENARIO_PROGRAMS_MAX 16

enum scenario_habit {
        SCENARIO_STEADY, /* runs until it is stopped */
        SCENARIO_WORKER, /* exits as expected after a while; its rules wait for that */
        SCENARIO_FRAIL,  /* crashes now and then */
        SCENARIO_WEAK,   /* does not always come up */
};

struct scenario_program {
        unsigned application;
        char group[8], name[8];
        enum scenario_habit habit;
        uint32_t where; /* a bit for each node */
        int64_t startsecs, stopwaitsecs;
        bool autorestart;
};

struct scenario_application {
        char name[8];
        bool managed;
        bool touchable; /* it may be asked for */
};

struct scenario {
        struct rules *rules;
        enum conciliation_strategy conciliation;
        enum starting_strategy starting;
        bool is_heavy;    /* not everything need find room */
        bool is_uneven;   /* not every node has every program */
        unsigned by_node; /* so many instances share a machine */
        struct scenario_application applications[5];
        unsigned applications_count;
        struct scenario_program programs[SCENARIO_PROGRAMS_MAX];
        unsigned programs_count;
};

/* 'is_vital': all of it is steady and to be restarted, mostly required, and there is room for it.
 */
struct scenario *scenario_new(uint64_t seed, unsigned nodes, bool is_vital);
struct scenario *scenario_free(struct scenario *); /* takes NULL, returns NULL */
