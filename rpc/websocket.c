/* WebSockets: see websocket.h.  libmicrohttpd takes the request, wslay the frames. */
#include "rpc/websocket.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>
#include <wslay/wslay.h>

#include "base/fd.h"

/* RFC 6455, 1.3: what is appended to the client's key. */
#define ACCEPT_GUID          "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define VERSION_HEADER       "Sec-WebSocket-Version"
#define VERSION              "13"
#define KEY_LENGTH           24 /* 16 bytes in base64 */
#define HANDSHAKE_SECS       10
#define PING_USEC            (20 * USEC_SEC)
#define INCOMING_MAX         4096 /* no client has anything to say */
#define TURN_READ_MAX        4096 /* bytes of one client in one turn: others wait, too */
#define ANSWERS_MAX          1024 /* messages that wait for a client who is still listened to */
#define SHA1_SIZE            20
#define CODE_SERVICE_RESTART 1012                         /* registered later than the RFC's */
#define CONNECTIONS_MAX      (WEBSOCKET_CLIENTS_MAX + 64) /* those in the handshake, too */

struct client {
        struct websockets *sockets;
        struct MHD_UpgradeResponseHandle *handle;
        wslay_event_context_ptr frames;
        int fd;
        unsigned wanted;
        uint32_t events; /* that the epoll waits for */
        size_t may_read; /* in this turn */
        usec_t due;      /* when to ping, or to give up */
        bool pinged;     /* and no pong has come */
        bool failed;     /* to be dropped */
        char early[INCOMING_MAX];
        size_t early_length, early_read; /* what came with the request */
        struct client *prev, *next;
};

struct websockets {
        int epoll;
        struct MHD_Daemon *daemon;
        bool kick; /* libmicrohttpd has something to do that it does not notice */
        struct client *clients;
        unsigned count;
        struct websockets_counters counters;
        usec_t now;   /* of the current turn */
        bool is_back; /* websockets_will_be_back() */
};

/*
 * Frames.
 */

static ssize_t on_recv(
        wslay_event_context_ptr frames, uint8_t *data, size_t length, int flags, void *context)
{
        struct client *client = context;
        size_t early = client->early_length - client->early_read;
        ssize_t n;

        if (early) {
                n = (ssize_t)(early < length ? early : length);
                memcpy(data, client->early + client->early_read, (size_t)n);
                client->early_read += (size_t)n;
                return n;
        }
        if (length > client->may_read)
                length = client->may_read;
        if (length == 0) {
                wslay_event_set_error(frames, WSLAY_ERR_WOULDBLOCK);
                return -1;
        }
        do
                n = recv(client->fd, data, length, MSG_DONTWAIT);
        while (n < 0 && errno == EINTR);
        if (n > 0) {
                client->may_read -= (size_t)n;
                return n;
        }
        wslay_event_set_error(frames, n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
                                              ? WSLAY_ERR_WOULDBLOCK
                                              : WSLAY_ERR_CALLBACK_FAILURE);
        return -1;
}

static ssize_t on_send(wslay_event_context_ptr frames, const uint8_t *data, size_t length,
        int flags, void *context)
{
        struct client *client = context;
        ssize_t n;

        do
                n = send(client->fd, data, length,
                        MSG_DONTWAIT | MSG_NOSIGNAL | (flags & WSLAY_MSG_MORE ? MSG_MORE : 0));
        while (n < 0 && errno == EINTR);
        if (n < 0)
                wslay_event_set_error(frames, errno == EAGAIN || errno == EWOULDBLOCK
                                                      ? WSLAY_ERR_WOULDBLOCK
                                                      : WSLAY_ERR_CALLBACK_FAILURE);
        return n;
}

static void on_message(wslay_event_context_ptr frames,
        const struct wslay_event_on_msg_recv_arg *message, void *context)
{
        struct client *client = context;

        if (message->opcode != WSLAY_PONG)
                return; /* what else a client says is no concern of anybody */
        client->pinged = false;
        client->due = usec_add(client->sockets->now, PING_USEC);
}

static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_recv,
        .send_callback = on_send,
        .on_msg_recv_callback = on_message,
};

