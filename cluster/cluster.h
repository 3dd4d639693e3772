/* The cluster, as one instance sees and makes it: who is there, who is master, in which state the
 * whole is.  One pure function over one state.
 *
 * It has no clock, no socket, no disk and no random source: time comes with the event, everything
 * to be done leaves as effects, the results of effects come back as events.  doc/protocol.md tells
 * the protocol, the headers included here the parts. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cluster/cluster_effects.h"
#include "cluster/cluster_event.h"
#include "cluster/cluster_options.h"
#include "cluster/datagram.h"
#include "cluster/peers.h"
#include "cluster/peers_life.h"

struct cluster;
struct saved;
struct saver;

/* The options must be complete (cluster_options_complete()).  The record is what the last
 * CLUSTER_FX_PERSIST wrote, in this or any process before it; all zero when there never was one.
 * A record that is lost must be lost together with the id, or an election may go wrong once. */
struct cluster *cluster_new(
        const struct cluster_options *, const struct election_record *, usec_t now);
struct cluster *cluster_free(struct cluster *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct cluster *, cluster_free)

/* Appends to the effects. */
/* Other rules hold here from now on: what options.rules_hash said at the start. */
void cluster_set_rules(struct cluster *, uint64_t hash);
void cluster_step(struct cluster *, const struct cluster_event *, struct cluster_effects *);
usec_t cluster_deadline(const struct cluster *); /* when to send CLUSTER_TIMER */

/* What to send for CLUSTER_FX_HEARTBEAT and CLUSTER_FX_HELLO, asked for when that effect is run.
 * The datagram's link port, and its key where keys change, are the caller's to fill in.
 * The stereotypes in the hello are borrowed until the next step. */
void cluster_datagram(const struct cluster *, struct datagram *ret);
void cluster_hello(const struct cluster *, unsigned peer, bool reply, struct peers_hello *ret);
/* The answer to a hello from somebody whom peers_find_id() and peers_find() do not know. */
void cluster_hello_stranger(const struct cluster *, struct peers_hello *ret);

/* Between steps: its whole state as items of its own, and a cluster that goes on from there: the
 * same incarnation, sequence, term, vote and lease, and peers that are known as before, but for
 * their links, which are to be opened again.  The options are those of now. */
void cluster_save(const struct cluster *, struct saver *);
int cluster_restore(const struct cluster_options *, struct saved *, struct cluster **ret,
        struct err *) __attribute__((warn_unused_result));

struct cluster_status {
        enum fsm_state state;
        usec_t since;
        unsigned master; /* index; PEERS_NONE */
        uint64_t term;   /* of that mastership; 0 without a master */
        bool acting;     /* we are the master */
        bool degraded, discovery, starting, stopping;
        uint64_t incarnation;
        uint64_t voted_term; /* the latest term on disk */
        usec_t interval;     /* of our heartbeats, as stretched now */
        unsigned running;    /* instances, ourselves included */
        uint64_t foreign;    /* heartbeats of other clusters */
        uint64_t absences;   /* how often we were away */
};

struct cluster_status cluster_status(const struct cluster *);
const struct peers *cluster_peers(const struct cluster *);
const struct peers_counters *cluster_counters(const struct cluster *);

/* We are the master and may order at this time: ask right before each order is sent. */
bool cluster_may_order(const struct cluster *, usec_t now);
/* The term to put into orders; 0 when we are not the master. */
uint64_t cluster_order_term(const struct cluster *);
/* An order of the peer in the name of this term is to be obeyed; false for every older term. */
bool cluster_obeys(const struct cluster *, unsigned peer, uint64_t term);
