/* File writer: see filewriter.h.
 *
 * What the thread shares with the loop belongs to both: the last one to leave releases it, so that
 * the loop never waits for a thread that waits for a disk.  A thread that was left puts nothing in
 * the file's place any more. */
#include "loop/filewriter.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/newfile.h"
#include "loop/thread.h"

#define RETRY_USEC USEC_SEC

struct content {
        uint64_t ticket; /* 0: none */
        char *text;
        size_t length;
};

struct shared {
        pthread_mutex_t lock;
        char *path, *temporary;
        mode_t mode;
        struct content wanted; /* text NULL: none but that which the thread has */
        struct content taken;  /* by the thread */
        uint64_t written;      /* ticket */
        int error;             /* of the last try */
        bool running, is_over;
        unsigned users;
        int fd; /* the loop looks */
};

struct filewriter {
        struct shared *shared;
        sd_event_source *source, *retry;
        const struct filewriter_handler *handler;
        void *context;
};

/* With the lock held, which is given up. */
static void leave(struct shared *s)
{
        bool is_last = --s->users == 0;

        (void)pthread_mutex_unlock(&s->lock); /* fails for none of ours */
        if (!is_last)
                return;
        (void)pthread_mutex_destroy(&s->lock);
        (void)fd_close(s->fd);
        free(s->wanted.text);
        free(s->taken.text);
        mem_free(s->path);
        mem_free(s->temporary);
        mem_free(s);
}

/*
 * The thread.
 */

/* With the lock held, but not while the disk is waited for. */
static int write_taken(struct shared *s)
{
        int r;

        (void)pthread_mutex_unlock(&s->lock);
        r = newfile_write(s->temporary, s->mode, s->taken.text, s->taken.length);
        (void)pthread_mutex_lock(&s->lock);
        if (r >= 0 && s->is_over)
                r = -ECANCELED;
        if (r >= 0)
                r = newfile_place(s->temporary, s->path, true);
        if (r < 0)
                return r;
        (void)pthread_mutex_unlock(&s->lock);
        r = newfile_settle(s->path);
        (void)pthread_mutex_lock(&s->lock);
        return r;
}

/* What could not be written is wanted still, unless there is something newer. */
static void put_down(struct shared *s, int r)
{
        s->error = r;
        if (r >= 0)
                s->written = s->taken.ticket;
        if (r < 0 && !s->wanted.text)
                s->wanted = s->taken;
        else
                free(s->taken.text);
        s->taken.text = NULL;
}

static void *work(void *context)
{
        struct shared *s = context;
        int r = 0;

        (void)pthread_mutex_lock(&s->lock); /* fails for none of ours */
        while (r >= 0 && !s->is_over && s->wanted.text) {
                s->taken = s->wanted;
                s->wanted.text = NULL;
                r = write_taken(s);
                put_down(s, r);
                (void)eventfd_write(s->fd, 1); /* cannot be full: it is read when set */
        }
        s->running = false;
        leave(s);
        return NULL;
}

/*
 * The loop's side.
 */

/* With the lock held, which the thread takes first. */
static void begin(struct shared *s)
{
        int r;

        if (s->running || !s->wanted.text)
                return;
        r = thread_start(work, s);
        if (r < 0) {
                s->error = r;
                (void)eventfd_write(s->fd, 1);
                return;
        }
        s->running = true;
        s->users++;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *context)
{
        struct shared *s = ((struct filewriter *)context)->shared;

        (void)pthread_mutex_lock(&s->lock);
        begin(s);
        (void)pthread_mutex_unlock(&s->lock);
        return 0;
}

static int on_tried(sd_event_source *source, int fd, uint32_t events, void *context)
{
        struct filewriter *writer = context;
        struct shared *s = writer->shared;
        uint64_t ticket;
        eventfd_t count;
        int error;

        (void)eventfd_read(fd, &count); /* only to make it quiet */
        (void)pthread_mutex_lock(&s->lock);
        ticket = s->written;
        error = s->error;
        s->error = 0;
        (void)pthread_mutex_unlock(&s->lock);
        if (error < 0) {
                if (sd_event_source_set_time_relative(writer->retry, RETRY_USEC) >= 0)
                        (void)sd_event_source_set_enabled(writer->retry, SD_EVENT_ONESHOT);
                writer->handler->failed(writer->context, error);
        }
        if (ticket > 0 && writer->handler->written)
                writer->handler->written(writer->context, ticket);
        return 0;
}

int filewriter_new(sd_event *loop, const char *path, mode_t mode,
        const struct filewriter_handler *handler, void *context, struct filewriter **ret,
        struct err *err)
{
        CLEANUP(filewriter_free) struct filewriter *writer = mem_new(sizeof(*writer));
        struct shared *s = writer->shared = mem_new(sizeof(*s));
        int r;

        (void)pthread_mutex_init(&s->lock, NULL); /* cannot fail without attributes */
        s->users = 1;
        s->path = mem_strdup(path);
        s->mode = mode;
        writer->handler = handler;
        writer->context = context;
        s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (s->fd < 0)
                return err_errno(err, -errno, "cannot make an event descriptor");
        /* A thread that was left keeps its descriptor, so nobody else's name is the same. */
        s->temporary = mem_format("%s.new%d", path, s->fd);
        r = sd_event_add_io(loop, &writer->source, s->fd, EPOLLIN, on_tried, writer);
        if (r >= 0)
                r = sd_event_add_time(
                        loop, &writer->retry, CLOCK_MONOTONIC, 0, USEC_MSEC, on_retry, writer);
        if (r >= 0)
                r = sd_event_source_set_enabled(writer->retry, SD_EVENT_OFF);
        if (r < 0)
                return err_errno(err, r, "the loop does not watch the writing of '%s'", path);
        *ret = TAKE(writer);
        return 0;
}

struct filewriter *filewriter_free(struct filewriter *writer)
{
        if (!writer)
                return NULL;
        writer->source = sd_event_source_disable_unref(writer->source);
        writer->retry = sd_event_source_disable_unref(writer->retry);
        (void)pthread_mutex_lock(&writer->shared->lock);
        writer->shared->is_over = true;
        leave(writer->shared);
        return mem_free(writer);
}

void filewriter_put(struct filewriter *writer, uint64_t ticket, char *text, size_t length)
{
        struct shared *s = writer->shared;

        (void)pthread_mutex_lock(&s->lock);
        free(s->wanted.text);
        s->wanted = (struct content){ ticket, text, length };
        begin(s);
        (void)pthread_mutex_unlock(&s->lock);
}

int filewriter_finish(struct filewriter *writer)
{
        struct shared *s = writer->shared;
        const struct content *left;
        int r = 0;

        (void)pthread_mutex_lock(&s->lock);
        s->is_over = true; /* so the thread does not put there what it has */
        left = s->wanted.text ? &s->wanted : &s->taken;
        if (left->text)
                r = newfile_put(s->path, s->mode, left->text, left->length, true);
        (void)pthread_mutex_unlock(&s->lock);
        return r;
}
