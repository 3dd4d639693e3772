/* The HTTP side: see http.h.  Owns the listeners and the descriptors that the host waits on.
 *
 * Every listener is a libmicrohttpd daemon with an epoll of its own, which the host waits on
 * without another one in between: each level costs every call a poll of its own.  Beside them is
 * the epoll of what seldom happens.  What libmicrohttpd does not notice in this mode is helped by
 * 'kick': that a connection was resumed, and that there is room again for another one. */
#include "rpc/http.h"

#include <errno.h>
#include <fcntl.h>
#include <libxml/parser.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "rpc/server.h"
#include "rpc/xml.h"

/* Of the descriptors to wait on the first is ours, the others are those of the listeners. */
enum { FD_OURS, FD_LISTENERS };

/* A negative descriptor is none. */
static int watch_follows(const struct http *http)
{
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = http->follows };
        int fd = follows_fd(http->follows);

        return fd >= 0 && epoll_ctl(http->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int http_new(const struct rpc_host *host, void *context, struct http **ret, struct err *err)
{
        CLEANUP(http_free) struct http *http = mem_new(sizeof(*http));
        int r;

        xmlInitParser();
        http->host = host;
        http->started = time(NULL);
        http->context = context;
        http->reader = xml_reader_new();
        http->calls = calls_new(host, context);
        http->follows = follows_new();
        http->epoll = epoll_create1(EPOLL_CLOEXEC);
        if (http->epoll < 0)
                return err_errno(err, -errno, "cannot create an epoll for HTTP");
        r = watch_follows(http);
        if (r < 0)
                return err_errno(err, r, "cannot watch log files for HTTP");
        *ret = TAKE(http);
        return 0;
}

static struct listener *listener_free(struct listener *listener)
{
        if (!listener)
                return NULL;
        if (listener->daemon)
                MHD_stop_daemon(listener->daemon);
        fd_close(listener->quiesced);
        mem_free(listener->section);
        mem_free(listener->username);
        mem_free(listener->password);
        return mem_free(listener);
}
DEFINE_CLEANUP(struct listener *, listener_free)

struct http *http_free(struct http *http)
{
        if (!http)
                return NULL;
        http->ending = true;
        asking_end(calls_asking(http->calls));
        /* libmicrohttpd does not stop while one is suspended. */
        while (http->suspended) {
                http->suspended->gone = true;
                server_resume(http->suspended);
        }
        for (size_t i = 0; i < http->listeners_count; i++)
                listener_free(http->listeners[i]);
        mem_free(http->listeners);
        calls_free(http->calls);
        xml_reader_free(http->reader);
        follows_free(http->follows);
        fd_close(http->epoll);
        return mem_free(http);
}

/* A quarter of the descriptors, so that all listeners together leave enough for programs. */
static unsigned connections_max(void)
{
        struct rlimit limit;
        rlim_t most;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
                return CONNECTIONS_MAX;
        most = limit.rlim_cur / 4;
        return most > CONNECTIONS_MAX ? CONNECTIONS_MAX : most < 16 ? 16 : (unsigned)most;
}

static void on_log(void *context, const char *format, va_list ap)
        __attribute__((format(printf, 2, 0)));
static void on_log(void *context, const char *format, va_list ap)
{
        struct listener *listener = context;
        CLEANUP(mem_free) char *line = NULL;

        if (!listener->http->host->log_enabled(listener->http->context, LOG_LEVEL_TRACE))
                return;
        line = mem_vformat(format, ap);
        for (size_t length = strlen(line); length && line[length - 1] == '\n';)
                line[--length] = '\0';
        server_log(listener->http, LOG_LEVEL_TRACE, "%s: %s", listener->section, line);
}

static struct MHD_Daemon *start(struct listener *listener, int fd)
{
        return MHD_start_daemon(
                MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
                NULL, NULL, exchange_handle, listener, MHD_OPTION_EXTERNAL_LOGGER, on_log, listener,
                MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
                listener->connections_max, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECS,
                MHD_OPTION_URI_LOG_CALLBACK, exchange_new, listener, MHD_OPTION_NOTIFY_COMPLETED,
                exchange_completed, listener, MHD_OPTION_NOTIFY_CONNECTION, server_connection,
                listener, MHD_OPTION_END);
}

int http_listen(struct http *http, const struct http_listener *config, struct err *err)
{
        CLEANUP(fd_close) int fd = config->fd;
        CLEANUP(listener_free) struct listener *listener = mem_new(sizeof(*listener));
        const union MHD_DaemonInfo *info;
        int flags, copy, yes = 1;

        listener->http = http;
        listener->quiesced = -1;
        listener->section = mem_strdup(config->section);
        listener->username = mem_strdup(config->username ? config->username : "");
        listener->password = mem_strdup(config->password ? config->password : "");
        listener->connections_max = connections_max();
        flags = fcntl(fd, F_GETFL);
        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
                return err_errno(err, -errno, "[%s]: cannot use its socket", config->section);
        /* Connections inherit it, so that the reader of a stream whose machine is gone does not
         * stay for ever; without meaning for a unix socket. */
        (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof(yes));
        /* Whether libmicrohttpd closes the descriptor when it fails is not said: it gets a copy. */
        copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (copy < 0)
                return err_errno(err, -errno, "[%s]: cannot use its socket", config->section);
        listener->daemon = start(listener, copy);
        if (!listener->daemon)
                return err_set(err, -EIO, "[%s]: cannot serve HTTP", config->section);
        info = MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD);
        if (!info || info->epoll_fd < 0)
                return err_set(err, -EIO, "[%s]: cannot wait for its clients", config->section);
        listener->epoll = info->epoll_fd;
        if (http->host->supervisor_namespace && !config->is_known)
                server_log(http, LOG_LEVEL_INFO, "RPC interface 'supervisor' initialized");
        if (!*listener->username && !config->is_known) {
                CLEANUP(mem_free) char *section = text_repr(listener->section);

                server_log(http, LOG_LEVEL_CRITICAL,
                        "Server %s running without any HTTP authentication checking", section);
        }
        http->listeners = mem_grow(http->listeners, &http->listeners_capacity,
                http->listeners_count + 1, sizeof(struct listener *));
        http->listeners[http->listeners_count++] = TAKE(listener);
        http->listeners[http->listeners_count - 1]->kick = true;
        return 0;
}

