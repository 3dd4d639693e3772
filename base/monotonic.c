/* The monotonic clock: see monotonic.h. */
#include "base/monotonic.h"

#include <time.h>

usec_t monotonic_now(void)
{
        struct timespec ts;

        (void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail for this clock */
        return (usec_t)ts.tv_sec * USEC_SEC + (usec_t)ts.tv_nsec / 1000;
}
