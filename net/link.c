/* Link: see link.h.
 *
 * What ends a link is only noted where it is met; a deferred source tells it and releases, so that
 * no caller loses a link under its hands.  The same source sends what was queued in one turn of the
 * loop with as few system calls as possible. */
#include "net/link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/fd.h"
#include "base/text.h"
#include "net/transport.h"

enum {
        READ_SIZE = 65536,
        TURN_READS = 16, /* then the others have their turn */
        TURN_WRITE_MAX = 1 << 20,
        STATISTICS_MAX = 1 << 18, /* queued bytes above which statistics are left out */
        QUEUE_KEPT = 1 << 18,     /* capacity that an empty queue may hold on to */
};

enum stage { CONNECTING, SECURING, GREETING, UP, OVER };

DEFINE_CLEANUP(struct link *, link_free)

struct link {
        struct link_settings *settings;
        const struct link_handler *handler; /* NULL: nobody is to be told */
        void *context;
        enum stage stage;
        bool is_ours;
        struct identity_id peer; /* of ours: whom we expect */
        uint64_t incarnation;
        usec_t since;
        struct transport *transport;
        sd_event_source *io, *timer, *deferred;
        uint32_t waits_for; /* of epoll */

        uint8_t greeting[GREETING_SIZE];
        size_t greeted; /* bytes of it that are there */
        struct frame_decoder *decoder;
        struct text queue;
        size_t sent; /* of the queue */
        bool reads_on, moved, timing;
        bool finishing, ended; /* nothing more is sent than what is queued; that is sent */

        enum link_why why;
        char *text;
        char name[ENDPOINT_NAME_SIZE];
        struct link *next, **place; /* in settings->all */
};

static void defer(struct link *link)
{
        /* Fails only when the loop has ended, and links_free() does the rest. */
        (void)sd_event_source_set_enabled(link->deferred, SD_EVENT_ONESHOT);
}

static void __attribute__((format(printf, 3, 4)))
fail(struct link *link, enum link_why why, const char *format, ...)
{
        va_list ap;

        if (link->stage == OVER)
                return;
        va_start(ap, format);
        link->text = mem_vformat(format, ap);
        va_end(ap);
        link->why = why;
        link->stage = OVER;
        link->io = sd_event_source_disable_unref(link->io);
        link->timer = sd_event_source_disable_unref(link->timer);
        defer(link);
}

static void wait_for(struct link *link, uint32_t events)
{
        if (!link->io || link->waits_for == events)
                return;
        if (sd_event_source_set_io_events(link->io, events) < 0)
                fail(link, LINK_LOST, "the loop does not watch it");
        link->waits_for = events;
}

static void set_timer(struct link *link, usec_t usec)
{
        if (sd_event_source_set_time_relative(link->timer, usec) < 0 ||
                sd_event_source_set_enabled(link->timer, SD_EVENT_ONESHOT) < 0)
                fail(link, LINK_LOST, "the loop has no timer for it");
}

static size_t waiting(const struct link *link)
{
        return link->queue.length - link->sent;
}

/* What was sent leaves the queue; half of it at least, so that the moving stays cheap. */
static void trim(struct link *link)
{
        struct text *queue = &link->queue;

        if (link->sent == queue->length) {
                if (queue->capacity > QUEUE_KEPT)
                        text_clear(queue);
                else
                        text_truncate(queue, 0);
                link->sent = 0;
        } else if (link->sent > queue->length / 2) {
                size_t rest = waiting(link);

                memmove(queue->data, queue->data + link->sent, rest);
                text_truncate(queue, rest);
                link->sent = 0;
        }
}

static void watch_stall(struct link *link)
{
        if (link->stage != UP || link->timing || waiting(link) == 0)
                return;
        link->timing = true;
        link->moved = false;
        set_timer(link, link->settings->stall_usec_max);
}

static void flush(struct link *link)
{
        size_t budget = TURN_WRITE_MAX;
        ssize_t n = 0;

        while (waiting(link) > 0 && budget > 0) {
                size_t size = waiting(link) < budget ? waiting(link) : budget;

                n = transport_write(link->transport, link->queue.data + link->sent, size);
                if (n < 0)
                        break;
                link->sent += (size_t)n;
                budget -= (size_t)n < budget ? (size_t)n : budget;
                link->moved = true;
        }
        trim(link);
        if (n < 0 && n != -EAGAIN) {
                fail(link, LINK_LOST, "cannot write: %s", strerror((int)-n));
                return;
        }
        wait_for(link, EPOLLIN | (waiting(link) ? EPOLLOUT : 0));
        if (link->finishing && !link->ended && waiting(link) == 0) {
                link->ended = true;
                transport_end(link->transport);
        }
        watch_stall(link);
}

