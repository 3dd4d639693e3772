/* Effects: everything reeve can do about an event, in order.  Plain data; only daemon/ acts on it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/message.h"
#include "engine/answer.h"
#include "engine/notice.h"
#include "engine/process.h"

enum effect_type {
        FX_LOG,             /* a line of the activity log */
        FX_STATE,           /* a process has changed its state */
        FX_GROUP_ADDED,     /* after the FX_PROCESS_ADDED of its members */
        FX_GROUP_REMOVED,   /* after the FX_PROCESS_REMOVED of its members */
        FX_PROCESS_ADDED,   /* a slot exists from now on */
        FX_PROCESS_REMOVED, /* a slot is gone, and its program may be; its run is over, unless it
                               was UNKNOWN, when FX_KILL_ALL came before */
        FX_CHECK_COMMAND, /* resolve the command without starting it, answer with EV_COMMAND_CHECKED
                           */
        FX_SPAWN,         /* answer with EV_SPAWNED or EV_SPAWN_FAILED */
        FX_SIGNAL,        /* answer with EV_SIGNALLED */
        FX_THAW,          /* its cgroup, which somebody had frozen */
        FX_LIMITS,        /* it has other limits from now on, or its group has: the result comes as
                             EV_LIMITS_CHANGED */
        FX_KILL_ALL,      /* SIGKILL whatever is in the process's cgroup; nothing without one */
        FX_READ_CONFIG,   /* answer with EV_CONFIG_READ */
        FX_CHECK_GROUP,   /* whether the pending group can be had (its socket opens), answer with
                             EV_GROUP_CHECKED */
        FX_EXPAND_PROGRAM,  /* what its processes are with another numprocs, answer with
                              EV_PROGRAM_EXPANDED */
        FX_SEND_EVENT,      /* write it to the stdin of a listener, answer with EV_EVENT_SENT */
        FX_ANSWER,          /* to a request */
        FX_PROGRAM_ABILITY, /* a program was disabled or enabled; the daemon keeps a file of it */
        FX_ABILITY,         /* so a process of it was */
        FX_EXTRA_ARGS,      /* a process has other extra arguments than before */
        FX_OBSOLETE,        /* a process is beyond the numprocs of its program, or no longer so */
        FX_MOOD,            /* the daemon's own state has changed: RUNNING at boot, before the first
                               FX_SPAWN; RESTARTING may still become SHUTDOWN */
        FX_FINISHED,        /* everything has stopped and been answered: end, or start again */
};

enum signal_scope {
        SIGNAL_PROCESS,   /* the main process */
        SIGNAL_GROUP,     /* its process group */
        SIGNAL_LEFTOVERS, /* every member of its cgroup: the main process is gone already */
};

/* The daemon's own state; the numbers are Supervisor's. */
enum mood { MOOD_SHUTDOWN = -1, MOOD_RESTARTING = 0, MOOD_RUNNING = 1 };

struct effect {
        enum effect_type type;
        uint32_t process; /* LOG (0: none), STATE, PROCESS_*, CHECK_COMMAND, SPAWN, SIGNAL,
                             KILL_ALL, SEND_EVENT */
        union {
                struct {
                        enum log_level level;
                        char *text; /* owned by the effects */
                        enum message message;
                        bool of_exit; /* it tells of the latest end of the process */
                } log;
                struct {
                        enum process_state from, to;
                        pid_t pid;      /* of the run it is about; 0: none */
                        unsigned tries; /* STARTING, BACKOFF */
                        bool expected;  /* EXITED */
                        char *spawnerr; /* as of then; owned by the effects; NULL: none */
                } state;
                struct {
                        char *name; /* owned by the effects */
                } group;
                struct {
                        uint64_t ticket;
                        char *args; /* to be appended; owned by the effects; NULL: none */
                } check;
                struct {
                        int signal;
                        enum signal_scope scope;
                        uint64_t ticket;
                } signal;
                struct {
                        uint64_t request; /* 0: for a restart that EV_SHUTDOWN asks for */
                        bool restart;
                } read_config;
                struct {
                        struct notice *notice; /* a reference of the effects */
                        char *pool;            /* owned by the effects */
                        uint64_t poolserial;
                } send;
                struct {
                        uint64_t request;
                        char *name; /* owned by the effects */
                } check_group;
                struct {
                        uint64_t request;
                } limits;
                struct {
                        uint64_t request;
                        char *program;         /* owned by the effects */
                        unsigned from, number; /* the indexes: up to but not including 'number' */
                } expand;
                struct {
                        char *program; /* owned by the effects */
                        bool disabled;
                } ability; /* PROGRAM_ABILITY */
                struct {
                        uint64_t request;
                        struct answer *answer; /* owned by the effects until taken (set to NULL) */
                        bool of_abilities;     /* not before what FX_PROGRAM_ABILITY and
                                                  FX_GROUP_ADDED have said is kept */
                } answer;
                enum mood mood;
                struct {
                        bool restart;
                } finished;
        };
};

struct effects {
        struct effect *at;
        size_t count;
        size_t capacity;
};

/* Empty again, what they own released, the array kept for the next step. */
void effects_reset(struct effects *);
void effects_clear(struct effects *); /* releases the array too */
static inline void effects_clear_at(struct effects *fx)
{
        effects_clear(fx);
}

/* Appends one, zeroed but for its type and process. */
struct effect *effects_add(struct effects *, enum effect_type, uint32_t process);
void effects_log(struct effects *, enum log_level, uint32_t process, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
/* Says of which kind the line is that was added last. */
void effects_log_is(struct effects *, enum message);
