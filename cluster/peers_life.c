/* The life of peers: see peers_life.h.
 *
 * Heartbeats say that an instance is there; a handshake over the link says that it may be; the link
 * carries what it does.  So an instance that is heard but cannot be talked to is not RUNNING, which
 * keeps the relation the same in both directions even where the network is not. */
#include "cluster/peers_life.h"

#include <string.h>

#include "cluster/cluster_effects.h"
#include "cluster/peers_table.h"

static struct peers_entry *self_of(const struct peers *p)
{
        return p->entries[0];
}

static struct peers_entry *entry(const struct peers *p, unsigned peer)
{
        return peer > 0 && peer < p->count ? p->entries[peer] : NULL;
}

bool peers_table_we_dial(const struct peers *p, const struct peers_entry *e)
{
        return identity_compare(&self_of(p)->view.id, &e->view.id) < 0;
}

static usec_t later(usec_t a, usec_t b)
{
        return a > b ? a : b;
}

/* Twice, for it is away for less than one, and silent no longer than that. */
void peers_table_pause(const struct peers *p, struct peers_entry *e, usec_t now)
{
        e->paused_until = usec_add(now, 2 * peers_table_timeout(p, e));
        e->keeps = e->loaded && (e->view.state == PEERS_CHECKED || e->view.state == PEERS_RUNNING);
}

/* When this entry needs the timer. */
static usec_t due(const struct peers *p, const struct peers_entry *e)
{
        usec_t timeout = peers_table_timeout(p, e), at;

        if (!peers_table_is_active(e) || e->view.index == 0)
                return USEC_NEVER;
        at = later(usec_add(e->view.heard, timeout), p->excused_until);
        if (e->view.state == PEERS_CHECKING)
                at = usec_min(at, usec_add(e->view.since, 2 * timeout));
        if (e->link_lost != USEC_NEVER)
                at = usec_min(at, later(usec_add(e->link_lost, timeout), p->excused_until));
        return usec_min(at, usec_min(e->dial_at, e->gap_at));
}

static void touch(struct peers *p, const struct peers_entry *e)
{
        p->next = usec_min(p->next, due(p, e));
}

static void hang_up(struct peers_entry *e, struct cluster_effects *fx)
{
        if (e->view.link)
                cluster_effects_add(fx, CLUSTER_FX_DISCONNECT, e->view.index);
        e->view.link = false;
        e->dial_at = e->link_lost = e->gap_at = USEC_NEVER;
}

/* An active instance is lost to us.  Who is lost again soon after it has come waits longer each
 * time before it is let in again, lest it drags everybody through its ups and downs. */
static void fail(struct peers *p, struct peers_entry *e, enum peers_why why, usec_t now,
        struct cluster_effects *fx)
{
        usec_t timeout = peers_table_timeout(p, e);

        if (e->view.state == PEERS_RUNNING) {
                p->lost++;
                if (why == PEERS_RESTARTED || why == PEERS_LEFT ||
                        now - e->view.since > 10 * timeout)
                        e->flaps = 0;
                else if (e->flaps < PEERS_TABLE_FLAPS_MAX)
                        e->flaps++;
        }
        e->retry_at = now + e->flaps * timeout / 2;
        peers_table_change(p, e, PEERS_FAILED, why, now, fx);
        hang_up(e, fx);
}

/* The handshake did not lead to anything; the next heartbeat after a while begins another. */
static void reject(struct peers *p, struct peers_entry *e, enum peers_why why, usec_t now,
        struct cluster_effects *fx)
{
        peers_table_change(p, e, PEERS_STOPPED, why, now, fx);
        hang_up(e, fx);
        e->retry_at = now + p->timeout / 2;
}

static void ask_hello(const struct peers_entry *e, struct cluster_effects *fx)
{
        cluster_effects_add(fx, CLUSTER_FX_HELLO, e->view.index);
}

/* Who has all that we have published, as after a pause of one of us, is not told all of it again.
 */
static void answer_hello(const struct peers *p, const struct peers_entry *e,
        const struct peers_hello *h, struct cluster_effects *fx)
{
        struct cluster_effect *effect = cluster_effects_add(fx, CLUSTER_FX_HELLO, e->view.index);

        effect->hello.reply = true;
        effect->hello.snapshot = !h->keeps || h->event != self_of(p)->view.event_in;
}