size_t http_fds_count(const struct http *http)
{
        return FD_LISTENERS + http->listeners_count;
}

int http_fd(const struct http *http, size_t index)
{
        return index == FD_OURS ? http->epoll : http->listeners[index - FD_LISTENERS]->epoll;
}

static usec_t listener_timeout(const struct listener *listener)
{
        MHD_UNSIGNED_LONG_LONG msec;

        if (listener->kick)
                return 0;
        return MHD_get_timeout(listener->daemon, &msec) == MHD_YES ? msec * USEC_MSEC : USEC_NEVER;
}

usec_t http_timeout(struct http *http)
{
        usec_t timeout = follows_timeout(http->follows);

        if (calls_wants_run(http->calls))
                return 0;
        for (size_t i = 0; i < http->listeners_count; i++)
                timeout = usec_min(timeout, listener_timeout(http->listeners[i]));
        return timeout;
}

/* What libmicrohttpd does not watch.  No connection is released before it runs. */
static void look(struct http *http)
{
        struct epoll_event events[64];
        int n = epoll_wait(http->epoll, events, ELEMENTS(events), 0);

        for (int i = 0; i < n; i++)
                if (events[i].data.ptr == http->follows)
                        follows_run(http->follows);
                else
                        server_closed(events[i].data.ptr);
}

static void run_listener(struct listener *listener)
{
        /* What sets it again while it runs is for the next turn. */
        listener->kick = false;
        (void)MHD_run(listener->daemon); /* MHD_NO is for a wrong mode only */
}

void http_run_one(struct http *http, size_t index)
{
        if (index == FD_OURS)
                look(http);
        else
                run_listener(http->listeners[index - FD_LISTENERS]);
        if (http->draining)
                server_drain(http);
}

void http_run(struct http *http)
{
        if (follows_timeout(http->follows) == 0)
                follows_run(http->follows);
        calls_run(http->calls);
        for (size_t i = 0; i < http->listeners_count; i++)
                if (listener_timeout(http->listeners[i]) == 0)
                        run_listener(http->listeners[i]);
        if (http->draining)
                server_drain(http);
}

void http_drain(struct http *http)
{
        http->draining = true;
        for (size_t i = 0; i < http->listeners_count; i++) {
                http->listeners[i]->quiesced = MHD_quiesce_daemon(http->listeners[i]->daemon);
                http->listeners[i]->kick = true;
        }
        server_drain(http);
}

bool http_is_drained(const struct http *http)
{
        for (size_t i = 0; i < http->listeners_count; i++)
                if (http->listeners[i]->connections > 0)
                        return false;
        return true;
}

void http_answer(struct http *http, uint64_t request, struct answer *taken)
{
        calls_answer(http->calls, request, taken);
}

void http_wake(struct http *http)
{
        calls_wake(http->calls);
}

bool http_is_busy(const struct http *http)
{
        for (size_t i = 0; i < http->listeners_count; i++)
                if (http->listeners[i]->kick) /* who has just got an answer has no response yet */
                        return true;
        return http->responses > 0;
}
