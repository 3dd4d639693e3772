/* The host: what all of it uses, as figures that only grow, or as they are now.
 *
 * The figures are those that Supvisors shares, computed as it does from the same sources. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cgroup/bounds.h"

#define HOST_CORES_MAX    4096
#define HOST_COUNTERS_MAX 1024
#define HOST_MOUNTS_MAX   256

struct host_core {
        double work, idle; /* seconds since the boot */
        unsigned number;   /* of the processor; of their mean: 0 */
};

struct host_counter {
        char *name;
        uint64_t in, out; /* bytes: received, sent; read, written */
};

struct host_counters {
        struct host_counter *at;
        size_t count, capacity;
};

struct host_mount {
        char *point;
        double percent; /* used, of what users may have */
};

enum host_pressure { HOST_PRESSURE_CPU, HOST_PRESSURE_MEMORY, HOST_PRESSURE_IO, HOST_PRESSURES };

struct host_sample {
        usec_t now;              /* CLOCK_MONOTONIC */
        struct host_core *cores; /* the mean of all, then each */
        size_t cores_count;
        bool knows_memory;
        double memory_percent; /* not available, of all */
        uint64_t memory, memory_available, swap, swap_free;
        struct host_counters nets, disks;
        struct host_mount *mounts;
        size_t mounts_count;
        bool knows_load;
        double load[3];
        bool knows_pressure[HOST_PRESSURES];
        double pressure[HOST_PRESSURES]; /* percent of the last 10 s in which some task waited */
        struct bounds bounds;
};

/* All but networks and mounts.  What cannot be read is left out. */
void host_sample_take(struct host_sample *ret);
/* The partitions; it may wait for whoever serves one of them, maybe for ever. */
void host_mounts_take(struct host_sample *);
/* One more; the name is copied. */
void host_counters_add(struct host_counters *, const char *name, uint64_t in, uint64_t out);
void host_counters_clear(struct host_counters *);
void host_sample_clear(struct host_sample *);
static inline void host_sample_clear_at(struct host_sample *sample)
{
        host_sample_clear(sample);
}
uint64_t host_memory(void); /* bytes in all; 0: not known */
