/* The election: see election.h.
 *
 * Everything travels as state in heartbeats, so a datagram that is lost, late or doubled changes
 * nothing but the time it takes.  The rules that safety rests on:
 *
 *  1. One vote a term, on disk before it is told, and never in a term below one voted in.
 *  2. Whoever voted for or follows somebody votes for nobody else until a promise has run out,
 * which every heartbeat of that somebody renews; a restart does not shorten it.
 *  3. A master with a quorum acts only while the promises of a majority hold, counted from when he
 *     sent what they answer, so that clocks need not agree, only tick alike within the margin.
 *  4. A candidature is won at most once, by the process that began it. */
#include "cluster/election.h"

#include <string.h>

#include "cluster/cluster_effects.h"
#include "cluster/cluster_options.h"
#include "cluster/election_lease.h"
#include "cluster/election_rank.h"
#include "cluster/peers_life.h"

static usec_t later(usec_t a, usec_t b)
{
        return a > b ? a : b;
}

static const struct identity_id *own_id(const struct peers *peers)
{
        return &peers_at(peers, 0)->id;
}

void election_persist_again(const struct election *e, struct cluster_effects *fx)
{
        struct cluster_effect *effect = cluster_effects_add(fx, CLUSTER_FX_PERSIST, 0);

        effect->persist.ticket = e->ticket;
        effect->persist.record = e->wanted;
}

static void record(struct election *e, uint64_t term, const struct identity_id *vote,
        struct cluster_effects *fx)
{
        e->wanted.term = term;
        if (vote)
                e->wanted.vote = *vote;
        e->ticket++;
        election_persist_again(e, fx);
}

void election_start(struct election *e, const struct cluster_options *o,
        const struct election_record *last, usec_t now, struct cluster_effects *fx)
{
        *e = (struct election){
                .master = PEERS_NONE,
                .leaderless = USEC_NEVER,
                .random = identity_mix(o->seed),
        };
        e->saved = *last;
        e->saved.incarnation = 0; /* ours is not on disk yet */
        e->wanted = *last;
        e->wanted.incarnation = last->incarnation + 1;
        e->fence_term = last->term;
        if (o->quorum == CLUSTER_QUORUM_MAJORITY)
                e->abstain_until = usec_add(now, last->promise);
        e->wanted.promise = later(last->promise, o->failure_timeout);
        e->born = now;
        record(e, e->wanted.term, NULL, fx);
}

void election_saved(struct election *e, uint64_t ticket)
{
        if (ticket > e->ticket_saved)
                e->ticket_saved = ticket;
        if (e->ticket_saved == e->ticket)
                e->saved = e->wanted;
}

void election_sent(struct election *e, uint64_t sequence, usec_t now)
{
        e->sequence = sequence;
        e->sent[sequence % ELECTION_SENT_MAX].sequence = sequence;
        e->sent[sequence % ELECTION_SENT_MAX].at = now;
}

/* Whom our promise is for: the master, or else whom we voted for. */
static const struct identity_id *backed(const struct election *e, const struct peers *peers)
{
        return e->master != PEERS_NONE ? &peers_at(peers, e->master)->id : &e->wanted.vote;
}

static void promise(struct election *e, const struct peers *peers, unsigned peer, usec_t now,
        struct cluster_effects *fx)
{
        const struct peers_peer *p = peers_at(peers, peer);
        usec_t timeout = peers_life_timeout(peers, peer);

        /* Told promises never exceed what is on disk; room for growth saves writing. */
        if (timeout > e->wanted.promise) {
                e->wanted.promise = 2 * timeout;
                record(e, e->wanted.term, NULL, fx);
        }
        e->promised = p->id;
        e->promise_until = later(e->promise_until, usec_add(now, timeout));
        e->promise_echo = p->sequence;
}

void election_heard(struct election *e, const struct peers *peers, unsigned peer, usec_t now,
        struct cluster_effects *fx)
{
        const struct peers_peer *p = peers_at(peers, peer);

        if (p->said.modes & (DATAGRAM_ACTING | DATAGRAM_STANDING)) {
                if (p->state == PEERS_RUNNING && identity_equal(&p->id, backed(e, peers)))
                        promise(e, peers, peer, now, fx);
        } else if (identity_equal(&p->id, &e->promised)) {
                /* He says himself that he neither is master nor wants to become it. */
                e->promise_until = now;
                e->promise_echo = 0;
        }
}

