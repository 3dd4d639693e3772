/* Stream: a log that is followed over HTTP.
 *
 * What comes is written to 'out' at once; why nothing comes is said on 'errors'.  It goes on within
 * connection_turn() and is to be freed before its connection. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "client/connection.h"

struct stream;

struct stream *stream_new(struct connection *, const char *path, FILE *out, FILE *errors)
        __attribute__((returns_nonnull));
struct stream *stream_free(struct stream *);
DEFINE_CLEANUP(struct stream *, stream_free)

/* True once there is nothing more to come; the first time after a trouble, it is said. */
bool stream_is_over(struct stream *);

/* The path of a process's log. */
char *stream_path(const char *process, const char *channel) __attribute__((returns_nonnull));
