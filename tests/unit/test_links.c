/* Links: two ends in one process and one loop, and third parties who misbehave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "net/links.h"

enum { CLUSTER = 77, PATIENCE_SEC = 20 };

struct end {
        struct links *links;
        struct endpoint address;
        struct identity_id id;
        struct link *link; /* the last that came up */
        unsigned ups, downs, faileds, rejecteds;
        enum link_why down_why, failed_why, rejected_why;
        uint64_t frames, bytes, next;
        bool out_of_order;
        bool echoes, disconnects; /* upon a frame */
        struct identity_id other;
};

struct world {
        sd_event *loop;
        struct end a, b;
        struct keyring *keys[2];
};

static usec_t clock_now(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (usec_t)t.tv_sec * USEC_SEC + (usec_t)t.tv_nsec / 1000;
}

static void on_up(void *context, struct link *link)
{
        struct end *end = context;

        end->link = link;
        end->ups++;
}

static void on_frame(void *context, struct link *link, const struct frame *f)
{
        struct end *end = context;

        end->frames++;
        end->bytes += f->size;
        end->out_of_order |= f->number != end->next++;
        if (end->echoes)
                assert_int_equal(link_send(link, f), 0);
        if (end->disconnects)
                links_disconnect(end->links, link_peer(link));
}

static void on_down(void *context, struct link *link, enum link_why why, const char *text)
{
        struct end *end = context;

        assert_non_null(text);
        end->downs++;
        end->down_why = why;
        if (end->link == link)
                end->link = NULL;
}

static void on_failed(
        void *context, const struct identity_id *peer, enum link_why why, const char *text)
{
        struct end *end = context;

        assert_non_null(text);
        end->faileds++;
        end->failed_why = why;
}

static void on_rejected(void *context, const char *address, enum link_why why, const char *text)
{
        struct end *end = context;

        assert_non_null(text);
        end->rejecteds++;
        end->rejected_why = why;
}

static const struct links_handler handler = { on_up, on_frame, on_down, on_failed, on_rejected };

static struct keyring *ring(unsigned id)
{
        struct keyfile file = { .count = 1, .keys = { { .id = 1 } } };
        struct keyring *made = NULL;

        memset(file.keys[0].secret, (int)id, KEYFILE_SECRET_SIZE);
        assert_int_equal(keyring_new(&file, CLUSTER, &made, NULL), 0);
        return made;
}

static struct links_options options_of(struct keyring *keys, uint8_t id)
{
        return (struct links_options){
                .self = { { id } },
                .cluster = CLUSTER,
                .incarnation = 1,
                .keyring = keys,
                .handshake_usec_max = 300 * USEC_MSEC,
                .stall_usec_max = 400 * USEC_MSEC,
                .retry_usec_min = 20 * USEC_MSEC,
                .retry_usec_max = 100 * USEC_MSEC,
        };
}

static void open_end(struct world *w, struct end *end, const struct links_options *options)
{
        struct err err = {};

        end->id = options->self;
        end->links = links_new(w->loop, options, &handler, end);
        if (!end->address.size)
                assert_int_equal(endpoint_parse("127.0.0.1", 0, &end->address), 0);
        if (links_listen(end->links, &end->address, &err) < 0)
                fail_msg("%s", err.text);
}

/* Ids 1 and 2; keys of these ids, 0: none.  'stall_usec_max' 0: as in options_of(). */
static void open_patient_world(
        struct world *w, unsigned key_a, unsigned key_b, usec_t stall_usec_max)
{
        struct links_options options;

        *w = (struct world){};
        assert_true(sd_event_new(&w->loop) >= 0);
        w->keys[0] = key_a ? ring(key_a) : NULL;
        w->keys[1] = key_b ? ring(key_b) : NULL;
        options = options_of(w->keys[0], 1);
        open_end(w, &w->a, &options);
        options = options_of(w->keys[1], 2);
        if (stall_usec_max)
                options.stall_usec_max = stall_usec_max;
        open_end(w, &w->b, &options);
}

static void open_world(struct world *w, unsigned key_a, unsigned key_b)
{
        open_patient_world(w, key_a, key_b, 0);
}

static void close_world(struct world *w)
{
        w->a.links = links_free(w->a.links);
        w->b.links = links_free(w->b.links);
        keyring_free(w->keys[0]);
        keyring_free(w->keys[1]);
        sd_event_unref(w->loop);
}

static inline void close_world_at(struct world *w)
{
        close_world(w);
}

