/* The whole HTTP side, driven through real sockets from within the same process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "tests/unit/fake_host.h"

#define GET_STATE                                                                                \
        "<?xml version='1.0'?><methodCall><methodName>supervisor.getState</methodName><params/>" \
        "</methodCall>"
#define START                                                                         \
        "<methodCall><methodName>supervisor.startProcess</methodName><params><param>" \
        "<value><string>cat</string></value></param></params></methodCall>"
#define ERROR_400                                                                            \
        "\r\n\r\n<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n<h1>Error " \
        "response</h1>\r\n<p>Error code 400.\r\n<p>Message: Bad Request.\r\n</body>\r\n"

struct world {
        char dir[32];
        char *log, *socket_path;
        struct fake_host host;
        struct http *http;
        struct sockaddr_in open, locked; /* TCP listeners, without and with a password */
};

static int64_t msec_now(void)
{
        struct timespec ts;

        (void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail with this clock */
        return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int listen_tcp(struct sockaddr_in *address)
{
        socklen_t length = sizeof(*address);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        *address = (struct sockaddr_in){ .sin_family = AF_INET,
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        assert_int_equal(bind(fd, (struct sockaddr *)address, sizeof(*address)), 0);
        assert_int_equal(listen(fd, 128), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)address, &length), 0);
        return fd;
}

static int listen_unix(const char *path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path); /* short */
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(listen(fd, 128), 0);
        return fd;
}

static void add_listener(struct world *w, int fd, const char *section, const char *user)
{
        struct http_listener listener = { fd, section, user, user ? "123" : NULL };

        assert_int_equal(http_listen(w->http, &listener, NULL), 0);
}

static int setup(void **state)
{
        struct world *w = mem_new(sizeof(*w));
        struct fake_group *group;

        (void)snprintf(w->dir, sizeof(w->dir), "/tmp/test_http_XXXXXX"); /* it fits */
        assert_non_null(mkdtemp(w->dir));
        w->log = mem_format("%s/log", w->dir);
        w->socket_path = mem_format("%s/socket", w->dir);
        w->host.engine = fake_engine_new();
        w->host.out_log = w->log;
        group = fake_engine_add_group(w->host.engine, "cat", 999);
        (void)fake_engine_add(w->host.engine, group, "cat"); /* known by its id, 1 */
        assert_int_equal(http_new(&fake_host_calls, &w->host, &w->http, NULL), 0);
        w->host.server = w->http;
        add_listener(w, listen_tcp(&w->open), "inet_http_server", NULL);
        add_listener(w, listen_tcp(&w->locked), "inet_http_server:2", "user");
        add_listener(w, listen_unix(w->socket_path), "unix_http_server", "");
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;
        CLEANUP(mem_free) char *command = mem_format("rm -r %s", w->dir);

        http_free(w->http);
        fake_host_clear(&w->host);
        assert_int_equal(system(command), 0); /* NOLINT: a path of our own */
        mem_free(w->log);
        mem_free(w->socket_path);
        mem_free(w);
        return 0;
}

static int connect_to(const struct sockaddr_in *address)
{
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_int_equal(connect(fd, (const struct sockaddr *)address, sizeof(*address)), 0);
        return fd;
}

static int connect_unix(const struct world *w)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", w->socket_path);
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        return fd;
}

/* One turn of a host's loop, which waits for the server and for one client. */
static void turn(struct world *w, int client, int msec_max)
{
        struct pollfd fds[] = { { http_fd(w->http), POLLIN, 0 }, { client, POLLIN, 0 } };
        usec_t timeout = http_timeout(w->http);
        int msec = timeout > (usec_t)msec_max * 1000 ? msec_max : (int)((timeout + 999) / 1000);

        assert_true(poll(fds, client >= 0 ? 2 : 1, msec) >= 0);
        if (fds[0].revents || http_timeout(w->http) == 0 || msec < msec_max)
                http_run(w->http);
}

static void run_for(struct world *w, int msec)
{
        for (int64_t end = msec_now() + msec; msec_now() < end;)
                turn(w, -1, (int)(end - msec_now()));
}

/* What the client has got once it contains the words, or the connection ends, or time is up. */
static char *receive(struct world *w, int fd, const char *until)
{
        struct text t = {};
        int64_t end = msec_now() + 5000;

        while (msec_now() < end) {
                char buffer[65536];
                ssize_t n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

                if (n == 0 || (n < 0 && errno != EAGAIN)) {
                        text_append(&t, n == 0 ? "<closed>" : "<reset>");
                        break;
                }
                if (n > 0)
                        text_append_bytes(&t, buffer, (size_t)n);
                if (t.length && memmem(t.data, t.length, until, strlen(until)))
                        break;
                if (n < 0)
                        turn(w, fd, 50);
        }
        return text_take(&t);
}

