/* The starter: applications and processes are started in the order of their ranks, each where the
 * rules allow it. */
#pragma once

#include "fleet/agenda.h"

struct wish { /* how something is to be started */
        enum starting_strategy strategy;
        unsigned local;                /* the instance that LOCAL means */
        uint64_t batch;                /* 0: by ourselves; else the request that asks */
        const char *args;              /* NULL: those that it had */
        const struct holders *holders; /* who waits; may be NULL */
        bool alone;                    /* before the others of its application */
};

/* As the master wishes it: the application's strategy, nobody waits. */
struct wish starter_wish(const struct fleet_application *);

/* Its processes with a start_sequence; false: there are none. */
bool starter_add_application(struct fleet *, struct fleet_application *, const struct wish *);
void starter_add_process(struct fleet *, struct fleet_process *, const struct wish *);
/* What is planned of it is forgotten.  True: something has been ordered and not been seen yet; the
 * application will be stopped after it, for whom the holders say. */
bool starter_cut_short(struct fleet *, struct fleet_application *, const struct holders *stop_for);
/* Where the process would be started if that were all; FLEET_NONE: nowhere. */
unsigned starter_find_place(struct fleet *, struct fleet_process *, const struct wish *);

void starter_record(struct fleet *, struct fleet_record *);
void starter_forget(struct fleet *, struct fleet_process *, unsigned instance);
void starter_lost(struct fleet *, unsigned instance);
void starter_refused(struct fleet *, uint64_t ticket, enum fault, const char *text);
void starter_timer(struct fleet *);
/* Everything that can be ordered now is; true: something has changed. */
bool starter_advance(struct fleet *);

/* Shows the process as it is not known to be: FLEET_FX_FORCE. */
void starter_force(struct fleet *, struct fleet_process *, enum process_state, const char *reason,
        unsigned target);
