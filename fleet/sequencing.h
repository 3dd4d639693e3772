/* Sequencing: everything that is started, stopped and healed, in order.  The model calls these
 * after it has taken an event over; they act only while we are the acting master, but remember
 * (process->lost) also when we are not. */
#pragma once

#include "fleet/state.h"

struct sequencing *sequencing_new(void);
struct sequencing *sequencing_free(struct sequencing *);

/* A record has another state than before; or it is new, which is no event: then 'before' is its
 * state.  Not for the records of a lost instance. */
void sequencing_record(struct fleet *, struct fleet_record *, enum process_state before);
void sequencing_forced(struct fleet *, struct fleet_process *);
/* The instance was RUNNING, CHECKED or CHECKING and is not any more.  What ran only there is
 * process->lost by now. */
void sequencing_lost(struct fleet *, unsigned instance);
/* Nothing has been decided here yet, in this life. */
bool sequencing_is_new(const struct fleet *);
void sequencing_note_loss(struct fleet *); /* some process->lost has been set */
/* It is planned, or on its way. */
bool sequencing_is_to_start(const struct fleet *, const struct fleet_process *);
void sequencing_joined(struct fleet *, unsigned instance); /* RUNNING */
/* About to be released. */
void sequencing_forget_record(struct fleet *, struct fleet_record *);
void sequencing_forget_process(struct fleet *, struct fleet_process *);
void sequencing_forget_application(struct fleet *, struct fleet_application *);

void sequencing_state(struct fleet *, const struct fleet_event *);
void sequencing_work(struct fleet *, enum fsm_work, uint64_t ticket);
void sequencing_ordered(struct fleet *, uint64_t ticket, enum fault, const char *text);
void sequencing_request(struct fleet *, const struct fleet_request *);
void sequencing_dropped(struct fleet *, uint64_t request);
void sequencing_forwarded(struct fleet *, uint64_t request, struct answer *taken);
void sequencing_timer(struct fleet *);
/* At the end of every step: next ranks, deferred starts, answers, the report to the cluster. */
void sequencing_settle(struct fleet *);
usec_t sequencing_deadline(const struct fleet *);
