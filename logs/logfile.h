/* Log files: bytes appended to a file that rotates, and the table of those that are open.
 *
 * One path is one struct logfile however many channels write to it, so that none overwrites another
 * or goes on writing into a file that was rotated away.  A full disk costs the bytes that do not
 * fit and nothing else: they are counted, the operator is told once, and it goes on when there is
 * room.
 *
 * A target that is no regular file (terminal, fifo, /dev/stdout) is never sought, truncated,
 * rotated or removed, and never waited for: what does not fit is dropped and counted.
 *
 * The process must ignore SIGPIPE and SIGXFSZ. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

enum { LOGFILE_UNIT_MAX = 131072 }; /* by so much a file may exceed its limit before it rotates */

struct logfiles; /* the table; has to outlive its files */
struct logfile;
struct logtrouble;

struct logfile_options {
        const char *path;
        int64_t bytes_max; /* rotate at this size; 0 or less: never */
        int64_t backups;   /* 0: truncate instead of keeping any */
        mode_t mode;       /* of a new file, less the umask; 0: 0666 */
        const char *owner; /* what is written to it, in words; NULL */
        bool is_patient;   /* when it cannot be opened that is told, and tried at each write */
};

struct logfiles *logfiles_new(void);
struct logfiles *logfiles_free(struct logfiles *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct logfiles *, logfiles_free)
/* Where failures to write are told, and that they are over: see logtrouble.h. */
void logfiles_set_sink(struct logfiles *, struct log_sink);
/* NULL: none of that path. */
const struct logtrouble *logfiles_trouble(const struct logfiles *, const char *path);
/* Closes and opens every file again, as SIGUSR2 asks.  Failures are told through the sink. */
void logfiles_reopen(struct logfiles *);

/* Opens for append, or takes one more reference of the open one; of two limits the smaller counts.
 * The sentence names the path. */
int logfile_open(
        struct logfiles *, const struct logfile_options *, struct logfile **ret, struct err *);
/* A descriptor as a target that is not a file: a stream of the journal.  Taken in any case. */
int logfile_adopt(struct logfiles *, const char *name, int fd, struct logfile **ret, struct err *);
struct logfile *logfile_unref(struct logfile *); /* takes NULL, returns NULL; the last one closes */
DEFINE_CLEANUP(struct logfile *, logfile_unref)

/* All of it or, where that fails, what fits: the rest is counted as lost. */
void logfile_write(struct logfile *, const void *data, size_t length);
/* Whether logfile_splice() may be tried: false once it has shown that it cannot. */
bool logfile_can_splice(const struct logfile *);
/* Moves what a non-blocking pipe holds, at most 'max' bytes.  Returns how many left the pipe
 * (written or lost), 0 at its end, -EAGAIN when it is empty, -EOPNOTSUPP when this file needs
 * logfile_write(). */
ssize_t logfile_splice(struct logfile *, int pipe_fd, size_t max);
/* The same into nothing, for output that nobody wants. */
ssize_t logfiles_discard(struct logfiles *, int pipe_fd, size_t max);

/* Opens it again by its path; the old one stays when that fails. */
int logfile_reopen(struct logfile *, struct err *);
/* Removes the file, a missing one is fine, and opens a new one.  Backups stay. */
int logfile_clear(struct logfile *, struct err *);
int logfile_stream_fd(const struct logfile *); /* of logfile_adopt(); -1: it is none of those */
const char *logfile_path(const struct logfile *);
uint64_t logfile_bytes_lost(const struct logfile *); /* also while it was opened earlier */
int logfile_error(const struct logfile *);           /* why the last write failed; 0: it did not */

/* A share of the memory that enlarged pipes may take: false when none is left. */
bool logfiles_take_pipe(struct logfiles *);
void logfiles_return_pipe(struct logfiles *);
