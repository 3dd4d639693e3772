/* Calls a method of an XML-RPC server as fast as it is answered.
 *
 *   http_load ADDRESS METHOD CLIENTS SECONDS kept|new EXPECTED
 *
 * ADDRESS is the path of a unix socket, or a TCP port of this machine.  With "kept" each client has
 * one connection, with "new" one for each call.  Every answer must contain EXPECTED.  Prints the
 * answers per second and the median and 99th percentile of their latency in microseconds.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS_MAX = 64, ANSWER_MAX = 16 << 20, LATENCIES_MAX = 1 << 21 };

struct client {
        int fd;
        char *answer;
        size_t filled;
        size_t wanted; /* the whole answer; 0: its head is not there yet */
        double asked;
};

struct load {
        union {
                struct sockaddr any;
                struct sockaddr_un local;
                struct sockaddr_in inet;
        } address;
        socklen_t address_size;
        char request[1024];
        size_t request_size;
        const char *expected;
        bool kept;
        int poll_fd;
        float *latencies;
        size_t answers;
};

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

static void set_address(struct load *l, const char *text)
{
        if (text[0] != '/') {
                l->address.inet = (struct sockaddr_in){ .sin_family = AF_INET,
                        .sin_port = htons((uint16_t)atoi(text)),
                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
                l->address_size = sizeof l->address.inet;
                return;
        }
        l->address.local.sun_family = AF_UNIX;
        if (strlen(text) >= sizeof l->address.local.sun_path) {
                errno = ENAMETOOLONG;
                fail(text);
        }
        strcpy(l->address.local.sun_path, text);
        l->address_size = sizeof l->address.local;
}

static void set_request(struct load *l, const char *method)
{
        char body[256];

        snprintf(body, sizeof body,
                "<?xml version='1.0'?>\n<methodCall>\n<methodName>%s</methodName>\n<params>\n"
                "</params>\n</methodCall>\n",
                method);
        l->request_size = (size_t)snprintf(l->request, sizeof l->request,
                "POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n%s"
                "Content-Length: %zu\r\n\r\n%s",
                l->kept ? "" : "Connection: close\r\n", strlen(body), body);
}

static void join(struct load *l, struct client *c)
{
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };

        c->fd = socket(l->address.any.sa_family, SOCK_STREAM, 0);
        if (c->fd < 0)
                fail("socket");
        if (l->address.any.sa_family == AF_INET)
                setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
        if (connect(c->fd, &l->address.any, l->address_size) < 0)
                fail("connect");
        if (epoll_ctl(l->poll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0)
                fail("epoll_ctl");
}

static void ask(struct load *l, struct client *c)
{
        c->filled = c->wanted = 0;
        c->asked = now();
        if (!l->kept)
                join(l, c);
        if (write(c->fd, l->request, l->request_size) != (ssize_t)l->request_size)
                fail("write");
}

static void find_length(struct client *c)
{
        const char *head_end, *length;

        c->answer[c->filled] = '\0';
        head_end = strstr(c->answer, "\r\n\r\n");
        length = strcasestr(c->answer, "content-length:");
        if (head_end && length)
                c->wanted = (size_t)(head_end + 4 - c->answer) + strtoul(length + 15, NULL, 10);
        if (c->wanted >= ANSWER_MAX) {
                fprintf(stderr, "the answer is too long\n");
                exit(1);
        }
}

static void take(struct load *l, struct client *c)
{
        ssize_t got = read(c->fd, c->answer + c->filled, ANSWER_MAX - 1 - c->filled);

        if (got <= 0)
                fail("the connection was closed");
        c->filled += (size_t)got;
        if (c->wanted == 0)
                find_length(c);
        if (c->wanted == 0 || c->filled < c->wanted)
                return;
        c->answer[c->filled] = '\0';
        if (!strstr(c->answer, l->expected)) {
                fprintf(stderr, "not the expected answer: %.2000s\n", c->answer);
                exit(1);
        }
        if (l->answers < LATENCIES_MAX)
                l->latencies[l->answers] = (float)((now() - c->asked) * 1e6);
        l->answers++;
        if (!l->kept)
                close(c->fd);
        ask(l, c);
}

static int compare(const void *a, const void *b)
{
        float one = *(const float *)a, other = *(const float *)b;

        return one < other ? -1 : one > other;
}

static void tell(struct load *l, double seconds)
{
        size_t known = l->answers < LATENCIES_MAX ? l->answers : LATENCIES_MAX;

        if (known == 0) {
                fprintf(stderr, "there was no answer in time\n");
                exit(1);
        }
        qsort(l->latencies, known, sizeof *l->latencies, compare);
        printf("%.1f %.1f %.1f\n", (double)l->answers / seconds, (double)l->latencies[known / 2],
                (double)l->latencies[known * 99 / 100]);
}

int main(int argc, char **argv)
{
        static struct client clients[CLIENTS_MAX];
        static struct load l;
        int count = argc == 7 ? atoi(argv[3]) : 0;
        double begin, seconds;

        if (count < 1 || count > CLIENTS_MAX) {
                fprintf(stderr, "usage: %s ADDRESS METHOD CLIENTS SECONDS kept|new EXPECTED\n",
                        argv[0]);
                return 2;
        }
        l.kept = strcmp(argv[5], "kept") == 0;
        l.expected = argv[6];
        l.poll_fd = epoll_create1(0);
        l.latencies = malloc(LATENCIES_MAX * sizeof *l.latencies);
        set_address(&l, argv[1]);
        set_request(&l, argv[2]);
        begin = now();
        seconds = atof(argv[4]);
        for (int n = 0; n < count; n++) {
                clients[n].answer = malloc(ANSWER_MAX);
                if (!clients[n].answer || !l.latencies)
                        fail("malloc");
                if (l.kept)
                        join(&l, &clients[n]);
                ask(&l, &clients[n]);
        }
        while (now() - begin < seconds) {
                struct epoll_event events[CLIENTS_MAX];
                int ready = epoll_wait(l.poll_fd, events, CLIENTS_MAX, 1000);

                for (int n = 0; n < ready; n++)
                        take(&l, events[n].data.ptr);
        }
        tell(&l, now() - begin);
        return 0;
}
