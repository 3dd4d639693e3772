/* Sets: what the rules files say, as this folder keeps it.  Private to it. */
#pragma once

#include <uthash.h>

#include "rules/formula.h"
#include "rules/pattern.h"
#include "rules/rules.h"

#define SET_ALIASES_MAX 1000u
#define SET_NAMES_MAX   2000u /* in one list of identifiers, once its aliases are replaced */
#define SET_CHAIN_MAX   3     /* a program, its model, and the model of that */

enum set_rule {
        RULE_DISTRIBUTION,
        RULE_IDENTIFIERS,
        RULE_START_SEQUENCE,
        RULE_STOP_SEQUENCE,
        RULE_STARTING_STRATEGY,
        RULE_STARTING_FAILURE,
        RULE_RUNNING_FAILURE,
        RULE_OPERATIONAL_STATUS,
        RULE_REFERENCE,
        RULE_REQUIRED,
        RULE_WAIT_EXIT,
        RULE_WAIT_EXIT_TIMEOUT, /* seconds */
        RULE_EXPECTED_LOADING,
        SET_RULES,
};

/* Elements that are found by their name, or by their pattern. */
struct set_table {
        struct set_element *by_name, *by_pattern; /* uthash */
        struct set_element **patterns;            /* in the order of their first declaration */
        size_t patterns_count, patterns_capacity;
};

struct set_element {               /* an application, a program or a model */
        char *name, *pattern_text; /* NULL: none */
        struct pattern *pattern;
        const char *file;
        long line;
        unsigned given; /* bits of enum set_rule: the rest has the default */
        int64_t value[SET_RULES];
        char *identifiers, *reference;
        struct rules_places places; /* of 'identifiers' */
        struct formula *formula;
        struct set_table programs;
        const struct set_element *chain[SET_CHAIN_MAX]; /* itself first; NULL behind the last */
        size_t order;                                   /* place in 'patterns' */
        UT_hash_handle hh_name, hh_pattern;
        struct set_element *next; /* all of a set */
};

struct set_alias {
        char *name;
        const char *file;
        long line;
        char **items; /* as written, without the blanks around them */
        size_t count;
};

struct rules {
        unsigned references;
        char **files;
        size_t files_count;
        struct rules_notes notes;
        struct set_alias *aliases; /* in the order of their first declaration */
        size_t aliases_count, aliases_capacity;
        struct set_element *elements; /* owner of all; the latest first */
        struct set_table applications, models;
        uint64_t hash;
};

struct rules *set_new(void) __attribute__((returns_nonnull));
struct rules *set_free(struct rules *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct rules *, set_free)

void set_note(struct rules *, enum log_level, const char *file, long line, const char *format, ...)
        __attribute__((format(printf, 5, 6)));
struct set_element *set_element_new(struct rules *, const char *file, long line);
struct set_element *set_find(const struct set_table *, const char *name);
/* By name, or by the pattern with the longest match.  What could not be searched is noted. */
const struct set_element *set_match(
        const struct set_table *, const char *name, bool *ret_by_pattern, struct rules_notes *);
/* The element of its chain that gives the rule; NULL: none does. */
const struct set_element *set_giver(const struct set_element *, enum set_rule);
/* The rule's value; 'fallback' when it is not given, or when there is no element. */
int64_t set_value(const struct set_element *, enum set_rule, int64_t fallback);

void set_notes_append(struct rules_notes *, enum log_level, char *text); /* takes the text */