/* The order of masterships. */
static bool is_later(uint64_t term, const struct identity_id *holder, uint64_t than_term,
        const struct identity_id *than_holder)
{
        if (term != than_term)
                return term > than_term;
        return identity_compare(holder, than_holder) > 0;
}

bool election_obeys(const struct election *e, const struct identity_id *holder, uint64_t term)
{
        /* Not before it is on disk whom we follow: a crash must not make us forget it. */
        return e->master != PEERS_NONE && e->master != 0 && e->saved.term >= term &&
               term == e->master_term && term == e->fence_term && identity_equal(holder, &e->fence);
}

static void set_master(struct election *e, const struct peers *peers, unsigned master,
        uint64_t term, struct cluster_effects *fx)
{
        if (master != e->master)
                e->mastership++;
        e->master = master;
        e->master_term = master == PEERS_NONE ? 0 : term;
        e->acting = master == 0;
        if (master != PEERS_NONE) {
                e->nominee = (struct identity_id){};
                e->leaderless = USEC_NEVER;
                e->standing = false;
                e->tries = 0;
                if (is_later(term, &peers_at(peers, master)->id, e->fence_term, &e->fence)) {
                        e->fence_term = term;
                        e->fence = peers_at(peers, master)->id;
                }
        }
        cluster_effects_add(fx, CLUSTER_FX_MASTER, master)->master.term = e->master_term;
}

void election_give_up(struct election *e, struct cluster_effects *fx)
{
        e->standing = false;
        e->leaderless = USEC_NEVER;
        e->nominee = (struct identity_id){};
        if (e->master != PEERS_NONE)
                set_master(e, NULL, PEERS_NONE, 0, fx);
}

void election_distrust(struct election *e, usec_t lag, usec_t now)
{
        usec_t more = usec_min(lag, e->wanted.promise);

        if (e->promise_until != 0 && usec_add(e->promise_until, more) > now)
                e->promise_until = usec_add(e->promise_until, more);
        /* Longer than any promise: what was promised before is not told from what is over. */
        if (lag >= e->wanted.promise)
                e->abstain_until = later(e->abstain_until, usec_add(now, more));
        else if (usec_add(e->abstain_until, more) > now)
                e->abstain_until = usec_add(e->abstain_until, more);
}

void election_nominate(struct election *e, const struct identity_id *id)
{
        e->nominee = *id;
}

/* The latest mastership that a RUNNING instance claims. */
static const struct peers_peer *latest_claim(const struct peers *peers)
{
        unsigned left = peers_life_tally(peers)->acting;
        const struct peers_peer *best = NULL;

        for (unsigned i = 1; left > 0 && i < peers_count(peers); i++) {
                const struct peers_peer *p = peers_at(peers, i);

                if (p->state != PEERS_RUNNING || !(p->said.modes & DATAGRAM_ACTING))
                        continue;
                left--;
                if (election_rank_claims(p) &&
                        (!best || is_later(p->said.master_term, &p->id, best->said.master_term,
                                          &best->id)))
                        best = p;
        }
        return best;
}

/* A claim can be followed when it is not older than what we voted for; a later vote for the same
 * instance, which renews its term, does not stand against it. */
static bool may_follow(const struct election *e, const struct peers_peer *p)
{
        if (is_later(e->fence_term, &e->fence, p->said.master_term, &p->id))
                return false;
        return p->said.master_term >= e->wanted.term || identity_equal(&p->id, &e->wanted.vote);
}

static void follow_claims(struct election *e, const struct peers *peers, struct cluster_effects *fx)
{
        const struct peers_peer *p = latest_claim(peers);

        if (p && e->acting && !is_later(p->said.master_term, &p->id, e->master_term, own_id(peers)))
                p = NULL;
        if (p && !may_follow(e, p)) {
                /* He will see our term and renew his.  Meanwhile nobody is master for us; unless we
                 * are it ourselves, and then he is later than us and we stop. */
                static const struct identity_id nobody;

                if (e->wanted.term <= p->said.master_term)
                        record(e, p->said.master_term + 1, &nobody, fx);
                if (e->master != PEERS_NONE)
                        set_master(e, peers, PEERS_NONE, 0, fx);
                return;
        }
        if (p && p->said.members)
                e->company = p->said.members;
        if (p && (e->master != p->index || e->master_term != p->said.master_term)) {
                if (p->said.master_term > e->wanted.term)
                        record(e, p->said.master_term, &p->id, fx);
                set_master(e, peers, p->index, p->said.master_term, fx);
                promise(e, peers, p->index, p->heard, fx);
        } else if (!p && e->master != PEERS_NONE && !e->acting) {
                set_master(e, peers, PEERS_NONE, 0, fx);
        }
}

