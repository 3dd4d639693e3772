/* Pace: how often something may be done, so many times within each span.  Pure. */
#pragma once

#include "base/clock.h"

struct pace { /* all zero: nothing was done yet */
        usec_t since;
        unsigned count;
};

struct pace_limit {
        unsigned count_max;
        usec_t span_usec;
};

/* 0: it may be done now, and is counted; else the time from which on it may. */
usec_t pace_take(struct pace *, const struct pace_limit *, usec_t now);
