/* The activity log: what reeve says of itself.
 *
 * Lines "2026-01-31 12:00:00,123 INFO text" to a rotating file or to syslog, and in the foreground
 * to stdout too; records with fields to the journal, where the log or our stdout is the journal.
 * Nothing here waits: what does not go is dropped and counted. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/message.h"
#include "logs/logfile.h"

struct activity;

enum activity_target { ACTIVITY_FILE, ACTIVITY_SYSLOG, ACTIVITY_JOURNAL };

struct activity_options {
        enum activity_target target;
        struct logfiles *files;      /* outlives the activity log */
        struct logfile_options file; /* ACTIVITY_FILE */
        enum log_level level;
        bool to_stdout;             /* in the foreground and not silent */
        const char *ident;          /* the name of the program, for syslog and journal */
        const char *instance;       /* the identifier, for REEVE_INSTANCE */
        const char *journal_stream; /* $JOURNAL_STREAM, NULL when it is not set */
        const char *syslog_path;    /* NULL: the system's */
        const char *journal_path;   /* NULL: the system's */
};

struct activity_field {           /* of the journal */
        const char *name, *value; /* NULL or "": it is left out */
};

/* What a line is about, for the fields of the journal; any of it may be missing. */
struct activity_subject {
        const char *group, *process, *program;
        pid_t pid;
        enum message message;
        const struct activity_field *more;
        size_t more_count;
};

/* Becomes the sink of the files too. */
int activity_new(const struct activity_options *, struct activity **ret, struct err *);
struct activity *activity_free(struct activity *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct activity *, activity_free)

bool activity_enabled(const struct activity *, enum log_level);
enum log_level activity_level(const struct activity *);
void activity_set_level(struct activity *, enum log_level);
/* A whole line of another log, to the foreground's stdout alone. */
void activity_echo(struct activity *, const char *line, size_t length);
/* NULL for subject: none.  The text goes out as it is, newlines and all.  A warning or worse that
 * the file does not take and nobody else gets goes to the last resort (lastresort.h). */
void activity_write(struct activity *, enum log_level, const struct activity_subject *,
        const char *text, size_t length);
void activity_log(struct activity *, enum log_level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
struct log_sink activity_sink(struct activity *); /* for libraries */

const char *activity_path(const struct activity *); /* NULL: not a file */
/* Says that it does, then begins a new file. */
int activity_clear(struct activity *, struct err *);

/* Stdout may be a pipe that is full: lines wait here, up to a limit, then they are dropped, which a
 * line says when it goes on.  Watch the descriptor for EPOLLOUT while it wants to, then flush; each
 * line that is written tries too.  -1 when nothing can wait. */
int activity_stdout_fd(const struct activity *);
bool activity_wants_write(const struct activity *);
/* What waits, for another image of the daemon, which puts it in front of its own. */
const char *activity_waiting(const struct activity *, size_t *ret_length);
void activity_restore_waiting(struct activity *, const char *, size_t length);
void activity_flush(struct activity *);
uint64_t activity_dropped(const struct activity *); /* lines, to any of the targets */
