/* Sampler: see sampler.h. */
#include "daemon/sampler.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <systemd/sd-event.h>
#include <unistd.h>
#include <uthash.h>

#include "base/saved.h"
#include "base/saver.h"
#include "base/text.h"
#include "cgroup/host.h"
#include "cgroup/hostview.h"
#include "cgroup/sample.h"
#include "cluster/cluster.h"
#include "config/clusterconfig.h"
#include "daemon/children.h"
#include "daemon/cluster_host.h"
#include "daemon/cluster_words.h"
#include "daemon/daemon.h"
#include "daemon/machine.h"
#include "loop/slices.h"
#include "rpc/listing.h"
#include "wire/samples.h"

#define OWN_NAME "supervisord" /* as the watchers know the daemon */
#define SLACK    (250 * USEC_MSEC)

enum {
        ROWS_MAX = 32,       /* of a frame: it is made, and read, in much less than a millisecond */
        RECEIVED_MAX = 4096, /* frames that wait; further ones are dropped */
};

/* Seconds, as of stats_collecting_period. */
enum { SAMPLER_PERIOD_MIN = 1, SAMPLER_PERIOD_MAX = 3600 };

struct sampled { /* a process that there are samples of */
        uint32_t id;
        char *namespec;
        UT_hash_handle hh;
};

struct received { /* samples of a peer, which wait for their slices */
        unsigned peer;
        struct samples_decoded *decoded;
        size_t at; /* of its processes */
        struct received *next;
};

struct sampler {
        struct daemon *daemon;
        struct sampled *sampled; /* by id */
        struct statistics *statistics;
        struct rpc_statistics settings;
        sd_event_source *timer; /* NULL: nothing is sampled */
        double memory;          /* of the host, bytes; 0: not known */
        char *rest;             /* saved_rest() of a later build; NULL: nothing */
        struct slices *slices;

        /* The round that is under way. */
        uint32_t *ids;
        size_t ids_count, ids_at;
        bool shares;
        struct statistics_process rows[ROWS_MAX]; /* that are not shared yet */
        size_t rows_count;

        struct received *received, **received_end;
        size_t received_count;
};

/*
 * Samples.
 */

static double percent_of(const struct sampler *sampler, uint64_t bytes)
{
        return sampler->memory > 0 ? (double)bytes / sampler->memory * 100 : 0;
}

static void keep_row(struct sampler *sampler, const struct statistics_process *row);