/*
 * Clients.
 */

static void client_drop(struct client *client)
{
        struct websockets *sockets = client->sockets;

        DL_DELETE(sockets->clients, client);
        sockets->count--;
        (void)epoll_ctl(sockets->epoll, EPOLL_CTL_DEL, client->fd, NULL);
        (void)MHD_upgrade_action(client->handle, MHD_UPGRADE_ACTION_CLOSE);
        sockets->kick = true;
        wslay_event_context_free(client->frames);
        mem_free(client);
}

/* Each ping is answered, and the answers wait for who sends pings and reads nothing: he is not
 * listened to until he does. */
static bool is_heard(const struct client *client)
{
        return wslay_event_want_read(client->frames) &&
               wslay_event_get_queued_msg_count(client->frames) < ANSWERS_MAX;
}

static void client_watch(struct client *client)
{
        uint32_t events = (is_heard(client) ? EPOLLIN : 0) |
                          (wslay_event_want_write(client->frames) ? EPOLLOUT : 0);
        struct epoll_event event = { .events = events, .data.ptr = client };

        if (events == 0)
                client->failed = true; /* the closing handshake is done */
        if (events == client->events)
                return;
        client->events = events;
        if (epoll_ctl(client->sockets->epoll, EPOLL_CTL_MOD, client->fd, &event) < 0)
                client->failed = true;
}

static void client_write(struct client *client)
{
        if (wslay_event_want_write(client->frames) && wslay_event_send(client->frames) != 0)
                client->failed = true;
        client_watch(client);
}

static void client_read(struct client *client)
{
        client->may_read = TURN_READ_MAX;
        if (is_heard(client) && wslay_event_recv(client->frames) != 0)
                client->failed = true;
}

static void drop_failed(struct websockets *sockets)
{
        struct client *client, *next;

        DL_FOREACH_SAFE(sockets->clients, client, next)
        if (client->failed)
                client_drop(client);
}

static void on_upgrade(void *context, struct MHD_Connection *connection, void *request,
        const char *extra, size_t extra_size, MHD_socket fd,
        struct MHD_UpgradeResponseHandle *handle)
{
        struct websockets *sockets = context;
        struct client *client = mem_new(sizeof(*client));
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };

        client->sockets = sockets;
        client->wanted = (unsigned)((uintptr_t)request - 1);
        client->fd = fd;
        client->handle = handle;
        client->events = EPOLLIN;
        client->due = usec_add(sockets->now, PING_USEC);
        if (extra_size > sizeof(client->early) || sockets->count == WEBSOCKET_CLIENTS_MAX ||
                wslay_event_context_server_init(&client->frames, &callbacks, client) != 0 ||
                epoll_ctl(sockets->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
                sockets->counters.refused++;
                (void)MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
                sockets->kick = true;
                wslay_event_context_free(client->frames);
                mem_free(client);
                return;
        }
        wslay_event_config_set_max_recv_msg_length(client->frames, INCOMING_MAX);
        memcpy(client->early, extra, extra_size);
        client->early_length = extra_size;
        DL_APPEND(sockets->clients, client);
        sockets->count++;
        sockets->counters.accepted++;
        if (extra_size)
                client_read(client);
        client_watch(client);
        sockets->kick |= client->failed; /* the next turn drops it */
}

/*
 * Requests.
 */

static enum MHD_Result refuse(
        struct websockets *sockets, struct MHD_Connection *connection, unsigned status)
{
        static char words[] = "This port speaks WebSocket only.\n";
        struct MHD_Response *response =
                MHD_create_response_from_buffer(sizeof(words) - 1, words, MHD_RESPMEM_PERSISTENT);
        enum MHD_Result r;

