/* A subscription to the events of an instance: a WebSocket's client, which only listens.
 *
 * The host decides who waits: subscription_wait() comes back for Ctrl-C when there is a descriptor
 * for it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "client/failure.h"

#define SUBSCRIPTION_CONNECT_SECS_MAX 10
#define SUBSCRIPTION_MESSAGE_MAX      ((size_t)4 << 20) /* a longer one ends it */

struct subscription_target {
        const char *host; /* name or address */
        int port;
        const char *path;
        int interrupt_fd; /* a signalfd, -1: none */
        void (*on_message)(void *context, const char *text, size_t length);
        void *context;
};

struct subscription;

/* Connects and subscribes; -EIO fills the failure. */
int subscription_open(const struct subscription_target *, struct subscription **ret,
        struct failure *) __attribute__((warn_unused_result));
struct subscription *subscription_free(struct subscription *);
DEFINE_CLEANUP(struct subscription *, subscription_free)

/* Takes what comes.  1: the other end has ended it; -EIO: Ctrl-C, or what the failure says. */
int subscription_follow(struct subscription *, struct failure *)
        __attribute__((warn_unused_result));
/* The other end has said that it is there again in a moment, and until then keeps what happens. */
bool subscription_will_be_back(const struct subscription *);
