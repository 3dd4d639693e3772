/* Handover: the subtree and what is known of its slots as text, for the next image of the daemon,
 * which may not be allowed any more to find or make all of it: the directories go along. */
#pragma once

#include "base/descriptors.h"
#include "cgroup/tree.h"

/* Items "cgroup_tree" and "cgroup_slot"; 'descriptors' as for descriptors_save().  The tree is
 * asked to be left alone after that: closing it would take away what the next image uses. */
void cgroup_tree_save(const struct cgroup_tree *, struct saver *, struct descriptors *);
void cgroup_slot_save(const struct cgroup_slot *, struct saver *, struct descriptors *);

/* Of the item; nothing is looked for, made or ended.  -EBADMSG: what is wrong with it. */
int cgroup_tree_restore(struct saved_item *, struct descriptors *, struct log_sink,
        struct cgroup_tree **ret, struct err *) __attribute__((warn_unused_result));
/* Into a slot that was opened just now. */
void cgroup_slot_restore(struct cgroup_slot *, struct saved_item *, struct descriptors *);
