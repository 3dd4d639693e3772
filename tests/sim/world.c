/* The simulated world: see world.h.  Owns the queue, the clocks, the disks, and what daemon/ does
 * in reality: events in, effects out. */
#include "tests/sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/host.h"
#include "tests/sim/judge.h"
#include "tests/sim/oracle.h"

#define HELD_DATAGRAMS_MAX 200 /* what a socket buffer keeps for a frozen process */

uint64_t world_random(struct world *w, uint64_t below)
{
        w->random += UINT64_C(0x9e3779b97f4a7c15);
        return below ? identity_mix(w->random) % below : 0;
}

void world_tell(const struct world *w, const char *format, ...)
{
        va_list ap;

        if (!w->options.trace)
                return;
        printf("%12.6f  ", (double)w->now / USEC_SEC);
        va_start(ap, format);
        (void)vprintf(format, ap);
        va_end(ap);
        printf("\n");
}

static bool is_before(const struct world_entry *a, const struct world_entry *b)
{
        return a->at != b->at ? a->at < b->at : a->number < b->number;
}

struct world_entry *world_push(
        struct world *w, usec_t delay, enum world_kind kind, unsigned node, unsigned peer)
{
        struct world_entry e = { w->now + delay, w->made++, kind, node, peer };
        size_t i = w->queue_count++;

        w->queue = mem_grow(w->queue, &w->queue_capacity, w->queue_count, sizeof(*w->queue));
        /* The caller fills in the rest through the pointer, which does not matter for the order. */
        while (i > 0 && is_before(&e, &w->queue[(i - 1) / 2])) {
                w->queue[i] = w->queue[(i - 1) / 2];
                i = (i - 1) / 2;
        }
        w->queue[i] = e;
        return &w->queue[i];
}

static struct world_entry pop(struct world *w)
{
        struct world_entry top = w->queue[0], last = w->queue[--w->queue_count];
        size_t i = 0;

        for (;;) {
                size_t child = 2 * i + 1;

                if (child >= w->queue_count)
                        break;
                if (child + 1 < w->queue_count && is_before(&w->queue[child + 1], &w->queue[child]))
                        child++;
                if (!is_before(&w->queue[child], &last))
                        break;
                w->queue[i] = w->queue[child];
                i = child;
        }
        w->queue[i] = last;
        return top;
}

usec_t world_clock(const struct world *w, unsigned node)
{
        const struct world_node *n = &w->nodes[node];

        return n->clock_base + w->now + (usec_t)((int64_t)w->now * n->ppm / 1000000);
}

/* From a span of the node's clock to one of the world's; never too short. */
static usec_t span(const struct world_node *n, usec_t of_node)
{
        return of_node + (usec_t)((int64_t)of_node * -n->ppm / 1000000) + 1;
}

unsigned world_index_at(unsigned node, unsigned peer)
{
        return peer == node ? 0 : peer < node ? peer + 1 : peer;
}

unsigned world_node_at(unsigned node, unsigned index)
{
        return index == 0 ? node : index <= node ? index - 1 : index;
}

static void arm(struct world *w, unsigned node)
{
        struct world_node *n = &w->nodes[node];
        usec_t now = world_clock(w, node), at = cluster_deadline(n->cluster);

        n->timer++;
        if (at == USEC_NEVER)
                return;
        world_push(w, at > now ? span(n, at - now) : 0, WORLD_TIMER, node, 0)->x = n->timer;
}

static void say_hello(struct world *w, unsigned node, unsigned peer, bool reply, bool snapshot)
{
        struct frame_message m = { .kind = MESSAGE_HELLO };

        cluster_hello(w->nodes[node].cluster, world_index_at(node, peer), reply, &m.hello);
        net_send(w, node, peer, &m);
        if (w->scenario) {
                if (snapshot && m.hello.sees != PEERS_ISOLATED)
                        host_snapshot(w, node, peer);
                return;
        }
        m.kind = MESSAGE_SNAPSHOT;
        m.number = w->nodes[node].event;
        if (snapshot && m.hello.sees != PEERS_ISOLATED)
                net_send(w, node, peer, &m);
}

static void write_record(struct world *w, unsigned node, const struct cluster_effect *effect)
{
        struct world_node *n = &w->nodes[node];
        usec_t done = w->now + n->disk_delay / 2 + world_random(w, n->disk_delay + 1);
        struct world_entry *e;

        if (done <= n->disk_free)
                done = n->disk_free + 1;
        n->disk_free = done;
        e = world_push(w, done - w->now, WORLD_DISK, node, 0);
        e->p = mem_copy(&effect->persist, sizeof(effect->persist));
        e->x = n->life;
}

