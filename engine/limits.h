/* Limits: what a program or a group may use at most, as plain data.
 *
 * A value is in the words of the kernel: those of the cgroup file (v2) for the limits that a group
 * can have too, numbers for the others.  config/ checks and translates what users write. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

enum program_limit {
        /* Of cgroups: of a program's, or of a group's. */
        LIMIT_CPU_MAX,
        LIMIT_CPU_WEIGHT,
        LIMIT_CPUSET,
        LIMIT_MEMORY_MAX,
        LIMIT_MEMORY_HIGH,
        LIMIT_MEMORY_SWAP_MAX,
        LIMIT_MEMORY_OOM_GROUP,
        LIMIT_IO_WEIGHT,
        LIMIT_IO_MAX,
        LIMIT_PIDS_MAX,
        /* Of processes. */
        LIMIT_OOM_SCORE_ADJ, /* decimal */
        LIMIT_NICE,          /* decimal */
        LIMIT_IONICE,        /* decimal, as ioprio_set(2) takes it */
        LIMIT_RLIMIT_AS,     /* "soft hard", decimal; the greatest number means unlimited */
        LIMIT_RLIMIT_CORE,
        LIMIT_RLIMIT_CPU,
        LIMIT_RLIMIT_DATA,
        LIMIT_RLIMIT_FSIZE,
        LIMIT_RLIMIT_LOCKS,
        LIMIT_RLIMIT_MEMLOCK,
        LIMIT_RLIMIT_MSGQUEUE,
        LIMIT_RLIMIT_NICE,
        LIMIT_RLIMIT_NOFILE,
        LIMIT_RLIMIT_NPROC,
        LIMIT_RLIMIT_RSS,
        LIMIT_RLIMIT_RTPRIO,
        LIMIT_RLIMIT_RTTIME,
        LIMIT_RLIMIT_SIGPENDING,
        LIMIT_RLIMIT_STACK,
        LIMITS,
};

enum { LIMITS_OF_CGROUPS = LIMIT_OOM_SCORE_ADJ };

struct limits {
        bool is_strict;       /* one that cannot be applied is an error, not a warning */
        char *value[LIMITS];  /* NULL: not set */
        char *origin[LIMITS]; /* "FILE, line 7: [program:x] memory_max=1GB", for messages */
};

const char *limits_name(enum program_limit); /* of its option */
const char *limits_file(enum program_limit); /* of its cgroup in v2; NULL: it is none of a cgroup */
int limits_rlimit(enum program_limit);       /* RLIMIT_*; -1: it is none */

struct limits *limits_free(struct limits *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct limits *, limits_free)
struct limits *limits_copy(const struct limits *); /* of NULL: NULL */
/* Takes the value; *limits is made when there is none yet. */
void limits_set(struct limits **, enum program_limit, char *value, char *origin);
const char *limits_get(
        const struct limits *, enum program_limit); /* NULL: not set, or no limits at all */
bool limits_equal(const struct limits *, const struct limits *); /* whatever their origins */
