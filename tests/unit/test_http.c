/* Calls and pages over HTTP, through real sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "tests/unit/http_world.h"

static void a_call_is_answered_over_tcp_and_unix_and_the_connection_stays(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int tcp = http_world_connect(&w->open);
        CLEANUP(fd_close) int local = http_world_connect_unix(w);

        for (unsigned i = 0; i < 3; i++) {
                CLEANUP(mem_free) char *got = NULL, *got_local = NULL;

                http_world_post(w, tcp, GET_STATE);
                got = http_world_receive(w, tcp, "</methodResponse>\n");
                assert_true(text_starts(got, "HTTP/1.1 200 OK\r\n"));
                assert_non_null(strstr(got, "\r\nContent-Type: text/xml\r\n"));
                assert_non_null(strstr(got, "\r\nServer: reeve\r\n"));
                assert_non_null(strstr(got, "\r\nContent-Length: 279\r\n"));
                assert_null(strstr(got, "Connection:"));
                assert_non_null(strstr(got, "<name>statename</name>"));
                http_world_post(w, local, GET_STATE);
                got_local = http_world_receive(w, local, "</methodResponse>\n");
                assert_non_null(strstr(got_local, "<int>1</int>"));
        }
}

static void requests_in_one_piece_and_in_many_are_answered(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect(&w->open);
        CLEANUP(mem_free)
        char *one = mem_format("POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s",
                strlen(GET_STATE), GET_STATE);
        CLEANUP(mem_free) char *three = mem_format("%s%s%s", one, one, one);
        CLEANUP(mem_free) char *slow = NULL;
        unsigned count = 0;

        http_world_send(w, fd, three);
        while (count < 3) {
                CLEANUP(mem_free) char *some = http_world_receive(w, fd, "</methodResponse>\n");

                assert_true(*some && !strstr(some, "<closed>"));
                for (const char *s = some; (s = strstr(s, "</methodResponse>\n")); s++)
                        count++;
        }
        for (const char *s = one; *s; s++)
                http_world_send_bytes(w, fd, s, 1);
        slow = http_world_receive(w, fd, "</methodResponse>\n");
        assert_non_null(strstr(slow, "200 OK"));
}

static void chunked_calls_are_accepted(void **state)
{
        struct http_world *w = *state;
        CLEANUP(mem_free)
        char *request = mem_format("POST /RPC2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"
                                   "\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n",
                strlen(GET_STATE), GET_STATE);

        http_world_answer_has(w, request, "<name>statecode</name>", "</methodResponse>\n");
}

static void what_cannot_be_served_is_refused_with_its_status(void **state)
{
        static const struct {
                const char *request, *want;
        } cases[] = {
                { "GET /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 Bad Request" },
                { "GET /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n", "Content-Length: 136\r\n" },
                { "GET /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n", ERROR_400 },
                { "post /RPC2 HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "400 Bad Request" },
                { "PUT /RPC2 HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "400 Bad Request" },
                { "POST /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n", "411 Length Required" },
                { "POST /RPC2 HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "400 Bad Request" },
                { "POST /RPC2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        "400 Bad Request" },
                { "POST /RPC2 HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "400 Bad Request" },
                { "POST /RPC2xyz HTTP/1.1\r\nContent-Length: 13\r\n\r\n<methodCall/>",
                        "400 Bad Request" },
                { "POST /RPC2 HTTP/1.1\r\nContent-Length: 16777217\r\n\r\n",
                        "413 Content Too Large" },
                { "POST /rpc2 HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "400 Bad Request" },
                { "GET /rpc2 HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
                { "HEAD /ok.html HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
                { "GET /../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
                { "GET http://x/RPC2 HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
                { "POST http://x/RPC2 HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "400 Bad Request" },
                { "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", "400 Bad Request" },
                { "POST /logtail/cat HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "400 Bad Request" },
                { "GET /logtail HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
                { "GET /logtail/nix HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
                { "GET /logtail/cat:* HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
                { "GET /logtail/cat HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
                { "GET /logtail/cat/stderr HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
                { "GET /logtail/cat/nix HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
                { "GET /mainlogtail HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++)
                http_world_answer_has(*state, cases[i].request, cases[i].want, cases[i].want);
}

static void bad_calls_are_logged(void **state)
{
        struct http_world *w = *state;

        http_world_answer_has(
                w, "POST /RPC2 HTTP/1.1\r\nContent-Length: 3\r\n\r\n<a'", "400", "</body>");
        http_world_answer_has(w, "POST /RPC2 HTTP/1.1\r\nContent-Length: 13\r\n\r\n<methodCall/>",
                "400", "</body>");
        assert_non_null(strstr(w->host.log.data,
                "ERRO XML-RPC request data \"<a'\" is invalid: unmarshallable\n"));
        assert_non_null(strstr(w->host.log.data,
                "ERRO XML-RPC request data '<methodCall/>' is invalid: no method name\n"));
        assert_non_null(strstr(w->host.log.data, "\"POST /RPC2 HTTP/1.1\" 400 136\n"));
        assert_non_null(strstr(w->host.log.data,
                "CRIT Server 'inet_http_server' running without any HTTP authentication "
                "checking\n"));
        assert_null(strstr(w->host.log.data, "CRIT Server 'inet_http_server:2'"));
}

static void the_health_page_says_ok(void **state)
{
        struct http_world *w = *state;

        http_world_answer_has(
                w, "GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\nOK", "\r\n\r\nOK");
        http_world_answer_has(
                w, "GET //ok.html?x=1 HTTP/1.0\r\n\r\n", "\r\n\r\nOK<closed>", "<closed>");
        http_world_answer_has(w, "POST /ok.html HTTP/1.1\r\nContent-Length: 2\r\n\r\nab",
                "\r\n\r\nOK", "\r\n\r\nOK");
        http_world_answer_has(w, "\r\n\r\nGET /ok.html HTTP/1.1\r\nHost:\r\n\r\n\r\n", "\r\n\r\nOK",
                "\r\n\r\nOK");
}

static void only_the_password_opens_a_locked_listener(void **state)
{
        struct http_world *w = *state;
        static const struct {
                const char *authorization, *want;
        } cases[] = {
                { "", "401 Unauthorized" },
                { "", "\r\nWWW-Authenticate: Basic realm=\"default\"\r\n" },
                { "", "\r\nConnection: close\r\n" },
                { "Authorization: Basic dXNlcjoxMjM=\r\n", "\r\n\r\nOK" },
                { "Authorization: Basic dXNlcjoxMjQ=\r\n", "401 Unauthorized" },
                { "Authorization: Digest x\r\n", "401 Unauthorized" },
                { "Authorization: Basic !\r\n", "400 Bad Request" },
                { "Authorization: Basic dXNlcg==\r\n", "400 Bad Request" },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(fd_close) int fd = http_world_connect(&w->locked);
                CLEANUP(mem_free)
                char *request = mem_format(
                        "GET /ok.html HTTP/1.1\r\nHost: x\r\n%s\r\n", cases[i].authorization);
                CLEANUP(mem_free) char *got = NULL;

                http_world_send(w, fd, request);
                got = http_world_receive(w, fd, cases[i].want);
                if (!strstr(got, cases[i].want))
                        fail_msg("'%s' gave '%s'", request, got);
        }
}

static void a_stranger_is_refused_whatever_he_sends(void **state)
{
        struct http_world *w = *state;
        size_t length = 3 << 20;
        CLEANUP(mem_free) char *zeros = mem_new(length);
        CLEANUP(fd_close) int fd = http_world_connect(&w->locked);
        CLEANUP(fd_close) int small = http_world_connect(&w->locked);
        CLEANUP(mem_free) char *got = NULL, *got_small = NULL;

        http_world_post(w, small, START);
        got_small = http_world_receive(w, small, "</body>");
        assert_non_null(strstr(got_small, "401 Unauthorized"));
        http_world_send(w, fd, "POST /RPC2 HTTP/1.1\r\nContent-Length: 3145728\r\n\r\n");
        http_world_send_bytes(w, fd, zeros, length);
        got = http_world_receive(w, fd, "</body>");
        /* It either reads why or only that the connection is cut; it gets nothing else. */
        assert_true(strstr(got, "401 Unauthorized") || strstr(got, "<reset>"));
        assert_null(w->host.events.data);
}

