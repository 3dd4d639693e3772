/* Events out: see events_out.h.  Owns the publisher and the order between its sources. */
#include "daemon/events_out.h"

#include <systemd/sd-event.h>

#include "cluster/cluster.h"
#include "config/clusterconfig.h"
#include "daemon/cluster_host.h"
#include "daemon/cluster_words.h"
#include "daemon/daemon.h"
#include "daemon/events_step.h"
#include "daemon/fleet_host.h"
#include "daemon/publisher.h"
#include "fleet/fleet.h"

#define TICK_USEC  (5 * USEC_SEC) /* subscribers expect to hear of each instance as often */
#define SLACK_USEC (250 * USEC_MSEC)

struct held {
        enum publication publication;
        char *body;
};

struct events_out {
        struct daemon *daemon;
        struct publisher *publisher;
        struct events_step *step;
        struct fleet_watch watch;
        sd_event_source *tick;
        sd_event_source *turn; /* at the end of this turn of the loop */
        bool state_changed;    /* 'supvisors' is to be told at the end of the turn */

        /* What follows of a loss is told after the instance has become STOPPED or ISOLATED, which
         * comes in the same turn. */
        unsigned failed; /* instances that are FAILED and nothing else yet */
        struct held *held;
        size_t held_count, held_capacity;
};

/*
 * The way out.
 */

static bool wants(void *context, enum publication publication)
{
        return publisher_wants(((struct events_out *)context)->publisher, publication);
}

static void tell(void *context, enum publication publication, char *taken)
{
        struct events_out *out = context;
        CLEANUP(mem_free) char *body = taken;

        if (!body)
                return;
        if (!out->failed || publication == PUBLICATION_INSTANCE) {
                publisher_tell(out->publisher, publication, body);
                return;
        }
        out->held =
                mem_grow(out->held, &out->held_capacity, out->held_count + 1, sizeof(*out->held));
        out->held[out->held_count++] = (struct held){ publication, TAKE(body) };
}

static void release(struct events_out *out)
{
        out->failed = 0;
        for (size_t i = 0; i < out->held_count; i++) {
                publisher_tell(out->publisher, out->held[i].publication, out->held[i].body);
                mem_free(out->held[i].body);
        }
        out->held_count = 0;
}

static void tell_state(struct events_out *out)
{
        out->state_changed = false;
        if (wants(out, PUBLICATION_SUPVISORS))
                tell(out, PUBLICATION_SUPVISORS,
                        publication_supvisors(&out->daemon->host, out->daemon));
}

static void tell_instance(struct events_out *out, unsigned index)
{
        if (wants(out, PUBLICATION_INSTANCE))
                tell(out, PUBLICATION_INSTANCE,
                        publication_instance(&out->daemon->host, out->daemon, index));
}

/* Right arguments do not fail. */
static void await_turn(struct events_out *out)
{
        (void)sd_event_source_set_enabled(out->turn, SD_EVENT_ONESHOT);
}

static int on_turn(sd_event_source *source, void *context)
{
        struct events_out *out = context;

        release(out);
        if (out->state_changed)
                tell_state(out);
        return 0;
}

/*
 * The fleet.
 */

/* CHECKED is passed at once; it only shows with a tick. */
static void on_instance(void *context, unsigned index, enum peers_state state)
{
        struct events_out *out = context;

        if (state != PEERS_CHECKED)
                tell_instance(out, index);
        if (state == PEERS_FAILED)
                out->failed++;
        else if (out->failed && --out->failed == 0)
                release(out);
        out->state_changed = true;
        await_turn(out);
}

static void on_changed(void *context, const struct fleet_effect *fx)
{
        events_step_note(((struct events_out *)context)->step, fx);
}

static void on_settled(void *context)
{
        events_step_end(((struct events_out *)context)->step);
}

static bool is_living(const struct fleet_instance *instance)
{
        return instance->state == PEERS_CHECKING || instance->state == PEERS_CHECKED ||
               instance->state == PEERS_RUNNING;
}

