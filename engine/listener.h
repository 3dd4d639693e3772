/* A listener: what one process of an event listener pool says on its stdout, and where that leaves
 * it.  Pure; a fixed number of bytes is kept, whatever comes.
 *
 * It says "READY\n", is sent an event, says "RESULT n\n" and n bytes, and so on.  Who says anything
 * else is not spoken to any more until it is started anew. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        LISTENER_LINE_MAX = 256, /* a result line that is longer is a bad one */
        LISTENER_RESULT_KEPT = 2 /* enough to know OK from everything else */
};

enum listener_state {
        LISTENER_ACKNOWLEDGED, /* it wants no event yet, or none more */
        LISTENER_READY,
        LISTENER_BUSY, /* an event was sent, its result has not come */
        LISTENER_UNKNOWN,
};

enum listener_outcome {
        LISTENER_WAITS, /* all was taken, nothing has changed */
        LISTENER_BECAME_READY,
        LISTENER_PROCESSED,  /* the result was OK */
        LISTENER_REJECTED,   /* it was anything else */
        LISTENER_BAD_RESULT, /* the line in 'line' is none; UNKNOWN from now on */
        LISTENER_BROKE_OFF,  /* what it said has no place in its state; UNKNOWN from now on */
};

struct listener {
        enum listener_state state;
        char line[LISTENER_LINE_MAX]; /* without its newline */
        size_t line_length;
        bool has_length; /* of the result */
        uint64_t result_length, result_got;
        char result[LISTENER_RESULT_KEPT];
};

void listener_reset(struct listener *); /* at every start of the process */
void listener_sent(struct listener *);  /* READY becomes BUSY */
/* Takes from the front of the bytes up to the next thing that happens; to be called until
 * LISTENER_WAITS. */
enum listener_outcome listener_take(struct listener *, const char **data, size_t *length);
const char *listener_state_name(enum listener_state);