static void turn(struct world *w, usec_t usec)
{
        assert_true(sd_event_run(w->loop, usec) >= 0);
}

#define UNTIL(w, condition)                                          \
        do {                                                         \
                usec_t end_ = clock_now() + PATIENCE_SEC * USEC_SEC; \
                while (!(condition)) {                               \
                        if (clock_now() > end_)                      \
                                fail_msg("in vain: %s", #condition); \
                        turn((w), 10 * USEC_MSEC);                   \
                }                                                    \
        } while (0)

static void idle(struct world *w, usec_t usec)
{
        for (usec_t end = clock_now() + usec; clock_now() < end;)
                turn(w, 5 * USEC_MSEC);
}

static void connect_both(struct world *w)
{
        links_connect(w->a.links, &w->b.id, &w->b.address);
        UNTIL(w, w->a.link && w->b.link);
        assert_int_equal(w->a.ups, 1);
        assert_int_equal(w->b.ups, 1);
        assert_true(identity_equal(link_peer(w->b.link), &w->a.id));
}

static int send_text(struct link *link, uint64_t number, const char *text)
{
        return link_send(link, &(struct frame){ .kind = FRAME_EVENT,
                                       .number = number,
                                       .payload = (const uint8_t *)text,
                                       .size = strlen(text) });
}

/* With and without a key, as many other tests. */
static void a_link_comes_up_and_carries_frames(void **state)
{
        for (unsigned key = 0; key < 2; key++) {
                CLEANUP(close_world) struct world w;

                open_world(&w, key, key);
                connect_both(&w);
                w.b.echoes = true;
                assert_int_equal(send_text(w.a.link, 0, "hello"), 0);
                assert_int_equal(send_text(w.a.link, 1, ""), 0);
                UNTIL(&w, w.a.frames == 2);
                assert_int_equal(w.a.bytes, 5);
                assert_false(w.a.out_of_order);
                assert_ptr_equal(links_find(w.a.links, &w.b.id), w.a.link);
                assert_int_equal(links_count(w.b.links), 1);
        }
}

/* A rotation under way: the sides have different newest keys. */
static void different_keys_to_send_with_do_if_both_have_both(void **state)
{
        CLEANUP(close_world) struct world w;
        struct keyfile file = { .count = 2,
                .keys = { { .id = 1, .created = 1 }, { .id = 300, .created = 2 } } };

        open_world(&w, 1, 1);
        memset(file.keys[0].secret, 1, KEYFILE_SECRET_SIZE);
        keyring_free(w.keys[1]);
        assert_int_equal(keyring_new(&file, CLUSTER, &w.keys[1], NULL), 0);
        links_set_keyring(w.b.links, w.keys[1]);
        connect_both(&w);
        links_disconnect(w.a.links, &w.b.id);
        UNTIL(&w, w.b.downs == 1);
        assert_int_equal(w.b.down_why, LINK_CLOSED);
        links_connect(w.b.links, &w.a.id, &w.a.address); /* with key 300, which a has not */
        UNTIL(&w, w.b.faileds == 1);
        assert_int_equal(w.b.failed_why, LINK_WRONG_KEY);
}

static void a_wrong_key_or_none_on_one_side_is_refused_on_both(void **state)
{
        static const unsigned keys[][2] = { { 1, 2 }, { 1, 0 }, { 0, 1 } };

        for (size_t i = 0; i < ELEMENTS(keys); i++) {
                CLEANUP(close_world) struct world w;

                open_world(&w, keys[i][0], keys[i][1]);
                links_connect(w.a.links, &w.b.id, &w.b.address);
                UNTIL(&w, w.a.faileds > 1 && w.b.rejecteds > 1);
                assert_int_equal(w.a.ups + w.b.ups, 0);
                if (keys[i][0])
                        assert_int_equal(w.a.failed_why, LINK_WRONG_KEY);
                if (keys[i][1])
                        assert_int_equal(w.b.rejected_why, LINK_WRONG_KEY);
                else
                        assert_int_equal(w.b.rejected_why, LINK_ALIEN);
        }
}

static void another_cluster_and_another_instance_are_told_apart(void **state)
{
        CLEANUP(close_world) struct world w;
        struct links_options foreign = options_of(NULL, 2);

        open_world(&w, 0, 0);
        links_connect(w.a.links, &(struct identity_id){ { 9 } }, &w.b.address);
        UNTIL(&w, w.a.faileds > 0);
        assert_int_equal(w.a.failed_why, LINK_MISTAKEN);
        links_disconnect(w.a.links, &(struct identity_id){ { 9 } });
        foreign.cluster++;
        links_free(w.b.links);
        open_end(&w, &w.b, &foreign);
        w.a.faileds = 0;
        links_connect(w.a.links, &w.b.id, &w.b.address);
        UNTIL(&w, w.a.faileds > 0);
        assert_int_equal(w.a.failed_why, LINK_FOREIGN);
        assert_int_equal(w.b.rejected_why, LINK_FOREIGN);
        assert_int_equal(w.a.ups + w.b.ups, 0);
}

static void nobody_is_linked_with_itself(void **state)
{
        CLEANUP(close_world) struct world w;

        open_world(&w, 0, 0);
        links_connect(w.a.links, &w.a.id, &w.a.address);
        UNTIL(&w, w.a.faileds > 0);
        assert_int_equal(w.a.failed_why, LINK_MISTAKEN);
}

static void of_two_links_opened_at_once_one_remains(void **state)
{
        for (unsigned i = 0; i < 40; i++) {
                CLEANUP(close_world) struct world w;

                open_world(&w, i % 2, i % 2);
                links_connect(w.a.links, &w.b.id, &w.b.address);
                for (unsigned k = 0; k < i / 2; k++)
                        turn(&w, 0);
                links_connect(w.b.links, &w.a.id, &w.a.address);
                UNTIL(&w, w.a.link && w.b.link);
                idle(&w, 30 * USEC_MSEC);
                assert_int_equal(w.a.ups, 1);
                assert_int_equal(w.b.ups, 1);
                assert_int_equal(w.a.downs + w.b.downs, 0);
                assert_int_equal(links_count(w.a.links) + links_count(w.b.links), 2);
                assert_int_equal(link_is_ours(w.a.link) + link_is_ours(w.b.link), 1);
        }
}

static void what_stays_shut_is_tried_again_and_comes_up_when_it_opens(void **state)
{
        CLEANUP(close_world) struct world w;
        struct links_options options;

        open_world(&w, 1, 1);
        w.b.links = links_free(w.b.links);
        links_connect(w.a.links, &w.b.id, &w.b.address);
        UNTIL(&w, w.a.faileds == 3);
        assert_int_equal(w.a.failed_why, LINK_REFUSED);
        options = options_of(w.keys[1], 2);
        open_end(&w, &w.b, &options);
        UNTIL(&w, w.a.link && w.b.link);
        /* ... and again when the other side begins anew. */
        w.b.links = links_free(w.b.links);
        UNTIL(&w, w.a.downs == 1);
        options.incarnation++;
        open_end(&w, &w.b, &options);
        UNTIL(&w, w.a.ups == 2);
        assert_int_equal(link_incarnation(w.a.link), 2);
}

static void without_retries_there_is_one_attempt(void **state)
{
        CLEANUP(close_world) struct world w;
        struct links_options options = options_of(NULL, 1);

        open_world(&w, 0, 0);
        w.a.links = links_free(w.a.links);
        w.b.links = links_free(w.b.links);
        options.retry_usec_min = USEC_NEVER;
        open_end(&w, &w.a, &options);
        links_connect(w.a.links, &w.b.id, &w.b.address);
        UNTIL(&w, w.a.faileds == 1);
        idle(&w, 100 * USEC_MSEC);
        assert_int_equal(w.a.faileds, 1);
}

static void disconnecting_in_the_callback_of_a_frame_is_safe(void **state)
{
        CLEANUP(close_world) struct world w;

        open_world(&w, 1, 1);
        connect_both(&w);
        w.b.disconnects = true;
        for (unsigned i = 0; i < 100; i++)
                assert_int_equal(send_text(w.a.link, i, "text"), 0);
        UNTIL(&w, w.a.downs == 1);
        assert_int_equal(w.b.frames, 1);
        assert_int_equal(w.b.downs, 0);
        assert_int_equal(links_count(w.b.links), 0);
}

static int raw_connect(const struct endpoint *to)
{
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_int_equal(connect(fd, (const struct sockaddr *)&to->address, to->size), 0);
        return fd;
}

static void garbage_is_thrown_out_at_once(void **state)
{
        for (unsigned key = 0; key < 2; key++) {
                CLEANUP(close_world) struct world w;
                CLEANUP(fd_close) int fd = -1;

                open_world(&w, key, key);
                fd = raw_connect(&w.b.address);
                assert_int_equal(send(fd, "GET / HTTP/1.0\r\n\r\n", 18, 0), 18);
                UNTIL(&w, w.b.rejecteds == 1);
                assert_int_equal(w.b.rejected_why, key ? LINK_WRONG_KEY : LINK_ALIEN);
        }
}

static void who_connects_and_says_nothing_is_thrown_out_after_a_while(void **state)
{
        for (unsigned key = 0; key < 2; key++) {
                CLEANUP(close_world) struct world w;
                CLEANUP(fd_close) int fd = -1;

                open_world(&w, key, key);
                fd = raw_connect(&w.b.address);
                UNTIL(&w, w.b.rejecteds == 1);
                assert_int_equal(w.b.rejected_why, LINK_TIMEOUT);
        }
}

/* Somebody who greets well, and speaks for itself from then on. */
static int raw_greet(struct world *w, uint8_t id, uint64_t incarnation)
{
        int fd = raw_connect(&w->b.address);
        uint8_t bytes[GREETING_SIZE];
        struct greeting answer;

        greeting_encode(
                &(struct greeting){
                        .cluster = CLUSTER, .sender = { { id } }, .incarnation = incarnation },
                bytes);
        assert_int_equal(send(fd, bytes, sizeof(bytes), 0), sizeof(bytes));
        UNTIL(w, recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) == sizeof(bytes));
        assert_int_equal(greeting_decode(bytes, &answer), 0);
        assert_int_equal(answer.answer, GREETING_WELCOME);
        return fd;
}

