/* Starting a process: clone3(2) straight into its cgroup, with what the child needs prepared
 * before.
 *
 * The child shares our memory until it execs (CLONE_VM), so that a start costs the same whatever
 * our size; it makes system calls and nothing else.  We do not wait for its exec, which on a busy
 * machine takes as long as it takes until the child is let run; what it needs until then is kept
 * for it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/err.h"

#define SPAWN_V1_FDS_MAX 5

struct limits_of_process;

struct spawn_user { /* who the child becomes */
        uid_t uid;
        gid_t gid;
        gid_t *groups;
        size_t groups_count;
        const char *refusal; /* not NULL: it cannot, and this is why; the child says so and ends */
};

struct spawn_request {
        const char *path;
        char *const *argv;
        char *const *environ;
        const char *argv0;             /* for the message when exec fails */
        const char *directory;         /* NULL: stay */
        int umask;                     /* -1: inherit */
        const struct spawn_user *user; /* NULL: stay who we are */
        int in, out, err;              /* become 0, 1, 2 */
        int cgroup_fd;                 /* directory of the v2 group, to be born in; -1: none */
        int cgroup_procs_fd; /* or its cgroup.procs, to attach to before the exec; -1: none */
        int v1_tasks_fds[SPAWN_V1_FDS_MAX];
        size_t v1_tasks_fds_count;
        const struct rlimit *files_limit; /* NULL: as ours */
        bool is_oom_exposed; /* the kernel may end it for want of memory, though it spares us */
        /* Memory may run out in its group, or in that of its group, where we are not: see spawn.c.
         */
        bool is_memory_limited;
        const struct limits_of_process *limits; /* that it gets besides; NULL: none */
        volatile pid_t *pid; /* the kernel writes it there, before the child has run */
};

struct spawner;

struct spawner *spawner_new(void);
struct spawner *spawner_free(struct spawner *);
/* How processes are started here: "clone3 into the cgroup", or the fallback. */
const char *spawner_describe(const struct spawner *);
bool spawner_attaches(const struct spawner *); /* cgroup_fd is of no use here, cgroup_procs_fd is */

/* 0 with pid and pidfd (close-on-exec), or a negative errno; spawner_is_cgroup_error() tells of one
 * that only means this group.  The request may go once it has been made, and so may what it names,
 * but for the descriptors by which the child attaches itself: they are taken, unless it fails.  A
 * failure after the clone (user, directory, exec) is the child's: it writes its words to fd 2 and
 * exits with status 127. */
int spawner_start(struct spawner *, struct spawn_request *, pid_t *ret_pid, int *ret_pidfd);
bool spawner_is_cgroup_error(int r);
/* Whether the child that was started last has yet to take its descriptors, which it does as soon as
 * it is let run, or there are too many that have not exec'ed: who starts another one now waits for
 * that.  Until it is said that it is not so, the ends of that child's pipes stay open here.  Waits
 * so long at most. */
bool spawner_is_busy(struct spawner *, usec_t patience);
/* Whether all children have exec'ed, or ended.  Until then one of them has our memory, so that what
 * is said of its score of memory (oom_score_adj) the kernel takes as said of us, too. */
bool spawner_is_left(const struct spawner *);
