/* Controllers that only v1 hierarchies have (hybrid hosts): groups of our names below the daemon's
 * own, made and removed through libcgroup, which finds the mounts.  Never on a hot path.
 *
 * libcgroup's trouble lies with v2 (it enables controllers in groups that are not ours, and does
 * not see a v2 mount without controllers); it is asked for v1 only, from one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/descriptors.h"
#include "base/mem.h"
#include "base/text.h"
#include "cgroup/controller.h"

struct v1;

/* Takes those of 'wanted' (a set) that a v1 hierarchy has and that work here, in a group 'name'
 * below our own.  NULL when there is none. */
struct v1 *v1_open(const char *name, unsigned wanted);
/* One more, also where there was none yet; 'v1' may be NULL before.  0 or a negative errno. */
int v1_add(struct v1 **, const char *name, enum controller) __attribute__((warn_unused_result));
/* Whether a v1 hierarchy has the controller, ours or not. */
bool v1_has(enum controller);
struct v1 *v1_close(struct v1 *); /* removes what is empty; takes NULL, returns NULL */
DEFINE_CLEANUP(struct v1 *, v1_close)

unsigned v1_controllers(const struct v1 *); /* NULL: none */
/* The open directory of our group for it; borrowed. -1 when the controller is not taken from v1. */
int v1_dir(const struct v1 *, enum controller);
/* A group below ours, with those above it; *is_new, unless NULL, is cleared when it was there. */
int v1_make(struct v1 *, const char *path, bool *is_new);
/* Processors that a group and those below it may use; the list is that of cpuset.cpus, NULL: those
 * of the group above. */
int v1_set_cpus(const struct v1 *, const char *path, const char *list)
        __attribute__((warn_unused_result));
void v1_remove(struct v1 *, const char *path); /* if it is empty */
/* As inner items "v1" of the one that was begun last; NULL: none.  Restored of that one. */
void v1_save(const struct v1 *, struct saver *, struct descriptors *);
struct v1 *v1_restore(struct saved_item *, struct descriptors *);
struct v1 *v1_forget(struct v1 *); /* closed, and nothing removed; takes NULL */
void v1_clear(struct v1 *);        /* all that is empty below ours */