static void greet(struct link *link, enum greeting_answer answer)
{
        uint8_t bytes[GREETING_SIZE];

        greeting_encode(
                &(struct greeting){
                        .answer = answer,
                        .cluster = link->settings->cluster,
                        .sender = link->settings->self,
                        .incarnation = link->settings->incarnation,
                        .receiver = link->peer,
                },
                bytes);
        text_append_bytes(&link->queue, bytes, sizeof(bytes));
        flush(link);
}

static void go_up(struct link *link)
{
        (void)sd_event_now(link->settings->loop, CLOCK_MONOTONIC, &link->since); /* in a callback */
        (void)sd_event_source_set_enabled(link->timer, SD_EVENT_OFF); /* only a bad source fails */
        link->stage = UP;
        link->decoder = frame_decoder_new();
        if (link->settings->keyring)
                frame_decoder_trust(link->decoder);
        if (link->handler)
                link->handler->up(link->context, link);
}

static void answered(struct link *link, const struct greeting *g)
{
        switch (g->answer) {
        case GREETING_WELCOME:
                if (!identity_is_none(&link->peer) && !identity_equal(&link->peer, &g->sender)) {
                        fail(link, LINK_MISTAKEN, "another instance answers there");
                        return;
                }
                link->peer = g->sender;
                link->incarnation = g->incarnation;
                go_up(link);
                return;
        case GREETING_FOREIGN:
                fail(link, LINK_FOREIGN, "an instance of another cluster answers there");
                return;
        case GREETING_MISTAKEN:
                fail(link, LINK_MISTAKEN, "another instance answers there");
                return;
        case GREETING_DUPLICATE:
                fail(link, LINK_DUPLICATE, "the other side keeps another link");
                return;
        case GREETING_BUSY:
                fail(link, LINK_BUSY, "the other side has too many links");
                return;
        }
}

static void opened(struct link *link, const struct greeting *g)
{
        static const enum link_why whys[GREETING_ANSWERS] = {
                [GREETING_FOREIGN] = LINK_FOREIGN,
                [GREETING_MISTAKEN] = LINK_MISTAKEN,
                [GREETING_DUPLICATE] = LINK_DUPLICATE,
                [GREETING_BUSY] = LINK_BUSY,
        };
        enum greeting_answer answer = GREETING_WELCOME;

        link->peer = g->sender;
        link->incarnation = g->incarnation;
        if (g->cluster != link->settings->cluster)
                answer = GREETING_FOREIGN;
        else if (!identity_is_none(&g->receiver) &&
                 !identity_equal(&g->receiver, &link->settings->self))
                answer = GREETING_MISTAKEN;
        else if (link->handler)
                answer = link->handler->greeted(link->context, link);
        if (link->stage == OVER)
                return;
        greet(link, answer);
        if (link->stage == OVER)
                return;
        if (answer == GREETING_WELCOME)
                go_up(link);
        else
                fail(link, whys[answer], "turned away: %s", link_why_name(whys[answer]));
}

static void read_greeting(struct link *link)
{
        struct greeting g;
        int r;

        while (link->greeted < GREETING_SIZE) {
                ssize_t n = transport_read(link->transport, link->greeting + link->greeted,
                        GREETING_SIZE - link->greeted);

                if (n == -EAGAIN)
                        return;
                if (n <= 0) {
                        fail(link, n == 0 ? LINK_CLOSED : LINK_LOST,
                                "it ended before the greeting");
                        return;
                }
                link->greeted += (size_t)n;
                /* Who does not even begin like one of us is not waited for. */
                if (memcmp(link->greeting, "RVLK", link->greeted < 4 ? link->greeted : 4) != 0)
                        break;
        }
        r = greeting_decode(link->greeting, &g);
        if (r < 0)
                fail(link, LINK_ALIEN,
                        r == -EPROTONOSUPPORT ? "it speaks a version that we do not"
                                              : "what it says is no greeting of ours");
        else if (link->is_ours)
                answered(link, &g);
        else
                opened(link, &g);
}

