/* Streams: writing into what may be full (a pipe, a terminal, a socket) without ever waiting for
 * it, and without touching the flags of a descriptor that we share with others, such as our stdout.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum stream_way {
        STREAM_WRITE,  /* never waits: a file, or O_NONBLOCK is set on a description of our own */
        STREAM_SEND,   /* a socket: MSG_DONTWAIT */
        STREAM_POLLED, /* shared and blocking: ask first, then write what cannot block */
};

struct stream {
        int fd; /* owned, close-on-exec; -1: none */
        enum stream_way way;
};

/* A stream of our own onto the place where 'fd' goes.  Returns 0 or a negative errno. */
int stream_from_fd(int fd, struct stream *ret);
/* The same for a descriptor whose flags nobody shares: taken. */
int stream_adopt(int fd, struct stream *ret);
void stream_close(struct stream *);
/* As much as goes at once: the number of bytes (short when it is full), -EAGAIN for none. */
ssize_t stream_write(struct stream *, const void *data, size_t length);
/* The number of the descriptor that the path stands for (/dev/stdout, /dev/fd/3, /proc/self/fd/1,
 * or a link to one of them); -1 when it is an ordinary path. */
int stream_path_fd(const char *path);
