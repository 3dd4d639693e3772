/* Samples on the wire: see samples.h. */
#include "wire/samples.h"

#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/json.h"
#include "wire/payload_fields.h"

struct samples_decoded {
        json_t *root; /* whose strings are borrowed */
        struct samples samples;
        struct statistics_core *cores;
        struct statistics_pair *nets, *disks;
        struct statistics_part *mounts;
};

/*
 * Out.
 */

static json_t *pair_of(double first, double second)
{
        json_t *pair = json_array();

        (void)json_array_append_new(pair, json_real(first));
        (void)json_array_append_new(pair, json_real(second));
        return pair;
}

static json_t *pairs_of(const struct statistics_pair *pairs, size_t count)
{
        json_t *object = json_object();

        for (size_t i = 0; i < count; i++)
                (void)json_object_set_new(
                        object, pairs[i].name, pair_of(pairs[i].in, pairs[i].out));
        return object;
}

static json_t *host_of(const struct statistics_host *host)
{
        json_t *object = json_object();
        json_t *cores = json_array();
        json_t *mounts = json_object();

        for (size_t i = 0; i < host->cores_count; i++)
                (void)json_array_append_new(
                        cores, pair_of(host->cores[i].work, host->cores[i].idle));
        for (size_t i = 0; i < host->mounts_count; i++)
                (void)json_object_set_new(
                        mounts, host->mounts[i].name, json_real(host->mounts[i].percent));
        (void)json_object_set_new(object, "now", json_real(host->now));
        (void)json_object_set_new(object, "cpu", cores);
        (void)json_object_set_new(object, "mem", json_real(host->memory));
        (void)json_object_set_new(object, "net_io", pairs_of(host->nets, host->nets_count));
        (void)json_object_set_new(object, "disk_io", pairs_of(host->disks, host->disks_count));
        (void)json_object_set_new(object, "disk_usage", mounts);
        return object;
}

static json_t *process_of(const struct statistics_process *process)
{
        json_t *row = json_array();

        (void)json_array_append_new(row, json_from_text(process->namespec));
        (void)json_array_append_new(row, json_integer(process->pid));
        (void)json_array_append_new(row, json_real(process->now));
        (void)json_array_append_new(row, json_real(process->work));
        (void)json_array_append_new(row, json_real(process->memory));
        return row;
}

char *samples_encode(const struct samples *samples)
{
        json_t *root = json_object();
        json_t *processes = json_array();
        char *dumped, *text;

        if (samples->has_host)
                (void)json_object_set_new(root, "host", host_of(&samples->host));
        for (size_t i = 0; i < samples->processes_count; i++)
                (void)json_array_append_new(processes, process_of(&samples->processes[i]));
        (void)json_object_set_new(root, "processes", processes);
        dumped = json_dumps(root, JSON_COMPACT);
        text = mem_strdup(dumped ? dumped : "");
        free(dumped);
        json_decref(root);
        return text;
}

/*
 * In.
 */

static bool read_number(const json_t *json, double *ret)
{
        if (!json_is_number(json))
                return false;
        *ret = json_number_value(json);
        return isfinite(*ret) && *ret >= 0;
}

static bool read_pair(const json_t *json, double *first, double *second)
{
        return json_is_array(json) && json_array_size(json) == 2 &&
               read_number(json_array_get(json, 0), first) &&
               read_number(json_array_get(json, 1), second);
}

static bool read_pairs(json_t *json, struct statistics_pair **ret, size_t *ret_count)
{
        const char *name;
        json_t *value;

        if (!json_is_object(json) || json_object_size(json) > SAMPLES_NAMES_MAX)
                return false;
        *ret = mem_new_array(json_object_size(json), sizeof(**ret));
        json_object_foreach(json, name, value)
        {
                struct statistics_pair *pair = &(*ret)[(*ret_count)++];

                pair->name = name;
                if (strlen(name) > SAMPLES_NAME_MAX || !read_pair(value, &pair->in, &pair->out))
                        return false;
        }
        return true;
}

