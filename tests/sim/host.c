/* The host of an instance's fleet: see host.h. */
#include "tests/sim/host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/sim/judge.h"
#include "tests/sim/oracle.h"

static struct host *host_of(const struct world *w, unsigned node)
{
        return w->nodes[node].host;
}

const struct cluster *host_cluster(const struct host *h)
{
        return h->w->nodes[h->node].cluster;
}

usec_t host_clock(const struct world *w, unsigned node)
{
        return world_clock(w, node) - w->nodes[node].jumped;
}

void host_feed_cluster(struct host *h, struct cluster_event event)
{
        event.peer = world_node_at(h->node, event.peer);
        world_feed(h->w, h->node, &event);
}

/*
 * Events in, effects out.
 */

static void run(struct host *h, struct fleet_effect *fx);

static void arm(struct host *h)
{
        usec_t at = usec_min(fleet_deadline(h->fleet), orders_deadline(h->orders));
        usec_t now = host_clock(h->w, h->node);

        h->timer = ++h->w->versions;
        if (at == USEC_NEVER)
                return;
        world_push(h->w, at > now ? at - now + (at - now) / 1000 : 0, WORLD_FLEET, h->node, 0)->x =
                h->timer;
}

static void step(struct host *h, struct fleet_event *event)
{
        event->now = host_clock(h->w, h->node);
        event->wall = h->w->now;
        fleet_effects_reset(&h->effects);
        judge_before(h->w, h->node, event);
        fleet_step(h->fleet, event, &h->effects);
        h->w->fleet_steps++;
        judge_step(h->w, h->node, event);
        for (size_t i = 0; i < h->effects.count; i++)
                run(h, &h->effects.at[i]);
}

void host_feed(struct host *h, struct fleet_event *event)
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
        arm(h);
}

void host_timer(struct world *w, unsigned node, uint64_t version)
{
        struct host *h = host_of(w, node);

        if (!h || h->timer != version)
                return;
        orders_timer(h->orders);
        host_feed(h, &(struct fleet_event){ .type = FLEET_TIMER });
}

void host_drop(struct world *w, unsigned node, uint64_t request)
{
        host_feed(host_of(w, node),
                &(struct fleet_event){ .type = FLEET_DROPPED, .dropped = request });
}

void host_ask(struct world *w, unsigned node, const struct fleet_request *request)
{
        host_feed(host_of(w, node),
                &(struct fleet_event){ .type = FLEET_REQUEST, .request = *request });
}

/*
 * What the cluster tells.
 */

static void lose_link(struct host *h, unsigned index);

static void tell_instance(
        struct host *h, unsigned index, enum peers_state state, enum peers_why why)
{
        const struct peers_peer *p = peers_at(cluster_peers(host_cluster(h)), index);
        unsigned node = world_node_at(h->node, index);
        char machine[16];

        (void)snprintf(machine, sizeof(machine), "m%u", node / h->w->scenario->by_node);
        host_feed(h, &(struct fleet_event){ .type = FLEET_INSTANCE,
                             .instance = index,
                             .peer = { .identifier = p->identifier,
                                     .nick = p->nick,
                                     .node = machine,
                                     .listed = node,
                                     .state = state,
                                     .why = why,
                                     .life = identity_life(&p->id, p->incarnation) } });
}

static void introduce(struct host *h)
{
        const struct peers *peers = cluster_peers(host_cluster(h));

        for (unsigned i = 0; i < peers_count(peers); i++) {
                if (h->peers[i].introduced)
                        continue;
                h->peers[i].introduced = true;
                tell_instance(h, i, PEERS_STOPPED, PEERS_HEARD);
        }
}

static void tell_state(struct host *h, bool abort, bool took_over_jobs)
{
        host_feed(h, &(struct fleet_event){ .type = FLEET_STATE,
                             .state = { .state = h->state,
                                     .master = h->master,
                                     .acting = h->master == 0,
                                     .mastership = h->mastership,
                                     .abort = abort,
                                     .took_over_jobs = took_over_jobs } });
}

