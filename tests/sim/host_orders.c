/* What the orders of a simulated instance need of their surroundings: see host.h. */
#include "tests/sim/host.h"
#include "tests/sim/oracle.h"

static usec_t orders_now(void *context)
{
        struct host *h = context;

        return host_clock(h->w, h->node);
}

static bool orders_may_order(void *context)
{
        struct host *h = context;

        return cluster_may_order(host_cluster(h), world_clock(h->w, h->node));
}

static uint64_t orders_term(void *context)
{
        return cluster_order_term(host_cluster(context));
}

static uint64_t orders_obeyed(void *context)
{
        return cluster_status(host_cluster(context)).term;
}

static bool orders_obeys(void *context, unsigned peer, uint64_t term)
{
        struct host *h = context;
        bool obeyed;

        host_feed_cluster(
                h, (struct cluster_event){ .type = CLUSTER_CLAIM, .peer = peer, .number = term });
        obeyed = cluster_obeys(host_cluster(h), peer, term);
        oracle_order(h->w->oracle, h->w, h->node, world_node_at(h->node, peer), term, obeyed);
        return obeyed;
}

static int orders_send(void *context, unsigned peer, const struct frame *frame)
{
        return host_send(context, peer, frame);
}

static const char *orders_identifier(void *context, unsigned instance)
{
        const struct peers_peer *p = peers_at(cluster_peers(host_cluster(context)), instance);

        return p ? p->identifier : NULL;
}

static unsigned orders_instance(void *context, const char *identifier)
{
        unsigned index = peers_find(cluster_peers(host_cluster(context)), identifier);

        return index == PEERS_NONE ? FLEET_NONE : index;
}

static void orders_ask_engine(void *context, const struct request *request)
{
        programs_ask(context, request);
}

static void orders_ordered(void *context, uint64_t ticket, enum fault fault, const char *text)
{
        host_feed(context,
                &(struct fleet_event){ .type = FLEET_ORDERED, .ordered = { ticket, fault, text } });
}

static void orders_forwarded(void *context, uint64_t request, struct answer *taken)
{
        host_feed(context,
                &(struct fleet_event){ .type = FLEET_FORWARDED, .forwarded = { request, taken } });
}

static void orders_requested(void *context, const struct fleet_request *request)
{
        host_feed(context, &(struct fleet_event){ .type = FLEET_REQUEST, .request = *request });
}

static void orders_dropped(void *context, uint64_t request)
{
        host_feed(context, &(struct fleet_event){ .type = FLEET_DROPPED, .dropped = request });
}

const struct orders_host host_orders = {
        .now = orders_now,
        .may_order = orders_may_order,
        .term = orders_term,
        .obeyed = orders_obeyed,
        .obeys = orders_obeys,
        .send = orders_send,
        .identifier = orders_identifier,
        .instance = orders_instance,
        .ask_engine = orders_ask_engine,
        .ordered = orders_ordered,
        .forwarded = orders_forwarded,
        .requested = orders_requested,
        .dropped = orders_dropped,
};