/* The engine, as far as the cluster sees it: busy for a while, then idle; where there is nothing to
 * be stopped it is idle at once. */
static void work(struct world *w, unsigned node, enum fsm_work kind, uint64_t ticket)
{
        struct world_node *n = &w->nodes[node];
        struct world_entry *e;

        if (kind == FSM_WORK_STOP && w->options.idle) {
                world_push(w, 0, WORLD_WORK, node, 0)->x = ticket;
                return;
        }
        e = world_push(w, USEC_MSEC, WORLD_WORK, node, 0);
        e->x = ticket;
        e->flag = true; /* busy */
        e = world_push(w, 5 * USEC_MSEC + world_random(w, 300 * USEC_MSEC), WORLD_WORK, node, 0);
        e->x = ticket;
        if (kind == FSM_WORK_CONCILIATE)
                n->conflict = false;
}

/* The process ends in order: after its last heartbeats. */
static void say_good_bye(struct world *w, unsigned node)
{
        struct cluster_event event = { .type = CLUSTER_LEAVE, .peer = node };

        world_feed(w, node, &event);
        world_crash(w, node);
}

/* Nothing new begins while links are drained. */
static void reach(struct world *w, unsigned node, unsigned peer, bool probe)
{
        struct cluster_event event = { .type = probe ? CLUSTER_PROBED : CLUSTER_LINK_DOWN,
                .peer = peer };

        if (w->nodes[node].upgrading)
                world_feed(w, node, &event);
        else
                net_connect(w, node, peer, probe);
}

void world_stop_attempts(struct world *w, unsigned node)
{
        for (size_t i = 0; i < w->queue_count; i++) {
                struct world_entry *e = &w->queue[i];

                if (e->kind != WORLD_CONNECT || e->node != node || e->x != w->nodes[node].life)
                        continue;
                e->x = 0; /* of no life */
                reach(w, node, e->peer, e->flag);
                i = SIZE_MAX; /* that may have changed the queue */
        }
}

static void run_effect(struct world *w, unsigned node, const struct cluster_effect *e)
{
        unsigned peer = e->peer == PEERS_NONE ? 0 : world_node_at(node, e->peer);

        switch (e->type) {
        case CLUSTER_FX_HEARTBEAT:
                net_send_heartbeat(w, node);
                break;
        case CLUSTER_FX_CONNECT:
                reach(w, node, peer, false);
                break;
        case CLUSTER_FX_DISCONNECT:
                net_close(w, node, peer);
                host_link_down(w, node, peer);
                break;
        case CLUSTER_FX_PROBE:
                reach(w, node, peer, true);
                break;
        case CLUSTER_FX_HELLO:
                say_hello(w, node, peer, e->hello.reply, e->hello.snapshot);
                break;
        case CLUSTER_FX_PERSIST:
                write_record(w, node, e);
                break;
        case CLUSTER_FX_WORK:
                if (w->scenario)
                        host_effect(w, node, e);
                else
                        work(w, node, e->work.kind, e->work.ticket);
                break;
        case CLUSTER_FX_EXIT:
                w->nodes[node].exited = true;
                w->nodes[node].exited_to_restart = e->exit.restart;
                say_good_bye(w, node);
                break;
        case CLUSTER_FX_ANSWER:
                w->nodes[node].answer = e->answer.result;
                break;
        case CLUSTER_FX_FORWARD:
                world_push(w, USEC_MSEC, WORLD_END, peer, 0)->flag = e->forward.restart;
                break;
        case CLUSTER_FX_PEER:
        case CLUSTER_FX_STATE:
        case CLUSTER_FX_MASTER:
                host_effect(w, node, e);
                break;
        case CLUSTER_FX_MODES:
        case CLUSTER_FX_ABSENT:
        case CLUSTER_FX_DIFFERENCE:
                break; /* looked at by the oracle */
        }
}

static void step(struct world *w, unsigned node, struct cluster_event *event)
{
        struct world_node *n = &w->nodes[node];
        CLEANUP(cluster_effects_clear) struct cluster_effects fx = {};

        event->now = world_clock(w, node);
        cluster_step(n->cluster, event, &fx);
        w->steps++;
        oracle_effects(w->oracle, w, node, &fx);
        oracle_after_step(w->oracle, w, node);
        for (size_t i = 0; i < fx.count && n->cluster; i++)
                run_effect(w, node, &fx.at[i]);
}

