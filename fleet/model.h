/* The model: what every instance runs, as far as this one has been told, and what it comes to.
 *
 * The structs are open so that others may read them between steps; only fleet/ writes.  Instances
 * have the indexes that the cluster gives them: 0 is ourselves. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uthash.h>

#include "base/clock.h"
#include "cluster/peers.h"
#include "engine/process.h"
#include "rules/rules.h"

struct fleet;
struct fleet_job;

#define FLEET_NONE      UINT32_MAX
#define FLEET_LIVES_MAX 8

struct fleet_instance {
        unsigned index;
        char *identifier, *nick;
        char *node;      /* machine id; NULL: not known yet, then it is a node of its own */
        unsigned listed; /* place in supvisors_list; FLEET_NONE: discovered */
        bool core;
        enum peers_state state;
        usec_t since;
        uint64_t life;      /* of the daemon there, as it speaks now: identity_life() */
        char **stereotypes; /* NULL at the end */
        int64_t load;       /* sum of expected_loading of what runs there */
        int64_t node_load;  /* the same over all instances of its node */
        unsigned crashes;   /* processes that are FATAL, or EXITED unexpectedly, there */
        /* The fleet's own: */
        unsigned place;      /* in the list's order */
        unsigned node_first; /* the lowest index of the instances on its node */
        usec_t kept_until;   /* it is away, yet not lost so far; 0: nothing is kept */
        bool may_return;     /* ... since its daemon died, whose programs may live */
        usec_t left;         /* when it was lost sight of the last time; 0: never */
        usec_t loaded;       /* when it told all that it runs; 0: not since it came */
        /* Those in which it has done so, the latest first: what ends with one of them we see. */
        uint64_t lives[FLEET_LIVES_MAX];
        usec_t obeyed; /* when it last took a step with a start that was ordered */
        char *rest;    /* saved_rest() of a later build; NULL: nothing */
};

/* One process at one instance, as that instance has last told it. */
struct fleet_record {
        struct fleet_process *process;
        unsigned instance;
        enum process_state state;
        bool expected;
        bool disabled;
        bool obsolete; /* beyond numprocs: ends at its next stop */
        bool has_stdout, has_stderr;
        bool has_crashed; /* FATAL, or EXITED unexpectedly, since it was loaded */
        bool lost;        /* the instance was lost: state FATAL is our own word */
        bool autorestart; /* other than false in its configuration */
        pid_t pid;
        pid_t run_pid;  /* of the run that the state tells of, also when that has ended; 0: none */
        char *spawnerr; /* "" when there is none */
        char *description; /* Supervisor's text, as of then */
        char *extra_args;
        char *program_name;
        unsigned process_index; /* within its program, from 0 */
        int64_t startsecs, stopwaitsecs;
        usec_t start, stop;                     /* realtime of the sender; 0: never */
        usec_t start_monotonic, stop_monotonic; /* of the sender; 0: never */
        usec_t event_time;                      /* of the last change, monotonic of the sender */
        usec_t received;                        /* our own monotonic time */
        uint64_t arrival; /* order of receipt over all records: the latest is the greatest */
        /* Sender's monotonic minus ours, as of the receipt. */
        int64_t clock_offset;
        /* The fleet's own: */
        uint64_t snapshot;   /* the last one that it was in */
        bool no_autorestart; /* FLEET_FX_NO_AUTORESTART is out */
        char *rest;
};

struct fleet_process {
        char *name;     /* "p" */
        char *namespec; /* "g:p", or "p" when the group has the same name */
        struct fleet_application *application;
        struct rules_program *rules;
        /* rules->places come to this once the signs are resolved; NULL: not resolved */
        unsigned *assigned; /* indexes of instances */
        size_t assigned_count;
        bool is_assigned; /* for good, unless other rules come */

        struct fleet_record **records; /* sorted by instance's place in the list of instances */
        size_t records_count;

        enum process_state state; /* synthetic */
        bool expected;
        unsigned *running; /* instances: the set R, sorted likewise; more than one: conflict */
        size_t running_count;
        usec_t updated; /* our own monotonic time of the last information */

        bool forced; /* displayed in place of 'state' */
        enum process_state forced_state;
        char *forced_reason;
        char *extra_args; /* the last known; "" */
        bool lost; /* it ran only on instances that were lost; until it runs again, or somebody
                      who may has decided what becomes of it */
        unsigned lost_at;   /* the instance of the last loss, also when that was decided about */
        uint64_t lost_life; /* and its life; 0: none, or not known */
        /* The fleet's own: */
        bool owed; /* others were told that we are to start it again; the next: they still are */
        bool owes;
        bool news;    /* what is shown has changed in this step */
        bool counted; /* the next three are part of the application's counts */
        enum process_state counted_state;
        bool counted_failing, counted_required;
        bool conflicts;    /* part of the fleet's count */
        int64_t load_each; /* part of the loads of the instances in 'running' */
        char *rest;

        UT_hash_handle by_name; /* in its application */
};

enum application_state { /* numbers of the interface */
        APPLICATION_STOPPED,
        APPLICATION_STARTING,
        APPLICATION_RUNNING,
        APPLICATION_STOPPING,
        APPLICATION_DELETED, /* only told, never kept */
};

struct fleet_application {
        char *name;
        struct rules_application *rules;
        struct fleet_process **processes; /* in the order of discovery */
        size_t processes_count, processes_capacity;
        struct fleet_process *by_name;
        enum application_state state; /* of the displayed states */
        bool major_failure, minor_failure;
        unsigned node; /* rules->places.spread: the instance that '#' has chosen; FLEET_NONE */
        /* The fleet's own: */
        size_t shown[PROCESS_STATES]; /* how many processes are shown so */
        size_t required_failing, required_stopped, others_failing;
        bool dirty;             /* its state is to be looked at before the step ends */
        bool told, was_managed; /* watchers have heard of it, and that */
        char *formula_error;    /* what is wrong with its formula now; NULL: nothing */
        char *rest;
        UT_hash_handle hh;
};

const char *application_state_name(enum application_state);           /* "STARTING" */
enum process_state fleet_process_shown(const struct fleet_process *); /* the displayed state */
bool fleet_process_runs_on(const struct fleet_process *, unsigned instance);
bool fleet_process_crashed(const struct fleet_process *); /* FATAL, or EXITED unexpectedly */
/* When the daemon there died it ran only there; whether the next one goes on with it is not known
 * yet. */
bool fleet_process_awaits(const struct fleet *, const struct fleet_process *, unsigned instance);
/* It runs, or is being stopped, in more than one place, and its application is managed. */
bool fleet_process_conflicts(const struct fleet_process *);
struct fleet_record *fleet_process_record(const struct fleet_process *, unsigned instance);

/* All views; NULL: no such. */
unsigned fleet_instances_count(const struct fleet *);
const struct fleet_instance *fleet_instance_at(const struct fleet *, unsigned index);
/* In the list's order: listed ones first, then discovered ones by nick. */
const unsigned *fleet_instances_order(const struct fleet *, size_t *count);
/* An identifier, a nick, or a stereotype, in that order: indexes into ret (room for all instances);
 * how many. */
size_t fleet_instances_find(const struct fleet *, const char *name, unsigned *ret);
size_t fleet_applications_count(const struct fleet *);
struct fleet_application *fleet_application_at(const struct fleet *, size_t index); /* discovery */
struct fleet_application *fleet_application_find(const struct fleet *, const char *name);
struct fleet_process *fleet_process_find(
        const struct fleet_application *, const char *process_name);
/* A process that runs in a managed application more than once exists. */
bool fleet_has_conflict(const struct fleet *);
