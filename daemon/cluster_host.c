/* The cluster in the daemon: see cluster_host.h.  Owns its life: from the options to a running
 * cluster/, the queue of its events, its timer. */
#include "daemon/cluster_host.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "daemon/cluster_parts.h"
#include "daemon/cluster_setup.h"
#include "daemon/events_out.h"
#include "daemon/fleet_host.h"
#include "daemon/sampler.h"
#include "daemon/survival.h"
#include "loop/errand.h"
#include "loop/timer.h"

usec_t cluster_host_now(void)
{
        struct timespec ts;

        (void)clock_gettime(CLOCK_BOOTTIME, &ts); /* always answers */
        return (usec_t)ts.tv_sec * USEC_SEC + (usec_t)ts.tv_nsec / 1000;
}

const struct cluster *cluster_host_cluster(struct daemon *d)
{
        return d->cluster ? d->cluster->cluster : NULL;
}

void cluster_host_log(struct daemon *d, enum log_level level, const char *text)
{
        cluster_log_write(d->cluster ? d->cluster->log : NULL, d, MESSAGE_NONE, level, text);
}

void cluster_host_set_rules(struct daemon *d, uint64_t hash)
{
        if (!d->cluster || !d->cluster->cluster)
                return;
        cluster_set_rules(d->cluster->cluster, hash);
        cluster_links_tell(d->cluster);
}

void cluster_host_set_log_level(struct daemon *d, enum log_level level)
{
        cluster_log_set_level(d->cluster ? d->cluster->log : NULL, d, level);
}

struct cluster_peer *cluster_parts_peer(struct cluster_host *h, unsigned index)
{
        if (index >= h->peers_count) {
                h->peers = mem_resize(h->peers, index + 1, sizeof(struct cluster_peer *));
                while (h->peers_count <= index)
                        h->peers[h->peers_count++] = mem_new(sizeof(struct cluster_peer));
        }
        return h->peers[index];
}

/*
 * Events in, effects out.
 */

static void push(struct cluster_host *h, const struct cluster_event *event)
{
        /* Borrowed things come from the loop, where no effect is being run. */
        assert(!h->feeding || (event->type != CLUSTER_HEARTBEAT && event->type != CLUSTER_HELLO));
        if (h->queue_first && h->queue_first + h->queue_count == h->queue_capacity) {
                memmove(h->queue, h->queue + h->queue_first, h->queue_count * sizeof(*h->queue));
                h->queue_first = 0;
        }
        h->queue = mem_grow(h->queue, &h->queue_capacity, h->queue_first + h->queue_count + 1,
                sizeof(*h->queue));
        h->queue[h->queue_first + h->queue_count++] = *event;
}

static bool pop(struct cluster_host *h, struct cluster_event *ret)
{
        if (h->queue_count == 0) {
                h->queue_first = 0;
                return false;
        }
        *ret = h->queue[h->queue_first++];
        h->queue_count--;
        return true;
}

static void arm(struct cluster_host *h)
{
        timer_arm(h->timer, &h->deadline, cluster_deadline(h->cluster));
}

/* cluster/ finds out by itself when we did not run, be it that the loop was late or the machine
 * asleep: its clock goes on meanwhile. */
void cluster_host_feed(struct daemon *d, const struct cluster_event *first)
{
        struct cluster_host *h = d->cluster;
        struct cluster_event event;

        if (!h || !h->cluster)
                return;
        push(h, first);
        if (h->feeding)
                return;
        h->feeding = true;
        while (pop(h, &event)) {
                event.now = cluster_host_now();
                cluster_effects_reset(&h->effects);
                cluster_step(h->cluster, &event, &h->effects);
                for (size_t i = 0; i < h->effects.count; i++)
                        cluster_acts_run(h, &h->effects.at[i]);
        }
        h->feeding = false;
        arm(h);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
        struct cluster_host *h = context;

        h->deadline = USEC_NEVER; /* it has fired: it is armed anew in any case */
        cluster_host_feed(h->daemon, &(struct cluster_event){ .type = CLUSTER_TIMER });
        return 0;
}

static int add_timer(struct cluster_host *h, struct err *err)
{
        int r = sd_event_add_time(
                h->daemon->loop, &h->timer, CLOCK_BOOTTIME, UINT64_MAX, USEC_MSEC, on_timer, h);

        h->deadline = USEC_NEVER;
        if (r >= 0)
                r = sd_event_source_set_enabled(h->timer, SD_EVENT_OFF);
        return r < 0 ? err_errno(err, r, "the loop has no timer for the cluster") : 0;
}

/*
 * The start.
 */

static void on_written(void *context, uint64_t ticket)
{
        struct cluster_host *h = context;

        cluster_host_feed(
                h->daemon, &(struct cluster_event){ .type = CLUSTER_PERSISTED, .ticket = ticket });
}