static void change_master(struct host *h, unsigned master, bool jobs_left)
{
        if (h->master != master)
                h->mastership++;
        h->master = master;
        tell_state(h, false, jobs_left);
}

void host_effect(struct world *w, unsigned node, const struct cluster_effect *effect)
{
        struct host *h = host_of(w, node);

        if (!h)
                return;
        introduce(h);
        if (effect->type == CLUSTER_FX_PEER) {
                if (effect->change.to != PEERS_CHECKED && effect->change.to != PEERS_RUNNING &&
                        h->peers[effect->peer].paused)
                        lose_link(h, effect->peer);
                if (effect->change.to == PEERS_CHECKING && effect->peer != 0)
                        h->peers[effect->peer].loaded = false;
                tell_instance(h, effect->peer, effect->change.to, effect->change.why);
        } else if (effect->type == CLUSTER_FX_STATE) {
                h->state = effect->state.to;
                tell_state(h, effect->state.abort, false);
        } else if (effect->type == CLUSTER_FX_MASTER) {
                change_master(h, effect->peer, effect->master.jobs_left);
        } else if (effect->type == CLUSTER_FX_WORK) {
                host_feed(h, &(struct fleet_event){ .type = FLEET_WORK,
                                     .work = { effect->work.kind, effect->work.ticket } });
        }
}

/*
 * Programs, ours and those of others.
 */

struct fleet_report host_report(const struct host *h, unsigned program)
{
        const struct scenario_program *p = &h->w->scenario->programs[program];
        const struct slot *slot = &h->slots[program];

        return (struct fleet_report){ .group = p->group,
                .name = p->name,
                .program_name = p->name,
                .state = slot->state,
                .expected = slot->expected,
                .autorestart = p->autorestart,
                .spawnerr = "",
                .description = "",
                .extra_args = slot->args,
                .startsecs = p->startsecs,
                .stopwaitsecs = p->stopwaitsecs,
                .start = slot->start,
                .stop = slot->stop,
                .start_monotonic = slot->start,
                .stop_monotonic = slot->stop,
                .event_time = slot->changed,
                .now_monotonic = host_clock(h->w, h->node) };
}

static void hold(struct host *h, unsigned peer, const struct frame *frame)
{
        struct host_peer *p = &h->peers[peer];
        struct frame ours = *frame;

        ours.payload = frame->size ? mem_copy(frame->payload, frame->size) : NULL;
        p->held = mem_grow(p->held, &p->held_capacity, p->held_count + 1, sizeof(*p->held));
        p->held[p->held_count++] = ours;
}

static void drop_held(struct host_peer *p)
{
        for (size_t i = 0; i < p->held_count; i++)
                mem_free((void *)(uintptr_t)p->held[i].payload);
        p->held = mem_free(p->held);
        p->held_count = p->held_capacity = 0;
}

/* As fleet_links.c does it. */
int host_send(struct host *h, unsigned peer, const struct frame *frame)
{
        if (!h->peers[peer].paused)
                return net_send_frame(h->w, h->node, world_node_at(h->node, peer), frame);
        if (frame->kind != FRAME_ORDER && frame->kind != FRAME_REQUEST)
                hold(h, peer, frame);
        return 0;
}

static int send_text(
        struct host *h, unsigned peer, enum frame_kind kind, uint64_t number, const struct text *t)
{
        return host_send(h, peer,
                &(struct frame){ .kind = kind,
                        .number = number,
                        .payload = (const uint8_t *)t->data,
                        .size = t->length });
}

