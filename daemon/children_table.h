/* The table of children from the inside: for the children*.c files of this folder only. */
#pragma once

#include "daemon/children.h"

struct children {
        struct child *by_id;
        struct child *by_pid; /* those that run */
};

/* In the table, with nothing else to it: the channels are to be made. */
struct child *children_new_child(struct daemon *, uint32_t id);
/* Its pid, from now on: the end of it wakes us. */
int children_watch(struct child *);
/* What is left in its cgroup: we are told when the last one goes, or at once if it has gone. */
int children_watch_empty(struct child *);
