/* The fleet in the daemon: see fleet_host.h.  Owns its life, the way of events into it, and what
 * the cluster's changes mean for it. */
#include "daemon/fleet_host.h"

#include <errno.h>
#include <string.h>

#include "base/monotonic.h"
#include "base/wallclock.h"
#include "daemon/events_out.h"
#include "daemon/fleet_parts.h"
#include "loop/timer.h"
#include "rpc/listing.h"

#define ORDER_EFFECT_USEC_MAX (10 * USEC_SEC)

struct report_time fleet_parts_now(void)
{
        return (struct report_time){ monotonic_now(), listing_now_secs() };
}

struct fleet_peer *fleet_parts_peer(struct fleet_host *h, unsigned peer)
{
        if (peer >= h->peers_count) {
                h->peers = mem_resize(h->peers, peer + 1, sizeof(*h->peers));
                memset(h->peers + h->peers_count, 0,
                        (peer + 1 - h->peers_count) * sizeof(*h->peers));
                h->peers_count = peer + 1;
        }
        return &h->peers[peer];
}

unsigned fleet_parts_find(struct fleet_host *h, const char *identifier)
{
        unsigned index = peers_find(cluster_peers(cluster_host_cluster(h->daemon)), identifier);

        return index == PEERS_NONE ? FLEET_NONE : index;
}

const char *fleet_parts_identifier(struct fleet_host *h, unsigned peer)
{
        const struct peers_peer *p = peers_at(cluster_peers(cluster_host_cluster(h->daemon)), peer);

        return p ? p->identifier : PAYLOAD_IDENTIFIER_NONE;
}

/*
 * Events in, effects out.
 */

static void step(struct fleet_host *h, struct fleet_event *event)
{
        event->now = monotonic_now();
        event->wall = wallclock_now();
        fleet_effects_reset(&h->effects);
        fleet_step(h->fleet, event, &h->effects);
        for (size_t i = 0; i < h->effects.count; i++)
                fleet_acts_run(h, &h->effects.at[i]);
        for (size_t i = 0; i < h->watches_count; i++)
                if (h->watches[i]->settled)
                        h->watches[i]->settled(h->watches[i]->context);
}

void fleet_parts_arm(struct fleet_host *h)
{
        timer_arm(h->timer, &h->deadline,
                h->is_resumed ? 0 : usec_min(fleet_deadline(h->fleet), orders_deadline(h->orders)));
}

void fleet_parts_feed(struct fleet_host *h, struct fleet_event *event)
{
        struct fleet_event *queued;

        if (h->feeding) {
                fleet_queue_push(h->queue, event);
                return;
        }
        h->feeding = true;
        step(h, event);
        while ((queued = fleet_queue_next(h->queue))) {
                step(h, queued);
                fleet_queue_done(h->queue, queued);
        }
        h->feeding = false;
        fleet_parts_arm(h);
}

/*
 * Instances.
 */

/* Its place in supvisors_list. */
static unsigned place_of(const struct fleet_host *h, const struct peers_peer *p)
{
        const struct clusterconfig *config = h->daemon->config->cluster;

        for (size_t i = 0; i < config->list_count; i++)
                if (strcmp(config->list[i].identifier, p->identifier) == 0)
                        return (unsigned)i;
        return p->index == 0 && config->list_count == 0 ? 0 : FLEET_NONE;
}

static void tell_instance(struct fleet_host *h, const struct peers_peer *p, enum peers_state state,
        enum peers_why why)
{
        struct fleet_event event = { .type = FLEET_INSTANCE, .instance = p->index };

        event.peer.identifier = p->identifier;
        event.peer.nick = p->nick;
        event.peer.node = fleet_parts_peer(h, p->index)->node;
        event.peer.listed = place_of(h, p);
        event.peer.core = p->core;
        event.peer.state = state;
        event.peer.why = why;
        event.peer.life = identity_life(&p->id, p->incarnation);
        event.peer.stereotypes = p->stereotypes;
        event.peer.stereotypes_count = p->stereotypes_count;
        fleet_parts_feed(h, &event);
}

static void learn_node(struct fleet_host *h, unsigned index)
{
        struct fleet_peer *peer = fleet_parts_peer(h, index);
        struct rpc_network network = {};

        if (!cluster_host_network(h->daemon, index, &network) || !network.known ||
                !network.machine_id || text_equal(peer->node, network.machine_id))
                return;
        mem_free(peer->node);
        peer->node = mem_strdup(network.machine_id);
}

