/* Operations: what starting, stopping and signalling one process means for the caller who asked. */
#pragma once

#include "engine/state.h"

/* Sets all of the work going; it may be done at once, and gone. */
void operations_run(struct engine *, struct work *);
struct operation *operations_find(const struct slot *, uint64_t ticket);
bool operations_is_signal(const struct operation *);

/* Something that they may have waited for has happened. */
void operations_checked(
        struct engine *, struct operation *, enum fault, const char *text); /* the command */
void operations_spawned(struct engine *, struct slot *);
void operations_signalled(struct engine *, struct operation *, const char *failure);
void operations_follow(struct engine *, struct slot *); /* a new state */

/* The slot is about to go away. */
void operations_end(struct engine *, struct slot *);
/* It will not go away after all. */
void operations_stay(struct engine *, struct slot *);
/* The daemon shuts down: what has not been issued will not be. */
void operations_refuse(struct engine *, struct slot *);