static void publish(struct host *h, const struct payload_event *event)
{
        CLEANUP(text_clear) struct text t = {};
        struct world_node *n = &h->w->nodes[h->node];

        payload_put_event(&t, event);
        n->event++;
        for (unsigned i = 1; i < h->w->options.count; i++)
                (void)send_text(h, i, FRAME_EVENT, n->event, &t); /* or it asks for it */
        host_feed_cluster(
                h, (struct cluster_event){ .type = CLUSTER_PROGRESS, .number = n->event });
}

void host_tell(struct host *h, unsigned program)
{
        struct fleet_report report = host_report(h, program);
        const struct payload_event event = { .change = PAYLOAD_REPORT, .report = report };

        judge_program(h->w, h->node, program);
        publish(h, &event);
        host_feed(h, &(struct fleet_event){ .type = FLEET_REPORT, .report = &report });
}

static size_t report_all(const struct host *h, struct fleet_report *ret)
{
        size_t count = 0;

        for (unsigned i = 0; i < h->w->scenario->programs_count; i++)
                if (programs_is_there(h->w, i, h->node))
                        ret[count++] = host_report(h, i);
        return count;
}

void host_loaded(struct world *w, unsigned node)
{
        struct host *h = host_of(w, node);
        struct fleet_report all[SCENARIO_PROGRAMS_MAX];
        struct fleet_event event = { .type = FLEET_SNAPSHOT };

        event.snapshot.at = all;
        event.snapshot.count = report_all(h, all);
        host_feed(h, &event);
}

static void tell_losses(struct host *h, unsigned peer)
{
        CLEANUP(mem_free) struct fleet_loss *losses = NULL;
        size_t count = fleet_losses(h->fleet, &losses);
        CLEANUP(mem_free) struct payload_loss *told = mem_new_array(count + 1, sizeof(*told));
        CLEANUP(text_clear) struct text t = {};
        struct payload_event event = { .change = PAYLOAD_LOSSES };

        for (size_t i = 0; i < count; i++) {
                const char *there = host_orders.identifier(h, losses[i].instance);

                told[i] = (struct payload_loss){ losses[i].group, losses[i].name,
                        there ? there : PAYLOAD_IDENTIFIER_NONE, losses[i].life,
                        losses[i].is_awaited, losses[i].is_owed, losses[i].is_paid };
                world_tell(h->w, "%s tells %s that %s:%s is %s with %s", h->w->nodes[h->node].nick,
                        h->w->nodes[world_node_at(h->node, peer)].nick, losses[i].group,
                        losses[i].name,
                        losses[i].is_owed      ? "owed"
                        : losses[i].is_awaited ? "away"
                                               : "lost",
                        there ? there : "somebody");
        }
        event.losses.at = told;
        event.losses.count = count;
        payload_put_event(&t, &event);
        if (count)
                (void)send_text(h, peer, FRAME_EVENT, 0, &t);
}

static void tell_owed(struct host *h, const struct fleet_effect *fx)
{
        const struct payload_loss loss = { .group = fx->group,
                .name = fx->name,
                .instance = PAYLOAD_IDENTIFIER_NONE,
                .is_owed = !fx->owed.is_paid,
                .is_paid = fx->owed.is_paid };
        const struct payload_event event = { .change = PAYLOAD_LOSSES, .losses = { &loss, 1 } };
        CLEANUP(text_clear) struct text t = {};

        world_tell(h->w, "%s %s %s:%s", h->w->nodes[h->node].nick,
                fx->owed.is_paid ? "owes no more" : "owes", fx->group, fx->name);
        payload_put_event(&t, &event);
        for (unsigned i = 1; i < h->w->options.count; i++)
                (void)send_text(h, i, FRAME_EVENT, 0, &t);
}

void host_snapshot(struct world *w, unsigned node, unsigned peer)
{
        struct host *h = host_of(w, node);
        CLEANUP(text_clear) struct text t = {};
        struct fleet_report all[SCENARIO_PROGRAMS_MAX];
        size_t count = report_all(h, all);

        payload_put_snapshot(&t, all, count, host_clock(w, node));
        (void)send_text(h, world_index_at(node, peer), FRAME_SNAPSHOT, w->nodes[node].event, &t);
        tell_losses(h, world_index_at(node, peer));
}

