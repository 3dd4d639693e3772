/* The command line by a table: Python's getopt rules and Supervisor's words.  Pure.
 *
 * Long names may be shortened while they are unique, "--name value" and "--name=value" are the
 * same, short flags may be clustered, and parsing ends at the first word that is no option or after
 * "--". */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

struct commandline_option {
        char letter;      /* 0: none */
        const char *name; /* of the long form; NULL: none */
        bool has_value;
        int id;
};

struct commandline_match {
        const struct commandline_option *option;
        int id;            /* the option's */
        const char *value; /* points into argv; NULL: it takes none */
        char *written;     /* "-c" or the long form in full, as messages name it */
};

struct commandline {
        struct commandline_match *matches; /* in the order they were given in */
        size_t count;
        int next; /* index in argv of the first word that is no option */
};

/* -EINVAL for what the table does not know. */
int commandline_parse(const struct commandline_option *table, size_t table_count, int argc,
        char *const argv[], struct commandline **ret, struct err *)
        __attribute__((warn_unused_result));
struct commandline *commandline_free(struct commandline *);
DEFINE_CLEANUP(struct commandline *, commandline_free)

/* Both return -EINVAL.  Setting a value twice is a conflict; the reason of an invalid one is in
 * the buffer. */
int commandline_conflict(const struct commandline_match *, struct err *);
int commandline_invalid(const struct commandline_match *, struct err *);
/* A daemon takes options only: -EINVAL when other words are left. */
int commandline_refuse_words(const struct commandline *, int argc, char *const argv[], struct err *)
        __attribute__((warn_unused_result));
