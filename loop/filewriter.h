/* File writer: brings the latest content of one file to disk, whole or not at all.
 *
 * A thread of its own does it, which exists only while there is something to write: no disk,
 * however slow, delays the loop.  What fails is tried again, on and on. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "base/err.h"
#include "base/mem.h"

struct filewriter;

struct filewriter_handler { /* from the loop, never from within filewriter_put() */
        /* The content of that ticket, or a later one, is on disk; NULL: who cares. */
        void (*written)(void *context, uint64_t ticket);
        void (*failed)(void *context, int error); /* a negative errno, for each try */
};

int filewriter_new(sd_event *loop, const char *path, mode_t, const struct filewriter_handler *,
        void *context, struct filewriter **ret, struct err *) __attribute__((warn_unused_result));
/* Waits for no disk: what is not written yet never will be. */
struct filewriter *filewriter_free(struct filewriter *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct filewriter *, filewriter_free)

/* The text is taken, and released by free().  Tickets are the caller's, each above the one before
 * it, the first above 0. */
void filewriter_put(struct filewriter *, uint64_t ticket, char *text, size_t length);
/* Before the end: what is not written yet is written now, while the caller waits.  0 or a negative
 * errno. */
int filewriter_finish(struct filewriter *);
