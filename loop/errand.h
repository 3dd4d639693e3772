/* Errand: one job in a thread of its own, for what may wait for somebody else's machine.  The loop
 * is told when it is done, and never waits for it. */
#pragma once

#include <systemd/sd-event.h>

#include "base/err.h"
#include "base/mem.h"

struct errand;

struct errand_kind {
        void (*work)(void *job);                /* in the thread; the job is all that it touches */
        void (*done)(void *context, void *job); /* from the loop */
        void (*release)(void *job);             /* once, by whoever is last */
};

/* The job is taken, also by a failure. */
int errand_start(sd_event *loop, const struct errand_kind *, void *job, void *context,
        struct errand **ret, struct err *) __attribute__((warn_unused_result));
/* Also from done(); before it, it never comes. */
struct errand *errand_free(struct errand *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct errand *, errand_free)