static void send_all(struct world *w, int fd, const char *data, size_t length)
{
        int64_t end = msec_now() + 5000;

        while (length && msec_now() < end) {
                ssize_t n = send(fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);

                if (n < 0 && errno != EAGAIN)
                        return; /* refused: what it says is for the reader */
                if (n > 0) {
                        data += n;
                        length -= (size_t)n;
                }
                turn(w, -1, 1);
        }
}

static void send_text(struct world *w, int fd, const char *text)
{
        send_all(w, fd, text, strlen(text));
}

static void post(struct world *w, int fd, const char *body)
{
        CLEANUP(mem_free)
        char *request = mem_format("POST /RPC2 HTTP/1.1\r\nHost: \r\nContent-Length: %zu\r\n\r\n%s",
                strlen(body), body);

        send_text(w, fd, request);
}

static void answer_has(struct world *w, const char *request, const char *want, const char *until)
{
        CLEANUP(fd_close) int fd = connect_to(&w->open);
        CLEANUP(mem_free) char *got = NULL;

        send_text(w, fd, request);
        got = receive(w, fd, until);
        if (!strstr(got, want))
                fail_msg("'%s' gave '%s'", request, got);
}

static void write_log(struct world *w, const char *text, const char *mode)
{
        FILE *f = fopen(w->log, mode);

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

static void a_call_is_answered_over_tcp_and_unix_and_the_connection_stays(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int tcp = connect_to(&w->open);
        CLEANUP(fd_close) int local = connect_unix(w);

        for (unsigned i = 0; i < 3; i++) {
                CLEANUP(mem_free) char *got = NULL, *got_local = NULL;

                post(w, tcp, GET_STATE);
                got = receive(w, tcp, "</methodResponse>\n");
                assert_true(text_starts(got, "HTTP/1.1 200 OK\r\n"));
                assert_non_null(strstr(got, "\r\nContent-Type: text/xml\r\n"));
                assert_non_null(strstr(got, "\r\nServer: reeve\r\n"));
                assert_non_null(strstr(got, "\r\nContent-Length: 279\r\n"));
                assert_null(strstr(got, "Connection:"));
                assert_non_null(strstr(got, "<name>statename</name>"));
                post(w, local, GET_STATE);
                got_local = receive(w, local, "</methodResponse>\n");
                assert_non_null(strstr(got_local, "<int>1</int>"));
        }
}

static void requests_in_one_piece_and_in_many_are_answered(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = connect_to(&w->open);
        CLEANUP(mem_free)
        char *one = mem_format("POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s",
                strlen(GET_STATE), GET_STATE);
        CLEANUP(mem_free) char *three = mem_format("%s%s%s", one, one, one);
        CLEANUP(mem_free) char *slow = NULL;
        unsigned count = 0;

        send_text(w, fd, three);
        while (count < 3) {
                CLEANUP(mem_free) char *some = receive(w, fd, "</methodResponse>\n");

                assert_true(*some && !strstr(some, "<closed>"));
                for (const char *s = some; (s = strstr(s, "</methodResponse>\n")); s++)
                        count++;
        }
        for (const char *s = one; *s; s++)
                send_all(w, fd, s, 1);
        slow = receive(w, fd, "</methodResponse>\n");
        assert_non_null(strstr(slow, "200 OK"));
}

static void chunked_calls_are_accepted(void **state)
{
        struct world *w = *state;
        CLEANUP(mem_free)
        char *request = mem_format("POST /RPC2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"
                                   "\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n",
                strlen(GET_STATE), GET_STATE);

        answer_has(w, request, "<name>statecode</name>", "</methodResponse>\n");
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
                { "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found" },
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
                answer_has(*state, cases[i].request, cases[i].want, cases[i].want);
}

static void bad_calls_are_logged(void **state)
{
        struct world *w = *state;

        answer_has(w, "POST /RPC2 HTTP/1.1\r\nContent-Length: 3\r\n\r\n<a'", "400", "</body>");
        answer_has(w, "POST /RPC2 HTTP/1.1\r\nContent-Length: 13\r\n\r\n<methodCall/>", "400",
                "</body>");
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
        struct world *w = *state;

        answer_has(w, "GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\nOK", "\r\n\r\nOK");
        answer_has(w, "GET //ok.html?x=1 HTTP/1.0\r\n\r\n", "\r\n\r\nOK<closed>", "<closed>");
        answer_has(w, "POST /ok.html HTTP/1.1\r\nContent-Length: 2\r\n\r\nab", "\r\n\r\nOK",
                "\r\n\r\nOK");
        answer_has(w, "\r\n\r\nGET /ok.html HTTP/1.1\r\nHost:\r\n\r\n\r\n", "\r\n\r\nOK",
                "\r\n\r\nOK");
}

static void only_the_password_opens_a_locked_listener(void **state)
{
        struct world *w = *state;
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
                CLEANUP(fd_close) int fd = connect_to(&w->locked);
                CLEANUP(mem_free)
                char *request = mem_format(
                        "GET /ok.html HTTP/1.1\r\nHost: x\r\n%s\r\n", cases[i].authorization);
                CLEANUP(mem_free) char *got = NULL;

                send_text(w, fd, request);
                got = receive(w, fd, cases[i].want);
                if (!strstr(got, cases[i].want))
                        fail_msg("'%s' gave '%s'", request, got);
        }
}

