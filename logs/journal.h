/* The journal: structured records.
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
#include "base/text.h"

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
/* Fields as they are in a record, which is one or more of such. */
void journal_encode(struct text *, const struct journal_field *, size_t count);
void journal_send_record(struct journal *, const struct text *encoded);
/* From now on it waits for a journald that is slow, and some seconds for one that is away. */
void journal_set_patient(struct journal *);
uint64_t journal_dropped(const struct journal *);

/* Whether fd is the stream into the journal that JOURNAL_STREAM, handed in, announces. */
bool journal_is_stream(int fd, const char *journal_stream);
int journal_priority(enum log_level); /* as of syslog(3) */