        sockets->counters.refused++;
        if (!response)
                return MHD_NO;
        if (status == MHD_HTTP_UPGRADE_REQUIRED) {
                (void)MHD_add_response_header(response, MHD_HTTP_HEADER_UPGRADE, "websocket");
                (void)MHD_add_response_header(response, VERSION_HEADER, VERSION);
        }
        r = MHD_queue_response(connection, status, response);
        MHD_destroy_response(response);
        return r;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
        return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* A comma list has the word, in whatever case. */
static bool has_word(const char *list, const char *word)
{
        while (list && *list) {
                size_t length;

                list += strspn(list, " \t,");
                length = strcspn(list, " \t,");
                if (length == strlen(word) && strncasecmp(list, word, length) == 0)
                        return true;
                list += length;
        }
        return false;
}

/* Sec-WebSocket-Accept of the key; the caller owns it. */
static char *accept_value(const char *key)
{
        CLEANUP(mem_free) char *input = mem_format("%s" ACCEPT_GUID, key);
        uint8_t digest[SHA1_SIZE];
        gnutls_datum_t plain = { .data = digest, .size = sizeof(digest) }, encoded = {};
        char *value;

        if (gnutls_hash_fast(GNUTLS_DIG_SHA1, input, strlen(input), digest) < 0 ||
                gnutls_base64_encode2(&plain, &encoded) < 0)
                return NULL;
        value = mem_strndup((const char *)encoded.data, encoded.size);
        gnutls_free(encoded.data);
        return value;
}

static enum MHD_Result upgrade(
        struct websockets *sockets, struct MHD_Connection *connection, const char *key)
{
        CLEANUP(mem_free) char *value = accept_value(key);
        struct MHD_Response *response;
        enum MHD_Result r;

        if (!value)
                return refuse(sockets, connection, MHD_HTTP_BAD_REQUEST);
        response = MHD_create_response_for_upgrade(on_upgrade, sockets);
        if (!response)
                return MHD_NO;
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_UPGRADE, "websocket");
        (void)MHD_add_response_header(response, "Sec-WebSocket-Accept", value);
        r = MHD_queue_response(connection, MHD_HTTP_SWITCHING_PROTOCOLS, response);
        MHD_destroy_response(response);
        return r;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
        const char *method, const char *version, const char *body, size_t *body_length,
        void **request)
{
        struct websockets *sockets = context;
        const char *key = header(connection, "Sec-WebSocket-Key");

        if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 || strcmp(version, MHD_HTTP_VERSION_1_1) != 0)
                return refuse(sockets, connection, MHD_HTTP_BAD_REQUEST);
        if (!has_word(header(connection, MHD_HTTP_HEADER_UPGRADE), "websocket") ||
                !has_word(header(connection, MHD_HTTP_HEADER_CONNECTION), "upgrade"))
                return refuse(sockets, connection, MHD_HTTP_UPGRADE_REQUIRED);
        if (!has_word(header(connection, VERSION_HEADER), VERSION))
                return refuse(sockets, connection, MHD_HTTP_UPGRADE_REQUIRED);
        if (!key || strlen(key) != KEY_LENGTH)
                return refuse(sockets, connection, MHD_HTTP_BAD_REQUEST);
        /* What is wanted waits there for the upgrade, which may never come. */
        *request = (void *)((uintptr_t)publication_wanted(url) + 1);
        return upgrade(sockets, connection, key);
}

/* What libmicrohttpd has to say is about clients that went away. */
static void on_log(void *context, const char *format, va_list ap)
{
}

/*
 * The server.
 */

int websockets_new(int taken, struct websockets **ret, struct err *err)
{
        CLEANUP(fd_close) int fd = taken;
        CLEANUP(websockets_free) struct websockets *sockets = mem_new(sizeof(*sockets));
        struct epoll_event event = { .events = EPOLLIN };
        const union MHD_DaemonInfo *info;

        sockets->epoll = epoll_create1(EPOLL_CLOEXEC);
        if (sockets->epoll < 0)
                return err_errno(err, -errno, "cannot create an epoll for WebSockets");
        sockets->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_UPGRADE | MHD_USE_ERROR_LOG, 0,
                NULL, NULL, on_request, sockets, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
                MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
                MHD_OPTION_CONNECTION_TIMEOUT, HANDSHAKE_SECS, MHD_OPTION_END);
        if (!sockets->daemon)
                return err_set(err, -EIO, "cannot serve WebSockets");
        fd = -1;
        info = MHD_get_daemon_info(sockets->daemon, MHD_DAEMON_INFO_EPOLL_FD);
        if (!info || epoll_ctl(sockets->epoll, EPOLL_CTL_ADD, info->epoll_fd, &event) < 0)
                return err_errno(err, -errno, "cannot wait for WebSocket clients");
        sockets->kick = true;
        *ret = TAKE(sockets);
        return 0;
}

