/* The wall clock: see wallclock.h. */
#include "base/wallclock.h"

#include <time.h>

usec_t wallclock_now(void)
{
        struct timespec ts;

        (void)clock_gettime(CLOCK_REALTIME, &ts); /* cannot fail for this clock */
        return (usec_t)ts.tv_sec * USEC_SEC + (usec_t)ts.tv_nsec / 1000;
}