static void a_stranger_is_refused_whatever_he_sends(void **state)
{
        struct world *w = *state;
        size_t length = 3 << 20;
        CLEANUP(mem_free) char *zeros = mem_new(length);
        CLEANUP(fd_close) int fd = connect_to(&w->locked);
        CLEANUP(fd_close) int small = connect_to(&w->locked);
        CLEANUP(mem_free) char *got = NULL, *got_small = NULL;

        post(w, small, START);
        got_small = receive(w, small, "</body>");
        assert_non_null(strstr(got_small, "401 Unauthorized"));
        send_text(w, fd, "POST /RPC2 HTTP/1.1\r\nContent-Length: 3145728\r\n\r\n");
        send_all(w, fd, zeros, length);
        got = receive(w, fd, "</body>");
        /* It either reads why or only that the connection is cut; it gets nothing else. */
        assert_true(strstr(got, "401 Unauthorized") || strstr(got, "<reset>"));
        assert_null(w->host.events.data);
}

static void a_body_of_many_megabytes_is_received(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = connect_to(&w->open);
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(mem_free) char *got = NULL;

        text_append(&t, "<methodCall><methodName>supervisor.getState</methodName>");
        for (unsigned i = 0; i < 200000; i++)
                text_append(&t, "<!-- this says nothing but for its length -->\n");
        text_append(&t, "<params/></methodCall>");
        assert_true(t.length > 8 << 20);
        post(w, fd, t.data);
        got = receive(w, fd, "</methodResponse>\n");
        assert_non_null(strstr(got, "200 OK"));
}

static void an_endless_chunked_body_is_cut_off(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = connect_to(&w->open);
        size_t length = 1 << 20;
        CLEANUP(mem_free) char *chunk = mem_new(length + 2);
        CLEANUP(mem_free) char *got = NULL;

        memset(chunk, ' ', length);
        memcpy(chunk + length, "\r\n", 2);
        send_text(w, fd, "POST /RPC2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (unsigned i = 0; i < 18; i++) {
                send_text(w, fd, "100000\r\n");
                send_all(w, fd, chunk, length + 2);
        }
        got = receive(w, fd, "<closed>");
        assert_true(strstr(got, "<closed>") || strstr(got, "<reset>"));
        answer_has(w, "GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\nOK", "\r\n\r\nOK");
}

static void half_requests_cost_nothing_and_delay_nobody(void **state)
{
        struct world *w = *state;
        int halves[50];
        struct rusage before, after;
        int64_t spent;

        for (size_t i = 0; i < ELEMENTS(halves); i++) {
                halves[i] = connect_to(&w->open);
                send_text(w, halves[i],
                        i % 2 ? "POST /RPC2 HTTP/1.1\r\nContent-Le"
                              : "POST /RPC2 HTTP/1.1\r\nContent-Length: 100\r\n\r\n<met");
        }
        answer_has(w, "GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\nOK", "\r\n\r\nOK");
        assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
        run_for(w, 300);
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
        struct world *w = *state;
        CLEANUP(fd_close) int waiting = connect_to(&w->open);
        CLEANUP(mem_free) char *got = NULL, *again = NULL;

        post(w, waiting, START);
        run_for(w, 20);
        assert_string_equal(w->host.events.data, "start name=cat signal=- wait=1\n");
        answer_has(w, "GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\nOK", "\r\n\r\nOK");
        assert_false(http_is_busy(w->http));
        http_answer(w->http, w->host.last_request, answer_new(ANSWER_TRUE));
        assert_int_equal(http_timeout(w->http), 0);
        got = receive(w, waiting, "</methodResponse>\n");
        assert_non_null(strstr(got, "<boolean>1</boolean>"));
        /* And the connection is as good as before. */
        post(w, waiting, GET_STATE);
        again = receive(w, waiting, "</methodResponse>\n");
        assert_non_null(strstr(again, "200 OK"));
}

