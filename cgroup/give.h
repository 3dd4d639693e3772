/* Whose the subtree is: cgroup_tree_give() of tree.h, and what comes after it. */
#pragma once

#include "cgroup/slots.h"
#include "cgroup/tree.h"

/* Takes back what an earlier life had handed to another user and left behind. */
int give_take_back(struct cgroup_tree *);
