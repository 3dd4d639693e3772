/* The cluster's state machine, as one instance runs it.  Pure.
 *
 * It owns the state, nothing else: who is there (peers.h), who is master (election.h) and what the
 * local starter and stopper do come in as facts; the transitions leave as effects.  Names, numbers
 * and meaning of the states are Supvisors'. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

enum fsm_state { /* numbers of the API and the wire */
        FSM_OFF,
        FSM_SYNCHRONIZATION,
        FSM_ELECTION,
        FSM_DISTRIBUTION,
        FSM_OPERATION,
        FSM_CONCILIATION,
        FSM_RESTARTING,
        FSM_SHUTTING_DOWN,
        FSM_FINAL,
};
#define FSM_STATES 9

enum fsm_input {
        FSM_LOCAL_READY,  /* the local instance is RUNNING */
        FSM_LOCAL_LOST,   /* it is not any more: it was absent */
        FSM_SYNCHRONIZED, /* a synchronization condition holds, or a master works already */
        FSM_RESYNC,       /* the failure strategy sends back */
        FSM_MASTER_LOST,  /* no master, or another one */
        FSM_NEWCOMER,     /* an instance has joined: applications are to be looked at again */
        FSM_ELECTED,      /* there is a master, and (for others than him) he is at work */
        FSM_STARTED,      /* everything is distributed */
        FSM_CONFLICT,     /* a process runs more than once */
        FSM_CONCILIATED,
        FSM_RESTART,  /* of the whole */
        FSM_SHUTDOWN, /* of the whole */
        FSM_ENDED,    /* everything is stopped, or nobody is left to stop it */
};
#define FSM_INPUTS 13

#define FSM_SAME FSM_STATES /* of fsm_next(): the input means nothing in this state */

enum fsm_work { FSM_WORK_NONE, FSM_WORK_DISTRIBUTE, FSM_WORK_CONCILIATE, FSM_WORK_STOP };

struct cluster_options;
struct cluster_effects;

/* What the machine is told at every evaluation. */
struct fsm_facts {
        usec_t now;
        bool local_running;
        unsigned listed, listed_running; /* of supvisors_list, ourselves included */
        unsigned known, running;         /* LIST: known are those that could be RUNNING */
        unsigned core, core_running;     /* resolved core identifiers */
        bool lost;                       /* a RUNNING instance was lost since the last evaluation */
        bool nominee_running;            /* a user has chosen a master, and it is RUNNING */
        bool master_known;               /* a master whom we follow, or ourselves */
        bool acting;                     /* it is ourselves */
        bool newcomer;  /* acting: an instance that follows us is to be distributed over */
        bool contested; /* acting, with a conflict: an instance that is there does not follow us */
        uint64_t mastership;         /* changes whenever the master is another one than before */
        enum fsm_state master_state; /* as the master tells; master_known and not acting */
        bool master_restarts;        /* its end is a restart */
        bool unfollowed; /* acting, in an end: somebody RUNNING has not followed into it yet */
};

struct fsm {
        enum fsm_state state;
        usec_t since;
        usec_t uptime_from;   /* entry of OFF: synchro_timeout counts from here */
        bool degraded;        /* a selected STRICT, LIST or CORE does not hold */
        bool resync;          /* SYNCHRONIZATION was entered by the failure strategy */
        bool restart;         /* the end is a restart */
        bool end_seen;        /* the master was seen in the same end */
        uint64_t mastership;  /* at the last evaluation */
        uint64_t ticket;      /* of the work asked for; what is reported of older ones is stale */
        uint64_t ticket_done; /* of the last report */
        bool starting, stopping, conflict, was_busy; /* that report */
};

enum fsm_state fsm_next(enum fsm_state, enum fsm_input); /* FSM_SAME where it is ignored */
const char *fsm_state_name(enum fsm_state);              /* "OPERATION" */
const char *fsm_input_name(enum fsm_input);              /* "newcomer" */
bool fsm_is_working(enum fsm_state);                     /* ELECTION to CONCILIATION */
bool fsm_is_ending(enum fsm_state);                      /* RESTARTING, SHUTTING_DOWN */

void fsm_start(struct fsm *, usec_t now);
/* The local starter and stopper report; ticket as in CLUSTER_FX_WORK, 0 before the first one. */
void fsm_report(struct fsm *, uint64_t ticket, bool starting, bool stopping, bool conflict);
/* One evaluation: true when the state has changed, so that another one is due. */
bool fsm_step(struct fsm *, const struct cluster_options *, const struct fsm_facts *,
        struct cluster_effects *);
/* A user, or a running failure, asks for the end of the whole; only the master's machine is asked.
 * False when the state does not allow it. */
bool fsm_end(struct fsm *, bool restart, bool acting, usec_t now, struct cluster_effects *);
/* When time alone may change something; always after now. */
usec_t fsm_deadline(const struct fsm *, const struct cluster_options *, usec_t now);
