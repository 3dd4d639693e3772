/* The host of an instance's fleet: what daemon/fleet_*.c are in reality, around the real fleet/ and
 * the real orders, with programs that only pretend. */
#pragma once

#include "base/saved.h"
#include "base/saver.h"
#include "cluster/frame.h"
#include "fleet/fleet.h"
#include "fleet/fleet_queue.h"
#include "tests/sim/scenario.h"
#include "tests/sim/world.h"
#include "wire/orders.h"

struct slot { /* a program at an instance, as it really is */
        enum process_state state;
        bool expected, no_autorestart;
        unsigned tries;
        uint64_t version; /* of its timer */
        usec_t start, stop, changed;
        char args[8];
};

struct host_peer {
        bool introduced, loaded;
        uint64_t event; /* the last that was taken in */
        bool paused;    /* its link is away for a moment: what is to go over it is held */
        struct frame *held;
        size_t held_count, held_capacity;
};

struct host {
        struct world *w;
        unsigned node;
        struct fleet *fleet;
        struct fleet_queue *queue;
        struct fleet_effects effects;
        struct orders *orders;
        bool feeding;
        uint64_t timer; /* version */
        struct host_peer *peers;
        enum fsm_state state;
        unsigned master;
        uint64_t mastership;
        struct slot slots[SCENARIO_PROGRAMS_MAX];
};

void host_start(struct world *, unsigned node);
void host_drop(struct world *, unsigned node, uint64_t request); /* who asked it is gone */
void host_loaded(struct world *, unsigned node);                 /* the local programs are known */
void host_stop(struct world *, unsigned node);
void host_effect(struct world *, unsigned node, const struct cluster_effect *);
void host_snapshot(struct world *, unsigned node, unsigned peer);
void host_frame(struct world *, unsigned node, unsigned peer, const struct frame *);
void host_link_paused(struct world *, unsigned node, unsigned peer);
void host_link_resumed(struct world *, unsigned node, unsigned peer, bool same_life);
/* For an upgrade in place: fleet and orders go over it as text. */
void host_save(const struct world *, unsigned node, struct saver *);
int host_restore(struct world *, unsigned node, struct saved *, struct err *)
        __attribute__((warn_unused_result));
void host_link_down(struct world *, unsigned node, unsigned peer);
void host_timer(struct world *, unsigned node, uint64_t version);
void host_ask(struct world *, unsigned node, const struct fleet_request *);
usec_t host_clock(const struct world *, unsigned node); /* does not see suspends */
/* What a program has become: tells all instances. */
void host_tell(struct host *, unsigned program);
struct fleet_report host_report(const struct host *, unsigned program);

/* Between host.c and host_orders.c. */
const struct cluster *host_cluster(const struct host *);
void host_feed_cluster(struct host *, struct cluster_event);
void host_feed(struct host *, struct fleet_event *);
int host_send(struct host *, unsigned peer, const struct frame *);
extern const struct orders_host host_orders;

/* programs.c */
/* WORLD_PROGRAM, and what else there is with applications only: WORLD_FLEET, WORLD_ASK. */
void programs_happen(struct world *, const struct world_entry *);
bool programs_is_there(const struct world *, unsigned program, unsigned node);
void programs_ask(struct host *, const struct request *); /* and answers */
/* The daemon dies, and its programs live on; the next one, when it is there, adopts them. */
void programs_orphan(struct world *, unsigned node);
void programs_adopt(struct host *);
/* STARTING to STOPPING. */
bool programs_runs(const struct world *, unsigned node, unsigned program);