/* Ourselves in any case; others as soon as we are one of them. */
static int on_tick(sd_event_source *source, uint64_t usec, void *context)
{
        struct events_out *out = context;
        const struct fleet *fleet = fleet_host_fleet(out->daemon);
        const struct fleet_instance *self = fleet_instance_at(fleet, 0);
        bool joined = self && (self->state == PEERS_CHECKED || self->state == PEERS_RUNNING);
        size_t count = 0;
        const unsigned *order = fleet_instances_order(fleet, &count);

        for (size_t i = 0; i < count && wants(out, PUBLICATION_INSTANCE); i++)
                if (order[i] == 0 || (joined && is_living(fleet_instance_at(fleet, order[i]))))
                        tell_instance(out, order[i]);
        /* Neither fails with right arguments. */
        (void)sd_event_source_set_time(source, usec_add(usec, TICK_USEC));
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/*
 * The cluster, and figures.
 */

void events_out_cluster(struct daemon *d, const struct cluster_effect *effect)
{
        struct events_out *out = d->events;

        if (!out)
                return;
        switch (effect->type) {
        case CLUSTER_FX_STATE:
        case CLUSTER_FX_MASTER:
        case CLUSTER_FX_MODES:
                events_step_end(out->step); /* it is the step that is at work who has led to this */
                tell_state(out);
                break;
        case CLUSTER_FX_PEER: /* the fleet tells of it, in its place */
        case CLUSTER_FX_HEARTBEAT:
        case CLUSTER_FX_CONNECT:
        case CLUSTER_FX_DISCONNECT:
        case CLUSTER_FX_PROBE:
        case CLUSTER_FX_HELLO:
        case CLUSTER_FX_PERSIST:
        case CLUSTER_FX_WORK:
        case CLUSTER_FX_EXIT:
        case CLUSTER_FX_ANSWER:
        case CLUSTER_FX_FORWARD:
        case CLUSTER_FX_ABSENT:
        case CLUSTER_FX_DIFFERENCE:
                break;
        }
}

void events_out_figure(struct daemon *d, const struct statistics_figure *figure)
{
        enum publication publication = figure->namespec ? PUBLICATION_PSTATS : PUBLICATION_HSTATS;
        const struct fleet_instance *instance;

        if (!d->events || !wants(d->events, publication))
                return;
        instance = fleet_instance_at(fleet_host_fleet(d), figure->instance);
        if (instance)
                tell(d->events, publication,
                        publication_figure(instance, figure, events_step_clock()));
}

/*
 * Its life.
 */

static void on_told(void *context, enum log_level level, const char *text)
{
        cluster_host_log(context, level, text);
}

static int add_sources(struct events_out *out)
{
        sd_event *loop = out->daemon->loop;
        int r = sd_event_add_time_relative(
                loop, &out->tick, CLOCK_MONOTONIC, TICK_USEC, SLACK_USEC, on_tick, out);

        if (r >= 0)
                r = sd_event_add_defer(loop, &out->turn, on_turn, out);
        if (r >= 0)
                r = sd_event_source_set_priority(out->turn, SD_EVENT_PRIORITY_IMPORTANT);
        if (r >= 0)
                r = sd_event_source_set_enabled(out->turn, SD_EVENT_OFF);
        if (r >= 0)
                r = fleet_host_watch(out->daemon, &out->watch);
        return r;
}

/* Nothing is told any more; the last words may be on their way. */
static void end(struct events_out *out)
{
        fleet_host_unwatch(out->daemon, &out->watch);
        out->tick = sd_event_source_disable_unref(out->tick);
        out->turn = sd_event_source_disable_unref(out->turn);
        if (out->publisher)
                publisher_end(out->publisher);
}

static struct events_out *release_all(struct events_out *out)
{
        if (!out)
                return NULL;
        end(out);
        publisher_free(out->publisher);
        events_step_free(out->step);
        for (size_t i = 0; i < out->held_count; i++)
                mem_free(out->held[i].body);
        mem_free(out->held);
        return mem_free(out);
}

static void begin(struct daemon *d)
{
        const struct clusterconfig *config = d->config->cluster;
        struct events_out *out;
        int r;

        if (d->events || !fleet_host_fleet(d) || config->event_link == EVENT_LINK_NONE)
                return;
        out = mem_new(sizeof(*out));
        out->daemon = d;
        out->watch = (struct fleet_watch){ on_changed, out, on_settled };
        out->step = events_step_new(&(struct events_sink){ .wants = wants,
                .tell = tell,
                .instance = on_instance,
                .context = out,
                .host = &d->host,
                .host_context = d });
        r = add_sources(out);
        if (r < 0) {
                cluster_words_say(d->cluster, LOG_LEVEL_ERROR, "events are not published: %s",
                        strerrordesc_np(-r));
                release_all(out);
                return;
        }
        out->publisher =
                publisher_new(d->loop, &(struct publisher_options){ .link = config->event_link,
                                               .port = config->event_port,
                                               .awaited = d->events_awaited,
                                               .told = on_told,
                                               .context = d });
        d->events = out;
        d->events_awaited = 0;
        tell_state(out);
}

void events_out_mood(struct daemon *d, enum mood mood)
{
        if (mood == MOOD_RUNNING) {
                begin(d);
        } else if (d->events && d->events->turn) {
                (void)on_turn(d->events->turn, d->events); /* nothing waits for its end any more */
                end(d->events);
        }
}

void events_out_pause(struct daemon *d)
{
        if (d->events && d->events->turn) {
                (void)on_turn(d->events->turn, d->events); /* as above */
                d->events_awaited = publisher_subscriptions(d->events->publisher);
                publisher_will_be_back(d->events->publisher);
        }
        events_out_stop(d);
}

void events_out_stop(struct daemon *d)
{
        d->events = release_all(d->events);
}
