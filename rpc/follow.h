/* Following logs: what was appended to a file since, through rotation, clearing, truncation,
 * removal and coming back; or what a stream brings that somebody else fills.
 *
 * A reader pulls; nothing is kept for a slow one.  Readers that wait are woken by inotify, and by a
 * slow look at the file where inotify does not reach (network file systems, watches used up). */
#pragma once

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"

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
/* Of a non-blocking descriptor, which is taken. */
struct follow *follow_new_stream(struct follows *, int fd, void (*more)(void *context),
        void *context) __attribute__((returns_nonnull));
struct follow *follow_free(struct follow *);
DEFINE_CLEANUP(struct follow *, follow_free)
time_t follow_modified(const struct follow *);
/* The next bytes; 0: nothing now, and more() will be called. */
size_t follow_read(struct follow *, char *buffer, size_t size);
