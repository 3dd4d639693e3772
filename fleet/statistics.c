/* Statistics: see statistics.h. */
#include "fleet/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "cluster/cluster_options.h"

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

/*
 * As text.  Numbers are hexadecimal, which loses nothing.
 */

#define NUMBER "%a"

static void save_number(struct saver *saver, const char *key, double number)
{
        CLEANUP(mem_free) char *text = mem_format(NUMBER, number);

        saver_text(saver, key, text);
}

/* A name and its two numbers, one after the other. */
static void save_pairs(
        struct saver *saver, const char *key, const struct statistics_pair *pairs, size_t count)
{
        char **texts = mem_new_array(3 * count + 1, sizeof(*texts));

        for (size_t i = 0; i < count; i++) {
                texts[3 * i] = mem_strdup(pairs[i].name);
                texts[3 * i + 1] = mem_format(NUMBER, pairs[i].in);
                texts[3 * i + 2] = mem_format(NUMBER, pairs[i].out);
        }
        saver_texts(saver, key, texts);
        for (size_t i = 0; i < 3 * count; i++)
                mem_free(texts[i]);
        mem_free(texts);
}

static void save_cores(struct saver *saver, const struct host_reference *reference)
{
        char **texts = mem_new_array(2 * reference->cores_count + 1, sizeof(*texts));

        for (size_t i = 0; i < reference->cores_count; i++) {
                texts[2 * i] = mem_format(NUMBER, reference->cores[i].work);
                texts[2 * i + 1] = mem_format(NUMBER, reference->cores[i].idle);
        }
        saver_texts(saver, "core", texts);
        for (size_t i = 0; i < 2 * reference->cores_count; i++)
                mem_free(texts[i]);
        mem_free(texts);
}

static void save_host(const struct statistics *statistics, struct saver *saver,
        const struct instance_series *series)
{
        for (size_t i = 0; i < statistics->periods_count; i++) {
                const struct host_reference *reference = &series->host[i];

                if (!reference->is_set)
                        continue;
                saver_item(saver, "host");
                save_number(saver, "period", statistics->periods[i]);
                save_number(saver, "now", reference->now);
                save_cores(saver, reference);
                save_pairs(saver, "net", reference->nets, reference->nets_count);
                save_pairs(saver, "disk", reference->disks, reference->disks_count);
        }
}

static void save_process(const struct statistics *statistics, struct saver *saver,
        const struct process_series *process)
{
        saver_item(saver, "process");
        saver_text(saver, "namespec", process->namespec);
        saver_number(saver, "pid", process->pid);
        save_number(saver, "first", process->first);
        saver_inner(saver);
        for (size_t i = 0; i < statistics->periods_count; i++) {
                saver_item(saver, "reference");
                save_number(saver, "period", statistics->periods[i]);
                save_number(saver, "now", process->now[i]);
                save_number(saver, "work", process->work[i]);
        }
        saver_outer(saver);
}

void statistics_save(const struct statistics *statistics, struct saver *saver)
{
        for (const struct instance_series *series = statistics->instances; series;
                series = series->hh.next) {
                saver_item(saver, "statistics");
                saver_count(saver, "instance", series->instance);
                saver_flag(saver, "has_host", series->has_host);
                save_number(saver, "first", series->first);
                saver_inner(saver);
                save_host(statistics, saver, series);
                for (const struct process_series *process = series->processes; process;
                        process = process->hh.next)
                        save_process(statistics, saver, process);
                saver_outer(saver);
        }
}

static bool parse_number(const char *text, double *ret)
{
        char *end;

        *ret = strtod(text, &end);
        return end != text && !*end && isfinite(*ret);
}

static double restore_number(struct saved_item *item, const char *key)
{
        const char *text = saved_text(item, key);
        double number = 0;

        if (text && !parse_number(text, &number)) {
                saved_fail(item, key, "not a number");
                return 0;
        }
        return number;
}

static void free_texts(char **texts)
{
        for (char **at = texts; at && *at; at++)
                mem_free(*at);
        mem_free(texts);
}

static size_t count_texts(char *const *texts)
{
        size_t count = 0;

        while (texts && texts[count])
                count++;
        return count;
}

static struct statistics_pair *restore_pairs(
        struct saved_item *item, const char *key, size_t *ret_count)
{
        char **texts = saved_texts(item, key);
        size_t count = count_texts(texts);
        struct statistics_pair *pairs = mem_new_array(count / 3 + 1, sizeof(*pairs));

