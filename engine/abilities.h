/* Abilities: programs that are disabled, whose processes nothing starts, and enabling them again.
 */
#pragma once

#include "engine/state.h"

/* As an earlier life left it; before there are processes. */
void abilities_remember(struct engine *, const char *program);
bool abilities_is_disabled(const struct engine *, const struct program *);
void abilities_free_all(struct engine *);

/* REQUEST_ENABLE and REQUEST_DISABLE. */
void abilities_take(struct engine *, const struct request *);
