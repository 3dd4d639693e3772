/* What lives in a cgroup and in those below it: count, signal, kill, clear away.
 *
 * All take the open directory of the topmost one.  A program may make cgroups of its own, so each
 * walks down, at most MEMBERS_DEPTH_MAX deep. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

enum { MEMBERS_DEPTH_MAX = 32 };

/* Calls for each process; the sum of what the calls return. */
int members_each(int dir, int (*each)(void *context, pid_t pid), void *context);
int members_count(int dir);              /* processes, those of other pid namespaces included */
int members_signal(int dir, int signal); /* how many got it */
int members_populated(int dir);          /* 1 or 0; of a v2 cgroup */
int members_kill(int dir);               /* SIGKILL to all, by cgroup.kill or its substitute */
int members_kill_each(int dir);          /* the substitute, for kernels before 5.14 */
/* Waits until nobody is left.  1, or 0 when somebody still is after so many milliseconds. */
int members_wait(int dir, unsigned msec);
/* What a cgroup without a memory controller uses: the sum over its members. */
int members_memory(int dir, uint64_t *ret);
int members_memory_of(pid_t, uint64_t *total); /* adds that of one; -ENODATA: not known */
/* The same as resident pages, for who asks often: what is shared counts for each, and no walk over
 * the pages keeps anybody waiting. */
int members_resident(int dir, uint64_t *ret);
/* Bytes that the members and the children they waited for had of the disks; -ENODATA: not told. */
int members_io(int dir, uint64_t *ret_read, uint64_t *ret_written);
int members_threads(int dir, uint64_t *ret);

/* Removes a cgroup, and before it the empty ones below. 0, or -EBUSY when somebody lives there. */
int members_remove(int parent, const char *name);
/* Calls for each cgroup directly below; stops and returns what is not 0. */
int members_each_child(
        int dir, int (*visit)(void *context, int dir, const char *name), void *context);
