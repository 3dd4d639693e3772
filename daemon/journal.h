/* The journal: structured records of our own, and streams for children to write into.
 *
 * Records go over the native protocol by ourselves and not through sd_journal_sendv(), because that
 * one waits when journald does not read; here such a record is dropped and counted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

struct journal;

struct journal_field {
        const char *name; /* upper case letters, digits, underscores; not beginning with one */
        const char *value;
        size_t length;
};

/* 'path' of the socket; NULL: journald's.  Fails when nobody listens there. */
int journal_new(const char *path, struct journal **ret, struct err *);
struct journal *journal_free(struct journal *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct journal *, journal_free)

void journal_send(struct journal *, const struct journal_field *, size_t count);
uint64_t journal_dropped(const struct journal *);

/* Whether fd is the stream into the journal that JOURNAL_STREAM, handed in, announces. */
bool journal_is_stream(int fd, const char *journal_stream);
/* A stream for a child: each line that is written becomes a record with this SYSLOG_IDENTIFIER
 * ("group:process") and priority (6: info, for stdout; 4: warning, for stderr).  Close-on-exec,
 * blocking, as a child expects its stdout.  Returns the descriptor. */
int journal_stream(const char *identifier, int priority, struct err *);
int journal_priority(enum log_level); /* as of syslog(3) */