/* The fleet knows as many as the cluster does, by the same indexes.  Whatever became of a new one
 * within the step in which it came follows as a change. */
static void introduce(struct fleet_host *h)
{
        const struct peers *peers = cluster_peers(cluster_host_cluster(h->daemon));

        for (unsigned i = 0; i < peers_count(peers); i++) {
                struct fleet_peer *peer = fleet_parts_peer(h, i);

                if (peer->introduced)
                        continue;
                peer->introduced = true;
                learn_node(h, i);
                tell_instance(h, peers_at(peers, i), PEERS_STOPPED, PEERS_HEARD);
        }
}

static void change_instance(struct fleet_host *h, const struct cluster_effect *effect)
{
        const struct peers *peers = cluster_peers(cluster_host_cluster(h->daemon));

        introduce(h);
        if (effect->change.to == PEERS_CHECKING && effect->peer != 0)
                fleet_parts_peer(h, effect->peer)->loaded = false; /* it tells all of it anew */
        learn_node(h, effect->peer);
        tell_instance(h, peers_at(peers, effect->peer), effect->change.to, effect->change.why);
}

/* After an upgrade in place: what the configuration says of those who are there may be another
 * thing now. */
static void catch_up(struct fleet_host *h)
{
        const struct peers *peers = cluster_peers(cluster_host_cluster(h->daemon));

        h->is_resumed = false;
        for (unsigned i = 0; i < h->peers_count; i++)
                if (h->peers[i].introduced)
                        tell_instance(h, peers_at(peers, i), fleet_instance_at(h->fleet, i)->state,
                                PEERS_HEARD);
        introduce(h);
        events_out_mood(h->daemon, engine_mood(h->daemon->engine));
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
        struct fleet_host *h = context;

        h->deadline = USEC_NEVER; /* it has fired: it is armed anew in any case */
        if (h->is_resumed)
                catch_up(h);
        orders_timer(h->orders);
        fleet_parts_feed(h, &(struct fleet_event){ .type = FLEET_TIMER });
        return 0;
}

/*
 * The state machine and the master.
 */

static void tell_state(struct fleet_host *h, bool abort, bool took_over_jobs)
{
        struct fleet_event event = { .type = FLEET_STATE };

        event.state.state = h->state;
        event.state.master = h->master;
        event.state.acting = h->master == 0;
        event.state.mastership = h->mastership;
        event.state.abort = abort;
        event.state.took_over_jobs = took_over_jobs;
        fleet_parts_feed(h, &event);
}

static void change_master(struct fleet_host *h, unsigned master, bool jobs_left)
{
        if (h->master != master)
                h->mastership++;
        h->master = master;
        tell_state(h, false, jobs_left);
}

void fleet_host_effect(struct daemon *d, const struct cluster_effect *effect)
{
        struct fleet_host *h = d->fleet;

        if (!h || !h->fleet)
                return;
        switch (effect->type) {
        case CLUSTER_FX_PEER:
                change_instance(h, effect);
                break;
        case CLUSTER_FX_STATE:
                h->state = effect->state.to;
                tell_state(h, effect->state.abort, false);
                break;
        case CLUSTER_FX_MASTER:
                introduce(h);
                change_master(h, effect->peer, effect->master.jobs_left);
                break;
        case CLUSTER_FX_WORK:
                fleet_parts_feed(h, &(struct fleet_event){ .type = FLEET_WORK,
                                            .work = { effect->work.kind, effect->work.ticket } });
                break;
        case CLUSTER_FX_HEARTBEAT:
        case CLUSTER_FX_CONNECT:
        case CLUSTER_FX_DISCONNECT:
        case CLUSTER_FX_PROBE:
        case CLUSTER_FX_HELLO:
        case CLUSTER_FX_PERSIST:
        case CLUSTER_FX_EXIT:
        case CLUSTER_FX_ANSWER:
        case CLUSTER_FX_FORWARD:
        case CLUSTER_FX_MODES:
        case CLUSTER_FX_ABSENT:
        case CLUSTER_FX_DIFFERENCE:
                break;
        }
}

/*
 * Callers and watchers.
 */

