/* Logs that are in the journal: see journal_log.h. */
#include "daemon/journal_log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uthash.h>

#include "base/fd.h"
#include "daemon/daemon.h"
#include "daemon/journalread.h"
#include "loop/errand.h"
#include "loop/thread.h"
#include "rpc/follow.h"
#include "rpc/logread.h"

enum { REQUESTS_MAX = 16 }; /* at a time, each in a thread */

struct place { /* a channel whose size somebody has asked for */
        uint64_t key;
        struct journalread_mark mark;
        UT_hash_handle hh;
};

struct job { /* what a thread is given; it shares nothing else */
        struct journalread_subject subject;
        struct rpc_log_request request;
        struct journalread_mark mark;
        struct text text;
        bool overflow;
        enum fault fault;
        struct err err;
};

struct pending {
        uint64_t request;
        struct journal_logs *logs;
        struct errand *errand;
        UT_hash_handle hh;
};

struct journal_logs {
        struct daemon *daemon;
        struct place *places;
        struct pending *pending;
};

struct journal_logs *journal_logs_new(struct daemon *d)
{
        struct journal_logs *logs = mem_new(sizeof(*logs));

        logs->daemon = d;
        return logs;
}

static void pending_free(struct pending *p)
{
        HASH_DEL(p->logs->pending, p);
        errand_free(p->errand);
        mem_free(p);
}

static void place_free(struct journal_logs *logs, struct place *place)
{
        HASH_DEL(logs->places, place);
        mem_free(place->mark.cursor);
        mem_free(place);
}

struct journal_logs *journal_logs_free(struct journal_logs *logs)
{
        struct pending *p, *next_pending;
        struct place *place, *next_place;

        if (!logs)
                return NULL;
        HASH_ITER (hh, logs->pending, p, next_pending)
                pending_free(p);
        HASH_ITER (hh, logs->places, place, next_place)
                place_free(logs, place);
        return mem_free(logs);
}

static uint64_t place_key(uint32_t process, enum rpc_channel channel)
{
        return (uint64_t)process << 1 | (channel == RPC_STDERR);
}

static struct place *find_place(struct journal_logs *logs, uint32_t process, enum rpc_channel ch)
{
        uint64_t key = place_key(process, ch);
        struct place *place;

        HASH_FIND(hh, logs->places, &key, sizeof(key), place);
        return place;
}

void journal_logs_forget(struct journal_logs *logs, uint32_t process)
{
        static const enum rpc_channel channels[] = { RPC_STDOUT, RPC_STDERR };

        for (size_t i = 0; logs && i < ELEMENTS(channels); i++) {
                struct place *place = find_place(logs, process, channels[i]);

                if (place)
                        place_free(logs, place);
        }
}

static int describe(const struct journal_logs *logs, uint32_t id, enum rpc_channel channel,
        struct journalread_subject *ret)
{
        const struct process *process = engine_process(logs->daemon->engine, id);

        if (!process)
                return -ENOENT;
        *ret = (struct journalread_subject){
                .instance = mem_strdup(logs->daemon->config->identifier),
                .group = mem_strdup(process->group_name),
                .process = mem_strdup(process->program->name),
                .channel = channel == RPC_STDERR ? "stderr" : "stdout",
        };
        return 0;
}

/*
 * Reading.
 */

static void read_end(struct job *job, struct journalread *reader)
{
        if (job->request.length != 0)
                job->fault = FAULT_BAD_ARGUMENTS;
        else if (journalread_tail(reader, -job->request.offset, &job->text) < 0)
                job->fault = FAULT_FAILED;
}

static void work(void *context)
{
        CLEANUP(journalread_free) struct journalread *reader = NULL;
        struct job *job = context;
        struct logread_range range = {};

        if (journalread_new(&job->subject, &reader, &job->err) < 0) {
                job->fault = FAULT_FAILED;
                return;
        }
        if (!job->request.is_tail && job->request.offset < 0) {
                read_end(job, reader);
                return;
        }
        if (journalread_measure(reader, &job->mark) < 0) {
                job->fault = FAULT_FAILED;
                return;
        }
        if (job->request.is_tail)
                range = logread_range_tail(
                        job->mark.size, job->request.offset, job->request.length);
        else
                job->fault = logread_range_read(
                        job->mark.size, job->request.offset, job->request.length, &range);
        job->overflow = range.overflow;
        if (job->fault == FAULT_NONE &&
                journalread_range(reader, &job->mark, range.offset, range.length, &job->text) < 0)
                job->fault = FAULT_FAILED;
}

static void release(void *context)
{
        struct job *job = context;

        journalread_subject_clear(&job->subject);
        mem_free(job->mark.cursor);
        text_clear(&job->text);
        mem_free(job);
}

/* A log that another request has measured meanwhile is ahead of us. */
static void keep_mark(struct journal_logs *logs, struct job *job)
{
        struct place *place = find_place(logs, job->request.process, job->request.channel);

        if (!job->mark.cursor || !engine_process(logs->daemon->engine, job->request.process))
                return;
        if (!place) {
                place = mem_new(sizeof(*place));
                place->key = place_key(job->request.process, job->request.channel);
                HASH_ADD(hh, logs->places, key, sizeof(place->key), place);
        }
        if (place->mark.cursor && place->mark.size > job->mark.size)
                return;
        mem_free(place->mark.cursor);
        place->mark = job->mark;
        job->mark.cursor = NULL;
}