static bool is_active(const struct host *h, unsigned peer)
{
        const struct peers_peer *p = peers_at(cluster_peers(host_cluster(h)), peer);

        return p && peer != 0 &&
               (p->state == PEERS_CHECKING || p->state == PEERS_CHECKED ||
                       p->state == PEERS_RUNNING);
}

static struct payload *read_payload(struct host *h, const struct frame *frame)
{
        struct payload *payload = NULL;
        struct err err = {};

        if (payload_read(frame->kind, frame->payload, frame->size, &payload, &err) < 0)
                oracle_object(h->w->oracle, h->w, err.text);
        return payload;
}

static void progress(struct host *h, unsigned peer, uint64_t number)
{
        h->peers[peer].event = number;
        host_feed_cluster(h,
                (struct cluster_event){ .type = CLUSTER_PROGRESS, .peer = peer, .number = number });
}

static void take_snapshot(struct host *h, unsigned peer, const struct frame *frame)
{
        CLEANUP(payload_free) struct payload *payload = NULL;
        struct fleet_event event = { .type = FLEET_SNAPSHOT, .instance = peer };

        if (!is_active(h, peer))
                return;
        payload = read_payload(h, frame);
        event.snapshot.at = payload->reports;
        event.snapshot.count = payload->reports_count;
        host_feed(h, &event);
        h->peers[peer].loaded = true;
        progress(h, peer, frame->number);
        host_feed_cluster(h, (struct cluster_event){ .type = CLUSTER_LOADED, .peer = peer });
}

static void take_losses(struct host *h, unsigned peer, const struct frame *frame)
{
        CLEANUP(payload_free) struct payload *payload = read_payload(h, frame);
        size_t count = payload->event.losses.count;
        CLEANUP(mem_free) struct fleet_loss *losses = mem_new_array(count + 1, sizeof(*losses));

        for (size_t i = 0; i < count; i++) {
                const struct payload_loss *told = &payload->losses[i];

                losses[i] = (struct fleet_loss){ told->group, told->name,
                        host_orders.instance(h, told->instance), told->life, told->is_awaited,
                        told->is_owed, told->is_paid };
        }
        host_feed(h, &(struct fleet_event){
                             .type = FLEET_LOSSES, .instance = peer, .losses = { losses, count } });
}

static void take_event(struct host *h, unsigned peer, const struct frame *frame)
{
        CLEANUP(payload_free) struct payload *payload = NULL;
        struct fleet_event event = { .type = FLEET_REPORT, .instance = peer };

        if (!h->peers[peer].loaded || !is_active(h, peer))
                return;
        if (frame->number == 0) {
                take_losses(h, peer, frame);
                return;
        }
        if (frame->number <= h->peers[peer].event)
                return;
        h->peers[peer].loaded = frame->number == h->peers[peer].event + 1;
        if (!h->peers[peer].loaded)
                return;
        payload = read_payload(h, frame);
        if (payload->event.change == PAYLOAD_FORCED) {
                event.type = FLEET_FORCED;
                event.forced.group = payload->event.forced.group;
                event.forced.name = payload->event.forced.name;
                event.forced.state = payload->event.forced.state;
                event.forced.reason = payload->event.forced.reason;
                event.forced.target =
                        peers_find(cluster_peers(host_cluster(h)), payload->event.forced.target);
                event.forced.since = payload->event.forced.since;
                event.forced.repeated = payload->event.forced.repeated;
        } else {
                event.report = &payload->event.report;
        }
        host_feed(h, &event);
        progress(h, peer, frame->number);
}

