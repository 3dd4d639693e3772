/* The cluster's effects out: the only place that acts on what cluster/ decided. */
#include <string.h>

#include "daemon/cluster_parts.h"
#include "daemon/events_out.h"
#include "daemon/fleet_host.h"
#include "daemon/sampler.h"

/* The master gets it as an END of his own; the caller has its answer already. */
static void forward_end(struct cluster_host *h, const struct cluster_effect *e)
{
        const char *text = e->forward.restart ? "{\"end\":{\"restart\":true}}"
                                              : "{\"end\":{\"restart\":false}}";
        int r = cluster_host_send(h->daemon, e->peer,
                &(struct frame){ .kind = FRAME_REQUEST,
                        .payload = (const uint8_t *)text,
                        .size = strlen(text) });

        if (r < 0)
                cluster_words_say(h, LOG_LEVEL_ERROR,
                        "cluster: the master cannot be told to end the whole: %s",
                        strerrordesc_np(-r));
}

void cluster_acts_run(struct cluster_host *h, const struct cluster_effect *e)
{
        cluster_words_tell(h, e);
        events_out_cluster(h->daemon, e);
        switch (e->type) {
        case CLUSTER_FX_HEARTBEAT:
                cluster_wire_beat(h);
                break;
        case CLUSTER_FX_CONNECT:
                cluster_links_connect(h, e->peer);
                break;
        case CLUSTER_FX_DISCONNECT:
                cluster_links_disconnect(h, e->peer);
                break;
        case CLUSTER_FX_PROBE:
                cluster_links_probe(h, e->peer);
                break;
        case CLUSTER_FX_HELLO:
                cluster_links_hello(h, e->peer, e->hello.reply, e->hello.snapshot);
                break;
        case CLUSTER_FX_PERSIST:
                cluster_state_write(h->state, e->persist.ticket, &e->persist.record);
                break;
        case CLUSTER_FX_PEER:
                if (e->change.to != PEERS_CHECKED && e->change.to != PEERS_RUNNING)
                        cluster_links_lost(h, e->peer);
                fleet_host_effect(h->daemon, e);
                if (h->daemon->sampler && e->change.to == PEERS_STOPPED)
                        sampler_forget(h->daemon->sampler, e->peer);
                break;
        case CLUSTER_FX_STATE:
        case CLUSTER_FX_MASTER:
        case CLUSTER_FX_WORK:
                fleet_host_effect(h->daemon, e);
                break;
        case CLUSTER_FX_EXIT:
                daemon_feed(h->daemon, &(struct event){ .type = EV_SHUTDOWN,
                                               .shutdown = { .restart = e->exit.restart } });
                break;
        case CLUSTER_FX_ANSWER:
                cluster_calls_answer(h, e);
                break;
        case CLUSTER_FX_FORWARD:
                forward_end(h, e);
                break;
        case CLUSTER_FX_MODES:
        case CLUSTER_FX_ABSENT:
        case CLUSTER_FX_DIFFERENCE:
                break; /* told above */
        }
}
