/* Sampler: see sampler.h. */
#include "daemon/sampler.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>
#include <uthash.h>

#include "base/fd.h"
#include "base/saved.h"
#include "base/saver.h"
#include "base/text.h"
#include "cgroup/host.h"
#include "cgroup/usage.h"
#include "cluster/cluster.h"
#include "config/clusterconfig.h"
#include "daemon/children.h"
#include "daemon/cluster_host.h"
#include "daemon/cluster_words.h"
#include "daemon/daemon.h"
#include "daemon/samples.h"

#define OWN_NAME "supervisord" /* as the watchers know the daemon */
#define SLACK    (250 * USEC_MSEC)

/* Of a frame: so that what one peer is behind with is counted in small pieces. */
#define ROWS_MAX 2000

/* Seconds, as of stats_collecting_period. */
enum { SAMPLER_PERIOD_MIN = 1, SAMPLER_PERIOD_MAX = 3600 };

struct sampled { /* a process that there are samples of */
        uint32_t id;
        char *namespec;
        UT_hash_handle hh;
};

struct sampler {
        struct daemon *daemon;
        struct sampled *sampled; /* by id */
        struct statistics *statistics;
        struct rpc_statistics settings;
        sd_event_source *timer; /* NULL: nothing is sampled */
        double memory;          /* of the host, bytes; 0: not known */
        char *rest;             /* saved_rest() of a later build; NULL: nothing */
};

static double monotonic(void)
{
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now); /* does not fail */
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/*
 * Samples.
 */

static double percent_of(const struct sampler *sampler, uint64_t bytes)
{
        return sampler->memory > 0 ? (double)bytes / sampler->memory * 100 : 0;
}

static struct statistics_process *add_process(struct samples *samples, size_t *capacity)
{
        struct statistics_process *process;

        samples->processes = mem_grow(samples->processes, capacity, samples->processes_count + 1,
                sizeof(*samples->processes));
        process = &samples->processes[samples->processes_count++];
        *process = (struct statistics_process){};
        return process;
}