/* The daemon alone, without its programs. */
static void sample_self(struct sampler *sampler)
{
        struct rusage usage = {};
        unsigned long long pages = 0;
        FILE *f = fopen("/proc/self/statm", "re");

        if (f && fscanf(f, "%*u %llu", &pages) != 1)
                pages = 0;
        if (f)
                (void)fclose(f);              /* was only read */
        (void)getrusage(RUSAGE_SELF, &usage); /* right arguments do not fail */
        keep_row(sampler,
                &(struct statistics_process){
                        .namespec = OWN_NAME,
                        .pid = getpid(),
                        .now = listing_monotonic_secs(),
                        .work = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                                (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
                        .memory = percent_of(sampler, pages * (uint64_t)sysconf(_SC_PAGESIZE)),
                });
}

static struct sampled *remember(struct sampler *sampler, const struct process *process)
{
        struct sampled *sampled;

        HASH_FIND(hh, sampler->sampled, &process->id, sizeof(process->id), sampled);
        if (!sampled) {
                sampled = mem_new(sizeof(*sampled));
                sampled->id = process->id;
                sampled->namespec =
                        text_equal(process->group_name, process->program->name)
                                ? mem_strdup(process->program->name)
                                : mem_format("%s:%s", process->group_name, process->program->name);
                HASH_ADD(hh, sampler->sampled, id, sizeof(sampled->id), sampled);
        }
        return sampled;
}

static void forget(struct sampler *sampler, struct sampled *sampled)
{
        HASH_DEL(sampler->sampled, sampled);
        mem_free(sampled->namespec);
        mem_free(sampled);
}

static bool is_up(const struct process *process)
{
        return process && process->pid != 0 && !process->reaped;
}

/* Nobody is to wait for their next sample.  They come before those of a successor of the same name.
 */
static void sample_ended(struct sampler *sampler)
{
        struct sampled *sampled, *next;

        HASH_ITER (hh, sampler->sampled, sampled, next) {
                if (is_up(engine_process(sampler->daemon->engine, sampled->id)))
                        continue;
                keep_row(sampler, &(struct statistics_process){ .namespec = sampled->namespec,
                                          .now = listing_monotonic_secs() });
                forget(sampler, sampled);
        }
}

static void sample_process(struct sampler *sampler, const struct process *process)
{
        struct cgroup_sample sample;

        if (!is_up(process) || children_sample(sampler->daemon, process->id, &sample) < 0)
                return;
        keep_row(sampler, &(struct statistics_process){
                                  .namespec = remember(sampler, process)->namespec,
                                  .pid = process->pid,
                                  .now = listing_monotonic_secs(),
                                  .work = (double)sample.cpu_usec / (double)USEC_SEC,
                                  .memory = percent_of(sampler, sample.memory),
                          });
}

static void list_processes(struct sampler *sampler)
{
        const struct engine *engine = sampler->daemon->engine;
        size_t capacity = 0;

        sampler->ids = mem_free(sampler->ids);
        sampler->ids_count = sampler->ids_at = 0;
        for (size_t i = 0; i < engine_groups_count(engine); i++) {
                struct engine_group group = engine_group_at(engine, i);

                sampler->ids = mem_grow(sampler->ids, &capacity,
                        sampler->ids_count + group.processes_count, sizeof(*sampler->ids));
                for (size_t j = 0; j < group.processes_count; j++)
                        sampler->ids[sampler->ids_count++] = group.processes[j]->id;
        }
}

static struct statistics_pair *pairs_of(const struct host_counters *counters)
{
        struct statistics_pair *pairs = mem_new_array(counters->count, sizeof(*pairs));

        for (size_t i = 0; i < counters->count; i++)
                pairs[i] = (struct statistics_pair){ counters->at[i].name,
                        (double)counters->at[i].in, (double)counters->at[i].out };
        return pairs;
}

struct host_view { /* a sample of the host in the words of fleet/ */
        struct statistics_core *cores;
        struct statistics_pair *nets, *disks;
        struct statistics_part *mounts;
};

static void view_host(
        struct host_view *view, const struct host_sample *sample, struct statistics_host *ret)
{
        CLEANUP(mem_free) struct host_core *cores = NULL;
        size_t cores_count = hostview_cores(sample, &cores);

        view->cores = mem_new_array(cores_count, sizeof(*view->cores));
        for (size_t i = 0; i < cores_count; i++)
                view->cores[i] = (struct statistics_core){ cores[i].work, cores[i].idle };
        view->mounts = mem_new_array(sample->mounts_count, sizeof(*view->mounts));
        for (size_t i = 0; i < sample->mounts_count; i++)
                view->mounts[i] = (struct statistics_part){ sample->mounts[i].point,
                        sample->mounts[i].percent };
        view->nets = pairs_of(&sample->nets);
        view->disks = pairs_of(&sample->disks);
        *ret = (struct statistics_host){
                .now = (double)sample->now / (double)USEC_SEC,
                .cores = view->cores,
                .cores_count = cores_count,
                .memory = hostview_memory(sample).percent,
                .nets = view->nets,
                .nets_count = sample->nets.count,
                .disks = view->disks,
                .disks_count = sample->disks.count,
                .mounts = view->mounts,
                .mounts_count = sample->mounts_count,
        };
}

static void host_view_clear_at(struct host_view *view)
{
        mem_free(view->cores);
        mem_free(view->nets);
        mem_free(view->disks);
        mem_free(view->mounts);
}

/*
 * Their way.
 */

/* Statistics are shared only while the cluster is at work. */
static bool is_shared(const struct sampler *sampler)
{
        const struct cluster *cluster = cluster_host_cluster(sampler->daemon);

        return cluster && fsm_is_working(cluster_status(cluster).state) &&
               cluster_status(cluster).running >= 2;
}

static void share(struct sampler *sampler, const struct samples *samples)
{
        CLEANUP(mem_free) char *payload = NULL;
        struct frame frame = { .kind = FRAME_STATISTICS };

        if (!is_shared(sampler))
                return;
        payload = samples_encode(samples);
        frame.payload = (const uint8_t *)payload;
        frame.size = strlen(payload);
        if (frame.size <= FRAME_PAYLOAD_MAX)
                cluster_host_send_all(sampler->daemon, &frame);
}

static void share_rows(struct sampler *sampler)
{
        if (sampler->rows_count == 0)
                return;
        share(sampler, &(struct samples){ .processes = sampler->rows,
                               .processes_count = sampler->rows_count });
        for (size_t i = 0; i < sampler->rows_count; i++)
                mem_free((void *)sampler->rows[i].namespec);
        sampler->rows_count = 0;
}

static void keep_row(struct sampler *sampler, const struct statistics_process *row)
{
        statistics_add_process(sampler->statistics, 0, row);
        if (!sampler->shares)
                return;
        sampler->rows[sampler->rows_count] = *row;
        sampler->rows[sampler->rows_count++].namespec = mem_strdup(row->namespec);
        if (sampler->rows_count == ROWS_MAX)
                share_rows(sampler);
}

static void on_host(void *context, const struct host_sample *sample)
{
        struct sampler *sampler = context;
        CLEANUP(host_view_clear) struct host_view view = {};
        struct samples samples = { .has_host = true };

        if (!sampler->settings.host || sample->cores_count == 0)
                return;
        view_host(&view, sample, &samples.host);
        statistics_add_host(sampler->statistics, 0, &samples.host);
        share(sampler, &samples);
}

static void drop_received(struct sampler *sampler, struct received **at)
{
        struct received *gone = *at;

        *at = gone->next;
        if (!*at)
                sampler->received_end = at;
        sampler->received_count--;
        samples_free(gone->decoded);
        mem_free(gone);
}

/* One of what a peer has sent; false: nothing waits. */
static bool take_received(struct sampler *sampler)
{
        struct received *received = sampler->received;
        const struct samples *samples;

        if (!received)
                return false;
        samples = samples_of(received->decoded);
        if (received->at < samples->processes_count)
                statistics_add_process(
                        sampler->statistics, received->peer, &samples->processes[received->at++]);
        if (received->at >= samples->processes_count)
                drop_received(sampler, &sampler->received);
        return true;
}

static bool on_slice(void *context)
{
        struct sampler *sampler = context;
        bool has_received = take_received(sampler);

        if (sampler->ids_at < sampler->ids_count)
                sample_process(sampler,
                        engine_process(sampler->daemon->engine, sampler->ids[sampler->ids_at++]));
        else if (!has_received)
                return false;
        if (sampler->ids_at == sampler->ids_count)
                share_rows(sampler);
        return true;
}

static void begin_round(struct sampler *sampler)
{
        struct cgroup_tree *tree = sampler->daemon->tree;

        if (tree)
                cgroup_sample_round(tree);
        sampler->shares = is_shared(sampler);
        list_processes(sampler);
        sample_ended(sampler);
        sample_self(sampler);
        slices_begin(sampler->slices);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
        struct sampler *sampler = context;

        if (sampler->settings.host)
                machine_ask(sampler->daemon->machine, on_host, sampler);
        /* A round that is not over yet, as the loop has much to do, is left its time. */
        if (sampler->settings.process && sampler->ids_at == sampler->ids_count)
                begin_round(sampler);
        (void)sd_event_source_set_time_relative(
                source, (uint64_t)(sampler->settings.period * (double)USEC_SEC));
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int sampler_frame(struct sampler *sampler, unsigned peer, const struct frame *frame)
{
        struct samples_decoded *decoded = samples_decode(frame->payload, frame->size);
        const struct samples *samples;
        struct received *received;

        if (!decoded)
                return -EBADMSG;
        samples = samples_of(decoded);
        if (samples->has_host)
                statistics_add_host(sampler->statistics, peer, &samples->host);
        if (samples->processes_count == 0 || sampler->received_count >= RECEIVED_MAX) {
                samples_free(decoded);
                return 0;
        }
        received = mem_new(sizeof(*received));
        *received = (struct received){ .peer = peer, .decoded = decoded };
        *sampler->received_end = received;
        sampler->received_end = &received->next;
        sampler->received_count++;
        slices_begin(sampler->slices);
        return 0;
}

void sampler_forget(struct sampler *sampler, unsigned peer)
{
        for (struct received **at = &sampler->received; *at;)
                if ((*at)->peer == peer)
                        drop_received(sampler, at);
                else
                        at = &(*at)->next;
        statistics_forget(sampler->statistics, peer);
}

/*
 * Its life.
 */

static void arm(struct sampler *sampler)
{
        sampler->timer = sd_event_source_disable_unref(sampler->timer);
        if (!sampler->settings.host && !sampler->settings.process)
                return;
        if (sd_event_add_time_relative(sampler->daemon->loop, &sampler->timer, CLOCK_MONOTONIC,
                    (uint64_t)(sampler->settings.period * (double)USEC_SEC), SLACK, on_timer,
                    sampler) < 0)
                cluster_words_say(sampler->daemon->cluster, LOG_LEVEL_ERROR,
                        "no statistics are collected: their timer cannot be had");
}

struct sampler *sampler_new(
        struct daemon *d, const struct clusterconfig *config, struct statistics_sink sink)
{
        struct sampler *sampler = mem_new(sizeof(*sampler));

        sampler->daemon = d;
        sampler->memory = (double)hostview_memory_here();
        sampler->received_end = &sampler->received;
        sampler->statistics =
                statistics_new(config->stats_periods, config->stats_periods_count, sink);
        sampler->settings = (struct rpc_statistics){ config->stats_host, config->stats_process,
                config->stats_collecting_period };
        if (slices_new(d->loop, on_slice, sampler, &sampler->slices) < 0)
                return sampler_free(sampler);
        arm(sampler);
        return sampler;
}

struct sampler *sampler_free(struct sampler *sampler)
{
        struct sampled *sampled, *next;

        if (!sampler)
                return NULL;
        sampler->timer = sd_event_source_disable_unref(sampler->timer);
        sampler->slices = slices_free(sampler->slices);
        machine_forget(sampler->daemon->machine, sampler);
        HASH_ITER (hh, sampler->sampled, sampled, next)
                forget(sampler, sampled);
        while (sampler->received)
                drop_received(sampler, &sampler->received);
        for (size_t i = 0; i < sampler->rows_count; i++)
                mem_free((void *)sampler->rows[i].namespec);
        mem_free(sampler->ids);
        sampler->statistics = statistics_free(sampler->statistics);
        mem_free(sampler->rest);
        return mem_free(sampler);
}

struct rpc_statistics sampler_settings(const struct sampler *sampler)
{
        return sampler->settings;
}

void sampler_set(struct sampler *sampler, const struct rpc_statistics *settings)
{
        sampler->settings = *settings;
        arm(sampler);
}

/*
 * As text.
 */

static usec_t next_sample(const struct sampler *sampler)
{
        uint64_t at = USEC_NEVER;

        if (sampler->timer && sd_event_source_get_time(sampler->timer, &at) < 0)
                at = USEC_NEVER;
        return at;
}

void sampler_save(const struct sampler *sampler, struct saver *saver)
{
        CLEANUP(mem_free) char *period = NULL;

        if (!sampler)
                return;
        period = mem_format("%a", sampler->settings.period);
        saver_item(saver, "sampler");
        saver_flag(saver, "host", sampler->settings.host);
        saver_flag(saver, "process", sampler->settings.process);
        saver_text(saver, "period", period);
        saver_time(saver, "next", next_sample(sampler));
        saver_rest(saver, sampler->rest);
        saver_inner(saver);
        for (const struct sampled *sampled = sampler->sampled; sampled;
                sampled = sampled->hh.next) {
                saver_item(saver, "sampled");
                saver_count(saver, "id", sampled->id);
                saver_text(saver, "namespec", sampled->namespec);
        }
        saver_outer(saver);
        statistics_save(sampler->statistics, saver);
}

static void restore_sampled(struct sampler *sampler, struct saved_item *item)
{
        uint32_t id = (uint32_t)saved_count(item, "id", UINT32_MAX, 0);
        const char *namespec = saved_text(item, "namespec");
        struct sampled *sampled;

        HASH_FIND(hh, sampler->sampled, &id, sizeof(id), sampled);
        if (sampled || !namespec) {
                saved_fail(item, "id", "a process without a name, or a second one");
                return;
        }
        sampled = mem_new(sizeof(*sampled));
        sampled->id = id;
        sampled->namespec = mem_strdup(namespec);
        HASH_ADD(hh, sampler->sampled, id, sizeof(sampled->id), sampled);
}

/* What somebody has switched by a call stays switched. */
static void restore_settings(struct sampler *sampler, struct saved_item *item)
{
        const char *text = saved_text(item, "period");
        char *end = NULL;
        double period = text ? strtod(text, &end) : sampler->settings.period;
        usec_t next = saved_time(item, "next", USEC_NEVER);

        if (text && (end == text || *end || !(period >= SAMPLER_PERIOD_MIN) ||
                            !(period <= SAMPLER_PERIOD_MAX))) {
                saved_fail(item, "period", "not a number from %d to %d", SAMPLER_PERIOD_MIN,
                        SAMPLER_PERIOD_MAX);
                return;
        }
        sampler_set(sampler, &(struct rpc_statistics){ saved_flag(item, "host"),
                                     saved_flag(item, "process"), period });
        if (sampler->timer && next != USEC_NEVER)
                (void)sd_event_source_set_time(sampler->timer, next); /* else it comes later */
}

int sampler_restore(struct sampler *sampler, struct saved *saved, struct err *err)
{
        struct saved_item *item = saved_first(saved, "sampler");
        int r = statistics_restore(sampler->statistics, saved, err);

        if (r < 0 || !item)
                return r;
        restore_settings(sampler, item);
        for (struct saved_item *at = saved_inner(item, "sampled"); at; at = saved_next(at))
                restore_sampled(sampler, at);
        sampler->rest = saved_rest(item);
        return saved_status(saved, err);
}
