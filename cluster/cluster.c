/* The cluster: see cluster.h.  Composes peers, election and state machine, beats the heart, and
 * notices when we were away ourselves. */
#include "cluster/cluster.h"

#include <string.h>

#include "cluster/cluster_facts.h"
#include "cluster/cluster_inner.h"

#define ROUNDS_MAX 32 /* evaluations in a step; each moves something, so this is never reached */

void cluster_inner_take_options(struct cluster *c, const struct cluster_options *options)
{
        c->options = *options;
        c->enforced = cluster_options_enforced(options);
        c->advised = cluster_options_advised(options);
        c->name = identity_hash_bytes(options->name, strlen(options->name), 0);
        c->options.name = NULL;
        c->options.list = NULL;
        c->options.core = c->options.stereotypes = NULL;
}

struct cluster *cluster_new(
        const struct cluster_options *options, const struct election_record *last, usec_t now)
{
        struct cluster *c = mem_new(sizeof(*c));

        cluster_inner_take_options(c, options);
        c->last = *last;
        c->peers = peers_life_new(options, last->incarnation + 1, now);
        c->random = identity_mix(options->seed ^ identity_hash(&options->self.id, 1));
        c->now = now;
        c->deadline = now;
        c->beat_at = USEC_NEVER;
        fsm_start(&c->fsm, now);
        return c;
}

struct cluster *cluster_free(struct cluster *c)
{
        if (!c)
                return NULL;
        peers_life_free(c->peers);
        mem_free(c->rest);
        mem_free(c->election_rest);
        mem_free(c->fsm_rest);
        return mem_free(c);
}

void cluster_set_rules(struct cluster *c, uint64_t hash)
{
        c->advised.rules = hash;
        peers_life_set_rules(c->peers, hash);
}

/* What a master who is lost had under way is told by all who have followed him: the next one may
 * have come too late to know it, and be himself of before. */
static void elect(struct cluster *c, struct cluster_effects *fx)
{
        const struct election_facts facts = cluster_facts_election(c);
        const struct election *e = &c->election;
        uint64_t mastership = e->mastership;
        size_t from = fx->count;

        election_step(&c->election, &c->options, c->peers, &facts, fx);
        if (mastership != e->mastership)
                c->jobs_left = c->jobs_left || c->master_works;
        for (size_t i = from; e->acting && i < fx->count; i++)
                if (fx->at[i].type == CLUSTER_FX_MASTER && fx->at[i].peer == 0)
                        fx->at[i].master.jobs_left = cluster_facts_jobs_left(c);
        /* Not of the life that has just begun where he was. */
        c->master_works =
                e->master != PEERS_NONE && !e->acting &&
                peers_at(c->peers, e->master)->said.modes & (DATAGRAM_STARTING | DATAGRAM_STOPPING);
        if (e->master != PEERS_NONE && c->fsm.state == FSM_OPERATION)
                c->jobs_left = false;
}

/* Everything that follows from the new facts, until nothing does any more. */
static void evaluate(struct cluster *c, struct cluster_effects *fx)
{
        bool lost = false;

        peers_life_timer(c->peers, c->now, fx);
        for (unsigned round = 0; round < ROUNDS_MAX; round++) {
                bool fence = c->options.auto_fence && fsm_is_working(c->fsm.state);
                struct fsm_facts for_fsm;
                bool moved = peers_life_settle(c->peers, fence, c->now, fx);

                /* Who comes during a DISTRIBUTION waits, so that its plan stays true. */
                if (c->fsm.state != FSM_DISTRIBUTION)
                        moved = peers_life_activate(c->peers, c->now, fx) || moved;
                lost = peers_life_take_lost(c->peers) > 0 || lost;
                elect(c, fx);
                for_fsm = cluster_facts_fsm(c, lost);
                lost = false;
                if (fsm_step(&c->fsm, &c->options, &for_fsm, fx)) {
                        moved = true;
                        if (c->fsm.state == FSM_DISTRIBUTION && c->election.acting)
                                peers_life_greeted(c->peers);
                }
                if (!moved)
                        break;
        }
}

