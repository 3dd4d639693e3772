/* WebSockets, as a raw client on the loopback sees them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "rpc/websocket.h"

#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define REQUEST(path)                                                            \
        "GET " path " HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\nConnection: " \
        "keep-alive, Upgrade\r\n" KEY "Sec-WebSocket-Version: 13\r\n\r\n"
#define TURNS 200

struct world {
        struct websockets *sockets;
        struct sockaddr_in address;
        usec_t now;
};

static int setup(void **state)
{
        struct world *w = mem_new(sizeof(*w));
        socklen_t size = sizeof(w->address);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct err err = {};

        w->now = 1000 * USEC_SEC;
        w->address.sin_family = AF_INET;
        w->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        assert_int_equal(bind(fd, (struct sockaddr *)&w->address, size), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&w->address, &size), 0);
        assert_int_equal(listen(fd, 8), 0);
        assert_int_equal(websockets_new(fd, &w->sockets, &err), 0);
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        websockets_free(w->sockets);
        mem_free(w);
        return 0;
}

static void turn(struct world *w)
{
        struct pollfd wait = { .fd = websockets_fd(w->sockets), .events = POLLIN };

        (void)poll(&wait, 1, websockets_timeout(w->sockets, w->now) == 0 ? 0 : 5);
        websockets_run(w->sockets, w->now);
}

static int connect_to(const struct world *w)
{
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const struct timeval patience = { .tv_sec = 5 };

        assert_int_equal(connect(fd, (const struct sockaddr *)&w->address, sizeof(w->address)), 0);
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
        return fd;
}

static void send_all(int fd, const void *bytes, size_t length)
{
        assert_int_equal(send(fd, bytes, length, MSG_NOSIGNAL), (ssize_t)length);
}

/* What comes until it ends with these words, or the other side ends; the caller owns it. */
static char *receive(struct world *w, int fd, const char *until)
{
        struct text got = {};

        for (int i = 0; i < TURNS; i++) {
                char byte;
                ssize_t n;

                turn(w);
                while ((n = recv(fd, &byte, 1, MSG_DONTWAIT)) == 1) {
                        text_append_bytes(&got, &byte, 1);
                        if (got.length >= strlen(until) &&
                                memcmp(got.data + got.length - strlen(until), until,
                                        strlen(until)) == 0)
                                return text_take(&got);
                }
                if (n == 0)
                        break;
        }
        return text_take(&got);
}

static int open_path(struct world *w, const char *request)
{
        int fd = connect_to(w);
        CLEANUP(mem_free) char *answer = NULL;

        send_all(fd, request, strlen(request));
        answer = receive(w, fd, "\r\n\r\n");
        if (!text_starts(answer, "HTTP/1.1 101 "))
                fail_msg("%s", answer);
        return fd;
}

/* One frame of less than 126 bytes: its first byte, its payload into ret. */
static int receive_frame(struct world *w, int fd, char ret[126])
{
        unsigned char head[2];
        size_t have = 0, length = 0;

        for (int i = 0; i < TURNS && have < 2; i++) {
                ssize_t n = recv(fd, head + have, 2 - have, MSG_DONTWAIT);

                if (n == 0)
                        return -1;
                if (n > 0)
                        have += (size_t)n;
                else
                        turn(w);
        }
        if (have < 2)
                return -1;
        length = head[1];
        assert_true(length < 126); /* and no mask */
        if (length)
                assert_int_equal(recv(fd, ret, length, MSG_WAITALL), (ssize_t)length);
        ret[length] = '\0';
        return head[0];
}

static void publish(struct world *w, enum publication publication, const char *message)
{
        websockets_publish(w->sockets, publication, message, strlen(message));
}

static bool has_ended(struct world *w, int fd)
{
        for (int i = 0; i < TURNS; i++) {
                char byte;
                ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);

                if (n == 0 || (n < 0 && errno == ECONNRESET))
                        return true;
                turn(w);
        }
        return false;
}

/*
 * The handshake.
 */

