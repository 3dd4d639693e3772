/* Events: everything that can happen to reeve.  Pointers are borrowed for the length of the step.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/figures.h"
#include "engine/fault.h"
#include "engine/program.h"
#include "engine/request.h"
#include "engine/topic.h"

enum event_type {
        EV_PROGRAM_DISABLED, /* of an earlier life; before EV_BOOT */
        EV_BOOT,             /* the configuration that was read at start becomes the active one */
        EV_TIMER,            /* engine_deadline() has come */
        EV_REQUEST,          /* a caller wants something and gets exactly one FX_ANSWER */
        EV_REQUEST_DROPPED,  /* the caller went away: no answer is wanted any more, the work goes on
                              */
        EV_COMMAND_CHECKED,  /* the result of FX_CHECK_COMMAND */
        EV_SPAWNED,          /* the result of FX_SPAWN: it runs */
        EV_SPAWN_FAILED,     /* the result of FX_SPAWN: it does not */
        EV_SIGNALLED,        /* the result of FX_SIGNAL */
        EV_EXITED,           /* the main process was reaped */
        EV_EMPTIED, /* the last member of the cgroup is gone; only after EV_EXITED with populated */
        EV_FROZEN,  /* its cgroup was frozen or thawed, as somebody asked for */
        EV_CONFIG_READ,      /* the result of FX_READ_CONFIG */
        EV_GROUP_CHECKED,    /* the result of FX_CHECK_GROUP */
        EV_LIMITS_CHANGED,   /* the result of FX_LIMITS */
        EV_PROGRAM_EXPANDED, /* the result of FX_EXPAND_PROGRAM */
        EV_EVENT_SENT,       /* the result of FX_SEND_EVENT */
        EV_LISTENER_OUTPUT,  /* an event listener wrote to its stdout; before its EV_EXITED */
        EV_OUTPUT,           /* a process wrote something that listeners may want; likewise */
        EV_REMOTE,           /* a caller has something to tell the listeners */
        EV_NO_AUTORESTART,   /* the cluster restarts it, or nobody does */
        EV_SHUTDOWN, /* a signal asks for the end, or for a restart; then FX_READ_CONFIG first */

        /* After a crash, to an engine that was restored: how things are, whatever it was told.  One
         * of the first two for each process that has a pid or a spawn under way, and for whatever
         * else runs; in any state of the process.  Then the last one, before anything else. */
        EV_ADOPTED,   /* it runs, though perhaps as another one than the engine knew */
        EV_LOST,      /* its main process is gone; a spawn under way is made again */
        EV_RECOVERED, /* results that the daemon owed and callers that waited are gone */
};

struct event {
        usec_t now;  /* CLOCK_MONOTONIC; the engine has no clock of its own */
        usec_t wall; /* CLOCK_REALTIME, for the times that are reported, never for decisions */
        enum event_type type;
        union {
                const char *disabled_program; /* EV_PROGRAM_DISABLED */
                struct program_set boot;      /* EV_BOOT: the engine takes references of its own */
                struct request request;
                uint64_t dropped; /* EV_REQUEST_DROPPED: request id */
                struct {
                        uint32_t process;
                        uint64_t ticket;  /* as in the effect */
                        enum fault fault; /* FAULT_NONE, FAULT_NO_FILE, FAULT_NOT_EXECUTABLE; or
                                             FAULT_INCORRECT_PARAMETERS: it is the arguments */
                        const char *text; /* "can't find command 'x'" */
                } checked;
                struct {
                        uint32_t process;
                        pid_t pid;
                } spawned;
                struct {
                        uint32_t process;
                        const char *text; /* becomes spawnerr */
                } spawn_failed;
                struct {
                        uint32_t process;
                        uint64_t ticket; /* as in the effect */
                        int signal;
                        int error; /* 0 or errno; ESRCH is not a failure */
                } signalled;
                struct {
                        uint32_t process;
                        pid_t pid;
                        int status;       /* as wait(2) gives it */
                        bool populated;   /* members of its cgroup are still alive */
                        uint64_t own_cpu; /* microseconds of the main process alone; 0: not known */
                        const struct figures *usage; /* of the run; NULL: not known (yet) */
                } exited;
                struct {
                        uint32_t process;
                        const struct figures *usage; /* of the run; NULL: not known */
                } emptied;
                struct {
                        uint32_t process;
                        bool frozen;
                } frozen;
                struct {
                        uint64_t request;       /* as in the effect */
                        struct program_set set; /* the new configuration, unless... */
                        const char *error;      /* ...this says why there is none */
                        bool restart;           /* the reading was asked for by REQUEST_RESTART */
                } config;
                struct {
                        uint64_t request;  /* as in the effect */
                        const char *name;  /* as in the effect */
                        const char *error; /* why it cannot be added; NULL: it can */
                } group_checked;
                struct {
                        uint32_t process;
                        uint64_t request;  /* as in the effect */
                        const char *error; /* NULL: they hold, or are those of the next run */
                } limits_changed;
                struct {
                        uint64_t request;       /* as in the effect */
                        struct program_set set; /* for each group that holds the program one of its
                                                   name, with the processes that were asked for */
                        enum fault fault;       /* FAULT_NONE, or why there are none */
                        const char *error;      /* with a fault: its detail */
                } expanded;
                struct {
                        uint32_t process;
                        uint64_t serial; /* as in the effect's notice */
                        int error;       /* 0 or errno: its stdin takes nothing more */
                } sent;
                struct {
                        uint32_t process;
                        const char *data;
                        size_t length;
                        enum topic topic; /* EV_OUTPUT, whose data is UTF-8: PROCESS_LOG_* or
                                             PROCESS_COMMUNICATION_* */
                } output;
                struct {
                        const char *type, *data; /* UTF-8 */
                } remote;
                uint32_t no_autorestart; /* process */
                struct {
                        bool restart;
                } shutdown;
                struct {
                        uint32_t process;
                        pid_t pid;
                        usec_t started;    /* monotonic; 0: as known, or at this moment */
                        usec_t start_wall; /* realtime; likewise */
                        bool has_output;   /* its pipes are ours again; else it is no listener */
                } adopted;
                struct {
                        uint32_t process;
                        bool has_status;             /* it is known how it ended... */
                        int status;                  /* ...as wait(2) gives it */
                        bool populated;              /* members of its cgroup are still alive */
                        const struct figures *usage; /* of the run; NULL: not known */
                } lost;
        };
};
