/* Reports: what this instance tells the cluster of its own processes.
 *
 * Keeps beside the engine what that does not: when each process last started and stopped on the
 * monotonic clock, and what was told of it, so that a state that lasts no time is told as well, and
 * a process that is gone can still be named. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/effects.h"
#include "engine/engine.h"
#include "fleet/fleet_event.h"

struct reports;
struct saved_item;
struct saver;

struct report_time {
        usec_t monotonic;
        int64_t wall_secs;
};

struct reports *reports_new(void);
struct reports *reports_free(struct reports *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct reports *, reports_free)

/* One process as of now, or as of a change (FX_STATE) that the engine may be ahead of.  False: it
 * is gone, or it has a name that no other instance would take (payload_is_name()).  The strings are
 * borrowed until the next call with these reports, and no longer than the engine rests. */
bool report_process(struct reports *, const struct engine *, uint32_t id, struct report_time,
        struct fleet_report *ret);
bool report_change(struct reports *, const struct engine *, const struct effect *change,
        struct report_time, struct fleet_report *ret);
/* All of them, which the caller releases by report_all_free(). */
struct fleet_report *report_all(
        struct reports *, const struct engine *, struct report_time, size_t *ret_count);
void report_all_free(struct fleet_report *, size_t count);
/* What was told, as items "report" of the one that was begun last; and read again from that one
 * into new ones. */
void reports_save(const struct reports *, struct saver *);
void reports_restore(struct reports *, struct saved_item *);
/* It is gone: its names, which the caller owns; false: nobody was told of it. */
bool report_removed(struct reports *, uint32_t id, char **ret_group, char **ret_name);
