/* The lease: see election_lease.h.
 *
 * It is counted from when we sent what the others answer, so that clocks need not agree. */
#include "cluster/election_lease.h"

#include "cluster/cluster_options.h"

bool election_lease_counts(const struct cluster_options *o, const struct peers_peer *p)
{
        return o->expected > o->list_count || p->listed;
}

unsigned election_lease_majority(const struct cluster_options *o)
{
        return o->expected / 2 + 1;
}

/* The k-th largest, k from 0; the others change their places. */
static usec_t select_largest(usec_t *at, unsigned count, unsigned k)
{
        unsigned from = 0, to = count;

        while (to - from > 1) {
                usec_t pivot = at[from + (to - from - 1) / 2]; /* never the last, or no progress */
                unsigned i = from, j = to - 1;

                for (;;) {
                        while (at[i] > pivot)
                                i++;
                        while (at[j] < pivot)
                                j--;
                        if (i >= j)
                                break;
                        usec_t swapped = at[i];

                        at[i++] = at[j];
                        at[j--] = swapped;
                }
                if (k <= j)
                        to = j + 1;
                else
                        from = j + 1;
        }
        return at[from];
}

/* Until when the promise holds that this instance has given us; 0 without one. */
static usec_t promise_of(
        const struct election *e, const struct peers *peers, const struct peers_peer *p)
{
        const struct identity_id *self = &peers_at(peers, 0)->id;
        uint64_t echo = p->said.echo;

        if ((p->state != PEERS_RUNNING && p->state != PEERS_CHECKED) || echo == 0)
                return 0;
        if (!identity_equal(
                    identity_is_none(&p->said.master) ? &p->said.vote : &p->said.master, self) ||
                echo < e->valid_from || e->sent[echo % ELECTION_SENT_MAX].sequence != echo)
                return 0;
        return usec_add(
                e->sent[echo % ELECTION_SENT_MAX].at, (usec_t)p->said.promise_ms * USEC_MSEC);
}

usec_t election_lease_of(const struct election *e, const struct cluster_options *o,
        const struct peers *peers, const struct election_facts *facts)
{
        usec_t until[CLUSTER_INSTANCES_MAX];
        unsigned others = election_lease_majority(o) -
                          (election_lease_counts(o, peers_at(peers, 0)) ? 1 : 0),
                 n = 0;

        if (o->quorum == CLUSTER_QUORUM_NONE || others == 0)
                return USEC_NEVER;
        for (unsigned i = 1; i < peers_count(peers); i++)
                if (election_lease_counts(o, peers_at(peers, i)))
                        until[n++] = promise_of(e, peers, peers_at(peers, i));
        if (n < others)
                return 0;
        return usec_sub(select_largest(until, n, others - 1), facts->patience / 10);
}
