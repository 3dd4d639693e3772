/* The timer of a machine: see timer.h. */
#include "loop/timer.h"

void timer_arm(sd_event_source *source, usec_t *armed, usec_t deadline)
{
        if (deadline == *armed)
                return;
        *armed = deadline;
        /* Neither fails with a source and arguments that are right. */
        (void)sd_event_source_set_time(source, deadline == USEC_NEVER ? UINT64_MAX : deadline);
        (void)sd_event_source_set_enabled(
                source, deadline == USEC_NEVER ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}
