/* What the processes of a slot have used and use.
 *
 * The group of a slot lives longer than a run, so that of a run is the difference between two
 * readings: cgroup_slot_begin() takes the first, cgroup_slot_end() the second. */
#pragma once

#include <stdint.h>

#include "base/figures.h"
#include "cgroup/tree.h"

#define USAGE_OF(figure) (UINT32_C(1) << (figure))
#define USAGE_ALL        (USAGE_OF(FIGURES) - 1)
/* What is worth a reading at every start and end. */
#define USAGE_OF_RUN                                                                      \
        (USAGE_OF(FIGURE_CPU) | USAGE_OF(FIGURE_CPU_USER) | USAGE_OF(FIGURE_CPU_SYSTEM) | \
                USAGE_OF(FIGURE_CPU_THROTTLED) | USAGE_OF(FIGURE_MEMORY_PEAK) |           \
                USAGE_OF(FIGURE_PIDS_PEAK) | USAGE_OF(FIGURE_IO_READ) |                   \
                USAGE_OF(FIGURE_IO_WRITTEN) | USAGE_OF(FIGURE_OOM_KILLS) |                \
                USAGE_OF(FIGURE_MEMORY_MAX_HITS) | USAGE_OF(FIGURE_MEMORY_HIGH_HITS) |    \
                USAGE_OF(FIGURE_PIDS_MAX_HITS) | USAGE_OF(FIGURE_GROUP_MEMORY_HITS))
/* What a table of all programs shows, without what is only asked of one. */
#define USAGE_OF_TABLE                                                                    \
        (USAGE_OF(FIGURE_CPU) | USAGE_OF(FIGURE_CPU_USER) | USAGE_OF(FIGURE_CPU_SYSTEM) | \
                USAGE_OF(FIGURE_CPU_THROTTLED) | USAGE_OF(FIGURE_MEMORY) |                \
                USAGE_OF(FIGURE_MEMORY_PEAK) | USAGE_OF(FIGURE_PIDS) |                    \
                USAGE_OF(FIGURE_PIDS_PEAK) | USAGE_OF(FIGURE_IO_READ) |                   \
                USAGE_OF(FIGURE_IO_WRITTEN) | USAGE_OF(FIGURE_CPU_PRESSURE) |             \
                USAGE_OF(FIGURE_MEMORY_PRESSURE) | USAGE_OF(FIGURE_IO_PRESSURE))
/* The wanted ones (a set of USAGE_OF()), since the group was made.  0, or a negative errno when it
 * is not there any more. */
int cgroup_slot_usage(const struct cgroup_slot *, uint32_t wanted, struct figures *ret)
        __attribute__((warn_unused_result));

/* Before a start, after cgroup_slot_renew(). */
void cgroup_slot_begin(struct cgroup_slot *);
/* What the run that began last has used, so far. */
int cgroup_slot_run(const struct cgroup_slot *, uint32_t wanted, struct figures *ret)
        __attribute__((warn_unused_result));
/* The same, of USAGE_OF_RUN, when it is over; nobody is left: the next one begins here. */
int cgroup_slot_end(struct cgroup_slot *, bool is_empty, struct figures *ret)
        __attribute__((warn_unused_result));
