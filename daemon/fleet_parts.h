/* The parts of the fleet's host: private to the fleet_*.c files of this folder. */
#pragma once

#include <systemd/sd-event.h>

#include "cluster/cluster.h"
#include "config/clusterconfig.h"
#include "daemon/cluster_host.h"
#include "daemon/daemon.h"
#include "daemon/fleet_host.h"
#include "daemon/pace.h"
#include "fleet/fleet.h"
#include "fleet/fleet_queue.h"
#include "rules/rules.h"
#include "wire/orders.h"
#include "wire/report.h"

struct fleet_peer {      /* an instance, by its index */
        bool introduced; /* the fleet knows of it */
        char *node;      /* NULL: not told */
        bool loaded;     /* its snapshot came, and every event since then */
        bool complained; /* of something wrong that its link brought */
        uint64_t event;  /* the last that was taken in */
        /* fleet_links.c: there will be another link, until which this is held back. */
        bool paused;
        struct fleet_held *held;
        size_t held_count, held_capacity, held_size; /* size: bytes of all of them */
        struct pace snapshots;                       /* that were sent to it */
        bool wants_snapshot;                         /* as soon as that lets it */
        char *rest; /* saved_rest() of a later build; NULL: nothing */
};

struct fleet_held {
        struct frame frame; /* its payload is its own */
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
        sd_event_source *snapshots_timer; /* NULL: nobody ever had to wait for one */
        usec_t snapshots_due;             /* 0: nobody waits */

        struct reports *reports;
        struct orders *orders;
        uint64_t event; /* the last that was published */
        struct fleet_peer *peers;
        unsigned peers_count;

        /* What the fleet was told of the cluster. */
        enum fsm_state state;
        unsigned master;
        uint64_t mastership;

        bool is_resumed; /* and what the configuration says now has not been told yet */
        char *rest;

        const struct fleet_watch *watches[FLEET_WATCHES_MAX];
        size_t watches_count;
};

/* fleet_host.c: all but the fleet itself, into the daemon. */
int fleet_parts_make(struct daemon *, struct err *) __attribute__((warn_unused_result));
struct fleet_options fleet_parts_options(const struct fleet_host *);
/* Stamps the time; what comes from within waits for its turn. */
void fleet_parts_feed(struct fleet_host *, struct fleet_event *);
void fleet_parts_arm(struct fleet_host *);
struct fleet_peer *fleet_parts_peer(struct fleet_host *, unsigned peer);
struct report_time fleet_parts_now(void);
unsigned fleet_parts_find(struct fleet_host *, const char *identifier); /* FLEET_NONE */
const char *fleet_parts_identifier(struct fleet_host *, unsigned peer); /* of FLEET_NONE: "" */

/* fleet_acts.c: runs what the fleet wants to be done. */
void fleet_acts_run(struct fleet_host *, struct fleet_effect *);
extern const struct orders_host fleet_acts_orders; /* context: the host */

/* fleet_links.c: as cluster_host_send() and ..._send_all(), but that a link that is paused takes
 * everything: orders and requests are repeated when it is there again, the rest is held back. */
int fleet_links_send(struct fleet_host *, unsigned peer, const struct frame *);
void fleet_links_send_all(struct fleet_host *, const struct frame *);
void fleet_links_hold(struct fleet_peer *, const struct frame *);
void fleet_links_drop_held(struct fleet_peer *);

/* fleet_rules.c. */
void fleet_rules_read(struct fleet_host *);

/* fleet_exchange.c: what instances tell each other of their processes. */
struct payload_event;
void fleet_exchange_publish(struct fleet_host *, const struct payload_event *);
void fleet_exchange_tell_losses(struct fleet_host *, unsigned peer); /* if there are any */
void fleet_exchange_tell_owed(struct fleet_host *, const struct fleet_effect *);
void fleet_exchange_begin(struct fleet_host *); /* the local processes */
