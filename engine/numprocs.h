/* Numprocs: programs that get more processes, or fewer, while they run.
 *
 * The configuration of the group stays as it was read: a reread compares that. */
#pragma once

#include "engine/state.h"

/* More processes than this in all are a mistake rather than a wish; as when reading. */
enum { NUMPROCS_PROCESSES_MAX = 100000 };

/* REQUEST_NUMPROCS, and the answer to what it has asked of the daemon. */
void numprocs_take(struct engine *, const struct request *);
void numprocs_expanded(struct engine *, uint64_t request, const struct program_set *, enum fault,
        const char *error);

/* An obsolete process has a new state; once it rests it goes, at the end of the step. */
void numprocs_came_to_rest(struct engine *, struct slot *);
void numprocs_remove_resting(struct engine *);
