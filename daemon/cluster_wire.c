/* The cluster's heartbeats: out with the newest key, in through every check, and which interfaces
 * they travel by.  What is dropped is counted, and told now and then; nothing is ever answered. */
#include <string.h>
#include <sys/epoll.h>

#include "base/wallclock.h"
#include "daemon/chronicle.h"
#include "daemon/cluster_parts.h"
#include "daemon/cluster_setup.h"
#include "rpc/listing.h"

/*
 * In.
 */

static void drop(struct cluster_host *h, uint64_t *counter, enum cluster_pace_kind pace,
        const struct multicast_arrival *a, const char *what)
{
        char name[ENDPOINT_NAME_SIZE];

        (*counter)++;
        cluster_words_pace(h, pace, LOG_LEVEL_WARN, "cluster: a heartbeat from %s is dropped: %s",
                endpoint_name(a->from, name), what);
}

/* True when it is of our cluster and of somebody who has our key. */
static bool is_trusted(struct cluster_host *h, const struct multicast_arrival *a)
{
        struct rpc_wire_counters *c = &h->counters;
        struct datagram_envelope envelope;

        switch (datagram_peek(a->bytes, a->size, &envelope)) {
        case DATAGRAM_GOOD:
                break;
        case DATAGRAM_VERSION:
                drop(h, &c->malformed, CLUSTER_PACE_MALFORMED, a,
                        "it is of another version of reeve");
                return false;
        case DATAGRAM_ALIEN:
        case DATAGRAM_MALFORMED:
                drop(h, &c->malformed, CLUSTER_PACE_MALFORMED, a, "it is malformed");
                return false;
        }
        if (envelope.cluster != h->name) {
                drop(h, &c->foreign, CLUSTER_PACE_FOREIGN, a,
                        "it is of another cluster (cluster_name)");
                return false;
        }
        switch (keyring_verify(h->keyring, a->bytes, &envelope)) {
        case KEYRING_GOOD:
                return true;
        case KEYRING_UNTAGGED:
                drop(h, &c->untagged, CLUSTER_PACE_UNTAGGED, a,
                        "its sender has no key (cluster_key_file)");
                return false;
        case KEYRING_UNKNOWN:
                drop(h, &c->unknown_key, CLUSTER_PACE_UNKNOWN_KEY, a,
                        "it was made with a key that we do not have (cluster_key_file)");
                return false;
        case KEYRING_FORGED:
                drop(h, &c->forged, CLUSTER_PACE_FORGED, a,
                        "it is forged, or was damaged on its way");
                return false;
        }
        return false;
}

/* Our own come back by multicast.  Two with one identity, as a copied state directory makes them,
 * would not hear each other. */
static void hear_self(
        struct cluster_host *h, const struct datagram *d, const struct multicast_arrival *a)
{
        const struct peers_peer *self = peers_at(cluster_peers(h->cluster), 0);
        char name[ENDPOINT_NAME_SIZE];

        h->counters.own++;
        if (strcmp(d->identifier, self->identifier) == 0 &&
                d->incarnation <= cluster_status(h->cluster).incarnation)
                return;
        cluster_words_pace(h, CLUSTER_PACE_TWIN, LOG_LEVEL_ERROR,
                "cluster: '%s' at %s has the same identity as this instance: has its state_dir been "
                "copied?  Remove the file there and restart it",
                d->identifier, endpoint_name(a->from, name));
}

void cluster_wire_note(struct cluster_host *h, unsigned peer)
{
        const struct datagram *d = h->arriving->datagram;
        struct cluster_peer *p = cluster_parts_peer(h, peer);

        p->from = *h->arriving->from->from;
        p->link_port = d->link_port;
        p->time = (int64_t)(d->time < INT64_MAX / 4 ? d->time : INT64_MAX / 4); /* as in hellos */
        p->tick = (struct rpc_tick){
                .remote_counter = d->sequence - 1, /* the first is 0 */
                .local_counter = h->sent ? h->sent - 1 : 0,
                .local_monotonic = listing_monotonic_secs(),
                .local_time = (int64_t)(wallclock_now() / USEC_SEC),
        };
}

