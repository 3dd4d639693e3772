/* Controllers that only v1 hierarchies have (hybrid hosts): groups of our names below the daemon's
 * own, made and removed through libcgroup, which finds the mounts.  Never on a hot path.
 *
 * libcgroup's trouble lies with v2 (it enables controllers in groups that are not ours, and does
 * not see a v2 mount without controllers); it is asked for v1 only, from one thread. */
#pragma once

#include <stddef.h>

#include "base/mem.h"
#include "base/text.h"
#include "cgroup/controller.h"

struct v1;

/* Takes those of 'wanted' (a set) that a v1 hierarchy has and that work here, in a group 'name'
 * below our own.  NULL when there is none. */
struct v1 *v1_open(const char *name, unsigned wanted);
struct v1 *v1_close(struct v1 *); /* removes what is empty; takes NULL, returns NULL */
DEFINE_CLEANUP(struct v1 *, v1_close)

unsigned v1_controllers(const struct v1 *); /* NULL: none */
/* The open directory of our group for it; borrowed. -1 when the controller is not taken from v1. */
int v1_dir(const struct v1 *, enum controller);
/* A group below ours, with those above it; *is_new, unless NULL, is cleared when it was there. */
int v1_make(struct v1 *, const char *path, bool *is_new);
void v1_remove(struct v1 *, const char *path); /* if it is empty */
void v1_clear(struct v1 *);                    /* all that is empty below ours */
