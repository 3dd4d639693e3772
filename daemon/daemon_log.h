/* What the daemon says of itself and of its programs, into its activity log (activity.h): which one
 * that is, what a line is about, and who waits for a slow reader of our stdout. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/log.h"
#include "base/message.h"

struct daemon;
struct process;

/* As the configuration says; of one that only checks a state, nowhere. */
int daemon_log_open(struct daemon *, struct err *) __attribute__((warn_unused_result));
/* What was to be said before there was a log, the gravest first. */
void daemon_log_notes(struct daemon *);
void daemon_log_watch(struct daemon *); /* lines that a full pipe did not take are tried again */
void daemon_log_leave_loop(struct daemon *);

/* Printf-like; 'process' may be NULL. */
void daemon_log(struct daemon *, enum log_level, const struct process *, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
void daemon_log_bytes(
        struct daemon *, enum log_level, const struct process *, const char *, size_t length);
/* A line of a kind that the journal knows, 'process' as above; of the end of one its figures go
 * along. */
void daemon_log_message(struct daemon *, enum message, enum log_level, const struct process *,
        const char *text, bool of_exit);
