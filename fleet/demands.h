/* Demands: what callers ask for, whether it may be, and its beginning. */
#pragma once

#include "fleet/agenda.h"

void demands_take(struct fleet *, const struct fleet_request *);
void demands_forwarded(struct fleet *, uint64_t id, struct answer *taken);
