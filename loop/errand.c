/* Errand: see errand.h.
 *
 * What the thread and the loop share belongs to both; the last one to leave releases it. */
#include "loop/errand.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "base/fd.h"
#include "loop/thread.h"

struct shared {
        pthread_mutex_t lock;
        const struct errand_kind *kind;
        void *job;
        unsigned users;
        int fd;
};

struct errand {
        struct shared *shared;
        sd_event_source *source;
        void *context;
};

static void leave(struct shared *s)
{
        bool is_last;

        (void)pthread_mutex_lock(&s->lock); /* neither fails for one of ours */
        is_last = --s->users == 0;
        (void)pthread_mutex_unlock(&s->lock);
        if (!is_last)
                return;
        s->kind->release(s->job);
        (void)pthread_mutex_destroy(&s->lock);
        (void)fd_close(s->fd);
        mem_free(s);
}

static void *run(void *context)
{
        struct shared *s = context;

        s->kind->work(s->job);
        (void)eventfd_write(s->fd, 1); /* it is empty, so it takes one */
        leave(s);
        return NULL;
}

static int start_thread(struct shared *s)
{
        int r;

        s->users++;
        r = thread_start(run, s);
        if (r < 0)
                s->users--;
        return r;
}

static int on_done(sd_event_source *source, int fd, uint32_t events, void *context)
{
        struct errand *errand = context;
        eventfd_t count;

        (void)eventfd_read(fd, &count); /* only to make it quiet */
        errand->shared->kind->done(errand->context, errand->shared->job);
        return 0;
}

int errand_start(sd_event *loop, const struct errand_kind *kind, void *job, void *context,
        struct errand **ret, struct err *err)
{
        CLEANUP(errand_free) struct errand *errand = mem_new(sizeof(*errand));
        struct shared *s = errand->shared = mem_new(sizeof(*s));
        int r;

        (void)pthread_mutex_init(&s->lock, NULL); /* cannot fail without attributes */
        s->kind = kind;
        s->job = job;
        s->users = 1;
        errand->context = context;
        s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (s->fd < 0)
                return err_errno(err, -errno, "cannot make an event descriptor");
        r = sd_event_add_io(loop, &errand->source, s->fd, EPOLLIN, on_done, errand);
        if (r >= 0)
                r = start_thread(s);
        if (r < 0)
                return err_errno(err, r, "cannot start a thread");
        *ret = TAKE(errand);
        return 0;
}

struct errand *errand_free(struct errand *errand)
{
        if (!errand)
                return NULL;
        errand->source = sd_event_source_disable_unref(errand->source);
        leave(errand->shared);
        return mem_free(errand);
}
