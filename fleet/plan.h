/* The plan: what is started when the fleet is distributed. */
#pragma once

#include "fleet/agenda.h"

/* The applications with a start_sequence that were never started, or have failed; with 'resume'
 * also those that somebody was about to start.  For the holders; true: there are some. */
bool plan_sequence(struct fleet *, bool resume, unsigned local, const struct holders *);