/* Ourselves we hear without a network. */
static void note_self(struct cluster_host *h)
{
        const double monotonic = listing_monotonic_secs();
        const int64_t wall = (int64_t)(wallclock_now() / USEC_SEC);

        cluster_parts_peer(h, 0)->tick = (struct rpc_tick){ .remote_counter = h->sent - 1,
                .local_counter = h->sent - 1,
                .remote_monotonic = monotonic,
                .local_monotonic = monotonic,
                .remote_time = wall,
                .local_time = wall };
}

static void count_way(struct cluster_host *h, unsigned peer)
{
        const struct multicast_arrival *a = h->arriving->from;
        struct cluster_peer *p = cluster_parts_peer(h, peer);
        struct cluster_way *way = a->by_group ? &p->by_group : &p->alone;

        way->count++;
        way->at = cluster_host_now();
        way->interface = a->interface;
        way->from = *a->from;
}

static bool is_current(const struct cluster_host *h, unsigned peer, const struct datagram *d)
{
        const struct peers_peer *p = peers_at(cluster_peers(h->cluster), peer);

        return p && p->incarnation == d->incarnation && p->sequence == d->sequence;
}

/* The address is that of the latest one that was accepted: a replay from somewhere else must not
 * lead us there. */
static void take_in(struct cluster_host *h, const struct datagram *d)
{
        const struct peers *peers = cluster_peers(h->cluster);
        unsigned peer = peers_find_id(peers, &d->id);
        const struct peers_peer *known = peers_at(peers, peer);
        bool was_new;

        if (known && datagram_is_newer(d, known->incarnation, known->sequence))
                cluster_wire_note(h, peer);
        was_new = !known || !is_current(h, peer, d);
        cluster_host_feed(
                h->daemon, &(struct cluster_event){ .type = CLUSTER_HEARTBEAT, .heartbeat = d });
        peer = peers_find_id(peers, &d->id);
        if (!is_current(h, peer, d))
                return;
        count_way(h, peer);
        if (!was_new)
                return; /* the same by another way */
        if (!known)
                cluster_wire_note(h, peer);
        cluster_links_heard(h, peer);
}

/* Somebody who is not let in should be told of where somebody wonders why. */
static void tell_dropped(struct cluster_host *h, const struct datagram *d,
        const struct multicast_arrival *a, const struct peers_counters *before)
{
        const struct peers_counters *now = cluster_counters(h->cluster);
        char name[ENDPOINT_NAME_SIZE];

        if (now->strangers > before->strangers)
                cluster_words_pace(h, CLUSTER_PACE_STRANGER, LOG_LEVEL_WARN,
                        "cluster: '%s' at %s is not in supvisors_list, and is not listened to",
                        d->identifier, endpoint_name(a->from, name));
        if (now->conflicting > before->conflicting)
                cluster_words_pace(h, CLUSTER_PACE_CONFLICT, LOG_LEVEL_WARN,
                        "cluster: '%s' (nick '%s') at %s is not listened to: its identity, "
                        "identifier or nick is that of another living instance",
                        d->identifier, d->nick, endpoint_name(a->from, name));
        if (now->overflow > before->overflow)
                cluster_words_pace(h, CLUSTER_PACE_CONFLICT, LOG_LEVEL_WARN,
                        "cluster: '%s' at %s is not listened to: there are too many instances",
                        d->identifier, endpoint_name(a->from, name));
}

static void on_received(void *context, const struct multicast_arrival *a)
{
        struct cluster_host *h = context;
        struct peers_counters before;
        struct cluster_arrival arrival;
        struct datagram d;

        if (!is_trusted(h, a))
                return;
        if (datagram_decode(a->bytes, a->size, &d) != DATAGRAM_GOOD) {
                drop(h, &h->counters.malformed, CLUSTER_PACE_MALFORMED, a, "it is malformed");
                return;
        }
        if (identity_equal(&d.id, &h->id)) {
                hear_self(h, &d, a);
                return;
        }
        h->counters.accepted++;
        before = *cluster_counters(h->cluster);
        arrival = (struct cluster_arrival){ &d, a };
        h->arriving = &arrival;
        take_in(h, &d);
        h->arriving = NULL;
        tell_dropped(h, &d, a, &before);
}

static void on_told(void *context, bool works, const char *text)
{
        cluster_words_say(context, works ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "cluster: %s", text);
}

static const struct multicast_handler handler = { on_received, on_told };

/*
 * Out.
 */

