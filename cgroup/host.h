/* The host: what all of it uses, as figures that only grow, or as they are now.
 *
 * The figures are those that Supvisors shares, computed as it does from the same sources. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/mem.h"

#define HOST_CORES_MAX    4096
#define HOST_COUNTERS_MAX 1024
#define HOST_MOUNTS_MAX   256

struct host_core {
        double work, idle; /* seconds since the boot */
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

struct host_sample {
        usec_t now;              /* CLOCK_MONOTONIC */
        struct host_core *cores; /* the mean of all, then each */
        size_t cores_count;
        double memory_percent; /* not available, of all */
        struct host_counters nets, disks;
        struct host_mount *mounts;
        size_t mounts_count;
};

/* What cannot be read is left out. */
void host_sample_take(struct host_sample *ret);
void host_sample_clear(struct host_sample *);
static inline void host_sample_clear_at(struct host_sample *sample)
{
        host_sample_clear(sample);
}
uint64_t host_memory(void); /* bytes in all; 0: not known */