void world_feed(struct world *w, unsigned node, struct cluster_event *event)
{
        struct world_node *n = &w->nodes[node];
        struct cluster_event own = *event;

        if (!n->cluster || n->frozen)
                return;
        if (own.peer != PEERS_NONE)
                own.peer = world_index_at(node, own.peer);
        if (n->feeding && own.type != CLUSTER_LEAVE) {
                n->queue = mem_grow(
                        n->queue, &n->queue_capacity, n->queue_count + 1, sizeof(*n->queue));
                n->queue[n->queue_count++] = own;
                return;
        }
        n->feeding = true;
        step(w, node, &own);
        for (size_t i = 0; i < n->queue_count && n->cluster; i++) {
                own = n->queue[i];
                step(w, node, &own);
        }
        n->queue_count = 0;
        n->feeding = false;
        if (n->cluster)
                arm(w, node);
}

static void fill_options(
        const struct world *w, unsigned node, struct identity *list, struct cluster_options *o)
{
        const struct world_node *n = &w->nodes[node];
        struct err err;

        for (unsigned i = 0; i < w->options.count; i++)
                list[i] = (struct identity){ .identifier = w->nodes[i].identifier,
                        .nick = w->nodes[i].nick };
        *o = (struct cluster_options){
                .name = "world",
                .self = { n->id, n->identifier, n->nick },
                .list = list,
                .list_count = w->options.count,
                .instances_max = CLUSTER_INSTANCES_MAX,
                .heartbeat_interval = w->options.interval,
                .failure_timeout = w->options.timeout,
                .synchro = w->options.synchro,
                .auto_fence = w->options.auto_fence,
                .failure_strategy = w->options.failure,
                .quorum = w->options.quorum,
                .seed = w->options.seed ^ (node * 7919u) ^ n->life << 32,
        };
        if (cluster_options_complete(o, &err) < 0)
                oracle_object(w->oracle, w, err.text);
}

void world_start(struct world *w, unsigned node)
{
        struct world_node *n = &w->nodes[node];
        CLEANUP(mem_free) struct identity *list = mem_new_array(w->options.count, sizeof(*list));
        struct cluster_event event = { .type = CLUSTER_TIMER, .peer = node };
        struct cluster_options o;

        if (n->cluster)
                return;
        n->life++;
        n->woken_at = 0;
        n->frozen = false;
        n->event = 0;
        fill_options(w, node, list, &o);
        n->cluster = cluster_new(&o, &n->disk, world_clock(w, node));
        world_tell(w, "%s starts, life %llu", n->nick, (unsigned long long)n->life);
        host_start(w, node);
        world_push(w, 10 * USEC_MSEC, WORLD_LOADED, node, 0)->x = n->life;
        if (!w->options.quiet) {
                if (!w->scenario)
                        world_push(w, world_random(w, USEC_SEC), WORLD_EVENT, node, 0)->x = n->life;
                world_push(w, world_random(w, 100 * USEC_MSEC), WORLD_ORDER, node, 0)->x = n->life;
        }
        world_feed(w, node, &event);
}

int world_restore(struct world *w, unsigned node, struct saved *saved, struct err *err)
{
        struct world_node *n = &w->nodes[node];
        CLEANUP(mem_free) struct identity *list = mem_new_array(w->options.count, sizeof(*list));
        struct cluster_options o;

        fill_options(w, node, list, &o);
        return cluster_restore(&o, saved, &n->cluster, err);
}

void world_stop_disk(struct world *w, unsigned node)
{
        struct world_node *n = &w->nodes[node];
        usec_t until = w->now + world_random(w, 2 * n->disk_delay);
        uint64_t written = 0;

        for (size_t i = 0; i < w->queue_count; i++) {
                struct world_entry *e = &w->queue[i];
                const typeof(((struct cluster_effect *)0)->persist) *persist = e->p;

                if (e->kind != WORLD_DISK || e->node != node || e->x != n->life)
                        continue;
                e->x = 0; /* of no life */
                if (e->flag || e->at > until || persist->ticket < written)
                        continue;
                written = persist->ticket;
                n->disk = persist->record;
        }
        n->disk_free = 0;
}

static void drop_held(struct world_node *n)
{
        for (size_t i = 0; i < n->held_count; i++)
                mem_free(n->held[i].p);
        n->held_count = 0;
}

void world_crash(struct world *w, unsigned node)
{
        struct world_node *n = &w->nodes[node];

        if (!n->cluster)
                return;
        world_tell(w, "%s is gone", n->nick);
        host_stop(w, node);
        n->cluster = cluster_free(n->cluster);
        n->frozen = n->is_between = false;
        n->upgrading = 0;
        n->timer++;
        n->disk_free = 0;
        drop_held(n);
        net_close_all(w, node);
        oracle_life_ends(w->oracle, node);
}

