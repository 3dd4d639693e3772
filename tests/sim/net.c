/* The simulated network: datagrams that are lost, late, doubled and overtaken; links that keep
 * order, wait behind a cut, break, and may stand at one end only. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/host.h"
#include "tests/sim/oracle.h"
#include "tests/sim/world.h"

#define CONNECT_TIMEOUT (700 * USEC_MSEC)

static struct world_link *link_of(const struct world *w, unsigned a, unsigned b)
{
        unsigned low = a < b ? a : b, high = a < b ? b : a;

        return &w->links[(size_t)low * w->options.count + high];
}

static unsigned end_of(unsigned node, unsigned peer)
{
        return node < peer ? 0 : 1;
}

bool net_is_open(const struct world *w, unsigned from, unsigned to)
{
        return !w->cut[(size_t)from * w->options.count + to];
}

void net_cut(struct world *w, unsigned from, unsigned to, bool cut)
{
        w->cut[(size_t)from * w->options.count + to] = cut;
}

void net_heal(struct world *w)
{
        memset(w->cut, 0, (size_t)w->options.count * w->options.count);
}

static usec_t delay(struct world *w)
{
        return w->delay_min + world_random(w, w->delay_max - w->delay_min + 1);
}

static void send_datagram(
        struct world *w, unsigned from, unsigned to, const uint8_t *bytes, size_t size)
{
        unsigned copies = world_random(w, 100) < w->twice_percent ? 2 : 1;

        if (!w->nodes[to].cluster || !net_is_open(w, from, to))
                return;
        for (unsigned i = 0; i < copies; i++) {
                struct world_entry *e;

                if (world_random(w, 100) < w->loss_percent)
                        continue;
                e = world_push(w, delay(w), WORLD_DATAGRAM, to, from);
                e->p = mem_copy(bytes, size);
                e->x = size;
        }
}

void net_send_heartbeat(struct world *w, unsigned node)
{
        struct world_node *n = &w->nodes[node];
        uint8_t bytes[DATAGRAM_SIZE_MAX];
        struct datagram d;
        size_t size;

        cluster_datagram(n->cluster, &d);
        size = datagram_encode(&d, bytes);
        n->datagrams_out += w->options.multicast ? 1 : w->options.count - 1;
        n->bytes_out += size * (w->options.multicast ? 1 : w->options.count - 1);
        for (unsigned i = 0; i < w->options.count; i++)
                if (i != node)
                        send_datagram(w, node, i, bytes, size);
}

void net_connect(struct world *w, unsigned node, unsigned peer, bool probe)
{
        struct world_entry *e = world_push(w, delay(w), WORLD_CONNECT, node, peer);

        e->flag = probe;
        e->x = w->nodes[node].life;
}

/* Tells one end that its link is gone, as soon as the network lets it know. */
static void tell_down(struct world *w, unsigned node, unsigned peer, uint64_t generation)
{
        struct world_entry *e = world_push(w, delay(w), WORLD_DOWN, node, peer);

        e->x = generation;
}

static void connect_arrives(struct world *w, const struct world_entry *e)
{
        unsigned node = e->node, peer = e->peer;
        bool there = net_is_open(w, node, peer) && net_is_open(w, peer, node);
        bool refused = there && !w->nodes[peer].cluster;
        struct world_link *l = link_of(w, node, peer);
        struct world_entry *answer;

        if (!w->nodes[node].cluster || w->nodes[node].life != e->x)
                return;
        /* Its socket listens, but nobody takes what comes before the next image does. */
        if (there && !refused && !e->flag && w->nodes[peer].upgrading &&
                !w->nodes[peer].is_between) {
                answer = world_push(w, USEC_MSEC, WORLD_CONNECT, node, peer);
                answer->x = e->x;
                return;
        }
        if (e->flag || !there || refused) {
                answer = world_push(w, there ? delay(w) : CONNECT_TIMEOUT,
                        e->flag ? WORLD_PROBED : WORLD_DOWN, node, peer);
                answer->flag = refused;
                answer->x = UINT64_MAX; /* of no link: the result of an attempt */
                return;
        }
        l->generation++;
        l->up[0] = l->up[1] = true;
        l->last[0] = l->last[1] = 0;
        answer = world_push(w, delay(w), WORLD_UP, node, peer);
        answer->x = l->generation;
        l->last[end_of(peer, node)] = answer->at; /* what the other end sends comes after this */
        answer = world_push(w, 0, WORLD_UP, peer, node);
        answer->x = l->generation;
}

