/* Subscriptions: see subscription.h.  The handshake is done here, the frames by wslay. */
#include "client/subscription.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <wslay/wslay.h>

#include "base/fd.h"
#include "base/text.h"

/* RFC 6455, 1.3: what a server appends to our key before it hashes it. */
#define ACCEPT_GUID          "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define KEY_SIZE             16
#define SHA1_SIZE            20
#define RESPONSE_MAX         8192
#define CODE_SERVICE_RESTART 1012 /* registered later than the RFC's */

struct subscription {
        struct subscription_target target;
        int fd;
        wslay_event_context_ptr frames;
        char early[RESPONSE_MAX + 1]; /* the response, and what came with it */
        size_t early_length, early_read;
        bool ended; /* by the other end */
        /* Of the closing frame, which wslay refuses for a code that it does not know. */
        bool is_closing;
        unsigned char code[2];
        size_t code_length;
};

static int interrupted(struct failure *failure)
{
        return failure_set(failure, FAILURE_INTERRUPTED, 0, "KeyboardInterrupt", "interrupted");
}

/* Waits for the socket.  0: it is ready, or has an error to show; -EIO. */
static int await(
        const struct subscription *s, short events, int timeout_msec, struct failure *failure)
{
        struct pollfd fds[] = { { .fd = s->fd, .events = events },
                { .fd = s->target.interrupt_fd, .events = POLLIN } };
        struct signalfd_siginfo info;
        int r;

        do
                r = poll(fds, ELEMENTS(fds), timeout_msec);
        while (r < 0 && errno == EINTR);
        if (r < 0)
                return failure_set_errno(failure, errno);
        if (r == 0)
                return failure_set_errno(failure, ETIMEDOUT);
        if (!fds[1].revents)
                return 0;
        (void)!read(s->target.interrupt_fd, &info, sizeof(info)); /* only its arrival matters */
        return interrupted(failure);
}

/*
 * The connection.
 */

static int connect_to(
        struct subscription *s, const struct addrinfo *address, struct failure *failure)
{
        socklen_t length = sizeof(int);
        int error = 0, r;

        s->fd = fd_close(s->fd);
        s->fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (s->fd < 0)
                return failure_set_errno(failure, errno);
        if (connect(s->fd, address->ai_addr, address->ai_addrlen) == 0)
                return 0;
        if (errno != EINPROGRESS)
                return failure_set_errno(failure, errno);
        r = await(s, POLLOUT, SUBSCRIPTION_CONNECT_SECS_MAX * 1000, failure);
        if (r < 0)
                return r;
        if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
                error = errno;
        return error ? failure_set_errno(failure, error) : 0;
}

static int dial(struct subscription *s, struct failure *failure)
{
        struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all = NULL;
        CLEANUP(mem_free) char *port = mem_format("%d", s->target.port);
        int error = getaddrinfo(s->target.host, port, &hints, &all), r = -EIO;

        if (error)
                return failure_set_value(failure, "socket.gaierror", "%s", gai_strerror(error));
        for (const struct addrinfo *one = all; r < 0 && one; one = one->ai_next) {
                r = connect_to(s, one, failure);
                if (r < 0 && failure->kind == FAILURE_INTERRUPTED)
                        break;
        }
        freeaddrinfo(all);
        return r;
}

/*
 * The handshake.
 */

static char *base64(const void *bytes, size_t size)
{
        gnutls_datum_t plain = { .data = (unsigned char *)bytes, .size = (unsigned)size };
        gnutls_datum_t coded = {};
        char *text;

        if (gnutls_base64_encode2(&plain, &coded) < 0)
                return mem_strdup(""); /* for lack of memory, and then nothing will match it */
        text = mem_strndup((const char *)coded.data, coded.size);
        gnutls_free(coded.data);
        return text;
}

static char *accepted_key(const char *key)
{
        CLEANUP(mem_free) char *text = mem_format("%s%s", key, ACCEPT_GUID);
        unsigned char digest[SHA1_SIZE] = {};

        if (gnutls_hash_fast(GNUTLS_DIG_SHA1, text, strlen(text), digest) < 0)
                return mem_strdup("");
        return base64(digest, sizeof(digest));
}

