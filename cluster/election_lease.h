/* Election, the lease: until when a majority votes for nobody else than us.  Pure. */
#pragma once

#include "cluster/election.h"
#include "cluster/peers.h"

/* The instance is one of those that the quorum is made of. */
bool election_lease_counts(const struct cluster_options *, const struct peers_peer *);
unsigned election_lease_majority(const struct cluster_options *);
/* 0 when there is no majority; USEC_NEVER when none is needed. */
usec_t election_lease_of(const struct election *, const struct cluster_options *,
        const struct peers *, const struct election_facts *);
