/* Ranking candidates: whom an instance wants as master, and whether it may ask now.  Private to the
 * election.  Pure. */
#pragma once

#include <stdbool.h>

#include "cluster/election.h"
#include "cluster/peers.h"

/* In failure timeouts without a master: until unanimity is not waited for any more ... */
#define ELECTION_RANK_PATIENCE 3
/* ... and until candidates that are still synchronizing are not. */
#define ELECTION_RANK_PATIENCE_READY 1

bool election_rank_claims(const struct peers_peer *);     /* RUNNING, and says that it is master */
bool election_rank_takes_part(const struct peers_peer *); /* not about to end, nor unready */
bool election_rank_is_impatient(const struct election *, const struct election_facts *);
/* A sitting master; else a user's choice, who sees most, core, the smallest nick.  NULL: nobody. */
const struct peers_peer *election_rank_best(
        const struct election *, const struct peers *, const struct election_facts *);
/* All who take part see the same instances as we do, and nobody has a master whom we do not. */
bool election_rank_is_agreed(const struct peers *, const struct election_facts *);
/* Could we win?  Who follows another master does not vote for us. */
bool election_rank_has_chance(const struct peers *);
