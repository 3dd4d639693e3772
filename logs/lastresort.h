/* The last resort: where a warning goes while the file of the activity log cannot be written to and
 * nobody else gets the line.  The journal; where that is not, syslog; where that is not, stderr. */
#pragma once

#include <stddef.h>

#include "base/log.h"
#include "base/mem.h"

struct lastresort;

struct lastresort_options {
        const char *ident;        /* copied */
        const char *journal_path; /* copied; NULL: the system's */
        const char *syslog_path;  /* copied; NULL: the system's */
};

struct lastresort *lastresort_new(const struct lastresort_options *)
        __attribute__((returns_nonnull));
struct lastresort *lastresort_free(struct lastresort *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct lastresort *, lastresort_free)

/* The text as it is, and the whole line of a log with its newline.  Never waits. */
void lastresort_say(struct lastresort *, enum log_level, const char *text, size_t text_length,
        const char *line, size_t line_length);