static void on_told(void *context, bool works, const char *text)
{
        cluster_words_say(context, works ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "cluster: %s", text);
}

const struct cluster_state_handler cluster_parts_state_handler = { on_written, on_told };

/* Without a file a new identity is drawn each time, which is safe but for one thing: a majority is
 * counted by heads, and somebody new is a head more. */
static int open_state(struct cluster_host *h, const char *identifier, struct err *err)
{
        CLEANUP(mem_free)
        char *path = mem_format(
                "%s/cluster-%u.json", h->config->state_dir, cluster_setup_port(h->daemon));
        CLEANUP(mem_free) char *why = NULL;
        int r = cluster_state_open(h->daemon->loop, path, identifier, &cluster_parts_state_handler,
                h, &h->state, &why, err);

        if (r < 0 && r != -EBUSY && !h->config->quorum_majority) {
                cluster_words_say(h, LOG_LEVEL_WARN,
                        "cluster: %s; this instance will be somebody new at each start", err->text);
                r = cluster_state_open(h->daemon->loop, NULL, identifier,
                        &cluster_parts_state_handler, h, &h->state, NULL, err);
        }
        if (r < 0)
                return r;
        if (why)
                cluster_words_say(h, LOG_LEVEL_WARN, "cluster: %s", why);
        h->id = *cluster_state_id(h->state);
        return 0;
}

static int take_options(struct cluster_host *h, const struct cluster_setup *setup,
        struct cluster_options *o, struct err *err)
{
        int r;

        o->self.id = h->id;
        r = cluster_options_complete(o, err);
        if (r < 0)
                return err_wrap(err, r, "[%s]", h->config->section);
        h->patience = o->failure_timeout;
        h->has_wire = o->discovery || o->list_count > 1;
        h->host = mem_strdup(setup->host);
        return 0;
}

static int start_cluster(struct cluster_host *h, struct err *err)
{
        CLEANUP(cluster_setup_clear) struct cluster_setup setup = {};
        struct cluster_options *o = &setup.options;
        int r = cluster_setup_make(h->daemon, h->netif, NULL, &setup, err);

        if (r < 0)
                return r;
        if (setup.why)
                cluster_words_say(h, LOG_LEVEL_WARN, "cluster: %s", setup.why);
        r = open_state(h, o->self.identifier, err);
        if (r < 0)
                return r;
        r = take_options(h, &setup, o, err);
        if (r < 0)
                return r;
        h->node = cluster_node_local(h->netif, h->host, cluster_setup_port(h->daemon));
        h->cluster = cluster_new(o, cluster_state_record(h->state), cluster_host_now());
        return 0;
}

static int start_wire(struct cluster_host *h, struct err *err)
{
        struct endpoint address;
        int r;

        if (!h->has_wire)
                return 0;
        /* Right arguments do not fail. */
        r = endpoint_parse(
                h->confined ? "127.0.0.1" : "0.0.0.0", cluster_setup_port(h->daemon), &address);
        if (r >= 0)
                r = cluster_links_start(h, &address, err);
        if (r >= 0)
                r = cluster_wire_start(h, &address, err);
        return r;
}

/* What nobody but the cluster can miss must not keep the programs from running. */
static void open_netif(struct cluster_host *h)
{
        struct err err = {};

        if (netif_open(&h->netif, &err) < 0)
                cluster_words_say(h, LOG_LEVEL_WARN,
                        "cluster: the network interfaces cannot be listed: %s", err.text);
}

static struct cluster_host *make(struct daemon *d)
{
        struct cluster_host *h = mem_new(sizeof(*h));

        h->daemon = d;
        h->config = d->config->cluster;
        h->name = identity_hash_bytes(h->config->cluster_name, strlen(h->config->cluster_name), 0);
        return h;
}

static int prepare(struct daemon *d, struct err *err)
{
        int r = cluster_keys_choose(d->cluster, err);

        if (r >= 0)
                cluster_setup_directory(d);
        return r < 0 ? err_wrap(err, r, "[%s]", d->cluster->config->section) : 0;
}

int cluster_host_prepare(struct daemon *d, struct err *err)
{
        if (!d->config->cluster)
                return 0;
        d->cluster = make(d);
        /* Another image of us has done all that, when it may have been allowed more than we are. */
        return d->survival && d->survival->way != SURVIVAL_CRASH ? 0 : prepare(d, err);
}

static void on_figure(void *context, const struct statistics_figure *figure)
{
        events_out_figure(context, figure);
}

/* What a host needs before there is a cluster. */
static int open_parts(struct cluster_host *h, struct err *err)
{
        int r = cluster_log_open(h->daemon, &h->log, err);

        if (r >= 0)
                r = add_timer(h, err);
        if (r >= 0)
                open_netif(h);
        return r;
}