static bool read_cores(struct samples_decoded *d, const json_t *json)
{
        struct statistics_host *host = &d->samples.host;

        if (!json_is_array(json) || json_array_size(json) > SAMPLES_NAMES_MAX)
                return false;
        host->cores_count = json_array_size(json);
        host->cores = d->cores = mem_new_array(host->cores_count, sizeof(*d->cores));
        for (size_t i = 0; i < host->cores_count; i++)
                if (!read_pair(json_array_get(json, i), &d->cores[i].work, &d->cores[i].idle))
                        return false;
        return true;
}

static bool read_mounts(struct samples_decoded *d, json_t *json)
{
        struct statistics_host *host = &d->samples.host;
        const char *name;
        json_t *value;

        if (!json_is_object(json) || json_object_size(json) > SAMPLES_NAMES_MAX)
                return false;
        host->mounts = d->mounts = mem_new_array(json_object_size(json), sizeof(*d->mounts));
        json_object_foreach(json, name, value)
        {
                struct statistics_part *part = &d->mounts[host->mounts_count++];

                part->name = name;
                if (strlen(name) > SAMPLES_NAME_MAX || !read_number(value, &part->percent))
                        return false;
        }
        return true;
}

static bool read_host(struct samples_decoded *d, const json_t *json)
{
        struct statistics_host *host = &d->samples.host;

        if (!read_number(json_object_get(json, "now"), &host->now) ||
                !read_number(json_object_get(json, "mem"), &host->memory) ||
                !read_cores(d, json_object_get(json, "cpu")) ||
                !read_mounts(d, json_object_get(json, "disk_usage")) ||
                !read_pairs(json_object_get(json, "net_io"), &d->nets, &host->nets_count) ||
                !read_pairs(json_object_get(json, "disk_io"), &d->disks, &host->disks_count))
                return false;
        host->nets = d->nets;
        host->disks = d->disks;
        d->samples.has_host = true;
        return true;
}

static bool read_process(struct statistics_process *process, const json_t *row)
{
        const json_t *pid = json_array_get(row, 1);

        if (!json_is_array(row) || json_array_size(row) != 5 || !json_is_integer(pid) ||
                json_integer_value(pid) < 0 || json_integer_value(pid) > INT_MAX)
                return false;
        process->namespec = json_string_value(json_array_get(row, 0));
        process->pid = (pid_t)json_integer_value(pid);
        return process->namespec && strlen(process->namespec) <= SAMPLES_NAME_MAX &&
               read_number(json_array_get(row, 2), &process->now) &&
               read_number(json_array_get(row, 3), &process->work) &&
               read_number(json_array_get(row, 4), &process->memory);
}

static bool read_processes(struct samples_decoded *d, const json_t *json)
{
        size_t count = json_array_size(json);

        if (!json_is_array(json) || count > STATISTICS_PROCESSES_MAX)
                return false;
        d->samples.processes = mem_new_array(count, sizeof(*d->samples.processes));
        for (size_t i = 0; i < count; i++)
                if (!read_process(&d->samples.processes[i], json_array_get(json, i)))
                        return false;
        d->samples.processes_count = count;
        return true;
}

struct samples_decoded *samples_decode(const uint8_t *payload, size_t size)
{
        CLEANUP(samples_free) struct samples_decoded *d = mem_new(sizeof(*d));
        struct err err = {};
        const json_t *host;

        d->root = payload_parse(payload, size, &err); /* the caller only says that it is bad */
        host = json_object_get(d->root, "host");
        if (!d->root || (host && !read_host(d, host)) ||
                !read_processes(d, json_object_get(d->root, "processes")))
                return NULL;
        return TAKE(d);
}

const struct samples *samples_of(const struct samples_decoded *d)
{
        return &d->samples;
}

struct samples_decoded *samples_free(struct samples_decoded *d)
{
        if (!d)
                return NULL;
        json_decref(d->root);
        mem_free(d->samples.processes);
        mem_free(d->cores);
        mem_free(d->nets);
        mem_free(d->disks);
        mem_free(d->mounts);
        return mem_free(d);
}