void net_close(struct world *w, unsigned node, unsigned peer)
{
        struct world_link *l = link_of(w, node, peer);

        if (!l->up[end_of(node, peer)])
                return;
        l->up[end_of(node, peer)] = false;
        if (l->up[end_of(peer, node)])
                tell_down(w, peer, node, l->generation);
}

void net_close_all(struct world *w, unsigned node)
{
        for (unsigned i = 0; i < w->options.count; i++)
                if (i != node)
                        net_close(w, node, i);
}

bool net_has_links(const struct world *w, unsigned node)
{
        for (unsigned i = 0; i < w->options.count; i++)
                if (i != node && link_of(w, node, i)->up[end_of(node, i)])
                        return true;
        return false;
}

bool net_say_bye(struct world *w, unsigned node, unsigned peer)
{
        const struct frame_message m = { .kind = MESSAGE_BYE };

        if (!link_of(w, node, peer)->up[end_of(node, peer)])
                return false;
        net_send(w, node, peer, &m);
        return true;
}

/* The other end is back in a moment: ours ends after all that was sent, and the other learns it. */
static void take_bye(struct world *w, const struct world_entry *from)
{
        unsigned node = from->node, peer = from->peer;
        struct world_link *l = link_of(w, node, peer);
        struct cluster_event event = { .type = CLUSTER_PAUSED, .peer = peer };
        usec_t at = w->now + delay(w);

        world_feed(w, node, &event);
        host_link_paused(w, node, peer);
        if (!l->up[end_of(node, peer)])
                return;
        if (at <= l->last[end_of(node, peer)])
                at = l->last[end_of(node, peer)] + 1;
        l->up[end_of(node, peer)] = false;
        world_push(w, at - w->now, WORLD_DOWN, peer, node)->x = l->generation;
        event.type = CLUSTER_LINK_DOWN;
        event.refused = false;
        world_feed(w, node, &event);
}

void net_send(struct world *w, unsigned from, unsigned to, const struct frame_message *m)
{
        struct world_link *l = link_of(w, from, to);
        unsigned end = end_of(from, to);
        usec_t at = w->now + delay(w);
        struct world_entry *e;

        if (!l->up[end])
                return;
        if (at <= l->last[end])
                at = l->last[end] + 1;
        l->last[end] = at;
        e = world_push(w, at - w->now, WORLD_FRAME, to, from);
        e->p = mem_copy(m, sizeof(*m) + m->frame.size);
        e->x = l->generation;
        w->frames++;
}

int net_send_frame(struct world *w, unsigned from, unsigned to, const struct frame *f)
{
        CLEANUP(mem_free) struct frame_message *m = NULL;

        if (!link_of(w, from, to)->up[end_of(from, to)])
                return -ENOTCONN;
        m = mem_new(sizeof(*m) + f->size);
        m->kind = MESSAGE_FRAME;
        m->frame = *f;
        if (f->size)
                memcpy(m->payload, f->payload, f->size);
        net_send(w, from, to, m);
        return 0;
}

static void end_pause(struct world *w, const struct world_entry *e, const struct peers_hello *hello)
{
        const struct cluster *c = w->nodes[e->node].cluster;
        const struct peers_peer *p =
                c ? peers_at(cluster_peers(c), world_index_at(e->node, e->peer)) : NULL;

        if (p && hello->known && hello->incarnation >= p->incarnation)
                host_link_resumed(w, e->node, e->peer, hello->incarnation == p->incarnation);
}