static void check(struct peers *p, struct peers_entry *e, usec_t now, struct cluster_effects *fx)
{
        peers_table_change(p, e, PEERS_CHECKING, PEERS_HEARD, now, fx);
        e->authorized = e->loaded = false;
        if (e->view.link)
                ask_hello(e, fx);
        else if (peers_table_we_dial(p, e))
                cluster_effects_add(fx, CLUSTER_FX_CONNECT, e->view.index);
        else
                e->dial_at = usec_add(now, peers_table_timeout(p, e));
}

void peers_life_start(struct peers *p, usec_t now, struct cluster_effects *fx)
{
        struct peers_entry *self = self_of(p);

        peers_table_change(p, self, PEERS_CHECKING, PEERS_HEARD, now, fx);
        if (self->loaded)
                peers_table_change(p, self, PEERS_CHECKED, PEERS_AUTHORIZED, now, fx);
}

/* Who is that?  NULL when nobody is to be listened to. */
static struct peers_entry *recognize(struct peers *p, const struct datagram *d)
{
        struct peers_entry *e = peers_table_find_id(p, &d->id);

        if (e && strcmp(e->identifier, d->identifier) != 0) {
                p->counters.conflicting++;
                return NULL;
        }
        if (e)
                return e;
        e = peers_table_find(p, d->identifier);
        if (!e && !p->discovery) {
                p->counters.strangers++;
                return NULL;
        }
        if (!e && !peers_table_nick_is_free(p, d->nick, NULL)) {
                p->counters.conflicting++;
                return NULL;
        }
        if (!e)
                e = peers_table_add(p, d->identifier, d->nick, false);
        if (!e) {
                p->counters.overflow++;
                return NULL;
        }
        /* Its place is taken over by another id only when the one before is not there. */
        if (e->view.index == 0 || peers_table_is_active(e)) {
                p->counters.conflicting++;
                return NULL;
        }
        peers_table_uncount(p, e);
        peers_table_pin(p, e, &d->id);
        e->view.incarnation = e->view.sequence = 0;
        peers_table_count(p, e);
        return e;
}

static bool listen(struct peers *p, struct peers_entry *e, const struct datagram *d,
        struct cluster_effects *fx)
{
        struct peers_word word;
        const struct peers_word *old = &e->view.said;
        bool news;

        memset(&word, 0, sizeof(word));
        word.state = d->state;
        word.modes = d->modes;
        word.members = d->members;
        word.interval_ms = d->interval_ms;
        word.promise_ms = d->promise_ms;
        word.term = d->term;
        word.master_term = d->master_term;
        word.echo = d->echo;
        word.digest = d->digest;
        word.event = d->event;
        word.vote = d->vote;
        word.master = d->master;
        word.nominee = d->nominee;
        word.time = d->time;
        news = word.state != old->state || word.modes != old->modes ||
               word.members != old->members || word.term != old->term ||
               word.master_term != old->master_term || word.digest != old->digest ||
               !identity_equal(&word.vote, &old->vote) ||
               !identity_equal(&word.master, &old->master) ||
               !identity_equal(&word.nominee, &old->nominee);
        if (word.state != old->state || word.modes != old->modes ||
                !identity_equal(&word.master, &old->master))
                cluster_effects_add(fx, CLUSTER_FX_MODES, e->view.index);
        if (news)
                peers_table_uncount(p, e);
        e->view.said = word;
        if (news)
                peers_table_count(p, e);
        return news;
}

/* The events that it published and those that its link brought are compared; what is still missing
 * after two intervals is not under way but lost. */
static void watch_gap(struct peers *p, struct peers_entry *e, usec_t now)
{
        usec_t delay = later(2 * p->interval, peers_table_timeout(p, e) / 2);

        if (e->view.state != PEERS_RUNNING || !e->view.link ||
                e->view.said.event <= e->view.event_in) {
                e->gap_at = USEC_NEVER;
                e->gaps = 0;
        } else if (e->gap_at == USEC_NEVER) {
                /* Who tells of events that its snapshots do not reach is asked less and less. */
                e->gap_at = usec_add(now, delay << e->gaps);
        }
}