static void a_body_of_many_megabytes_is_received(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect(&w->open);
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(mem_free) char *got = NULL;

        text_append(&t, "<methodCall><methodName>supervisor.getState</methodName>");
        for (unsigned i = 0; i < 200000; i++)
                text_append(&t, "<!-- this says nothing but for its length -->\n");
        text_append(&t, "<params/></methodCall>");
        assert_true(t.length > 8 << 20);
        http_world_post(w, fd, t.data);
        got = http_world_receive(w, fd, "</methodResponse>\n");
        assert_non_null(strstr(got, "200 OK"));
}

static void an_endless_chunked_body_is_cut_off(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect(&w->open);
        size_t length = 1 << 20;
        CLEANUP(mem_free) char *chunk = mem_new(length + 2);
        CLEANUP(mem_free) char *got = NULL;

        memset(chunk, ' ', length);
        memcpy(chunk + length, "\r\n", 2);
        http_world_send(w, fd, "POST /RPC2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (unsigned i = 0; i < 18; i++) {
                http_world_send(w, fd, "100000\r\n");
                http_world_send_bytes(w, fd, chunk, length + 2);
        }
        got = http_world_receive(w, fd, "<closed>");
        assert_true(strstr(got, "<closed>") || strstr(got, "<reset>"));
        http_world_answer_has(
                w, "GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\nOK", "\r\n\r\nOK");
}