/* We did not run for so long that others must think us gone: we begin again as a newcomer, and call
 * nobody silent before they had the time to be heard. */
static void return_from_absence(struct cluster *c, usec_t gap, struct cluster_effects *fx)
{
        struct fsm_facts facts;

        c->absences++;
        cluster_effects_add(fx, CLUSTER_FX_ABSENT, 0)->absent.gap = gap;
        peers_life_excuse(c->peers, usec_add(c->now, cluster_facts_timeout(c)));
        election_give_up(&c->election, fx);
        election_distrust(&c->election, USEC_NEVER, c->now);
        peers_life_begin_again(c->peers, c->now, fx);
        facts = cluster_facts_fsm(c, false);
        while (fsm_step(&c->fsm, &c->options, &facts, fx))
                ;
        peers_life_start(c->peers, c->now, fx);
}

/* True when something changed. */
static bool check_absence(struct cluster *c, struct cluster_effects *fx)
{
        usec_t silence, timeout = cluster_facts_timeout(c);

        if (!c->started || c->left)
                return false;
        silence = usec_sub(c->now, c->pulse_at);
        /* Others count from when they heard us last, which is not before we sent it. */
        if (silence > usec_sub(timeout, c->announced)) {
                return_from_absence(c, silence, fx);
                return true;
        }
        /* A smaller lag: what was sent to us waits in a queue and will be heard soon. */
        if (silence > c->announced + c->announced / 4) {
                peers_life_excuse(c->peers, usec_add(c->now, silence));
                election_distrust(&c->election, silence, c->now);
        }
        return false;
}

/* Where little has to be stopped the master has ended the whole before anybody heard that he is at
 * it: then his good-bye is the first word of it, and the last. */
static void follow_to_the_end(
        struct cluster *c, const struct datagram *d, struct cluster_effects *fx)
{
        const struct peers_peer *master = peers_at(c->peers, c->election.master);
        struct fsm_facts facts;

        if (!(d->modes & DATAGRAM_LEAVING) || !(fsm_is_ending(d->state) || d->state == FSM_FINAL))
                return;
        if (!master || c->election.acting || !identity_equal(&master->id, &d->id) ||
                d->incarnation != master->incarnation || d->sequence <= master->sequence)
                return;
        facts = cluster_facts_fsm(c, false);
        facts.master_state = d->state;
        facts.master_restarts = d->modes & DATAGRAM_RESTART;
        (void)fsm_step(&c->fsm, &c->options, &facts, fx); /* the evaluation goes on from there */
}

static bool take_heartbeat(struct cluster *c, const struct datagram *d, struct cluster_effects *fx)
{
        size_t before = fx->count;
        enum peers_heard heard;
        unsigned peer;

        if (d->cluster != c->name) {
                c->foreign++;
                return false;
        }
        follow_to_the_end(c, d, fx);
        heard = peers_life_heartbeat(c->peers, d, c->now, fx, &peer);
        if (heard == PEERS_DROPPED)
                return fx->count > before;
        election_heard(&c->election, c->peers, peer, c->now, fx);
        return heard == PEERS_NEWS || fx->count > before;
}

static void answer(
        const struct cluster_event *event, enum cluster_result result, struct cluster_effects *fx)
{
        struct cluster_effect *effect = cluster_effects_add(fx, CLUSTER_FX_ANSWER, 0);

        effect->answer.ticket = event->request.ticket;
        effect->answer.result = result;
}

/* Core instances first, then the smallest nick. */
static const struct peers_peer *choose_master(const struct cluster *c)
{
        const struct peers_peer *best = NULL;

        for (unsigned i = 0; i < peers_count(c->peers); i++) {
                const struct peers_peer *p = peers_at(c->peers, i);

                if (p->state != PEERS_RUNNING)
                        continue;
                if (!best || (p->core != best->core ? p->core : strcmp(p->nick, best->nick) < 0))
                        best = p;
        }
        return best;
}

static enum cluster_result end_sync(struct cluster *c, unsigned peer)
{
        const struct peers_peer *p =
                peer == PEERS_NONE ? choose_master(c) : peers_at(c->peers, peer);

