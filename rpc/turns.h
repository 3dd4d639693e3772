/* What is known of the turns of the host's loop, and the handler that tells it. */
#pragma once

#include "base/latency.h"
#include "rpc/method.h"

/* A turn is from the return of one poll to the next one: for so long everybody else waited. */
struct rpc_turns {
        usec_t since; /* how long ago it was begun to count */
        struct latency took;
        usec_t long_min; /* of turns that took at least so long it is known as well ... */
        usec_t worked_max;
        usec_t slept_max; /* ... in system calls; USEC_NEVER: that is not known here */
};

enum outcome turns_get_latency(const struct invocation *);