void host_frame(struct world *w, unsigned node, unsigned peer, const struct frame *frame)
{
        struct host *h = host_of(w, node);
        unsigned index = world_index_at(node, peer);
        struct err err = {};

        if (frame->kind == FRAME_SNAPSHOT) {
                take_snapshot(h, index, frame);
        } else if (frame->kind == FRAME_EVENT) {
                take_event(h, index, frame);
        } else {
                if (orders_frame(h->orders, index, frame, &err) < 0)
                        oracle_object(w->oracle, w, err.text);
                arm(h);
        }
}

void host_link_paused(struct world *w, unsigned node, unsigned peer)
{
        struct host *h = host_of(w, node);

        if (h)
                h->peers[world_index_at(node, peer)].paused = true;
}

static void lose_link(struct host *h, unsigned index)
{
        struct host_peer *p = &h->peers[index];

        p->loaded = p->paused = false;
        drop_held(p);
        orders_link_down(h->orders, index);
        arm(h);
}

void host_link_down(struct world *w, unsigned node, unsigned peer)
{
        struct host *h = host_of(w, node);
        unsigned index = world_index_at(node, peer);

        if (h && !h->peers[index].paused)
                lose_link(h, index);
}

void host_link_resumed(struct world *w, unsigned node, unsigned peer, bool same_life)
{
        struct host *h = host_of(w, node);
        unsigned index = world_index_at(node, peer);
        struct host_peer *p = h ? &h->peers[index] : NULL;
        struct host_peer held;

        if (!p || !p->paused)
                return;
        if (!same_life) {
                lose_link(h, index);
                return;
        }
        held = *p;
        *p = (struct host_peer){
                .introduced = held.introduced, .loaded = held.loaded, .event = held.event
        };
        for (size_t i = 0; i < held.held_count; i++)
                (void)host_send(h, index, &held.held[i]); /* its end is told by itself */
        drop_held(&held);
        orders_link_resumed(h->orders, index);
        arm(h);
}

/*
 * Effects out.
 */

static void run_force(struct host *h, const struct fleet_effect *fx)
{
        const char *target =
                fx->force.target == FLEET_NONE ? NULL : host_orders.identifier(h, fx->force.target);
        const struct payload_event told = { .change = PAYLOAD_FORCED,
                .forced = { .group = fx->group,
                        .name = fx->name,
                        .state = fx->force.state,
                        .reason = fx->force.reason,
                        .target = target ? target : PAYLOAD_IDENTIFIER_NONE,
                        .since = fx->force.since } };

        publish(h, &told);
        host_feed(h, &(struct fleet_event){ .type = FLEET_FORCED,
                             .forced = { .group = fx->group,
                                     .name = fx->name,
                                     .state = fx->force.state,
                                     .reason = fx->force.reason,
                                     .target = fx->force.target,
                                     .since = fx->force.since } });
}

static void run_no_autorestart(struct host *h, const struct fleet_effect *fx)
{
        const struct scenario *s = h->w->scenario;

        for (unsigned i = 0; i < s->programs_count; i++)
                if (strcmp(s->programs[i].group, fx->group) == 0 &&
                        strcmp(s->programs[i].name, fx->name) == 0)
                        h->slots[i].no_autorestart = true;
}