static void answer_true(struct fake_host *host, const struct event *event)
{
        http_answer(host->server, event->request.id, answer_new(ANSWER_TRUE));
}

static void an_answer_may_come_at_once(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = connect_unix(w);
        CLEANUP(mem_free) char *got = NULL;

        w->host.on_request = answer_true;
        post(w, fd, START);
        got = receive(w, fd, "</methodResponse>\n");
        assert_non_null(strstr(got, "<boolean>1</boolean>"));
}

static void a_client_that_leaves_drops_its_request(void **state)
{
        struct world *w = *state;
        int tcp = connect_to(&w->open), local = connect_unix(w);
        uint64_t first;

        post(w, tcp, START);
        run_for(w, 20);
        first = w->host.last_request;
        post(w, local, START);
        run_for(w, 20);
        fd_close(tcp);
        run_for(w, 20);
        assert_non_null(strstr(w->host.events.data, "dropped 1\n"));
        assert_null(strstr(w->host.events.data, "dropped 2\n"));
        fd_close(local);
        run_for(w, 20);
        assert_non_null(strstr(w->host.events.data, "dropped 2\n"));
        /* The work went on, and its answer finds nobody. */
        http_answer(w->http, first, answer_new(ANSWER_TRUE));
        run_for(w, 20);
        assert_false(http_is_busy(w->http));
}

static void the_server_may_end_while_somebody_waits(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int waiting = connect_to(&w->open);
        CLEANUP(fd_close) int following = connect_to(&w->open);
        CLEANUP(mem_free) char *head = NULL, *got = NULL;

        write_log(w, "x", "w");
        send_text(w, following, "GET /logtail/cat HTTP/1.1\r\nHost: x\r\n\r\n");
        head = receive(w, following, "\r\nx\r\n");
        post(w, waiting, START);
        run_for(w, 20);
        w->http = http_free(w->http);
        assert_null(strstr(w->host.events.data, "dropped"));
        assert_int_equal(http_new(&fake_host_calls, &w->host, &w->http, NULL), 0);
        got = receive(w, waiting, "<closed>");
        assert_true(strstr(got, "<closed>") || strstr(got, "<reset>"));
}

static void a_stream_begins_with_the_end_of_the_log(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = connect_to(&w->open);
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(mem_free) char *got = NULL;

        for (unsigned i = 0; i < 300; i++)
                text_format(&t, "line %3u\n", i);
        write_log(w, t.data, "w");
        send_text(w, fd,
                "GET /logtail/cat/stdout HTTP/1.1\r\nHost: \r\nAccept-Encoding: chunked"
                "\r\nAccept: */*\r\n\r\n\r\n");
        got = receive(w, fd, "line 299\n");
        assert_true(text_starts(got, "HTTP/1.1 200 OK\r\n"));
        assert_non_null(strstr(got, "\r\nTransfer-Encoding: chunked\r\n"));
        assert_non_null(strstr(got, "\r\nContent-Type: text/plain;charset=utf-8\r\n"));
        assert_non_null(strstr(got, "\r\nX-Accel-Buffering: no\r\n"));
        assert_non_null(strstr(got, "\r\nLast-Modified: "));
        assert_non_null(strstr(got, "\r\n\r\n400\r\n"));
        assert_null(strstr(got, "line 185\n"));
        assert_non_null(strstr(got, "line 187\n"));
}

static int follow_log(struct world *w, const char *until)
{
        int fd = connect_to(&w->open);
        CLEANUP(mem_free) char *got = NULL;

        send_text(w, fd, "GET /logtail/cat HTTP/1.1\r\nHost: x\r\n\r\n");
        got = receive(w, fd, until);
        assert_non_null(strstr(got, until));
        return fd;
}

