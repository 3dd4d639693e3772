/* Peers as a whole: what the evaluation after each event does to all of them, and what is counted
 * over them.  See peers_life.h. */
#include "cluster/peers_life.h"

#include "cluster/cluster_effects.h"
#include "cluster/peers_table.h"

bool peers_table_is_active(const struct peers_entry *e)
{
        return e->view.state == PEERS_CHECKING || e->view.state == PEERS_CHECKED ||
               e->view.state == PEERS_RUNNING;
}

usec_t peers_table_timeout(const struct peers *p, const struct peers_entry *e)
{
        usec_t beats = (p->timeout + p->interval - 1) / p->interval;
        usec_t announced = (usec_t)e->view.said.interval_ms * USEC_MSEC;

        return announced * beats > p->timeout ? announced * beats : p->timeout;
}

void peers_table_change(struct peers *p, struct peers_entry *e, enum peers_state to,
        enum peers_why why, usec_t now, struct cluster_effects *fx)
{
        struct cluster_effect *effect = cluster_effects_add(fx, CLUSTER_FX_PEER, e->view.index);

        effect->change.from = e->view.state;
        effect->change.to = to;
        effect->change.why = why;
        peers_table_uncount(p, e);
        e->fresh = to == PEERS_RUNNING && e->view.index != 0;
        if (to != PEERS_CHECKED && to != PEERS_RUNNING) {
                e->keeps = false; /* all of it is told anew */
                e->paused_until = 0;
        }
        e->view.state = to;
        e->view.why = why;
        e->view.since = now;
        peers_table_count(p, e);
}

bool peers_life_settle(struct peers *p, bool fence, usec_t now, struct cluster_effects *fx)
{
        if (p->failed == 0)
                return false;
        for (unsigned i = 1; i < p->count && p->failed > 0; i++) {
                struct peers_entry *e = p->entries[i];
                bool accused = e->view.why == PEERS_SILENT || e->view.why == PEERS_LINK_LOST ||
                               e->view.why == PEERS_REFUSED;

                if (e->view.state != PEERS_FAILED)
                        continue;
                if (fence && accused)
                        peers_table_change(p, e, PEERS_ISOLATED, PEERS_FENCED, now, fx);
                else
                        peers_table_change(p, e, PEERS_STOPPED, e->view.why, now, fx);
        }
        return true;
}

bool peers_life_activate(struct peers *p, usec_t now, struct cluster_effects *fx)
{
        if (p->checked == 0)
                return false;
        for (unsigned i = 0; i < p->count && p->checked > 0; i++) {
                struct peers_entry *e = p->entries[i];

                if (e->view.state == PEERS_CHECKED)
                        peers_table_change(p, e, PEERS_RUNNING, PEERS_ACTIVATED, now, fx);
        }
        return true;
}

void peers_life_excuse(struct peers *p, usec_t until)
{
        if (until > p->excused_until)
                p->excused_until = until;
}

void peers_life_begin_again(struct peers *p, usec_t now, struct cluster_effects *fx)
{
        for (unsigned i = 0; i < p->count; i++) {
                struct peers_entry *e = p->entries[i];

                if (!peers_table_is_active(e))
                        continue;
                if (e->view.state == PEERS_CHECKING) {
                        peers_table_change(p, e, PEERS_STOPPED, PEERS_ABSENT, now, fx);
                } else {
                        peers_table_change(p, e, PEERS_FAILED, PEERS_ABSENT, now, fx);
                        peers_table_change(p, e, PEERS_STOPPED, PEERS_ABSENT, now, fx);
                }
                e->link_lost = e->dial_at = e->gap_at = USEC_NEVER;
                e->retry_at = 0;
        }
}

unsigned peers_life_take_lost(struct peers *p)
{
        unsigned lost = p->lost;

        p->lost = 0;
        return lost;
}

usec_t peers_life_newcomer_since(const struct peers *p, const struct identity_id *master)
{
        usec_t since = USEC_NEVER;

        for (unsigned i = 1; i < p->count && p->fresh > 0; i++) {
                const struct peers_peer *view = &p->entries[i]->view;

                if (p->entries[i]->fresh && identity_equal(&view->said.master, master))
                        since = usec_min(since, view->since);
        }
        return since;
}

bool peers_life_has_other(const struct peers *p, const struct identity_id *master)
{
        for (unsigned i = 1; i < p->count; i++) {
                const struct peers_peer *view = &p->entries[i]->view;

                if ((view->state == PEERS_CHECKING || view->state == PEERS_CHECKED ||
                            view->state == PEERS_RUNNING) &&
                        !identity_equal(&view->said.master, master))
                        return true;
        }
        return false;
}

void peers_life_greeted(struct peers *p)
{
        for (unsigned i = 1; i < p->count && p->fresh > 0; i++) {
                peers_table_uncount(p, p->entries[i]);
                p->entries[i]->fresh = false;
                peers_table_count(p, p->entries[i]);
        }
}

usec_t peers_life_timeout(const struct peers *p, unsigned peer)
{
        return peers_table_timeout(p, p->entries[peer]);
}

usec_t peers_life_interval(const struct peers *p)
{
        unsigned alive = p->tally.alive;

        if (alive <= p->stretch_from)
                return p->interval;
        return usec_min(
                p->interval * alive / p->stretch_from, (usec_t)DATAGRAM_INTERVAL_MAX * USEC_MSEC);
}

const struct peers_tally *peers_life_tally(const struct peers *p)
{
        return &p->tally;
}

const struct peers_counters *peers_life_counters(const struct peers *p)
{
        return &p->counters;
}

usec_t peers_life_deadline(const struct peers *p)
{
        return p->next;
}
