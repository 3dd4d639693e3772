/* Records: what the instances tell of the processes that they configure. */
#pragma once

#include "fleet/state.h"

void records_report(struct fleet *, unsigned instance, const struct fleet_report *);
/* All of the instance: what is not among them is gone there. */
void records_snapshot(struct fleet *, unsigned instance, const struct fleet_report *, size_t count);
/* name NULL: the whole group. */
void records_removed(struct fleet *, unsigned instance, const char *group, const char *name);
/* Other rules hold for the process. */
void records_rule(struct fleet *, struct fleet_process *);
/* The instance is lost, and with it what ran there. */
void records_lose(struct fleet *, unsigned instance);
bool records_run_on(const struct fleet *, unsigned instance); /* or are being stopped there */
