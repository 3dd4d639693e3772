/* See http_world.h. */
#include "tests/unit/http_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"

static int64_t msec_now(void)
{
        struct timespec ts;

        (void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail with this clock */
        return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int http_world_listen(struct sockaddr_in *address)
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

void http_world_add(struct http_world *w, int fd, const char *section, const char *user)
{
        struct http_listener listener = { fd, section, user, user ? "123" : NULL };

        assert_int_equal(http_listen(w->http, &listener, NULL), 0);
}

int http_world_setup(void **state)
{
        struct http_world *w = mem_new(sizeof(*w));
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
        http_world_add(w, http_world_listen(&w->open), "inet_http_server", NULL);
        http_world_add(w, http_world_listen(&w->locked), "inet_http_server:2", "user");
        http_world_add(w, listen_unix(w->socket_path), "unix_http_server", "");
        *state = w;
        return 0;
}

int http_world_teardown(void **state)
{
        struct http_world *w = *state;
        CLEANUP(mem_free) char *command = mem_format("rm -r %s", w->dir);

        http_free(w->http);
        fake_host_clear(&w->host);
        assert_int_equal(system(command), 0); /* NOLINT: a path of our own */
        mem_free(w->log);
        mem_free(w->socket_path);
        mem_free(w);
        return 0;
}

int http_world_connect(const struct sockaddr_in *address)
{
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_int_equal(connect(fd, (const struct sockaddr *)address, sizeof(*address)), 0);
        return fd;
}

int http_world_connect_unix(const struct http_world *w)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", w->socket_path);
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        return fd;
}

/* One turn of a host's loop, which waits for the server and for one client. */
static void turn(struct http_world *w, int client, int msec_max)
{
        size_t count = http_fds_count(w->http), ready = 0;
        CLEANUP(mem_free) struct pollfd *fds = mem_new_array(count + 1, sizeof(*fds));
        usec_t timeout = http_timeout(w->http);
        int msec = timeout > (usec_t)msec_max * 1000 ? msec_max : (int)((timeout + 999) / 1000);

        for (size_t i = 0; i < count; i++)
                fds[i] = (struct pollfd){ http_fd(w->http, i), POLLIN, 0 };
        fds[count] = (struct pollfd){ client, POLLIN, 0 }; /* a negative one is none */
        assert_true(poll(fds, count + 1, msec) >= 0);
        for (size_t i = 0; i < count; i++)
                if (fds[i].revents) {
                        http_run_one(w->http, i);
                        ready++;
                }
        if (http_timeout(w->http) == 0 || (!ready && msec < msec_max))
                http_run(w->http);
}

void http_world_run(struct http_world *w, int msec)
{
        for (int64_t end = msec_now() + msec; msec_now() < end;)
                turn(w, -1, (int)(end - msec_now()));
}

/* What the client has got once it contains the words, or the connection ends, or time is up. */
char *http_world_receive(struct http_world *w, int fd, const char *until)
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

void http_world_send_bytes(struct http_world *w, int fd, const char *data, size_t length)
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

void http_world_send(struct http_world *w, int fd, const char *text)
{
        http_world_send_bytes(w, fd, text, strlen(text));
}

void http_world_post(struct http_world *w, int fd, const char *body)
{
        CLEANUP(mem_free)
        char *request = mem_format("POST /RPC2 HTTP/1.1\r\nHost: \r\nContent-Length: %zu\r\n\r\n%s",
                strlen(body), body);

        http_world_send(w, fd, request);
}

void http_world_answer_has(
        struct http_world *w, const char *request, const char *want, const char *until)
{
        CLEANUP(fd_close) int fd = http_world_connect(&w->open);
        CLEANUP(mem_free) char *got = NULL;

        http_world_send(w, fd, request);
        got = http_world_receive(w, fd, until);
        if (!strstr(got, want))
                fail_msg("'%s' gave '%s'", request, got);
}

void http_world_write_log(struct http_world *w, const char *text, const char *mode)
{
        FILE *f = fopen(w->log, mode);

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

int http_world_follow(struct http_world *w, const char *until)
{
        int fd = http_world_connect(&w->open);
        CLEANUP(mem_free) char *got = NULL;

        http_world_send(w, fd, "GET /logtail/cat HTTP/1.1\r\nHost: x\r\n\r\n");
        got = http_world_receive(w, fd, until);
        assert_non_null(strstr(got, until));
        return fd;
}

void http_world_receive_exactly(struct http_world *w, int fd, const char *want)
{
        CLEANUP(mem_free) char *got = http_world_receive(w, fd, want);

        assert_string_equal(got, want);
}
