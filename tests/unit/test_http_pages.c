/* The web pages over HTTP, through real sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/fd.h"
#include "tests/unit/http_world.h"

#define END "</body>"

static void the_status_page_is_at_the_root_and_at_index_html(void **state)
{
        static const char *const requests[] = {
                "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET //index.html?message= HTTP/1.1\r\nHost: x\r\n\r\n",
                "POST /index.html HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\nOrigin: http://evil.example\r\n\r\n",
        };

        for (size_t i = 0; i < ELEMENTS(requests); i++) {
                http_world_answer_has(*state, requests[i], "HTTP/1.1 200 OK", END);
                http_world_answer_has(*state, requests[i], ">cat</a>", END);
                http_world_answer_has(
                        *state, requests[i], "Content-Type: text/html;charset=utf-8\r\n", END);
                http_world_answer_has(
                        *state, requests[i], "Expires: Thu, 01 Jan 1970 00:00:00 GMT\r\n", END);
        }
}

static void what_is_no_page_is_refused_with_its_status(void **state)
{
        static const struct {
                const char *request, *want;
        } cases[] = {
                { "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
                { "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "400 Bad Request" },
                { "POST / HTTP/1.1\r\nHost: x\r\n\r\n", "411 Length Required" },
                { "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n",
                        "413 Content Too Large" },
                { "GET /?action=nix HTTP/1.1\r\nHost: x\r\n\r\n", "400 Bad Request" },
                { "GET /?action=nix&processname=cat HTTP/1.1\r\nHost: x\r\n\r\n", ERROR_400 },
                { "GET /?action=start HTTP/1.1\r\nHost: x\r\n\r\n", "400 Bad Request" },
                { "GET /?action=a%00 HTTP/1.1\r\nHost: x\r\n\r\n", "400 Bad Request" },
                { "GET /nix HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
                { "GET /images/ HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
                { "GET /images/../index.html HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++)
                http_world_answer_has(*state, cases[i].request, cases[i].want, cases[i].want);
}

static void the_stylesheet_is_a_file_that_may_be_kept(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect(&w->open);
        CLEANUP(mem_free) char *first = NULL, *request = NULL;
        const char *modified;

        http_world_send(w, fd, "GET /stylesheets/supervisor.css HTTP/1.1\r\nHost: x\r\n\r\n");
        first = http_world_receive(w, fd, ".statusrunning {");
        assert_non_null(strstr(first, "Content-Type: text/css\r\n"));
        modified = strstr(first, "Last-Modified: ");
        assert_non_null(modified);
        request = mem_format("GET /stylesheets/supervisor.css HTTP/1.1\r\nHost: x\r\n"
                             "If-Modified-Since: %.29s\r\nConnection: close\r\n\r\n",
                modified + strlen("Last-Modified: "));
        http_world_answer_has(w, request, "HTTP/1.1 304 Not Modified\r\n", "<closed>");
        http_world_answer_has(w,
                "GET /stylesheets/supervisor.css HTTP/1.1\r\nHost: x\r\n"
                "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n",
                "200 OK", ".statusrunning {");
        http_world_answer_has(w,
                "HEAD /images/icon.png HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "\r\n\r\n<closed>", "<closed>");
        http_world_answer_has(w, "GET /images HTTP/1.1\r\nHost: h:80\r\n\r\n",
                "Location: http://h/images/\r\n", END);
}

static void answer_true(struct fake_host *host, const struct event *event)
{
        http_answer(host->server, event->request.id, answer_new(ANSWER_TRUE));
}

static void an_action_redirects_to_its_message(void **state)
{
        static const struct {
                const char *request, *want;
        } cases[] = {
                { "GET /?action=start&processname=cat HTTP/1.1\r\nHost: h:9001\r\n\r\n",
                        "Location: http://h:9001/?message=Process%20cat%20started\r\n" },
                { "GET /index.html?action=stop&processname=cat HTTP/1.1\r\nHost: h:80\r\n\r\n",
                        "Location: http://h/?message=Process%20cat%20stopped\r\n" },
                { "GET /?action=stop&processname=cat HTTP/1.0\r\n\r\n",
                        "Location: /?message=Process%20cat%20stopped\r\n" },
                { "GET /?action=stop&processname=cat HTTP/1.1\r\nHost: a/b\r\n\r\n",
                        "Location: /?message=Process%20cat%20stopped\r\n" },
                { "POST /?action=stop HTTP/1.1\r\nHost: h\r\nContent-Length: 28\r\n\r\n"
                  "action=start&processname=cat",
                        "Location: http://h/?message=Process%20cat%20started\r\n" },
                { "POST /?action=start&processname=c%3Ad HTTP/1.1\r\nHost: h\r\n"
                  "Content-Length: 0\r\n\r\n",
                        "Location: http://h/?message=No%20such%20process%20named%20c%3Ad\r\n" },
                { "GET /?action=refresh HTTP/1.1\r\nHost: h\r\n\r\n",
                        "Location: http://h/?message=Page%20refreshed%20at%20" },
        };
        struct http_world *w = *state;

        w->host.on_request = answer_true;
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                http_world_answer_has(w, cases[i].request, cases[i].want, END);
                http_world_answer_has(w, cases[i].request, "301 Moved Permanently", END);
                http_world_answer_has(w, cases[i].request, "\r\nPragma: no-cache\r\n", END);
                http_world_answer_has(w, cases[i].request, "<p>Error code 301.\r\n", END);
        }
}

static void an_action_that_waits_delays_nobody(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect(&w->open);
        CLEANUP(mem_free) char *got = NULL;

        http_world_send(w, fd, "GET /?action=restart&processname=cat HTTP/1.1\r\nHost: h\r\n\r\n");
        http_world_run(w, 20);
        http_world_answer_has(w, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "200 OK", END);
        assert_string_equal(text_string(&w->host.events), "stop name=cat signal=- wait=1\n");
        http_answer(w->http, w->host.last_request, answer_new(ANSWER_TRUE));
        assert_non_null(strstr(w->host.events.data, "start name=cat signal=- wait=1\n"));
        http_answer(w->http, w->host.last_request, answer_new(ANSWER_TRUE));
        got = http_world_receive(w, fd, END);
        assert_non_null(strstr(got, "Location: http://h/?message=Process%20cat%20restarted\r\n"));
}

static void a_browser_that_leaves_drops_its_request(void **state)
{
        struct http_world *w = *state;
        int fd = http_world_connect(&w->open);

        http_world_send(w, fd, "GET /?action=stop&processname=cat HTTP/1.1\r\nHost: h\r\n\r\n");
        http_world_run(w, 20);
        (void)fd_close(fd);
        http_world_run(w, 50);
        assert_non_null(strstr(text_string(&w->host.events), "dropped 1\n"));
        http_answer(w->http, 1, answer_new(ANSWER_TRUE));
}

static void the_server_may_end_while_an_action_waits(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect(&w->open);

        http_world_send(w, fd, "GET /?action=stop&processname=cat HTTP/1.1\r\nHost: h\r\n\r\n");
        http_world_run(w, 20);
}

static void an_action_of_a_foreign_page_is_refused(void **state)
{
        static const char *const requests[] = {
                "GET /?action=stopall HTTP/1.1\r\nHost: h\r\nReferer: http://evil.example/\r\n\r\n",
                ("POST / HTTP/1.1\r\nHost: h\r\nOrigin: null\r\nContent-Length: 14\r\n\r\n"
                 "action=stopall"),
                "GET /?action=stopall HTTP/1.1\r\nHost: h\r\nSec-Fetch-Site: cross-site\r\n\r\n",
                "GET /?action=stopall HTTP/1.1\r\nHost: h\r\nUser-Agent: Mozilla/5.0\r\n\r\n",
        };
        struct http_world *w = *state;

        w->host.on_request = answer_true;
        for (size_t i = 0; i < ELEMENTS(requests); i++)
                http_world_answer_has(w, requests[i], "403 Forbidden", END);
        assert_string_equal(text_string(&w->host.events), "");
        http_world_answer_has(w,
                "POST / HTTP/1.1\r\nHost: h\r\nOrigin: http://h\r\nContent-Length: 14\r\n\r\n"
                "action=stopall",
                "message=All%20stopped%20at%20", END);
}

static void the_password_covers_the_pages(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect(&w->locked);
        CLEANUP(mem_free) char *got = NULL;

        http_world_send(w, fd, "GET /?action=stopall HTTP/1.1\r\nHost: x\r\n\r\n");
        got = http_world_receive(w, fd, END);
        assert_non_null(strstr(got, "401 Unauthorized"));
        assert_string_equal(text_string(&w->host.events), "");
}

int main(void)
{
#define PAGE(test) cmocka_unit_test_setup_teardown(test, http_world_setup, http_world_teardown)
        const struct CMUnitTest tests[] = {
                PAGE(the_status_page_is_at_the_root_and_at_index_html),
                PAGE(what_is_no_page_is_refused_with_its_status),
                PAGE(the_stylesheet_is_a_file_that_may_be_kept),
                PAGE(an_action_redirects_to_its_message),
                PAGE(an_action_that_waits_delays_nobody),
                PAGE(a_browser_that_leaves_drops_its_request),
                PAGE(the_server_may_end_while_an_action_waits),
                PAGE(an_action_of_a_foreign_page_is_refused),
                PAGE(the_password_covers_the_pages),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
