/* What the cluster's host keeps of others beside what cluster/ knows: private to the cluster_*.c
 * files of this folder. */
#pragma once

#include "cluster/identity.h"
#include "net/endpoint.h"
#include "net/probe.h"
#include "wire/cluster_node.h"

struct cluster_way { /* how a peer is heard */
        uint64_t count;
        usec_t at; /* 0: never */
        int interface;
        struct endpoint from;
};

/* What is kept of a peer beside what cluster/ knows; by its index. */
struct cluster_peer {
        struct endpoint from; /* of its latest heartbeat; size 0: none */
        uint16_t link_port;
        struct identity_id early;       /* said hello before it was ever heard; none: it did not */
        bool told;                      /* cluster/ knows of the link that is up */
        bool greeted;                   /* over which its hello was accepted */
        const struct peers_hello *said; /* while that hello is looked at; NULL: none is */
        bool paused;                    /* the last one ended orderly, to be followed by another */
        struct probe *probe;
        struct cluster_node *node; /* NULL: not told yet */
        bool rules_told;           /* with its hello: the hash of its rules */
        uint64_t rules;
        char *host;                            /* of its identifier, once somebody asked */
        struct rpc_tick tick;                  /* of which the remote times come from the rest */
        int64_t time;                          /* in its latest heartbeat */
        int64_t wall_offset, monotonic_offset; /* of its clocks to that of its heartbeats */
        struct cluster_way by_group, alone;
};

struct cluster_stranger { /* has a link, and is not known */
        struct identity_id id;
        uint8_t *hello; /* may be NULL: its payload, for when it becomes known */
        size_t hello_size;
};

struct cluster_caller { /* waits for CLUSTER_FX_ANSWER */
        uint64_t request;
        unsigned master;
        bool ends_sync;
};