static void refresh_lease(struct election *e, const struct cluster_options *o,
        const struct peers *peers, const struct election_facts *facts)
{
        if (o->quorum == CLUSTER_QUORUM_NONE || facts->now < e->lease_check)
                return;
        e->lease_until = election_lease_of(e, o, peers, facts);
        e->lease_check = e->lease_until == USEC_NEVER
                                 ? USEC_NEVER
                                 : facts->now + usec_sub(e->lease_until, facts->now) / 2;
}

static bool has_quorum(const struct cluster_options *o, const struct peers *peers)
{
        unsigned present = election_lease_counts(o, peers_at(peers, 0)) ? 1 : 0;

        if (o->quorum == CLUSTER_QUORUM_NONE)
                return true;
        for (unsigned i = 1; i < peers_count(peers); i++) {
                const struct peers_peer *p = peers_at(peers, i);

                if (election_lease_counts(o, p) &&
                        (p->state == PEERS_RUNNING || p->state == PEERS_CHECKED))
                        present++;
        }
        return present >= election_lease_majority(o);
}

static bool is_master_of_his_own(const struct peers_peer *p)
{
        return p->said.modes & DATAGRAM_ACTING && identity_equal(&p->said.master, &p->id);
}

/* That anybody present has voted in; with 'followers' set, of those who are no masters themselves.
 */
static uint64_t highest_term(const struct election *e, const struct peers *peers, bool followers)
{
        uint64_t highest = e->wanted.term;

        for (unsigned i = 1; i < peers_count(peers); i++) {
                const struct peers_peer *p = peers_at(peers, i);

                if ((p->state == PEERS_RUNNING || p->state == PEERS_CHECKED) &&
                        p->said.term > highest && !(followers && is_master_of_his_own(p)))
                        highest = p->said.term;
        }
        return highest;
}

static void stand(struct election *e, const struct peers *peers, uint64_t term,
        const struct election_facts *facts, struct cluster_effects *fx)
{
        if (term > INT64_MAX)
                return;
        record(e, term, own_id(peers), fx);
        if (!e->acting)
                e->valid_from = e->sequence + 1;
        e->standing = true;
        e->stood = facts->now;
        e->random = identity_mix(e->random);
        /* Longer each time: perhaps disks are so slow that votes did not come in time. */
        e->stand_for = (facts->patience << (e->tries < 3 ? e->tries : 3)) +
                       e->random % (facts->patience / 2 + 1);
        e->stands_until = facts->now + e->stand_for;
        e->tries++;
        e->promised = *own_id(peers);
        e->promise_until = later(e->promise_until, facts->now + facts->patience);
        e->promise_echo = 0;
}

/* We may vote for this one as far as our promises go. */
static bool is_free(const struct election *e, const struct cluster_options *o,
        const struct identity_id *self, const struct identity_id *whom,
        const struct election_facts *facts)
{
        /* What we promised ourselves ends with our own candidature. */
        bool own = !e->acting && !e->standing && identity_equal(&e->promised, self);

        if (o->quorum == CLUSTER_QUORUM_NONE)
                return true;
        return facts->now >= e->abstain_until &&
               (own || facts->now >= e->promise_until || identity_equal(&e->promised, whom));
}

/* Who has just come, and has lost the master before he has met all whom that knew, does not know
 * what runs: he waits until they have had the time to be heard. */
static usec_t meets_until(const struct election *e, const struct election_facts *facts)
{
        return facts->members + 1 < e->company ? usec_add(e->born, facts->patience) : 0;
}

