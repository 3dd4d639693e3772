/* Ticks: the events that come every 5, 60 and 3600 seconds of wall-clock time, for those who
 * listen. While nobody does there is no deadline, so that the daemon sleeps. */
#pragma once

#include "engine/state.h"

/* After each event, when subscriptions and the time are known. */
void ticks_check(struct engine *);
