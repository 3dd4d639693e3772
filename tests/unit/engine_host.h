/* A host for an engine under test: plays the daemon, and writes down what the engine wants as text,
 * one line per effect, which a test compares with what it expects. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/engine.h"
#include "tests/unit/engine_twin.h"

enum { HOST_SLOTS_MAX = 4096 };

struct host {
        struct engine *engine;
        struct effects fx;
        struct twin twin; /* takes each step as one that goes on from a text */
        size_t steps;
        struct text transcript;
        usec_t now;
        int next_pid;
        uint64_t next_request;
        char *names[HOST_SLOTS_MAX]; /* by process id */
        struct host_result *results; /* of effects, not handed to the engine yet */
        size_t results_count, results_capacity;

        /* What the machine is like */
        bool held;                 /* results wait for host_deliver() */
        const char *missing;       /* the process whose command is not found */
        const char *unspawnable;   /* the process that cannot be spawned */
        usec_t wall_ahead;         /* of the monotonic clock, beside a million seconds */
        const char *deaf;          /* the listener whose stdin is closed */
        int kill_error;            /* of every signal */
        const char *config_error;  /* of every reading */
        const char *group_error;   /* of every check of a group */
        const char *limits_error;  /* of every change of limits */
        enum fault expand_fault;   /* of every change of numprocs */
        struct program_set config; /* of every reading; the host owns it */
};

struct host *host_new(void);
struct host *host_free(struct host *);
DEFINE_CLEANUP(struct host *, host_free)

/* Configurations.  The group belongs to the host, which boots or reads with all it has. */
struct program_group *host_group(struct host *, const char *name, int priority);
struct program *host_program(struct program_group *, const char *name);
/* Processes label_0 and so on. */
void host_numbered(struct program_group *, const char *label, unsigned from, unsigned number);
void host_forget_config(struct host *);
void host_boot(struct host *);
/* One program "cat" in a group of its own, booted, up and RUNNING, the transcript empty. */
struct program *host_with_cat(struct host *);

void host_feed(struct host *, struct event); /* stamps it, steps, writes down, carries out */
void host_deliver(struct host *);
/* Time goes on, with an EV_TIMER at each deadline on the way. */
void host_advance(struct host *, usec_t);
uint64_t host_request(struct host *, enum request_type, const char *name, bool wait);
uint64_t host_start_with(struct host *, const char *name, const char *args, bool wait);
uint64_t host_numprocs(struct host *, const char *program, unsigned number, bool wait, bool lazy);
uint64_t host_signal_request(
        struct host *, enum request_type, const char *name, const char *signal);
void host_exit(struct host *, const char *namespec, int wait_status);
void host_exit_leaving(struct host *, const char *namespec, int wait_status);
void host_emptied(struct host *, const char *namespec);
void host_shutdown(struct host *, bool restart);
const struct process *host_process(struct host *, const char *namespec);

/* Compares the transcript since the last time, and begins a new one. */
#define host_expect(host, text)                                              \
        do {                                                                 \
                assert_string_equal(text_string(&(host)->transcript), text); \
                text_truncate(&(host)->transcript, 0);                       \
        } while (0)
#define host_ignore(host) text_truncate(&(host)->transcript, 0)