static void a_bad_frame_ends_the_link(void **state)
{
        CLEANUP(close_world) struct world w;
        CLEANUP(fd_close) int fd = -1;

        open_world(&w, 0, 0);
        fd = raw_greet(&w, 7, 1);
        assert_int_equal(w.b.ups, 1);
        assert_int_equal(send(fd, "this is not the header of a frame", 33, 0), 33);
        UNTIL(&w, w.b.downs == 1);
        assert_int_equal(w.b.down_why, LINK_BAD_FRAME);
}

/* The peer's machine went down without a word, and it is back before we noticed. */
static void a_peer_that_comes_again_replaces_the_link_that_it_lost(void **state)
{
        CLEANUP(close_world) struct world w;
        CLEANUP(fd_close) int first = -1;
        CLEANUP(fd_close) int second = -1;
        CLEANUP(fd_close) int third = -1;

        open_world(&w, 0, 0);
        first = raw_greet(&w, 7, 1);
        second = raw_greet(&w, 7, 1);
        assert_int_equal(w.b.downs, 1);
        assert_int_equal(w.b.down_why, LINK_REPLACED);
        assert_int_equal(w.b.ups, 2);
        third = raw_greet(&w, 7, 2);
        assert_int_equal(w.b.downs, 2);
        assert_int_equal(links_count(w.b.links), 1);
}