static void a_good_handshake_is_answered_as_the_standard_says(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = connect_to(w);
        CLEANUP(mem_free) char *answer = NULL;

        send_all(fd, REQUEST("/all"), strlen(REQUEST("/all")));
        answer = receive(w, fd, "\r\n\r\n");
        assert_true(text_starts(answer, "HTTP/1.1 101 Switching Protocols\r\n"));
        assert_non_null(strstr(answer, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
        assert_non_null(strcasestr(answer, "Upgrade: websocket\r\n"));
        assert_non_null(strcasestr(answer, "Connection: Upgrade\r\n"));
        assert_null(strcasestr(answer, "Sec-WebSocket-Extensions"));
        assert_int_equal(websockets_counters(w->sockets)->accepted, 1);
}

static void a_bad_handshake_is_refused(void **state)
{
        static const struct {
                const char *request, *answer;
        } cases[] = {
                { "GET /all HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 426 " },
                { "GET /all HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n" KEY
                  "Sec-WebSocket-Version: 13\r\n\r\n",
                        "HTTP/1.1 426 " },
                { "GET /all HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: close\r\n" KEY
                  "Sec-WebSocket-Version: 13\r\n\r\n",
                        "HTTP/1.1 426 " },
                { "GET /all HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" KEY
                  "Sec-WebSocket-Version: 8\r\n\r\n",
                        "HTTP/1.1 426 " },
                { "GET /all HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Version: 13\r\n\r\n",
                        "HTTP/1.1 400 " },
                { "GET /all HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n",
                        "HTTP/1.1 400 " },
                { "POST /all HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 400 " },
        };
        struct world *w = *state;

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(fd_close) int fd = connect_to(w);
                CLEANUP(mem_free) char *answer = NULL;

                send_all(fd, cases[i].request, strlen(cases[i].request));
                answer = receive(w, fd, "only.\n");
                if (!text_starts(answer, cases[i].answer))
                        fail_msg("%zu: %s", i, answer);
                if (text_starts(answer, "HTTP/1.1 426"))
                        assert_non_null(strstr(answer, "Sec-WebSocket-Version: 13\r\n"));
        }
        assert_int_equal(websockets_counters(w->sockets)->refused, ELEMENTS(cases));
        assert_int_equal(websockets_counters(w->sockets)->accepted, 0);
}

/*
 * Subscriptions.
 */

static void the_path_says_what_is_wanted(void **state)
{
        const unsigned all = (1u << PUBLICATIONS) - 1;

        assert_int_equal(publication_wanted("/all"), all);
        assert_int_equal(publication_wanted("/x/all"), all);
        assert_int_equal(publication_wanted("/process/supvisors"),
                1u << PUBLICATION_PROCESS | 1u << PUBLICATION_SUPVISORS);
        assert_int_equal(publication_wanted("//hstats//pstats/hstats/"),
                1u << PUBLICATION_HSTATS | 1u << PUBLICATION_PSTATS);
        assert_int_equal(publication_wanted("/"), 0);
        assert_int_equal(publication_wanted(""), 0);
        assert_int_equal(publication_wanted("/ALL/Process/proces/processes/alll/al"), 0);
}

static void each_gets_what_his_path_names(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int process = open_path(w, REQUEST("/process"));
        char text[126];

        assert_true(websockets_is_wanted(w->sockets, PUBLICATION_PROCESS));
        assert_false(websockets_is_wanted(w->sockets, PUBLICATION_EVENT));
        {
                CLEANUP(fd_close) int event = open_path(w, REQUEST("/event?token=x"));

                publish(w, PUBLICATION_EVENT, "[\"event\", {}]");
                publish(w, PUBLICATION_PROCESS, "[\"process\", {}]");
                assert_int_equal(receive_frame(w, event, text), 0x81);
                assert_string_equal(text, "[\"event\", {}]");
                assert_int_equal(receive_frame(w, process, text), 0x81);
                assert_string_equal(text, "[\"process\", {}]");
        }
        for (int i = 0; i < TURNS && websockets_is_wanted(w->sockets, PUBLICATION_EVENT); i++)
                turn(w); /* until it is noticed that he has gone */
        assert_false(websockets_is_wanted(w->sockets, PUBLICATION_EVENT));
        publish(w, PUBLICATION_PROCESS, "[2]");
        assert_int_equal(receive_frame(w, process, text), 0x81);
        assert_string_equal(text, "[2]");
}

/*
 * Clients that do not do as they should.
 */

static void who_does_not_read_is_dropped_and_the_others_are_served(void **state)
{
        struct world *w = *state;
        const size_t size = 256 << 10;
        CLEANUP(mem_free) char *big = mem_new(size + 1);
        CLEANUP(fd_close) int slow = open_path(w, REQUEST("/pstats"));
        CLEANUP(fd_close) int good = open_path(w, REQUEST("/process"));
        char text[126];

        memset(big, 'x', size);
        for (int i = 0; i < 100 && websockets_counters(w->sockets)->slow == 0; i++) {
                publish(w, PUBLICATION_PSTATS, big);
                turn(w);
        }
        assert_int_equal(websockets_counters(w->sockets)->slow, 1);
        turn(w);
        slow = fd_close(slow);
        assert_false(websockets_is_wanted(w->sockets, PUBLICATION_PSTATS));
        publish(w, PUBLICATION_PROCESS, "[1]");
        assert_int_equal(receive_frame(w, good, text), 0x81);
}

static void who_answers_pings_stays_and_who_does_not_goes(void **state)
{
        /* A pong with the mask 0. */
        static const unsigned char pong[] = { 0x8a, 0x80, 0, 0, 0, 0 };
        struct world *w = *state;
        CLEANUP(fd_close) int fd = open_path(w, REQUEST("/all"));
        char text[126];

        assert_true(websockets_timeout(w->sockets, w->now) <= 20 * USEC_SEC);
        for (int i = 0; i < 3; i++) {
                w->now += 20 * USEC_SEC;
                assert_int_equal(receive_frame(w, fd, text), 0x89);
                send_all(fd, pong, sizeof(pong));
                for (int k = 0; k < 10; k++)
                        turn(w);
        }
        w->now += 20 * USEC_SEC;
        assert_int_equal(receive_frame(w, fd, text), 0x89);
        assert_int_equal(websockets_counters(w->sockets)->silent, 0);
        w->now += 20 * USEC_SEC;
        assert_true(has_ended(w, fd));
        assert_int_equal(websockets_counters(w->sockets)->silent, 1);
}

#define PING_PAYLOAD 125 /* the longest */

/* As many as go until nothing is taken any more; 0: it is taken without an end. */
static size_t send_pings(struct world *w, int fd, size_t max)
{
        static const unsigned char head[] = { 0x89, 0x80 | PING_PAYLOAD, 0, 0, 0, 0 };
        const size_t size = sizeof(head) + PING_PAYLOAD;
        unsigned char pings[30 * (sizeof(head) + PING_PAYLOAD)] = {};
        size_t sent = 0;

        for (size_t i = 0; i < sizeof(pings); i += size)
                memcpy(pings + i, head, sizeof(head));
        for (int idle = 0; idle < TURNS && sent < max; idle++) {
                /* What went of the latest may have ended within a ping. */
                size_t at = sent % size;
                ssize_t n = send(fd, pings + at, sizeof(pings) - at, MSG_NOSIGNAL | MSG_DONTWAIT);

                if (n > 0) {
                        sent += (size_t)n;
                        idle = 0;
                }
                turn(w);
        }
        return sent < max ? sent : 0;
}

static void who_pings_and_does_not_read_is_not_listened_to_until_he_does(void **state)
{
        const size_t max = 64 << 20; /* far more than the kernel keeps */
        const int kept = 64 << 10;
        struct world *w = *state;
        CLEANUP(fd_close) int fd = open_path(w, REQUEST("/process"));
        CLEANUP(fd_close) int good = open_path(w, REQUEST("/event"));
        size_t sent, answers;
        char text[4096];

        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kept, sizeof(kept)), 0);
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kept, sizeof(kept)), 0);
        sent = send_pings(w, fd, max);
        assert_true(sent > 0);
        publish(w, PUBLICATION_EVENT, "[1]");
        assert_int_equal(receive_frame(w, good, text), 0x81);
        answers = sent / (6 + PING_PAYLOAD) * (2 + PING_PAYLOAD);
        for (int idle = 0; idle < 20 * TURNS && answers > 0; idle++) {
                ssize_t n = recv(fd, text, sizeof(text), MSG_DONTWAIT);

                if (n > 0) {
                        answers -= (size_t)n;
                        idle = 0;
                }
                turn(w);
        }
        assert_int_equal(answers, 0);
}

