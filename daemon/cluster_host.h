/* The cluster in the daemon: hosts cluster/, whose every event comes in and every effect goes out
 * here.  It decides nothing: who is there and who is master is cluster/'s, what runs where is
 * fleet/'s (fleet_host.h).
 *
 * Where no cluster is configured all of this does nothing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/effects.h"
#include "rpc/http.h"

struct cluster;
struct cluster_event;
struct cluster_host;
struct daemon;
struct descriptors;
struct frame;
struct rpc_cluster_network;
struct saved;
struct saver;

/* Before privileges are dropped: the key file is read, the state directory made. */
int cluster_host_prepare(struct daemon *, struct err *) __attribute__((warn_unused_result));
int cluster_host_start(struct daemon *, struct err *) __attribute__((warn_unused_result));
/* The engine's own state has changed: who is about to end does not want to be master. */
void cluster_host_mood(struct daemon *, enum mood);
/* Says good-bye and releases everything.  Not from a callback of the loop. */
void cluster_host_stop(struct daemon *);
/* The configuration was read again: so is the key file. */
void cluster_host_reload(struct daemon *);

/* Upgrade in place.  Everybody is told that we are back in a moment, what we owe is sent, what is
 * on its way to us is taken in, and the links end; who connects from now on waits for the next
 * image.  'drained' comes once, from the loop, after 200 ms at most.  Where there is no cluster, or
 * nobody to tell, it comes as well. */
void cluster_host_prepare_upgrade(struct daemon *, void (*drained)(void *context), void *context);
/* The upgrade came to nothing: links are taken and opened again.  Before 'drained' came it takes it
 * back; where nothing was prepared it does nothing. */
void cluster_host_resume(struct daemon *);
/* When drained, and with no feed under way: the cluster, the fleet (fleet_host_save()) and the
 * figures (sampler_save()); the secrets are in it.  NULL: there is no cluster, nothing is written.
 * Not for another process: after a crash an instance is a new incarnation (cluster_host_start()).
 */
void cluster_host_save(const struct cluster_host *, struct descriptors *, struct saver *);
/* In place of cluster_host_start(), of a document of the
 * same process: takes sockets and lock over, and restores fleet and figures likewise, for which the
 * engine must be there.  Nothing is sent or written before the loop runs; 'pretend': nor joined or
 * resolved (SURVIVAL_CHECK).  A document without a cluster, where one is configured, is a usual
 * start.  -EBADMSG: what is wrong with it.
 */
int cluster_host_restore(struct daemon *, struct saved *, struct descriptors *, bool pretend,
        struct err *) __attribute__((warn_unused_result));

/* For fleet_host.c.  -ENOTCONN: there is no link with the peer; else as link_send(). */
int cluster_host_send(struct daemon *, unsigned peer, const struct frame *);
/* To every peer whose hello was accepted. */
void cluster_host_send_all(struct daemon *, const struct frame *);
/* Stamps the time.  While effects are run it waits for its turn; an event that borrows something
 * may not come then. */
void cluster_host_feed(struct daemon *, const struct cluster_event *);
const struct cluster *cluster_host_cluster(struct daemon *); /* NULL: none */
/* Other rules hold from now on: rules_hash(), 0 without any. */
void cluster_host_set_rules(struct daemon *, uint64_t hash);
/* What is to be said of the cluster and its fleet: to the log that is configured for these. */
void cluster_host_log(struct daemon *, enum log_level, const char *text);
usec_t cluster_host_now(void); /* the clock of cluster/: CLOCK_BOOTTIME */

/* For callers: as in struct rpc_host. */
void cluster_host_end_sync(struct daemon *, uint64_t request, unsigned master);
void cluster_host_end(struct daemon *, uint64_t request, bool restart);
bool cluster_host_network(struct daemon *, unsigned instance, struct rpc_network *ret);
struct rpc_tick cluster_host_tick(struct daemon *, unsigned instance);
void cluster_host_readmit(struct daemon *, unsigned instance);
void cluster_host_set_log_level(struct daemon *, enum log_level);
/* Good until the loop runs on; NULL: no cluster. */
const struct rpc_cluster_network *cluster_host_wire(struct daemon *);
