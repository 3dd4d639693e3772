/* The parts of the fleet's host: private to the fleet_*.c files of this folder. */
#pragma once

#include <systemd/sd-event.h>

#include "cluster/cluster.h"
#include "config/clusterconfig.h"
#include "daemon/cluster_host.h"
#include "daemon/daemon.h"
#include "daemon/fleet_host.h"
#include "daemon/fleet_queue.h"
#include "daemon/orders.h"
#include "daemon/report.h"
#include "fleet/fleet.h"
#include "rules/rules.h"

struct fleet_peer {      /* an instance, by its index */
        bool introduced; /* the fleet knows of it */
        char *node;      /* NULL: not told */
        bool loaded;     /* its snapshot came, and every event since then */
        bool complained; /* of something wrong that its link brought */
        uint64_t event;  /* the last that was taken in */
};

struct fleet_host {
        struct daemon *daemon;
        struct rules *rules; /* NULL: none */
        struct err why;      /* why they were not read */

        struct fleet *fleet;
        struct fleet_queue *queue;
        struct fleet_effects effects;
        bool feeding;
        sd_event_source *timer;
        usec_t deadline;

        struct reports *reports;
        struct orders *orders;
        uint64_t event; /* the last that was published */
        struct fleet_peer *peers;
        unsigned peers_count;

        /* What the fleet was told of the cluster. */
        enum fsm_state state;
        unsigned master;
        uint64_t mastership;
        bool jobs; /* the last master but us had jobs when it was given up */

        const struct fleet_watch *watches[FLEET_WATCHES_MAX];
        size_t watches_count;
};

/* fleet_host.c: stamps the time; what comes from within waits for its turn. */
void fleet_parts_feed(struct fleet_host *, struct fleet_event *);
void fleet_parts_arm(struct fleet_host *);
struct fleet_peer *fleet_parts_peer(struct fleet_host *, unsigned peer);
struct report_time fleet_parts_now(void);
unsigned fleet_parts_find(struct fleet_host *, const char *identifier); /* FLEET_NONE */

/* fleet_acts.c: runs what the fleet wants to be done. */
void fleet_acts_run(struct fleet_host *, struct fleet_effect *);
extern const struct orders_host fleet_acts_orders; /* context: the host */

/* fleet_rules.c. */
void fleet_rules_read(struct fleet_host *);

/* fleet_exchange.c: what instances tell each other of their processes. */
struct payload_event;
void fleet_exchange_publish(struct fleet_host *, const struct payload_event *);
void fleet_exchange_begin(struct fleet_host *); /* the local processes */