static void what_clients_say_is_read_and_thrown_away(void **state)
{
        /* Texts with the mask 0: a short one, right behind the request, and one that is too long.
         */
        static const char early[] = REQUEST("/all") "\x81\x82\0\0\0\0hi";
        static const unsigned char head[] = { 0x81, 0xfe, 0xff, 0xff, 0, 0, 0, 0 };
        struct world *w = *state;
        CLEANUP(mem_free) char *big = mem_new(65535);
        CLEANUP(fd_close) int fd = connect_to(w);
        CLEANUP(mem_free) char *answer = NULL;
        char text[126];

        send_all(fd, early, sizeof(early) - 1);
        answer = receive(w, fd, "\r\n\r\n");
        assert_true(text_starts(answer, "HTTP/1.1 101 "));
        publish(w, PUBLICATION_EVENT, "[1]");
        assert_int_equal(receive_frame(w, fd, text), 0x81);
        send_all(fd, head, sizeof(head));
        (void)send(fd, big, 65535, MSG_NOSIGNAL | MSG_DONTWAIT);
        assert_int_equal(receive_frame(w, fd, text), 0x88);
        assert_int_equal((unsigned char)text[0] << 8 | (unsigned char)text[1], 1009);
}

static void a_frame_without_a_mask_ends_it(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = open_path(w, REQUEST("/all"));
        char text[126];

        send_all(fd, "\x81\x02hi", 4);
        assert_int_equal(receive_frame(w, fd, text), 0x88);
        assert_int_equal((unsigned char)text[0] << 8 | (unsigned char)text[1], 1002);
}