        if (!(c->options.synchro & CLUSTER_USER))
                return CLUSTER_NOT_SELECTED;
        if (c->fsm.state != FSM_SYNCHRONIZATION || c->election.master != PEERS_NONE)
                return CLUSTER_BAD_STATE;
        if (!p || p->state != PEERS_RUNNING)
                return CLUSTER_BAD_PEER;
        election_nominate(&c->election, &p->id);
        return CLUSTER_OK;
}

static void end(struct cluster *c, const struct cluster_event *event, struct cluster_effects *fx)
{
        bool restart = event->request.restart;

        if (c->fsm.state < FSM_DISTRIBUTION || c->fsm.state == FSM_FINAL) {
                answer(event, CLUSTER_BAD_STATE, fx);
        } else if (c->election.acting) {
                (void)fsm_end(&c->fsm, restart, true, c->now, fx); /* the state was looked at */
                answer(event, CLUSTER_OK, fx);
        } else if (c->election.master != PEERS_NONE) {
                struct cluster_effect *effect =
                        cluster_effects_add(fx, CLUSTER_FX_FORWARD, c->election.master);

                effect->forward.ticket = event->request.ticket;
                effect->forward.restart = restart;
                answer(event, CLUSTER_OK, fx);
        } else {
                answer(event, CLUSTER_NO_MASTER, fx);
        }
}

static void report(struct cluster *c, const struct cluster_event *event, struct cluster_effects *fx)
{
        bool starting = c->fsm.starting, stopping = c->fsm.stopping;

        fsm_report(&c->fsm, event->work.ticket, event->work.starting, event->work.stopping,
                event->work.conflict);
        if (starting != c->fsm.starting || stopping != c->fsm.stopping)
                cluster_effects_add(fx, CLUSTER_FX_MODES, 0);
}

static void progress(struct cluster *c, unsigned peer, uint64_t number)
{
        if (peer == 0)
                c->event = number;
        peers_life_progress(c->peers, peer, number, c->now);
}

static void leave(struct cluster *c, struct cluster_effects *fx);
static void beat(struct cluster *c, struct cluster_effects *fx);

/* Whoever hears us last now, waits longest for us. */
static void pause_ourselves(struct cluster *c, struct cluster_effects *fx)
{
        if (c->sequence > 0 && !c->left)
                beat(c, fx);
}

/* True when an evaluation is due. */
static bool handle(struct cluster *c, const struct cluster_event *event, struct cluster_effects *fx)
{
        switch (event->type) {
        case CLUSTER_TIMER:
                return false; /* the deadline says */
        case CLUSTER_HEARTBEAT:
                return take_heartbeat(c, event->heartbeat, fx);
        case CLUSTER_LINK_UP:
                peers_life_link_up(c->peers, event->peer, c->now, fx);
                return false;
        case CLUSTER_PAUSED:
                if (event->peer == 0)
                        pause_ourselves(c, fx);
                else
                        peers_life_paused(c->peers, event->peer, c->now);
                return false;
        case CLUSTER_LINK_DOWN:
                peers_life_link_down(c->peers, event->peer, event->refused, c->now, fx);
                return true;
        case CLUSTER_PROBED:
                peers_life_probed(c->peers, event->peer, event->refused, c->now, fx);
                return true;
        case CLUSTER_HELLO:
                peers_life_hello(c->peers, event->peer, event->hello, c->now, fx);
                return true;
        case CLUSTER_LOADED:
                peers_life_loaded(c->peers, event->peer, c->now, fx);
                return true;
        case CLUSTER_PROGRESS:
                progress(c, event->peer, event->number);
                return false;
        case CLUSTER_CLAIM:
                return peers_life_claim(c->peers, event->peer, event->number);
        case CLUSTER_PERSISTED:
                election_saved(&c->election, event->ticket);
                return true;
        case CLUSTER_ABSENT:
                return_from_absence(c, event->gap, fx);
                return true;
        case CLUSTER_WORK:
                report(c, event, fx);
                return true;
        case CLUSTER_END_SYNC:
                answer(event, end_sync(c, event->peer), fx);
                return true;
        case CLUSTER_END:
                end(c, event, fx);
                return true;
        case CLUSTER_RESIGN:
                c->election.resigned = true;
                return true;
        case CLUSTER_LEAVE:
                leave(c, fx);
                return false;
        case CLUSTER_READMIT:
                return peers_life_readmit(c->peers, event->peer, c->now, fx);
        }
        return false;
}

