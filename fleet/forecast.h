/* The forecast: where something would start.  The starter runs on a copy of the fleet, whose every
 * order succeeds; nothing is changed. */
#pragma once

#include "fleet/checks.h"

struct answer *forecast_make(struct fleet *, const struct fleet_request *, const struct subject *);