int cluster_host_start(struct daemon *d, struct err *err)
{
        struct cluster_host *h = d->cluster;
        int r;

        if (!h)
                return 0;
        r = open_parts(h, err);
        if (r < 0)
                return r;
        r = start_cluster(h, err);
        if (r >= 0)
                r = start_wire(h, err);
        if (r >= 0)
                r = fleet_host_start(d, err);
        if (r < 0)
                return r;
        d->sampler = sampler_new(d, h->config, (struct statistics_sink){ on_figure, d });
        if (!d->sampler)
                return err_set(err, -ENOMEM, "cannot add the statistics to the loop");
        cluster_keys_tell(h);
        cluster_words_start(h);
        cluster_names_ask(h);
        cluster_host_feed(d, &(struct cluster_event){ .type = CLUSTER_TIMER });
        return 0;
}

/*
 * The start from what another image of reeved was.
 */

static int restore_cluster(struct cluster_host *h, struct saved *saved, struct saved_item *item,
        struct descriptors *descriptors, struct err *err)
{
        CLEANUP(cluster_setup_clear) struct cluster_setup setup = {};
        int r = cluster_setup_make(
                h->daemon, h->netif, cluster_saving_identifier(item), &setup, err);

        if (r >= 0)
                r = cluster_saving_read(h, item, descriptors, err);
        if (r >= 0)
                r = take_options(h, &setup, &setup.options, err);
        if (r < 0)
                return r;
        if (!h->node)
                h->node = cluster_node_local(h->netif, h->host, cluster_setup_port(h->daemon));
        r = cluster_restore(&setup.options, saved, &h->cluster, err);
        if (r >= 0)
                cluster_saving_read_peers(h, item);
        return r;
}

static int restore_rest(struct daemon *d, struct saved *saved, struct err *err)
{
        struct cluster_host *h = d->cluster;
        int r = fleet_host_resume(d, saved, err);

        if (r < 0)
                return r;
        d->sampler = sampler_new(d, h->config, (struct statistics_sink){ on_figure, d });
        r = sampler_restore(d->sampler, saved, err);
        return r < 0 ? r : saved_status(saved, err);
}

int cluster_host_restore(struct daemon *d, struct saved *saved, struct descriptors *descriptors,
        bool pretend, struct err *err)
{
        struct saved_item *item = saved_first(saved, "cluster_host");
        struct cluster_host *h = d->cluster;
        int r;

        if (!h || (!item && pretend))
                return 0;
        if (!item) {
                r = prepare(d, err);
                return r < 0 ? r : cluster_host_start(d, err);
        }
        r = open_parts(h, err);
        if (r < 0)
                return r;
        r = restore_cluster(h, saved, item, descriptors, err);
        if (r >= 0)
                r = cluster_saving_read_wire(h, item, descriptors, pretend, err);
        if (r >= 0)
                r = restore_rest(d, saved, err);
        if (r < 0)
                return err_wrap(err, r, "cluster");
        if (!pretend && saved_flag(item, "asks_names"))
                cluster_names_ask(h);
        arm(h);
        return 0;
}

void cluster_host_mood(struct daemon *d, enum mood mood)
{
        if (mood == MOOD_RUNNING)
                return;
        if (d->cluster)
                d->cluster->resigns = true;
        cluster_host_feed(d, &(struct cluster_event){ .type = CLUSTER_RESIGN });
}

static void free_peers(struct cluster_host *h)
{
        for (unsigned i = 0; i < h->peers_count; i++) {
                probe_free(h->peers[i]->probe);
                cluster_node_free(h->peers[i]->node);
                mem_free(h->peers[i]->host);
                mem_free(h->peers[i]);
        }
        mem_free(h->peers);
}

void cluster_host_stop(struct daemon *d)
{
        struct cluster_host *h = d->cluster;

        if (!h)
                return;
        cluster_upgrade_stop(h);
        cluster_host_feed(d, &(struct cluster_event){ .type = CLUSTER_LEAVE });
        events_out_stop(d);
        d->sampler = sampler_free(d->sampler);
        fleet_host_stop(d);
        cluster_links_stop(h);
        cluster_wire_stop(h);
        h->cluster = cluster_free(h->cluster);
        free_peers(h);
        cluster_state_free(h->state);
        sd_event_source_disable_unref(h->timer);
        netif_close(h->netif);
        errand_free(h->errand);
        mem_free(h->host);
        mem_free(h->rest);
        cluster_node_free(h->node);
        keyring_free(h->keyring);
        cluster_effects_clear(&h->effects);
        mem_free(h->queue);
        cluster_calls_stop(h);
        cluster_log_free(h->log);
        d->cluster = mem_free(h);
}
