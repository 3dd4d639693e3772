/* Asks supervisor.getState over kept connections to a unix socket, as fast as it is answered.
 *
 *   http_load PATH CONNECTIONS SECONDS     prints the answers per second
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 64, ANSWER_MAX = 4096 };

struct connection {
        int fd;
        size_t filled;
        char answer[ANSWER_MAX];
};

static const char body[] = "<?xml version='1.0'?>\n<methodCall>\n<methodName>supervisor.getState"
                           "</methodName>\n<params>\n</params>\n</methodCall>\n";
static char request[512];
static size_t request_size;

static void fail(const char *what)
{
        perror(what);
        exit(1);
}

static double now(void)
{
        struct timespec at;

        clock_gettime(CLOCK_MONOTONIC, &at);
        return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void ask(struct connection *c)
{
        c->filled = 0;
        if (write(c->fd, request, request_size) != (ssize_t)request_size)
                fail("write");
}

static void join(struct connection *c, const char *path, int poll_fd)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };

        if (strlen(path) >= sizeof address.sun_path) {
                errno = ENAMETOOLONG;
                fail(path);
        }
        strcpy(address.sun_path, path);
        c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0)
                fail(path);
        if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0)
                fail("epoll_ctl");
        ask(c);
}

/* Whether the whole answer has come, judged by the length that its head gives. */
static int is_whole(const struct connection *c)
{
        const char *head_end = strstr(c->answer, "\r\n\r\n");
        const char *length = strcasestr(c->answer, "content-length:");

        if (!head_end || !length)
                return 0;
        return c->filled >= (size_t)(head_end + 4 - c->answer) + strtoul(length + 15, NULL, 10);
}

static int take(struct connection *c)
{
        ssize_t got = read(c->fd, c->answer + c->filled, ANSWER_MAX - 1 - c->filled);

        if (got <= 0)
                fail("the connection was closed");
        c->filled += (size_t)got;
        c->answer[c->filled] = '\0';
        if (!is_whole(c))
                return 0;
        if (!strstr(c->answer, "RUNNING")) {
                fprintf(stderr, "not the expected answer: %s\n", c->answer);
                exit(1);
        }
        ask(c);
        return 1;
}

int main(int argc, char **argv)
{
        static struct connection connections[CONNECTIONS_MAX];
        int count = argc == 4 ? atoi(argv[2]) : 0;
        int poll_fd = epoll_create1(0);
        long answers = 0;
        double begin, seconds;

        if (count < 1 || count > CONNECTIONS_MAX) {
                fprintf(stderr, "usage: %s PATH CONNECTIONS SECONDS\n", argv[0]);
                return 2;
        }
        request_size = (size_t)snprintf(request, sizeof request,
                "POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n"
                "Content-Length: %zu\r\n\r\n%s",
                sizeof body - 1, body);
        for (int n = 0; n < count; n++)
                join(&connections[n], argv[1], poll_fd);
        begin = now();
        seconds = atof(argv[3]);
        while (now() - begin < seconds) {
                struct epoll_event events[CONNECTIONS_MAX];
                int ready = epoll_wait(poll_fd, events, CONNECTIONS_MAX, 1000);

                for (int n = 0; n < ready; n++)
                        answers += take(events[n].data.ptr);
        }
        printf("%.1f\n", (double)answers / (now() - begin));
        return 0;
}
