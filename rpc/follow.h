/* Following logs: what was appended to a file since, through rotation, clearing, truncation,
 * removal and coming back; or what a stream brings that somebody else fills.
 *
 * A reader pulls; nothing is kept for a slow one.  Readers that wait are woken by inotify, and by a
 * slow look at the file where inotify does not reach (network file systems, watches used up). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "rpc/logplace.h"

/* What a new reader gets of what is there already. */
#define FOLLOW_TAIL_BYTES 1024

struct follows;
struct follow;

struct follows *follows_new(void);
struct follows *follows_free(struct follows *); /* no follow is left */
DEFINE_CLEANUP(struct follows *, follows_free)
int follows_fd(const struct follows *); /* an epoll */
usec_t follows_timeout(const struct follows *);
/* Calls more() of those that wait and have something to read now. */
void follows_run(struct follows *);
size_t follows_count(const struct follows *);

/* Opens the file; negative errno when there is none or it is no regular file. */
int follow_new(struct follows *, const char *path, void (*more)(void *context), void *context,
        struct follow **ret) __attribute__((warn_unused_result));
/* For a reader who keeps count of his place: of one file only, from that place on, or where it is
 * NULL as above.  'ret_place' is where it begins.  Also -ENOENT when the log is gone. */
int follow_new_at(struct follows *, const char *path, const struct logplace *from,
        void (*more)(void *context), void *context, struct follow **ret, struct logplace *ret_place,
        enum logplace_gap *ret_gap) __attribute__((warn_unused_result));
/* That file is read to its end and another one follows, or it was truncated.  'ret' is where it
 * goes on. */
bool follow_is_over(const struct follow *, struct logplace *ret, enum logplace_gap *ret_gap);
/* Of a non-blocking descriptor, which is taken. */
struct follow *follow_new_stream(struct follows *, int fd, void (*more)(void *context),
        void *context) __attribute__((returns_nonnull));
struct follow *follow_free(struct follow *);
DEFINE_CLEANUP(struct follow *, follow_free)
time_t follow_modified(const struct follow *);
/* The next bytes; 0: nothing now, and more() will be called. */
size_t follow_read(struct follow *, char *buffer, size_t size);