void world_kill(struct world *w, unsigned node)
{
        if (!w->nodes[node].cluster)
                return;
        world_tell(w, "%s is killed, its programs are not", w->nodes[node].nick);
        programs_orphan(w, node);
        world_crash(w, node);
}

void world_freeze(struct world *w, unsigned node)
{
        struct world_node *n = &w->nodes[node];

        if (!n->cluster || n->frozen)
                return;
        world_tell(w, "%s freezes", n->nick);
        n->frozen = true;
        n->frozen_at = w->now;
        n->frozen_term = cluster_order_term(n->cluster);
        n->woken_at = 0;
}

static void dispatch(struct world *w, struct world_entry *e);

void world_thaw(struct world *w, unsigned node)
{
        struct world_node *n = &w->nodes[node];
        struct cluster_event event = { .type = CLUSTER_TIMER, .peer = node };
        struct world_entry *held = n->held;
        size_t count = n->held_count;

        if (!n->cluster || !n->frozen)
                return;
        world_tell(w, "%s wakes up, %zu things wait", n->nick, count);
        n->frozen = false;
        if (w->now - n->frozen_at > w->options.timeout + w->options.timeout / 10)
                n->woken_at = w->now;
        n->held = NULL;
        n->held_count = n->held_capacity = 0;
        /* A loop runs its timer first or its sockets first; both must do. */
        if (world_random(w, 2))
                world_feed(w, node, &event);
        for (size_t i = 0; i < count; i++)
                dispatch(w, &held[i]);
        mem_free(held);
        if (n->cluster)
                world_feed(w, node, &event);
}

void world_jump(struct world *w, unsigned node, usec_t forward)
{
        struct cluster_event event = { .type = CLUSTER_TIMER, .peer = node };

        world_tell(w, "the clock of %s jumps by %.3f s", w->nodes[node].nick,
                (double)forward / USEC_SEC);
        w->nodes[node].clock_base += forward;
        w->nodes[node].jumped += forward;
        w->nodes[node].woken_at = 0; /* how long it has been awake is not told any more */
        world_feed(w, node, &event);
}

static bool hold(struct world *w, struct world_entry *e)
{
        struct world_node *n = &w->nodes[e->node];

        if (!n->cluster || !n->frozen || e->kind == WORLD_STORY || e->kind == WORLD_DISK ||
                e->kind == WORLD_UPGRADE || e->kind == WORLD_CONNECT)
                return false;
        if (e->kind == WORLD_DATAGRAM && n->held_count >= HELD_DATAGRAMS_MAX)
                return false;
        n->held = mem_grow(n->held, &n->held_capacity, n->held_count + 1, sizeof(*n->held));
        n->held[n->held_count++] = *e;
        e->p = NULL;
        return true;
}

static void disk_done(struct world *w, const struct world_entry *e)
{
        struct world_node *n = &w->nodes[e->node];
        const typeof(((struct cluster_effect *)0)->persist) *persist = e->p;
        struct cluster_event event = { .type = CLUSTER_PERSISTED, .peer = e->node };

        if (n->life != e->x || !n->cluster)
                return;
        if (!e->flag)
                n->disk = persist->record;
        event.ticket = persist->ticket;
        if (n->frozen) {
                /* The answer waits with everything else. */
                struct world_entry *again = world_push(w, 50 * USEC_MSEC, WORLD_DISK, e->node, 0);

                again->x = e->x;
                again->flag = true; /* it is written already */
                again->p = mem_copy(persist, sizeof(*persist));
                return;
        }
        world_feed(w, e->node, &event);
}

static void publish(struct world *w, const struct world_entry *e)
{
        struct world_node *n = &w->nodes[e->node];
        struct cluster_event event = { .type = CLUSTER_PROGRESS, .peer = e->node };
        struct frame_message m = { .kind = MESSAGE_EVENT };

        if (n->life != e->x || !n->cluster)
                return;
        event.number = m.number = ++n->event;
        for (unsigned i = 0; i < w->options.count; i++)
                if (i != e->node)
                        net_send(w, e->node, i, &m);
        world_feed(w, e->node, &event);
        world_push(w, USEC_SEC + world_random(w, USEC_SEC), WORLD_EVENT, e->node, 0)->x = e->x;
}

static void order(struct world *w, const struct world_entry *e)
{
        struct world_node *n = &w->nodes[e->node];
        struct frame_message m = { .kind = MESSAGE_ORDER };

        if (n->life != e->x || !n->cluster)
                return;
        m.number = cluster_order_term(n->cluster);
        for (unsigned i = 0; i < w->options.count; i++)
                if (i != e->node && cluster_may_order(n->cluster, world_clock(w, e->node)))
                        net_send(w, e->node, i, &m);
        world_push(w, 50 * USEC_MSEC + world_random(w, 100 * USEC_MSEC), WORLD_ORDER, e->node, 0)
                ->x = e->x;
}

