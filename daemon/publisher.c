/* Publisher: see publisher.h. */
#include "daemon/publisher.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "daemon/zeromq.h"
#include "daemon/zeromq_guard.h"
#include "rpc/websocket.h"

#define RETRY_USEC     USEC_SEC
#define BACKLOG        64
#define LINGER_MSEC    200 /* for the last words */
#define HANDSHAKE_MSEC 5000
#define KEEPALIVE_SECS 60
#define TELL_USEC_MIN  (60 * USEC_SEC)
/* What comes from subscribers are the names of what they want; libzmq makes room for as much as
 * they announce. */
#define INCOMING_MAX 4096
#define HEARD_MAX    1000 /* of those in one turn */

struct held {
        enum publication publication;
        char *body;
};

struct publisher {
        struct publisher_options options;
        sd_event *loop;
        sd_event_source *retry;
        bool failing; /* that the port cannot be had was told */

        struct zeromq zmq; /* once there is a context */
        void *zmq_context, *zmq_socket;
        unsigned zmq_subscriptions;
        struct zeromq_guard *guard; /* of that socket */
        usec_t refused_told_at;     /* 0: never */
        sd_event_source *more; /* subscriptions that one turn has left */

        struct websockets *websockets;
        sd_event_source *io, *timer; /* io: also that of ZeroMQ */

        sd_event_source *patience; /* while subscribers are awaited */
        struct held *held;
        size_t held_count, held_capacity, held_bytes;
};