static int send_all(struct subscription *s, const char *text, struct failure *failure)
{
        size_t length = strlen(text);

        while (length) {
                ssize_t n = send(s->fd, text, length, MSG_NOSIGNAL);

                if (n < 0 && errno != EAGAIN && errno != EINTR)
                        return failure_set_errno(failure, errno);
                if (n < 0) {
                        int r = await(s, POLLOUT, SUBSCRIPTION_CONNECT_SECS_MAX * 1000, failure);

                        if (r < 0)
                                return r;
                        continue;
                }
                text += n;
                length -= (size_t)n;
        }
        return 0;
}

/* Reads until the empty line that ends the headers. */
static int read_response(struct subscription *s, struct failure *failure)
{
        const char *end;

        while (!(end = strstr(s->early, "\r\n\r\n"))) {
                int r = await(s, POLLIN, SUBSCRIPTION_CONNECT_SECS_MAX * 1000, failure);
                ssize_t n;

                if (r < 0)
                        return r;
                if (s->early_length == RESPONSE_MAX)
                        return failure_set_value(failure, "http.client.HTTPException",
                                "the answer has too many headers");
                n = recv(s->fd, s->early + s->early_length, RESPONSE_MAX - s->early_length, 0);
                if (n < 0 && (errno == EAGAIN || errno == EINTR))
                        continue;
                if (n < 0)
                        return failure_set_errno(failure, errno);
                if (n == 0)
                        return failure_set_value(failure, "http.client.RemoteDisconnected",
                                "Remote end closed connection without response");
                s->early_length += (size_t)n;
                s->early[s->early_length] = '\0';
        }
        s->early_read = (size_t)(end - s->early) + strlen("\r\n\r\n");
        return 0;
}

/* The value of a header, up to the end of its line; NULL: there is none. */
static const char *header(const char *response, const char *name, size_t *ret_length)
{
        size_t length = strlen(name);

        for (const char *line = strstr(response, "\r\n"); line; line = strstr(line, "\r\n")) {
                line += strlen("\r\n");
                if (strncasecmp(line, name, length) != 0 || line[length] != ':')
                        continue;
                line += length + 1;
                line += strspn(line, " \t");
                *ret_length = strcspn(line, " \t\r\n");
                return line;
        }
        return NULL;
}

static int judge_response(struct subscription *s, const char *key, struct failure *failure)
{
        CLEANUP(mem_free) char *wanted = accepted_key(key);
        CLEANUP(mem_free) char *head = mem_strndup(s->early, s->early_read);
        size_t length = 0;
        const char *accepted = header(head, "Sec-WebSocket-Accept", &length);

        if (!text_starts(head, "HTTP/1.1 101"))
                return failure_set_value(failure, "http.client.HTTPException",
                        "this is no event stream: %.*s", (int)strcspn(head, "\r\n"), head);
        if (!accepted || length != strlen(wanted) || memcmp(accepted, wanted, length) != 0)
                return failure_set_value(failure, "http.client.HTTPException",
                        "this is no event stream: the key is not the one that was sent");
        return 0;
}

static int shake_hands(struct subscription *s, struct failure *failure)
{
        const char *host = s->target.host;
        bool is_v6 = strchr(host, ':');
        unsigned char bytes[KEY_SIZE];
        CLEANUP(mem_free) char *key = NULL;
        CLEANUP(mem_free) char *request = NULL;
        int r;

        if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
                return failure_set_errno(failure, errno);
        key = base64(bytes, sizeof(bytes));
        request = mem_format("GET %s HTTP/1.1\r\n"
                             "Host: %s%s%s:%d\r\n"
                             "Upgrade: websocket\r\n"
                             "Connection: Upgrade\r\n"
                             "Sec-WebSocket-Key: %s\r\n"
                             "Sec-WebSocket-Version: 13\r\n"
                             "\r\n",
                s->target.path, is_v6 ? "[" : "", host, is_v6 ? "]" : "", s->target.port, key);
        r = send_all(s, request, failure);
        if (r >= 0)
                r = read_response(s, failure);
        return r < 0 ? r : judge_response(s, key, failure);
}

/*
 * Frames.
 */