void cluster_datagram(const struct cluster *c, struct datagram *ret)
{
        const struct peers_peer *self = peers_at(c->peers, 0);
        const struct peers_tally *tally = peers_life_tally(c->peers);
        struct datagram *d = ret;

        memset(d, 0, sizeof(*d));
        d->cluster = c->name;
        d->key = c->options.key;
        d->id = self->id;
        memcpy(d->identifier, self->identifier, strlen(self->identifier) + 1);
        memcpy(d->nick, self->nick, strlen(self->nick) + 1);
        d->incarnation = c->election.wanted.incarnation;
        d->sequence = c->sequence;
        d->time = c->now;
        d->interval_ms = (uint32_t)((peers_life_interval(c->peers) + USEC_MSEC - 1) / USEC_MSEC);
        d->state = c->fsm.state;
        d->modes = (uint16_t)((c->fsm.degraded ? DATAGRAM_DEGRADED : 0) |
                              (c->options.discovery ? DATAGRAM_DISCOVERY : 0) |
                              (c->fsm.starting ? DATAGRAM_STARTING : 0) |
                              (c->fsm.stopping ? DATAGRAM_STOPPING : 0) |
                              (self->core ? DATAGRAM_CORE : 0) |
                              (c->fsm.restart ? DATAGRAM_RESTART : 0) |
                              (c->jobs_left ? DATAGRAM_JOBS_LEFT : 0) |
                              (c->left ? DATAGRAM_LEAVING : 0));
        d->digest = tally->digest;
        d->members = (uint16_t)tally->running;
        d->event = c->event;
        election_describe(&c->election, c->peers, d);
}

/* What others decide by, in one number: when it changes they are told without delay. */
static uint64_t fingerprint(const struct cluster *c)
{
        struct datagram d;
        uint64_t hash;

        cluster_datagram(c, &d);
        hash = identity_mix(d.term ^ identity_mix(d.master_term ^ identity_mix(d.digest)));
        hash ^= identity_hash(&d.vote, 1) ^ identity_hash(&d.master, 2) ^
                identity_hash(&d.nominee, 3);
        return identity_mix(hash ^ ((uint64_t)d.state << 32 | (uint64_t)d.modes << 16 | d.members));
}

static void pulse(struct cluster *c)
{
        usec_t interval = peers_life_interval(c->peers);

        c->pulse_at = c->now;
        c->announced = interval;
        c->random = identity_mix(c->random);
        /* Early by up to a tenth, so that instances that started together drift apart. */
        c->beat_at = c->now + interval - c->random % (interval / 10 + 1);
}

static void beat(struct cluster *c, struct cluster_effects *fx)
{
        c->sequence++;
        c->published = fingerprint(c);
        pulse(c);
        election_sent(&c->election, c->sequence, c->now);
        cluster_effects_add(fx, CLUSTER_FX_HEARTBEAT, 0);
}

static void leave(struct cluster *c, struct cluster_effects *fx)
{
        election_give_up(&c->election, fx);
        c->left = true;
        /* It cannot be repeated later, so it is said three times now. */
        for (unsigned i = 0; i < 3 && c->sequence > 0; i++)
                beat(c, fx);
        c->beat_at = USEC_NEVER;
}

static void start(struct cluster *c, struct cluster_effects *fx)
{
        c->started = true;
        pulse(c);
        election_start(&c->election, &c->options, &c->last, c->now, fx);
        peers_life_start(c->peers, c->now, fx);
}

