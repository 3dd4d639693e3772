/* Adoption: an engine that was restored after a crash is told how things really are.
 *
 * The text that it was restored from may be older than that: what ran may be gone, or run again
 * with another pid, and what did not run may run now. */
#pragma once

#include "engine/event.h"
#include "engine/state.h"

void adoption_adopt(struct engine *, struct slot *, const struct event *); /* EV_ADOPTED */
void adoption_lose(struct engine *, struct slot *, const struct event *);  /* EV_LOST */
void adoption_end(struct engine *);                                        /* EV_RECOVERED */