/* What its incarnation means, before anything else is made of the datagram. */
static void meet(struct peers *p, struct peers_entry *e, uint64_t incarnation, usec_t now,
        struct cluster_effects *fx)
{
        if (incarnation == e->view.incarnation)
                return;
        if (e->view.state == PEERS_CHECKING) {
                reject(p, e, PEERS_RESTARTED, now, fx);
        } else if (peers_table_is_active(e)) {
                fail(p, e, PEERS_RESTARTED, now, fx);
                peers_table_change(p, e, PEERS_STOPPED, PEERS_RESTARTED, now, fx);
        } else if (e->view.state == PEERS_ISOLATED) {
                peers_table_change(p, e, PEERS_STOPPED, PEERS_FORGIVEN, now, fx);
        }
        peers_table_uncount(p, e);
        e->view.incarnation = incarnation;
        peers_table_count(p, e);
        e->view.sequence = 0;
        e->view.event_in = 0;
        e->gone = false;
        e->retry_at = 0;
}

enum peers_heard peers_life_heartbeat(struct peers *p, const struct datagram *d, usec_t now,
        struct cluster_effects *fx, unsigned *ret_peer)
{
        const struct peers_peer *self = &self_of(p)->view;
        struct peers_entry *e;
        bool news;

        if (identity_equal(&d->id, &self->id)) {
                p->counters.own++;
                return PEERS_DROPPED;
        }
        e = recognize(p, d);
        if (!e)
                return PEERS_DROPPED;
        if (!datagram_is_newer(d, e->view.incarnation, e->view.sequence)) {
                p->counters.replayed++;
                return PEERS_DROPPED;
        }
        meet(p, e, d->incarnation, now, fx);
        e->view.sequence = d->sequence;
        e->view.heard = now;
        if (!peers_table_is_active(e) && strcmp(e->nick, d->nick) != 0) {
                if (!peers_table_nick_is_free(p, d->nick, e)) {
                        p->counters.conflicting++;
                        return PEERS_DROPPED;
                }
                peers_table_set_nick(p, e, d->nick);
        }
        news = listen(p, e, d, fx);
        if (d->modes & DATAGRAM_LEAVING) {
                e->gone = true;
                if (peers_table_is_active(e)) {
                        fail(p, e, PEERS_LEFT, now, fx);
                        peers_table_change(p, e, PEERS_STOPPED, PEERS_LEFT, now, fx);
                }
        } else if (e->view.state == PEERS_STOPPED && !e->gone && now >= e->retry_at &&
                   (self->state == PEERS_CHECKED || self->state == PEERS_RUNNING)) {
                check(p, e, now, fx);
        }
        /* It is there again, or still: its link has the time of any that broke from now on. */
        if (now < e->paused_until && e->link_lost != USEC_NEVER)
                e->link_lost = now;
        watch_gap(p, e, now);
        touch(p, e);
        *ret_peer = e->view.index;
        return news ? PEERS_NEWS : PEERS_NO_NEWS;
}

void peers_life_link_up(struct peers *p, unsigned peer, usec_t now, struct cluster_effects *fx)
{
        struct peers_entry *e = entry(p, peer);

        if (!e)
                return;
        e->view.link = true;
        e->link_lost = e->dial_at = USEC_NEVER;
        /* Events may have been lost with the link before this one: all is asked for again. */
        if (peers_table_is_active(e))
                ask_hello(e, fx);
        touch(p, e);
}

void peers_life_link_down(
        struct peers *p, unsigned peer, bool refused, usec_t now, struct cluster_effects *fx)
{
        struct peers_entry *e = entry(p, peer);
        bool stood = e && e->view.link;

        if (!e)
                return;
        e->view.link = false;
        e->gap_at = USEC_NEVER;
        if (!peers_table_is_active(e))
                return;
        if (refused && e->view.state == PEERS_CHECKING) {
                reject(p, e, PEERS_UNANSWERED, now, fx);
        } else if (refused) {
                fail(p, e, PEERS_REFUSED, now, fx);
        } else {
                bool first = e->link_lost == USEC_NEVER && e->view.state != PEERS_CHECKING;

                /* A link breaks for many reasons; as long as heartbeats come it has some time to
                 * come back.  The first try is made at once: it tells whether the process died. */
                if (first)
                        e->link_lost = now;
                first = first || stood;
                /* A process that says so goes on, and opens its links itself. */
                if (now < e->paused_until && !peers_table_we_dial(p, e))
                        first = false;
                e->dial_at = first ? now : now + p->interval;
        }
        touch(p, e);
}

