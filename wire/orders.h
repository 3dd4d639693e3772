/* Orders: what the master tells an instance to do and what an instance asks of the master, on their
 * way out and in, until they are answered.
 *
 * An order goes out only while the cluster lets us order, carries the term, and always comes to an
 * end: the answer, a refusal (sent again every ORDERS_RETRY_USEC for ORDERS_REFUSED_USEC_MAX:
 * the other side may learn of our term, or bring it to its disk, later than the order came), a lost
 * link, or silence for ORDERS_ANSWER_USEC_MAX.  Requests are answered when they are done, however
 * long that takes, or end with the link. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/event.h"
#include "wire/payload.h"

/* Who gave the order has a patience of his own; many that come at once are answered when all of
 * them have been carried out. */
#define ORDERS_ANSWER_USEC_MAX  (300 * USEC_SEC)
#define ORDERS_REFUSED_USEC_MAX (5 * USEC_SEC)
#define ORDERS_RETRY_USEC       (200 * USEC_MSEC)
#define ORDERS_SERVED_MAX       4096u /* of one peer, under way at a time */

/* Ids that are ours have this bit: of requests to the engine, and of others' requests to the fleet.
 * What RPC asks never has it. */
#define ORDERS_ID (UINT64_C(1) << 63)

struct orders_host {                  /* what is needed of the surroundings */
        usec_t (*now)(void *context); /* CLOCK_MONOTONIC */
        bool (*may_order)(void *context);
        uint64_t (*term)(void *context);   /* that our orders carry */
        uint64_t (*obeyed)(void *context); /* the term that we obey; 0: none */
        bool (*obeys)(void *context, unsigned peer, uint64_t term);
        int (*send)(void *context, unsigned peer, const struct frame *);
        const char *(*identifier)(void *context, unsigned instance);
        unsigned (*instance)(void *context, const char *identifier); /* FLEET_NONE: unknown */
        void (*ask_engine)(void *context, const struct request *); /* then orders_engine_answer() */
        /* The rest are the results; any function below may be called from within them. */
        void (*ordered)(void *context, uint64_t ticket, enum fault, const char *text);
        void (*forwarded)(void *context, uint64_t request, struct answer *taken);
        void (*requested)(void *context, const struct fleet_request *); /* then orders_answer() */
        void (*dropped)(void *context, uint64_t request);
};

struct orders;
struct saved;
struct saver;

struct orders *orders_new(const struct orders_host *, void *context); /* both borrowed */
struct orders *orders_free(struct orders *);                          /* nobody is told */
DEFINE_CLEANUP(struct orders *, orders_free)

/* To the instance, 0 is ourselves; ordered() follows, perhaps before this returns. */
void orders_give(struct orders *, unsigned instance, uint64_t ticket, const struct payload_order *);
/* To the master, PEERS_NONE or 0: there is none; forwarded() follows. */
void orders_forward(struct orders *, unsigned master, const struct fleet_request *);
void orders_answer(struct orders *, uint64_t request, struct answer *taken);
void orders_engine_answer(struct orders *, uint64_t request, struct answer *taken);

/* FRAME_ORDER, FRAME_REQUEST, FRAME_REPLY, FRAME_REFUSED.  -EBADMSG and a sentence for one that is
 * wrong, which has been answered as far as that is possible. */
int orders_frame(struct orders *, unsigned peer, const struct frame *, struct err *)
        __attribute__((warn_unused_result));
void orders_link_down(struct orders *, unsigned peer);
/* Over an upgrade in place, of either side: what is to go out while the link is away is answered by
 * orders_host.send() with 0.  There is a link again: what is not answered is repeated. */
void orders_link_resumed(struct orders *, unsigned peer);
void orders_timer(struct orders *);
usec_t orders_deadline(const struct orders *);

/* An item "fleet_orders": those on their way out and in, but what our own callers have asked for;
 * into new ones.  -EBADMSG: what is wrong with it, and they are to be thrown away. */
void orders_save(const struct orders *, struct saver *);
int orders_restore(struct orders *, struct saved *, struct err *)
        __attribute__((warn_unused_result));
