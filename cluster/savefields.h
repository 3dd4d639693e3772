/* Save fields: the plain fields of a struct, as a table, into the text of a state and back. Private
 * to the *_save.c files.  Pure.
 *
 * Times of the cluster are those of CLOCK_BOOTTIME and are written as they are: a lease, and for
 * how long somebody was not heard, go on while one image of reeved gives way to the next. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/saved.h"
#include "base/saver.h"
#include "cluster/identity.h"

enum savefields_kind {
        SAVEFIELDS_FLAG,     /* bool */
        SAVEFIELDS_U16,      /* uint16_t */
        SAVEFIELDS_U32,      /* uint32_t, unsigned */
        SAVEFIELDS_COUNT,    /* uint64_t */
        SAVEFIELDS_TIME,     /* usec_t: 0 and USEC_NEVER stand for themselves */
        SAVEFIELDS_DURATION, /* usec_t */
        SAVEFIELDS_ID,       /* struct identity_id */
};

struct savefields_field {
        const char *key;
        enum savefields_kind kind;
        size_t offset;
        uint64_t max; /* U16, U32, COUNT; 0: what fits */
};

/* Nothing lies further ahead than this: longer than any timeout, stretched. */
#define SAVEFIELDS_AHEAD_MAX (30 * 24 * 3600 * USEC_SEC)

#define SAVEFIELDS(kind, type, member)                                \
        {                                                             \
#member, SAVEFIELDS_##kind, offsetof(type, member), 0 \
        }
#define SAVEFIELDS_NAMED(kind, type, member, key, max)              \
        {                                                           \
                key, SAVEFIELDS_##kind, offsetof(type, member), max \
        }

void savefields_write(
        struct saver *, const void *from, const struct savefields_field *, size_t count);
/* What is not there stays as it is.  'now' is the time of the saving. */
void savefields_read(
        struct saved_item *, void *to, const struct savefields_field *, size_t count, usec_t now);
