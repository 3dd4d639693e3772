/* Responses: see respond.h. */
#include "rpc/respond.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "rpc/server.h"

#define STREAM_BLOCK 16384

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
        /* It fails for what is no header only. */
        (void)MHD_add_response_header(response, name, value);
}

static enum MHD_Result queue(
        struct exchange *x, unsigned status, struct MHD_Response *response, unsigned timeout_secs)
{
        enum MHD_Result result;

        add_header(response, MHD_HTTP_HEADER_SERVER, "reeve");
        if (x->listener->http->draining)
                add_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
        server_set_timeout(x->connection, timeout_secs);
        result = MHD_queue_response(x->connection->handle, status, response);
        MHD_destroy_response(response);
        x->answer_status = status;
        return result;
}

/* A response of which all is known. */
static enum MHD_Result queue_whole(struct exchange *x, unsigned status, const char *type,
        const struct respond_header *headers, struct text *body)
{
        struct http *http = x->listener->http;
        size_t length = body->length;
        struct MHD_Response *response =
                MHD_create_response_from_buffer(length, text_take(body), MHD_RESPMEM_MUST_FREE);

        if (!response)
                return MHD_NO;
        add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
        if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
                add_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
        for (; headers && headers->name; headers++)
                add_header(response, headers->name, headers->value);
        if (status == MHD_HTTP_UNAUTHORIZED) {
                add_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Basic realm=\"default\"");
                add_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
        }
        if (!x->answered)
                http->responses++;
        x->answered = true;
        x->response_bytes += length;
        http->responses_bytes += length;
        x->answer_bytes = length;
        return queue(x, status, response, RESPONSE_SECS);
}

enum MHD_Result respond_with(struct exchange *x, unsigned status, const char *type,
        const struct respond_header *headers, struct text *body)
{
        if (body->length > RESPONSES_BYTES_MAX - x->listener->http->responses_bytes) {
                text_clear(body);
                return respond_error(x, MHD_HTTP_SERVICE_UNAVAILABLE);
        }
        return queue_whole(x, status, type, headers, body);
}

enum MHD_Result respond(struct exchange *x, unsigned status, const char *type, struct text *body)
{
        return respond_with(x, status, type, NULL, body);
}

enum MHD_Result respond_error_with(
        struct exchange *x, unsigned status, const struct respond_header *headers)
{
        CLEANUP(text_clear) struct text body = {};

        text_format(&body,
                "<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n"
                "<h1>Error response</h1>\r\n<p>Error code %u.\r\n<p>Message: %s.\r\n</body>\r\n",
                status, MHD_get_reason_phrase_for(status));
        return queue_whole(x, status, "text/html", headers, &body);
}

enum MHD_Result respond_error(struct exchange *x, unsigned status)
{
        return respond_error_with(x, status, NULL);
}

static void on_more(void *context)
{
        server_resume(context);
}

static bool is_over(struct exchange *x)
{
        char text[LOGPLACE_TEXT_MAX];
        enum logplace_gap gap;
        struct logplace next;

        if (!x->counted || !follow_is_over(x->follow, &next, &gap))
                return false;
        logplace_text(&next, text);
        /* They fail for what is no header only. */
        (void)MHD_add_response_footer(x->counted, LOGPLACE_HEADER, text);
        if (gap != LOGPLACE_NO_GAP)
                (void)MHD_add_response_footer(
                        x->counted, LOGPLACE_GAP_HEADER, logplace_gap_text(gap));
        return true;
}

static ssize_t on_read(void *context, uint64_t position, char *buffer, size_t size)
{
        struct exchange *x = context;
        size_t n;

        if (x->gone || x->listener->http->ending)
                return MHD_CONTENT_READER_END_WITH_ERROR;
        if (x->counted && x->listener->http->draining) /* who keeps count can have the rest later */
                return MHD_CONTENT_READER_END_OF_STREAM;
        n = follow_read(x->follow, buffer, size);
        if (n == 0 && (x->listener->http->draining || is_over(x)))
                return MHD_CONTENT_READER_END_OF_STREAM;
        if (n == 0)
                server_suspend(x);
        x->answer_bytes += n;
        return (ssize_t)n;
}

static void http_date(time_t at, char s[static 40])
{
        static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
        static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
                "Sep", "Oct", "Nov", "Dec" };
        struct tm tm = {};

        (void)gmtime_r(&at, &tm); /* the year of a file's time fits */
        (void)snprintf(s, 40, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday % 7],
                tm.tm_mday, months[tm.tm_mon % 12], (tm.tm_year + 1900) % 10000, tm.tm_hour,
                tm.tm_min, tm.tm_sec);
}

enum MHD_Result respond_constant(
        struct exchange *x, const char *type, const void *data, size_t length, time_t modified)
{
        struct MHD_Response *response;
        char date[40];