static void receive_exactly(struct world *w, int fd, const char *want)
{
        CLEANUP(mem_free) char *got = receive(w, fd, want);

        assert_string_equal(got, want);
}

static void a_stream_follows_through_rotation(void **state)
{
        struct world *w = *state;
        CLEANUP(mem_free) char *old = mem_format("%s.1", w->log);
        CLEANUP(fd_close) int fd = -1;

        write_log(w, "first\n", "w");
        fd = follow_log(w, "first\n\r\n");
        write_log(w, "second\n", "a");
        receive_exactly(w, fd, "7\r\nsecond\n\r\n");
        write_log(w, "last word\n", "a");
        assert_int_equal(rename(w->log, old), 0);
        write_log(w, "third\n", "w");
        receive_exactly(w, fd, "A\r\nlast word\n\r\n6\r\nthird\n\r\n");
        write_log(w, "4\n", "a");
        receive_exactly(w, fd, "2\r\n4\n\r\n");
}

static void a_stream_follows_a_removed_file_until_there_is_a_new_one(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = -1;
        FILE *f;

        write_log(w, "first\n", "w");
        fd = follow_log(w, "first\n\r\n");
        f = fopen(w->log, "a");
        assert_non_null(f);
        assert_int_equal(unlink(w->log), 0);
        assert_true(fputs("ghost\n", f) >= 0);
        assert_int_equal(fclose(f), 0);
        receive_exactly(w, fd, "6\r\nghost\n\r\n");
        write_log(w, "anew\n", "w");
        receive_exactly(w, fd, "5\r\nanew\n\r\n");
}

static void a_stream_says_that_its_file_was_truncated(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = -1;

        write_log(w, "long enough\n", "w");
        fd = follow_log(w, "long enough\n\r\n");
        assert_int_equal(truncate(w->log, 0), 0);
        receive_exactly(w, fd, "17\r\n==> File truncated <==\n\r\n");
        write_log(w, "new\n", "a");
        receive_exactly(w, fd, "4\r\nnew\n\r\n");
}

static void a_stream_for_an_old_client_is_not_gathered(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = connect_to(&w->open);
        CLEANUP(mem_free) char *got = NULL;

        write_log(w, "first\n", "w");
        send_text(w, fd, "GET /logtail/cat HTTP/1.0\r\n\r\n");
        got = receive(w, fd, "first\n");
        assert_non_null(strstr(got, "\r\n\r\nfirst\n"));
        write_log(w, "second\n", "a");
        receive_exactly(w, fd, "second\n");
}

static void the_main_log_is_streamed_too(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = connect_to(&w->open);
        CLEANUP(mem_free) char *got = NULL;

        write_log(w, "first\n", "w");
        w->host.main_log = w->log;
        send_text(w, fd, "GET /mainlogtail HTTP/1.1\r\nHost: x\r\n\r\n");
        got = receive(w, fd, "first\n");
        assert_null(strstr(got, "X-Accel-Buffering"));
        assert_non_null(strstr(got, "first\n"));
}

static void a_connection_at_rest_is_left_alone(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = connect_to(&w->open);
        CLEANUP(mem_free) char *got = NULL;

        run_for(w, 20);
        assert_true(http_timeout(w->http) <= 30 * USEC_SEC); /* it has not said a word yet */
        post(w, fd, GET_STATE);
        got = receive(w, fd, "</methodResponse>\n");
        run_for(w, 20);
        assert_true(http_timeout(w->http) > 600 * USEC_SEC);
}

static void a_connection_that_its_client_has_half_closed_does_not_stay(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = connect_to(&w->open);
        CLEANUP(fd_close) int waiting = connect_to(&w->open);
        CLEANUP(mem_free) char *got = NULL, *nothing = NULL;
        const char *request = "GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n";

        /* Request and end arrive together. */
        assert_int_equal(send(fd, request, strlen(request), 0), strlen(request));
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        got = receive(w, fd, "\r\n\r\nOK");
        assert_non_null(strstr(got, "200 OK"));
        run_for(w, 20);
        assert_true(http_timeout(w->http) <= 5 * USEC_SEC);
        /* Whoever has to wait for an answer must stay to hear it. */
        post(w, waiting, START);
        assert_int_equal(shutdown(waiting, SHUT_WR), 0);
        nothing = receive(w, waiting, "<closed>");
        assert_string_equal(nothing, "<closed>");
        assert_non_null(strstr(w->host.events.data, "dropped 1\n"));
}

