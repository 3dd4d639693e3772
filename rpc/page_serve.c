/* The pages as exchanges: what a request asks of them, and the response it gets. */
#include <string.h>
#include <strings.h>
#include <time.h>

#include "rpc/listing.h"
#include "rpc/page.h"
#include "rpc/page_assets.h"
#include "rpc/page_form.h"
#include "rpc/page_html.h"
#include "rpc/page_origin.h"
#include "rpc/server.h"

/* A value of the form: what is in the body counts, then what is in the query. */
static int form_value(const struct exchange *x, const char *name, char **ret)
{
        const char *query = x->target.query;
        int r = page_form_value(text_string(&x->body), x->body.length, name, ret);

        return r || !query ? r : page_form_value(query, strlen(query), name, ret);
}

/* Pages are never kept, nor shown within somebody else's, and load nothing from elsewhere. */
static enum MHD_Result respond_page(struct exchange *x, struct text *body)
{
        static const struct respond_header headers[] = {
                { MHD_HTTP_HEADER_PRAGMA, "no-cache" },
                { MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache" },
                { MHD_HTTP_HEADER_EXPIRES, "Thu, 01 Jan 1970 00:00:00 GMT" },
                { "Content-Security-Policy",
                        "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'self'" },
                { "X-Frame-Options", "SAMEORIGIN" },
                { "X-Content-Type-Options", "nosniff" },
                { "Referrer-Policy", "same-origin" },
                {},
        };

        return respond_with(x, MHD_HTTP_OK, "text/html;charset=utf-8", headers, body);
}

/* "http://host" of the request, port 80 removed; nothing when it names none, or one that is no
 * name. */
static void append_server(struct text *t, const struct exchange *x)
{
        static const char allowed[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
        const char *host = exchange_header(x, MHD_HTTP_HEADER_HOST);
        size_t length = host ? strlen(host) : 0;

        if (length == 0 || strspn(host, allowed) != length)
                return;
        if (length > 3 && strcmp(host + length - 3, ":80") == 0)
                length -= 3;
        text_format(t, "http://%.*s", (int)length, host);
}

static enum MHD_Result redirect(struct exchange *x)
{
        CLEANUP(text_clear) struct text location = {};
        struct respond_header headers[] = {
                { MHD_HTTP_HEADER_PRAGMA, "no-cache" },
                { MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache" },
                { MHD_HTTP_HEADER_EXPIRES, "Thu, 01 Jan 1970 00:00:00 GMT" },
                { MHD_HTTP_HEADER_LOCATION, NULL },
                {},
        };

        append_server(&location, x);
        text_append(&location, "/?message=");
        page_html_url(&location, page_action_message(x->action));
        headers[3].value = location.data;
        return respond_error_with(x, MHD_HTTP_MOVED_PERMANENTLY, headers);
}

static void on_action_done(void *context)
{
        struct exchange *x = context;

        x->finished = true;
        server_resume(x);
}

static bool is_trusted(const struct exchange *x)
{
        const struct page_headers headers = {
                .host = exchange_header(x, MHD_HTTP_HEADER_HOST),
                .origin = exchange_header(x, MHD_HTTP_HEADER_ORIGIN),
                .referer = exchange_header(x, MHD_HTTP_HEADER_REFERER),
                .fetch_site = exchange_header(x, "Sec-Fetch-Site"),
                .agent = exchange_header(x, MHD_HTTP_HEADER_USER_AGENT),
                .is_get = !x->is_post,
        };

        return page_origin_is_trusted(&headers);
}

static enum MHD_Result act(struct exchange *x, const char *name)
{
        struct http *http = x->listener->http;
        CLEANUP(mem_free) char *processname = NULL;

        if (!is_trusted(x)) {
                server_log(http, LOG_LEVEL_WARN,
                        "[%s]: an action that another site's page asked for was refused",
                        x->listener->section);
                return respond_error(x, MHD_HTTP_FORBIDDEN);
        }
        if (form_value(x, "processname", &processname) < 0 ||
                (processname && strlen(processname) > PROCESS_NAME_MAX))
                return respond_error(x, MHD_HTTP_BAD_REQUEST);
        x->action = page_action_new(
                calls_asking(http->calls), http->host, http->context, name, processname);
        if (!x->action)
                return respond_error(x, MHD_HTTP_BAD_REQUEST);
        if (!page_action_run(x->action, on_action_done, x)) {
                if (x->listener->http->draining)
                        return server_send_away(x);
                server_suspend(x);
                return MHD_YES;
        }
        x->finished = true;
        return redirect(x);
}

enum MHD_Result page_serve_status(struct exchange *x)
{
        const struct http *http = x->listener->http;
        CLEANUP(mem_free) char *action = NULL, *message = NULL;
        CLEANUP(text_clear) struct text body = {};

        if (x->action)
                return x->finished ? redirect(x) : MHD_NO;
        if (form_value(x, "action", &action) < 0 || form_value(x, "message", &message) < 0)
                return respond_error(x, MHD_HTTP_BAD_REQUEST);
        if (action)
                return act(x, action);
        page_status(&body, http->host, http->context, message, listing_now_secs());
        return respond_page(x, &body);
}

enum MHD_Result page_serve_tail(struct exchange *x)
{
        const struct http *http = x->listener->http;
        CLEANUP(mem_free) char *processname = NULL, *limit = NULL;
        CLEANUP(text_clear) struct text body = {};

        if (form_value(x, "processname", &processname) < 0 || form_value(x, "limit", &limit) < 0)
                return respond_error(x, MHD_HTTP_BAD_REQUEST);
        page_tail(&body, http->host, http->context, processname, limit, x->target.query);
        return respond_page(x, &body);
}

/*
 * Files.
 */

static bool is_unchanged(const struct exchange *x)
{
        const char *since = exchange_header(x, MHD_HTTP_HEADER_IF_MODIFIED_SINCE), *rest;
        struct tm tm = {};

        if (!since)
                return false;
        rest = strptime(since, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        return rest && timegm(&tm) >= x->listener->http->started;
}

/* The name of a directory without its slash. */
static enum MHD_Result add_slash(struct exchange *x, const char *path)
{
        CLEANUP(text_clear) struct text location = {};
        struct respond_header headers[2] = { { MHD_HTTP_HEADER_LOCATION, NULL } };

        append_server(&location, x);
        text_format(&location, "/%s/", path);
        headers[0].value = location.data;
        return respond_error_with(x, MHD_HTTP_MOVED_PERMANENTLY, headers);
}

enum MHD_Result page_serve_asset(struct exchange *x)
{
        const char *path = x->target.path + strspn(x->target.path, "/");
        const struct page_asset *asset = page_asset_find(path);

        if (asset)
                return respond_constant(x, asset->type, is_unchanged(x) ? NULL : asset->data,
                        asset->size, x->listener->http->started);
        if (page_asset_is_directory(path))
                return add_slash(x, path);
        return respond_error(x, MHD_HTTP_NOT_FOUND);
}
