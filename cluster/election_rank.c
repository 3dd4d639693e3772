/* Ranking candidates: see election_rank.h. */
#include "cluster/election_rank.h"

#include <string.h>

#include "cluster/peers_life.h"

static const struct identity_id *own_id(const struct peers *peers)
{
        return &peers_at(peers, 0)->id;
}

bool election_rank_claims(const struct peers_peer *p)
{
        return p->state == PEERS_RUNNING && p->said.modes & DATAGRAM_ACTING &&
               identity_equal(&p->said.master, &p->id);
}

static bool has_waited(
        const struct election *e, const struct election_facts *facts, unsigned timeouts)
{
        return e->acting || (e->leaderless != USEC_NEVER &&
                                    facts->now >= e->leaderless + timeouts * facts->patience);
}

bool election_rank_is_impatient(const struct election *e, const struct election_facts *facts)
{
        return has_waited(e, facts, ELECTION_RANK_PATIENCE);
}

/* Who takes part: the others are about to end, or not ready. */
bool election_rank_takes_part(const struct peers_peer *p)
{
        return p->state == PEERS_RUNNING && p->said.state >= FSM_SYNCHRONIZATION &&
               p->said.state <= FSM_CONCILIATION;
}

struct candidate {
        const struct peers_peer *peer;
        bool acting, nominated, core;
        unsigned members;
};

static bool is_better(const struct candidate *a, const struct candidate *b)
{
        int order;

        if (a->acting != b->acting)
                return a->acting;
        if (a->nominated != b->nominated)
                return a->nominated;
        /* Where views differ, who sees more is the better master.  Where they agree this is void.
         */
        if (a->members != b->members)
                return a->members > b->members;
        if (a->core != b->core)
                return a->core;
        order = strcmp(a->peer->nick, b->peer->nick);
        return order ? order < 0 : identity_compare(&a->peer->id, &b->peer->id) < 0;
}

/* Whom we want as master; NULL: nobody here. */
const struct peers_peer *election_rank_best(
        const struct election *e, const struct peers *peers, const struct election_facts *facts)
{
        struct candidate best = {};

        for (unsigned i = 0; i < peers_count(peers); i++) {
                const struct peers_peer *p = peers_at(peers, i);
                struct candidate c = {
                        .peer = p,
                        .acting = i > 0 && election_rank_claims(p),
                        .nominated = !identity_is_none(&e->nominee) &&
                                     identity_equal(&e->nominee, &p->id),
                        .core = i == 0 ? facts->core : p->said.modes & DATAGRAM_CORE,
                        .members = i == 0 ? facts->members : p->said.members,
                };

                if (i == 0 ? e->resigned || !facts->electing
                           : !election_rank_takes_part(p) || p->said.modes & DATAGRAM_RESIGNED)
                        continue;
                /* Who is still synchronizing is waited for, but not for ever; and those who are
                 * synchronizing themselves vote among the ready ones. */
                if (i > 0 && p->said.state < FSM_ELECTION &&
                        (!facts->electing || has_waited(e, facts, ELECTION_RANK_PATIENCE_READY)))
                        continue;
                if (!best.peer || is_better(&c, &best))
                        best = c;
        }
        return best.peer;
}

/* All who take part see the same instances as we do, and nobody has a master whom we do not. */
bool election_rank_is_agreed(const struct peers *peers, const struct election_facts *facts)
{
        for (unsigned i = 1; i < peers_count(peers); i++) {
                const struct peers_peer *p = peers_at(peers, i);

                if (!election_rank_takes_part(p))
                        continue;
                if (p->said.digest != facts->digest || p->said.members != facts->members)
                        return false;
                if (!identity_is_none(&p->said.master) &&
                        !identity_equal(&p->said.master, own_id(peers)))
                        return false;
        }
        return true;
}

/* Could we win?  Who follows another master does not vote for us. */
bool election_rank_has_chance(const struct peers *peers)
{
        unsigned willing = 1, all = 1;

        for (unsigned i = 1; i < peers_count(peers); i++) {
                const struct peers_peer *p = peers_at(peers, i);

                if (!election_rank_takes_part(p))
                        continue;
                all++;
                if (identity_is_none(&p->said.master) ||
                        identity_equal(&p->said.master, own_id(peers)))
                        willing++;
        }
        return willing * 2 > all;
}