        /* libmicrohttpd only reads what is persistent. */
        response = MHD_create_response_from_buffer(
                data ? length : 0, (void *)data, MHD_RESPMEM_PERSISTENT);
        if (!response)
                return MHD_NO;
        http_date(modified, date);
        add_header(response, MHD_HTTP_HEADER_LAST_MODIFIED, date);
        add_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
        add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
        x->listener->http->responses++;
        x->answered = true;
        x->answer_bytes = data ? length : 0;
        return queue(x, data ? MHD_HTTP_OK : MHD_HTTP_NOT_MODIFIED, response, RESPONSE_SECS);
}

static void add_place(
        struct MHD_Response *response, const struct logplace *place, enum logplace_gap gap)
{
        char text[LOGPLACE_TEXT_MAX];

        logplace_text(place, text);
        add_header(response, LOGPLACE_HEADER, text);
        if (gap != LOGPLACE_NO_GAP)
                add_header(response, LOGPLACE_GAP_HEADER, logplace_gap_text(gap));
}

static enum MHD_Result stream(
        struct exchange *x, bool unbuffered, const struct logplace *place, enum logplace_gap gap)
{
        struct MHD_Response *response;
        char date[40];

        response =
                MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, on_read, x, NULL);
        if (!response)
                return MHD_NO;
        http_date(follow_modified(x->follow), date);
        add_header(response, MHD_HTTP_HEADER_LAST_MODIFIED, date);
        add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain;charset=utf-8");
        if (unbuffered)
                add_header(response, "X-Accel-Buffering", "no");
        if (place) {
                add_place(response, place, gap);
                x->counted = response;
        }
        x->answered = true;
        /* Somebody who looks at a log may look at one page of it for long. */
        return queue(x, MHD_HTTP_OK, response, 0);
}

enum MHD_Result respond_stream(struct exchange *x, const char *path, bool unbuffered)
{
        struct http *http = x->listener->http;
        const char *counted = exchange_header(x, LOGPLACE_HEADER);
        struct logplace from, place;
        enum logplace_gap gap;
        bool is_tail = counted && strcmp(counted, LOGPLACE_TAIL) == 0;
        int r;

        if (follows_count(http->follows) >= STREAMS_MAX)
                return respond_error(x, MHD_HTTP_SERVICE_UNAVAILABLE);
        if (!path)
                return respond_error(x, MHD_HTTP_NOT_FOUND);
        if (counted && !is_tail && logplace_parse(counted, &from) < 0)
                return respond_error(x, MHD_HTTP_BAD_REQUEST);
        r = counted ? follow_new_at(http->follows, path, is_tail ? NULL : &from, on_more, x,
                              &x->follow, &place, &gap)
                    : follow_new(http->follows, path, on_more, x, &x->follow);
        if (r < 0)
                return respond_error(x, MHD_HTTP_NOT_FOUND);
        return counted ? stream(x, unbuffered, &place, gap)
                       : stream(x, unbuffered, NULL, LOGPLACE_NO_GAP);
}

/* Each has a thread of the host's. */
enum MHD_Result respond_journal(struct exchange *x, uint32_t process, enum rpc_channel channel)
{
        struct http *http = x->listener->http;
        int fd;

        if (follows_count(http->follows) >= JOURNAL_STREAMS_MAX)
                return respond_error(x, MHD_HTTP_SERVICE_UNAVAILABLE);
        fd = http->host->follow_log(http->context, process, channel);
        if (fd < 0)
                return respond_error(x, MHD_HTTP_NOT_FOUND);
        x->follow = follow_new_stream(http->follows, fd, on_more, x);
        return stream(x, true, NULL, LOGPLACE_NO_GAP);
}

static void append_peer(struct text *t, const struct exchange *x)
{
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(x->connection->handle, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        const struct sockaddr *address = info ? info->client_addr : NULL;
        char name[INET6_ADDRSTRLEN] = "";

        if (address && address->sa_family == AF_INET) {
                const struct sockaddr_in *in = (const struct sockaddr_in *)address;

                (void)inet_ntop(AF_INET, &in->sin_addr, name, sizeof(name)); /* it fits */
                text_format(t, "%s:%u", name, ntohs(in->sin_port));
        } else if (address && address->sa_family == AF_INET6) {
                const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)address;

                (void)inet_ntop(AF_INET6, &in->sin6_addr, name, sizeof(name)); /* it fits */
                text_format(t, "%s:%u", name, ntohs(in->sin6_port));
        } else {
                text_append(t, "localhost:0");
        }
}

void respond_access_line(struct exchange *x)
{
        CLEANUP(text_clear) struct text t = {}, line = {};
        char when[64] = "";
        time_t now = time(NULL);
        struct tm tm;

        append_peer(&t, x);
        if (localtime_r(&now, &tm))
                (void)strftime(when, sizeof(when), "%d/%b/%Y:%H:%M:%S %z", &tm); /* it fits */
        /* As repr() has it, without its quotes: a request must not forge lines of the log. */
        text_append_repr(&line, x->line, strlen(x->line));
        text_format(&t, " - - [%s] \"%.*s\" %u %" PRIu64, when, (int)(line.length - 2),
                line.data + 1, x->answer_status, x->answer_bytes);
        server_log(x->listener->http, LOG_LEVEL_TRACE, "%s", t.data);
}
