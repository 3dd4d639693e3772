/* The server: what its parts need of each other. See server.h. */
#include "rpc/server.h"

#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/socket.h>

void server_log(const struct http *http, enum log_level level, const char *format, ...)
{
        CLEANUP(mem_free) char *line = NULL;
        va_list ap;

        if (!http->host->log_enabled(http->context, level))
                return;
        va_start(ap, format);
        line = mem_vformat(format, ap);
        va_end(ap);
        http->host->log(http->context, level, line);
}

static void rest(struct connection *connection)
{
        struct listener *listener = connection->listener;

        connection->newer = NULL;
        connection->older = listener->rest_newest;
        if (connection->older)
                connection->older->newer = connection;
        else
                listener->rest_oldest = connection;
        listener->rest_newest = connection;
}

static void rest_no_more(struct connection *connection)
{
        struct listener *listener = connection->listener;

        if (connection->older)
                connection->older->newer = connection->newer;
        else
                listener->rest_oldest = connection->newer;
        if (connection->newer)
                connection->newer->older = connection->older;
        else
                listener->rest_newest = connection->older;
}

/* A client that keeps connections, or opens them and says nothing, must not lock the others out:
 * where there is no place for another one, that which has been at rest for the longest time goes.
 * libmicrohttpd takes it for closed by its client. */
static void make_room(const struct listener *listener)
{
        if (listener->connections >= listener->connections_max && listener->rest_oldest)
                (void)shutdown(listener->rest_oldest->fd, SHUT_RDWR); /* closed is as good */
}

void server_begin(struct connection *connection, struct exchange *exchange)
{
        rest_no_more(connection);
        connection->exchange = exchange;
        server_set_timeout(connection, REQUEST_SECS);
}

void server_end(struct connection *connection)
{
        connection->exchange = NULL;
        server_set_timeout(connection, IDLE_SECS);
        rest(connection);
        make_room(connection->listener);
}

/* libmicrohttpd misses that a client has closed its side while its request waits, and also when
 * that comes together with the last bytes it sends; each connection is watched for it here as well.
 */
static struct connection *connection_new(struct listener *listener, struct MHD_Connection *handle)
{
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD);
        struct connection *connection = mem_new(sizeof(*connection));
        struct epoll_event event = { .events = EPOLLRDHUP | EPOLLET, .data.ptr = connection };

        *connection = (struct connection){
                .listener = listener, .handle = handle, .fd = info ? info->connect_fd : -1
        };
        /* Without the watch, the time-outs are what is left. */
        (void)epoll_ctl(listener->http->epoll, EPOLL_CTL_ADD, connection->fd, &event);
        server_set_timeout(connection, REQUEST_SECS);
        listener->connections++;
        rest(connection);
        make_room(listener);
        return connection;
}

void server_connection(void *context, struct MHD_Connection *handle, void **connection,
        enum MHD_ConnectionNotificationCode code)
{
        struct connection *over = *connection;
        struct listener *listener = context;

        if (code == MHD_CONNECTION_NOTIFY_STARTED) {
                *connection = connection_new(listener, handle);
                return;
        }
        listener->connections--;
        if (!over->exchange)
                rest_no_more(over);
        /* Its closing alone is no end of the watch while a fork of ours has it open, too. */
        (void)epoll_ctl(listener->http->epoll, EPOLL_CTL_DEL, over->fd, NULL);
        *connection = mem_free(over);
        listener->kick = true;
}

void server_set_timeout(const struct connection *connection, unsigned secs)
{
        if (connection->closed && (secs == 0 || secs > CLOSED_SECS))
                secs = CLOSED_SECS;
        /* It fails for what is no option only. */
        (void)MHD_set_connection_option(connection->handle, MHD_CONNECTION_OPTION_TIMEOUT, secs);
}

/* Nobody wants the answer. */
static void give_up(struct exchange *exchange)
{
        exchange->gone = true;
        exchange->call = call_free(exchange->call);
        exchange->action = page_action_free(exchange->action);
        server_resume(exchange);
}

void server_closed(struct connection *connection)
{
        connection->closed = true;
        if (connection->exchange && connection->exchange->suspended)
                give_up(connection->exchange);
        else
                server_set_timeout(connection, CLOSED_SECS);
}

void server_suspend(struct exchange *exchange)
{
        struct http *http = exchange->listener->http;

        exchange->suspended = true;
        exchange->previous = NULL;
        exchange->next = http->suspended;
        if (http->suspended)
                http->suspended->previous = exchange;
        http->suspended = exchange;
        MHD_suspend_connection(exchange->connection->handle);
        if (exchange->connection->closed)
                give_up(exchange);
}

/* Who waits hears that it is to come again; the work goes on. */
static void stop_waiting(struct exchange *exchange)
{
        exchange->call = call_free(exchange->call);
        exchange->action = page_action_free(exchange->action);
        if (!exchange->follow)
                exchange->status = MHD_HTTP_SERVICE_UNAVAILABLE;
        server_resume(exchange);
}

enum MHD_Result server_send_away(struct exchange *exchange)
{
        exchange->call = call_free(exchange->call);
        exchange->action = page_action_free(exchange->action);
        return respond_error(exchange, MHD_HTTP_SERVICE_UNAVAILABLE);
}

static bool has_something_to_read(const struct connection *connection)
{
        char byte;

        return recv(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* A request that has come is answered still; one that comes too late is not begun, so its client
 * may safely ask again. */
static void end_resting(const struct listener *listener)
{
        for (struct connection *c = listener->rest_oldest; c; c = c->newer) {
                if (c->ended || has_something_to_read(c))
                        continue;
                c->ended = true;
                (void)shutdown(c->fd, SHUT_RDWR); /* closed is as good */
        }
}

void server_drain(struct http *http)
{
        while (http->suspended)
                stop_waiting(http->suspended);
        for (size_t i = 0; i < http->listeners_count; i++)
                end_resting(http->listeners[i]);
}

void server_resume(struct exchange *exchange)
{
        struct http *http = exchange->listener->http;

        if (!exchange->suspended)
                return;
        exchange->suspended = false;
        if (exchange->previous)
                exchange->previous->next = exchange->next;
        else
                http->suspended = exchange->next;
        if (exchange->next)
                exchange->next->previous = exchange->previous;
        MHD_resume_connection(exchange->connection->handle);
        exchange->listener->kick = true;
}