void websockets_will_be_back(struct websockets *sockets)
{
        sockets->is_back = true;
}

struct websockets *websockets_free(struct websockets *sockets)
{
        struct client *client, *next;

        if (!sockets)
                return NULL;
        DL_FOREACH_SAFE(sockets->clients, client, next)
        {
                /* As far as it goes without waiting. */
                if (wslay_event_queue_close(client->frames,
                            sockets->is_back ? CODE_SERVICE_RESTART : WSLAY_CODE_GOING_AWAY, NULL,
                            0) == 0)
                        (void)wslay_event_send(client->frames);
                client_drop(client);
        }
        if (sockets->daemon) {
                (void)MHD_run(sockets->daemon);
                MHD_stop_daemon(sockets->daemon);
        }
        fd_close(sockets->epoll);
        return mem_free(sockets);
}

int websockets_fd(const struct websockets *sockets)
{
        return sockets->epoll;
}

usec_t websockets_timeout(struct websockets *sockets, usec_t now)
{
        MHD_UNSIGNED_LONG_LONG msec;
        usec_t timeout = USEC_NEVER;
        struct client *client;

        if (sockets->kick)
                return 0;
        if (MHD_get_timeout(sockets->daemon, &msec) == MHD_YES)
                timeout = msec * USEC_MSEC;
        DL_FOREACH(sockets->clients, client)
        timeout = usec_min(timeout, usec_sub(client->due, now));
        return timeout;
}

static void ping_or_drop(struct client *client)
{
        const struct wslay_event_msg ping = { .opcode = WSLAY_PING };

        if (client->sockets->now < client->due)
                return;
        if (client->pinged || wslay_event_queue_msg(client->frames, &ping) != 0) {
                client->sockets->counters.silent++;
                client->failed = true;
                return;
        }
        client->pinged = true;
        client->due = usec_add(client->sockets->now, PING_USEC);
        client_write(client);
}

void websockets_run(struct websockets *sockets, usec_t now)
{
        struct epoll_event events[64];
        int n = epoll_wait(sockets->epoll, events, ELEMENTS(events), 0);
        struct client *client;

        sockets->now = now;
        for (int i = 0; i < n; i++) {
                client = events[i].data.ptr;
                if (!client)
                        continue;
                if (events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))
                        client_read(client);
                client_write(client);
        }
        DL_FOREACH(sockets->clients, client)
        ping_or_drop(client);
        drop_failed(sockets);
        sockets->kick = false;
        (void)MHD_run(sockets->daemon); /* MHD_NO is for a wrong mode only */
}

unsigned websockets_count(const struct websockets *sockets)
{
        return sockets->count;
}

bool websockets_is_wanted(const struct websockets *sockets, enum publication publication)
{
        const struct client *client;

        DL_FOREACH(sockets->clients, client)
        if (client->wanted & (1u << publication))
                return true;
        return false;
}

void websockets_publish(struct websockets *sockets, enum publication publication,
        const char *message, size_t length)
{
        const struct wslay_event_msg event = {
                .opcode = WSLAY_TEXT_FRAME,
                .msg = (const uint8_t *)message,
                .msg_length = length,
        };
        struct client *client;

        DL_FOREACH(sockets->clients, client)
        {
                if (client->failed || !(client->wanted & (1u << publication)))
                        continue;
                if (wslay_event_get_queued_msg_length(client->frames) + length >
                                WEBSOCKET_QUEUE_MAX ||
                        wslay_event_queue_msg(client->frames, &event) != 0) {
                        sockets->counters.slow++;
                        client->failed = true;
                        sockets->kick = true; /* the next turn drops it */
                        continue;
                }
                client_write(client);
                sockets->kick |= client->failed;
        }
}

const struct websockets_counters *websockets_counters(const struct websockets *sockets)
{
        return &sockets->counters;
}
