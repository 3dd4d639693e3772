/* Resolver: see resolver.h.
 *
 * What the threads share with the loop belongs to all of them: the last one to leave releases it,
 * so that the loop never waits for a thread that waits for a name server. */
#include "net/resolver.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/fd.h"
#include "loop/thread.h"

enum { THREADS_MAX = 4 };

struct question {
        struct question *next;
        struct resolver_answer answer;
        char host[];
};

struct queue {
        struct question *first;
        struct question **end;
};

struct shared {
        pthread_mutex_t lock;
        struct resolver_lookup lookup;
        struct queue asked;
        struct queue answered;
        unsigned threads;
        unsigned users; /* the threads and the resolver */
        bool is_over;
        int fd;
};

struct resolver {
        struct shared *shared;
        sd_event_source *source;
        unsigned waiting;
        void (*answered)(void *context, const struct resolver_answer *);
        void *context;
};

static void append(struct queue *queue, struct question *question)
{
        question->next = NULL;
        *queue->end = question;
        queue->end = &question->next;
}

static struct question *take(struct queue *queue)
{
        struct question *question = queue->first;

        if (!question)
                return NULL;
        queue->first = question->next;
        if (!queue->first)
                queue->end = &queue->first;
        return question;
}

/* With the lock held, which is given up. */
static void leave(struct shared *shared)
{
        bool is_last = --shared->users == 0;
        struct question *question;

        (void)pthread_mutex_unlock(&shared->lock); /* fails for none of ours */
        if (!is_last)
                return;
        while ((question = take(&shared->asked)) || (question = take(&shared->answered)))
                mem_free(question);
        (void)pthread_mutex_destroy(&shared->lock);
        (void)fd_close(shared->fd);
        mem_free(shared);
}

static int system_lookup(const char *host, struct addrinfo **ret)
{
        const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_ADDRCONFIG };

        return getaddrinfo(host, NULL, &hints, ret);
}

static void answer(struct question *question, const struct resolver_lookup *lookup)
{
        struct resolver_answer *a = &question->answer;
        struct addrinfo *list = NULL;
        int r = lookup->lookup(question->host, &list);

        if (r != 0) {
                a->code = r;
                a->error = gai_strerror(r); /* constant texts */
                return;
        }
        for (struct addrinfo *i = list; i && a->count < RESOLVER_ADDRESSES_MAX; i = i->ai_next)
                if (i->ai_family == AF_INET || i->ai_family == AF_INET6)
                        endpoint_set(&a->addresses[a->count++], i->ai_addr, i->ai_addrlen);
        if (a->count == 0)
                a->error = "it has no address";
        lookup->release(list);
}

static void *work(void *context)
{
        struct shared *shared = context;
        struct question *question;

        (void)pthread_mutex_lock(&shared->lock); /* fails for none of ours */
        while (!shared->is_over && (question = take(&shared->asked))) {
                (void)pthread_mutex_unlock(&shared->lock);
                answer(question, &shared->lookup);
                (void)pthread_mutex_lock(&shared->lock);
                append(&shared->answered, question);
                (void)eventfd_write(shared->fd, 1); /* cannot be full: it is read when set */
        }
        shared->threads--;
        leave(shared);
        return NULL;
}

/* With the lock held, which the thread takes first. */
static int start_thread(struct shared *shared)
{
        int r = thread_start(work, shared);

        if (r < 0)
                return r;
        shared->threads++;
        shared->users++;
        return 0;
}

int resolver_ask(struct resolver *resolver, const char *host, uint64_t ticket)
{
        struct shared *shared = resolver->shared;
        struct question *question;
        int r = 0;

        if (resolver->waiting == RESOLVER_QUESTIONS_MAX)
                return -EBUSY;
        question = mem_new(sizeof(*question) + strlen(host) + 1);
        question->answer.ticket = ticket;
        memcpy(question->host, host, strlen(host) + 1);
        (void)pthread_mutex_lock(&shared->lock);
        if (shared->threads < THREADS_MAX)
                r = start_thread(shared);
        if (shared->threads > 0) {
                r = 0;
                append(&shared->asked, question);
        }
        (void)pthread_mutex_unlock(&shared->lock);
        if (r < 0)
                mem_free(question);
        else
                resolver->waiting++;
        return r;
}

static int on_answers(sd_event_source *source, int fd, uint32_t events, void *context)
{
        struct resolver *resolver = context;
        struct shared *shared = resolver->shared;
        struct queue answers = { .end = &answers.first };
        struct question *question;
        eventfd_t count;

        (void)eventfd_read(fd, &count); /* only to make it quiet */
        (void)pthread_mutex_lock(&shared->lock);
        while ((question = take(&shared->answered)))
                append(&answers, question);
        (void)pthread_mutex_unlock(&shared->lock);
        while ((question = take(&answers))) {
                resolver->waiting--;
                resolver->answered(resolver->context, &question->answer);
                mem_free(question);
        }
        return 0;
}

int resolver_new(sd_event *loop, const struct resolver_lookup *lookup,
        void (*answered)(void *context, const struct resolver_answer *), void *context,
        struct resolver **ret, struct err *err)
{
        static const struct resolver_lookup system = { system_lookup, freeaddrinfo };
        CLEANUP(resolver_free) struct resolver *resolver = mem_new(sizeof(*resolver));
        struct shared *shared = resolver->shared = mem_new(sizeof(*resolver->shared));
        int r;

        (void)pthread_mutex_init(&shared->lock, NULL); /* cannot fail without attributes */
        shared->lookup = lookup ? *lookup : system;
        shared->asked.end = &shared->asked.first;
        shared->answered.end = &shared->answered.first;
        shared->users = 1;
        shared->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        resolver->answered = answered;
        resolver->context = context;
        if (shared->fd < 0)
                return err_errno(err, -errno, "cannot make an event descriptor");
        r = sd_event_add_io(loop, &resolver->source, shared->fd, EPOLLIN, on_answers, resolver);
        if (r < 0)
                return err_errno(err, r, "the loop does not watch for resolved names");
        *ret = TAKE(resolver);
        return 0;
}

struct resolver *resolver_free(struct resolver *resolver)
{
        if (!resolver)
                return NULL;
        resolver->source = sd_event_source_disable_unref(resolver->source);
        (void)pthread_mutex_lock(&resolver->shared->lock);
        resolver->shared->is_over = true;
        leave(resolver->shared);
        return mem_free(resolver);
}
