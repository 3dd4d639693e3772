/* Bounds: see bounds.h. */
#include "cgroup/bounds.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "cgroup/attribute.h"
#include "cgroup/own.h"

#define V1_UNLIMITED (UINT64_C(1) << 62) /* it writes what fits, in pages */

double bounds_quota(const char *text)
{
        unsigned long long quota, period;

        if (sscanf(text, "%llu %llu", &quota, &period) != 2 || quota == 0 || period == 0)
                return 0;
        return (double)quota / (double)period;
}

bool bounds_allow(const struct bounds *bounds, unsigned core)
{
        return !bounds->has_cpuset ||
               (core < BOUNDS_CORES_MAX && bounds->cpuset[core / 8] & (1U << core % 8));
}

/* Calls for the directory of our group and of each above it, as far as they can be seen. */
static void climb(
        const char *controller, void (*look)(struct bounds *, int dir), struct bounds *bounds)
{
        CLEANUP(text_clear) struct text path = {}, below = {};
        struct err err;
        size_t top;

        if (own_find(controller, &path, &below, &err) < 0)
                return;
        top = path.length;
        text_append(&path, text_string(&below));
        for (;;) {
                CLEANUP(fd_close) int dir = attribute_open_dir(AT_FDCWD, text_string(&path));

                if (dir >= 0)
                        look(bounds, dir);
                if (path.length <= top)
                        return;
                text_truncate(&path, (size_t)(strrchr(path.data, '/') - path.data));
        }
}

static void take_cpus(struct bounds *bounds, double cpus, enum figure_source source)
{
        if (cpus <= 0 || (bounds->cpus_source != FIGURE_UNKNOWN && bounds->cpus <= cpus))
                return;
        bounds->cpus = cpus;
        bounds->cpus_source = source;
        bounds->knows_used = false;
}

static bool take_memory(struct bounds *bounds, uint64_t memory, enum figure_source source)
{
        if (bounds->memory_source != FIGURE_UNKNOWN && bounds->memory <= memory)
                return false;
        bounds->memory = memory;
        bounds->memory_source = source;
        bounds->knows_memory_used = false;
        return true;
}

static void take_memory_used(
        struct bounds *bounds, int dir, const char *file, const char *cache_key)
{
        uint64_t used, cache = 0;

        if (attribute_number(dir, file, &used) < 0)
                return;
        (void)attribute_keyed(dir, "memory.stat", cache_key, &cache); /* or it counts as used */
        bounds->memory_used = used > cache ? used - cache : 0;
        bounds->knows_memory_used = true;
}

static void look_v2(struct bounds *bounds, int dir)
{
        double cpus_before = bounds->cpus;
        uint64_t number;
        char text[64];

        if (attribute_read(dir, "cpu.max", text, sizeof(text)) > 0)
                take_cpus(bounds, bounds_quota(text), FIGURE_FROM_V2);
        if (bounds->cpus != cpus_before &&
                attribute_keyed(dir, "cpu.stat", "usage_usec", &number) == 0) {
                bounds->used = (double)number / 1e6;
                bounds->knows_used = true;
        }
        if (attribute_number(dir, "memory.max", &number) == 0 &&
                take_memory(bounds, number, FIGURE_FROM_V2))
                take_memory_used(bounds, dir, "memory.current", "inactive_file");
}

static void look_v1_memory(struct bounds *bounds, int dir)
{
        uint64_t limit;

        if (attribute_number(dir, "memory.limit_in_bytes", &limit) == 0 && limit < V1_UNLIMITED &&
                take_memory(bounds, limit, FIGURE_FROM_V1))
                take_memory_used(bounds, dir, "memory.usage_in_bytes", "total_inactive_file");
}

static void look_v1_cpu(struct bounds *bounds, int dir)
{
        double cpus_before = bounds->cpus;
        uint64_t quota, period, used;

        /* "-1" is no number of ours: no quota. */
        if (attribute_number(dir, "cpu.cfs_quota_us", &quota) < 0 ||
                attribute_number(dir, "cpu.cfs_period_us", &period) < 0 || period == 0)
                return;
        take_cpus(bounds, (double)quota / (double)period, FIGURE_FROM_V1);
        /* Where the two controllers share a hierarchy, as nearly everywhere. */
        if (bounds->cpus != cpus_before && attribute_number(dir, "cpuacct.usage", &used) == 0) {
                bounds->used = (double)used / 1e9;
                bounds->knows_used = true;
        }
}

/* A cpuset of whatever version, and what taskset says, too. */
static void take_cpuset(struct bounds *bounds)
{
        size_t size = CPU_ALLOC_SIZE(BOUNDS_CORES_MAX);
        CLEANUP(mem_free) cpu_set_t *set = mem_new(size);
        long online = sysconf(_SC_NPROCESSORS_ONLN);

        if (sched_getaffinity(0, size, set) < 0)
                return;
        for (size_t i = 0; i < BOUNDS_CORES_MAX; i++)
                if (CPU_ISSET_S(i, size, set)) {
                        bounds->cpuset[i / 8] |= (unsigned char)(1U << i % 8);
                        bounds->cpuset_count++;
                }
        bounds->has_cpuset =
                online > 0 && bounds->cpuset_count > 0 && bounds->cpuset_count < (size_t)online;
}

void bounds_take(struct bounds *ret)
{
        *ret = (struct bounds){};
        climb(NULL, look_v2, ret);
        climb("memory", look_v1_memory, ret);
        climb("cpu", look_v1_cpu, ret);
        take_cpuset(ret);
}
