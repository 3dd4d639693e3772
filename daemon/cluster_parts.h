/* The parts of the cluster's host: private to the cluster_*.c files of this folder. */
#pragma once

#include "cluster/cluster.h"
#include "config/clusterconfig.h"
#include "daemon/cluster_hello.h"
#include "daemon/cluster_host.h"
#include "daemon/cluster_log.h"
#include "daemon/cluster_node.h"
#include "daemon/cluster_state.h"
#include "daemon/cluster_words.h"
#include "daemon/daemon.h"
#include "daemon/keyring.h"
#include "daemon/links.h"
#include "daemon/multicast.h"
#include "daemon/probe.h"
#include "netlink/netif.h"
#include "rpc/wire.h"

#define CLUSTER_STRANGERS_MAX 64 /* links of instances that are not known */
#define CLUSTER_CALLERS_MAX   1024

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
        struct identity_id early; /* said hello before it was ever heard; none: it did not */
        bool told;                /* cluster/ knows of the link that is up */
        bool greeted;             /* over which its hello was accepted */
        struct probe *probe;
        struct cluster_node *node;             /* NULL: not told yet */
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

enum cluster_secret { /* where the keys come from */
        CLUSTER_SECRET_FILE,
        CLUSTER_SECRET_PASSWORD, /* of the HTTP server */
        CLUSTER_SECRET_NONE,     /* as it is written */
        CLUSTER_SECRET_MISSING,
};

struct cluster_arrival { /* the heartbeat that is being taken in */
        const struct datagram *datagram;
        const struct multicast_arrival *from;
};

struct cluster_host {
        struct daemon *daemon;
        const struct clusterconfig *config;
        struct cluster_log *log; /* NULL: the activity log */
        uint64_t name;           /* hash of the cluster's name */
        struct identity_id id;
        struct cluster *cluster;
        struct cluster_state *state;
        usec_t patience; /* failure timeout */

        struct cluster_event *queue;
        size_t queue_first, queue_count, queue_capacity;
        struct cluster_effects effects;
        bool feeding;
        sd_event_source *timer;
        usec_t deadline;

        struct cluster_peer **peers;
        unsigned peers_count;
        struct cluster_stranger strangers[CLUSTER_STRANGERS_MAX];
        unsigned strangers_count;
        struct cluster_caller *callers;
        size_t callers_count, callers_capacity;
        const struct cluster_arrival *arriving;

        struct keyring *keyring; /* NULL: an open cluster */
        enum cluster_secret secret;
        bool confined;       /* to the loopback */
        bool has_wire;       /* false: nobody else is ever heard */
        bool has_interfaces; /* that multicast goes by */
        struct netif *netif;
        sd_event_source *netif_source;
        struct multicast *multicast;
        struct links *links;
        uint16_t link_port;
        uint64_t sent; /* heartbeats */
        struct cluster_node *node;
        char *host;            /* of our own identifier */
        struct errand *errand; /* cluster_names.c */
        struct rpc_wire_counters counters;
        struct cluster_shown *shown; /* cluster_calls.c: the last answer */
        struct cluster_pace paces[CLUSTER_PACES];
};

/* cluster_host.c */
struct cluster_peer *cluster_parts_peer(struct cluster_host *, unsigned index);

/* cluster_acts.c: runs what cluster/ wants to be done. */
void cluster_acts_run(struct cluster_host *, const struct cluster_effect *);

/* cluster_wire.c: heartbeats in and out. */
int cluster_wire_start(struct cluster_host *, const struct endpoint *, struct err *);
void cluster_wire_stop(struct cluster_host *);
void cluster_wire_beat(struct cluster_host *);
/* That the peer is heard by the heartbeat that is being taken in. */
void cluster_wire_note(struct cluster_host *, unsigned peer);

/* cluster_links.c: links and what comes over them. */
int cluster_links_start(struct cluster_host *, const struct endpoint *, struct err *);
void cluster_links_stop(struct cluster_host *);
void cluster_links_connect(struct cluster_host *, unsigned peer);
void cluster_links_disconnect(struct cluster_host *, unsigned peer);
void cluster_links_probe(struct cluster_host *, unsigned peer);
void cluster_links_hello(struct cluster_host *, unsigned peer, bool reply);
/* To everybody who has said hello: this machine is described otherwise now. */
void cluster_links_tell_node(struct cluster_host *);
struct link *cluster_links_find(struct cluster_host *, unsigned peer);
/* A heartbeat of the peer was accepted: a link that came before it is known now. */
void cluster_links_heard(struct cluster_host *, unsigned peer);

/* cluster_names.c: how name servers call this machine. */
void cluster_names_ask(struct cluster_host *);

/* cluster_keys.c: which keys are used, and what that means for where we listen. */
int cluster_keys_choose(struct cluster_host *, struct err *);
void cluster_keys_tell(struct cluster_host *); /* in the log, at each start */

/* cluster_calls.c: callers that wait. */
void cluster_calls_answer(struct cluster_host *, const struct cluster_effect *);
void cluster_calls_stop(struct cluster_host *);
