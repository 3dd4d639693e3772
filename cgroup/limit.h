/* Limits of a slot, or of the slice that the slots of its group share: values in the words of the
 * files of cgroup v2 ("memory.max"), which are translated where v1 has the controller. */
#pragma once

#include <stdbool.h>

#include "cgroup/tree.h"

/* The set of the controller that has the file; 0: there is no such limit. */
unsigned limit_controller(const char *file);
/* Whether that file is to be had here: 0, or -EOPNOTSUPP and why not.  The tree may be NULL.  A
 * controller of v1 that nobody has asked for yet is taken. */
int cgroup_limit_check(struct cgroup_tree *, const char *file, struct err *)
        __attribute__((warn_unused_result));
/* Whether the machine offers the controller at all, as far as can be told without a group: 0, or
 * -EOPNOTSUPP and why not. */
int cgroup_limit_offered(const char *file, struct err *) __attribute__((warn_unused_result));
/* NULL for value: no limit again. */
int cgroup_limit_slot(const struct cgroup_slot *, const char *file, const char *value, struct err *)
        __attribute__((warn_unused_result));
int cgroup_limit_group(const struct cgroup_slot *, const char *file, const char *value,
        struct err *) __attribute__((warn_unused_result));
/* cgroup.freeze; is_frozen may not hold yet when it returns.  -EOPNOTSUPP: a kernel before 5.2. */
int cgroup_slot_freeze(const struct cgroup_slot *, bool frozen) __attribute__((warn_unused_result));
