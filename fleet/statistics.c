/* Statistics: see statistics.h. */
#include "fleet/statistics.h"

#include <string.h>

/* As in engine/state.h: memory is taken where everybody takes it. */
#define uthash_malloc(size)  mem_new(size)
#define uthash_free(p, size) mem_free(p)
#define uthash_fatal(text)   ((void)0)
#include <uthash.h>

/* Bytes per second to kilobits per second. */
#define BYTES_OF_KILOBIT 128.0

struct host_reference { /* a copy of a sample */
        bool is_set;
        double now;
        struct statistics_core *cores;
        size_t cores_count;
        struct statistics_pair *nets, *disks; /* with names of their own */
        size_t nets_count, disks_count;
};

struct process_series {
        char *namespec;
        pid_t pid;
        double first;
        double now[STATISTICS_PERIODS_MAX], work[STATISTICS_PERIODS_MAX];
        UT_hash_handle hh;
};

struct instance_series {
        unsigned instance;
        bool has_host;
        double first;
        struct host_reference host[STATISTICS_PERIODS_MAX];
        struct process_series *processes;
        UT_hash_handle hh;
};

struct statistics {
        double periods[STATISTICS_PERIODS_MAX];
        size_t periods_count;
        struct statistics_sink sink;
        struct instance_series *instances;
};

struct statistics *statistics_new(const double *periods, size_t count, struct statistics_sink sink)
{
        struct statistics *statistics = mem_new(sizeof(*statistics));

        statistics->sink = sink;
        for (size_t i = 0; i < count && i < STATISTICS_PERIODS_MAX; i++)
                statistics->periods[statistics->periods_count++] = periods[i];
        return statistics;
}

static void pairs_free(struct statistics_pair *pairs, size_t count)
{
        for (size_t i = 0; i < count; i++)
                mem_free((void *)pairs[i].name);
        mem_free(pairs);
}

static void reference_clear(struct host_reference *reference)
{
        pairs_free(reference->nets, reference->nets_count);
        pairs_free(reference->disks, reference->disks_count);
        mem_free(reference->cores);
        *reference = (struct host_reference){};
}

static void drop_process(struct instance_series *series, struct process_series *process)
{
        HASH_DEL(series->processes, process);
        mem_free(process->namespec);
        mem_free(process);
}

static void drop_instance(struct statistics *statistics, struct instance_series *series)
{
        struct process_series *process, *next;

        HASH_ITER (hh, series->processes, process, next)
                drop_process(series, process);
        for (size_t i = 0; i < STATISTICS_PERIODS_MAX; i++)
                reference_clear(&series->host[i]);
        HASH_DEL(statistics->instances, series);
        mem_free(series);
}

struct statistics *statistics_free(struct statistics *statistics)
{
        struct instance_series *series, *next;

        if (!statistics)
                return NULL;
        HASH_ITER (hh, statistics->instances, series, next)
                drop_instance(statistics, series);
        return mem_free(statistics);
}

static struct instance_series *find_instance(struct statistics *statistics, unsigned instance)
{
        struct instance_series *series;

        HASH_FIND(hh, statistics->instances, &instance, sizeof(instance), series);
        return series;
}

static struct instance_series *take_instance(struct statistics *statistics, unsigned instance)
{
        struct instance_series *series = find_instance(statistics, instance);

        if (series)
                return series;
        series = mem_new(sizeof(*series));
        series->instance = instance;
        HASH_ADD(hh, statistics->instances, instance, sizeof(series->instance), series);
        return series;
}

void statistics_forget(struct statistics *statistics, unsigned instance)
{
        struct instance_series *series = find_instance(statistics, instance);

        if (series)
                drop_instance(statistics, series);
}

/*
 * Hosts.
 */

static struct statistics_pair *pairs_copy(const struct statistics_pair *pairs, size_t count)
{
        struct statistics_pair *copy = mem_new_array(count, sizeof(*copy));

        for (size_t i = 0; i < count; i++)
                copy[i] = (struct statistics_pair){ mem_strdup(pairs[i].name), pairs[i].in,
                        pairs[i].out };
        return copy;
}

static void reference_set(struct host_reference *reference, const struct statistics_host *sample)
{
        reference_clear(reference);
        *reference = (struct host_reference){
                .is_set = true,
                .now = sample->now,
                .cores = mem_new_array(sample->cores_count, sizeof(*reference->cores)),
                .cores_count = sample->cores_count,
                .nets = pairs_copy(sample->nets, sample->nets_count),
                .nets_count = sample->nets_count,
                .disks = pairs_copy(sample->disks, sample->disks_count),
                .disks_count = sample->disks_count,
        };
        for (size_t i = 0; i < sample->cores_count; i++)
                reference->cores[i] = sample->cores[i];
}

/* Percent of the time between; as many as both have. */
static double *core_figures(const struct host_reference *reference,
        const struct statistics_host *sample, size_t *ret_count)
{
        size_t count = reference->cores_count < sample->cores_count ? reference->cores_count
                                                                    : sample->cores_count;
        double *figures = mem_new_array(count, sizeof(*figures));

        for (size_t i = 0; i < count; i++) {
                double work = sample->cores[i].work - reference->cores[i].work;
                double all = work + sample->cores[i].idle - reference->cores[i].idle;

                figures[i] = all > 0 && work > 0 ? 100 * work / all : 0;
        }
        *ret_count = count;
        return figures;
}

