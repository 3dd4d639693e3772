/* Events of the fleet: everything that can happen to what all instances run.  Pointers are borrowed
 * for the step. */
#pragma once

#include "cluster/fsm.h"
#include "engine/answer.h"
#include "fleet/model.h"

enum fleet_event_type {
        FLEET_TIMER,     /* fleet_deadline() has come */
        FLEET_INSTANCE,  /* an instance is new, or anything of it has changed */
        FLEET_SNAPSHOT,  /* all that the instance runs: what is not in it is gone there */
        FLEET_LOSSES,    /* the instance tells of processes that ran only where others were lost */
        FLEET_REPORT,    /* a process at the instance is new, or has changed */
        FLEET_REMOVED,   /* a process is gone there; process NULL: its whole group */
        FLEET_FORCED,    /* whoever drives says what is to be shown (FLEET_FX_FORCE came here) */
        FLEET_STATE,     /* the cluster's state machine, the master or his term has changed */
        FLEET_WORK,      /* we are master and are to do this, and to report it by FLEET_FX_WORK */
        FLEET_ORDERED,   /* the result of FLEET_FX_START, FLEET_FX_STOP */
        FLEET_REQUEST,   /* a caller wants something, gets exactly one FLEET_FX_ANSWER */
        FLEET_DROPPED,   /* the caller is gone: no answer is wanted, the work goes on */
        FLEET_FORWARDED, /* the master's answer to FLEET_FX_FORWARD, or that there is none */
        FLEET_RULES,     /* other rules hold from now on */
};

struct fleet_report { /* strings borrowed; as struct fleet_record */
        const char *group, *name, *program_name;
        enum process_state state;
        bool expected, disabled, obsolete, has_stdout, has_stderr, autorestart;
        pid_t pid, run_pid;
        const char *spawnerr, *description, *extra_args;
        unsigned process_index;
        int64_t startsecs, stopwaitsecs;
        usec_t start, stop, start_monotonic, stop_monotonic, event_time;
        usec_t now_monotonic; /* the sender's clock when it told */
};

/* It ran only where instances were lost, and nobody has decided about it that the sender knows of.
 * Who was not there cannot know it otherwise. */
struct fleet_loss {
        const char *group, *name;
        unsigned instance; /* that was lost, and its life; FLEET_NONE and 0: not known */
        uint64_t life;
        bool is_awaited; /* only the daemon died, and the next one may go on with it */
        /* No loss: the sender, who is master, stops it in order to start it again, or has just
         * started it, or does so no more.  The next master has to do it if this one cannot. */
        bool is_owed, is_paid;
};

enum fleet_request_type {
        FLEET_START_APPLICATION,
        FLEET_STOP_APPLICATION,
        FLEET_RESTART_APPLICATION,
        FLEET_START_PROCESS,
        FLEET_START_ANY,
        FLEET_STOP_PROCESS,
        FLEET_RESTART_PROCESS,
        FLEET_RESTART_SEQUENCE,
        FLEET_CONCILIATE,
        FLEET_TEST_START_APPLICATION, /* a forecast, made where it is asked */
        FLEET_TEST_START_PROCESS,
};

struct fleet_request {
        uint64_t id; /* the caller's ticket, not 0 */
        enum fleet_request_type type;
        unsigned origin;   /* where it was asked: LOCAL means that instance; 0: here */
        const char *name;  /* application, namespec ("g:*" and "g:" too), or pattern */
        const char *args;  /* START_PROCESS, START_ANY, RESTART_PROCESS; "": none */
        unsigned strategy; /* a starting or, for CONCILIATE, a conciliation strategy */
        bool wait;
        /* STOP_PROCESS: only there; NULL: wherever it runs */
        const unsigned *instances;
        size_t instances_count;
};

struct fleet_event {
        usec_t now;  /* CLOCK_MONOTONIC */
        usec_t wall; /* CLOCK_REALTIME, for what is reported, never for decisions */
        enum fleet_event_type type;
        unsigned instance; /* INSTANCE to FORCED (there: who drives) */
        union {
                struct {
                        const char *identifier, *nick;
                        const char *node; /* NULL: not known */
                        unsigned listed;
                        bool core;
                        enum peers_state state;
                        enum peers_why why; /* whether its processes are lost */
                        uint64_t life;      /* of its daemon; 0: not known */
                        const char *const *stereotypes;
                        size_t stereotypes_count;
                } peer;
                struct {
                        const struct fleet_report *at;
                        size_t count;
                } snapshot;
                struct {
                        const struct fleet_loss *at;
                        size_t count;
                } losses;
                const struct fleet_report *report;
                struct {
                        const char *group, *name;
                } removed;
                struct {
                        const char *group, *name;
                        enum process_state state; /* FATAL, STOPPED */
                        const char *reason;
                        unsigned target; /* FLEET_NONE: no instance was found */
                        usec_t since;    /* event_time of the target's record that this is based
                                            on; a later one makes it void; 0: holds anyway */
                        bool repeated; /* no news to whom it was told before */
                } forced;
                struct {
                        enum fsm_state state;
                        unsigned master; /* PEERS_NONE: none */
                        bool acting;
                        uint64_t mastership; /* another number, another mastership */
                        bool abort; /* jobs under way belong to a mastership that is over */
                        bool took_over_jobs; /* the master before had jobs under way */
                } state;
                struct {
                        enum fsm_work kind;
                        uint64_t ticket;
                } work;
                struct {
                        uint64_t ticket;
                        enum fault fault; /* FAULT_NONE: it was taken */
                        const char *text;
                } ordered;
                struct fleet_request request;
                uint64_t dropped;
                struct {
                        uint64_t request;
                        struct answer *answer; /* taken; NULL: the master is gone */
                } forwarded;
                struct rules *rules; /* referenced; NULL: none */
        };
};