void cluster_wire_beat(struct cluster_host *h)
{
        uint8_t bytes[DATAGRAM_SIZE_MAX];
        struct datagram d;
        size_t size;

        h->sent++;
        chronicle_be_alive(h->daemon->chronicle, cluster_host_now());
        note_self(h);
        if (!h->multicast)
                return;
        cluster_datagram(h->cluster, &d);
        d.key = keyring_sending(h->keyring);
        d.link_port = h->link_port;
        size = datagram_encode(&d, bytes);
        if (keyring_seal(h->keyring, bytes, size) < 0)
                return; /* fails for no datagram and no key of ours */
        (void)multicast_send(h->multicast, bytes, size); /* counted there */
}

/*
 * Interfaces.
 */

static void use_interfaces(struct cluster_host *h)
{
        size_t count = 0, joined = 0;
        const struct netif_entry *const *list = netif_list(h->netif, &count);
        const struct multicast_interface *used;

        multicast_set_interfaces(h->multicast, list, count);
        used = multicast_interfaces(h->multicast, &count);
        for (size_t i = 0; i < count; i++)
                joined += used[i].joined;
        if (joined == 0 && h->config->multicast_group && h->has_interfaces)
                cluster_words_say(h, LOG_LEVEL_WARN,
                        "cluster: there is no network interface for multicast now");
        else if (joined > 0 && !h->has_interfaces)
                cluster_words_say(h, LOG_LEVEL_INFO,
                        "cluster: there is a network interface for multicast: %s", used[0].name);
        h->has_interfaces = joined > 0;
}

/* With names that are not known for a moment. */
static void describe_again(struct cluster_host *h)
{
        struct cluster_node *node =
                cluster_node_local(h->netif, h->host, cluster_setup_port(h->daemon));

        if (!node)
                return;
        cluster_node_free(h->node);
        h->node = node;
        cluster_names_ask(h);
}

static int watch(struct cluster_host *h);

static int on_interfaces(sd_event_source *source, int fd, uint32_t events, void *context)
{
        struct cluster_host *h = context;
        struct err err = {};
        int r = netif_read(h->netif);

        if (r < 0) {
                cluster_words_say(h, LOG_LEVEL_WARN,
                        "cluster: changes of the network interfaces cannot be read: %s",
                        strerrordesc_np(-r));
                h->netif_source = sd_event_source_disable_unref(h->netif_source);
                h->netif = netif_close(h->netif);
                if (netif_open(&h->netif, &err) < 0 || watch(h) < 0)
                        cluster_words_say(h, LOG_LEVEL_ERROR,
                                "cluster: new network interfaces will not be noticed: %s",
                                err.text);
        }
        if (r != 0 && h->netif) {
                use_interfaces(h);
                describe_again(h);
        }
        return 0;
}

static int watch(struct cluster_host *h)
{
        return sd_event_add_io(
                h->daemon->loop, &h->netif_source, netif_fd(h->netif), EPOLLIN, on_interfaces, h);
}

/*
 * The start.
 */

static int set_peers(struct cluster_host *h)
{
        const struct clusterconfig *c = h->config;
        const struct peers_peer *self = peers_at(cluster_peers(h->cluster), 0);
        CLEANUP(mem_free)
        struct addressbook_peer *peers =
                mem_new_array(c->list_count ? c->list_count : 1, sizeof(*peers));
        size_t count = 0;

        for (size_t i = 0; i < c->list_count; i++)
                if (strcmp(c->list[i].identifier, self->identifier) != 0)
                        peers[count++] =
                                (struct addressbook_peer){ c->list[i].host, c->list[i].port };
        return multicast_set_peers(h->multicast, peers, count);
}

static size_t length(char *const *list)
{
        size_t n = 0;

        while (list && list[n])
                n++;
        return n;
}

static struct multicast_options options_of(
        const struct cluster_host *h, const struct endpoint *address)
{
        const struct clusterconfig *c = h->config;

        return (struct multicast_options){ .group = c->multicast_group,
                .group_port = c->multicast_port,
                .chosen = (const char *const *)c->multicast_interfaces,
                .chosen_count = length(c->multicast_interfaces),
                .ttl = c->multicast_ttl,
                .address = *address };
}

