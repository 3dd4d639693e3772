/* The cgroup subtree that holds our programs, one group per process slot.
 *
 *   <root>/<group>.slice/<process>.scope       names escaped, suffixes keep clear of kernel files
 *
 * cgroup v2 is driven through directory fds.  On hosts where v2 lacks the memory or pids
 * controller, they are taken from v1 (through libcgroup), in groups of the same names under the
 * daemon's own. Every function that can fail gives a negative errno; nothing here logs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

struct cgroup_tree;
struct cgroup_slot;

enum { CGROUP_V1_FDS_MAX = 5 }; /* no slot has more v1 groups */

struct cgroup_options {
        const char *root; /* a delegated directory that we were given; NULL: find or make our own */
        const char *instance; /* a name for the subtree, stable over restarts of this instance */
        /* Files of cgroup v2 that limits will ask for, NULL at the end; NULL: none.  Their
         * controllers are taken from v1 where v2 has them not, as long as that is allowed. */
        const char *const *limits;
        struct log_sink sink; /* told of leftovers that were found and ended; write may be NULL */
        /* Leave populated slots alone, for cgroup_slot_open() to find again (after a re-exec, or
         * where programs are adopted); cgroup_tree_sweep() then ends those that nobody opened. */
        bool adopt;
        /* A file that stands for what lives in the subtree, as somebody goes on from it after a
         * crash: as long as it is there, others of our name leave that subtree alone.  NULL: none.
         */
        const char *claim;
        const char *name; /* of the subtree that such a file speaks of; NULL: none */
};

/* Finds or makes the subtree, ends what an earlier run left in it.  A failure means that there is
 * none to be had here, and says why; the daemon runs on without. */
int cgroup_tree_open(const struct cgroup_options *, struct cgroup_tree **ret, struct err *);
/* Removes what is empty; takes NULL, returns NULL.  After all slots are closed. */
struct cgroup_tree *cgroup_tree_close(struct cgroup_tree *);
DEFINE_CLEANUP(struct cgroup_tree *, cgroup_tree_close)
/* Hands the subtree to a user whom the daemon is about to become, and moves the daemon into a leaf
 * of it, which stays behind at the end: a plain user cannot leave it again.  Not for a given root.
 */
int cgroup_tree_give(struct cgroup_tree *, uid_t, gid_t, struct err *);
/* One sentence for the log: where it is, and which controller is taken from where. */
const char *cgroup_tree_describe(const struct cgroup_tree *);
const char *cgroup_tree_name(const struct cgroup_tree *); /* of its directory */
/* Whether no controller is missing that it would use. */
bool cgroup_tree_is_complete(const struct cgroup_tree *);
void cgroup_tree_sweep(struct cgroup_tree *); /* ends what lives outside of every open slot */

/* Makes the slot's group, or finds it again.  A slot that is open already is given once more, and
 * is closed as often as it was opened. */
int cgroup_slot_open(struct cgroup_tree *, const char *group, const char *process,
        struct cgroup_slot **ret, struct err *);
/* The same for one that ought to be there, which costs much less if it is. */
int cgroup_slot_find(struct cgroup_tree *, const char *group, const char *process,
        struct cgroup_slot **ret, struct err *);
/* Removes the group if it is empty; takes NULL, returns NULL. */
struct cgroup_slot *cgroup_slot_close(struct cgroup_slot *);
DEFINE_CLEANUP(struct cgroup_slot *, cgroup_slot_close)

/* Before a start, with nobody in it: 0 when a process can be born into the group.  It is made anew
 * if cgroup.kill was used in it, for from Linux 6.14 on whom clone3 puts into such a group is
 * killed at once (the kernel compares its count of kills with that of the parent's group).  A
 * negative errno when that cannot be had: then a process is to be attached after its birth. */
int cgroup_slot_renew(struct cgroup_slot *);
/* Somebody else may have killed the group: told of a process that died by SIGKILL. */
void cgroup_slot_distrust(struct cgroup_slot *);
/* At the end of a run: whether what is in it is meant to outlive its program.  Then it is left
 * alone also by who comes to the tree after us; a run that begins takes that back. */
void cgroup_slot_spare(const struct cgroup_slot *, bool spared);
int cgroup_slot_fd(const struct cgroup_slot *); /* directory, for CLONE_INTO_CGROUP; borrowed */
/* v2 cgroup.procs opened for writing, for fork and attach; the caller closes it. */
int cgroup_slot_procs_fd(const struct cgroup_slot *);
/* v1 tasks files opened for writing, into which a child writes "0" before it execs; the
 * caller closes them.  Returns how many of 'max' (CGROUP_V1_FDS_MAX is enough) were filled in, 0
 * where v1 is not in use, or a negative errno, with none open. */
int cgroup_slot_v1_tasks_fds(const struct cgroup_slot *, int *fds, size_t max);
/* cgroup.events: EPOLLPRI at each change; read it by cgroup_slot_populated().  Opened at the first
 * call and borrowed; cgroup_slot_events_done() closes it, so that an idle slot holds one fd. */
int cgroup_slot_events_fd(struct cgroup_slot *);
void cgroup_slot_events_done(struct cgroup_slot *);
int cgroup_slot_populated(const struct cgroup_slot *); /* 1 or 0 */
/* 1 or 0; a child that is born into a frozen one stands still. */
int cgroup_slot_frozen(const struct cgroup_slot *);
/* SIGKILL to all, cgroup.kill or its substitute; they are gone when populated says 0. */
int cgroup_slot_kill(struct cgroup_slot *);
/* The same, and waits until they are gone; for the recovery, when there is nobody to keep waiting.
 * -EBUSY: some cannot be ended. */
int cgroup_slot_clear(struct cgroup_slot *);
int cgroup_slot_signal(const struct cgroup_slot *, int signal); /* to each; how many got it */
/* Calls for each member, those of cgroups below included; the sum of what the calls return. */
int cgroup_slot_each(
        const struct cgroup_slot *, int (*each)(void *context, pid_t pid), void *context);
