/* Sampler: takes samples of the host and of our programs every stats_collecting_period, shares them
 * with the other instances, takes theirs, and has figures made of all of them.
 *
 * It runs only where a cluster is configured. */
#pragma once

#include "cluster/frame.h"
#include "fleet/statistics.h"
#include "rpc/http.h"

struct clusterconfig;
struct daemon;
struct sampler;
struct saved;
struct saver;

/* NULL: the loop takes nothing more. */
struct sampler *sampler_new(struct daemon *, const struct clusterconfig *, struct statistics_sink);
struct sampler *sampler_free(struct sampler *); /* takes NULL, returns NULL */

/* FRAME_STATISTICS from a peer: 0, or -EBADMSG when it is none of ours. */
int sampler_frame(struct sampler *, unsigned peer, const struct frame *)
        __attribute__((warn_unused_result));
void sampler_forget(struct sampler *, unsigned peer); /* it is not there any more */

/* Upgrade in place: what the next figures are made against, and the switches.  Restored into a new
 * one; -EBADMSG: what is wrong with it, and nothing of it is used. */
void sampler_save(const struct sampler *, struct saver *); /* NULL: nothing is written */
int sampler_restore(struct sampler *, struct saved *, struct err *)
        __attribute__((warn_unused_result));

/* The switches of the interface, and the period in seconds. */
struct rpc_statistics sampler_settings(const struct sampler *);
void sampler_set(struct sampler *, const struct rpc_statistics *);