static void a_peer_that_does_not_read_is_given_up(void **state)
{
        CLEANUP(close_world) struct world w;
        CLEANUP(fd_close) int fd = -1;
        CLEANUP(mem_free) char *payload = mem_new(1 << 20);
        struct frame f = { .kind = FRAME_EVENT, .payload = (uint8_t *)payload, .size = 1 << 20 };
        unsigned sent = 0;
        int r;

        open_patient_world(&w, 0, 0, 600 * USEC_SEC); /* a busy machine is no reason */
        fd = raw_greet(&w, 7, 1);
        while ((r = link_send(w.b.link, &f)) == 0 && sent++ < 200)
                turn(&w, 0);
        assert_int_equal(r, -ENOBUFS);
        assert_int_equal(link_send(w.b.link, &f), -ENOTCONN);
        UNTIL(&w, w.b.downs == 1);
        assert_int_equal(w.b.down_why, LINK_SLOW);
}

static void a_queue_that_stands_still_is_given_up_though_it_is_not_full(void **state)
{
        CLEANUP(close_world) struct world w;
        CLEANUP(fd_close) int fd = -1;
        CLEANUP(mem_free) char *payload = mem_new(16 << 20);
        struct frame f = { .kind = FRAME_EVENT, .payload = (uint8_t *)payload, .size = 16 << 20 };

        open_world(&w, 0, 0);
        fd = raw_greet(&w, 7, 1);
        assert_int_equal(link_send(w.b.link, &f), 0);
        f.kind = FRAME_STATISTICS;
        assert_int_equal(link_send(w.b.link, &f), 1);
        UNTIL(&w, w.b.downs == 1);
        assert_int_equal(w.b.down_why, LINK_SLOW);
}