void peers_life_paused(struct peers *p, unsigned peer, usec_t now)
{
        struct peers_entry *e = entry(p, peer);

        if (e && peers_table_is_active(e))
                peers_table_pause(p, e, now);
}

bool peers_life_keeps(const struct peers *p, unsigned peer, uint64_t *ret)
{
        const struct peers_entry *e = entry(p, peer);

        *ret = e && e->keeps ? e->view.event_in : 0;
        return e && e->keeps;
}

void peers_life_probed(
        struct peers *p, unsigned peer, bool refused, usec_t now, struct cluster_effects *fx)
{
        struct peers_entry *e = entry(p, peer);

        if (!e || !peers_table_is_active(e) || e->view.link)
                return;
        if (refused)
                peers_life_link_down(p, peer, true, now, fx);
        else
                e->dial_at = now + p->interval;
        touch(p, e);
}

static void tell_differences(const struct peers *p, const struct peers_entry *e,
        const struct peers_hello *h, struct cluster_effects *fx)
{
        unsigned peer = e->view.index;

        if (h->advised.list != p->advised.list)
                cluster_effects_add(fx, CLUSTER_FX_DIFFERENCE, peer)->difference =
                        CLUSTER_DIFFERS_LIST;
        if (h->advised.core != p->advised.core)
                cluster_effects_add(fx, CLUSTER_FX_DIFFERENCE, peer)->difference =
                        CLUSTER_DIFFERS_CORE;
        if (h->advised.rules != p->advised.rules)
                cluster_effects_add(fx, CLUSTER_FX_DIFFERENCE, peer)->difference =
                        CLUSTER_DIFFERS_RULES;
}

void peers_life_set_rules(struct peers *p, uint64_t hash)
{
        p->advised.rules = hash;
}

static void finish_check(
        struct peers *p, struct peers_entry *e, usec_t now, struct cluster_effects *fx)
{
        if (e->view.state == PEERS_CHECKING && e->authorized && e->loaded)
                peers_table_change(p, e, PEERS_CHECKED, PEERS_AUTHORIZED, now, fx);
}

/* Isolation is for a peer under examination, or for one that tells a RUNNING one of ours to go. */
static void isolate(struct peers *p, struct peers_entry *e, enum peers_why why, usec_t now,
        struct cluster_effects *fx)
{
        if (e->view.state != PEERS_CHECKING)
                fail(p, e, why, now, fx);
        peers_table_change(p, e, PEERS_ISOLATED, why, now, fx);
        hang_up(e, fx);
}

static void judge(struct peers *p, struct peers_entry *e, const struct peers_hello *h, usec_t now,
        struct cluster_effects *fx)
{
        /* First, for when the other side was quicker this is also why it has isolated us. */
        if (!cluster_options_equal(&h->enforced, &p->enforced)) {
                cluster_effects_add(fx, CLUSTER_FX_DIFFERENCE, e->view.index)->difference =
                        CLUSTER_DIFFERS_ENFORCED;
                isolate(p, e, PEERS_INCONSISTENT, now, fx);
        } else if (h->sees == PEERS_ISOLATED) {
                isolate(p, e, PEERS_NOT_AUTHORIZED, now, fx);
        } else if (e->view.state == PEERS_CHECKING && !e->authorized) {
                tell_differences(p, e, h, fx);
                e->authorized = true;
        }
}

void peers_life_hello(struct peers *p, unsigned peer, const struct peers_hello *h, usec_t now,
        struct cluster_effects *fx)
{
        struct peers_entry *e = entry(p, peer);

        /* Of a life that is over, or of one whose heartbeats have not come yet: those bring us to
         * ask for another one. */
        if (!e || (!identity_is_none(&e->view.id) && !identity_equal(&e->view.id, &h->id)) ||
                h->incarnation < e->view.incarnation)
                return;
        if (!h->reply && h->known)
                answer_hello(p, e, h, fx);
        /* The life that we know is over: what the new one tells must not be taken for its word. */
        if (h->incarnation > e->view.incarnation && peers_table_is_active(e))
                meet(p, e, h->incarnation, now, fx);
        if (h->incarnation > e->view.incarnation || !peers_table_is_active(e))
                return;
        if (!h->known) {
                if (e->view.state == PEERS_CHECKING)
                        reject(p, e, PEERS_UNKNOWN_TO_IT, now, fx);
                return;
        }
        e->keeps = false;
        e->paused_until = 0;
        peers_table_set_stereotypes(p, e, h->stereotypes, h->stereotypes_count);
        judge(p, e, h, now, fx);
        finish_check(p, e, now, fx);
        touch(p, e);
}

