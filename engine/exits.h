/* Exits: how the last runs of a process ended, what they used, and what was proven of the cause. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/figures.h"

enum { EXITS_MAX = 10 }; /* of each process; older ones are forgotten */

enum exit_reason {
        EXIT_EXITED,    /* by itself, with a code */
        EXIT_SIGNALLED, /* by a signal, whoever sent it */
        EXIT_CORE,      /* the same, and it left a core */
        EXIT_OOM,       /* SIGKILL, and the kernel counted an OOM kill in its cgroup */
        EXIT_LIMIT,     /* by the signal of an rlimit that is set for it, or behind a hard one */
        EXIT_KILLED,    /* by us, as it had not stopped after stopwaitsecs */
        EXIT_UNKNOWN,   /* nobody of ours was there: it was gone when we came back from a crash */
};

struct process;

struct exit_record {
        enum exit_reason reason;
        pid_t pid;
        int wait_status;
        bool stop_asked;
        const char *limit;            /* that ended it, an option's name; NULL: none, or not ours */
        usec_t start_wall, stop_wall; /* realtime */
        usec_t duration;
        struct figures usage;
};

const char *exits_reason_name(enum exit_reason); /* "oom" */
/* The same words as 'limit' of a record, when they are such; else NULL. */
const char *exits_limit(const char *words);
/* What is known of the end of the process's run; 'usage' may be NULL, 'killed' says that it had our
 * SIGKILL. */
struct exit_record exits_judge(
        const struct process *, const struct figures *usage, bool killed, usec_t duration);
void exits_add(struct process *, const struct exit_record *);
const struct exit_record *exits_last(const struct process *); /* NULL: it never ended */
/* A sentence where the end was the kernel's doing, or a limit was reached; NULL: nothing to say.
 * The caller owns it. */
char *exits_sentence(const struct process *, const struct exit_record *);
