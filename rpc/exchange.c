/* Exchanges: a request from its first line to its end, and what answers it by the table of what is
 * served where. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rpc/auth.h"
#include "rpc/logread.h"
#include "rpc/server.h"
#include "rpc/xml.h"

static const struct xml_limits call_limits = { .depth_max = 32, .values_max = 100000 };

/* What is logged of a request that cannot be understood. */
#define LOGGED_BYTES_MAX 1000

enum { GET = 1, HEAD = 2, POST = 4 };

struct route {
        const char *path;
        bool is_prefix;     /* of the target as it came; else it is the whole decoded path */
        unsigned methods;   /* others get 400... */
        bool falls_through; /* ...or are none of this route's business */
        size_t body_max;    /* of a POST, which is kept, and must have a length; 0: not kept */
        bool may_be_empty;
        enum MHD_Result (*answer)(struct exchange *);
};

static void on_call_done(void *context)
{
        struct exchange *x = context;

        x->finished = true;
        server_resume(x);
}

static void log_invalid(struct exchange *x, const char *why)
{
        CLEANUP(text_clear) struct text data = {};
        size_t length = x->body.length;

        if (length > LOGGED_BYTES_MAX)
                length = LOGGED_BYTES_MAX;
        text_append_repr(&data, text_string(&x->body), length);
        server_log(x->listener->http, LOG_LEVEL_ERROR, "XML-RPC request data %s%s is invalid: %s",
                data.data, length < x->body.length ? "..." : "", why);
}

static void drop_body(struct exchange *x)
{
        x->listener->http->bodies_bytes -= x->body.length;
        text_clear(&x->body);
}

