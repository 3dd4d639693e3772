/* Samples: what a collector reads of every program in each of its rounds, at the least cost.
 *
 * Where nobody of a group has run since the last round, nobody of its slots has, and what they were
 * found to have used still holds: one reading tells it of all of them. */
#pragma once

#include <stdint.h>

#include "base/figures.h"

struct cgroup_slot;
struct cgroup_tree;

struct cgroup_sample {
        uint64_t cpu_usec; /* since the group was made */
        uint64_t memory;   /* bytes, now; of a program that has not run maybe some rounds ago */
        enum figure_source memory_source;
};

void cgroup_sample_round(struct cgroup_tree *); /* another one begins */
/* Of a slot, in this round.  0, or a negative errno: it is not known. */
int cgroup_sample_slot(struct cgroup_slot *, struct cgroup_sample *ret)
        __attribute__((warn_unused_result));
