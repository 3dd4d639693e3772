/* What a process and its living descendants use, from /proc: for where there is no cgroup.
 *
 * The dead count as far as their parent waited for them and lives; what has become another's child
 * is not found. */
#pragma once

#include <sys/types.h>

#include "base/figures.h"

enum { PROCTREE_MAX = 4096 }; /* of a larger tree the figures are not known */

/* Microseconds of the process alone, without what it waited for; also of one that has ended and was
 * not reaped yet. */
int proctree_own_cpu(pid_t, uint64_t *ret) __attribute__((warn_unused_result));
/* Processor time, memory and tasks.  0, or a negative errno. */
int proctree_usage(pid_t, struct figures *ret) __attribute__((warn_unused_result));
