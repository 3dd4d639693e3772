/* A cluster that only stands still: what rpc/ reads of one, set up by hand.  Its peers are real. */
#pragma once

#include "cluster/cluster.h"

struct cluster {
        struct cluster_status status;
        struct peers *peers;
        struct datagram datagram; /* what cluster_datagram() gives */
};

/* Of instances "h1:60001" to "h<count>:6000<count>" with nicks "n1" and so on, all STOPPED; the
 * first one is local.  OFF, without a master. */
struct cluster *fake_cluster_new(unsigned count);
struct cluster *fake_cluster_free(struct cluster *);
DEFINE_CLEANUP(struct cluster *, fake_cluster_free)
/* To set what a test needs. */
struct peers_peer *fake_cluster_peer(struct cluster *, unsigned index);
/* The id that heartbeats know it by. */
struct identity_id fake_cluster_id(unsigned index);
