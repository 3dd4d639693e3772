/* Limits: see limits.h. */
#include "engine/limits.h"

#include <sys/resource.h>

#include "base/text.h"

static const struct {
        const char *name, *file;
        int rlimit;
} table[LIMITS] = {
        [LIMIT_CPU_MAX] = { "cpu_max", "cpu.max", -1 },
        [LIMIT_CPU_WEIGHT] = { "cpu_weight", "cpu.weight", -1 },
        [LIMIT_CPUSET] = { "cpuset", "cpuset.cpus", -1 },
        [LIMIT_MEMORY_MAX] = { "memory_max", "memory.max", -1 },
        [LIMIT_MEMORY_HIGH] = { "memory_high", "memory.high", -1 },
        [LIMIT_MEMORY_SWAP_MAX] = { "memory_swap_max", "memory.swap.max", -1 },
        [LIMIT_MEMORY_OOM_GROUP] = { "memory_oom_group", "memory.oom.group", -1 },
        [LIMIT_IO_WEIGHT] = { "io_weight", "io.weight", -1 },
        [LIMIT_IO_MAX] = { "io_max", "io.max", -1 },
        [LIMIT_PIDS_MAX] = { "pids_max", "pids.max", -1 },
        [LIMIT_OOM_SCORE_ADJ] = { "oom_score_adj", NULL, -1 },
        [LIMIT_NICE] = { "nice", NULL, -1 },
        [LIMIT_IONICE] = { "ionice", NULL, -1 },
        [LIMIT_RLIMIT_AS] = { "rlimit_as", NULL, RLIMIT_AS },
        [LIMIT_RLIMIT_CORE] = { "rlimit_core", NULL, RLIMIT_CORE },
        [LIMIT_RLIMIT_CPU] = { "rlimit_cpu", NULL, RLIMIT_CPU },
        [LIMIT_RLIMIT_DATA] = { "rlimit_data", NULL, RLIMIT_DATA },
        [LIMIT_RLIMIT_FSIZE] = { "rlimit_fsize", NULL, RLIMIT_FSIZE },
        [LIMIT_RLIMIT_LOCKS] = { "rlimit_locks", NULL, RLIMIT_LOCKS },
        [LIMIT_RLIMIT_MEMLOCK] = { "rlimit_memlock", NULL, RLIMIT_MEMLOCK },
        [LIMIT_RLIMIT_MSGQUEUE] = { "rlimit_msgqueue", NULL, RLIMIT_MSGQUEUE },
        [LIMIT_RLIMIT_NICE] = { "rlimit_nice", NULL, RLIMIT_NICE },
        [LIMIT_RLIMIT_NOFILE] = { "rlimit_nofile", NULL, RLIMIT_NOFILE },
        [LIMIT_RLIMIT_NPROC] = { "rlimit_nproc", NULL, RLIMIT_NPROC },
        [LIMIT_RLIMIT_RSS] = { "rlimit_rss", NULL, RLIMIT_RSS },
        [LIMIT_RLIMIT_RTPRIO] = { "rlimit_rtprio", NULL, RLIMIT_RTPRIO },
        [LIMIT_RLIMIT_RTTIME] = { "rlimit_rttime", NULL, RLIMIT_RTTIME },
        [LIMIT_RLIMIT_SIGPENDING] = { "rlimit_sigpending", NULL, RLIMIT_SIGPENDING },
        [LIMIT_RLIMIT_STACK] = { "rlimit_stack", NULL, RLIMIT_STACK },
};

const char *limits_name(enum program_limit limit)
{
        return table[limit].name;
}

const char *limits_file(enum program_limit limit)
{
        return table[limit].file;
}

int limits_rlimit(enum program_limit limit)
{
        return table[limit].rlimit;
}

struct limits *limits_free(struct limits *limits)
{
        if (!limits)
                return NULL;
        for (unsigned i = 0; i < LIMITS; i++) {
                mem_free(limits->value[i]);
                mem_free(limits->origin[i]);
        }
        return mem_free(limits);
}

struct limits *limits_copy(const struct limits *limits)
{
        struct limits *copy;

        if (!limits)
                return NULL;
        copy = mem_new(sizeof(*copy));
        copy->is_strict = limits->is_strict;
        for (unsigned i = 0; i < LIMITS; i++) {
                copy->value[i] = limits->value[i] ? mem_strdup(limits->value[i]) : NULL;
                copy->origin[i] = limits->origin[i] ? mem_strdup(limits->origin[i]) : NULL;
        }
        return copy;
}

void limits_set(struct limits **limits, enum program_limit limit, char *value, char *origin)
{
        if (!*limits)
                *limits = mem_new(sizeof(**limits));
        mem_free((*limits)->value[limit]);
        mem_free((*limits)->origin[limit]);
        (*limits)->value[limit] = value;
        (*limits)->origin[limit] = origin;
}

const char *limits_get(const struct limits *limits, enum program_limit limit)
{
        return limits ? limits->value[limit] : NULL;
}

bool limits_equal(const struct limits *a, const struct limits *b)
{
        for (unsigned i = 0; i < LIMITS; i++)
                if (!text_equal(limits_get(a, i), limits_get(b, i)))
                        return false;
        return !a || !b || a->is_strict == b->is_strict;
}
