/* The fleet's host as text, for an upgrade in place: see fleet_host.h.  Nothing acts before the
 * loop runs: what is restored here may only be looked at, and thrown away again. */
#include <errno.h>
#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "daemon/fleet_parts.h"

static void save_held(const struct fleet_peer *peer, struct saver *saver)
{
        for (size_t i = 0; i < peer->held_count; i++) {
                const struct frame *frame = &peer->held[i].frame;

                saver_item(saver, "held");
                saver_count(saver, "kind", frame->kind);
                saver_count(saver, "number", frame->number);
                saver_count(saver, "term", frame->term);
                saver_bytes(saver, "payload", frame->payload, frame->size);
        }
}

static void save_peer(const struct fleet_host *h, unsigned index, struct saver *saver)
{
        const struct fleet_peer *peer = &h->peers[index];

        saver_item(saver, "peer");
        saver_count(saver, "index", index);
        saver_flag(saver, "introduced", peer->introduced);
        saver_text(saver, "node", peer->node);
        saver_flag(saver, "loaded", peer->loaded);
        saver_flag(saver, "complained", peer->complained);
        saver_count(saver, "event", peer->event);
        saver_flag(saver, "paused", peer->paused);
        saver_rest(saver, peer->rest);
        saver_inner(saver);
        save_held(peer, saver);
        saver_outer(saver);
}

void fleet_host_save(const struct fleet_host *h, struct saver *saver)
{
        if (!h || !h->fleet)
                return;
        fleet_save(h->fleet, saver);
        saver_item(saver, "fleet_host");
        saver_count(saver, "event", h->event);
        saver_text(saver, "state", fsm_state_name(h->state));
        if (h->master != PEERS_NONE)
                saver_count(saver, "master", h->master);
        saver_count(saver, "mastership", h->mastership);
        saver_rest(saver, h->rest);
        saver_inner(saver);
        for (unsigned i = 0; i < h->peers_count; i++)
                save_peer(h, i, saver);
        reports_save(h->reports, saver);
        saver_outer(saver);
        orders_save(h->orders, saver);
}

/*
 * And read again.
 */

static void restore_held(struct fleet_peer *peer, struct saved_item *item)
{
        struct frame frame = {
                .kind = (enum frame_kind)saved_count(item, "kind", FRAME_KINDS - 1, FRAME_EVENT),
                .number = saved_count(item, "number", UINT64_MAX, 0),
                .term = saved_count(item, "term", UINT64_MAX, 0),
        };

        frame.payload = (const uint8_t *)saved_bytes(item, "payload", &frame.size);
        if (frame.kind == FRAME_EVENT || frame.kind == FRAME_REPLY || frame.kind == FRAME_REFUSED)
                fleet_links_hold(peer, &frame);
        else
                saved_fail(item, "kind", "no such frame is held back");
}

static void restore_peer(struct fleet_host *h, struct saved_item *item)
{
        const struct peers *peers = cluster_peers(cluster_host_cluster(h->daemon));
        unsigned index = (unsigned)saved_count(item, "index", UINT32_MAX, PEERS_NONE);
        struct fleet_peer *peer;

        if (index >= peers_count(peers)) {
                saved_fail(item, "index", "the cluster has no such instance");
                return;
        }
        peer = fleet_parts_peer(h, index);
        if (peer->introduced || peer->node || peer->rest) {
                saved_fail(item, "index", "it is there twice");
                return;
        }
        peer->introduced = saved_flag(item, "introduced");
        peer->node = saved_has(item, "node") ? mem_strdup(saved_text(item, "node")) : NULL;
        peer->loaded = saved_flag(item, "loaded");
        peer->complained = saved_flag(item, "complained");
        peer->event = saved_count(item, "event", UINT64_MAX, 0);
        peer->paused = saved_flag(item, "paused") && index != 0;
        for (struct saved_item *at = saved_inner(item, "held"); at; at = saved_next(at))
                restore_held(peer, at);
        peer->rest = saved_rest(item);
        if (peer->introduced && !fleet_instance_at(h->fleet, index))
                saved_fail(item, "index", "the fleet does not know it");
}

static void restore_host(struct fleet_host *h, struct saved_item *item)
{
        const char *states[FSM_STATES];

        for (unsigned i = 0; i < FSM_STATES; i++)
                states[i] = fsm_state_name((enum fsm_state)i);
        h->event = saved_count(item, "event", UINT64_MAX, 0);
        h->state = (enum fsm_state)saved_name(item, "state", states, FSM_STATES, FSM_OFF);
        h->master = (unsigned)saved_count(item, "master", PEERS_NONE, PEERS_NONE);
        h->mastership = saved_count(item, "mastership", UINT64_MAX, 0);
        for (struct saved_item *at = saved_inner(item, "peer"); at; at = saved_next(at))
                restore_peer(h, at);
        reports_restore(h->reports, item);
        h->rest = saved_rest(item);
}

/* Both know the instances by the same numbers. */
static int compare_instances(struct fleet_host *h, struct err *err)
{
        const struct peers *peers = cluster_peers(cluster_host_cluster(h->daemon));

        for (unsigned i = 0; i < fleet_instances_count(h->fleet); i++) {
                const struct fleet_instance *instance = fleet_instance_at(h->fleet, i);
                const struct peers_peer *p = peers_at(peers, i);

                if (instance && (!p || strcmp(p->identifier, instance->identifier) != 0))
                        return err_set(err, -EBADMSG,
                                "instance %u is %s to the fleet and %s to the cluster", i,
                                instance->identifier, p ? p->identifier : "nobody");
        }
        return 0;
}

static int restore(
        struct fleet_host *h, struct saved *saved, struct saved_item *item, struct err *err)
{
        const struct fleet_options options = fleet_parts_options(h);
        int r = fleet_restore(&options, saved, &h->fleet, err);

        if (r >= 0)
                r = compare_instances(h, err);
        if (r < 0)
                return r;
        restore_host(h, item);
        return orders_restore(h->orders, saved, err);
}

int fleet_host_resume(struct daemon *d, struct saved *saved, struct err *err)
{
        struct saved_item *item = saved_first(saved, "fleet_host");
        int r;

        if (!item || !d->config->cluster)
                return fleet_host_start(d, err);
        r = fleet_parts_make(d, err);
        if (r >= 0)
                r = restore(d->fleet, saved, item, err);
        if (r < 0)
                return r;
        d->fleet->is_resumed = true;
        fleet_parts_arm(d->fleet);
        return 0;
}