static void tell(struct publisher *publisher, enum log_level level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static void tell(struct publisher *publisher, enum log_level level, const char *format, ...)
{
        CLEANUP(mem_free) char *text = NULL;
        va_list ap;

        va_start(ap, format);
        text = mem_vformat(format, ap);
        va_end(ap);
        publisher->options.told(publisher->options.context, level, text);
}

static usec_t now_of(struct publisher *publisher)
{
        uint64_t now = 0;

        (void)sd_event_now(publisher->loop, CLOCK_MONOTONIC, &now); /* fails on no living loop */
        return now;
}

/*
 * ZeroMQ.
 */

static void look_who_is_back(struct publisher *);

/* Subscriptions that have come and gone; the first byte says which.  What is left for another turn
 * is not told by the descriptor again. */
static void zmq_hear(struct publisher *publisher)
{
        for (unsigned i = 0; i < HEARD_MAX; i++) {
                char said = -1; /* what is empty is neither */

                if (publisher->zmq.recv(publisher->zmq_socket, &said, 1, ZMQ_DONTWAIT) < 0)
                        return;
                if (said == 1)
                        publisher->zmq_subscriptions++;
                else if (said == 0 && publisher->zmq_subscriptions)
                        publisher->zmq_subscriptions--;
        }
        (void)sd_event_source_set_enabled(publisher->more, SD_EVENT_ONESHOT); /* cannot fail */
}

static int on_zmq(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        struct publisher *publisher = context;

        zmq_hear(publisher);
        look_who_is_back(publisher);
        return 0;
}

static int on_more(sd_event_source *source, void *context)
{
        return on_zmq(source, -1, 0, context);
}

/* Its descriptor says that something has come, but only once for all that has. */
static int zmq_watch(struct publisher *publisher)
{
        size_t size = sizeof(int);
        int fd = -1, r;

        if (publisher->zmq.getsockopt(publisher->zmq_socket, ZMQ_FD, &fd, &size) < 0)
                return -errno;
        r = sd_event_add_io(publisher->loop, &publisher->io, fd, EPOLLIN, on_zmq, publisher);
        if (r >= 0)
                r = sd_event_add_defer(publisher->loop, &publisher->more, on_more, publisher);
        if (r >= 0)
                zmq_hear(publisher);
        return r;
}

static void zmq_leave(struct publisher *publisher)
{
        publisher->guard = zeromq_guard_free(publisher->guard);
        if (publisher->zmq_socket)
                publisher->io = sd_event_source_disable_unref(publisher->io);
        publisher->more = sd_event_source_disable_unref(publisher->more);
        if (publisher->zmq_socket)
                (void)publisher->zmq.close(publisher->zmq_socket); /* fails on no socket of ours */
        publisher->zmq_socket = NULL;
}

static void zmq_end(struct publisher *publisher)
{
        zmq_leave(publisher);
        while (publisher->zmq_context && publisher->zmq.ctx_term(publisher->zmq_context) < 0 &&
                errno == EINTR)
                ;
        publisher->zmq_context = NULL;
}

static void on_refused(void *context, const char *address, uint64_t count)
{
        struct publisher *publisher = context;
        usec_t now = now_of(publisher);

        if (publisher->refused_told_at && now - publisher->refused_told_at < TELL_USEC_MIN)
                return;
        publisher->refused_told_at = now;
        tell(publisher, LOG_LEVEL_WARN,
                "a subscriber of events at %s is refused, as %d are connected, or %d from there "
                "(%" PRIu64 " were refused so far)",
                address, ZEROMQ_CLIENTS_MAX, ZEROMQ_CLIENTS_OF_ONE_MAX, count);
}

static const struct zeromq_guard_handler guard_handler = { .refused = on_refused };

static int zmq_set(struct publisher *publisher)
{
        static const struct {
                int option, value;
        } options[] = {
                { ZMQ_XPUB_VERBOSER, 1 }, /* each one is told of, and its end */
                { ZMQ_LINGER, LINGER_MSEC },
                { ZMQ_HANDSHAKE_IVL, HANDSHAKE_MSEC },
                /* Who is gone without a word is not kept for ever. */
                { ZMQ_TCP_KEEPALIVE, 1 },
                { ZMQ_TCP_KEEPALIVE_IDLE, KEEPALIVE_SECS },
                { ZMQ_TCP_KEEPALIVE_INTVL, KEEPALIVE_SECS / 4 },
                { ZMQ_TCP_KEEPALIVE_CNT, 4 },
        };
        const int64_t incoming_max = INCOMING_MAX;

        for (size_t i = 0; i < ELEMENTS(options); i++)
                if (publisher->zmq.setsockopt(publisher->zmq_socket, options[i].option,
                            &options[i].value, sizeof(int)) < 0)
                        return -1;
        return publisher->zmq.setsockopt(
                publisher->zmq_socket, ZMQ_MAXMSGSIZE, &incoming_max, sizeof(incoming_max));
}

/* All interfaces, IPv4, as its subscribers are used to. */
static int zmq_begin(struct publisher *publisher, struct err *err)
{
        CLEANUP(mem_free) char *address = mem_format("tcp://0.0.0.0:%u", publisher->options.port);
        int r = zeromq_load(&publisher->zmq, err);

        if (r < 0)
                return r;
        publisher->zmq_context = publisher->zmq.ctx_new();
        if (publisher->zmq_context)
                publisher->zmq_socket = publisher->zmq.socket(publisher->zmq_context, ZMQ_XPUB);
        if (publisher->zmq_socket &&
                zeromq_guard_new(publisher->loop, &publisher->zmq, publisher->zmq_context,
                        publisher->zmq_socket, &guard_handler, publisher, &publisher->guard,
                        err) < 0) {
                zmq_end(publisher);
                return -EIO;
        }
        if (publisher->zmq_socket && zmq_set(publisher) == 0 &&
                publisher->zmq.bind(publisher->zmq_socket, address) == 0) {
                errno = -zmq_watch(publisher);
                if (errno <= 0)
                        return 0;
        }
        r = errno ? -errno : -EIO;
        r = err_set(err, r, "%s", publisher->zmq.strerror(-r)); /* its own ones, too */
        zmq_end(publisher);
        return r;
}

/* A full queue drops the message for that subscriber, and both parts of it. */
static void zmq_tell(struct publisher *publisher, const char *header, const char *body)
{
        if (publisher->zmq.send(
                    publisher->zmq_socket, header, strlen(header), ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0)
                (void)publisher->zmq.send(publisher->zmq_socket, body, strlen(body), ZMQ_DONTWAIT);
        zmq_hear(publisher); /* to send may have taken the word of its descriptor */
}

/*
 * WebSockets.
 */

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        struct publisher *publisher = context;

        websockets_run(publisher->websockets, now_of(publisher));
        look_who_is_back(publisher);
        return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
        return on_io(source, -1, 0, context);
}

/* Before every wait, for anything may have changed how long it may be. */
static int on_prepare(sd_event_source *source, void *context)
{
        struct publisher *publisher = context;
        usec_t timeout = websockets_timeout(publisher->websockets, now_of(publisher));

        if (timeout == USEC_NEVER)
                return sd_event_source_set_enabled(publisher->timer, SD_EVENT_OFF);
        if (timeout == 0)
                (void)sd_event_source_set_time(publisher->timer, 0);
        else
                (void)sd_event_source_set_time_relative(publisher->timer, timeout);
        return sd_event_source_set_enabled(publisher->timer, SD_EVENT_ONESHOT);
}

static void websockets_end(struct publisher *publisher)
{
        if (publisher->websockets)
                publisher->io = sd_event_source_disable_unref(publisher->io);
        publisher->timer = sd_event_source_disable_unref(publisher->timer);
        publisher->websockets = websockets_free(publisher->websockets);
}

/* Every interface, IPv6 and IPv4; only IPv4 where there is no other. */
static int listen_everywhere(uint16_t port)
{
        const struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
        const struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port) };
        const int on = 1, off = 0;
        CLEANUP(fd_close)
        int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        bool is_six = fd >= 0;
        int r;

        if (!is_six)
                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
                return -errno;
        if (is_six && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0)
                return -errno;
        r = is_six ? bind(fd, (const struct sockaddr *)&six, sizeof(six))
                   : bind(fd, (const struct sockaddr *)&four, sizeof(four));
        if (r < 0 || listen(fd, BACKLOG) < 0)
                return -errno;
        return TAKE_FD(fd);
}

