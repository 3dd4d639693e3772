/* The life of peers: what moves the states that peers.h shows.  Only cluster.c steps it.  Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cluster/peers.h"

struct cluster_effects;
struct saved_item;
struct saver;

/* Heartbeats that were not listened to, by reason. */
struct peers_counters {
        uint64_t own;         /* our own, come back by multicast */
        uint64_t replayed;    /* late, doubled or replayed */
        uint64_t strangers;   /* of nobody whom we know, and nobody is let in */
        uint64_t conflicting; /* of an id, identifier or nick that is another living instance's */
        uint64_t overflow;    /* instances_max was reached */
};

/* What is counted over all instances, kept up to date change by change. */
struct peers_tally {
        unsigned listed, listed_running; /* the local instance included, here and below */
        unsigned
                known; /* those that could be RUNNING: not ISOLATED, and not unlisted and STOPPED */
        unsigned running;
        unsigned core, core_running;
        unsigned alive;      /* CHECKING to RUNNING */
        unsigned acting;     /* RUNNING peers that act as master */
        unsigned standing;   /* RUNNING peers that ask for votes */
        unsigned nominating; /* RUNNING peers that tell a user's choice */
        uint64_t digest;     /* of the set of RUNNING instances and their incarnations */
};

enum peers_heard { PEERS_DROPPED, PEERS_NO_NEWS, PEERS_NEWS };

struct peers *peers_life_new(const struct cluster_options *, uint64_t incarnation, usec_t now);
struct peers *peers_life_free(struct peers *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct peers *, peers_life_free)

/* An item of its own, and when the timer is due of it, since links are opened again.  Restored of
 * that item; what is wrong with it is told in its document. */
void peers_life_save(const struct peers *, usec_t now, struct saver *);
usec_t peers_life_saved_deadline(const struct peers *, usec_t now);
struct peers *peers_life_restore(const struct cluster_options *, struct saved_item *, usec_t now)
        __attribute__((returns_nonnull));

/* The local instance is heard; it is RUNNING when its own programs are loaded. */
void peers_life_start(struct peers *, usec_t now, struct cluster_effects *);
/* PEERS_NEWS when it says other things than the one before. */
enum peers_heard peers_life_heartbeat(struct peers *, const struct datagram *, usec_t now,
        struct cluster_effects *, unsigned *ret_peer);
void peers_life_link_up(struct peers *, unsigned peer, usec_t now, struct cluster_effects *);
void peers_life_link_down(
        struct peers *, unsigned peer, bool refused, usec_t now, struct cluster_effects *);
/* Its links end orderly, and it is back in a moment: that is no sign of anything. */
void peers_life_paused(struct peers *, unsigned peer, usec_t now);
/* Its events go on where they ended: *ret is the last one that we have. */
bool peers_life_keeps(const struct peers *, unsigned peer, uint64_t *ret);
void peers_life_probed(
        struct peers *, unsigned peer, bool refused, usec_t now, struct cluster_effects *);
void peers_life_hello(struct peers *, unsigned peer, const struct peers_hello *, usec_t now,
        struct cluster_effects *);
void peers_life_loaded(struct peers *, unsigned peer, usec_t now, struct cluster_effects *);
void peers_life_progress(struct peers *, unsigned peer, uint64_t number, usec_t now);
/* A frame says that the peer is the master of that term, earlier than its heartbeat does. */
bool peers_life_claim(struct peers *, unsigned peer, uint64_t term);
bool peers_life_readmit(struct peers *, unsigned peer, usec_t now, struct cluster_effects *);
void peers_life_timer(struct peers *, usec_t now, struct cluster_effects *);

/* FAILED ones become STOPPED, or ISOLATED when fence says so.  True when there was one. */
bool peers_life_settle(struct peers *, bool fence, usec_t now, struct cluster_effects *);
/* CHECKED ones become RUNNING.  True when there was one. */
bool peers_life_activate(struct peers *, usec_t now, struct cluster_effects *);
/* We did not run for a while: nobody is called silent before this time. */
void peers_life_excuse(struct peers *, usec_t until);
/* We were away for long: all begin again, ourselves too, and nobody is accused. */
void peers_life_begin_again(struct peers *, usec_t now, struct cluster_effects *);

/* Of our own rules, which others are compared with. */
void peers_life_set_rules(struct peers *, uint64_t hash);
/* RUNNING instances lost since the last call. */
unsigned peers_life_take_lost(struct peers *);
/* Newcomers are instances that became RUNNING since peers_life_greeted(): when the first of those
 * did that follow this master; USEC_NEVER: there is none. */
usec_t peers_life_newcomer_since(const struct peers *, const struct identity_id *master);
/* Somebody is there, or on his way in, who does not follow that master: a newcomer, or the rest of
 * a partition that has healed. */
bool peers_life_has_other(const struct peers *, const struct identity_id *master);
void peers_life_greeted(struct peers *);

/* After how long a silence the peer is lost, given the interval that it announced. */
usec_t peers_life_timeout(const struct peers *, unsigned peer);
usec_t peers_life_interval(const struct peers *); /* our own, stretched */
const struct peers_tally *peers_life_tally(const struct peers *);
const struct peers_counters *peers_life_counters(const struct peers *);
usec_t peers_life_deadline(const struct peers *);
