/* Requests: what callers ask for, from the question to the one answer. */
#pragma once

#include "engine/state.h"

void requests_take(struct engine *, const struct request *);
void requests_drop(struct engine *, uint64_t id);
/* The result of a reading, for a reload, for a restart, or for a restart that a signal asked for.
 */
void requests_config_read(
        struct engine *, uint64_t id, const struct program_set *, const char *error);
/* Whether the daemon can have the group that is to be added. */
void requests_limits_changed(struct engine *, uint64_t id, const char *error);
void requests_group_checked(struct engine *, uint64_t id, const char *name, const char *error);
void requests_read_for_restart(struct engine *);
void requests_read_again(struct engine *); /* the result of such a reading will not come any more */

/* The daemon begins to shut down: whoever has not been served is refused. */
void requests_refuse(struct engine *);
/* Everything has stopped, so nobody needs to wait any longer. */
void requests_finish(struct engine *);