static const struct statistics_pair *find_pair(
        const struct statistics_pair *pairs, size_t count, size_t hint, const char *name)
{
        if (hint < count && strcmp(pairs[hint].name, name) == 0)
                return &pairs[hint];
        for (size_t i = 0; i < count; i++)
                if (strcmp(pairs[i].name, name) == 0)
                        return &pairs[i];
        return NULL;
}

/* Rates of those that both have and that have not begun again; names are borrowed. */
static struct statistics_pair *rates(const struct statistics_pair *before, size_t before_count,
        const struct statistics_pair *after, size_t after_count, double seconds, size_t *ret_count)
{
        struct statistics_pair *figures = mem_new_array(after_count, sizeof(*figures));

        *ret_count = 0;
        for (size_t i = 0; i < after_count; i++) {
                const struct statistics_pair *old =
                        find_pair(before, before_count, i, after[i].name);

                if (!old || after[i].in < old->in || after[i].out < old->out)
                        continue;
                figures[(*ret_count)++] = (struct statistics_pair){
                        .name = after[i].name,
                        .in = (after[i].in - old->in) / seconds / BYTES_OF_KILOBIT,
                        .out = (after[i].out - old->out) / seconds / BYTES_OF_KILOBIT,
                };
        }
        return figures;
}

static void tell_host(struct statistics *statistics, const struct instance_series *series,
        size_t period, const struct statistics_host *sample)
{
        const struct host_reference *reference = &series->host[period];
        double seconds = sample->now - reference->now;
        struct statistics_figure figure = {
                .instance = series->instance,
                .target = statistics->periods[period],
                .start = reference->now - series->first,
                .end = sample->now - series->first,
                .memory = sample->memory,
                .mounts = sample->mounts,
                .mounts_count = sample->mounts_count,
        };
        CLEANUP(mem_free) double *cores = core_figures(reference, sample, &figure.cores_count);
        CLEANUP(mem_free)
        struct statistics_pair *nets = rates(reference->nets, reference->nets_count, sample->nets,
                sample->nets_count, seconds, &figure.nets_count);
        CLEANUP(mem_free)
        struct statistics_pair *disks = rates(reference->disks, reference->disks_count,
                sample->disks, sample->disks_count, seconds, &figure.disks_count);

        figure.cores = cores;
        figure.nets = nets;
        figure.disks = disks;
        statistics->sink.told(statistics->sink.context, &figure);
}

void statistics_add_host(
        struct statistics *statistics, unsigned instance, const struct statistics_host *sample)
{
        struct instance_series *series = take_instance(statistics, instance);

        if (!series->has_host) {
                series->has_host = true;
                series->first = sample->now;
        }
        for (size_t i = 0; i < statistics->periods_count; i++) {
                struct host_reference *reference = &series->host[i];

                if (reference->is_set && sample->now - reference->now < statistics->periods[i])
                        continue;
                if (reference->is_set)
                        tell_host(statistics, series, i, sample);
                reference_set(reference, sample);
        }
}

/*
 * Processes.
 */

static void begin_process(struct statistics *statistics, struct instance_series *series,
        const struct statistics_process *sample)
{
        struct process_series *process;

        if (HASH_COUNT(series->processes) >= STATISTICS_PROCESSES_MAX)
                return;
        process = mem_new(sizeof(*process));
        process->namespec = mem_strdup(sample->namespec);
        process->pid = sample->pid;
        process->first = sample->now;
        for (size_t i = 0; i < statistics->periods_count; i++) {
                process->now[i] = sample->now;
                process->work[i] = sample->work;
        }
        HASH_ADD_KEYPTR(
                hh, series->processes, process->namespec, strlen(process->namespec), process);
}

static void tell_process(struct statistics *statistics, unsigned instance, size_t period,
        const struct process_series *process, const struct statistics_process *sample)
{
        double seconds = sample->now - process->now[period];
        double work = sample->work - process->work[period];
        struct statistics_figure figure = {
                .instance = instance,
                .target = statistics->periods[period],
                .start = process->now[period] - process->first,
                .end = sample->now - process->first,
                .memory = sample->memory,
                .namespec = process->namespec,
                .pid = process->pid,
                .cpu = work > 0 ? 100 * work / seconds : 0,
        };

        statistics->sink.told(statistics->sink.context, &figure);
}

void statistics_add_process(
        struct statistics *statistics, unsigned instance, const struct statistics_process *sample)
{
        struct instance_series *series = take_instance(statistics, instance);
        struct process_series *process;

        HASH_FIND(hh, series->processes, sample->namespec, strlen(sample->namespec), process);
        if (process && process->pid != sample->pid) {
                drop_process(series, process);
                process = NULL;
        }
        if (sample->pid == 0)
                return;
        if (!process) {
                begin_process(statistics, series, sample);
                return;
        }
        for (size_t i = 0; i < statistics->periods_count; i++) {
                if (sample->now - process->now[i] < statistics->periods[i])
                        continue;
                tell_process(statistics, instance, i, process, sample);
                process->now[i] = sample->now;
                process->work[i] = sample->work;
        }
}
