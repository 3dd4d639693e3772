/* Facts: see cluster_facts.h. */
#include "cluster/cluster_facts.h"

#include "cluster/cluster_inner.h"
#include "cluster/election_rank.h"

usec_t cluster_facts_timeout(const struct cluster *c)
{
        usec_t interval = c->options.heartbeat_interval;
        usec_t beats = (c->options.failure_timeout + interval - 1) / interval;
        usec_t stretched = peers_life_interval(c->peers) * beats;

        return stretched > c->options.failure_timeout ? stretched : c->options.failure_timeout;
}

struct election_facts cluster_facts_election(const struct cluster *c)
{
        const struct peers_peer *self = peers_at(c->peers, 0);
        const struct peers_tally *tally = peers_life_tally(c->peers);

        return (struct election_facts){
                .now = c->now,
                .local_running = self->state == PEERS_RUNNING,
                .voting = c->fsm.state == FSM_SYNCHRONIZATION || fsm_is_working(c->fsm.state),
                .electing = fsm_is_working(c->fsm.state),
                .digest = tally->digest,
                .members = tally->running,
                .core = self->core,
                .patience = cluster_facts_timeout(c),
        };
}

static bool is_unfollowed(const struct cluster *c)
{
        if (!c->election.acting || !fsm_is_ending(c->fsm.state))
                return false;
        for (unsigned i = 1; i < peers_count(c->peers); i++) {
                const struct peers_peer *p = peers_at(c->peers, i);

                if (p->state == PEERS_RUNNING && p->said.state < FSM_RESTARTING)
                        return true;
        }
        return false;
}

/* An instance has joined that is to be distributed over.  Who else is about to join is waited for,
 * if it does not take long: what runs there would be taken for lost, and started again. */
static bool has_newcomer(const struct cluster *c)
{
        const struct identity_id *self = &peers_at(c->peers, 0)->id;
        struct election_facts facts = cluster_facts_election(c);
        usec_t since = peers_life_newcomer_since(c->peers, self);

        return since != USEC_NEVER && (c->now >= usec_add(since, cluster_facts_timeout(c)) ||
                                              (!peers_life_has_other(c->peers, self) &&
                                                      election_rank_is_agreed(c->peers, &facts)));
}

struct fsm_facts cluster_facts_fsm(const struct cluster *c, bool lost)
{
        const struct election *e = &c->election;
        const struct peers_peer *self = peers_at(c->peers, 0);
        const struct peers_tally *tally = peers_life_tally(c->peers);
        const struct peers_peer *master = peers_at(c->peers, e->master);
        unsigned nominee = peers_find_id(c->peers, &e->nominee);

        return (struct fsm_facts){
                .now = c->now,
                .local_running = self->state == PEERS_RUNNING,
                .listed = tally->listed,
                .listed_running = tally->listed_running,
                .known = tally->known,
                .running = tally->running,
                .core = tally->core,
                .core_running = tally->core_running,
                .lost = lost,
                .nominee_running = nominee != PEERS_NONE &&
                                   peers_at(c->peers, nominee)->state == PEERS_RUNNING,
                .master_known = e->master != PEERS_NONE,
                .acting = e->acting,
                .newcomer = e->acting && has_newcomer(c),
                .contested =
                        e->acting && c->fsm.conflict && peers_life_has_other(c->peers, &self->id),
                .mastership = e->mastership,
                .master_state = master && !e->acting ? master->said.state : FSM_OFF,
                .master_restarts = master && master->said.modes & DATAGRAM_RESTART,
                .unfollowed = is_unfollowed(c),
        };
}

bool cluster_facts_jobs_left(const struct cluster *c)
{
        for (unsigned i = 1; i < peers_count(c->peers); i++) {
                const struct peers_peer *p = peers_at(c->peers, i);

                if (p->state == PEERS_RUNNING && p->said.modes & DATAGRAM_JOBS_LEFT)
                        return true;
        }
        return c->jobs_left;
}
