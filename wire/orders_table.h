/* The table of orders: private to the orders*.c files of this folder. */
#pragma once

#include <uthash.h>

#include "fleet/fleet_event.h"
#include "wire/orders.h"

struct pending { /* of ours at a peer, by the number of the frame */
        uint64_t number;
        unsigned peer;
        bool is_order;
        uint64_t ticket;            /* of the order, or of the request */
        struct payload_order order; /* its strings are its own */
        usec_t deadline; /* of an order: answered until then, or, when refused, sent again */
        usec_t given;    /* the first time that it was sent */
        bool refused;    /* and waits for another attempt */
        bool repeated;   /* the other side may have got it before its link was resumed */
        /* Of a request: what it asks for; owned. */
        struct fleet_request request;
        char *rest; /* saved_rest() of a later build; NULL: nothing */
        UT_hash_handle hh;
        struct pending *next; /* of those that have just been detached */
};

struct served { /* of others at ours, by our id */
        uint64_t id;
        unsigned peer; /* 0: an order of our own to ourselves */
        uint64_t number;
        uint64_t ticket; /* of that order */
        bool is_order;
        char *rest;
        bool is_taken; /* by an earlier image of us, whose engine does not answer it any more */
        UT_hash_handle hh;
        struct served *next;
};

struct counterpart { /* an instance, by its index */
        unsigned served;
        uint64_t last; /* the greatest number of what it wanted of us, since it has this link */
};

struct orders {
        const struct orders_host *host;
        void *context;
        uint64_t last_number, last_id;
        struct pending *pending;
        struct served *served;
        struct counterpart *counterparts;
        size_t counterparts_count;
        usec_t deadline;
        char *rest;
};

struct counterpart *orders_counterpart(struct orders *, unsigned peer);
struct served *orders_take_served(struct orders *, uint64_t id);
void orders_reply(struct orders *, unsigned peer, uint64_t number, const struct answer *);
/* Takes the order, or the request: it waits for its answer then, or has failed. */
void orders_send(struct orders *, struct pending *taken);
void orders_failed(struct orders *, const struct pending *, const char *words);
void orders_pending_free(struct pending *);
struct served *orders_served_free(struct served *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct served *, orders_served_free)
void orders_await(struct orders *, struct pending *, usec_t delay);
