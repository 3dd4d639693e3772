/* The publisher: a port that is taken is tried again, and what is told comes to who has subscribed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <zmq.h>

#include "base/fd.h"
#include "base/text.h"
#include "daemon/publisher.h"

struct world {
        sd_event *loop;
        struct text told;
};

static int setup(void **state)
{
        struct world *w = mem_new(sizeof(*w));

        assert_true(sd_event_new(&w->loop) >= 0);
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        text_clear(&w->told);
        sd_event_unref(w->loop);
        mem_free(w);
        return 0;
}

static void on_told(void *context, enum log_level level, const char *words)
{
        text_format(&((struct world *)context)->told, "%s %s\n", log_level_code(level), words);
}

/* Bound and listening everywhere, as the publisher would. */
static int take_port(uint16_t *ret)
{
        struct sockaddr_in address = { .sin_family = AF_INET };
        socklen_t size = sizeof(address);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
        assert_int_equal(listen(fd, 1), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
        *ret = ntohs(address.sin_port);
        return fd;
}

static struct publisher *make(struct world *w, enum clusterconfig_event_link link, uint16_t port)
{
        return publisher_new(
                w->loop, &(struct publisher_options){
                                 .link = link, .port = port, .told = on_told, .context = w });
}

static void run_until_told(struct world *w, const char *words)
{
        for (int i = 0; i < 300 && (!w->told.data || !strstr(w->told.data, words)); i++)
                assert_true(sd_event_run(w->loop, 10 * USEC_MSEC) >= 0);
        assert_non_null(strstr(text_string(&w->told), words));
}

static void a_taken_port_is_tried_again(struct world *w, enum clusterconfig_event_link link)
{
        uint16_t port;
        CLEANUP(fd_close) int taken = take_port(&port);
        CLEANUP(publisher_free) struct publisher *publisher = make(w, link, port);
        CLEANUP(mem_free)
        char *refused = mem_format(
                "CRIT events cannot be published on port %u (event_port), which is tried again: "
                "Address already in use\n",
                port);
        CLEANUP(mem_free)
        char *works = mem_format("INFO events are published on port %u now\n", port);

        assert_string_equal(text_string(&w->told), refused);
        assert_false(publisher_wants(publisher, PUBLICATION_EVENT));
        publisher_tell(publisher, PUBLICATION_EVENT, "{}");
        for (int i = 0; i < 120; i++)
                assert_true(sd_event_run(w->loop, 10 * USEC_MSEC) >= 0);
        assert_string_equal(text_string(&w->told), refused); /* said once */
        taken = fd_close(taken);
        run_until_told(w, works);
}

static void a_taken_port_is_tried_again_for_zeromq(void **state)
{
        a_taken_port_is_tried_again(*state, EVENT_LINK_ZMQ);
}

static void a_taken_port_is_tried_again_for_websockets(void **state)
{
        a_taken_port_is_tried_again(*state, EVENT_LINK_WS);
}

static void zeromq_brings_two_frames_and_the_last_words(void **state)
{
        struct world *w = *state;
        uint16_t port;
        CLEANUP(fd_close) int taken = take_port(&port);
        void *context = zmq_ctx_new();
        void *subscriber = zmq_socket(context, ZMQ_SUB);
        const int patience = 5000;
        CLEANUP(mem_free) char *address = mem_format("tcp://127.0.0.1:%u", port);
        struct publisher *publisher;
        char frame[64];

        taken = fd_close(taken);
        publisher = make(w, EVENT_LINK_ZMQ, port);
        assert_string_equal(text_string(&w->told), "");
        assert_int_equal(zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "pro", 3), 0);
        assert_int_equal(zmq_setsockopt(subscriber, ZMQ_RCVTIMEO, &patience, sizeof(patience)), 0);
        assert_int_equal(zmq_connect(subscriber, address), 0);
        assert_true(publisher_wants(publisher, PUBLICATION_PROCESS));
        /* Nothing tells when the subscription has come. */
        for (int i = 0; i < 100; i++) {
                zmq_pollitem_t item = { .socket = subscriber, .events = ZMQ_POLLIN };

                publisher_tell(publisher, PUBLICATION_EVENT, "{\"n\": 0}");
                publisher_tell(publisher, PUBLICATION_PROCESS, "{\"n\": 1}");
                if (zmq_poll(&item, 1, 20) > 0)
                        break;
        }
        publisher_tell(publisher, PUBLICATION_PROCESS, "{\"n\": 2}");
        publisher_end(publisher);
        assert_false(publisher_wants(publisher, PUBLICATION_PROCESS));
        publisher_tell(publisher, PUBLICATION_PROCESS, "{\"n\": 3}");
        publisher_free(publisher);
        do {
                int n = zmq_recv(subscriber, frame, sizeof(frame), 0);

                assert_int_equal(n, strlen("process"));
                assert_memory_equal(frame, "process", strlen("process"));
                n = zmq_recv(subscriber, frame, sizeof(frame) - 1, 0);
                assert_int_equal(n, strlen("{\"n\": 1}"));
                frame[n] = '\0';
        } while (strcmp(frame, "{\"n\": 1}") == 0);
        assert_string_equal(frame, "{\"n\": 2}");
        assert_int_equal(zmq_close(subscriber), 0);
        assert_int_equal(zmq_ctx_term(context), 0);
}