static void half_requests_cost_nothing_and_delay_nobody(void **state)
{
        struct http_world *w = *state;
        int halves[50];
        struct rusage before, after;
        int64_t spent;

        for (size_t i = 0; i < ELEMENTS(halves); i++) {
                halves[i] = http_world_connect(&w->open);
                http_world_send(w, halves[i],
                        i % 2 ? "POST /RPC2 HTTP/1.1\r\nContent-Le"
                              : "POST /RPC2 HTTP/1.1\r\nContent-Length: 100\r\n\r\n<met");
        }
        http_world_answer_has(
                w, "GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\nOK", "\r\n\r\nOK");
        assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
        http_world_run(w, 300);
        assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
        spent = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000 +
                (after.ru_utime.tv_usec - before.ru_utime.tv_usec) +
                (after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1000000 +
                (after.ru_stime.tv_usec - before.ru_stime.tv_usec);
        assert_true(spent < 100000);
        /* They are given half a minute, and the host is told so. */
        assert_true(http_timeout(w->http) <= 30 * USEC_SEC);
        for (size_t i = 0; i < ELEMENTS(halves); i++)
                fd_close(halves[i]);
}

static void a_deferred_answer_delays_nobody_else(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int waiting = http_world_connect(&w->open);
        CLEANUP(mem_free) char *got = NULL, *again = NULL;

        http_world_post(w, waiting, START);
        http_world_run(w, 20);
        assert_string_equal(w->host.events.data, "start name=cat signal=- wait=1\n");
        http_world_answer_has(
                w, "GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\nOK", "\r\n\r\nOK");
        assert_false(http_is_busy(w->http));
        http_answer(w->http, w->host.last_request, answer_new(ANSWER_TRUE));
        assert_int_equal(http_timeout(w->http), 0);
        got = http_world_receive(w, waiting, "</methodResponse>\n");
        assert_non_null(strstr(got, "<boolean>1</boolean>"));
        /* And the connection is as good as before. */
        http_world_post(w, waiting, GET_STATE);
        again = http_world_receive(w, waiting, "</methodResponse>\n");
        assert_non_null(strstr(again, "200 OK"));
}

static void answer_true(struct fake_host *host, const struct event *event)
{
        http_answer(host->server, event->request.id, answer_new(ANSWER_TRUE));
}

static void an_answer_may_come_at_once(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect_unix(w);
        CLEANUP(mem_free) char *got = NULL;

        w->host.on_request = answer_true;
        http_world_post(w, fd, START);
        got = http_world_receive(w, fd, "</methodResponse>\n");
        assert_non_null(strstr(got, "<boolean>1</boolean>"));
}

static void a_client_that_leaves_drops_its_request(void **state)
{
        struct http_world *w = *state;
        int tcp = http_world_connect(&w->open), local = http_world_connect_unix(w);
        uint64_t first;

        http_world_post(w, tcp, START);
        http_world_run(w, 20);
        first = w->host.last_request;
        http_world_post(w, local, START);
        http_world_run(w, 20);
        fd_close(tcp);
        http_world_run(w, 20);
        assert_non_null(strstr(w->host.events.data, "dropped 1\n"));
        assert_null(strstr(w->host.events.data, "dropped 2\n"));
        fd_close(local);
        http_world_run(w, 20);
        assert_non_null(strstr(w->host.events.data, "dropped 2\n"));
        /* The work went on, and its answer finds nobody. */
        http_answer(w->http, first, answer_new(ANSWER_TRUE));
        http_world_run(w, 20);
        assert_false(http_is_busy(w->http));
}

static void the_server_may_end_while_somebody_waits(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int waiting = http_world_connect(&w->open);
        CLEANUP(fd_close) int following = http_world_connect(&w->open);
        CLEANUP(mem_free) char *head = NULL, *got = NULL;

        http_world_write_log(w, "x", "w");
        http_world_send(w, following, "GET /logtail/cat HTTP/1.1\r\nHost: x\r\n\r\n");
        head = http_world_receive(w, following, "\r\nx\r\n");
        http_world_post(w, waiting, START);
        http_world_run(w, 20);
        w->http = http_free(w->http);
        assert_null(strstr(w->host.events.data, "dropped"));
        assert_int_equal(http_new(&fake_host_calls, &w->host, &w->http, NULL), 0);
        got = http_world_receive(w, waiting, "<closed>");
        assert_true(strstr(got, "<closed>") || strstr(got, "<reset>"));
}

static void a_connection_at_rest_is_left_alone(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect(&w->open);
        CLEANUP(mem_free) char *got = NULL;

        http_world_run(w, 20);
        assert_true(http_timeout(w->http) <= 30 * USEC_SEC); /* it has not said a word yet */
        http_world_post(w, fd, GET_STATE);
        got = http_world_receive(w, fd, "</methodResponse>\n");
        http_world_run(w, 20);
        assert_true(http_timeout(w->http) > 600 * USEC_SEC);
}

static void a_connection_that_its_client_has_half_closed_does_not_stay(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect(&w->open);
        CLEANUP(fd_close) int waiting = http_world_connect(&w->open);
        CLEANUP(mem_free) char *got = NULL, *nothing = NULL;
        const char *request = "GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n";

        /* Request and end arrive together. */
        http_world_run(w, 20);
        assert_int_equal(send(fd, request, strlen(request), 0), strlen(request));
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        got = http_world_receive(w, fd, "\r\n\r\nOK");
        assert_non_null(strstr(got, "200 OK"));
        http_world_run(w, 20);
        assert_true(http_timeout(w->http) <= 5 * USEC_SEC);
        mem_free(got);
        /* They are there already when the connection is taken. */
        fd_close(fd);
        fd = http_world_connect(&w->open);
        assert_int_equal(send(fd, request, strlen(request), 0), strlen(request));
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        got = http_world_receive(w, fd, "<closed>");
        assert_non_null(strstr(got, "200 OK"));
        assert_non_null(strstr(got, "<closed>"));
        /* Whoever has to wait for an answer must stay to hear it. */
        http_world_post(w, waiting, START);
        assert_int_equal(shutdown(waiting, SHUT_WR), 0);
        nothing = http_world_receive(w, waiting, "<closed>");
        assert_string_equal(nothing, "<closed>");
        assert_non_null(strstr(w->host.events.data, "dropped 1\n"));
}

/* A fork that writes a snapshot of the state has what was open then. */
static void a_connection_that_a_fork_keeps_open_is_heard_of_no_more(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect(&w->open);
        CLEANUP(mem_free) char *got = NULL;
        pid_t pid;

        http_world_send(w, fd, "GET /ok.html HTTP/1.1\r\nHost: x\r\n");
        http_world_run(w, 20);
        pid = fork();
        if (pid == 0) {
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void)fd_close(fd);
                for (;;)
                        (void)pause();
        }
        http_world_send(w, fd, "Connection: close\r\n\r\n");
        got = http_world_receive(w, fd, "\r\n\r\nOK");
        assert_non_null(strstr(got, "200 OK"));
        http_world_run(w, 20);
        fd = fd_close(fd);
        http_world_run(w, 20);
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        http_world_answer_has(
                w, "GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\nOK", "\r\n\r\nOK");
}