/* The daemon alone, without its programs. */
static void sample_self(struct sampler *sampler, struct samples *samples, size_t *capacity)
{
        struct statistics_process *process = add_process(samples, capacity);
        struct rusage usage = {};
        unsigned long long pages = 0;
        FILE *f = fopen("/proc/self/statm", "re");

        if (f && fscanf(f, "%*u %llu", &pages) != 1)
                pages = 0;
        if (f)
                (void)fclose(f);              /* was only read */
        (void)getrusage(RUSAGE_SELF, &usage); /* right arguments do not fail */
        *process = (struct statistics_process){
                .namespec = mem_strdup(OWN_NAME),
                .pid = getpid(),
                .now = monotonic(),
                .work = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                        (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
                .memory = percent_of(sampler, pages * (uint64_t)sysconf(_SC_PAGESIZE)),
        };
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
static void sample_ended(struct sampler *sampler, struct samples *samples, size_t *capacity)
{
        struct sampled *sampled, *next;

        HASH_ITER (hh, sampler->sampled, sampled, next) {
                struct statistics_process *sample;

                if (is_up(engine_process(sampler->daemon->engine, sampled->id)))
                        continue;
                sample = add_process(samples, capacity);
                sample->namespec = mem_strdup(sampled->namespec);
                sample->now = monotonic();
                forget(sampler, sampled);
        }
}

/* Where there is no cgroup: the process itself, and those of its children that it has reaped. */
static bool read_proc(pid_t pid, double *ret_work, uint64_t *ret_bytes)
{
        CLEANUP(mem_free) char *path = mem_format("/proc/%d/stat", pid);
        char line[1024];
        uint64_t user, system, pages;
        int64_t children_user, children_system;
        const char *rest;
        FILE *f = fopen(path, "re");
        bool found = f && fgets(line, sizeof(line), f);

        if (f)
                (void)fclose(f); /* was only read */
        rest = found ? strrchr(line, ')') : NULL;
        if (!rest || sscanf(rest + 1,
                             " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
                             " %" SCNd64 " %" SCNd64 " %*d %*d %*d %*d %*u %*u %" SCNu64,
                             &user, &system, &children_user, &children_system, &pages) != 5)
                return false;
        *ret_work = (double)(user + system + (uint64_t)children_user + (uint64_t)children_system) /
                    (double)sysconf(_SC_CLK_TCK);
        *ret_bytes = pages * (uint64_t)sysconf(_SC_PAGESIZE);
        return true;
}

static bool measure(const struct sampler *sampler, const struct process *process, double *ret_work,
        uint64_t *ret_bytes)
{
        struct figures usage;

        if (children_sample(sampler->daemon, process->id, &usage) < 0 ||
                !figures_knows(&usage, FIGURE_CPU))
                return read_proc(process->pid, ret_work, ret_bytes);
        *ret_work = (double)usage.value[FIGURE_CPU] / (double)USEC_SEC;
        *ret_bytes = figures_get(&usage, FIGURE_MEMORY);
        return true;
}

static void sample_process(struct sampler *sampler, const struct process *process,
        struct samples *samples, size_t *capacity)
{
        struct statistics_process *sample;
        uint64_t bytes;
        double work;

        if (!is_up(process) || !measure(sampler, process, &work, &bytes))
                return;
        sample = add_process(samples, capacity);
        *sample = (struct statistics_process){
                .namespec = mem_strdup(remember(sampler, process)->namespec),
                .pid = process->pid,
                .now = monotonic(),
                .work = work,
                .memory = percent_of(sampler, bytes),
        };
}

static void sample_processes(struct sampler *sampler, struct samples *samples)
{
        const struct engine *engine = sampler->daemon->engine;
        size_t capacity = 0;

        sample_ended(sampler, samples, &capacity);
        sample_self(sampler, samples, &capacity);
        for (size_t i = 0; i < engine_groups_count(engine); i++) {
                struct engine_group group = engine_group_at(engine, i);

                for (size_t j = 0; j < group.processes_count; j++)
                        sample_process(sampler, group.processes[j], samples, &capacity);
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
        struct host_sample sample;
        struct statistics_core *cores;
        struct statistics_pair *nets, *disks;
        struct statistics_part *mounts;
};

static void sample_host(struct host_view *view, struct samples *samples)
{
        struct host_sample *sample = &view->sample;

        host_sample_take(sample);
        view->cores = mem_new_array(sample->cores_count, sizeof(*view->cores));
        for (size_t i = 0; i < sample->cores_count; i++)
                view->cores[i] =
                        (struct statistics_core){ sample->cores[i].work, sample->cores[i].idle };
        view->mounts = mem_new_array(sample->mounts_count, sizeof(*view->mounts));
        for (size_t i = 0; i < sample->mounts_count; i++)
                view->mounts[i] = (struct statistics_part){ sample->mounts[i].point,
                        sample->mounts[i].percent };
        view->nets = pairs_of(&sample->nets);
        view->disks = pairs_of(&sample->disks);
        samples->has_host = true;
        samples->host = (struct statistics_host){
                .now = (double)sample->now / (double)USEC_SEC,
                .cores = view->cores,
                .cores_count = sample->cores_count,
                .memory = sample->memory_percent,
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
        host_sample_clear(&view->sample);
        mem_free(view->cores);
        mem_free(view->nets);
        mem_free(view->disks);
        mem_free(view->mounts);
}

/*
 * Their way.
 */

static void take(struct sampler *sampler, unsigned instance, const struct samples *samples)
{
        if (samples->has_host)
                statistics_add_host(sampler->statistics, instance, &samples->host);
        for (size_t i = 0; i < samples->processes_count; i++)
                statistics_add_process(sampler->statistics, instance, &samples->processes[i]);
}

static void send(struct sampler *sampler, const struct samples *samples)
{
        CLEANUP(mem_free) char *payload = samples_encode(samples);
        struct frame frame = { .kind = FRAME_STATISTICS,
                .payload = (const uint8_t *)payload,
                .size = strlen(payload) };

        if (frame.size <= FRAME_PAYLOAD_MAX)
                cluster_host_send_all(sampler->daemon, &frame);
}

/* Statistics are shared only while the cluster is at work. */
static void share(struct sampler *sampler, const struct samples *samples)
{
        const struct cluster *cluster = cluster_host_cluster(sampler->daemon);
        struct samples piece = *samples;

        if (!cluster || !fsm_is_working(cluster_status(cluster).state) ||
                cluster_status(cluster).running < 2)
                return;
        for (size_t at = 0; at < samples->processes_count || at == 0; at += ROWS_MAX) {
                size_t left = samples->processes_count - at;

                piece.processes = samples->processes_count ? samples->processes + at : NULL;
                piece.processes_count = left < ROWS_MAX ? left : ROWS_MAX;
                piece.has_host = samples->has_host && at == 0;
                send(sampler, &piece);
        }
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
        struct sampler *sampler = context;
        CLEANUP(host_view_clear) struct host_view view = {};
        struct samples samples = {};

        if (sampler->settings.host)
                sample_host(&view, &samples);
        if (sampler->settings.process)
                sample_processes(sampler, &samples);
        take(sampler, 0, &samples);
        share(sampler, &samples);
        for (size_t i = 0; i < samples.processes_count; i++)
                mem_free((void *)samples.processes[i].namespec);
        mem_free(samples.processes);
        (void)sd_event_source_set_time_relative(
                source, (uint64_t)(sampler->settings.period * (double)USEC_SEC));
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int sampler_frame(struct sampler *sampler, unsigned peer, const struct frame *frame)
{
        CLEANUP(samples_free)
        struct samples_decoded *decoded = samples_decode(frame->payload, frame->size);

        if (!decoded)
                return -EBADMSG;
        take(sampler, peer, samples_of(decoded));
        return 0;
}

void sampler_forget(struct sampler *sampler, unsigned peer)
{
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
        sampler->memory = (double)host_memory();
        sampler->statistics =
                statistics_new(config->stats_periods, config->stats_periods_count, sink);
        sampler->settings = (struct rpc_statistics){ config->stats_host, config->stats_process,
                config->stats_collecting_period };
        arm(sampler);
        return sampler;
}

struct sampler *sampler_free(struct sampler *sampler)
{
        struct sampled *sampled, *next;

        if (!sampler)
                return NULL;
        sampler->timer = sd_event_source_disable_unref(sampler->timer);
        HASH_ITER (hh, sampler->sampled, sampled, next)
                forget(sampler, sampled);
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
