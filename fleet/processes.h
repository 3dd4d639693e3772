/* Processes: what the records of one process come to over all instances: its synthetic state, where
 * it runs, what is shown in place of the truth, and its extra arguments. */
#pragma once

#include "fleet/state.h"

struct fleet_process *processes_add(struct fleet *, struct fleet_application *, const char *name);
/* It has no record left; takes its application along when it was the last one. */
void processes_remove(struct fleet *, struct fleet_process *);
void processes_release(struct fleet *, struct fleet_process *); /* its records too */
/* Other rules hold. */
void processes_rule(struct fleet *, struct fleet_process *);
/* A record of its own is new, or goes.  Neither tells anybody. */
void processes_attach(struct fleet *, struct fleet_process *, struct fleet_record *);
void processes_detach(struct fleet *, struct fleet_record *);
/* Where it runs, once the record's state has changed. */
void processes_follow(struct fleet *, const struct fleet_record *);
void processes_enter(struct fleet *, struct fleet_process *, unsigned instance); /* it runs there */
/* What all records come to, and everything that depends on it; watchers hear if it shows. */
void processes_settle(struct fleet *, struct fleet_process *);
/* Other places of instances in the list: records and where it runs are sorted by it. */
void processes_sort(struct fleet *, struct fleet_process *);

/* What is to be shown in place of the state.  NULL: the process is not known, or the record that
 * the decision was based on has changed since. */
struct fleet_process *processes_force(struct fleet *, const struct fleet_event *);
void processes_unforce(struct fleet_process *);
void processes_set_args(struct fleet_process *, const char *extra_args);
void processes_record_free(struct fleet_record *);