static void beat_if_due(struct cluster *c, bool evaluated, struct cluster_effects *fx)
{
        const struct election *e = &c->election;

        if (c->left)
                return;
        if (e->saved.incarnation != e->wanted.incarnation) {
                /* Nobody is told of a life that is not on disk; the heart beats silently. */
                if (c->now >= c->beat_at)
                        pulse(c);
                return;
        }
        if (c->sequence == 0) {
                beat(c, fx);
                return;
        }
        if (evaluated && fingerprint(c) != c->published)
                c->beat_at = usec_min(c->beat_at, c->pulse_at + c->announced / 10);
        if (c->now >= c->beat_at)
                beat(c, fx);
}

/* As another image of the process that we are.  Whoever waits for our word, a master for a promise
 * above all, has it soon; not before what has come meanwhile is read, as it answers that. */
static void go_on(struct cluster *c, struct cluster_effects *fx)
{
        if (c->election.ticket != c->election.ticket_saved)
                election_persist_again(&c->election, fx);
        if (c->sequence > 0 && !c->left)
                c->beat_at = usec_min(c->beat_at, c->now + c->announced / 50);
}

void cluster_step(struct cluster *c, const struct cluster_event *event, struct cluster_effects *fx)
{
        struct election_facts facts;
        bool due;

        if (event->now > c->now)
                c->now = event->now;
        due = c->now >= c->deadline;
        if (!c->started) {
                start(c, fx);
                due = true;
        } else if (c->restored) {
                go_on(c, fx);
        }
        c->restored = false;
        due = check_absence(c, fx) || due;
        due = handle(c, event, fx) || due;
        if (due && !c->left)
                evaluate(c, fx);
        beat_if_due(c, due, fx);
        facts = cluster_facts_election(c);
        c->deadline = usec_min(usec_min(c->beat_at, peers_life_deadline(c->peers)),
                usec_min(election_deadline(&c->election, &c->options, &facts),
                        fsm_deadline(&c->fsm, &c->options, c->now)));
}

usec_t cluster_deadline(const struct cluster *c)
{
        return c->left ? USEC_NEVER : c->deadline;
}

void cluster_hello(const struct cluster *c, unsigned peer, bool reply, struct peers_hello *ret)
{
        const struct peers_peer *self = peers_at(c->peers, 0);
        const struct peers_peer *p = peers_at(c->peers, peer);

        *ret = (struct peers_hello){
                .id = self->id,
                .incarnation = c->election.wanted.incarnation,
                .reply = reply,
                .known = p != NULL,
                .sees = p ? p->state : PEERS_STOPPED,
                .enforced = c->enforced,
                .advised = c->advised,
                .stereotypes = self->stereotypes,
                .stereotypes_count = self->stereotypes_count,
        };
        if (!reply)
                ret->keeps = peers_life_keeps(c->peers, peer, &ret->event);
}

void cluster_hello_stranger(const struct cluster *c, struct peers_hello *ret)
{
        cluster_hello(c, PEERS_NONE, true, ret);
}

struct cluster_status cluster_status(const struct cluster *c)
{
        return (struct cluster_status){
                .state = c->fsm.state,
                .since = c->fsm.since,
                .master = c->started ? c->election.master : PEERS_NONE,
                .term = c->election.master_term,
                .acting = c->election.acting,
                .degraded = c->fsm.degraded,
                .discovery = c->options.discovery,
                .starting = c->fsm.starting,
                .stopping = c->fsm.stopping,
                .incarnation = c->last.incarnation + 1,
                .voted_term = c->election.saved.term,
                .interval = peers_life_interval(c->peers),
                .running = peers_life_tally(c->peers)->running,
                .foreign = c->foreign,
                .absences = c->absences,
        };
}

const struct peers *cluster_peers(const struct cluster *c)
{
        return c->peers;
}

const struct peers_counters *cluster_counters(const struct cluster *c)
{
        return peers_life_counters(c->peers);
}

bool cluster_may_order(const struct cluster *c, usec_t now)
{
        return election_may_act(&c->election, &c->options, now);
}

uint64_t cluster_order_term(const struct cluster *c)
{
        return c->election.acting ? c->election.master_term : 0;
}

bool cluster_obeys(const struct cluster *c, unsigned peer, uint64_t term)
{
        const struct peers_peer *p = peers_at(c->peers, peer);

        return p && peer != 0 && election_obeys(&c->election, &p->id, term);
}
