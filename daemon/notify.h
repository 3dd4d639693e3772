/* What the service manager is told: readiness, state, a line of status, the watchdog
 * (sd_notify(3)). */
#pragma once

#include "engine/effects.h"

struct daemon;

void notify_ready(struct daemon *);
void notify_reloading(void); /* until notify_ready() */
void notify_mood(struct daemon *, enum mood);
/* Marks the status line stale; it is sent a little later, once for many changes. */
void notify_status_changed(struct daemon *);
