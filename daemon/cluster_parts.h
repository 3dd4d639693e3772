/* The cluster's host, in parts that each belong to one file: private to the cluster_*.c files of
 * this folder. */
#pragma once

#include "cluster/cluster.h"
#include "config/clusterconfig.h"
#include "daemon/cluster_host.h"
#include "daemon/cluster_inner.h"
#include "daemon/cluster_log.h"
#include "daemon/cluster_peer.h"
#include "daemon/cluster_state.h"
#include "daemon/cluster_words.h"
#include "daemon/daemon.h"
#include "net/keyring.h"
#include "net/links.h"
#include "net/multicast.h"
#include "netlink/netif.h"
#include "rpc/wire.h"
#include "wire/cluster_hello.h"
#include "wire/cluster_node.h"

#define CLUSTER_STRANGERS_MAX 64 /* links of instances that are not known */
#define CLUSTER_CALLERS_MAX   1024

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
        bool resigns;            /* everything is being stopped */
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
        bool names_again;      /* when it is back: we are described otherwise by now */
        struct rpc_wire_counters counters;
        struct cluster_shown *shown; /* cluster_calls.c: the last answer */
        struct cluster_pace paces[CLUSTER_PACES];
        char *rest; /* of a state: what this build does not know of it */
};