static void run(struct host *h, struct fleet_effect *fx)
{
        judge_effect(h->w, h->node, fx);
        switch (fx->type) {
        case FLEET_FX_START:
        case FLEET_FX_STOP:
                orders_give(h->orders, fx->instance, fx->order.ticket,
                        &(struct payload_order){ .start = fx->type == FLEET_FX_START,
                                .group = fx->group,
                                .name = fx->name,
                                .args = fx->order.args });
                break;
        case FLEET_FX_FORCE:
                run_force(h, fx);
                break;
        case FLEET_FX_WORK:
                world_tell(h->w, "%s works on %llu:%s%s%s", h->w->nodes[h->node].nick,
                        (unsigned long long)fx->work.ticket, fx->work.starting ? " starting" : "",
                        fx->work.stopping ? " stopping" : "", fx->work.conflict ? " conflict" : "");
                host_feed_cluster(h, (struct cluster_event){ .type = CLUSTER_WORK,
                                             .work = { .ticket = fx->work.ticket,
                                                     .starting = fx->work.starting,
                                                     .stopping = fx->work.stopping,
                                                     .conflict = fx->work.conflict } });
                break;
        case FLEET_FX_ANSWER:
                if (fx->answer.request & ORDERS_ID)
                        orders_answer(h->orders, fx->answer.request, TAKE(fx->answer.answer));
                else
                        judge_answered(h->w, h->node, fx->answer.request, fx->answer.answer);
                break;
        case FLEET_FX_FORWARD:
                orders_forward(h->orders, cluster_status(host_cluster(h)).master, fx->forward);
                break;
        case FLEET_FX_OWED:
                tell_owed(h, fx);
                break;
        case FLEET_FX_LOSSES:
                tell_losses(h, fx->instance);
                break;
        case FLEET_FX_NO_AUTORESTART:
                run_no_autorestart(h, fx);
                break;
        case FLEET_FX_LOG:
                world_tell(h->w, "%s: %s", h->w->nodes[h->node].nick, fx->log.text);
                break;
        case FLEET_FX_END:
        case FLEET_FX_INSTANCE:
        case FLEET_FX_RECORD:
        case FLEET_FX_PROCESS:
        case FLEET_FX_APPLICATION:
                break;
        }
}

/*
 * Life.
 */

#define OPTIONS(w)                                                                             \
        .rules = (w)->scenario->rules, .starting_strategy = (w)->scenario->starting,           \
        .conciliation_strategy = (w)->scenario->conciliation, .order_usec_max = 10 * USEC_SEC, \
        .return_usec_max = (w)->options.timeout

void host_start(struct world *w, unsigned node)
{
        struct host *h;

        if (!w->scenario)
                return;
        h = w->nodes[node].host = mem_new(sizeof(*h));
        h->w = w;
        h->node = node;
        h->peers = mem_new_array(w->options.count, sizeof(*h->peers));
        h->queue = fleet_queue_new();
        h->orders = orders_new(&host_orders, h);
        h->master = PEERS_NONE;
        for (unsigned i = 0; i < w->scenario->programs_count; i++)
                h->slots[i] = (struct slot){ .expected = true, .changed = host_clock(w, node) };
        programs_adopt(h);
        h->fleet = fleet_new(&(struct fleet_options){ OPTIONS(w) }, host_clock(w, node));
        introduce(h);
}

void host_stop(struct world *w, unsigned node)
{
        struct host *h = host_of(w, node);

        if (!h)
                return;
        judge_life_ends(w, node);
        orders_free(h->orders);
        fleet_free(h->fleet);
        fleet_queue_free(h->queue);
        fleet_effects_clear(&h->effects);
        for (unsigned i = 0; i < w->options.count; i++)
                drop_held(&h->peers[i]);
        mem_free(h->peers);
        w->nodes[node].host = mem_free(h);
}

void host_save(const struct world *w, unsigned node, struct saver *saver)
{
        struct host *h = host_of(w, node);

        if (!h)
                return;
        fleet_save(h->fleet, saver);
        orders_save(h->orders, saver);
}

int host_restore(struct world *w, unsigned node, struct saved *saved, struct err *err)
{
        struct host *h = host_of(w, node);
        int r;

        if (!h)
                return 0;
        fleet_free(h->fleet);
        orders_free(h->orders);
        h->orders = orders_new(&host_orders, h);
        h->fleet = NULL;
        r = fleet_restore(&(struct fleet_options){ OPTIONS(w) }, saved, &h->fleet, err);
        if (r >= 0)
                r = orders_restore(h->orders, saved, err);
        if (r < 0)
                return r;
        arm(h);
        return 0;
}
