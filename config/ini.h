/* The INI dialect of supervisord.conf: sections and options as written, each with its file and
 * line.
 *
 * Reading a second file adds to what is there: sections merge, the last writer of an option wins.
 * [DEFAULT] is no section, but lends its options to every one.  Nothing is expanded here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <uthash.h>

#include "base/err.h"
#include "base/mem.h"

/* More than this in one file, or in all of the files together after the replacements of
 * ini_replace(), is refused. */
#define INI_FILE_BYTES_MAX  ((size_t)16 << 20)
#define INI_TOTAL_BYTES_MAX ((size_t)64 << 20)

struct ini_option {
        char *key;        /* lower case */
        char *value;      /* trimmed; the pieces of a continued one joined by newlines */
        const char *file; /* as it was named to the reader; owned by the struct ini */
        int line;
        int line_before; /* where the same file had it already; 0: nowhere */
        bool is_lent;    /* copied here from [DEFAULT] by ini_replace() */
        UT_hash_handle hh;
};

struct ini_section {
        char *name;
        const char *file; /* where it was seen first */
        int line;
        struct ini_option *options; /* in the order of their first appearance, along hh.next */
        UT_hash_handle hh;
};

struct ini {
        struct ini_section *sections; /* in the order of their first appearance, along hh.next */
        struct ini_section *defaults; /* [DEFAULT]; never NULL */
        char **files;
        size_t files_count;
        size_t bytes; /* of all the values */
};

struct ini *ini_new(void) __attribute__((returns_nonnull));
struct ini *ini_free(struct ini *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct ini *, ini_free)

/* Adds what the bytes say.  -EINVAL with Supervisor's words for what cannot be parsed. */
int ini_parse(struct ini *, const char *path, const char *data, size_t length, struct err *)
        __attribute__((warn_unused_result));
/* As ini_parse(), of a file; another negative errno when it cannot be opened or read. */
int ini_read(struct ini *, const char *path, struct err *) __attribute__((warn_unused_result));

const struct ini_section *ini_section(const struct ini *, const char *name); /* NULL: none */
/* The option of the section or, where it has none, of [DEFAULT]; NULL: neither. */
const struct ini_option *ini_option(
        const struct ini *, const struct ini_section *, const char *key);
const char *ini_value(const struct ini *, const struct ini_section *, const char *key);

/* Takes away what a section has of its own; without a key the section.  False: it has no such. */
bool ini_remove(struct ini *, const char *section, const char *key);

/* Replaces the text 'from' by 'to' in every value that a section has or is lent. */
int ini_replace(struct ini *, const char *from, const char *to, struct err *)
        __attribute__((warn_unused_result));
