/* Link: one TCP connection with another instance, from its opening through key and greeting to
 * frames.  Whose it is, and whether it is opened again, is decided by links.h, whose users need of
 * this header link_send() and what describes a link. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>

#include "base/clock.h"
#include "base/err.h"
#include "cluster/frame.h"
#include "net/endpoint.h"
#include "net/greeting.h"
#include "net/keyring.h"
#include "net/link_why.h"

struct link;

struct link_settings {
        sd_event *loop;
        struct identity_id self;
        uint64_t cluster;
        uint64_t incarnation;
        struct keyring *keyring; /* NULL: plain */
        usec_t handshake_usec_max;
        usec_t stall_usec_max;
        size_t queue_size_max;
        struct link *all; /* those that are not released yet; kept by link.c */
};

struct link_handler {
        /* Somebody who opened the connection says who he is: what is he told? */
        enum greeting_answer (*greeted)(void *context, struct link *);
        void (*up)(void *context, struct link *);
        void (*frame)(void *context, struct link *, const struct frame *);
        /* The last call.  The link is released after it.  Never made out of a call of ours. */
        void (*over)(void *context, struct link *, enum link_why, const char *text);
};

/* The settings, the handler and the context are borrowed for the life of the link. */
int link_open(struct link_settings *, const struct link_handler *, void *context,
        const struct identity_id *peer, const struct sockaddr *, socklen_t, struct link **ret,
        struct err *) __attribute__((warn_unused_result));
int link_accept(struct link_settings *, const struct link_handler *, void *context, int taken_fd,
        const struct sockaddr *, socklen_t, struct link **ret, struct err *)
        __attribute__((warn_unused_result));
/* Sends what goes at once, and ends it.  No callback follows; released by the loop later. */
void link_close(struct link *);
/* Sends all that is queued and then tells the other side that nothing follows, which may still
 * send: frames come until it has ended, too, and over() is told of that. */
void link_finish(struct link *);
struct link *link_free(struct link *); /* at once; not from a callback of its own */

/* 0: sent or queued.  1: left out, as statistics are while the queue is long.  -ENOTCONN: it is not
 * up any more, or is being finished.  -EMSGSIZE: larger than a frame may be.  -ENOBUFS: the queue
 * is full, and the link is given up: over() follows from the loop. */
int link_send(struct link *, const struct frame *);
size_t link_queued(const struct link *); /* bytes that are not sent yet */
/* Large frames may come from now on; with a key that is so from the beginning. */
void link_trust(struct link *);

bool link_is_ours(const struct link *);                   /* opened by us */
const struct identity_id *link_peer(const struct link *); /* none: not known yet */
uint64_t link_incarnation(const struct link *);           /* of the peer; 0: not known yet */
usec_t link_since(const struct link *);                   /* up since then, CLOCK_MONOTONIC */
const char *link_address(const struct link *);            /* of the other end, for messages */
