/* Save: the state's words that are written here and read in restore.c.  For these files only. */
#pragma once

#include "fleet/callers.h"
#include "fleet/failures.h"
#include "fleet/jobs.h"
#include "fleet/state.h"

extern const char *const save_phases[]; /* of a command */
enum { SAVE_PHASES = COMMAND_LASTING + 1 };
extern const char *const save_requests[]; /* their types */
enum { SAVE_REQUESTS = FLEET_TEST_START_PROCESS + 1 };

void save_sequencing(const struct sequencing *, struct saver *); /* inner items of the fleet */
void save_instance(struct saver *, const char *key, unsigned instance); /* FLEET_NONE: left out */
