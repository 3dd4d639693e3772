/* The cluster's host as text, for the next image of reeved in this process: who we are, the lock on
 * that, the keys, the sockets, and what is kept of the peers.  Links do not go over; their
 * listening sockets do, so that whoever opens one meanwhile is neither refused nor lost. */
#include <errno.h>
#include <string.h>

#include "base/descriptors.h"
#include "cluster/savefields.h"
#include "daemon/cluster_parts.h"
#include "daemon/fleet_host.h"
#include "daemon/sampler.h"

#define HOST(key)       SAVEFIELDS(COUNT, struct cluster_host, key)
#define COUNTER(key)    SAVEFIELDS_NAMED(COUNT, struct cluster_host, counters.key, #key, 0)
#define PEER(kind, key) SAVEFIELDS(kind, struct cluster_peer, key)

static const struct savefields_field host_fields[] = {
        SAVEFIELDS(FLAG, struct cluster_host, confined),
        SAVEFIELDS(FLAG, struct cluster_host, resigns),
        SAVEFIELDS(U16, struct cluster_host, link_port),
        HOST(sent),
        COUNTER(accepted),
        COUNTER(own),
        COUNTER(malformed),
        COUNTER(foreign),
        COUNTER(untagged),
        COUNTER(unknown_key),
        COUNTER(forged),
        COUNTER(rejected),
        COUNTER(bad_frames),
        COUNTER(early_frames),
};

static const struct savefields_field peer_fields[] = {
        PEER(U16, link_port),
        PEER(FLAG, paused),
        PEER(ID, early),
};

static const struct savefields_field way_fields[] = {
        SAVEFIELDS(COUNT, struct cluster_way, count),
        SAVEFIELDS(COUNT, struct cluster_way, at),
};

static const char *const secrets[] = {
        [CLUSTER_SECRET_FILE] = "file",
        [CLUSTER_SECRET_PASSWORD] = "password",
        [CLUSTER_SECRET_NONE] = "none",
        [CLUSTER_SECRET_MISSING] = "missing",
};

/*
 * Out.
 */

static void save_node(struct saver *saver, const struct cluster_node *node)
{
        char *text = node ? json_dumps(cluster_node_json(node), JSON_COMPACT) : NULL;

        saver_text(saver, "network", text);
        free(text); /* jansson's own */
}

static void save_way(struct saver *saver, const char *type, const struct cluster_way *way)
{
        if (way->count == 0)
                return;
        saver_item(saver, type);
        savefields_write(saver, way, way_fields, ELEMENTS(way_fields));
        saver_number(saver, "interface", way->interface);
        endpoint_save(saver, "from", &way->from);
}

static void save_peer(const struct cluster_host *h, unsigned index, struct saver *saver)
{
        const struct cluster_peer *p = h->peers[index];

        saver_item(saver, "host_peer");
        saver_count(saver, "index", index);
        endpoint_save(saver, "from", &p->from);
        savefields_write(saver, p, peer_fields, ELEMENTS(peer_fields));
        saver_number(saver, "time", p->time);
        saver_number(saver, "wall_offset", p->wall_offset);
        saver_number(saver, "monotonic_offset", p->monotonic_offset);
        saver_number(saver, "remote_counter", (int64_t)p->tick.remote_counter);
        saver_number(saver, "local_counter", (int64_t)p->tick.local_counter);
        saver_number(saver, "local_time", p->tick.local_time);
        saver_number(
                saver, "local_monotonic", (int64_t)(p->tick.local_monotonic * (double)USEC_SEC));
        save_node(saver, p->node);
        saver_inner(saver);
        save_way(saver, "by_group", &p->by_group);
        save_way(saver, "alone", &p->alone);
        saver_outer(saver);
}

static void save_listeners(
        const struct cluster_host *h, struct descriptors *descriptors, struct saver *saver)
{
        int fd;

        for (unsigned i = 0; h->links && (fd = links_listener(h->links, i)) >= 0; i++) {
                saver_item(saver, "listener");
                descriptors_save(descriptors, saver, "socket", fd);
        }
}

void cluster_host_save(
        const struct cluster_host *h, struct descriptors *descriptors, struct saver *saver)
{
        if (!h || !h->cluster)
                return;
        cluster_save(h->cluster, saver);
        saver_item(saver, "cluster_host");
        saver_text(saver, "identifier", peers_at(cluster_peers(h->cluster), 0)->identifier);
        saver_count(saver, "name", h->name);
        saver_text(saver, "secret", secrets[h->secret]);
        savefields_write(saver, h, host_fields, ELEMENTS(host_fields));
        saver_flag(saver, "asks_names", h->errand);
        if (h->log)
                saver_count(saver, "log_level", cluster_log_level(h->log));
        save_node(saver, h->node);
        saver_rest(saver, h->rest);
        saver_inner(saver);
        cluster_state_save(h->state, descriptors, saver);
        keyring_save(h->keyring, saver);
        if (h->multicast)
                cluster_wire_save(h, descriptors, saver);
        save_listeners(h, descriptors, saver);
        for (unsigned i = 0; i < h->peers_count; i++)
                save_peer(h, i, saver);
        saver_outer(saver);
        fleet_host_save(h->daemon->fleet, saver);
        sampler_save(h->daemon->sampler, saver);
}

/*
 * In.
 */

const char *cluster_saving_identifier(struct saved_item *host)
{
        return saved_text(host, "identifier") ?: "";
}