static void read_frames(struct link *link)
{
        uint8_t buffer[READ_SIZE];
        struct frame frame;

        link->reads_on = false;
        for (unsigned i = 0; i < TURN_READS && link->stage == UP; i++) {
                ssize_t n = transport_read(link->transport, buffer, sizeof(buffer));
                int r = 0;

                if (n == -EAGAIN)
                        return;
                if (n <= 0) {
                        fail(link, n == 0 ? LINK_CLOSED : LINK_LOST,
                                n == 0 ? "the other side has ended it" : "cannot read: %s",
                                strerror((int)-n));
                        return;
                }
                frame_decoder_feed(link->decoder, buffer, (size_t)n);
                while (link->stage == UP && (r = frame_decoder_next(link->decoder, &frame)) > 0)
                        link->handler->frame(link->context, link, &frame);
                if (r < 0)
                        fail(link, LINK_BAD_FRAME,
                                r == -EMSGSIZE ? "a frame is too large" : "that is no frame");
        }
        if (link->stage != UP)
                return;
        link->reads_on = true;
        defer(link);
}

static void secure(struct link *link)
{
        struct err err = {};
        int r = transport_handshake(link->transport, &err);

        if (r == -EAGAIN) {
                wait_for(link, transport_wants_write(link->transport) ? EPOLLOUT : EPOLLIN);
                return;
        }
        if (r < 0) {
                fail(link, r == -EKEYREJECTED ? LINK_WRONG_KEY : LINK_LOST, "%s", err.text);
                return;
        }
        link->stage = GREETING;
        wait_for(link, EPOLLIN);
        if (link->is_ours)
                greet(link, GREETING_WELCOME);
        if (link->stage == GREETING && transport_has_more(link->transport))
                read_greeting(link);
}

static void fail_connect(struct link *link, int code)
{
        fail(link, code == -ECONNREFUSED ? LINK_REFUSED : LINK_UNREACHABLE, "cannot connect: %s",
                strerror(-code));
}

static void finish_connect(struct link *link, int fd)
{
        socklen_t size = sizeof(int);
        int code = 0;

        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
                code = errno;
        if (code) {
                fail_connect(link, -code);
                return;
        }
        link->stage = SECURING;
        secure(link);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *context)
{
        struct link *link = context;

        switch (link->stage) {
        case CONNECTING:
                finish_connect(link, fd);
                break;
        case SECURING:
                secure(link);
                break;
        case GREETING:
                if (events & EPOLLOUT)
                        flush(link);
                if (link->stage == GREETING)
                        read_greeting(link);
                break;
        case UP:
                if (events & EPOLLOUT)
                        flush(link);
                if (link->stage == UP && (events & ~(uint32_t)EPOLLOUT))
                        read_frames(link);
                break;
        case OVER:
                break;
        }
        /* What came with the greeting is in no socket any more. */
        if (link->stage == UP && transport_has_more(link->transport) && !link->reads_on) {
                link->reads_on = true;
                defer(link);
        }
        return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
        struct link *link = context;

        if (link->stage == CONNECTING)
                fail(link, LINK_UNREACHABLE, "cannot connect: no answer");
        else if (link->stage != UP)
                fail(link, LINK_TIMEOUT, "the handshake takes too long");
        else if (waiting(link) > 0 && !link->moved)
                fail(link, LINK_SLOW, "it takes nothing of the %zu bytes that wait for it",
                        waiting(link));
        link->timing = false;
        watch_stall(link);
        return 0;
}

static int on_deferred(sd_event_source *source, void *context)
{
        struct link *link = context;

        if (link->stage == UP && waiting(link) > 0)
                flush(link);
        if (link->stage == UP && link->reads_on)
                read_frames(link);
        if (link->stage != OVER)
                return 0;
        if (link->handler)
                link->handler->over(link->context, link, link->why, link->text);
        (void)link_free(link);
        return 0;
}

