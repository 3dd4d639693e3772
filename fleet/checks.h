/* Checks: whether a request may be, in the order that its callers know. */
#pragma once

#include "fleet/agenda.h"

struct subject { /* what a request is about */
        struct fleet_application *application;
        struct fleet_process **processes; /* owned */
        size_t count;
        bool is_group; /* the namespec means all of the application */
};

void subject_clear(struct subject *);
static inline void subject_clear_at(struct subject *subject)
{
        subject_clear(subject);
}

/* NULL: the request may be asked in the state of the cluster; or the fault. */
struct answer *checks_state(const struct fleet *, enum fleet_request_type);
/* NULL and *ret; or the fault. */
struct answer *checks_run(struct fleet *, const struct fleet_request *, struct subject *ret);
