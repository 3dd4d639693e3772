/* The oracle: see oracle.h.  It looks at the instances from outside, all at once, which no instance
 * can. */
#include "tests/sim/oracle.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

struct mastership {
        uint64_t term;
        unsigned node;
};

struct oracle {
        char objection[256];
        struct mastership *seen; /* every mastership there ever was */
        size_t seen_count, seen_capacity;
        uint64_t *acting; /* the term that each node acts in; 0: none */
        bool still;
        unsigned still_master;
        uint64_t still_term;
        usec_t last_at;
        unsigned steps_at; /* steps without time passing */
};

struct oracle *oracle_new(const struct world *w)
{
        struct oracle *o = mem_new(sizeof(*o));

        o->acting = mem_new_array(w->options.count, sizeof(uint64_t));
        return o;
}

struct oracle *oracle_free(struct oracle *o)
{
        if (!o)
                return NULL;
        mem_free(o->seen);
        mem_free(o->acting);
        return mem_free(o);
}

void oracle_object(struct oracle *o, const struct world *w, const char *sentence)
{
        if (o->objection[0])
                return;
        (void)snprintf(o->objection, sizeof(o->objection), "seed %llu, t=%.6f: %s",
                (unsigned long long)w->options.seed, (double)w->now / USEC_SEC, sentence);
        world_tell(w, "ORACLE OBJECTS: %s", sentence);
}

bool oracle_is_content(const struct oracle *o)
{
        return o->objection[0] == '\0';
}

const char *oracle_objection(const struct oracle *o)
{
        return o->objection;
}

uint64_t oracle_masterships(const struct oracle *o)
{
        return o->seen_count;
}

/* A term is won once.  Without a quorum two sides may count alike, hence term and holder. */
static void note_mastership(struct oracle *o, const struct world *w, unsigned node, uint64_t term)
{
        for (size_t i = 0; i < o->seen_count; i++) {
                if (o->seen[i].term != term)
                        continue;
                if (o->seen[i].node == node)
                        oracle_object(o, w, "a term is used again by the same instance");
                else if (w->options.quorum == CLUSTER_QUORUM_MAJORITY)
                        oracle_object(o, w, "two instances were master of one term");
        }
        o->seen = mem_grow(o->seen, &o->seen_capacity, o->seen_count + 1, sizeof(*o->seen));
        o->seen[o->seen_count++] = (struct mastership){ term, node };
        world_tell(
                w, "%s acts as master of term %llu", w->nodes[node].nick, (unsigned long long)term);
}

static void check_single_master(struct oracle *o, const struct world *w)
{
        unsigned masters = 0;

        if (w->options.quorum != CLUSTER_QUORUM_MAJORITY)
                return;
        for (unsigned i = 0; i < w->options.count; i++) {
                const struct world_node *n = &w->nodes[i];

                /* What is frozen does nothing, and its next act is to look at the clock. */
                if (o->acting[i] && n->cluster && !n->frozen &&
                        cluster_may_order(n->cluster, world_clock(w, i)))
                        masters++;
        }
        if (masters > 1)
                oracle_object(o, w, "two masters act at a time in spite of the quorum");
}

static void check_states(struct oracle *o, const struct world *w, unsigned node)
{
        const struct peers *peers = cluster_peers(w->nodes[node].cluster);

        for (unsigned i = 0; w->options.count <= 64 && i < peers_count(peers); i++)
                if (peers_at(peers, i)->state == PEERS_FAILED)
                        oracle_object(o, w, "an instance is FAILED at the end of a step");
}

/* Who slept through a failure timeout was the absent one: it is not master any more, and calls
 * nobody silent before they had the time to be heard. */
static void check_sleeper(
        struct oracle *o, const struct world *w, unsigned node, const struct cluster_effects *fx)
{
        const struct world_node *n = &w->nodes[node];

        if (n->woken_at == 0 || w->options.timeout == 0)
                return;
        if (n->frozen_term && cluster_order_term(n->cluster) == n->frozen_term)
                oracle_object(o, w, "a sleeper wakes up and is still master");
        for (size_t i = 0; i < fx->count; i++)
                if (fx->at[i].type == CLUSTER_FX_PEER && fx->at[i].change.to == PEERS_FAILED &&
                        fx->at[i].change.why == PEERS_SILENT &&
                        w->now < n->woken_at + w->options.timeout * 9 / 10)
                        oracle_object(o, w, "a sleeper wakes up and accuses others");
}

