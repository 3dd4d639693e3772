/* Pace: see pace.h. */
#include "daemon/pace.h"

usec_t pace_take(struct pace *pace, const struct pace_limit *limit, usec_t now)
{
        if (pace->count == 0 || now >= usec_add(pace->since, limit->span_usec))
                *pace = (struct pace){ .since = now };
        if (pace->count >= limit->count_max)
                return usec_add(pace->since, limit->span_usec);
        pace->count++;
        return 0;
}
