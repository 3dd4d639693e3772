/* Placing: where the starter's commands go, with what it has under way taken into account. */
#pragma once

#include "fleet/agenda.h"
#include "fleet/placement.h"

/* The loads that have been asked for and do not show yet; the caller frees .load. */
struct placement_pending placing_pending(const struct fleet *);
/* The instance for a planned command of the job; FLEET_NONE: there is none.  For SINGLE_* all
 * planned commands of the job get their targets, whose loads are then added. */
unsigned placing_choose(
        struct fleet *, struct fleet_job *, struct command *, struct placement_pending *);
