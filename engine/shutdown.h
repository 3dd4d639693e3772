/* Shutdown: stopping everything, one group after the other, for an end or for a restart. */
#pragma once

#include "engine/state.h"

/* Begins, or turns a restart into an end. */
void shutdown_begin(struct engine *, bool restart);
/* After each event: the next group when the last one is gone, and the end when all are. */
void shutdown_continue(struct engine *);
/* Something of the group runs after all: while shutting down it is stopped once more in its turn.
 */
void shutdown_take_back(struct engine *, struct group *);
usec_t shutdown_deadline(const struct engine *);