/* A TCP connection does not tell. */
static bool is_of_owner(void *context)
{
        const struct exchange *x = context;
        struct ucred peer = { .uid = (uid_t)-1 };
        struct sockaddr_storage address;
        socklen_t length = sizeof(address);

        if (getsockname(x->connection->fd, (struct sockaddr *)&address, &length) < 0 ||
                address.ss_family != AF_UNIX)
                return false;
        length = sizeof(peer);
        return getsockopt(x->connection->fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
               (peer.uid == 0 || peer.uid == geteuid());
}

static enum MHD_Result answer_rpc(struct exchange *x)
{
        CLEANUP(xml_call_clear) struct xml_call decoded = {};
        int bad;

        if (x->call)
                return x->finished ? respond(x, MHD_HTTP_OK, "text/xml", call_response(x->call))
                                   : MHD_NO;
        bad = xml_decode_call(x->listener->http->reader, text_string(&x->body), x->body.length,
                &call_limits, &decoded, NULL);
        if (bad < 0 || !decoded.method || !*decoded.method) {
                log_invalid(x, bad < 0 ? "unmarshallable" : "no method name");
                return respond_error(x, MHD_HTTP_BAD_REQUEST);
        }
        drop_body(x);
        x->call = call_new(x->listener->http->calls, &decoded);
        call_set_owner(x->call, is_of_owner, x);
        if (!call_run(x->call, on_call_done, x)) {
                if (x->listener->http->draining)
                        return server_send_away(x);
                server_suspend(x);
                return MHD_YES;
        }
        x->finished = true;
        return respond(x, MHD_HTTP_OK, "text/xml", call_response(x->call));
}

static enum MHD_Result answer_log(struct exchange *x)
{
        struct http *http = x->listener->http;
        const struct engine *engine = http->host->engine(http->context);
        CLEANUP(mem_free) char *name = NULL, *channel = NULL;
        const struct process *process = NULL;
        enum rpc_channel which;
        bool is_stderr;

        if (!target_log(x->target.path, &name, &channel))
                return respond_error(x, MHD_HTTP_NOT_FOUND);
        is_stderr = strcmp(channel, "stderr") == 0;
        if (!is_stderr && strcmp(channel, "stdout") != 0)
                return respond_error(x, MHD_HTTP_NOT_FOUND);
        if (engine_find_process(engine, name, &process) != FAULT_NONE)
                return respond_error(x, MHD_HTTP_NOT_FOUND);
        which = is_stderr ? RPC_STDERR : RPC_STDOUT;
        if (logread_is_in_journal(process->program, which))
                return respond_journal(x, process->id, which);
        return respond_stream(x, http->host->log_path(http->context, process->id, which), true);
}

static enum MHD_Result answer_main_log(struct exchange *x)
{
        struct http *http = x->listener->http;

        return respond_stream(x, http->host->main_log(http->context), false);
}

static enum MHD_Result answer_ok(struct exchange *x)
{
        CLEANUP(text_clear) struct text body = {};

        text_append(&body, "OK");
        return respond(x, MHD_HTTP_OK, "text/plain", &body);
}

/* The first that matches counts. */
static const struct route routes[] = {
        { "/RPC2", true, POST, false, BODY_BYTES_MAX, false, answer_rpc },
        { "/logtail", true, GET, false, 0, true, answer_log },
        { "/mainlogtail", true, GET, false, 0, true, answer_main_log },
        { "", false, GET | POST, true, FORM_BYTES_MAX, true, page_serve_status },
        { "index.html", false, GET | POST, true, FORM_BYTES_MAX, true, page_serve_status },
        { "tail.html", false, GET | POST, true, FORM_BYTES_MAX, true, page_serve_tail },
        { "ok.html", false, GET | POST, true, 0, true, answer_ok },
        { "", true, GET | HEAD, false, 0, true, page_serve_asset },
};

static const struct route *find_route(const struct exchange *x, unsigned method)
{
        const char *path = x->target.path + strspn(x->target.path, "/");
        const struct route *route = routes;

        for (;; route++) {
                if (route->falls_through && !(route->methods & method))
                        continue;
                if (route->is_prefix ? text_starts(x->raw, route->path)
                                     : strcmp(path, route->path) == 0)
                        return route;
        }
}

static unsigned method_bit(const char *method)
{
        if (strcmp(method, "GET") == 0)
                return GET;
        if (strcmp(method, "POST") == 0)
                return POST;
        return strcmp(method, "HEAD") == 0 ? HEAD : 0;
}

const char *exchange_header(const struct exchange *x, const char *name)
{
        return MHD_lookup_connection_value(x->connection->handle, MHD_HEADER_KIND, name);
}

/* What the header says of the body; libmicrohttpd has refused what is no number. */
static uint64_t declared_length(const struct exchange *x)
{
        const char *length = exchange_header(x, MHD_HTTP_HEADER_CONTENT_LENGTH);

        return length ? strtoull(length, NULL, 10) : 0;
}

static bool keeps_body(const struct exchange *x)
{
        return x->is_post && x->route->body_max > 0;
}

static unsigned check_length(const struct exchange *x)
{
        uint64_t length = declared_length(x);

        if (!keeps_body(x))
                return length > REFUSED_BYTES_MAX ? MHD_HTTP_CONTENT_TOO_LARGE : 0;
        if (exchange_header(x, MHD_HTTP_HEADER_TRANSFER_ENCODING))
                return 0; /* chunked: it is counted as it comes */
        if (!exchange_header(x, MHD_HTTP_HEADER_CONTENT_LENGTH))
                return MHD_HTTP_LENGTH_REQUIRED;
        if (length == 0 && !x->route->may_be_empty)
                return MHD_HTTP_BAD_REQUEST;
        return length > x->route->body_max ? MHD_HTTP_CONTENT_TOO_LARGE : 0;
}

/* With which status the request is refused by its header alone; 0: it is not. */
static unsigned check_header(struct exchange *x, const char *method_name)
{
        const struct listener *listener = x->listener;
        unsigned method = method_bit(method_name);

        switch (auth_check(listener->username, listener->password,
                exchange_header(x, MHD_HTTP_HEADER_AUTHORIZATION))) {
        case AUTH_DENIED:
                return MHD_HTTP_UNAUTHORIZED;
        case AUTH_MALFORMED:
                return MHD_HTTP_BAD_REQUEST;
        case AUTH_GOOD:
                break;
        }
        if (target_parse(x->raw, &x->target) < 0)
                return MHD_HTTP_BAD_REQUEST;
        x->is_post = method == POST;
        x->route = find_route(x, method);
        if (!(x->route->methods & method))
                return MHD_HTTP_BAD_REQUEST;
        return check_length(x);
}

/* A client sees why it is refused only when its body is read: a short one is, and forgotten. */
static enum MHD_Result begin(struct exchange *x, const char *method, const char *version)
{
        const struct http *http = x->listener->http;

        x->begun = true;
        if (http->host->log_enabled(http->context, LOG_LEVEL_TRACE))
                x->line = mem_format("%s %s %s", method, x->raw, version);
        x->status = check_header(x, method);
        if (x->status && declared_length(x) > REFUSED_BYTES_MAX)
                return respond_error(x, x->status);
        return MHD_YES;
}

static enum MHD_Result receive(struct exchange *x, const char *data, size_t size)
{
        struct http *http = x->listener->http;

        if (!x->status && keeps_body(x)) {
                if (x->body.length + size > x->route->body_max)
                        x->status = MHD_HTTP_CONTENT_TOO_LARGE;
                else if (http->bodies_bytes + size > BODIES_BYTES_MAX)
                        x->status = MHD_HTTP_SERVICE_UNAVAILABLE;
        }
        if (!x->status && keeps_body(x)) {
                text_append_bytes(&x->body, data, size);
                http->bodies_bytes += size;
                return MHD_YES;
        }
        drop_body(x);
        x->refused += size;
        return x->refused > REFUSED_BYTES_MAX ? MHD_NO : MHD_YES;
}

enum MHD_Result exchange_handle(void *listener, struct MHD_Connection *connection, const char *url,
        const char *method, const char *version, const char *data, size_t *size, void **request)
{
        struct exchange *x = *request;
        enum MHD_Result result;

        if (!x || x->gone || x->connection->ended || x->listener->http->ending)
                return MHD_NO;
        if (!x->begun)
                return begin(x, method, version);
        if (*size) {
                result = receive(x, data, *size);
                *size = 0;
                return result;
        }
        if (x->status)
                return respond_error(x, x->status);
        result = x->route->answer(x);
        if (x->suspended)
                drop_body(x); /* what it asks is under way */
        return result;
}

void *exchange_new(void *listener, const char *uri, struct MHD_Connection *handle)
{
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        struct exchange *x = mem_new(sizeof(*x));

        x->listener = listener;
        x->connection = info->socket_context; /* it was set when the connection began */
        x->raw = mem_strdup(uri ? uri : "");
        server_begin(x->connection, x);
        return x;
}

void exchange_completed(void *listener, struct MHD_Connection *connection, void **exchange,
        enum MHD_RequestTerminationCode code)
{
        struct exchange *x = TAKE(*exchange);
        struct http *http;

        if (!x)
                return;
        http = x->listener->http;
        if (x->line)
                respond_access_line(x);
        drop_body(x);
        if (x->answered && !x->follow)
                http->responses--;
        http->responses_bytes -= x->response_bytes;
        server_end(x->connection);
        call_free(x->call);
        page_action_free(x->action);
        follow_free(x->follow);
        target_clear(&x->target);
        mem_free(x->raw);
        mem_free(x->line);
        mem_free(x);
}
