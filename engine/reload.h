/* Reload: the configuration as it was last read, against the one that is active. */
#pragma once

#include "engine/state.h"

void reload_set_pending(struct engine *, const struct program_set *);
/* What an update would do: the groups that are new, different, or gone. */
struct answer *reload_diff(const struct engine *);
