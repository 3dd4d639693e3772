/* Loads: what the rules say that running processes weigh, summed up by instance and by node. */
#pragma once

#include "fleet/state.h"

/* Around every change of where a process runs, of its state, or of its rules. */
void loads_withdraw(struct fleet *, struct fleet_process *);
void loads_count(struct fleet *, struct fleet_process *);
/* An instance is new, or has another node. */
void loads_regroup(struct fleet *);
