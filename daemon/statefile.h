/* The state file: what the next reeved needs to go on, should this one be killed.
 *
 * It begins with a page that is mapped, into which the kernel itself writes the pid of who is being
 * born; then come records: a snapshot of everything, and behind it whatever has happened since.  A
 * record is one write into the page cache (the file belongs on a tmpfs), so it outlives the process
 * at once, and no disk is waited for: nothing of it is of use after the next boot.
 *
 * Who has it open holds a lock: two daemons never go on from the same state. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

enum {
        STATEFILE_TIME = 'N',     /* when the snapshot was taken; the first one */
        STATEFILE_SNAPSHOT = 'S', /* the second one; then the births of all that run */
        STATEFILE_EVENT = 'E',    /* it waits for its turn */
        STATEFILE_STEP = 'T',     /* the first one that waited has had it */
        STATEFILE_DONE = 'D',     /* and everything that followed from it is done */
        STATEFILE_BIRTH = 'B',    /* a process was started */
        STATEFILE_LEFT_OUT = 'L', /* the last event before is none, nor is its step: leftout.h */
};

/* The start that is being made.  In memory that outlives us; every store is in order, since a
 * SIGKILL is no more than an interruption that does not come back. */
struct statefile_birth {
        volatile uint32_t process; /* 0: none is under way */
        volatile pid_t pid;        /* by the kernel, before the child has run; 0: not yet cloned */
        volatile uint64_t since;   /* boot time in nanoseconds */
};

struct statefile;
struct statefile_record {
        char type;
        const char *data; /* borrowed from the file as it was read; not terminated */
        size_t length;
};

/* Opens and locks it, after making it where there is none, and reads what is in it, unless that is
 * of another boot or another pid namespace.  It is the user's whom the daemon becomes.  -EBUSY:
 * another daemon lives with it; -EPERM: it is not his alone; otherwise the error of the system. */
int statefile_open(const char *path, uid_t owner, struct statefile **ret, struct err *)
        __attribute__((warn_unused_result));
/* The same without waiting for whoever may hold its lock for a moment. */
int statefile_try_open(const char *path, uid_t owner, struct statefile **ret, struct err *)
        __attribute__((warn_unused_result));
/* Why what was found under its name is no state that can be read, as a sentence; it was put aside
 * then.  NULL: it was one, or nothing, or one of an earlier boot. */
const char *statefile_complaint(const struct statefile *);
/* Puts the file that is there aside, for who wants to know what was in it; the next renewal makes
 * another one.  Under which name, which the caller frees; NULL: that failed. */
char *statefile_set_aside(const struct statefile *);
/* Told now and then, for next to nothing: until when a daemon that was killed has lived, by
 * CLOCK_BOOTTIME.  0: it was not told. */
void statefile_be_alive(struct statefile *, usec_t now);
usec_t statefile_last_alive(const struct statefile *); /* as of the opening */
/* What is forked has no part of it, unless this was said before; then it is to be taken back. */
void statefile_take_along(struct statefile *, bool);
/* The file stays, with what is in it. */
struct statefile *statefile_close(struct statefile *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct statefile *, statefile_close)
void statefile_remove(struct statefile *); /* nothing is to be gone on with; before the closing */
const char *statefile_path(const struct statefile *);

/* What was in it at the opening, one by one; false at the end, or where a record was cut off. */
bool statefile_next(struct statefile *, struct statefile_record *ret);
void statefile_rewind(struct statefile *);
const struct statefile_birth *statefile_last_birth(const struct statefile *);
/* How often a daemon has begun to go on from it without having got as far as a new snapshot, this
 * time included. */
unsigned statefile_count_attempt(struct statefile *);
void statefile_forget(struct statefile *); /* what was read is not needed any more */

/* Begins the file anew with these records; the old one stays in place until this one is whole.  A
 * negative errno. */
int statefile_renew(struct statefile *, const struct statefile_record *, size_t count)
        __attribute__((warn_unused_result));

/* The same little by little, while the file that is there goes on to be appended to: a new one is
 * begun beside it, the records are added (by a fork of ours, perhaps), what has been appended since
 * the beginning follows, and at the end it is put in place.  0 or a negative errno; an end of the
 * process at any point in between leaves the old file, whole. */
int statefile_renewal_begin(struct statefile *) __attribute__((warn_unused_result));
int statefile_renewal_add(struct statefile *, const struct statefile_record *)
        __attribute__((warn_unused_result));
int statefile_renewal_follow(struct statefile *) /* some KiB of it; 1: there is more */
        __attribute__((warn_unused_result));
int statefile_renewal_end(struct statefile *) /* everything has followed */
        __attribute__((warn_unused_result));
void statefile_renewal_abandon(struct statefile *); /* or there is none */
int statefile_renewal_fd(const struct statefile *); /* all that who adds has need of */
size_t statefile_renewed(const struct statefile *); /* bytes that the file was begun with */

/* One more record.  A negative errno: it is not there, and nothing of it. */
int statefile_append(struct statefile *, char type, const char *data, size_t length)
        __attribute__((warn_unused_result));
size_t statefile_appended(const struct statefile *);         /* bytes since then */
struct statefile_birth *statefile_birth(struct statefile *); /* for the present file: ask again */
