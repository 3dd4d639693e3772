/* Processes as the kernel's proc connector tells of them (connector/cn_proc, through libnl-3).
 *
 * A hint, not a truth: events can be lost, with notice and without.  The truth about direct
 * children is pidfd and waitid.  Events are told of whole processes, as their first thread fares:
 * of a process whose first thread ends before the others, or another of whose threads execs, an
 * EXIT is told too early. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"

/* EXEC says that the name that was known is no more; the kernel does not send the new one. */
enum procs_event_type { PROCS_FORK, PROCS_COMM, PROCS_EXIT, PROCS_EXEC };

struct procs_event { /* of whole processes; those of single threads are left out */
        enum procs_event_type type;
        pid_t pid;
        pid_t parent;  /* FORK, EXIT; 0 from kernels that do not tell */
        int status;    /* EXIT: as wait(2) gives it */
        char comm[16]; /* COMM; terminated, otherwise any bytes */
};

struct procs;

/* Subscribes and proves with a canary child that events arrive here.  A failure says why there are
 * none. */
int procs_open(struct procs **ret, struct err *);
struct procs *procs_close(
        struct procs *); /* takes NULL, returns NULL; tells the kernel that we stop listening */
DEFINE_CLEANUP(struct procs *, procs_close)
const char *procs_describe(const struct procs *); /* which filter is in use, for the log */
int procs_fd(const struct procs *);               /* readable when events wait */

/* Reads what waits, at most 'max' events.  Returns how many were handed over, 0 when none waits
 * (which costs one system call), and -ENOBUFS (once per overrun) when some were lost, upon which
 * the caller re-scans; what was not lost is read on by the next call. */
int procs_read(struct procs *, unsigned max,
        void (*handler)(void *context, const struct procs_event *), void *context);

/* Makes of an EXEC the COMM that the kernel does not send, with the name that the process has now;
 * worth its 20 us for processes that one follows.  False when it is gone already. */
bool procs_name(struct procs_event *);

/* Whose descendant a process is: pure bookkeeping over the events above. */
struct lineage;

/* Beyond 'count_max' no further descendants are followed; what lineage_add() gives always is. */
struct lineage *lineage_new(unsigned count_max);
struct lineage *lineage_free(struct lineage *);
DEFINE_CLEANUP(struct lineage *, lineage_free)
void lineage_add(struct lineage *, pid_t pid, uint32_t owner); /* a process that we started */
void lineage_join(
        struct lineage *, pid_t pid, uint32_t owner); /* a descendant that a re-scan found */
bool lineage_has(const struct lineage *, pid_t pid);

struct lineage_exit { /* a descendant that is gone */
        uint32_t owner;
        pid_t pid;
        int status;
        bool is_root;  /* it was given to lineage_add() itself */
        char comm[16]; /* empty: never heard */
};

/* True when the event is the exit of a descendant. */
bool lineage_feed(struct lineage *, const struct procs_event *, struct lineage_exit *ret);
void lineage_forget(struct lineage *, uint32_t owner); /* all of an owner's */
/* Drops, without a word, those of whom 'is_there' says no. */
void lineage_keep(struct lineage *, bool (*is_there)(pid_t));
/* After events were lost: the same, asking the kernel.  (Not pure; in a file of its own.) */
void lineage_rescan(struct lineage *);
unsigned lineage_count(
        const struct lineage *, uint32_t owner); /* descendants alive, the root included */
