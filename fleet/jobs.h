/* Jobs: what is being started and stopped, for whom, and what comes after it.  Data only; the
 * starter and the stopper give it its meaning. */
#pragma once

#include "fleet/sequencing.h"

/* Callers that wait for something, by their ids.  Each hold is counted with the caller. */
struct holders {
        uint64_t *at;
        size_t count;
};

enum command_phase {
        COMMAND_PLANNED,
        COMMAND_ORDERED, /* no sign of its effect yet */
        COMMAND_SEEN,    /* STARTING, BACKOFF; STOPPING */
        COMMAND_LASTING, /* RUNNING, and its exit is waited for */
};

struct command { /* one process to be started, or to be stopped at one instance */
        struct fleet_process *process;
        enum command_phase phase;
        int64_t rank;
        unsigned target; /* FLEET_NONE: not decided */
        uint64_t ticket; /* of its order */
        usec_t deadline;
        /* Stops only */
        unsigned kept;     /* it ends in favour of that instance; FLEET_NONE: whatever runs */
        bool is_kept_lost; /* and that was for nothing */
        /* Starts only */
        enum starting_strategy strategy;
        unsigned local; /* what LOCAL means */
        bool waits_exit;
        char *args; /* NULL: those that it had */
        struct holders holders;
        char *rest; /* saved_rest() of a later build; NULL: nothing */
};

/* A start that waits for the end of a stop job, and dies with it. */
struct deferral {
        struct fleet_process *process; /* NULL: the application */
        enum starting_strategy strategy;
        unsigned local;
        uint64_t batch;
        char *args; /* NULL: those that it had */
        struct holders holders;
        char *rest;
};

struct fleet_job { /* of one application */
        struct fleet_application *application;
        uint64_t batch; /* 0: ours, and the ranks of applications order these; else a caller's
                           request, which waits for no other application */
        int64_t rank;
        bool begun;
        bool whole; /* STOP: of the application, so that what it loses meanwhile stays so */
        /* START */
        bool is_placed;            /* SINGLE_*: the targets are decided */
        bool stops_after;          /* stop the application when this is done */
        bool is_cut;               /* it ends with what has been ordered */
        struct holders stop_for;   /* who then waits for that stop */
        struct command **commands; /* those that are not done */
        size_t commands_count, commands_capacity;
        struct deferral *deferrals; /* STOP */
        size_t deferrals_count;
        char *rest;
        UT_hash_handle hh;
};

struct jobs {
        struct fleet_job *first; /* by application, in the order of their coming */
};

void holders_add(struct sequencing *, struct holders *, uint64_t caller); /* none such: no matter */
void holders_merge(struct sequencing *, struct holders *, const struct holders *);
void holders_drop(struct sequencing *, struct holders *);

struct fleet_job *jobs_find(const struct jobs *, const struct fleet_application *);
struct fleet_job *jobs_add(struct sequencing *, struct jobs *, struct fleet_application *,
        int64_t rank, uint64_t batch);
void jobs_remove(struct sequencing *, struct jobs *, struct fleet_job *);
void jobs_clear(struct sequencing *, struct jobs *);
bool job_is_under_way(const struct fleet_job *); /* something is ordered */

struct command *command_find(
        const struct fleet_job *, const struct fleet_process *, unsigned target);
struct command *command_add(
        struct sequencing *, struct fleet_job *, struct fleet_process *, int64_t rank);
/* The only way to set its deadline. */
void command_set_deadline(struct sequencing *, struct command *, usec_t);
void command_remove(struct sequencing *, struct fleet_job *, struct command *);
struct deferral *deferral_add(struct fleet_job *, struct fleet_process *);
void deferral_remove(struct sequencing *, struct fleet_job *, size_t index);
