/* The monotonic clock, for those who act; pure folders get the time with what happens. */
#pragma once

#include "base/clock.h"

usec_t monotonic_now(void); /* CLOCK_MONOTONIC */