static void feed_frame(struct world *w, const struct world_entry *e)
{
        const struct frame_message *m = e->p;
        struct cluster_event event = { .peer = e->peer };
        bool obeyed;

        switch (m->kind) {
        case MESSAGE_HELLO:
                event.type = CLUSTER_HELLO;
                event.hello = &m->hello;
                world_feed(w, e->node, &event);
                end_pause(w, e, &m->hello);
                return;
        case MESSAGE_SNAPSHOT:
                event.type = CLUSTER_PROGRESS;
                event.number = m->number;
                world_feed(w, e->node, &event);
                event.type = CLUSTER_LOADED;
                break;
        case MESSAGE_EVENT:
                event.type = CLUSTER_PROGRESS;
                event.number = m->number;
                break;
        case MESSAGE_ORDER:
                event.type = CLUSTER_CLAIM;
                event.number = m->number;
                world_feed(w, e->node, &event);
                obeyed = w->nodes[e->node].cluster &&
                         cluster_obeys(w->nodes[e->node].cluster, e->peer, m->number);
                oracle_order(w->oracle, w, e->node, e->peer, m->number, obeyed);
                return;
        case MESSAGE_BYE:
                take_bye(w, e);
                return;
        case MESSAGE_FRAME: {
                struct frame frame = m->frame;

                frame.payload = m->payload;
                host_frame(w, e->node, e->peer, &frame);
                return;
        }
        }
        world_feed(w, e->node, &event);
}

/* The indexes of peers are those of the world with 0 and our own exchanged; see world_feed(). */
static void frame_arrives(struct world *w, struct world_entry *e)
{
        struct world_link *l = link_of(w, e->node, e->peer);
        struct world_entry *again;

        if (l->generation != e->x || !w->nodes[e->node].cluster)
                return;
        if (!net_is_open(w, e->peer, e->node)) {
                /* It is sent again and again, and nothing overtakes it. */
                again = world_push(w, 20 * USEC_MSEC, WORLD_FRAME, e->node, e->peer);
                again->x = e->x;
                again->p = TAKE(e->p);
                l->last[end_of(e->peer, e->node)] = again->at;
                return;
        }
        if (!l->up[end_of(e->node, e->peer)]) {
                /* Nobody has this connection any more at our end: the other learns it now. */
                if (l->up[end_of(e->peer, e->node)])
                        tell_down(w, e->peer, e->node, l->generation);
                return;
        }
        feed_frame(w, e);
}

static void down_arrives(struct world *w, struct world_entry *e)
{
        struct world_link *l = link_of(w, e->node, e->peer);
        struct cluster_event event = {
                .type = CLUSTER_LINK_DOWN, .peer = e->peer, .refused = e->flag
        };

        if (e->x != UINT64_MAX) {
                if (l->generation != e->x || !l->up[end_of(e->node, e->peer)])
                        return;
                if (!net_is_open(w, e->peer, e->node)) {
                        world_push(w, 20 * USEC_MSEC, WORLD_DOWN, e->node, e->peer)->x = e->x;
                        return;
                }
                l->up[end_of(e->node, e->peer)] = false;
                if (w->nodes[e->node].upgrading) { /* it is saved as one that stands */
                        upgrade_link_down(w, e->node);
                        return;
                }
                host_link_down(w, e->node, e->peer);
        } else if (l->up[end_of(e->node, e->peer)]) {
                return; /* the attempt failed, but the other side's came through */
        }
        world_feed(w, e->node, &event);
}

void net_deliver(struct world *w, const struct world_entry *entry)
{
        struct world_entry *e = (struct world_entry *)entry;
        struct world_node *n = &w->nodes[e->node];
        struct world_link *l;
        struct datagram d;
        struct cluster_event event = { .peer = e->peer };

        if (e->kind == WORLD_CONNECT) {
                connect_arrives(w, e);
        } else if (e->kind == WORLD_FRAME) {
                frame_arrives(w, e);
        } else if (e->kind == WORLD_DOWN) {
                down_arrives(w, e);
        } else if (e->kind == WORLD_PROBED) {
                event.type = CLUSTER_PROBED;
                event.refused = e->flag;
                world_feed(w, e->node, &event);
        } else if (e->kind == WORLD_UP) {
                l = link_of(w, e->node, e->peer);
                if (l->generation != e->x || !l->up[end_of(e->node, e->peer)])
                        return;
                host_link_down(w, e->node, e->peer); /* the one before it */
                event.type = CLUSTER_LINK_UP;
                world_feed(w, e->node, &event);
        } else if (e->kind == WORLD_DATAGRAM) {
                if (datagram_decode(e->p, e->x, &d) != DATAGRAM_GOOD) {
                        oracle_object(w->oracle, w, "a datagram does not decode");
                        return;
                }
                n->datagrams_in++;
                n->bytes_in += e->x;
                event.type = CLUSTER_HEARTBEAT;
                event.heartbeat = &d;
                world_feed(w, e->node, &event);
        }
}