/* With names known, interfaces joined, or not. */
static int begin(struct cluster_host *h, struct err *err)
{
        int r = set_peers(h);

        if (r < 0)
                return err_errno(err, r, "the list of instances is too long");
        if (!h->netif)
                return 0;
        use_interfaces(h);
        r = watch(h);
        return r < 0 ? err_errno(err, r, "the loop does not watch the network interfaces") : 0;
}

int cluster_wire_start(struct cluster_host *h, const struct endpoint *address, struct err *err)
{
        const struct multicast_options options = options_of(h, address);
        int r = multicast_new(h->daemon->loop, &options, &handler, h, &h->multicast, err);

        if (r < 0)
                return r;
        h->has_interfaces = h->netif != NULL;
        return begin(h, err);
}

/*
 * From one image of reeved to the next.
 */

void cluster_wire_save(
        const struct cluster_host *h, struct descriptors *descriptors, struct saver *saver)
{
        const struct multicast_sockets sockets = multicast_sockets(h->multicast);
        size_t count;
        const struct multicast_interface *list = multicast_interfaces(h->multicast, &count);

        saver_item(saver, "wire");
        endpoint_save(saver, "address", multicast_address(h->multicast));
        saver_flag(saver, "has_interfaces", h->has_interfaces);
        descriptors_save(descriptors, saver, "group", sockets.group);
        descriptors_save(descriptors, saver, "own", sockets.own);
        descriptors_save(descriptors, saver, "own_six", sockets.own6);
        saver_inner(saver);
        for (size_t i = 0; i < count; i++) {
                saver_item(saver, "interface");
                saver_text(saver, "name", list[i].name);
                saver_number(saver, "index", list[i].index);
                saver_flag(saver, "joined", list[i].joined);
                saver_count(saver, "sent", list[i].sent);
                saver_count(saver, "received", list[i].received);
                saver_count(saver, "send_errors", list[i].send_errors);
                saver_count(saver, "join_errors", list[i].join_errors);
        }
        addressbook_save(multicast_peers(h->multicast), saver);
        saver_outer(saver);
}

static void restore_interfaces(struct cluster_host *h, struct saved_item *wire)
{
        struct multicast_interface *list = NULL;
        size_t count = 0, capacity = 0;

        for (struct saved_item *item = saved_inner(wire, "interface"); item;
                item = saved_next(item)) {
                struct multicast_interface *i;
                const char *name = saved_text(item, "name") ?: "";

                list = mem_grow(list, &capacity, count + 1, sizeof(*list));
                i = &list[count++];
                *i = (struct multicast_interface){ .index = (int)saved_number(
                                                           item, "index", 1, INT32_MAX, 1),
                        .joined = saved_flag(item, "joined"),
                        .sent = saved_count(item, "sent", UINT64_MAX, 0),
                        .received = saved_count(item, "received", UINT64_MAX, 0),
                        .send_errors = saved_count(item, "send_errors", UINT64_MAX, 0),
                        .join_errors = saved_count(item, "join_errors", UINT64_MAX, 0) };
                memcpy(i->name, name, strnlen(name, sizeof(i->name) - 1));
        }
        multicast_inherit(h->multicast, list, count);
        mem_free(list);
}

int cluster_wire_restore(struct cluster_host *h, struct saved_item *item,
        struct descriptors *descriptors, bool pretend, struct err *err)
{
        struct endpoint address;
        struct multicast_options options;
        struct multicast_sockets sockets;
        int r;

        endpoint_restore(item, "address", &address);
        options = options_of(h, &address);
        sockets = (struct multicast_sockets){ .group = descriptors_take(descriptors, item, "group"),
                .own = descriptors_take(descriptors, item, "own"),
                .own6 = descriptors_take(descriptors, item, "own_six") };
        options.inherited = &sockets;
        r = multicast_new(h->daemon->loop, &options, &handler, h, &h->multicast, err);
        if (r < 0)
                return r;
        h->has_interfaces = saved_flag(item, "has_interfaces");
        restore_interfaces(h, item);
        addressbook_restore(multicast_peers(h->multicast), saved_inner(item, "name"));
        return pretend ? 0 : begin(h, err);
}

void cluster_wire_stop(struct cluster_host *h)
{
        h->netif_source = sd_event_source_disable_unref(h->netif_source);
        h->multicast = multicast_free(h->multicast);
}