void peers_life_loaded(struct peers *p, unsigned peer, usec_t now, struct cluster_effects *fx)
{
        struct peers_entry *e = peer == 0 ? self_of(p) : entry(p, peer);

        if (!e)
                return;
        e->loaded = true;
        if (peer == 0)
                e->authorized = true;
        finish_check(p, e, now, fx);
        touch(p, e);
}

void peers_life_progress(struct peers *p, unsigned peer, uint64_t number, usec_t now)
{
        struct peers_entry *e = peer == 0 ? self_of(p) : entry(p, peer);

        if (!e)
                return;
        e->view.event_in = number;
        if (peer == 0)
                e->view.said.event = number;
        else
                watch_gap(p, e, now);
        touch(p, e);
}

bool peers_life_claim(struct peers *p, unsigned peer, uint64_t term)
{
        struct peers_entry *e = entry(p, peer);

        if (!e || e->view.state != PEERS_RUNNING || term <= e->view.said.master_term)
                return false;
        peers_table_uncount(p, e);
        e->view.said.modes |= DATAGRAM_ACTING;
        e->view.said.master = e->view.id;
        e->view.said.master_term = term;
        peers_table_count(p, e);
        return true;
}

bool peers_life_readmit(struct peers *p, unsigned peer, usec_t now, struct cluster_effects *fx)
{
        struct peers_entry *e = entry(p, peer);

        if (!e || e->view.state != PEERS_ISOLATED)
                return false;
        peers_table_change(p, e, PEERS_STOPPED, PEERS_FORGIVEN, now, fx);
        e->retry_at = 0;
        return true;
}

/* Who does not open the link himself waits for it only so long: the other side may have isolated
 * us, or have no way to us, and only a handshake tells. */
static void redial(struct peers *p, struct peers_entry *e, usec_t now, struct cluster_effects *fx)
{
        usec_t patience = usec_add(e->view.since, peers_table_timeout(p, e));

        e->dial_at = USEC_NEVER;
        if (peers_table_we_dial(p, e) || (e->view.state == PEERS_CHECKING && now >= patience))
                cluster_effects_add(fx, CLUSTER_FX_CONNECT, e->view.index);
        else if (e->view.state == PEERS_CHECKING)
                e->dial_at = patience;
        else
                cluster_effects_add(fx, CLUSTER_FX_PROBE, e->view.index);
}

static void run_timer(
        struct peers *p, struct peers_entry *e, usec_t now, struct cluster_effects *fx)
{
        usec_t timeout = peers_table_timeout(p, e);
        bool excused = now < p->excused_until;

        if (!excused && now >= usec_add(e->view.heard, timeout)) {
                fail(p, e, PEERS_SILENT, now, fx);
                return;
        }
        if (!excused && e->link_lost != USEC_NEVER && now >= usec_add(e->link_lost, timeout)) {
                fail(p, e, PEERS_LINK_LOST, now, fx);
                return;
        }
        if (e->view.state == PEERS_CHECKING && now >= usec_add(e->view.since, 2 * timeout)) {
                reject(p, e, PEERS_UNANSWERED, now, fx);
                return;
        }
        if (now >= e->dial_at)
                redial(p, e, now, fx);
        if (now >= e->gap_at) {
                e->gap_at = USEC_NEVER;
                if (e->gaps < PEERS_TABLE_GAPS_MAX)
                        e->gaps++;
                e->keeps = false;
                ask_hello(e, fx);
        }
}

void peers_life_timer(struct peers *p, usec_t now, struct cluster_effects *fx)
{
        if (now < p->next)
                return;
        p->next = USEC_NEVER;
        for (unsigned i = 1; i < p->count; i++) {
                struct peers_entry *e = p->entries[i];

                if (due(p, e) <= now)
                        run_timer(p, e, now, fx);
                touch(p, e);
        }
}
