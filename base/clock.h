/* Time: microseconds, and arithmetic on them that saturates instead of wrapping.  Reads no clock.
 */
#pragma once

#include <stdint.h>

typedef uint64_t usec_t;

#define USEC_SEC   ((usec_t)1000000)
#define USEC_MSEC  ((usec_t)1000)
#define USEC_NEVER UINT64_MAX

/* a + b, USEC_NEVER when that would overflow or either is USEC_NEVER. */
static inline usec_t usec_add(usec_t a, usec_t b)
{
        return a > USEC_NEVER - b ? USEC_NEVER : a + b;
}

/* a - b, 0 when b is later than a. */
static inline usec_t usec_sub(usec_t a, usec_t b)
{
        return a > b ? a - b : 0;
}

static inline usec_t usec_min(usec_t a, usec_t b)
{
        return a < b ? a : b;
}

/* A configured number of whole seconds; what is negative counts as 0, what is absurd as never. */
static inline usec_t usec_from_secs(int64_t secs)
{
        if (secs <= 0)
                return 0;
        return (uint64_t)secs > USEC_NEVER / USEC_SEC ? USEC_NEVER : (usec_t)secs * USEC_SEC;
}
