/* What the processes of a slot have used and use.  A figure that is not known has the source
 * CGROUP_UNKNOWN, and its number means nothing: unknown is never 0. */
#pragma once

#include <stdint.h>

#include "cgroup/tree.h"

enum cgroup_source {
        CGROUP_UNKNOWN,
        CGROUP_FROM_V2,
        CGROUP_FROM_V1,
        CGROUP_FROM_PROC, /* summed over the members in /proc: no controller counts it here */
};

struct cgroup_usage {
        enum cgroup_source cpu_source;
        uint64_t cpu_usec, cpu_user_usec, cpu_system_usec; /* since the group was made */
        enum cgroup_source memory_source;
        uint64_t memory_bytes; /* now */
        enum cgroup_source pids_source;
        uint64_t pids; /* tasks, threads counted each, now */
        enum cgroup_source oom_source;
        uint64_t oom_kills; /* since the group was made; of any cause, also the machine's */
};

/* 0, or a negative errno when the group is not there any more. */
int cgroup_slot_usage(const struct cgroup_slot *, struct cgroup_usage *ret);
const char *cgroup_source_name(enum cgroup_source); /* "v2", "v1", "proc", "unknown" */