static ssize_t on_recv(
        wslay_event_context_ptr frames, uint8_t *data, size_t length, int flags, void *context)
{
        struct subscription *s = context;
        size_t early = s->early_length - s->early_read;
        ssize_t n;

        if (early) {
                n = (ssize_t)(early < length ? early : length);
                memcpy(data, s->early + s->early_read, (size_t)n);
                s->early_read += (size_t)n;
                return n;
        }
        do
                n = recv(s->fd, data, length, 0);
        while (n < 0 && errno == EINTR);
        if (n > 0)
                return n;
        s->ended = n == 0 || errno != EAGAIN;
        wslay_event_set_error(frames, s->ended ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
        return -1;
}

static ssize_t on_send(wslay_event_context_ptr frames, const uint8_t *data, size_t length,
        int flags, void *context)
{
        struct subscription *s = context;
        ssize_t n;

        do
                n = send(s->fd, data, length, MSG_NOSIGNAL);
        while (n < 0 && errno == EINTR);
        if (n >= 0)
                return n;
        s->ended = errno != EAGAIN;
        wslay_event_set_error(frames, s->ended ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
        return -1;
}

static int on_mask(wslay_event_context_ptr frames, uint8_t *mask, size_t length, void *context)
{
        if (getrandom(mask, length, 0) == (ssize_t)length)
                return 0;
        wslay_event_set_error(frames, WSLAY_ERR_CALLBACK_FAILURE);
        return -1;
}

static void on_message(wslay_event_context_ptr frames,
        const struct wslay_event_on_msg_recv_arg *message, void *context)
{
        struct subscription *s = context;

        if (message->opcode == WSLAY_TEXT_FRAME)
                s->target.on_message(
                        s->target.context, (const char *)message->msg, message->msg_length);
}

static void on_frame(wslay_event_context_ptr frames,
        const struct wslay_event_on_frame_recv_start_arg *frame, void *context)
{
        struct subscription *s = context;

        s->is_closing = frame->opcode == WSLAY_CONNECTION_CLOSE;
}

static void on_part(wslay_event_context_ptr frames,
        const struct wslay_event_on_frame_recv_chunk_arg *part, void *context)
{
        struct subscription *s = context;

        for (size_t i = 0; i < part->data_length && s->is_closing; i++)
                if (s->code_length < sizeof(s->code))
                        s->code[s->code_length++] = part->data[i];
}

static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_recv,
        .send_callback = on_send,
        .genmask_callback = on_mask,
        .on_frame_recv_start_callback = on_frame,
        .on_frame_recv_chunk_callback = on_part,
        .on_msg_recv_callback = on_message,
};

int subscription_open(const struct subscription_target *target, struct subscription **ret,
        struct failure *failure)
{
        CLEANUP(subscription_free) struct subscription *s = mem_new(sizeof(*s));
        int r;

        s->target = *target;
        s->fd = -1;
        r = dial(s, failure);
        if (r >= 0)
                r = shake_hands(s, failure);
        if (r < 0)
                return r;
        if (wslay_event_context_client_init(&s->frames, &callbacks, s) != 0)
                return failure_set_errno(failure, ENOMEM);
        wslay_event_config_set_max_recv_msg_length(s->frames, SUBSCRIPTION_MESSAGE_MAX);
        *ret = TAKE(s);
        return 0;
}

bool subscription_will_be_back(const struct subscription *s)
{
        return s->code_length == sizeof(s->code) &&
               (s->code[0] << 8 | s->code[1]) == CODE_SERVICE_RESTART;
}

struct subscription *subscription_free(struct subscription *s)
{
        if (!s)
                return NULL;
        if (s->frames)
                wslay_event_context_free(s->frames);
        s->fd = fd_close(s->fd);
        return mem_free(s);
}

int subscription_follow(struct subscription *s, struct failure *failure)
{
        for (;;) {
                short events = 0;
                int r;

                /* What came with the response is there before anything is to be waited for. */
                if (wslay_event_recv(s->frames) != 0 || wslay_event_send(s->frames) != 0)
                        return s->ended ? 1
                                        : failure_set_value(failure, "http.client.HTTPException",
                                                  "the event stream cannot be understood");
                if (wslay_event_want_read(s->frames))
                        events |= POLLIN;
                if (wslay_event_want_write(s->frames))
                        events |= POLLOUT;
                if (!events || wslay_event_get_close_received(s->frames))
                        return 1;
                r = await(s, events, -1, failure);
                if (r < 0)
                        return r;
        }
}
