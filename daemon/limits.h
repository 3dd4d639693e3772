/* Limits: whether those of a configuration can be had here, and how they come to a run.
 *
 * Those of cgroups are written before each start, since the group of a slot may have been made
 * anew; those of processes are set by the child itself before it execs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "base/err.h"
#include "base/log.h"
#include "engine/program.h"

struct child;
struct daemon;
struct process;

struct limits_applied {       /* by a child */
        uint32_t slot, group; /* sets of those of cgroups: to be lifted when they are not wanted */
        uint32_t process;     /* and of those of processes, in the present run */
        bool is_told;         /* of what cannot be applied, once */
};

enum { LIMITS_RLIMITS_MAX = LIMITS - LIMIT_RLIMIT_AS };

struct limits_of_process { /* ready for system calls */
        bool is_strict;
        struct {
                enum program_limit which;
                const char *name;
                int resource;
                struct rlimit limit;
        } rlimits[LIMITS_RLIMITS_MAX];
        size_t rlimits_count;
        bool has_nice, has_ionice;
        int nice, ionice;
        const char *oom_score_adj; /* NULL: as ours */
};

/* 0, or the failure of a strict one that cannot be had.  The log is told of the others. */
int limits_check(struct daemon *, const struct program_set *, struct err *)
        __attribute__((warn_unused_result));
/* The same for who only checks: as the machine is, without a group of ours. */
int limits_check_offered(const struct program_set *, const struct log_sink *, struct err *)
        __attribute__((warn_unused_result));
/* The files of cgroups that the limits of a set ask for, NULL at the end; the caller owns the list.
 */
const char **limits_files(const struct program_set *);
/* Those of cgroups, right before a start.  A failure is that of a strict one. */
int limits_apply(struct daemon *, struct child *, const struct process *, struct err *)
        __attribute__((warn_unused_result));
struct limits_of_process limits_of_process(const struct limits *);
uint32_t limits_set_of_process(const struct limits *); /* which of those there are */
/* Whether memory may run out for the process, or for its group, while the machine has some. */
bool limits_end_by_memory(const struct daemon *, const struct process *);
/* All, while it runs.  A failure is that of a strict one; the log is told of any. */
int limits_change(struct daemon *, struct child *, const struct process *, struct err *)
        __attribute__((warn_unused_result));
