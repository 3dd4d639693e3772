/* Links of the fleet's host that are away for a moment, since one of both ends is replaced in
 * place: what is to go over them waits, so that the other side misses nothing and need not be told
 * all of it anew. */
#include <string.h>

#include "daemon/fleet_parts.h"

/* Of one peer.  Beyond this all of it is dropped: the other side sees by the numbers of events that
 * some are missing, and repeats what it was not answered. */
enum { HELD_MAX = 4096, HELD_SIZE_MAX = 4 << 20 };

void fleet_links_drop_held(struct fleet_peer *peer)
{
        for (size_t i = 0; i < peer->held_count; i++)
                mem_free((void *)peer->held[i].frame.payload);
        peer->held = mem_free(peer->held);
        peer->held_count = peer->held_capacity = peer->held_size = 0;
}

void fleet_links_hold(struct fleet_peer *peer, const struct frame *frame)
{
        struct frame ours = *frame;

        if (peer->held_count >= HELD_MAX || peer->held_size + frame->size > HELD_SIZE_MAX)
                fleet_links_drop_held(peer);
        if (frame->size > HELD_SIZE_MAX)
                return;
        ours.payload = frame->size ? mem_copy(frame->payload, frame->size) : NULL;
        peer->held = mem_grow(
                peer->held, &peer->held_capacity, peer->held_count + 1, sizeof(*peer->held));
        peer->held[peer->held_count++] = (struct fleet_held){ .frame = ours };
        peer->held_size += frame->size;
}

int fleet_links_send(struct fleet_host *h, unsigned peer, const struct frame *frame)
{
        struct fleet_peer *known = fleet_parts_peer(h, peer);

        if (!known->paused)
                return cluster_host_send(h->daemon, peer, frame);
        if (frame->kind != FRAME_ORDER && frame->kind != FRAME_REQUEST)
                fleet_links_hold(known, frame);
        return 0;
}

/* A link that is about to end may still take it: the other side knows by the number that it has it
 * already. */
void fleet_links_send_all(struct fleet_host *h, const struct frame *frame)
{
        cluster_host_send_all(h->daemon, frame);
        for (unsigned i = 1; i < h->peers_count; i++)
                if (h->peers[i].paused)
                        fleet_links_hold(&h->peers[i], frame);
}

void fleet_host_link_paused(struct daemon *d, unsigned peer)
{
        if (d->fleet && d->fleet->fleet)
                fleet_parts_peer(d->fleet, peer)->paused = true;
}

void fleet_host_link_resumed(struct daemon *d, unsigned peer)
{
        struct fleet_host *h = d->fleet;
        struct fleet_peer held;

        if (!h || !h->fleet || !fleet_parts_peer(h, peer)->paused)
                return;
        held = *fleet_parts_peer(h, peer);
        *fleet_parts_peer(h, peer) = (struct fleet_peer){ .introduced = held.introduced,
                .node = held.node,
                .loaded = held.loaded,
                .complained = held.complained,
                .event = held.event,
                .rest = held.rest };
        for (size_t i = 0; i < held.held_count; i++)
                (void)cluster_host_send(
                        d, peer, &held.held[i].frame); /* its end is told by itself */
        fleet_links_drop_held(&held);
        orders_link_resumed(h->orders, peer);
        fleet_parts_arm(h);
}

bool fleet_host_holds(const struct daemon *d, unsigned peer, uint64_t event)
{
        const struct fleet_host *h = d->fleet;
        const struct fleet_peer *known;

        if (!h || !h->fleet || peer >= h->peers_count || !h->peers[peer].paused)
                return false;
        known = &h->peers[peer];
        for (size_t i = 0; i < known->held_count; i++) {
                const struct frame *frame = &known->held[i].frame;

                if (frame->kind == FRAME_EVENT && frame->number == event + 1)
                        event++;
        }
        return event == h->event;
}

void fleet_host_link_down(struct daemon *d, unsigned peer)
{
        struct fleet_host *h = d->fleet;
        struct fleet_peer *known;

        if (!h || !h->fleet)
                return;
        known = fleet_parts_peer(h, peer);
        known->loaded = known->complained = known->paused = false;
        fleet_links_drop_held(known);
        orders_link_down(h->orders, peer);
        fleet_parts_arm(h);
}
