/* Rules: what the XML files of rules_files say of applications and programs.
 *
 * Reading a file is the parser's only contact with the world; a set of rules never changes once it
 * is read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "rules/strategy.h"

struct formula;
struct rules;

struct rules_note { /* something that is not good enough to refuse the files for */
        enum log_level level;
        char *text; /* names file and line */
};

/* All files, in the order given, which is to be sorted.  A file that cannot be read, is not
 * well-formed or not valid makes all of them void: a negative errno, and the sentence names file,
 * line, element and value.  No path: no rules, every application is unmanaged. */
int rules_read(const char *const *paths, size_t count, struct rules **ret, struct err *)
        __attribute__((warn_unused_result));
struct rules *rules_ref(struct rules *);   /* another owner; takes NULL */
struct rules *rules_unref(struct rules *); /* with its last owner; takes NULL, returns NULL */
DEFINE_CLEANUP(struct rules *, rules_unref)

const struct rules_note *rules_notes(const struct rules *, size_t *count);
/* The same rules give the same number, wherever and however the files are laid out; 0 without
 * rules. */
uint64_t rules_hash(const struct rules *);

/* Where something may run: aliases are resolved, signs taken out, blanks and doubles removed. */
struct rules_places {
        bool all;      /* '*': every instance, names are then empty */
        bool spread;   /* '#' */
        bool one_each; /* '@'; never together with '#' */
        char **names;  /* identifiers, nicks or stereotypes, in order; NULL at the end */
        size_t count;  /* 0 without 'all': nowhere */
};

struct rules_application {
        bool managed; /* else the rest are the defaults */
        enum distribution distribution;
        struct rules_places places; /* only for a distribution other than ALL_INSTANCES */
        int64_t number; /* places.spread: N of a name that ends with "-N" or "_N", counted from 1 */
        int64_t start_sequence, stop_sequence;
        enum starting_strategy starting_strategy;
        enum starting_failure starting_failure;
        enum running_failure running_failure;
        struct formula *formula; /* NULL: none */
};

struct rules_program {
        struct rules_places places;
        bool by_pattern; /* the program element was found by its pattern */
        int64_t start_sequence, stop_sequence;
        bool required, wait_exit;
        usec_t wait_exit_max;     /* wait_exit_timeout, an element of ours; 0: for ever */
        int64_t expected_loading; /* 0 to 100 */
        enum starting_failure starting_failure;
        enum running_failure running_failure;
};

/* What an application, a process of it, ends up with; the caller owns it.  'notes' gets what the
 * checks of the specification say about it (log lines), may be NULL. */
struct rules_notes {
        struct rules_note *at;
        size_t count;
};
void rules_notes_clear(struct rules_notes *);

struct rules_application *rules_for_application(const struct rules *, const char *application,
        enum starting_strategy default_strategy, struct rules_notes *);
struct rules_program *rules_for_process(const struct rules *, const char *application,
        const struct rules_application *, const char *process, struct rules_notes *);
struct rules_application *rules_application_free(struct rules_application *);
struct rules_program *rules_program_free(struct rules_program *);
DEFINE_CLEANUP(struct rules_application *, rules_application_free)
DEFINE_CLEANUP(struct rules_program *, rules_program_free)