void oracle_after_step(struct oracle *o, const struct world *w, unsigned node)
{
        const struct world_node *n = &w->nodes[node];
        struct cluster_status s = cluster_status(n->cluster);
        uint64_t term = s.acting ? s.term : 0;

        if (term && term != o->acting[node])
                note_mastership(o, w, node, term);
        if (!term && o->acting[node])
                world_tell(w, "%s acts no more", n->nick);
        o->acting[node] = term;
        check_single_master(o, w);
        check_states(o, w, node);
        if (w->now != o->last_at) {
                o->last_at = w->now;
                o->steps_at = 0;
        } else if (++o->steps_at > 20000 + 100 * w->options.count) {
                oracle_object(o, w, "time does not pass any more");
        }
        if (!o->still || !oracle_is_content(o))
                return;
        if (s.master == PEERS_NONE || s.term != o->still_term)
                oracle_object(o, w, "a stable master was replaced");
}

void oracle_effects(
        struct oracle *o, const struct world *w, unsigned node, const struct cluster_effects *fx)
{
        const struct world_node *n = &w->nodes[node];
        const struct peers *peers = cluster_peers(n->cluster);

        check_sleeper(o, w, node, fx);
        for (size_t i = 0; i < fx->count; i++) {
                const struct cluster_effect *e = &fx->at[i];

                if (e->type == CLUSTER_FX_PEER) {
                        world_tell(w, "%s: %s %s -> %s (%s)", n->nick,
                                peers_at(peers, e->peer)->nick, peers_state_name(e->change.from),
                                peers_state_name(e->change.to), peers_why_name(e->change.why));
                        if (o->still)
                                oracle_object(o, w, "an instance changed its state in stillness");
                } else if (e->type == CLUSTER_FX_STATE) {
                        world_tell(w, "%s: %s -> %s%s", n->nick, fsm_state_name(e->state.from),
                                fsm_state_name(e->state.to), e->state.abort ? ", abort" : "");
                        if (o->still)
                                oracle_object(o, w, "the state machine moves in stillness");
                } else if (e->type == CLUSTER_FX_MASTER) {
                        world_tell(w, "%s: master is %s, term %llu", n->nick,
                                e->peer == PEERS_NONE ? "nobody" : peers_at(peers, e->peer)->nick,
                                (unsigned long long)e->master.term);
                        if (o->still)
                                oracle_object(o, w, "the master changes in stillness");
                } else if (e->type == CLUSTER_FX_ABSENT) {
                        world_tell(w, "%s: was away for %.3f s", n->nick,
                                (double)e->absent.gap / USEC_SEC);
                } else if (e->type == CLUSTER_FX_PERSIST) {
                        world_tell(w, "%s: votes in term %llu", n->nick,
                                (unsigned long long)e->persist.record.term);
                }
        }
}

void oracle_order(
        struct oracle *o, struct world *w, unsigned node, unsigned from, uint64_t term, bool obeyed)
{
        struct world_node *n = &w->nodes[node];

        (void)from;
        if (!obeyed)
                return;
        if (term < n->obeyed)
                oracle_object(o, w, "an order of an old term was obeyed");
        n->obeyed = term;
}

void oracle_life_ends(struct oracle *o, unsigned node)
{
        o->acting[node] = 0;
}

static bool is_settled(const struct world *w, unsigned node, const char *master, uint64_t term)
{
        const struct world_node *n = &w->nodes[node];
        struct cluster_status s;

        if (!n->cluster || n->frozen)
                return false;
        s = cluster_status(n->cluster);
        return s.state == FSM_OPERATION && s.master != PEERS_NONE && s.term == term &&
               s.running == w->options.count &&
               strcmp(peers_at(cluster_peers(n->cluster), s.master)->nick, master) == 0;
}

bool oracle_is_settled(const struct world *w)
{
        struct cluster_status s;
        const char *master;

        if (!w->nodes[0].cluster)
                return false;
        s = cluster_status(w->nodes[0].cluster);
        if (s.master == PEERS_NONE)
                return false;
        master = peers_at(cluster_peers(w->nodes[0].cluster), s.master)->nick;
        for (unsigned i = 0; i < w->options.count; i++)
                if (!is_settled(w, i, master, s.term))
                        return false;
        return true;
}

void oracle_expect_stillness(struct oracle *o, const struct world *w)
{
        o->still = true;
        o->still_term = cluster_status(w->nodes[0].cluster).term;
}
