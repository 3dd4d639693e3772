/* The cluster's callers: what they ask for is fed to cluster/, and its answer, or what is known of
 * the network, put into the words of the interface. */
#include <stdlib.h>
#include <string.h>

#include "daemon/cluster_parts.h"

struct cluster_shown { /* an answer of cluster_host_wire(), and what it points to */
        struct rpc_cluster_network network;
        struct rpc_wire_interface *interfaces;
        struct rpc_wire_peer *peers;
        char **texts;
        size_t texts_count, texts_capacity;
};

/*
 * END and END_SYNC.
 */

static void answer(struct cluster_host *h, uint64_t request, struct answer *taken)
{
        if (h->daemon->http)
                http_answer(h->daemon->http, request, taken);
        else
                answer_free(taken);
}

static void ask(struct cluster_host *h, const struct cluster_caller *caller,
        const struct cluster_event *event)
{
        if (h->callers_count == CLUSTER_CALLERS_MAX) {
                answer(h, caller->request,
                        answer_new_fault(FAULT_FAILED, "too many callers are waiting"));
                return;
        }
        h->callers = mem_grow(
                h->callers, &h->callers_capacity, h->callers_count + 1, sizeof(*h->callers));
        h->callers[h->callers_count++] = *caller;
        cluster_host_feed(h->daemon, event);
}

static struct answer *no_cluster(void)
{
        return answer_new_fault(FAULT_SUPVISORS_CONF_ERROR, "no cluster is configured");
}

void cluster_host_end_sync(struct daemon *d, uint64_t request, unsigned master)
{
        if (!d->cluster) {
                http_answer(d->http, request, no_cluster());
                return;
        }
        ask(d->cluster,
                &(struct cluster_caller){ .request = request, .master = master, .ends_sync = true },
                &(struct cluster_event){ .type = CLUSTER_END_SYNC,
                        .peer = master,
                        .request = { .ticket = request } });
}

void cluster_host_end(struct daemon *d, uint64_t request, bool restart)
{
        if (!d->cluster) {
                http_answer(d->http, request, no_cluster());
                return;
        }
        ask(d->cluster, &(struct cluster_caller){ .request = request },
                &(struct cluster_event){ .type = CLUSTER_END,
                        .request = { .ticket = request, .restart = restart } });
}

void cluster_host_readmit(struct daemon *d, unsigned instance)
{
        cluster_host_feed(d, &(struct cluster_event){ .type = CLUSTER_READMIT, .peer = instance });
}

static struct answer *not_running(const struct cluster_host *h, unsigned master)
{
        const struct peers_peer *p = peers_at(cluster_peers(h->cluster), master);
        CLEANUP(mem_free) char *text = NULL;

        if (!p)
                return answer_new_fault(FAULT_NOT_RUNNING, "no Supvisors instance is RUNNING");
        text = mem_format("Supvisors instance=%s is not RUNNING (%s)", p->identifier,
                peers_state_name(p->state));
        return answer_new_fault(FAULT_NOT_RUNNING, text);
}

static struct answer *bad_state(const struct cluster_host *h, const struct cluster_caller *caller)
{
        const struct cluster_status status = cluster_status(h->cluster);
        CLEANUP(mem_free) char *text = NULL;

        if (caller->ends_sync && status.state == FSM_SYNCHRONIZATION)
                return answer_new_fault(
                        FAULT_BAD_SUPVISORS_STATE, "Supvisors synchronization ending");
        text = mem_format("invalid Supvisors state=%s", fsm_state_name(status.state));
        return answer_new_fault(FAULT_BAD_SUPVISORS_STATE, text);
}

static struct answer *make_answer(const struct cluster_host *h, const struct cluster_caller *caller,
        enum cluster_result result)
{
        switch (result) {
        case CLUSTER_OK:
                return answer_new(ANSWER_TRUE);
        case CLUSTER_BAD_STATE:
                return bad_state(h, caller);
        case CLUSTER_NO_MASTER:
                return answer_new_fault(FAULT_BAD_SUPVISORS_STATE, "no Master instance available");
        case CLUSTER_BAD_PEER:
                return not_running(h, caller->master);
        case CLUSTER_NOT_SELECTED:
                return answer_new_fault(FAULT_NOT_APPLICABLE, "USER expected in synchro_options");
        }
        return answer_new(ANSWER_FALSE);
}

