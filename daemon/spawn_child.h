/* The child's side of a start, for spawn.c. */
#pragma once

#include "daemon/cradle.h"

enum { SPAWN_KERNEL_SIGNALS = 64 };

/* Runs in the child, on the stack of the cradle, which it is given; comes back never. */
int spawn_child(void *cradle);
