/* Deadlines: which slot wants EV_TIMER next.  A binary heap, so that a thousand programs that start
 * at once cost no more than their number. */
#pragma once

#include "engine/state.h"

/* Files the slot under its process.deadline; USEC_NEVER takes it out. */
void deadlines_update(struct deadlines *, struct slot *);
void deadlines_remove(struct deadlines *, struct slot *);
usec_t deadlines_first(const struct deadlines *);
struct slot *deadlines_due(const struct deadlines *, usec_t now); /* NULL: none yet */
void deadlines_clear(struct deadlines *);
