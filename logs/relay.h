/* Relay: a process beside the daemon that brings the output of programs into the journal, each line
 * a record with the fields that name the program.
 *
 * The journal's own streams carry no such fields, and what went through the daemon would end with
 * it.  The relay reads the pipes in our place: it outlives us, and goes when the last program that
 * writes to it has gone and nobody can hand it another one. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"
#include "logs/journal.h"

enum {
        RELAY_LINE_MAX = 48 * 1024, /* bytes of a record; what is longer is several */
        RELAY_FIELDS_MAX = 16 * 1024,
};

/* The field of a record whose text is not followed by a newline: "max", the line was too long, or
 * "end", its output ended there. */
#define RELAY_LINE_BREAK "REEVE_LINE_BREAK"

#define RELAY_NAME "reeve-journal" /* in ps */

struct relay;

/* 'path' of the journal's socket; NULL: journald's.  Fails when nobody listens there. */
int relay_start(const char *path, struct relay **ret, struct err *);
/* One that another image of ours has started; the descriptor is taken. */
struct relay *relay_adopt(int fd, pid_t pid) __attribute__((returns_nonnull));
/* Takes NULL, returns NULL; the process lives on for as long as it has something to read. */
struct relay *relay_free(struct relay *);
DEFINE_CLEANUP(struct relay *, relay_free)

pid_t relay_pid(const struct relay *);
int relay_fd(const struct relay *); /* EPOLLHUP when the process is gone */
/* Hands over the reading end of a pipe, which stays the caller's as well, and what its records are
 * to have besides MESSAGE. */
int relay_hand(struct relay *, int fd, const struct journal_field *, size_t count)
        __attribute__((warn_unused_result));