static int add_sources(struct link *link, int fd, uint32_t events)
{
        const struct link_settings *s = link->settings;
        int r = sd_event_add_defer(s->loop, &link->deferred, on_deferred, link);

        if (r >= 0)
                r = sd_event_source_set_enabled(link->deferred, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_io(s->loop, &link->io, fd, events, on_io, link);
        if (r >= 0)
                r = sd_event_add_time_relative(s->loop, &link->timer, CLOCK_MONOTONIC,
                        s->handshake_usec_max, 10 * USEC_MSEC, on_timer, link);
        link->waits_for = events;
        return r;
}

static int make(struct link_settings *settings, const struct link_handler *handler, void *context,
        int taken_fd, bool is_ours, struct link **ret, struct err *err)
{
        CLEANUP(link_free) struct link *link = mem_new(sizeof(*link));
        int r;

        link->settings = settings;
        link->next = settings->all;
        link->place = &settings->all;
        if (link->next)
                link->next->place = &link->next;
        settings->all = link;
        link->is_ours = is_ours;
        link->stage = is_ours ? CONNECTING : SECURING;
        /* The kernel's is the longer one: a peer that does not read is told apart from one that is
         * gone. */
        endpoint_tune(taken_fd, settings->stall_usec_max * 3 / 2);
        r = transport_new(
                taken_fd, !is_ours, settings->keyring, settings->cluster, &link->transport, err);
        if (r < 0) {
                (void)fd_close(taken_fd);
                return r;
        }
        r = add_sources(link, taken_fd, is_ours ? EPOLLOUT : EPOLLIN);
        if (r < 0)
                return err_errno(err, r, "the loop takes no further connection");
        link->handler = handler;
        link->context = context;
        *ret = TAKE(link);
        return 0;
}

static void set_name(struct link *link, const struct sockaddr *address, socklen_t size)
{
        struct endpoint endpoint;

        endpoint_set(&endpoint, address, size);
        (void)endpoint_name(&endpoint, link->name);
}

int link_open(struct link_settings *settings, const struct link_handler *handler, void *context,
        const struct identity_id *peer, const struct sockaddr *address, socklen_t size,
        struct link **ret, struct err *err)
{
        int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct link *link;
        int r;

        if (fd < 0)
                return err_errno(err, -errno, "cannot make a socket");
        r = make(settings, handler, context, fd, true, &link, err);
        if (r < 0)
                return r;
        link->peer = *peer;
        set_name(link, address, size);
        if (connect(fd, address, size) < 0 && errno != EINPROGRESS)
                fail_connect(link, -errno);
        *ret = link;
        return 0;
}

int link_accept(struct link_settings *settings, const struct link_handler *handler, void *context,
        int taken_fd, const struct sockaddr *address, socklen_t size, struct link **ret,
        struct err *err)
{
        struct link *link;
        int r = make(settings, handler, context, taken_fd, false, &link, err);

        if (r < 0)
                return r;
        set_name(link, address, size);
        *ret = link;
        return 0;
}

void link_close(struct link *link)
{
        link->handler = NULL;
        if (link->stage == UP && !link->ended) {
                flush(link);
                if (link->stage == UP && !link->ended)
                        transport_end(link->transport);
        }
        fail(link, LINK_CLOSED, "closed by us");
}

void link_finish(struct link *link)
{
        if (link->stage != UP || link->finishing)
                return;
        link->finishing = true;
        if (!(link->waits_for & EPOLLOUT))
                flush(link);
}

struct link *link_free(struct link *link)
{
        if (!link)
                return NULL;
        *link->place = link->next;
        if (link->next)
                link->next->place = link->place;
        link->io = sd_event_source_disable_unref(link->io);
        link->timer = sd_event_source_disable_unref(link->timer);
        link->deferred = sd_event_source_disable_unref(link->deferred);
        transport_free(link->transport);
        frame_decoder_free(link->decoder);
        text_clear(&link->queue);
        mem_free(link->text);
        return mem_free(link);
}

int link_send(struct link *link, const struct frame *frame)
{
        uint8_t header[FRAME_HEADER_SIZE];

        if (link->stage != UP || link->finishing)
                return -ENOTCONN;
        if (frame->size > FRAME_PAYLOAD_MAX)
                return -EMSGSIZE;
        if (frame->kind == FRAME_STATISTICS && waiting(link) > STATISTICS_MAX)
                return 1;
        if (waiting(link) + sizeof(header) + frame->size > link->settings->queue_size_max) {
                fail(link, LINK_SLOW, "%zu bytes wait for it already", waiting(link));
                return -ENOBUFS;
        }
        frame_encode_header(frame, header);
        text_append_bytes(&link->queue, header, sizeof(header));
        text_append_bytes(&link->queue, frame->payload, frame->size);
        if (!(link->waits_for & EPOLLOUT))
                defer(link);
        return 0;
}

size_t link_queued(const struct link *link)
{
        return waiting(link);
}

void link_trust(struct link *link)
{
        if (link->decoder)
                frame_decoder_trust(link->decoder);
}

bool link_is_ours(const struct link *link)
{
        return link->is_ours;
}

const struct identity_id *link_peer(const struct link *link)
{
        return &link->peer;
}

uint64_t link_incarnation(const struct link *link)
{
        return link->incarnation;
}

usec_t link_since(const struct link *link)
{
        return link->since;
}

const char *link_address(const struct link *link)
{
        return link->name;
}
