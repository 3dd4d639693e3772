/* The agenda: all that sequencing has to do, and what it has told of it.  For its own files. */
#pragma once

#include "fleet/jobs.h"

struct caller;  /* callers.h */
struct trouble; /* failures.h */

struct sequencing {
        struct jobs starts, stops;
        struct caller *callers;
        struct trouble *troubles;
        uint64_t ticket; /* of the last order */
        bool is_moved;   /* jobs or commands have come or gone: something may be due */
        bool is_retimed; /* deadlines have changed */
        usec_t deadline; /* the earliest of all commands */

        /* What the cluster has been told last. */
        struct {
                uint64_t ticket;
                bool starting, stopping, conflict;
        } report;
        uint64_t work; /* the ticket of the work asked for last */

        bool acting;
        uint64_t mastership;
        enum fsm_state state;
        usec_t state_since;
        bool took_over;                /* somebody's jobs, maybe our own, were cut off */
        bool is_new;                   /* this mastership has not distributed yet */
        bool is_distributed;           /* the work of the last DISTRIBUTION has come */
        bool wants_end, wants_restart; /* of the whole, by a running failure */
        bool stops_all;                /* whatever starts now is to be stopped */
        bool has_lost;                 /* some process->lost may be set */
        usec_t lost_since;             /* the last of them */
        bool has_worked;               /* it has been in OPERATION: it knows what was decided */

        char *rest; /* saved_rest() of a later build; NULL: nothing */

        const struct sequencing *beneath; /* a forecast: what is really under way */
};
