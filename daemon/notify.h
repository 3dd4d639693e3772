/* What the service manager is told: readiness, state, a line of status, the watchdog
 * (sd_notify(3)). */
#pragma once

#include <stddef.h>

#include "engine/effects.h"

struct daemon;

enum { NOTIFY_FDS_MAX = 8 };

/* One message, with descriptors that stay the caller's (NOTIFY_FDS_MAX at most), without waiting
 * for a manager that is slow: -EAGAIN then, or another negative errno; -ENOENT: there is none. */
int notify_send(const char *words, const int *fds, size_t count)
        __attribute__((warn_unused_result));
void notify_ready(struct daemon *);
void notify_reloading(void); /* until notify_ready() */
void notify_mood(struct daemon *, enum mood);
/* Marks the status line stale; it is sent a little later, once for many changes. */
void notify_status_changed(struct daemon *);
