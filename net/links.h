/* Links: at most one with every peer.  Opens those that are wanted and opens them again, takes
 * those that peers open, and settles it when both sides open one at the same time: the one that the
 * lower id has opened is kept.  Peers are known by their ids here. */
#pragma once

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cluster/identity.h"
#include "net/link.h"

struct links_options { /* 0 is the default, where one is given */
        struct identity_id self;
        uint64_t cluster; /* hash of the cluster's name */
        uint64_t incarnation;
        struct keyring *keyring;   /* kept; NULL: plain */
        usec_t handshake_usec_max; /* 5 s: from the first packet until the link is up */
        usec_t stall_usec_max;     /* 10 s: the peer takes nothing of what waits for it */
        usec_t retry_usec_min;     /* 200 ms, doubled each time; USEC_NEVER: no retries */
        usec_t retry_usec_max;     /* 5 s */
        size_t queue_size_max;     /* 64 MiB: bytes that may wait for a peer */
        unsigned links_max;        /* 4096 */
        unsigned pending_max;      /* 256: connections whose greeting has not come yet */
};

struct links_handler {
        /* The link is good until down().  All may call whatever they like of this header. */
        void (*up)(void *context, struct link *);
        void (*frame)(void *context, struct link *, const struct frame *);
        void (*down)(void *context, struct link *, enum link_why, const char *text);
        /* An attempt of ours came to nothing; with retries there will be another. */
        void (*failed)(
                void *context, const struct identity_id *peer, enum link_why, const char *text);
        /* Somebody's connection came to nothing: to be counted, and perhaps told. */
        void (*rejected)(void *context, const char *address, enum link_why, const char *text);
};

struct links_counters {
        uint64_t up, down;
        uint64_t failed[LINK_WHYS];   /* attempts of ours */
        uint64_t rejected[LINK_WHYS]; /* connections of others */
};

struct links;

/* The handler is borrowed. */
struct links *links_new(
        sd_event *loop, const struct links_options *, const struct links_handler *, void *context);
/* All are closed, nobody is told.  Not from a callback. */
struct links *links_free(struct links *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct links *, links_free)

/* Once for each address to listen on; port 0 takes a free one, which *address then holds. */
int links_listen(struct links *, struct endpoint *address, struct err *)
        __attribute__((warn_unused_result));
/* A socket that listens already; it is ours from now on, even when this fails. */
int links_inherit(struct links *, int taken_fd, struct err *) __attribute__((warn_unused_result));
/* The index-th listening socket; -1: there are no more. */
int links_listener(const struct links *, unsigned index);
/* Nobody is let in, none is wanted any more, and the links that are up are finished
 * (link_finish()): down() follows for each, failed() for attempts.  Resumed: whoever has come
 * meanwhile is let in. */
void links_pause(struct links *);
void links_resume(struct links *);
/* Wants a link with the peer, who is to be found there: begins at once, unless there is one or one
 * is on its way.  up() or failed() follows. */
void links_connect(struct links *, const struct identity_id *peer, const struct endpoint *);
/* Wants none.  One that is there is closed, of which nobody is told. */
void links_disconnect(struct links *, const struct identity_id *peer);
struct link *links_find(const struct links *, const struct identity_id *peer); /* NULL: none up */
/* Of the handshakes from now on; links that stand are not touched.  Kept; NULL: plain. */
void links_set_keyring(struct links *, struct keyring *);
unsigned links_count(const struct links *); /* that are up */
const struct links_counters *links_counters(const struct links *);