const struct fleet *fleet_host_fleet(struct daemon *d)
{
        return d->fleet ? d->fleet->fleet : NULL;
}

void fleet_host_submit(struct daemon *d, const struct fleet_request *request)
{
        struct fleet_host *h = d->fleet;

        if (h && h->fleet)
                fleet_parts_feed(
                        h, &(struct fleet_event){ .type = FLEET_REQUEST, .request = *request });
        else if (d->http)
                http_answer(d->http, request->id, answer_new_fault(FAULT_SHUTDOWN_STATE, NULL));
}

void fleet_host_drop(struct daemon *d, uint64_t request)
{
        if (d->fleet && d->fleet->fleet)
                fleet_parts_feed(d->fleet,
                        &(struct fleet_event){ .type = FLEET_DROPPED, .dropped = request });
}

bool fleet_host_answer(struct daemon *d, uint64_t request, struct answer *answer)
{
        if (!(request & ORDERS_ID))
                return false;
        if (d->fleet && d->fleet->orders)
                orders_engine_answer(d->fleet->orders, request, answer);
        else
                answer_free(answer);
        return true;
}

int fleet_host_watch(struct daemon *d, const struct fleet_watch *watch)
{
        struct fleet_host *h = d->fleet;

        if (!h)
                return 0; /* nothing ever changes */
        if (h->watches_count == FLEET_WATCHES_MAX)
                return -ENOSPC;
        h->watches[h->watches_count++] = watch;
        return 0;
}

void fleet_host_unwatch(struct daemon *d, const struct fleet_watch *watch)
{
        struct fleet_host *h = d->fleet;

        for (size_t i = 0; h && i < h->watches_count; i++)
                if (h->watches[i] == watch) {
                        h->watches[i] = h->watches[--h->watches_count];
                        return;
                }
}

/*
 * Life.
 */

int fleet_parts_make(struct daemon *d, struct err *err)
{
        struct fleet_host *h = d->fleet = mem_new(sizeof(*h));
        int r;

        h->daemon = d;
        fleet_rules_read(h);
        r = sd_event_add_time(
                d->loop, &h->timer, CLOCK_MONOTONIC, UINT64_MAX, USEC_MSEC, on_timer, h);
        if (r >= 0)
                r = sd_event_source_set_enabled(h->timer, SD_EVENT_OFF);
        if (r < 0)
                return err_errno(err, r, "the loop has no timer for the fleet");
        h->deadline = USEC_NEVER;
        h->queue = fleet_queue_new();
        h->reports = reports_new();
        h->orders = orders_new(&fleet_acts_orders, h);
        h->state = FSM_OFF;
        h->master = PEERS_NONE;
        return 0;
}

struct fleet_options fleet_parts_options(const struct fleet_host *h)
{
        const struct clusterconfig *config = h->daemon->config->cluster;

        return (struct fleet_options){ .rules = h->rules,
                .starting_strategy = config->starting_strategy,
                .conciliation_strategy = config->conciliation_strategy,
                .order_usec_max = ORDER_EFFECT_USEC_MAX,
                .return_usec_max = config->failure_timeout };
}

int fleet_host_start(struct daemon *d, struct err *err)
{
        struct fleet_options options;
        int r;

        if (!d->config->cluster)
                return 0;
        r = fleet_parts_make(d, err);
        if (r < 0)
                return r;
        options = fleet_parts_options(d->fleet);
        d->fleet->fleet = fleet_new(&options, monotonic_now());
        introduce(d->fleet);
        fleet_exchange_begin(d->fleet);
        return 0;
}

void fleet_host_stop(struct daemon *d)
{
        struct fleet_host *h = d->fleet;

        if (!h)
                return;
        h->timer = sd_event_source_disable_unref(h->timer);
        h->snapshots_timer = sd_event_source_disable_unref(h->snapshots_timer);
        orders_free(h->orders);
        fleet_free(h->fleet);
        fleet_queue_free(h->queue);
        fleet_effects_clear(&h->effects);
        reports_free(h->reports);
        rules_unref(h->rules);
        for (unsigned i = 0; i < h->peers_count; i++) {
                fleet_links_drop_held(&h->peers[i]);
                mem_free(h->peers[i].node);
                mem_free(h->peers[i].rest);
        }
        mem_free(h->peers);
        mem_free(h->rest);
        d->fleet = mem_free(h);
}