        *ret_count = count / 3;
        for (size_t i = 0; i < count / 3; i++) {
                pairs[i].name = mem_strdup(texts[3 * i]);
                if (!parse_number(texts[3 * i + 1], &pairs[i].in) ||
                        !parse_number(texts[3 * i + 2], &pairs[i].out))
                        saved_fail(item, "period", "%s of '%s': not a number", key, pairs[i].name);
        }
        if (count % 3)
                saved_fail(item, "period", "%s: a name without its numbers", key);
        free_texts(texts);
        return pairs;
}

static void restore_cores(struct saved_item *item, struct host_reference *reference)
{
        char **texts = saved_texts(item, "core");
        size_t count = count_texts(texts);

        reference->cores = mem_new_array(count / 2 + 1, sizeof(*reference->cores));
        reference->cores_count = count / 2;
        for (size_t i = 0; i < count / 2; i++)
                if (!parse_number(texts[2 * i], &reference->cores[i].work) ||
                        !parse_number(texts[2 * i + 1], &reference->cores[i].idle))
                        saved_fail(item, "period", "core %zu: not a number", i);
        if (count % 2)
                saved_fail(item, "period", "core %zu: one number", count / 2);
        free_texts(texts);
}

/* Which of our periods it is of; periods_count: none. */
static size_t find_period(const struct statistics *statistics, struct saved_item *item)
{
        double period = restore_number(item, "period");
        size_t i = 0;

        while (i < statistics->periods_count && statistics->periods[i] != period)
                i++;
        return i;
}

static void restore_host(
        struct statistics *statistics, struct instance_series *series, struct saved_item *item)
{
        size_t period = find_period(statistics, item);
        struct host_reference *reference;

        if (period == statistics->periods_count)
                return;
        reference = &series->host[period];
        reference_clear(reference);
        reference->is_set = true;
        reference->now = restore_number(item, "now");
        restore_cores(item, reference);
        reference->nets = restore_pairs(item, "net", &reference->nets_count);
        reference->disks = restore_pairs(item, "disk", &reference->disks_count);
}

/* For a period that is another one now it begins at its last reference. */
static void restore_process(
        struct statistics *statistics, struct instance_series *series, struct saved_item *item)
{
        struct statistics_process begin = { .namespec = saved_text(item, "namespec"),
                .pid = (pid_t)saved_number(item, "pid", 1, INT32_MAX, 1) };
        struct process_series *process = NULL;

        if (begin.namespec)
                HASH_FIND(hh, series->processes, begin.namespec, strlen(begin.namespec), process);
        if (!begin.namespec || process) {
                saved_fail(item, "namespec", "a series of no process, or a second one");
                return;
        }
        for (struct saved_item *at = saved_inner(item, "reference"); at; at = saved_next(at)) {
                begin.now = restore_number(at, "now");
                begin.work = restore_number(at, "work");
        }
        begin_process(statistics, series, &begin);
        HASH_FIND(hh, series->processes, begin.namespec, strlen(begin.namespec), process);
        if (process)
                process->first = restore_number(item, "first");
        for (struct saved_item *at = saved_inner(item, "reference"); process && at;
                at = saved_next(at)) {
                size_t period = find_period(statistics, at);

                if (period == statistics->periods_count)
                        continue;
                process->now[period] = restore_number(at, "now");
                process->work[period] = restore_number(at, "work");
        }
}

int statistics_restore(struct statistics *statistics, struct saved *saved, struct err *err)
{
        for (struct saved_item *item = saved_first(saved, "statistics"); item;
                item = saved_next(item)) {
                unsigned instance =
                        (unsigned)saved_count(item, "instance", CLUSTER_INSTANCES_MAX - 1, 0);
                struct instance_series *series;

                if (find_instance(statistics, instance)) {
                        saved_fail(item, "instance", "its figures are there twice");
                        continue;
                }
                series = take_instance(statistics, instance);
                series->has_host = saved_flag(item, "has_host");
                series->first = restore_number(item, "first");
                for (struct saved_item *at = saved_inner(item, "host"); at; at = saved_next(at))
                        restore_host(statistics, series, at);
                for (struct saved_item *at = saved_inner(item, "process"); at; at = saved_next(at))
                        restore_process(statistics, series, at);
        }
        return saved_status(saved, err);
}