/* Lets the loop run until something has come, and takes both frames of it; what the second one
 * says. */
static char *receive(struct world *w, void *subscriber)
{
        zmq_pollitem_t item = { .socket = subscriber, .events = ZMQ_POLLIN };
        char frame[64];
        int n;

        for (int i = 0; i < 500 && zmq_poll(&item, 1, 0) == 0; i++)
                assert_true(sd_event_run(w->loop, 10 * USEC_MSEC) >= 0);
        assert_true(zmq_recv(subscriber, frame, sizeof(frame), 0) > 0);
        n = zmq_recv(subscriber, frame, sizeof(frame), 0);
        return mem_strndup(frame, n > 0 ? (size_t)n : 0);
}

static void *subscribe(void *context, uint16_t port)
{
        CLEANUP(mem_free) char *address = mem_format("tcp://127.0.0.1:%u", port);
        void *subscriber = zmq_socket(context, ZMQ_SUB);
        const int patience = 5000;

        assert_int_equal(zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "", 0), 0);
        assert_int_equal(zmq_setsockopt(subscriber, ZMQ_RCVTIMEO, &patience, sizeof(patience)), 0);
        assert_int_equal(zmq_connect(subscriber, address), 0);
        return subscriber;
}

static void expect_next(struct world *w, void *subscriber, const char *words)
{
        CLEANUP(mem_free) char *got = receive(w, subscriber);

        assert_string_equal(got, words);
}

static struct publisher *make_awaiting(struct world *w, uint16_t port, unsigned count)
{
        return publisher_new(w->loop, &(struct publisher_options){ .link = EVENT_LINK_ZMQ,
                                              .port = port,
                                              .awaited = count,
                                              .told = on_told,
                                              .context = w });
}

static void who_was_there_before_an_upgrade_misses_nothing(void **state)
{
        struct world *w = *state;
        uint16_t port;
        CLEANUP(fd_close) int taken = take_port(&port);
        void *context = zmq_ctx_new();
        void *one, *other;
        struct publisher *publisher;

        taken = fd_close(taken);
        publisher = make_awaiting(w, port, 2);
        publisher_tell(publisher, PUBLICATION_EVENT, "1");
        one = subscribe(context, port);
        for (int i = 0; i < 500 && publisher_subscriptions(publisher) == 0; i++)
                assert_true(sd_event_run(w->loop, 10 * USEC_MSEC) >= 0);
        publisher_tell(publisher, PUBLICATION_EVENT, "2");
        other = subscribe(context, port);
        expect_next(w, one, "1");
        expect_next(w, one, "2");
        expect_next(w, other, "1");
        expect_next(w, other, "2");
        assert_int_equal(publisher_subscriptions(publisher), 2);
        publisher_tell(publisher, PUBLICATION_EVENT, "3");
        expect_next(w, one, "3");
        assert_int_equal(zmq_close(one), 0);
        for (int i = 0; i < 500 && publisher_subscriptions(publisher) > 1; i++)
                assert_true(sd_event_run(w->loop, 10 * USEC_MSEC) >= 0);
        assert_int_equal(publisher_subscriptions(publisher), 1);
        assert_int_equal(zmq_close(other), 0);
        publisher_free(publisher);
        assert_int_equal(zmq_ctx_term(context), 0);
}

