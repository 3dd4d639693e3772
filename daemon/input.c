/* Input: see input.h. */
#include "daemon/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/saved.h"
#include "base/saver.h"

struct input {
        int fd;
        bool broken;
        size_t queue_max;
        char *queue;
        size_t capacity;
        size_t begin, end; /* what waits */
};

struct input *input_new(int fd, size_t queue_max)
{
        struct input *in = mem_new(sizeof(*in));
        int flags = fcntl(fd, F_GETFL);

        in->fd = fd;
        in->queue_max = queue_max;
        in->broken = flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0;
        return in;
}

static void drop_queue(struct input *in)
{
        in->queue = mem_free(in->queue);
        in->capacity = in->begin = in->end = 0;
}

struct input *input_free(struct input *in)
{
        if (!in)
                return NULL;
        input_close(in);
        return mem_free(in);
}

void input_close(struct input *in)
{
        in->fd = fd_close(in->fd);
        in->broken = true;
        drop_queue(in);
}

/* Returns how much went, which may be nothing, or -EPIPE. */
static ssize_t write_some(struct input *in, const char *data, size_t length)
{
        size_t done = 0;

        while (done < length) {
                ssize_t n = write(in->fd, data + done, length - done);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        break;
                if (n < 0) {
                        in->broken = true;
                        drop_queue(in);
                        return -EPIPE;
                }
                done += (size_t)n;
        }
        return (ssize_t)done;
}

static void enqueue(struct input *in, const char *data, size_t length)
{
        if (in->begin > 0 && in->end + length > in->capacity) {
                memmove(in->queue, in->queue + in->begin, in->end - in->begin);
                in->end -= in->begin;
                in->begin = 0;
        }
        in->queue = mem_grow(in->queue, &in->capacity, in->end + length, 1);
        memcpy(in->queue + in->end, data, length);
        in->end += length;
}

int input_write(struct input *in, const void *data, size_t length)
{
        size_t queued = in->end - in->begin;
        ssize_t n = 0;

        if (in->broken)
                return -EPIPE;
        if (queued && length > in->queue_max - (queued < in->queue_max ? queued : in->queue_max))
                return -ENOBUFS;
        if (!queued)
                n = write_some(in, data, length);
        if (n < 0)
                return (int)n;
        if ((size_t)n < length)
                enqueue(in, (const char *)data + n, length - (size_t)n);
        return 0;
}

int input_flush(struct input *in)
{
        ssize_t n;

        if (in->broken)
                return -EPIPE;
        if (in->begin == in->end)
                return 0;
        n = write_some(in, in->queue + in->begin, in->end - in->begin);
        if (n < 0)
                return (int)n;
        in->begin += (size_t)n;
        if (in->begin == in->end)
                drop_queue(in); /* a burst is rare: its memory is not kept */
        return 0;
}

bool input_wants_write(const struct input *in)
{
        return in->begin != in->end;
}

bool input_is_closed(const struct input *in)
{
        return in->broken;
}

size_t input_queued(const struct input *in)
{
        return in->end - in->begin;
}

int input_fd(const struct input *in)
{
        return in->fd;
}

void input_save(const struct input *in, struct saver *saver)
{
        if (input_wants_write(in))
                saver_bytes(saver, "queue", in->queue + in->begin, in->end - in->begin);
}

void input_restore(struct input *in, struct saved_item *item)
{
        size_t length;
        const char *queue = saved_bytes(item, "queue", &length);

        if (length && !in->broken)
                enqueue(in, queue, length);
}
