/* Listing: see listing.h. */
#include "rpc/listing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/monotonic.h"
#include "base/wallclock.h"

int64_t listing_epoch_secs(usec_t wall)
{
        usec_t secs = wall / USEC_SEC;

        return secs > INT32_MAX ? INT32_MAX : (int64_t)secs;
}

int64_t listing_now_secs(void)
{
        return listing_epoch_secs(wallclock_now());
}

double listing_secs(usec_t usec)
{
        return (double)usec / USEC_SEC;
}

double listing_monotonic_secs(void)
{
        return listing_secs(monotonic_now());
}

void listing_append_uptime(struct text *t, pid_t pid, int64_t secs)
{
        int64_t up = secs < 0 ? 0 : secs; /* the clock was set back */
        char days[32] = "";

        if (up >= 86400)
                (void)snprintf(days, sizeof(days), "%" PRId64 " day%s, ", up / 86400,
                        up < 2 * 86400 ? "" : "s");
        up %= 86400;
        text_format(t, "pid %d, uptime %s%" PRId64 ":%02" PRId64 ":%02" PRId64, (int)pid, days,
                up / 3600, up / 60 % 60, up % 60);
}

/* Local time as %b %d %I:%M %p, in English whatever the locale. */
static void describe_stop(const struct process *process, char *s, size_t size)
{
        static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
                "Sep", "Oct", "Nov", "Dec" };
        time_t stop = (time_t)listing_epoch_secs(process->stop_wall);
        struct tm tm;

        if (process->start_wall == 0 || !localtime_r(&stop, &tm)) {
                (void)snprintf(s, size, "Not started");
                return;
        }
        (void)snprintf(s, size, "%s %02d %02d:%02d %s", months[tm.tm_mon], tm.tm_mday,
                tm.tm_hour % 12 ? tm.tm_hour % 12 : 12, tm.tm_min, tm.tm_hour < 12 ? "AM" : "PM");
}

void listing_append_description(struct text *t, const struct process *process, int64_t now)
{
        char s[80] = "";

        switch (process->state) {
        case RUNNING:
                listing_append_uptime(
                        t, process->pid, now - listing_epoch_secs(process->start_wall));
                return;
        case STOPPED:
        case EXITED:
                describe_stop(process, s, sizeof(s));
                break;
        case FATAL:
        case BACKOFF:
                if (process->spawnerr && process->spawnerr[0])
                        text_append(t, process->spawnerr);
                else
                        text_format(t, "unknown error (try \"tail %s\")", process->program->name);
                return;
        case STARTING:
        case STOPPING:
        case UNKNOWN:
        case PROCESS_STATES:
                break;
        }
        text_append(t, s);
}

void listing_append_name(struct text *t, const struct process *process)
{
        if (strcmp(process->group_name, process->program->name) != 0) {
                text_append(t, process->group_name);
                text_append(t, ":");
        }
        text_append(t, process->program->name);
}

static int compare_processes(const void *a, const void *b)
{
        const struct process *x = *(const struct process *const *)a;
        const struct process *y = *(const struct process *const *)b;
        int r = strcmp(x->group_name, y->group_name);

        return r ? r : strcmp(x->program->name, y->program->name);
}

const struct process **listing_processes(const struct engine *engine, size_t *ret_count)
{
        const struct process **all = NULL;
        size_t count = 0, capacity = 0;

        for (size_t i = 0; i < engine_groups_count(engine); i++) {
                struct engine_group group = engine_group_at(engine, i);

                all = mem_grow(all, &capacity, count + group.processes_count, sizeof(*all));
                for (size_t j = 0; j < group.processes_count; j++)
                        all[count++] = group.processes[j];
        }
        if (count > 1)
                qsort(all, count, sizeof(*all), compare_processes);
        *ret_count = count;
        return all;
}
