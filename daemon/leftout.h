/* What is left out of a state file: an event that daemons seem to fail of when they go on from it.
 *
 * A record behind it says so to whoever reads the file next, since nothing is ever taken out of it
 * and the next records follow there.  With the event goes its step, and whoever was born in that:
 * the engine does not know of him and will start another one, so he is to be ended. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "daemon/statefile.h"

struct leftout;

/* Reads the records from the beginning and goes back there.  'last_too': the last event as well,
 * and the record of that is written by leftout_settle(). */
struct leftout *leftout_new(struct statefile *, bool last_too);
struct leftout *leftout_free(struct leftout *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct leftout *, leftout_free)

/* Of each record in turn: whether it is left out.  'has_waiting': an event waits for its step. */
bool leftout_takes(struct leftout *, const struct statefile_record *, bool has_waiting);
/* Everything that is still to be read, for the record before it is damaged. */
void leftout_take_rest(struct leftout *, struct statefile *);
/* Behind the last record.  Whether an event was left out now, and not by an earlier daemon. */
bool leftout_settle(struct leftout *, struct statefile *);
/* SIGKILL to those who were born in what was left out and are still there; how many. */
unsigned leftout_end_births(struct leftout *);