static void there_is_room_again_when_connections_close(void **state)
{
        struct world *w = *state;
        struct rlimit limit, low;
        struct sockaddr_in address;
        int fds[20];

        assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
        low = (struct rlimit){ 64, limit.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
        add_listener(w, listen_tcp(&address), "inet_http_server:3", NULL); /* of 16 connections */
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        for (size_t i = 0; i < ELEMENTS(fds); i++) {
                fds[i] = connect_to(&address);
                run_for(w, 2);
        }
        for (size_t i = 0; i < ELEMENTS(fds) - 1; i++)
                fd_close(fds[i]);
        {
                CLEANUP(fd_close) int last = fds[ELEMENTS(fds) - 1];
                CLEANUP(mem_free) char *got = NULL;

                send_text(w, last, "GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n");
                got = receive(w, last, "\r\n\r\nOK");
                assert_non_null(strstr(got, "200 OK"));
        }
}

static void a_big_response_is_sent_as_its_reader_reads(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = connect_to(&w->open);
        struct fake_group *group = fake_engine_add_group(w->host.engine, "many", 1);
        int leaver = connect_to(&w->open);
        CLEANUP(mem_free) char *got = NULL;
        const char *body = "<methodCall><methodName>supervisor.getAllProcessInfo</methodName>"
                           "</methodCall>";

        for (unsigned i = 0; i < FAKE_PROCESSES_MAX; i++) {
                CLEANUP(mem_free) char *name = mem_format("p%u", i);

                (void)fake_engine_add(w->host.engine, group, name); /* all alike */
        }
        for (unsigned i = 0; i < 8; i++)
                post(w, leaver, body); /* more than the buffers of a socket hold */
        run_for(w, 50);
        assert_true(http_is_busy(w->http));
        post(w, fd, body);
        got = receive(w, fd, "</methodResponse>\n");
        assert_true(strlen(got) > 0);
        assert_true(http_is_busy(w->http));
        fd_close(leaver);
        run_for(w, 50);
        assert_false(http_is_busy(w->http));
}

static void streams_end_with_their_clients(void **state)
{
        struct world *w = *state;

        write_log(w, "x\n", "w");
        for (unsigned i = 0; i < 250; i++) {
                int fd = follow_log(w, "x\n\r\n"); /* more of them than may be at a time */

                run_for(w, 2);
                fd_close(fd);
                run_for(w, 2);
        }
        assert_int_equal(http_timeout(w->http) > USEC_SEC, 1); /* nothing is looked at any more */
}

static void streams_are_limited_in_number(void **state)
{
        struct world *w = *state;
        int fds[100];

        write_log(w, "x\n", "w");
        for (size_t i = 0; i < ELEMENTS(fds); i++)
                fds[i] = follow_log(w, "x\n\r\n");
        answer_has(w, "GET /logtail/cat HTTP/1.1\r\nHost: x\r\n\r\n", "503 Service Unavailable",
                "</body>");
        for (size_t i = 0; i < ELEMENTS(fds); i++)
                fd_close(fds[i]);
        run_for(w, 50);
        fd_close(follow_log(w, "x\n\r\n"));
}

static void a_slow_reader_of_a_stream_costs_no_memory(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = -1;
        CLEANUP(mem_free) char *much = mem_new((size_t)(32 << 20) + 1);
        struct rusage before, after;

        write_log(w, "x\n", "w");
        fd = follow_log(w, "x\n\r\n");
        memset(much, 'y', 32 << 20);
        assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
        write_log(w, much, "a");
        run_for(w, 200);
        assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
        assert_true(after.ru_maxrss - before.ru_maxrss < 16 << 10); /* KiB */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

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
                TEST(a_stream_begins_with_the_end_of_the_log),
                TEST(a_stream_follows_through_rotation),
                TEST(a_stream_follows_a_removed_file_until_there_is_a_new_one),
                TEST(a_stream_says_that_its_file_was_truncated),
                TEST(a_stream_for_an_old_client_is_not_gathered),
                TEST(the_main_log_is_streamed_too),
                TEST(a_connection_at_rest_is_left_alone),
                TEST(a_connection_that_its_client_has_half_closed_does_not_stay),
                TEST(there_is_room_again_when_connections_close),
                TEST(a_big_response_is_sent_as_its_reader_reads),
                TEST(streams_end_with_their_clients),
                TEST(streams_are_limited_in_number),
                TEST(a_slow_reader_of_a_stream_costs_no_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
