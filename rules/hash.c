/* Hash: see hash.h.
 *
 * What counts is what applications and processes end up with: models and aliases are in it by their
 * effect, defaults whether written or not, what is never found not at all.  Names are taken in
 * alphabetical order, patterns in theirs, because of matches of one length the first one counts. */
#include "rules/hash.h"

#include <stdlib.h>
#include <string.h>

#include "rules/lookup.h"
#include "rules/places.h"

/* FNV-1a. */
#define BASIS 14695981039346656037u
#define PRIME 1099511628211u

static void add_bytes(uint64_t *hash, const char *s, size_t length)
{
        for (size_t i = 0; i < length; i++)
                *hash = (*hash ^ (unsigned char)s[i]) * PRIME;
}

/* With the NUL at its end, so that "ab", "c" is not "a", "bc". */
static void add_text(uint64_t *hash, const char *s)
{
        add_bytes(hash, s, strlen(s) + 1);
}

static void add_number(uint64_t *hash, int64_t number)
{
        for (unsigned shift = 0; shift < 64; shift += 8)
                add_bytes(hash, &(char){ (char)((uint64_t)number >> shift) }, 1);
}

static void add_places(uint64_t *hash, const struct rules_places *places)
{
        add_number(hash, places->all | places->spread << 1 | places->one_each << 2);
        add_number(hash, (int64_t)places->count);
        for (size_t i = 0; i < places->count; i++)
                add_text(hash, places->names[i]);
}

static void add_program(
        uint64_t *hash, const struct set_element *e, const struct rules_application *application)
{
        struct rules_program p = {};

        lookup_program(e, application, &p);
        add_places(hash, &p.places);
        add_number(hash, p.start_sequence);
        add_number(hash, p.stop_sequence);
        add_number(hash, p.required | p.wait_exit << 1);
        add_number(hash, (int64_t)p.wait_exit_max);
        add_number(hash, p.expected_loading);
        add_number(hash, p.starting_failure);
        add_number(hash, p.running_failure);
        places_clear(&p.places);
}

static int compare_names(const void *a, const void *b)
{
        const struct set_element *const *left = a, *const *right = b;

        return strcmp((*left)->name, (*right)->name);
}

typedef void add_function(
        uint64_t *hash, const struct set_element *, const struct rules_application *);

static void add_table(uint64_t *hash, const struct set_table *table, add_function *add,
        const struct rules_application *application)
{
        size_t count = 0;
        CLEANUP(mem_free)
        struct set_element **named =
                mem_new_array(HASH_CNT(hh_name, table->by_name), sizeof(struct set_element *));

        for (struct set_element *e = table->by_name; e; e = e->hh_name.next)
                named[count++] = e;
        qsort(named, count, sizeof(struct set_element *), compare_names);
        add_number(hash, (int64_t)count);
        for (size_t i = 0; i < count; i++) {
                add_text(hash, named[i]->name);
                add(hash, named[i], application);
        }
        add_number(hash, (int64_t)table->patterns_count);
        for (size_t i = 0; i < table->patterns_count; i++) {
                add_text(hash, table->patterns[i]->pattern_text);
                add(hash, table->patterns[i], application);
        }
}

static void add_application(
        uint64_t *hash, const struct set_element *e, const struct rules_application *none)
{
        CLEANUP(rules_application_free) struct rules_application *a = mem_new(sizeof(*a));

        /* The default strategy is not in the files: a value that is no strategy stands for it. */
        lookup_rules_application(e, STARTING_STRATEGIES, a);
        add_number(hash, a->distribution);
        add_places(hash, &a->places);
        add_number(hash, a->start_sequence);
        add_number(hash, a->stop_sequence);
        add_number(hash, a->starting_strategy);
        add_number(hash, a->starting_failure);
        add_number(hash, a->running_failure);
        add_text(hash, a->formula ? formula_text(a->formula) : "");
        add_table(hash, &e->programs, add_program, a);
}

uint64_t hash_of(const struct rules *rules)
{
        uint64_t hash = BASIS;

        add_table(&hash, &rules->applications, add_application, NULL);
        return hash ? hash : 1;
}