static int websockets_begin(struct publisher *publisher, struct err *err)
{
        int fd = listen_everywhere(publisher->options.port);
        int r = fd < 0 ? fd : websockets_new(fd, &publisher->websockets, err);

        if (r >= 0)
                r = sd_event_add_io(publisher->loop, &publisher->io,
                        websockets_fd(publisher->websockets), EPOLLIN, on_io, publisher);
        if (r >= 0)
                r = sd_event_add_time(publisher->loop, &publisher->timer, CLOCK_MONOTONIC, 0, 1000,
                        on_timer, publisher);
        if (r >= 0)
                r = sd_event_source_set_enabled(publisher->timer, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_prepare(publisher->io, on_prepare);
        if (r >= 0)
                return 0;
        websockets_end(publisher);
        return err_set(err, r, "%s", strerrordesc_np(-r));
}

/*
 * Both.
 */

static void send_out(struct publisher *publisher, enum publication publication, const char *body)
{
        const char *header = publication_header(publication);
        CLEANUP(mem_free) char *message = NULL;

        if (publisher->zmq_socket)
                zmq_tell(publisher, header, body);
        if (!publisher->websockets)
                return;
        message = mem_format("[\"%s\", %s]", header, body);
        websockets_publish(publisher->websockets, publication, message, strlen(message));
}

/* Nobody is awaited any more: whoever is there gets what was held back. */
static void send_held(struct publisher *publisher)
{
        publisher->patience = sd_event_source_disable_unref(publisher->patience);
        for (size_t i = 0; i < publisher->held_count; i++) {
                send_out(publisher, publisher->held[i].publication, publisher->held[i].body);
                mem_free(publisher->held[i].body);
        }
        publisher->held = mem_free(publisher->held);
        publisher->held_count = publisher->held_capacity = publisher->held_bytes = 0;
}

static int on_impatience(sd_event_source *source, uint64_t usec, void *context)
{
        send_held(context);
        return 0;
}

static void look_who_is_back(struct publisher *publisher)
{
        if (publisher->patience && publisher_subscriptions(publisher) >= publisher->options.awaited)
                send_held(publisher);
}

static void hold(struct publisher *publisher, enum publication publication, const char *body)
{
        publisher->held_bytes += strlen(body);
        publisher->held = mem_grow(publisher->held, &publisher->held_capacity,
                publisher->held_count + 1, sizeof(*publisher->held));
        publisher->held[publisher->held_count++] = (struct held){ publication, mem_strdup(body) };
        if (publisher->held_bytes > PUBLISHER_HELD_MAX)
                send_held(publisher);
}

static int begin(struct publisher *publisher, struct err *err)
{
        switch (publisher->options.link) {
        case EVENT_LINK_ZMQ:
                return zmq_begin(publisher, err);
        case EVENT_LINK_WS:
                return websockets_begin(publisher, err);
        case EVENT_LINK_NONE:
                break;
        }
        return 0;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *context);

static void attempt(struct publisher *publisher)
{
        struct err err = {};
        int r = begin(publisher, &err);

        publisher->retry = sd_event_source_disable_unref(publisher->retry);
        if (r >= 0) {
                if (publisher->failing)
                        tell(publisher, LOG_LEVEL_INFO, "events are published on port %u now",
                                publisher->options.port);
                publisher->failing = false;
                return;
        }
        if (!publisher->failing)
                tell(publisher, LOG_LEVEL_CRITICAL,
                        "events cannot be published on port %u (event_port), which is tried again: "
                        "%s",
                        publisher->options.port, err.text);
        publisher->failing = true;
        if (sd_event_add_time_relative(publisher->loop, &publisher->retry, CLOCK_MONOTONIC,
                    RETRY_USEC, 0, on_retry, publisher) < 0)
                tell(publisher, LOG_LEVEL_ERROR, "events are not published any more");
}

static int on_retry(sd_event_source *source, uint64_t usec, void *context)
{
        attempt(context);
        return 0;
}

struct publisher *publisher_new(sd_event *loop, const struct publisher_options *options)
{
        struct publisher *publisher = mem_new(sizeof(*publisher));

        publisher->options = *options;
        publisher->loop = sd_event_ref(loop);
        if (options->awaited) /* or it is not waited for them */
                (void)sd_event_add_time_relative(loop, &publisher->patience, CLOCK_MONOTONIC,
                        PUBLISHER_AWAIT_USEC, 0, on_impatience, publisher);
        attempt(publisher);
        return publisher;
}

void publisher_will_be_back(struct publisher *publisher)
{
        if (publisher->websockets)
                websockets_will_be_back(publisher->websockets);
}

void publisher_end(struct publisher *publisher)
{
        publisher->retry = sd_event_source_disable_unref(publisher->retry);
        send_held(publisher);
        websockets_end(publisher);
        zmq_leave(publisher);
}

struct publisher *publisher_free(struct publisher *publisher)
{
        if (!publisher)
                return NULL;
        publisher_end(publisher);
        zmq_end(publisher);
        publisher->loop = sd_event_unref(publisher->loop);
        return mem_free(publisher);
}

unsigned publisher_subscriptions(const struct publisher *publisher)
{
        if (publisher->websockets)
                return websockets_count(publisher->websockets);
        return publisher->zmq_subscriptions;
}

bool publisher_wants(const struct publisher *publisher, enum publication publication)
{
        /* ZeroMQ knows itself who wants what. */
        return publisher->patience || publisher->zmq_socket ||
               (publisher->websockets && websockets_is_wanted(publisher->websockets, publication));
}

void publisher_tell(struct publisher *publisher, enum publication publication, const char *body)
{
        if (publisher->patience)
                hold(publisher, publication, body);
        else
                send_out(publisher, publication, body);
}
