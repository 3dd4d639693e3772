/* Turns: runs the loop, and knows how long its turns have kept everything else waiting.
 *
 * A turn is from the return of one poll to the next one: one callback, and what is prepared after
 * it.  A turn that seems long may only have been waiting for a processor on a busy machine, so of
 * each long one it is told as well how much of it we worked, and how much of it we slept in a
 * system call, which must not happen.  It costs one read or two of the clock a turn. */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/mem.h"
#include "rpc/turns.h"

struct turns;

enum {
        TURNS_LONG_USEC = 500,
        /* What is told of the work and sleep of a long turn may be so much more or less. */
        TURNS_ERROR_USEC = 250,
};

/* Of the thread that calls it. */
struct turns *turns_new(void);
struct turns *turns_free(struct turns *);
DEFINE_CLEANUP(struct turns *, turns_free)
/* As sd_event_loop(). */
int turns_run(struct turns *, sd_event *) __attribute__((warn_unused_result));
/* 'reset' begins anew after it. */
void turns_get(struct turns *, bool reset, struct rpc_turns *ret);