/* NULL: none is told, or it is damaged, and is told again soon. */
static struct cluster_node *read_node(struct saved_item *item)
{
        const char *text = saved_text(item, "network");
        json_t *json = text ? json_loads(text, 0, NULL) : NULL;
        struct cluster_node *node = json ? cluster_node_read(json) : NULL;

        json_decref(json);
        if (text && !node)
                saved_fail(item, "network", "that is no description of a machine");
        return node;
}

static int read_keys(struct cluster_host *h, struct saved_item *host, struct err *err)
{
        struct keyring *keyring = NULL;
        int r = keyring_restore(saved_inner(host, "key"), &keyring, err);

        if (r < 0)
                return r;
        keyring_free(h->keyring);
        h->keyring = keyring;
        keyring_free(h->daemon->cluster_keys);
        h->daemon->cluster_keys = keyring_ref(keyring);
        h->daemon->cluster_keys_of = h->name;
        return 0;
}

int cluster_saving_read(struct cluster_host *h, struct saved_item *host,
        struct descriptors *descriptors, struct err *err)
{
        struct saved_item *record = saved_inner(host, "record");
        int r;

        if (saved_count(host, "name", UINT64_MAX, h->name) != h->name)
                return err_set(err, -EBADMSG, "the cluster has got another name (%s)",
                        h->config->cluster_name);
        if (!record)
                return err_set(err, -EBADMSG, "the cluster's host has no [.record]");
        h->secret = (enum cluster_secret)saved_name(
                host, "secret", secrets, ELEMENTS(secrets), CLUSTER_SECRET_NONE);
        savefields_read(host, h, host_fields, ELEMENTS(host_fields), cluster_host_now());
        if (h->log && saved_has(host, "log_level"))
                cluster_log_set_level(h->log, h->daemon,
                        (enum log_level)saved_count(
                                host, "log_level", LOG_LEVEL_CRITICAL, LOG_LEVEL_INFO));
        h->node = read_node(host);
        r = read_keys(h, host, err);
        if (r >= 0)
                r = cluster_state_restore(h->daemon->loop, record, descriptors,
                        &cluster_parts_state_handler, h, &h->state, err);
        if (r < 0)
                return r;
        h->id = *cluster_state_id(h->state);
        return 0;
}

static void read_way(struct saved_item *peer, const char *type, struct cluster_way *way)
{
        struct saved_item *item = saved_inner(peer, type);

        if (!item)
                return;
        savefields_read(item, way, way_fields, ELEMENTS(way_fields), 0);
        way->interface = (int)saved_number(item, "interface", 0, INT32_MAX, 0);
        endpoint_restore(item, "from", &way->from);
}

static void read_peer(struct cluster_peer *p, struct saved_item *item)
{
        endpoint_restore(item, "from", &p->from);
        savefields_read(item, p, peer_fields, ELEMENTS(peer_fields), 0);
        p->time = saved_number(item, "time", 0, INT64_MAX / 4, 0);
        p->wall_offset = saved_number(item, "wall_offset", INT64_MIN / 2, INT64_MAX / 2, 0);
        p->monotonic_offset =
                saved_number(item, "monotonic_offset", INT64_MIN / 2, INT64_MAX / 2, 0);
        p->tick = (struct rpc_tick){
                .remote_counter = (uint64_t)saved_number(item, "remote_counter", 0, INT64_MAX, 0),
                .local_counter = (uint64_t)saved_number(item, "local_counter", 0, INT64_MAX, 0),
                .local_time = saved_number(item, "local_time", INT64_MIN, INT64_MAX, 0),
                .local_monotonic = (double)saved_number(item, "local_monotonic", 0, INT64_MAX, 0) /
                                   (double)USEC_SEC,
        };
        p->node = read_node(item);
        read_way(item, "by_group", &p->by_group);
        read_way(item, "alone", &p->alone);
}

void cluster_saving_read_peers(struct cluster_host *h, struct saved_item *host)
{
        unsigned count = peers_count(cluster_peers(h->cluster));

        for (struct saved_item *item = saved_inner(host, "host_peer"); item;
                item = saved_next(item)) {
                unsigned index = (unsigned)saved_count(item, "index", count - 1, count);

                if (index < count && !cluster_parts_peer(h, index)->node)
                        read_peer(cluster_parts_peer(h, index), item);
        }
}

static int read_listeners(struct cluster_host *h, struct saved_item *host,
        struct descriptors *descriptors, struct err *err)
{
        int r = 0;

        cluster_links_make(h);
        for (struct saved_item *item = saved_inner(host, "listener"); item && r >= 0;
                item = saved_next(item)) {
                int fd = descriptors_take(descriptors, item, "socket");

                r = fd < 0 ? err_set(err, -EBADMSG, "a listening socket is not there")
                           : links_inherit(h->links, fd, err);
        }
        return r;
}

int cluster_saving_read_wire(struct cluster_host *h, struct saved_item *host,
        struct descriptors *descriptors, bool pretend, struct err *err)
{
        struct saved_item *wire = saved_inner(host, "wire");
        int r;

        h->has_wire = h->has_wire || wire;
        if (!wire)
                return h->has_wire ? err_set(err, -EBADMSG, "the cluster's host has no [.wire]")
                                   : 0;
        r = read_listeners(h, host, descriptors, err);
        if (r >= 0)
                r = cluster_wire_restore(h, wire, descriptors, pretend, err);
        h->rest = saved_rest(host);
        return r;
}
