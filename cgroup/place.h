/* Where the subtree goes: the directory that it is made in, its own directory, the lock that tells
 * a live instance from a dead one's leftovers, and the controllers that work there.
 *
 * Names of ours, with '+' in them, which no escaped name has:
 *      reeve-<instance>            the subtree, in our own cgroup
 *      reeve-<instance>+<pid>      the same, while another live instance holds that name
 *      reeve-<instance>+daemon     the leaf that the daemon moves into where it must leave the top
 * A given root is itself the subtree, unless another holds it. "lock" in a subtree is an empty
 * cgroup that only we may open, held with flock(2). */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"
#include "cgroup/controller.h"
#include "cgroup/tree.h"

struct place {
        int parent; /* the directory that the subtree is in, or the given root; cgroup v2 */
        int dir;    /* the subtree */
        int lock;
        char *parent_path;
        char *path;
        char *stem;                /* "reeve-<instance>" */
        char *name;                /* stem, or with +<pid> */
        bool is_root;              /* the subtree is the given root itself: never removed */
        bool moved;                /* the daemon sits in the leaf */
        unsigned parent_turned_on; /* controllers that we enabled in our own cgroup */
        unsigned controllers;      /* those that slots have */
        const char *why_not;       /* why there are not more; NULL */
        char *claim;               /* the file that stands for what lives here; NULL */
};

int place_find(const struct cgroup_options *, struct place **ret, struct err *);
/* Removes the subtree if it is empty, and then undoes what was done to our own cgroup. */
struct place *place_leave(struct place *);
DEFINE_CLEANUP(struct place *, place_leave)
struct place *place_forget(struct place *); /* closed, and nothing removed */
/* Enables, in a node of ours, what of the set it has; returns what is enabled. */
unsigned place_enable(int dir, unsigned controllers);
/* Takes the lock in a subtree.  Its fd, -EBUSY when a live instance holds it. */
int place_lock(int dir);
/* Whether somebody else is going to go on with who lives in a subtree: its mark names a file that
 * is there, and is not ours. */
bool place_is_claimed(const struct place *, int dir);
/* Whether a directory's name is that of a subtree that had to be called after a pid. */
bool place_is_sibling(const struct place *, const char *name);