static void consider_standing(struct election *e, const struct cluster_options *o,
        const struct peers *peers, const struct election_facts *facts, struct cluster_effects *fx)
{
        const struct identity_id *self = own_id(peers);

        if (e->standing || e->resigned || !is_free(e, o, self, self, facts) ||
                facts->now < meets_until(e, facts))
                return;
        if (election_rank_is_impatient(e, facts) ? !election_rank_has_chance(peers)
                                                 : !election_rank_is_agreed(peers, facts))
                return;
        if (has_quorum(o, peers) && election_rank_best(e, peers, facts) == peers_at(peers, 0))
                stand(e, peers, highest_term(e, peers, false) + 1, facts, fx);
}

/* A master whose term others have voted beyond asks them to come along into a later one.  Another
 * master is not among them: as long as he is not RUNNING here neither could follow the other, and
 * two would outbid each other without end; afterwards the later one stays. */
static void consider_renewal(struct election *e, const struct peers *peers,
        const struct election_facts *facts, struct cluster_effects *fx)
{
        uint64_t highest = highest_term(e, peers, true);

        if (e->standing ? highest > e->wanted.term && facts->now >= e->stood + facts->patience / 4
                        : highest > e->master_term)
                stand(e, peers, highest + 1, facts, fx);
}

/* Without a master: this candidate is the one that we want, and sees what we see. */
static bool is_wanted(const struct election *e, const struct peers *peers,
        const struct peers_peer *p, const struct election_facts *facts)
{
        bool same = p->said.digest == facts->digest && p->said.members == facts->members;

        return (same || election_rank_claims(p) || election_rank_is_impatient(e, facts)) &&
               election_rank_best(e, peers, facts) == p;
}

static void consider_vote(struct election *e, const struct cluster_options *o,
        const struct peers *peers, const struct election_facts *facts, struct cluster_effects *fx)
{
        unsigned left = peers_life_tally(peers)->standing;

        for (unsigned i = 1; left > 0 && i < peers_count(peers); i++) {
                const struct peers_peer *p = peers_at(peers, i);

                if (p->state != PEERS_RUNNING || !(p->said.modes & DATAGRAM_STANDING))
                        continue;
                left--;
                if (!identity_equal(&p->said.vote, &p->id) || p->said.term <= e->wanted.term ||
                        !is_free(e, o, own_id(peers), &p->id, facts))
                        continue;
                if (e->master != PEERS_NONE ? e->master != i : !is_wanted(e, peers, p, facts))
                        continue;
                record(e, p->said.term, &p->id, fx);
                e->standing = false;
                promise(e, peers, i, facts->now, fx);
                return;
        }
}

static bool has_won(const struct election *e, const struct cluster_options *o,
        const struct peers *peers, const struct election_facts *facts)
{
        unsigned voters = 0, votes = 0,
                 counted = election_lease_counts(o, peers_at(peers, 0)) ? 1 : 0;

        if (!e->standing || e->saved.term != e->wanted.term ||
                !identity_equal(&e->saved.vote, own_id(peers)))
                return false;
        for (unsigned i = 1; i < peers_count(peers); i++) {
                const struct peers_peer *p = peers_at(peers, i);
                bool vote = p->said.term == e->wanted.term &&
                            identity_equal(&p->said.vote, own_id(peers));

                if (p->state != PEERS_RUNNING && p->state != PEERS_CHECKED)
                        continue;
                if (election_rank_takes_part(p)) {
                        voters++;
                        votes += vote;
                }
                if (election_lease_counts(o, p))
                        counted += vote;
        }
        if (votes < voters &&
                (!election_rank_is_impatient(e, facts) || (votes + 1) * 2 <= voters + 1))
                return false;
        return o->quorum == CLUSTER_QUORUM_NONE ||
               (counted >= election_lease_majority(o) &&
                       election_lease_of(e, o, peers, facts) > facts->now);
}

static void learn_nominee(struct election *e, const struct peers *peers)
{
        unsigned left = peers_life_tally(peers)->nominating;

        for (unsigned i = 1; left > 0 && i < peers_count(peers); i++) {
                const struct peers_peer *p = peers_at(peers, i);

                if (p->state != PEERS_RUNNING || identity_is_none(&p->said.nominee))
                        continue;
                left--;
                /* Two users, two choices: everybody takes the same of them. */
                if (identity_is_none(&e->nominee) ||
                        identity_compare(&p->said.nominee, &e->nominee) < 0)
                        e->nominee = p->said.nominee;
        }
}

