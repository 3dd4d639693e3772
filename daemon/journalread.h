/* What programs wrote into the journal, read as if it were a log file: the records of one channel
 * of one process, each with a newline behind it.
 *
 * Only records that came from a relay of our own user count, for anybody may send any other field.
 * This waits for disks: it is for threads, each with a reader of its own. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-journal.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"

/* Of a log that is looked at for the first time, or has grown by more since, so much counts. */
#define JOURNALREAD_BYTES_MAX   ((int64_t)16 << 20)
#define JOURNALREAD_RECORDS_MAX 100000

struct journalread_subject { /* owns what it points to */
        char *directory;     /* of journal files; NULL: the system's */
        char *instance, *group, *process;
        const char *channel; /* "stdout", "stderr" */
};

void journalread_subject_clear(struct journalread_subject *);

/* Where the log ended when it was last measured: offsets count from where it began at first. */
struct journalread_mark {
        char *cursor; /* of its last record; NULL: there was none */
        int64_t size;
};

struct journalread;

int journalread_new(const struct journalread_subject *, struct journalread **ret, struct err *)
        __attribute__((warn_unused_result));
struct journalread *journalread_free(struct journalread *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct journalread *, journalread_free)

/* Brings the mark to the present.  The size goes on from what it was, unless too much has come
 * since, or what was known is gone: then the log begins anew, as after a rotation. */
int journalread_measure(struct journalread *, struct journalread_mark *)
        __attribute__((warn_unused_result));
/* The bytes from 'offset' of a log of that mark; what the journal has thrown away is left out. */
int journalread_range(struct journalread *, const struct journalread_mark *, int64_t offset,
        int64_t length, struct text *) __attribute__((warn_unused_result));
/* The last bytes of all that there is now.  What journalread_next() tells comes after them. */
int journalread_tail(struct journalread *, int64_t bytes, struct text *)
        __attribute__((warn_unused_result));

/* For who follows: appends what has come since, at most a record; 0: nothing now. */
int journalread_next(struct journalread *, struct text *) __attribute__((warn_unused_result));
/* What to wait on for more, and then to call journalread_woken(). */
int journalread_fd(struct journalread *);
int journalread_timeout_msec(struct journalread *); /* as of poll() */
int journalread_woken(struct journalread *) __attribute__((warn_unused_result));
