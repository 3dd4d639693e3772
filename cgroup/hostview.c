/* The machine that is there for us: see hostview.h. */
#include "cgroup/hostview.h"

#include <math.h>

static bool has_quota(const struct host_sample *sample)
{
        return sample->bounds.cpus_source != FIGURE_UNKNOWN;
}

static bool has_limit(const struct host_sample *sample)
{
        const struct bounds *bounds = &sample->bounds;

        return bounds->memory_source != FIGURE_UNKNOWN && bounds->memory > 0 &&
               bounds->memory < sample->memory;
}

/* The mean of all is the first. */
static size_t count_cores(const struct host_sample *sample)
{
        size_t count = 0;

        for (size_t i = 1; i < sample->cores_count; i++)
                count += bounds_allow(&sample->bounds, sample->cores[i].number);
        return count;
}

double hostview_cpus(const struct host_sample *sample)
{
        double cores = (double)count_cores(sample);

        return has_quota(sample) && sample->bounds.cpus < cores ? sample->bounds.cpus : cores;
}

bool hostview_is_bounded(const struct host_sample *sample)
{
        return has_limit(sample) ||
               (sample->cores_count > 1 && hostview_cpus(sample) < (double)sample->cores_count - 1);
}

size_t hostview_cores(const struct host_sample *sample, struct host_core **ret)
{
        size_t room = count_cores(sample) + 1, count = 1;
        struct host_core *cores = mem_new_array(room, sizeof(*cores));
        const struct bounds *bounds = &sample->bounds;

        *ret = cores;
        for (size_t i = 1; i < sample->cores_count; i++) {
                if (!bounds_allow(bounds, sample->cores[i].number))
                        continue;
                cores[count++] = sample->cores[i];
                cores[0].work += sample->cores[i].work / (double)(room - 1);
                cores[0].idle += sample->cores[i].idle / (double)(room - 1);
        }
        if (count == 1)
                return 0;
        if (has_quota(sample) && bounds->knows_used && bounds->cpus < (double)(count - 1)) {
                cores[0].work = bounds->used / bounds->cpus;
                cores[0].idle = (double)sample->now / (double)USEC_SEC - cores[0].work;
        }
        return count;
}

struct hostview_memory hostview_memory_of_all(const struct host_sample *sample)
{
        return (struct hostview_memory){ sample->knows_memory, sample->memory,
                sample->memory - sample->memory_available, sample->memory_percent };
}

struct hostview_memory hostview_memory(const struct host_sample *sample)
{
        const struct bounds *bounds = &sample->bounds;

        if (!has_limit(sample))
                return hostview_memory_of_all(sample);
        return (struct hostview_memory){ bounds->knows_memory_used, bounds->memory,
                bounds->memory_used,
                round((double)bounds->memory_used / (double)bounds->memory * 1000) / 10 };
}

uint64_t hostview_memory_here(void)
{
        uint64_t memory = host_memory();
        struct bounds bounds;

        bounds_take(&bounds);
        return bounds.memory_source != FIGURE_UNKNOWN && bounds.memory < memory ? bounds.memory
                                                                                : memory;
}