void election_step(struct election *e, const struct cluster_options *o, const struct peers *peers,
        const struct election_facts *facts, struct cluster_effects *fx)
{
        bool writing = e->ticket_saved != e->ticket;

        if (!facts->local_running) {
                election_give_up(e, fx);
                return;
        }
        follow_claims(e, peers, fx);
        if (e->acting) {
                refresh_lease(e, o, peers, facts);
                if (e->resigned || !election_may_act(e, o, facts->now))
                        set_master(e, peers, PEERS_NONE, 0, fx);
        }
        if (e->master == PEERS_NONE && facts->electing && e->leaderless == USEC_NEVER)
                e->leaderless = facts->now;
        if (!facts->electing)
                e->leaderless = USEC_NEVER;
        if (e->master == PEERS_NONE)
                learn_nominee(e, peers);
        if (e->standing && writing)
                e->stands_until = facts->now + e->stand_for;
        if (e->standing && (!facts->electing || facts->now >= e->stands_until))
                e->standing = false;
        /* One thing after the other: a slow disk must not have a queue before it. */
        if (facts->voting && !e->acting && !writing)
                consider_vote(e, o, peers, facts, fx);
        if (!facts->electing)
                return;
        writing = e->ticket_saved != e->ticket;
        if (e->acting && !writing)
                consider_renewal(e, peers, facts, fx);
        else if (e->master == PEERS_NONE && !writing)
                consider_standing(e, o, peers, facts, fx);
        if (has_won(e, o, peers, facts)) {
                set_master(e, peers, 0, e->wanted.term, fx);
                e->lease_check = 0;
                refresh_lease(e, o, peers, facts);
        }
}

bool election_may_act(const struct election *e, const struct cluster_options *o, usec_t now)
{
        return e->acting && (o->quorum == CLUSTER_QUORUM_NONE || now < e->lease_until);
}

static void sooner(usec_t *at, usec_t candidate, usec_t now)
{
        if (candidate > now && candidate < *at)
                *at = candidate;
}

usec_t election_deadline(const struct election *e, const struct cluster_options *o,
        const struct election_facts *facts)
{
        usec_t at = USEC_NEVER, now = facts->now;

        if (e->acting && o->quorum == CLUSTER_QUORUM_MAJORITY)
                sooner(&at, e->lease_check > now ? e->lease_check : e->lease_until, now);
        if (e->standing)
                sooner(&at, e->stands_until, now);
        if (e->acting && e->standing)
                sooner(&at, e->stood + facts->patience / 4, now);
        if (e->master == PEERS_NONE) {
                sooner(&at, e->promise_until, now);
                sooner(&at, e->abstain_until, now);
                sooner(&at, meets_until(e, facts), now);
                if (e->leaderless != USEC_NEVER) {
                        sooner(&at, e->leaderless + ELECTION_RANK_PATIENCE_READY * facts->patience,
                                now);
                        sooner(&at, e->leaderless + ELECTION_RANK_PATIENCE * facts->patience, now);
                }
        }
        return at;
}

void election_describe(const struct election *e, const struct peers *peers, struct datagram *d)
{
        const struct identity_id *whom = &e->saved.vote;
        unsigned target;

        d->term = e->saved.term;
        d->vote = e->saved.vote;
        d->nominee = e->nominee;
        if (e->master != PEERS_NONE && e->saved.term >= e->master_term) {
                d->master = peers_at(peers, e->master)->id;
                d->master_term = e->master_term;
                whom = &d->master;
        }
        if (e->acting)
                d->modes |= DATAGRAM_ACTING;
        if (e->standing && e->saved.term == e->wanted.term)
                d->modes |= DATAGRAM_STANDING;
        if (e->resigned)
                d->modes |= DATAGRAM_RESIGNED;
        target = peers_find_id(peers, whom);
        if (target == PEERS_NONE || target == 0)
                return;
        if (e->promise_echo == 0 || !identity_equal(&e->promised, whom))
                return;
        d->echo = e->promise_echo;
        d->promise_ms = (uint32_t)(usec_min(peers_life_timeout(peers, target), e->saved.promise) /
                                   USEC_MSEC);
}
