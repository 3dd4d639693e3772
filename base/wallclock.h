/* The wall clock, for times that are told and never for decisions: somebody may set it. */
#pragma once

#include "base/clock.h"

usec_t wallclock_now(void); /* CLOCK_REALTIME */
