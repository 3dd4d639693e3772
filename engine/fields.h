/* Fields: which members of a struct are saved, under which names, as a table.
 *
 * What is not in the text stays as it is, so that who restores fills in the defaults first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct saved_item;
struct saver;

enum field_kind {      /* the type of the member */
        FIELD_TEXT,    /* char *, owned; NULL is left out */
        FIELD_TEXTS,   /* char **, owned, ended by NULL; likewise */
        FIELD_FLAG,    /* bool */
        FIELD_INT,     /* int, pid_t */
        FIELD_INT64,   /* int64_t */
        FIELD_UINT32,  /* uint32_t, unsigned, uid_t */
        FIELD_UINT64,  /* uint64_t, and usec_t that is realtime or a duration */
        FIELD_TIME,    /* usec_t, monotonic */
        FIELD_ORDINAL, /* an enum that counts from 0: by its name */
};

struct field {
        const char *key;
        enum field_kind kind;
        size_t offset;
        const char *const *names; /* ORDINAL; a NULL in it is none that can be meant */
        unsigned names_count;
        int64_t min, max; /* INT and INT64; both 0: any */
        uint64_t limit;   /* UINT32 and UINT64; 0: any */
        bool is_needed;   /* TEXT: a text without it is damaged */
};

void fields_save(struct saver *, const void *object, const struct field *, size_t count);
/* The inner item of which there is at most one; NULL: there is none.  Errors, here and below, are
 * the document's. */
struct saved_item *fields_item(struct saved_item *, const char *type);
void fields_restore(struct saved_item *, void *object, const struct field *, size_t count);