static void who_does_not_come_again_is_not_waited_for_for_ever(void **state)
{
        struct world *w = *state;
        uint16_t port;
        CLEANUP(fd_close) int taken = take_port(&port);
        void *context = zmq_ctx_new();
        void *subscriber;
        struct publisher *publisher;

        taken = fd_close(taken);
        publisher = make_awaiting(w, port, 2);
        assert_true(publisher_wants(publisher, PUBLICATION_EVENT));
        subscriber = subscribe(context, port);
        publisher_tell(publisher, PUBLICATION_EVENT, "1");
        expect_next(w, subscriber, "1"); /* within five seconds */
        assert_int_equal(zmq_close(subscriber), 0);
        publisher_free(publisher);
        publisher = make_awaiting(w, port, 1);
        publisher_tell(publisher, PUBLICATION_EVENT, "1");
        publisher_free(publisher); /* what waits goes with it */
        assert_int_equal(zmq_ctx_term(context), 0);
}

static void what_waits_for_subscribers_has_a_limit(void **state)
{
        struct world *w = *state;
        uint16_t port;
        CLEANUP(fd_close) int taken = take_port(&port);
        CLEANUP(publisher_free) struct publisher *publisher = NULL;
        CLEANUP(mem_free) char *body = mem_new_array(PUBLISHER_HELD_MAX / 2 + 2, 1);
        void *context = zmq_ctx_new();
        void *subscriber;

        memset(body, 'x', PUBLISHER_HELD_MAX / 2 + 1);
        taken = fd_close(taken);
        publisher = make_awaiting(w, port, 2);
        subscriber = subscribe(context, port);
        for (int i = 0; i < 500 && publisher_subscriptions(publisher) == 0; i++)
                assert_true(sd_event_run(w->loop, 10 * USEC_MSEC) >= 0);
        publisher_tell(publisher, PUBLICATION_EVENT, "1");
        publisher_tell(publisher, PUBLICATION_EVENT, body);
        publisher_tell(publisher, PUBLICATION_EVENT, body); /* and now it does not wait any more */
        assert_int_equal(zmq_recv(subscriber, NULL, 0, 0), strlen("event"));
        assert_int_equal(zmq_close(subscriber), 0);
        publisher = publisher_free(publisher);
        assert_int_equal(zmq_ctx_term(context), 0);
}

/* ZMTP 3.0: the greeting of a subscriber, its READY, and the head of a message of 64 MiB. */
static void a_zeromq_subscriber_who_announces_a_long_message_is_cut_off(void **state)
{
        static const char words[] =
                "\xff\0\0\0\0\0\0\0\0\x7f\x03\0NULL\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                "\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03SUB"
                "\x02\0\0\0\0\x04\0\0\0\x01";
        struct world *w = *state;
        uint16_t port;
        CLEANUP(fd_close) int fd = take_port(&port);
        CLEANUP(publisher_free) struct publisher *publisher = NULL;
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
        const struct timeval patience = { .tv_sec = 5 };
        char answer[256];
        ssize_t n;

        fd = fd_close(fd);
        publisher = make(w, EVENT_LINK_ZMQ, port);
        assert_string_equal(text_string(&w->told), "");
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
        assert_int_equal(send(fd, words, sizeof(words) - 1, MSG_NOSIGNAL), sizeof(words) - 1);
        while ((n = recv(fd, answer, sizeof(answer), 0)) > 0)
                ;
        assert_true(n == 0 || errno == ECONNRESET);
}

static void without_a_link_nothing_is_wanted(void **state)
{
        struct world *w = *state;
        CLEANUP(publisher_free) struct publisher *publisher = make(w, EVENT_LINK_NONE, 1);

        assert_false(publisher_wants(publisher, PUBLICATION_EVENT));
        publisher_tell(publisher, PUBLICATION_EVENT, "{}");
        assert_string_equal(text_string(&w->told), "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_taken_port_is_tried_again_for_zeromq),
                TEST(a_taken_port_is_tried_again_for_websockets),
                TEST(zeromq_brings_two_frames_and_the_last_words),
                TEST(who_was_there_before_an_upgrade_misses_nothing),
                TEST(who_does_not_come_again_is_not_waited_for_for_ever),
                TEST(what_waits_for_subscribers_has_a_limit),
                TEST(a_zeromq_subscriber_who_announces_a_long_message_is_cut_off),
                TEST(without_a_link_nothing_is_wanted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
