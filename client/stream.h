/* Stream: a log that is followed over HTTP.
 *
 * What comes is written to 'out' at once; why nothing comes is said on 'errors'.  It goes on within
 * connection_turn() and is to be freed before its connection.
 *
 * A server that has ended it and is there again in a moment, because it was replaced in place or
 * has crashed, is asked for what follows the last byte that came (rpc/logplace.h). */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "client/connection.h"

struct stream;

struct stream *stream_new(struct connection *, const char *path, FILE *out, FILE *errors)
        __attribute__((returns_nonnull));
struct stream *stream_free(struct stream *);
DEFINE_CLEANUP(struct stream *, stream_free)

/* How long a turn of the connection may take at most. */
int stream_turn_msec(const struct stream *);
/* It had begun before there was nothing more to come. */
bool stream_is_broken(const struct stream *);
/* To be asked behind each turn.  True once there is nothing more to come; the first time after a
 * trouble, it is said. */
bool stream_is_over(struct stream *);

/* The path of a process's log. */
char *stream_path(const char *process, const char *channel) __attribute__((returns_nonnull));
