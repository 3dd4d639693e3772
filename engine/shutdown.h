/* Shutdown: stopping everything, one group after the other, for an end or for a restart. */
#pragma once

#include "engine/state.h"

/* Begins, or turns a restart into an end. */
void shutdown_begin(struct engine *, bool restart);
/* After each event: the next group when the last one is gone, and the end when all are. */
void shutdown_continue(struct engine *);
/* Whether the group has been told to stop, so that nobody tells it again. */
bool shutdown_is_past(const struct engine *, const struct group *);
usec_t shutdown_deadline(const struct engine *);