static void there_is_room_again_when_connections_close(void **state)
{
        struct http_world *w = *state;
        struct rlimit limit, low;
        struct sockaddr_in address;
        int fds[20];

        assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
        low = (struct rlimit){ 64, limit.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
        http_world_add(
                w, http_world_listen(&address), "inet_http_server:3", NULL); /* of 16 connections */
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        for (size_t i = 0; i < ELEMENTS(fds); i++) {
                fds[i] = http_world_connect(&address);
                http_world_run(w, 2);
        }
        for (size_t i = 0; i < ELEMENTS(fds) - 1; i++)
                fd_close(fds[i]);
        {
                CLEANUP(fd_close) int last = fds[ELEMENTS(fds) - 1];
                CLEANUP(mem_free) char *got = NULL;

                http_world_send(w, last, "GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n");
                got = http_world_receive(w, last, "\r\n\r\nOK");
                assert_non_null(strstr(got, "200 OK"));
        }
}

static void a_big_response_is_sent_as_its_reader_reads(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect(&w->open);
        struct fake_group *group = fake_engine_add_group(w->host.engine, "many", 1);
        int leaver = http_world_connect(&w->open);
        CLEANUP(mem_free) char *got = NULL;
        const char *body = "<methodCall><methodName>supervisor.getAllProcessInfo</methodName>"
                           "</methodCall>";

        for (unsigned i = 0; i < FAKE_PROCESSES_MAX; i++) {
                CLEANUP(mem_free) char *name = mem_format("p%u", i);

                (void)fake_engine_add(w->host.engine, group, name); /* all alike */
        }
        for (unsigned i = 0; i < 8; i++)
                http_world_post(w, leaver, body); /* more than the buffers of a socket hold */
        http_world_run(w, 50);
        assert_true(http_is_busy(w->http));
        http_world_post(w, fd, body);
        got = http_world_receive(w, fd, "</methodResponse>\n");
        assert_true(strlen(got) > 0);
        assert_true(http_is_busy(w->http));
        fd_close(leaver);
        http_world_run(w, 50);
        assert_false(http_is_busy(w->http));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, http_world_setup, http_world_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_call_is_answered_over_tcp_and_unix_and_the_connection_stays),
                TEST(requests_in_one_piece_and_in_many_are_answered),
                TEST(chunked_calls_are_accepted),
                TEST(what_cannot_be_served_is_refused_with_its_status),
                TEST(bad_calls_are_logged),
                TEST(the_health_page_says_ok),
                TEST(only_the_password_opens_a_locked_listener),
                TEST(a_stranger_is_refused_whatever_he_sends),
                TEST(a_body_of_many_megabytes_is_received),
                TEST(an_endless_chunked_body_is_cut_off),
                TEST(half_requests_cost_nothing_and_delay_nobody),
                TEST(a_deferred_answer_delays_nobody_else),
                TEST(an_answer_may_come_at_once),
                TEST(a_client_that_leaves_drops_its_request),
                TEST(the_server_may_end_while_somebody_waits),
                TEST(a_connection_at_rest_is_left_alone),
                TEST(a_connection_that_its_client_has_half_closed_does_not_stay),
                TEST(a_connection_that_a_fork_keeps_open_is_heard_of_no_more),
                TEST(there_is_room_again_when_connections_close),
                TEST(a_big_response_is_sent_as_its_reader_reads),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
