/* Slices: long work of the loop, done in pieces, so that an exit never waits for the whole.
 *
 * A slice ends after some hundred microseconds; the other sources of the loop get their turns
 * before the next one begins. */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/mem.h"

struct slices;

/* 'piece' does a little and says whether there is more; it does not free the slices. */
int slices_new(sd_event *loop, bool (*piece)(void *context), void *context, struct slices **ret)
        __attribute__((warn_unused_result));
struct slices *slices_free(struct slices *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct slices *, slices_free)
void slices_begin(struct slices *);
bool slices_is_busy(const struct slices *); /* from begin to the piece that was the last */
