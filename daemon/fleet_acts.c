/* The fleet's effects out: the only place that acts on what fleet/ decided. */
#include "base/monotonic.h"
#include "daemon/cluster_words.h"
#include "daemon/fleet_parts.h"
#include "rpc/listing.h"

/*
 * What orders need of us.
 */

static usec_t host_now(void *context)
{
        return monotonic_now();
}

static const struct cluster *cluster_of(void *context)
{
        return cluster_host_cluster(((struct fleet_host *)context)->daemon);
}

static bool host_may_order(void *context)
{
        return cluster_may_order(cluster_of(context), cluster_host_now());
}

static uint64_t host_term(void *context)
{
        return cluster_order_term(cluster_of(context));
}

static uint64_t host_obeyed(void *context)
{
        return cluster_status(cluster_of(context)).term;
}

/* The order may be the first that we hear of a new mastership. */
static bool host_obeys(void *context, unsigned peer, uint64_t term)
{
        cluster_host_feed(((struct fleet_host *)context)->daemon,
                &(struct cluster_event){ .type = CLUSTER_CLAIM, .peer = peer, .number = term });
        return cluster_obeys(cluster_of(context), peer, term);
}

static int host_send(void *context, unsigned peer, const struct frame *frame)
{
        return fleet_links_send(context, peer, frame);
}

static const char *host_identifier(void *context, unsigned instance)
{
        const struct peers_peer *p = peers_at(cluster_peers(cluster_of(context)), instance);

        return p ? p->identifier : NULL;
}

static unsigned host_instance(void *context, const char *identifier)
{
        return fleet_parts_find(context, identifier);
}

static void host_ask_engine(void *context, const struct request *request)
{
        daemon_feed(((struct fleet_host *)context)->daemon,
                &(struct event){ .type = EV_REQUEST, .request = *request });
}

static void host_ordered(void *context, uint64_t ticket, enum fault fault, const char *text)
{
        fleet_parts_feed(context,
                &(struct fleet_event){ .type = FLEET_ORDERED, .ordered = { ticket, fault, text } });
}

static void host_forwarded(void *context, uint64_t request, struct answer *taken)
{
        fleet_parts_feed(context,
                &(struct fleet_event){ .type = FLEET_FORWARDED, .forwarded = { request, taken } });
}

static void host_requested(void *context, const struct fleet_request *request)
{
        fleet_parts_feed(
                context, &(struct fleet_event){ .type = FLEET_REQUEST, .request = *request });
}

static void host_dropped(void *context, uint64_t request)
{
        fleet_parts_feed(
                context, &(struct fleet_event){ .type = FLEET_DROPPED, .dropped = request });
}

const struct orders_host fleet_acts_orders = {
        .now = host_now,
        .may_order = host_may_order,
        .term = host_term,
        .obeyed = host_obeyed,
        .obeys = host_obeys,
        .send = host_send,
        .identifier = host_identifier,
        .instance = host_instance,
        .ask_engine = host_ask_engine,
        .ordered = host_ordered,
        .forwarded = host_forwarded,
        .requested = host_requested,
        .dropped = host_dropped,
};

/*
 * Effects.
 */

static void run_order(struct fleet_host *h, const struct fleet_effect *fx)
{
        const struct payload_order order = { .start = fx->type == FLEET_FX_START,
                .group = fx->group,
                .name = fx->name,
                .args = fx->order.args };

        orders_give(h->orders, fx->instance, fx->order.ticket, &order);
}

static void run_force(struct fleet_host *h, const struct fleet_effect *fx)
{
        const char *target =
                fx->force.target == FLEET_NONE ? NULL : host_identifier(h, fx->force.target);
        struct payload_event told = { .change = PAYLOAD_FORCED };
        struct fleet_event event = { .type = FLEET_FORCED };

        told.forced.group = event.forced.group = fx->group;
        told.forced.name = event.forced.name = fx->name;
        told.forced.state = event.forced.state = fx->force.state;
        told.forced.reason = event.forced.reason = fx->force.reason ? fx->force.reason : "";
        told.forced.since = event.forced.since = fx->force.since;
        told.forced.target = target ? target : PAYLOAD_IDENTIFIER_NONE;
        event.forced.target = fx->force.target;
        fleet_exchange_publish(h, &told);
        fleet_parts_feed(h, &event);
}

static void run_answer(struct fleet_host *h, struct fleet_effect *fx)
{
        if (fx->answer.request & ORDERS_ID)
                orders_answer(h->orders, fx->answer.request, TAKE(fx->answer.answer));
        else if (h->daemon->http)
                http_answer(h->daemon->http, fx->answer.request, TAKE(fx->answer.answer));
}

static void run_no_autorestart(struct fleet_host *h, const struct fleet_effect *fx)
{
        CLEANUP(mem_free) char *namespec = mem_format("%s:%s", fx->group, fx->name);
        const struct process *process = NULL;

        if (engine_find_process(h->daemon->engine, namespec, &process) == FAULT_NONE)
                daemon_feed(h->daemon, &(struct event){ .type = EV_NO_AUTORESTART,
                                               .no_autorestart = process->id });
}

static void tell_watches(struct fleet_host *h, const struct fleet_effect *fx)
{
        for (size_t i = 0; i < h->watches_count; i++)
                h->watches[i]->changed(h->watches[i]->context, fx);
}

void fleet_acts_run(struct fleet_host *h, struct fleet_effect *fx)
{
        struct daemon *d = h->daemon;

        switch (fx->type) {
        case FLEET_FX_LOG:
                cluster_words_say(d->cluster, fx->log.level, "%s", fx->log.text);
                break;
        case FLEET_FX_START:
        case FLEET_FX_STOP:
                run_order(h, fx);
                break;
        case FLEET_FX_FORCE:
                run_force(h, fx);
                break;
        case FLEET_FX_WORK:
                cluster_host_feed(d, &(struct cluster_event){ .type = CLUSTER_WORK,
                                             .work = { .ticket = fx->work.ticket,
                                                     .starting = fx->work.starting,
                                                     .stopping = fx->work.stopping,
                                                     .conflict = fx->work.conflict } });
                break;
        case FLEET_FX_END: /* ticket 0: nobody waits for what the cluster says to it */
                cluster_host_feed(d, &(struct cluster_event){ .type = CLUSTER_END,
                                             .request = { .restart = fx->end.restart } });
                break;
        case FLEET_FX_ANSWER:
                run_answer(h, fx);
                break;
        case FLEET_FX_FORWARD:
                orders_forward(
                        h->orders, cluster_status(cluster_host_cluster(d)).master, fx->forward);
                break;
        case FLEET_FX_OWED:
                fleet_exchange_tell_owed(h, fx);
                break;
        case FLEET_FX_LOSSES:
                fleet_exchange_tell_losses(h, fx->instance);
                break;
        case FLEET_FX_NO_AUTORESTART:
                run_no_autorestart(h, fx);
                break;
        case FLEET_FX_INSTANCE:
        case FLEET_FX_RECORD:
        case FLEET_FX_PROCESS:
        case FLEET_FX_APPLICATION:
                tell_watches(h, fx);
                break;
        }
}
