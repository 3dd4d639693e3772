/* The timer of a machine that tells when it wants to be asked again. */
#pragma once

#include <systemd/sd-event.h>

#include "base/clock.h"

/* 'armed' is what the source was set to the last time.  USEC_NEVER: it is switched off. */
void timer_arm(sd_event_source *, usec_t *armed, usec_t deadline);
