/* Bounds: what the cgroups that the daemon is in leave it of the machine, which then is the machine
 * that its programs run on: in a container, or in a service with limits. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/figures.h"

enum { BOUNDS_CORES_MAX = 4096 };

struct bounds {
        enum figure_source cpus_source; /* FIGURE_UNKNOWN: no quota */
        double cpus;                    /* processors' worth of time: the least quota above us */
        bool knows_used;
        double used; /* seconds that the cgroup of that quota has used */

        bool has_cpuset; /* not all processors are allowed */
        size_t cpuset_count;
        unsigned char cpuset[BOUNDS_CORES_MAX / 8];

        enum figure_source memory_source; /* FIGURE_UNKNOWN: no limit */
        uint64_t memory;                  /* bytes: the least limit above us */
        bool knows_memory_used;
        uint64_t memory_used; /* in that cgroup, without cache that can be dropped at once */
};

/* What cannot be read bounds nothing. */
void bounds_take(struct bounds *ret);
bool bounds_allow(const struct bounds *, unsigned core);
/* Of "50000 100000" and its like: processors' worth; 0: no quota, or no such text.  Pure. */
double bounds_quota(const char *text);