static void whoever_is_there_at_the_end_is_told_good_bye(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = open_path(w, REQUEST("/all"));
        unsigned char bytes[8];

        publish(w, PUBLICATION_EVENT, "[1]");
        w->sockets = websockets_free(w->sockets);
        assert_int_equal(recv(fd, bytes, 5, MSG_WAITALL), 5);
        assert_memory_equal(bytes, "\x81\x03[1]", 5);
        assert_int_equal(recv(fd, bytes, 4, MSG_WAITALL), 4);
        assert_memory_equal(bytes, "\x88\x02\x03\xe9", 4); /* 1001 */
        assert_int_equal(recv(fd, bytes, 1, 0), 0);
}

static void whoever_is_there_at_an_upgrade_is_told_to_come_back(void **state)
{
        struct world *w = *state;
        CLEANUP(fd_close) int fd = open_path(w, REQUEST("/all"));
        unsigned char bytes[4];

        websockets_will_be_back(w->sockets);
        w->sockets = websockets_free(w->sockets);
        assert_int_equal(recv(fd, bytes, 4, MSG_WAITALL), 4);
        assert_memory_equal(bytes, "\x88\x02\x03\xf4", 4); /* 1012 */
        assert_int_equal(recv(fd, bytes, 1, 0), 0);
}

static void no_more_than_the_limit_are_let_in(void **state)
{
        struct world *w = *state;
        int fds[WEBSOCKET_CLIENTS_MAX + 1];
        char text[126];

        for (unsigned i = 0; i < WEBSOCKET_CLIENTS_MAX; i++)
                fds[i] = open_path(w, REQUEST("/event"));
        fds[WEBSOCKET_CLIENTS_MAX] = connect_to(w);
        send_all(fds[WEBSOCKET_CLIENTS_MAX], REQUEST("/event"), strlen(REQUEST("/event")));
        mem_free(receive(w, fds[WEBSOCKET_CLIENTS_MAX], "\r\n\r\n"));
        assert_true(has_ended(w, fds[WEBSOCKET_CLIENTS_MAX]));
        assert_int_equal(websockets_counters(w->sockets)->refused, 1);
        publish(w, PUBLICATION_EVENT, "[1]");
        for (unsigned i = 0; i < WEBSOCKET_CLIENTS_MAX; i++)
                assert_int_equal(receive_frame(w, fds[i], text), 0x81);
        for (unsigned i = 0; i <= WEBSOCKET_CLIENTS_MAX; i++)
                close(fds[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(
                        a_good_handshake_is_answered_as_the_standard_says, setup, teardown),
                cmocka_unit_test_setup_teardown(a_bad_handshake_is_refused, setup, teardown),
                cmocka_unit_test(the_path_says_what_is_wanted),
                cmocka_unit_test_setup_teardown(each_gets_what_his_path_names, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        who_does_not_read_is_dropped_and_the_others_are_served, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        who_answers_pings_stays_and_who_does_not_goes, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        who_pings_and_does_not_read_is_not_listened_to_until_he_does, setup,
                        teardown),
                cmocka_unit_test_setup_teardown(
                        what_clients_say_is_read_and_thrown_away, setup, teardown),
                cmocka_unit_test_setup_teardown(a_frame_without_a_mask_ends_it, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        whoever_is_there_at_the_end_is_told_good_bye, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        whoever_is_there_at_an_upgrade_is_told_to_come_back, setup, teardown),
                cmocka_unit_test_setup_teardown(no_more_than_the_limit_are_let_in, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
