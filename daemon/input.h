/* Input: the writing side of a child's stdin: a bounded queue in front of a pipe that may be full.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

enum { INPUT_QUEUE_MAX = 1 << 20 };

struct input;
struct saved_item;
struct saver;

/* 'fd' is taken and made non-blocking.  The process must ignore SIGPIPE. */
struct input *input_new(int fd, size_t queue_max) __attribute__((returns_nonnull));
struct input *input_free(struct input *); /* takes NULL, returns NULL; what is queued is dropped */
DEFINE_CLEANUP(struct input *, input_free)

/* All or nothing: written, or queued behind what is queued already.  Returns 0, -EPIPE when the
 * other side is closed, -ENOBUFS when more than queue_max bytes would wait; a message that finds an
 * empty queue is always taken, so that the bound is queue_max or the longest message. */
int input_write(struct input *, const void *data, size_t length)
        __attribute__((warn_unused_result));
/* When the descriptor is writable.  Returns 0, or -EPIPE: closed. */
int input_flush(struct input *);
bool input_wants_write(const struct input *); /* watch for EPOLLOUT */
bool input_is_closed(const struct input *);
size_t input_queued(const struct input *);
/* The descriptor; -1 after input_close().  It stays open until then even when it is broken, so that
 * the caller can stop watching it first. */
int input_fd(const struct input *);
/* What is queued, as a field of the item; and into a new one of the same pipe. */
void input_save(const struct input *, struct saver *);
void input_restore(struct input *, struct saved_item *);
void input_close(struct input *); /* the child reads the end of its input */