static void a_hundred_thousand_frames_arrive_in_order_both_ways(void **state)
{
        enum { COUNT = 100000 };
        char text[300];

        memset(text, 'x', sizeof(text));
        text[sizeof(text) - 1] = '\0';
        for (unsigned key = 0; key < 2; key++) {
                CLEANUP(close_world) struct world w;
                usec_t begin = clock_now();

                open_world(&w, key, key);
                connect_both(&w);
                for (uint64_t i = 0; i < COUNT; i++) {
                        assert_int_equal(send_text(w.a.link, i, text), 0);
                        assert_int_equal(send_text(w.b.link, i, text), 0);
                        if (i % 50 == 0)
                                turn(&w, 0);
                }
                UNTIL(&w, w.a.frames == COUNT && w.b.frames == COUNT);
                assert_false(w.a.out_of_order || w.b.out_of_order);
                assert_int_equal(w.a.bytes, (uint64_t)COUNT * (sizeof(text) - 1));
                print_message("%s: %u ms\n", key ? "TLS" : "plain",
                        (unsigned)((clock_now() - begin) / USEC_MSEC));
        }
}

/* As before an upgrade in place: what is under way arrives on both sides, and nothing new begins.
 */
static void paused_links_are_drained_and_whoever_comes_then_waits(void **state)
{
        enum { COUNT = 2000 };
        CLEANUP(mem_free) char *payload = mem_new(2000);
        struct frame f = { .kind = FRAME_EVENT, .payload = (uint8_t *)payload, .size = 2000 };

        for (unsigned key = 0; key < 2; key++) {
                CLEANUP(close_world) struct world w;

                open_world(&w, key, key);
                connect_both(&w);
                for (f.number = 0; f.number < COUNT; f.number++) {
                        assert_int_equal(link_send(w.a.link, &f), 0);
                        assert_int_equal(link_send(w.b.link, &f), 0);
                }
                links_pause(w.a.links);
                assert_int_equal(link_send(w.a.link, &f), -ENOTCONN);
                link_finish(w.b.link); /* as it is told to be back in a moment */
                UNTIL(&w, w.a.downs == 1 && w.b.downs == 1);
                assert_int_equal(w.a.down_why, LINK_CLOSED);
                assert_int_equal(w.a.frames, COUNT);
                assert_int_equal(w.b.frames, COUNT);
                assert_false(w.a.out_of_order || w.b.out_of_order);
                links_connect(w.b.links, &w.a.id, &w.a.address);
                idle(&w, 50 * USEC_MSEC);
                assert_int_equal(w.b.faileds + w.a.rejecteds, 0);
                assert_null(w.b.link);
                links_resume(w.a.links);
                UNTIL(&w, w.a.link && w.b.link);
        }
}

static void a_listening_socket_goes_on_in_other_hands(void **state)
{
        CLEANUP(close_world) struct world w;
        struct links_options options = options_of(NULL, 1);
        struct err err = {};
        int fd;

        open_world(&w, 0, 0);
        fd = dup(links_listener(w.a.links, 0));
        assert_true(fd >= 0);
        assert_int_equal(links_listener(w.a.links, 1), -1);
        links_pause(w.a.links);
        links_connect(w.b.links, &w.a.id, &w.a.address);
        idle(&w, 20 * USEC_MSEC);
        w.a.links = links_free(w.a.links);
        w.a.links = links_new(w.loop, &options, &handler, &w.a);
        assert_int_equal(links_inherit(w.a.links, fd, &err), 0);
        UNTIL(&w, w.a.link && w.b.link); /* that very connection */
        assert_int_equal(w.b.faileds, 0);
}

static void a_frame_of_the_largest_size_passes(void **state)
{
        CLEANUP(close_world) struct world w;
        CLEANUP(mem_free) char *payload = mem_new(FRAME_PAYLOAD_MAX + 1);
        struct frame f = { .kind = FRAME_SNAPSHOT, .payload = (uint8_t *)payload };

        open_world(&w, 1, 1);
        connect_both(&w);
        f.size = FRAME_PAYLOAD_MAX + 1;
        assert_int_equal(link_send(w.a.link, &f), -EMSGSIZE);
        f.size = FRAME_PAYLOAD_MAX;
        assert_int_equal(link_send(w.a.link, &f), 0);
        UNTIL(&w, w.b.frames == 1);
        assert_int_equal(w.b.bytes, FRAME_PAYLOAD_MAX);
}

