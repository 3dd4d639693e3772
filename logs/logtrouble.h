/* Log troubles: what could not be written to log files, why, and what of that was told.
 *
 * Kept by path and beyond the closing of a file, so that a program that starts again and again on a
 * full disk neither floods the activity log nor loses count.  That bytes are lost is told at once,
 * and that it is over with their number, but nothing of one file twice within a minute: what a
 * second trouble within it has cost is told by the next line about that file. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/mem.h"

enum { LOGTROUBLES_CLOSED_MAX = 256 }; /* of files that are closed; the oldest are forgotten */

struct logtroubles;
struct logtrouble; /* of one path */

struct logtroubles *logtroubles_new(void);
struct logtroubles *logtroubles_free(struct logtroubles *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct logtroubles *, logtroubles_free)
/* Where it is told, as WARN.  The sink may itself write to one of the files. */
void logtroubles_set_sink(struct logtroubles *, struct log_sink);
/* Of a file that is open, or was and lost something; NULL: of none of those. */
const struct logtrouble *logtroubles_find(const struct logtroubles *, const char *path);

/* For each file that is opened.  'owner' says what is written to it, that of the first one counts;
 * NULL: it is not known. */
struct logtrouble *logtrouble_open(struct logtroubles *, const char *path, const char *owner)
        __attribute__((returns_nonnull));
struct logtrouble *logtrouble_close(struct logtrouble *); /* takes NULL, returns NULL */
/* So many bytes are lost for that reason, a negative errno. */
void logtrouble_lost(struct logtrouble *, int error, size_t length);
void logtrouble_written(struct logtrouble *);          /* all of something */
bool logtrouble_is_settled(const struct logtrouble *); /* that would not tell anything */

int logtrouble_error(const struct logtrouble *); /* a negative errno; 0: it is written to */
const char *logtrouble_reason(int error);
uint64_t logtrouble_bytes_lost(const struct logtrouble *); /* since the daemon began */
