/* A process: one slot's state machine, after Supervisor's, as a pure step.
 *
 * The struct is open so that others may read it; only the engine writes.  Where a name of ours
 * differs from Supervisor's: 'retries' is its "backoff" counter. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "engine/exits.h"
#include "engine/program.h"

enum process_state {
        STOPPED,
        STARTING,
        RUNNING,
        BACKOFF,
        STOPPING,
        EXITED,
        FATAL,
        UNKNOWN,
        PROCESS_STATES,
};

/* Extra arguments that are longer are refused: records with them travel through the cluster. */
enum { PROCESS_ARGS_MAX = 16 << 10 };

/* A wait_status that nobody knows: it is neither an exit nor a signal. */
enum { PROCESS_STATUS_UNKNOWN = -1 };

enum process_input {
        IN_START,        /* somebody asks for it, or autostart, or autorestart */
        IN_SPAWN_FAILED, /* the parent's side of the spawn failed */
        IN_STAYED_UP,    /* alive for startsecs */
        IN_EXITED_EARLY, /* gone before startsecs */
        IN_EXITED,       /* gone, by itself */
        IN_STOPPED,      /* gone, after a stop */
        IN_STOP,         /* somebody asks for it */
        IN_RETRY,        /* the back-off delay is over */
        IN_GIVE_UP,      /* out of retries, or shutting down */
        IN_KILL_FAILED,  /* kill(2) failed otherwise than with ESRCH */
        IN_UNSTARTABLE,  /* the cluster ordered a start, but there is no command */
        PROCESS_INPUTS,
};

struct process {
        uint32_t id; /* never reused within an engine's life; effects and events name the slot by it
                      */
        const struct program *program;
        const char *group_name;
        enum process_state state;
        pid_t pid;            /* 0: none; that of the main process until the run is over */
        bool reaped;          /* the main process is gone, members of its cgroup are not yet */
        bool spawning;        /* FX_SPAWN is out, its result has not come back */
        bool stop_asked;      /* from stop until the run is over (Supervisor's "killing") */
        unsigned retries;     /* consecutive failures to start; survives a stop */
        usec_t started;       /* monotonic, of the last spawn attempt; 0: never */
        usec_t start_wall;    /* the same as realtime; 0: never */
        usec_t stop_wall;     /* realtime of the last exit; 0: never */
        usec_t deadline;      /* when it wants EV_TIMER; USEC_NEVER: not at all */
        usec_t stop_deadline; /* when SIGKILL is due, while STOPPING or draining */
        char *spawnerr;       /* NULL: none */
        char *extra_args;     /* appended to the command; NULL: none */
        bool disabled;        /* is not started by anything */
        bool obsolete;        /* beyond numprocs: goes when it stops */
        bool no_autorestart;  /* the cluster restarts it, or nobody does */
        bool has_exitstatus;
        int exitstatus;  /* exit code, -1 for death by signal */
        int wait_status; /* of the reaped main process, kept while the rest of its cgroup is drained
                          */
        uint64_t own_cpu; /* of the reaped main process alone, microseconds; 0: not known */
        bool frozen;      /* its cgroup is, because somebody asked for it */
        bool output_lost; /* it was adopted, and its pipes could not be had again */
        struct exit_record *exits; /* how its last runs ended, the latest at the end */
        size_t exits_count;
};

/* The successor, or the same state when the input is ignored there. */
enum process_state process_next(enum process_state, enum process_input);

const char *process_state_name(enum process_state);    /* "RUNNING" */
int process_state_code(enum process_state);            /* 20 */
bool process_state_is_stopped(enum process_state);     /* STOPPED EXITED FATAL UNKNOWN */
bool process_state_is_running(enum process_state);     /* STARTING RUNNING BACKOFF */
bool process_state_is_signallable(enum process_state); /* STARTING RUNNING STOPPING */

/* "exit status 2", "terminated by SIGKILL (core dumped)": a wait(2) status in the words of the log.
 * The caller owns the text. */
char *process_wait_text(int wait_status);
int process_exit_code(int wait_status); /* -1 for everything but an exit */