static void dispatch(struct world *w, struct world_entry *e)
{
        struct world_node *n = &w->nodes[e->node];
        struct cluster_event event = { .peer = e->node };

        if (hold(w, e))
                return;
        switch (e->kind) {
        case WORLD_TIMER:
                event.type = CLUSTER_TIMER;
                if (n->timer == e->x)
                        world_feed(w, e->node, &event);
                break;
        case WORLD_DATAGRAM:
        case WORLD_CONNECT:
        case WORLD_UP:
        case WORLD_DOWN:
        case WORLD_PROBED:
        case WORLD_FRAME:
                net_deliver(w, e);
                break;
        case WORLD_DISK:
                disk_done(w, e);
                break;
        case WORLD_WORK:
                event.type = CLUSTER_WORK;
                event.work.ticket = e->x;
                event.work.starting = e->flag;
                event.work.conflict = n->conflict;
                world_feed(w, e->node, &event);
                break;
        case WORLD_LOADED:
                event.type = CLUSTER_LOADED;
                if (n->life != e->x)
                        break;
                if (n->host)
                        host_loaded(w, e->node);
                world_feed(w, e->node, &event);
                break;
        case WORLD_EVENT:
                publish(w, e);
                break;
        case WORLD_ORDER:
                order(w, e);
                break;
        case WORLD_END:
                event.type = CLUSTER_END;
                event.request.restart = e->flag;
                world_feed(w, e->node, &event);
                break;
        case WORLD_STORY:
                story_happen(w, e);
                break;
        case WORLD_FLEET:
        case WORLD_PROGRAM:
        case WORLD_ASK:
                programs_happen(w, e);
                break;
        case WORLD_UPGRADE:
                upgrade_happen(w, e);
                break;
        case WORLD_KINDS:
                break;
        }
        mem_free(e->p);
        e->p = NULL;
}

bool world_run(struct world *w, usec_t until)
{
        while (w->queue_count > 0 && w->queue[0].at <= until && oracle_is_content(w->oracle)) {
                struct world_entry e = pop(w);

                w->now = e.at;
                dispatch(w, &e);
        }
        if (oracle_is_content(w->oracle))
                w->now = until;
        return oracle_is_content(w->oracle);
}

struct world *world_new(const struct world_options *options)
{
        struct world *w = mem_new(sizeof(*w));
        unsigned count = options->count;

        w->options = *options;
        w->random = options->seed;
        w->nodes = mem_new_array(count, sizeof(*w->nodes));
        w->links = mem_new_array((size_t)count * count, sizeof(*w->links));
        w->cut = mem_new_array((size_t)count * count, 1);
        w->delay_min = 100;
        w->delay_max = 1000;
        w->oracle = oracle_new(w);
        if (options->applications) {
                w->scenario = scenario_new(options->seed, count, options->blackouts);
                w->judge = judge_new(w);
        }
        for (unsigned i = 0; i < count; i++) {
                struct world_node *n = &w->nodes[i];

                for (size_t k = 0; k < sizeof(n->id.bytes); k++)
                        n->id.bytes[k] = (uint8_t)world_random(w, 256);
                (void)snprintf(n->identifier, sizeof(n->identifier), "node%u:60000", i + 1);
                (void)snprintf(n->nick, sizeof(n->nick), "n%u", i + 1);
                n->ppm = (int64_t)world_random(w, 400) - 200;
                n->clock_base = USEC_SEC + world_random(w, 1000 * USEC_SEC);
                n->disk_delay = 2 * USEC_MSEC;
        }
        return w;
}

struct world *world_free(struct world *w)
{
        if (!w)
                return NULL;
        for (unsigned i = 0; i < w->options.count; i++) {
                host_stop(w, i);
                w->nodes[i].cluster = cluster_free(w->nodes[i].cluster);
                mem_free(w->nodes[i].queue);
                mem_free(w->nodes[i].orphans);
                drop_held(&w->nodes[i]);
                mem_free(w->nodes[i].held);
        }
        for (size_t i = 0; i < w->queue_count; i++)
                mem_free(w->queue[i].p);
        judge_free(w->judge);
        scenario_free(w->scenario);
        oracle_free(w->oracle);
        mem_free(w->queue);
        mem_free(w->nodes);
        mem_free(w->links);
        mem_free(w->cut);
        return mem_free(w);
}
