/* Listing: the processes as a list of them shows them.  Only reads the engine. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/text.h"
#include "engine/engine.h"

/* All of them by (group, name); the caller owns the array. */
const struct process **listing_processes(const struct engine *, size_t *ret_count);
/* "p", or "g:p" where the names differ. */
void listing_append_name(struct text *, const struct process *);
/* What a state means in words, "pid 5, uptime 0:00:03"; nothing for some. */
void listing_append_description(struct text *, const struct process *, int64_t now_secs);
void listing_append_uptime(struct text *, pid_t, int64_t secs); /* that of a RUNNING one */
/* Seconds of the epoch as far as XML-RPC's 32 bits go; what is 0 was never. */
int64_t listing_epoch_secs(usec_t wall);
int64_t listing_now_secs(void);
double listing_monotonic_secs(void);
double listing_secs(usec_t);
