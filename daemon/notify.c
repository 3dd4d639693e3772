/* What the service manager is told: see notify.h. */
#include "daemon/notify.h"

#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "base/monotonic.h"
#include "daemon/daemon.h"

enum { STATUS_DELAY_USEC = 250 * 1000 };

/* A failure to notify is the manager's business, not ours: hence the ignored results below. */

static void send_status(struct daemon *d)
{
        size_t total = 0, running = 0, failed = 0;

        for (size_t i = 0; i < engine_groups_count(d->engine); i++) {
                struct engine_group group = engine_group_at(d->engine, i);

                for (size_t j = 0; j < group.processes_count; j++) {
                        total++;
                        running += group.processes[j]->state == RUNNING;
                        failed += group.processes[j]->state == FATAL;
                }
        }
        (void)sd_notifyf(
                0, "STATUS=%zu of %zu processes running, %zu failed", running, total, failed);
}

static int on_status(sd_event_source *source, uint64_t usec, void *context)
{
        send_status(context);
        return 0;
}

void notify_status_changed(struct daemon *d)
{
        int enabled = SD_EVENT_OFF;

        if (!getenv("NOTIFY_SOCKET"))
                return;
        if (d->status_source && sd_event_source_get_enabled(d->status_source, &enabled) > 0)
                return;
        if (!d->status_source) {
                (void)sd_event_add_time_relative(d->loop, &d->status_source, CLOCK_MONOTONIC,
                        STATUS_DELAY_USEC, 0, on_status, d);
                return;
        }
        (void)sd_event_source_set_time_relative(d->status_source, STATUS_DELAY_USEC);
        (void)sd_event_source_set_enabled(d->status_source, SD_EVENT_ONESHOT);
}

void notify_ready(struct daemon *d)
{
        (void)sd_notifyf(0, "READY=1\nMAINPID=%d", getpid());
        notify_status_changed(d);
}

void notify_reloading(void)
{
        (void)sd_notifyf(
                0, "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)monotonic_now());
}

void notify_mood(struct daemon *d, enum mood mood)
{
        switch (mood) {
        case MOOD_SHUTDOWN:
                (void)sd_notify(0, "STOPPING=1\nSTATUS=Stopping all processes");
                break;
        case MOOD_RESTARTING:
                (void)sd_notify(0, "STATUS=Stopping all processes before a restart");
                break;
        case MOOD_RUNNING:
                break;
        }
}
