/* The cluster before an upgrade in place: everybody hears that we are back in a moment, and the
 * links are drained.  The loop goes on meanwhile; who wants to go on with the upgrade is called
 * when all of it is done, or has had its time. */
#include <systemd/sd-event.h>

#include "daemon/cluster_parts.h"

#define DRAIN_USEC_MAX (200 * USEC_MSEC)

struct cluster_drain {
        struct daemon *daemon;
        void (*drained)(void *context);
        void *context;
        bool told;
        sd_event_source *over, *timer;
};

/* Whoever hears us last now is the last to miss us. */
static void beat(struct daemon *d)
{
        cluster_host_feed(d, &(struct cluster_event){ .type = CLUSTER_PAUSED });
}

static void tell(struct cluster_drain *drain)
{
        if (drain->told)
                return;
        drain->told = true;
        beat(drain->daemon);
        drain->drained(drain->context); /* which may take it back */
}

static int on_over(sd_event_source *source, void *context)
{
        tell(context);
        return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
        tell(context);
        return 0;
}

static struct cluster_drain *drain_free(struct cluster_drain *drain)
{
        if (!drain)
                return NULL;
        drain->over = sd_event_source_disable_unref(drain->over);
        drain->timer = sd_event_source_disable_unref(drain->timer);
        return mem_free(drain);
}

static bool is_drained(const struct cluster_host *h)
{
        return !h || !h->links || links_count(h->links) == 0;
}

/* Only a loop that has ended takes no source, and then nobody comes back to it either. */
static void arm(struct cluster_drain *drain, bool at_once)
{
        sd_event *loop = drain->daemon->loop;

        if (sd_event_add_defer(loop, &drain->over, on_over, drain) >= 0)
                (void)sd_event_source_set_enabled(
                        drain->over, at_once ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
        (void)sd_event_add_time_relative(
                loop, &drain->timer, CLOCK_MONOTONIC, DRAIN_USEC_MAX, USEC_MSEC, on_timer, drain);
}

void cluster_host_prepare_upgrade(struct daemon *d, void (*drained)(void *context), void *context)
{
        struct cluster_drain *drain = mem_new(sizeof(*drain));

        cluster_host_resume(d);
        *drain = (struct cluster_drain){ .daemon = d, .drained = drained, .context = context };
        d->drain = drain;
        if (d->cluster) {
                beat(d);
                cluster_links_pause(d->cluster);
        }
        arm(drain, is_drained(d->cluster));
}

void cluster_host_resume(struct daemon *d)
{
        if (!d->drain)
                return;
        d->drain = drain_free(d->drain);
        if (d->cluster)
                cluster_links_resume(d->cluster);
}

bool cluster_upgrade_link_down(struct cluster_host *h)
{
        struct cluster_drain *drain = h->daemon->drain;

        if (!drain)
                return false;
        if (is_drained(h))
                (void)sd_event_source_set_enabled(drain->over, SD_EVENT_ONESHOT);
        return true;
}

void cluster_upgrade_stop(struct cluster_host *h)
{
        h->daemon->drain = drain_free(h->daemon->drain);
}