/* Of a ticket that nobody waits for it is the answer to what another instance has forwarded. */
void cluster_calls_answer(struct cluster_host *h, const struct cluster_effect *e)
{
        for (size_t i = 0; i < h->callers_count; i++) {
                const struct cluster_caller caller = h->callers[i];

                if (caller.request != e->answer.ticket)
                        continue;
                h->callers[i] = h->callers[--h->callers_count];
                answer(h, caller.request, make_answer(h, &caller, e->answer.result));
                return;
        }
}

/*
 * What is known of an instance.
 */

/* "host:port": as it is configured, whatever the instance says of itself. */
static void split_identifier(struct cluster_host *h, unsigned instance, struct rpc_network *ret)
{
        const char *identifier = peers_at(cluster_peers(h->cluster), instance)->identifier;
        struct cluster_peer *p = cluster_parts_peer(h, instance);
        const char *colon = strrchr(identifier, ':');

        if (!p->host)
                p->host = colon ? mem_strndup(identifier, (size_t)(colon - identifier))
                                : mem_strdup(identifier);
        ret->host = p->host;
        ret->port = colon ? (uint16_t)atoi(colon + 1) : 0;
}

bool cluster_host_network(struct daemon *d, unsigned instance, struct rpc_network *ret)
{
        struct cluster_host *h = d->cluster;
        const struct cluster_node *node;

        if (!h || !peers_at(cluster_peers(h->cluster), instance))
                return false;
        node = instance == 0 ? h->node : cluster_parts_peer(h, instance)->node;
        *ret = node ? *cluster_node_view(node) : (struct rpc_network){};
        split_identifier(h, instance, ret);
        return true;
}

struct rpc_tick cluster_host_tick(struct daemon *d, unsigned instance)
{
        struct cluster_host *h = d->cluster;
        const struct cluster_peer *p = h && instance < h->peers_count ? h->peers[instance] : NULL;
        struct rpc_tick tick = p ? p->tick : (struct rpc_tick){};

        /* Its clocks are known from its hello on, which comes after its first heartbeats. */
        if (instance > 0 && p && p->node) {
                tick.remote_monotonic = (double)(p->time + p->monotonic_offset) / (double)USEC_SEC;
                tick.remote_time = (p->time + p->wall_offset) / (int64_t)USEC_SEC;
        }
        return tick;
}

/*
 * What is known of the network.
 */

static const char *keep(struct cluster_shown *shown, char *taken)
{
        shown->texts = mem_grow(
                shown->texts, &shown->texts_capacity, shown->texts_count + 1, sizeof(char *));
        return shown->texts[shown->texts_count++] = taken;
}

static void clear_shown(struct cluster_shown *shown)
{
        for (size_t i = 0; i < shown->texts_count; i++)
                mem_free(shown->texts[i]);
        mem_free(shown->texts);
        mem_free(shown->interfaces);
        mem_free(shown->peers);
        *shown = (struct cluster_shown){};
}

static const char *keep_address(struct cluster_shown *shown, const struct endpoint *e)
{
        char name[ENDPOINT_NAME_SIZE];

        return e && e->size ? keep(shown, mem_strdup(endpoint_name(e, name))) : "";
}

static struct rpc_wire_way show_way(
        struct cluster_host *h, struct cluster_shown *shown, const struct cluster_way *way)
{
        const struct netif_entry *entry = h->netif ? netif_find(h->netif, way->interface) : NULL;

        return (struct rpc_wire_way){ .count = way->count,
                .age = way->at ? (double)usec_sub(cluster_host_now(), way->at) / (double)USEC_SEC
                               : -1,
                .interface = entry ? keep(shown, mem_strdup(entry->name)) : "",
                .address = keep_address(shown, &way->from) };
}

static void show_peer(struct cluster_host *h, struct cluster_shown *shown, unsigned peer,
        struct rpc_wire_peer *ret)
{
        const struct peers_peer *p = peers_at(cluster_peers(h->cluster), peer);
        const struct cluster_peer *ours = cluster_parts_peer(h, peer);
        struct link *link = cluster_links_find(h, peer);

        *ret = (struct rpc_wire_peer){ .identifier = p->identifier,
                .nick = p->nick,
                .state = peers_state_name(p->state),
                .reason = peers_why_name(p->why),
                .listed = p->listed,
                .rules_told = ours->rules_told,
                .rules = ours->rules,
                .multicast = show_way(h, shown, &ours->by_group),
                .unicast = show_way(h, shown, &ours->alone),
                .link = link,
                .link_address = link ? keep(shown, mem_strdup(link_address(link))) : "",
                .link_ours = link && link_is_ours(link),
                .link_port = ours->link_port,
                .link_queued = link ? link_queued(link) : 0 };
}

