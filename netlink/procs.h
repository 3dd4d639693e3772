/* Processes as the kernel's proc connector tells of them (connector/cn_proc, through libnl-3).
 *
 * A hint, not a truth: events can be lost.  The truth about direct children is pidfd and waitid. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"

enum procs_event_type { PROCS_FORK, PROCS_COMM, PROCS_EXIT };

struct procs_event { /* of whole processes; those of single threads are left out */
        enum procs_event_type type;
        pid_t pid;
        pid_t parent;  /* FORK, EXIT */
        int status;    /* EXIT: as wait(2) gives it */
        char comm[16]; /* COMM */
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

/* Reads what waits, at most 'max' events.  Returns how many were handed over, 0 when none waits,
 * and -ENOBUFS (once per overrun) when some were lost, upon which the caller re-scans. */
int procs_read(struct procs *, unsigned max,
        void (*handler)(void *context, const struct procs_event *), void *context);

/* Whose descendant a process is: pure bookkeeping over the events above. */
struct lineage;

struct lineage *lineage_new(unsigned count_max);
struct lineage *lineage_free(struct lineage *);
DEFINE_CLEANUP(struct lineage *, lineage_free)
void lineage_add(struct lineage *, pid_t pid, uint32_t owner); /* a process that we started */

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
unsigned lineage_count(
        const struct lineage *, uint32_t owner); /* descendants alive, the root included */