static void strangers_are_limited(void **state)
{
        CLEANUP(close_world) struct world w;
        struct links_options options = options_of(NULL, 3);
        struct end c = {};
        int fds[8];

        open_world(&w, 0, 0);
        options.pending_max = 5;
        open_end(&w, &c, &options);
        for (size_t i = 0; i < ELEMENTS(fds); i++)
                fds[i] = raw_connect(&c.address);
        UNTIL(&w, c.rejecteds == 3);
        assert_int_equal(c.rejected_why, LINK_BUSY);
        UNTIL(&w, c.rejecteds == 8); /* the others say nothing */
        for (size_t i = 0; i < ELEMENTS(fds); i++)
                (void)close(fds[i]);
        links_connect(w.a.links, &c.id, &c.address);
        UNTIL(&w, w.a.link);
        links_free(c.links);
}

static void an_end_after_that_of_the_loop_says_good_bye_all_the_same(void **state)
{
        CLEANUP(close_world) struct world w;
        CLEANUP(fd_close) int fd = -1;
        char bytes[FRAME_HEADER_SIZE + 3];

        open_world(&w, 0, 0);
        fd = raw_greet(&w, 7, 1);
        assert_true(sd_event_exit(w.loop, 0) >= 0);
        assert_true(sd_event_loop(w.loop) >= 0);
        assert_int_equal(send_text(w.b.link, 1, "bye"), 0);
        w.b.links = links_free(w.b.links);
        assert_int_equal(recv(fd, bytes, sizeof(bytes), 0), sizeof(bytes));
        assert_int_equal(recv(fd, bytes, sizeof(bytes), 0), 0);
}

static void keys_may_change_while_a_handshake_is_under_way(void **state)
{
        CLEANUP(close_world) struct world w;

        open_world(&w, 1, 1);
        links_connect(w.a.links, &w.b.id, &w.b.address);
        turn(&w, 0); /* somewhere in the middle */
        turn(&w, 0);
        links_set_keyring(w.a.links, NULL);
        links_set_keyring(w.b.links, NULL);
        w.keys[0] = keyring_free(w.keys[0]);
        w.keys[1] = keyring_free(w.keys[1]);
        UNTIL(&w, w.a.link && w.b.link);
        links_disconnect(w.a.links, &w.b.id);
        w.a.link = NULL;
        links_connect(w.a.links, &w.b.id, &w.b.address);
        UNTIL(&w, w.a.link && w.b.ups == 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_end_after_that_of_the_loop_says_good_bye_all_the_same),
                cmocka_unit_test(keys_may_change_while_a_handshake_is_under_way),
                cmocka_unit_test(a_link_comes_up_and_carries_frames),
                cmocka_unit_test(different_keys_to_send_with_do_if_both_have_both),
                cmocka_unit_test(a_wrong_key_or_none_on_one_side_is_refused_on_both),
                cmocka_unit_test(another_cluster_and_another_instance_are_told_apart),
                cmocka_unit_test(nobody_is_linked_with_itself),
                cmocka_unit_test(of_two_links_opened_at_once_one_remains),
                cmocka_unit_test(what_stays_shut_is_tried_again_and_comes_up_when_it_opens),
                cmocka_unit_test(without_retries_there_is_one_attempt),
                cmocka_unit_test(disconnecting_in_the_callback_of_a_frame_is_safe),
                cmocka_unit_test(garbage_is_thrown_out_at_once),
                cmocka_unit_test(who_connects_and_says_nothing_is_thrown_out_after_a_while),
                cmocka_unit_test(a_bad_frame_ends_the_link),
                cmocka_unit_test(a_peer_that_comes_again_replaces_the_link_that_it_lost),
                cmocka_unit_test(a_peer_that_does_not_read_is_given_up),
                cmocka_unit_test(a_queue_that_stands_still_is_given_up_though_it_is_not_full),
                cmocka_unit_test(a_hundred_thousand_frames_arrive_in_order_both_ways),
                cmocka_unit_test(a_frame_of_the_largest_size_passes),
                cmocka_unit_test(strangers_are_limited),
                cmocka_unit_test(paused_links_are_drained_and_whoever_comes_then_waits),
                cmocka_unit_test(a_listening_socket_goes_on_in_other_hands),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