static void show_peers(struct cluster_host *h, struct cluster_shown *shown)
{
        unsigned count = peers_count(cluster_peers(h->cluster));

        shown->peers = mem_new_array(count, sizeof(*shown->peers));
        for (unsigned i = 1; i < count; i++)
                show_peer(h, shown, i, &shown->peers[i - 1]);
        shown->network.peers = shown->peers;
        shown->network.peers_count = count - 1;
}

static void show_interfaces(struct cluster_host *h, struct cluster_shown *shown)
{
        size_t count;
        const struct multicast_interface *list = multicast_interfaces(h->multicast, &count);

        shown->interfaces = mem_new_array(count ? count : 1, sizeof(*shown->interfaces));
        for (size_t i = 0; i < count; i++)
                shown->interfaces[i] = (struct rpc_wire_interface){ .name = list[i].name,
                        .joined = list[i].joined,
                        .error = list[i].error ? strerrordesc_np(-list[i].error) : "",
                        .sent = list[i].sent,
                        .received = list[i].received,
                        .send_errors = list[i].send_errors,
                        .join_errors = list[i].join_errors };
        shown->network.interfaces = shown->interfaces;
        shown->network.interfaces_count = count;
}

static void show_counters(struct cluster_host *h, struct rpc_wire_counters *c)
{
        const struct peers_counters *peers = cluster_counters(h->cluster);
        const struct multicast_counters *m = multicast_counters(h->multicast);
        const struct links_counters *links = links_counters(h->links);

        *c = h->counters;
        c->replayed = peers->replayed;
        c->strangers = peers->strangers;
        c->conflicting = peers->conflicting;
        c->overflow = peers->overflow;
        c->too_large = m->too_large;
        c->overflowed = m->overflowed;
        c->unlisted_interface = m->unlisted;
        for (unsigned i = 0; i < LINK_WHYS; i++)
                c->failed += i == LINK_DUPLICATE ? 0 : links->failed[i];
}

static void show_sockets(struct cluster_host *h, struct rpc_cluster_network *n)
{
        const struct multicast_counters *m = multicast_counters(h->multicast);

        n->link_port = h->link_port;
        n->unicast_sent = m->unicast_sent;
        n->unicast_errors = m->unicast_errors;
        n->unicast_received = m->unicast_received;
        n->unresolved = multicast_unresolved(h->multicast);
        show_counters(h, &n->counters);
}

static const char *show_security(const struct cluster_host *h)
{
        switch (h->secret) {
        case CLUSTER_SECRET_FILE:
                return "key file";
        case CLUSTER_SECRET_PASSWORD:
                return "password";
        case CLUSTER_SECRET_NONE:
                return "open";
        case CLUSTER_SECRET_MISSING:
                return h->confined ? "confined" : "open";
        }
        return "";
}

const struct rpc_cluster_network *cluster_host_wire(struct daemon *d)
{
        struct cluster_host *h = d->cluster;
        struct cluster_shown *shown;
        char id[IDENTITY_TEXT_SIZE];
        struct peers_hello self;

        if (!h)
                return NULL;
        shown = h->shown = h->shown ?: mem_new(sizeof(*h->shown));
        clear_shown(shown);
        identity_text(&h->id, id);
        cluster_hello_stranger(h->cluster, &self);
        shown->network = (struct rpc_cluster_network){ .cluster = h->config->cluster_name,
                .identifier = peers_at(cluster_peers(h->cluster), 0)->identifier,
                .id = keep(shown, mem_strdup(id)),
                .enabled = h->has_wire,
                .security = show_security(h),
                .key = keyring_sending(h->keyring),
                .group = h->config->multicast_group
                                 ? keep(shown, mem_format("%s:%u", h->config->multicast_group,
                                                       h->config->multicast_port))
                                 : "",
                .address = h->multicast ? keep_address(shown, multicast_address(h->multicast)) : "",
                .interval = (double)cluster_status(h->cluster).interval / (double)USEC_SEC,
                .rules = self.advised.rules,
                .sent = h->sent };
        if (h->multicast) {
                show_sockets(h, &shown->network);
                show_interfaces(h, shown);
        }
        show_peers(h, shown);
        return &shown->network;
}

void cluster_calls_stop(struct cluster_host *h)
{
        mem_free(h->callers);
        if (h->shown)
                clear_shown(h->shown);
        mem_free(h->shown);
}
