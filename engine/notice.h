/* Notices: what has happened, in the words in which event listeners are told.  Counted, because
 * several pools may hold the same one. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/text.h"
#include "engine/topic.h"

/* Serial numbers begin at 0 again after this one. */
#define NOTICE_SERIAL_MAX INT64_MAX

struct notice {
        unsigned references;
        enum topic topic;
        uint64_t serial; /* of this process, whoever gets it */
        size_t length;
        char payload[]; /* UTF-8, may hold NUL */
};

struct notice *notice_new(enum topic, uint64_t serial, const char *payload, size_t length);
struct notice *notice_ref(struct notice *);
struct notice *notice_unref(struct notice *); /* takes NULL, returns NULL */

struct envelope {           /* the addresses on a notice */
        const char *server; /* the identifier of this instance */
        const char *pool;
        uint64_t poolserial;
};

/* The whole message, as it is written to a listener's stdin.  "len" counts characters, not bytes.
 */
void notice_append_message(struct text *, const struct notice *, const struct envelope *);
uint64_t notice_next_serial(uint64_t);
