/* Conciliation: of a process that runs more than once, which of it is kept. */
#pragma once

#include "fleet/agenda.h"

/* Applies the strategy to all conflicts of managed applications. */
void conciliation_apply(struct fleet *, enum conciliation_strategy);