static struct answer *make_answer(struct job *job)
{
        struct answer *answer;

        if (job->request.is_tail) { /* whatever happens, as with a file */
                answer = answer_new(ANSWER_LOG);
                answer->size = job->mark.size;
                answer->overflow = job->overflow;
        } else if (job->fault != FAULT_NONE) {
                return answer_new_fault(job->fault, job->err.text[0] ? job->err.text : NULL);
        } else {
                answer = answer_new(ANSWER_TEXT);
        }
        answer->text = text_take(&job->text);
        return answer;
}

static void done(void *context, void *job)
{
        struct pending *p = context;
        struct journal_logs *logs = p->logs;
        struct answer *answer = make_answer(job);
        uint64_t request = p->request;

        keep_mark(logs, job);
        pending_free(p);
        http_answer(logs->daemon->http, request, answer);
}

static const struct errand_kind reading = { work, done, release };

void journal_logs_ask(
        struct journal_logs *logs, uint64_t request, const struct rpc_log_request *asked)
{
        struct place *place = find_place(logs, asked->process, asked->channel);
        struct job *job = mem_new(sizeof(*job));
        struct pending *p = mem_new(sizeof(*p));
        struct err err = {};
        int r;

        *p = (struct pending){ .request = request, .logs = logs };
        job->request = *asked;
        if (place)
                job->mark = (struct journalread_mark){ mem_strdup(place->mark.cursor),
                        place->mark.size };
        r = describe(logs, asked->process, asked->channel, &job->subject);
        if (HASH_COUNT(logs->pending) >= REQUESTS_MAX)
                r = err_set(&err, -EBUSY, "too many logs are being read from the journal");
        if (r < 0)
                release(job);
        else
                r = errand_start(logs->daemon->loop, &reading, job, p, &p->errand, &err);
        if (r >= 0) {
                HASH_ADD(hh, logs->pending, request, sizeof(p->request), p);
                return;
        }
        mem_free(p);
        http_answer(logs->daemon->http, request, answer_new_fault(FAULT_FAILED, err.text));
}

void journal_logs_drop(struct journal_logs *logs, uint64_t request)
{
        struct pending *p = NULL;

        HASH_FIND(hh, logs->pending, &request, sizeof(request), p);
        if (p)
                pending_free(p);
}

/*
 * Following.
 */

struct tailing {
        struct journalread_subject subject;
        int fd;
};

static struct tailing *tailing_free(struct tailing *tailing)
{
        journalread_subject_clear(&tailing->subject);
        fd_close(tailing->fd);
        return mem_free(tailing);
}
DEFINE_CLEANUP(struct tailing *, tailing_free)

/* Waits for the reader, however slow; negative: it is gone. */
static int write_all(int fd, struct text *text)
{
        for (size_t at = 0; at < text->length;) {
                ssize_t n = send(fd, text->data + at, text->length - at, MSG_NOSIGNAL);

                if (n < 0 && errno != EINTR)
                        return -errno;
                at += n > 0 ? (size_t)n : 0;
        }
        text_truncate(text, 0);
        return 0;
}

static int wait_for_more(struct journalread *reader, int fd)
{
        struct pollfd both[] = { { .fd = journalread_fd(reader), .events = POLLIN },
                { .fd = fd, .events = POLLRDHUP } };
        int r = both[0].fd;

        if (r >= 0)
                r = poll(both, ELEMENTS(both), journalread_timeout_msec(reader)) < 0 ? -errno : 0;
        if (r == -EINTR)
                return 0;
        if (r >= 0 && both[1].revents)
                return -EPIPE;
        return r < 0 ? r : journalread_woken(reader);
}

/* Until the other side closes, or the journal cannot be read. */
static void *tail(void *context)
{
        CLEANUP(tailing_free) struct tailing *tailing = context;
        CLEANUP(journalread_free) struct journalread *reader = NULL;
        CLEANUP(text_clear) struct text text = {};
        int r = journalread_new(&tailing->subject, &reader, NULL);

        if (r >= 0)
                r = journalread_fd(reader); /* from now on nothing that comes is missed */
        if (r >= 0)
                r = journalread_tail(reader, FOLLOW_TAIL_BYTES, &text);
        while (r >= 0) {
                r = write_all(tailing->fd, &text);
                if (r >= 0)
                        r = journalread_next(reader, &text);
                if (r == 0)
                        r = wait_for_more(reader, tailing->fd);
        }
        return NULL;
}

int journal_logs_follow(struct journal_logs *logs, uint32_t process, enum rpc_channel channel)
{
        struct tailing *tailing;
        CLEANUP(fd_close) int ours = -1;
        int ends[2], r;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
                return -errno;
        ours = ends[0];
        tailing = mem_new(sizeof(*tailing));
        tailing->fd = ends[1];
        r = describe(logs, process, channel, &tailing->subject);
        if (r >= 0 && fcntl(ours, F_SETFL, O_NONBLOCK) < 0)
                r = -errno;
        if (r >= 0)
                r = thread_start(tail, tailing);
        if (r < 0) {
                tailing_free(tailing);
                return r;
        }
        return TAKE_FD(ours);
}
