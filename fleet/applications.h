/* Applications: their rules, and the state and failures that their processes come to. */
#pragma once

#include "fleet/state.h"

struct fleet_application *applications_add(struct fleet *, const char *name);
void applications_remove(struct fleet *, struct fleet_application *); /* it has no process left */
void applications_release(struct fleet *, struct fleet_application *);
/* Other rules hold. */
void applications_rule(struct fleet *, struct fleet_application *);
/* What is shown of the process, or its rules, may have changed. */
void applications_count(struct fleet *, struct fleet_process *);
void applications_discount(struct fleet *, struct fleet_process *);
/* All that have been touched in this step: state, failures, and whether watchers are to hear. */
void applications_refresh(struct fleet *);
/* Log lines of the rules; the notes are released. */
void applications_log_notes(struct fleet *, struct rules_notes *);
