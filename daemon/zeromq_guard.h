/* The guard of a ZeroMQ socket: how many connections it may have.
 *
 * libzmq has no limit of its own, and a descriptor each.  It tells by a monitor who has come and
 * gone; what is above the limit is shut down at once, upon which libzmq closes it.  So descriptors
 * of connections that wait for that are above the limit for a moment. */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/err.h"
#include "base/mem.h"
#include "daemon/zeromq.h"

enum {
        ZEROMQ_CLIENTS_MAX = 256,
        ZEROMQ_CLIENTS_OF_ONE_MAX = 128, /* address: so that nobody takes all */
};

struct zeromq_guard;

struct zeromq_guard_handler {
        /* A connection was refused; 'count' of all so far. */
        void (*refused)(void *context, const char *address, uint64_t count);
};

/* Before the socket is bound.  All is borrowed and outlives the guard, which is released before the
 * socket is closed. */
int zeromq_guard_new(sd_event *loop, const struct zeromq *, void *zmq_context, void *zmq_socket,
        const struct zeromq_guard_handler *, void *context, struct zeromq_guard **ret, struct err *)
        __attribute__((warn_unused_result));
struct zeromq_guard *zeromq_guard_free(struct zeromq_guard *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct zeromq_guard *, zeromq_guard_free)
