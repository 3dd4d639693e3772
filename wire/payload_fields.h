/* Fields of payloads: C structs as JSON objects and back, by tables.  Pure.
 *
 * A field that has the value of a zeroed struct is left out, and what is left out is that value,
 * unless the table says that it must be there.  What no table names is skipped: later versions may
 * say more. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"

#define PAYLOAD_NAME_MAX   1024u         /* bytes of a name */
#define PAYLOAD_STRING_MAX (256u << 10)  /* bytes of any other string */
#define PAYLOAD_PARTS_MAX  (128u << 10)  /* objects and arrays in a payload */
#define PAYLOAD_VALUES_MAX (3072u << 10) /* commas in a payload */

enum payload_type {       /* of the member */
        PAYLOAD_NAME,     /* const char *: something that may be in a log line and in a path */
        PAYLOAD_STRING,   /* const char *: absent is "" */
        PAYLOAD_OPTIONAL, /* const char *: absent is NULL, and "" is kept */
        PAYLOAD_BOOL,     /* bool */
        PAYLOAD_STATE,    /* enum process_state, by its name */
        PAYLOAD_PID,      /* pid_t, not negative */
        PAYLOAD_UNSIGNED, /* unsigned */
        PAYLOAD_INTEGER,  /* int64_t */
        PAYLOAD_USEC,     /* usec_t; not USEC_NEVER */
};

struct payload_field {
        const char *key;
        enum payload_type type;
        size_t offset;
        bool required;
};

/* A comma where one is needed, and the key.  The text ends with an open object or array. */
void payload_put_key(struct text *, const char *key);
void payload_put_comma(struct text *);
/* What is not UTF-8 becomes U+FFFD, what is beyond PAYLOAD_STRING_MAX is left out. */
void payload_put_string(struct text *, const char *);
void payload_put_fields(
        struct text *, const struct payload_field *, size_t count, const void *object);

/* NULL and a sentence when it is not JSON, not an object, or too much. */
json_t *payload_parse(const void *bytes, size_t size, struct err *)
        __attribute__((warn_unused_result));
/* Strings are borrowed from the JSON.  0, or -EBADMSG and a sentence. */
int payload_get_fields(const json_t *, const struct payload_field *, size_t count, void *object,
        struct err *) __attribute__((warn_unused_result));
/* The member as an array of at most so many elements; NULL and a sentence otherwise. */
json_t *payload_get_array(const json_t *, const char *key, size_t max, struct err *)
        __attribute__((warn_unused_result));
bool payload_is_name(const char *); /* fit for PAYLOAD_NAME */
