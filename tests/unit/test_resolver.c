/* Names to addresses: in threads, again when it failed, and kept when it fails later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netdb.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "net/addressbook.h"
#include "net/resolver.h"

/* What the name server of the tests says, from several threads. */
static atomic_bool is_broken;
static atomic_uint asked;

static int lookup(const char *host, struct addrinfo **ret)
{
        const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST };

        asked++;
        if (strcmp(host, "slow") == 0)
                (void)usleep(1000000);
        if (is_broken)
                return EAI_AGAIN;
        return getaddrinfo(
                strcmp(host, "other") == 0 ? "127.0.0.2" : "127.0.0.1", NULL, &hints, ret);
}

static const struct resolver_lookup fake = { lookup, freeaddrinfo };

static void run_for(sd_event *loop, unsigned msec)
{
        uint64_t now, end;

        (void)sd_event_now(loop, CLOCK_MONOTONIC, &now);
        end = now + msec * 1000;
        while (now < end) {
                assert_true(sd_event_run(loop, end - now) >= 0);
                (void)sd_event_now(loop, CLOCK_MONOTONIC, &now);
        }
}

struct answers {
        unsigned count, good;
        uint64_t tickets;
        char error[100];
};

static void on_answer(void *context, const struct resolver_answer *answer)
{
        struct answers *answers = context;

        answers->count++;
        answers->tickets += answer->ticket;
        if (answer->count > 0)
                answers->good++;
        else
                (void)snprintf(answers->error, sizeof(answers->error), "%s", answer->error);
}

static void every_question_is_answered_once_and_nobody_waits_meanwhile(void **state)
{
        sd_event *loop = NULL;
        CLEANUP(resolver_free) struct resolver *resolver = NULL;
        struct answers answers = {};

        is_broken = false;
        assert_true(sd_event_new(&loop) >= 0);
        assert_int_equal(resolver_new(loop, &fake, on_answer, &answers, &resolver, NULL), 0);
        assert_int_equal(resolver_ask(resolver, "slow", 1), 0);
        for (unsigned i = 2; i <= 100; i++)
                assert_int_equal(resolver_ask(resolver, "name", i), 0);
        run_for(loop, 500);
        assert_int_equal(answers.count, 99);
        run_for(loop, 1500);
        assert_int_equal(answers.count, 100);
        assert_int_equal(answers.good, 100);
        assert_int_equal(answers.tickets, 5050);
        sd_event_unref(loop);
}

static void the_end_does_not_wait_for_a_slow_name_server(void **state)
{
        sd_event *loop = NULL;
        struct resolver *resolver = NULL;
        struct answers answers = {};
        struct timespec begin, end;

        assert_true(sd_event_new(&loop) >= 0);
        assert_int_equal(resolver_new(loop, &fake, on_answer, &answers, &resolver, NULL), 0);
        for (unsigned i = 0; i < 20; i++)
                assert_int_equal(resolver_ask(resolver, "slow", i), 0);
        (void)clock_gettime(CLOCK_MONOTONIC, &begin);
        resolver_free(resolver);
        (void)clock_gettime(CLOCK_MONOTONIC, &end);
        assert_true(end.tv_sec * 1000 + end.tv_nsec / 1000000 - begin.tv_sec * 1000 -
                            begin.tv_nsec / 1000000 <
                    200);
        (void)usleep(1500000); /* the threads leave nothing behind that a leak check would see */
        sd_event_unref(loop);
}

static void the_system_knows_localhost(void **state)
{
        sd_event *loop = NULL;
        CLEANUP(resolver_free) struct resolver *resolver = NULL;
        struct answers answers = {};

        assert_true(sd_event_new(&loop) >= 0);
        assert_int_equal(resolver_new(loop, NULL, on_answer, &answers, &resolver, NULL), 0);
        assert_int_equal(resolver_ask(resolver, "localhost", 1), 0);
        for (unsigned i = 0; i < 100 && answers.count == 0; i++)
                run_for(loop, 20);
        assert_int_equal(answers.good, 1);
        sd_event_unref(loop);
}

static unsigned failures, recoveries;

static void on_told(void *context, const char *host, const char *error)
{
        if (error)
                failures++;
        else
                recoveries++;
}

static struct addressbook *open_book(sd_event *loop)
{
        struct addressbook *book = NULL;

        asked = 0;
        failures = recoveries = 0;
        assert_int_equal(addressbook_new(loop,
                                 &(struct addressbook_options){
                                         .lookup = &fake,
                                         .retry_usec_min = 50 * USEC_MSEC,
                                         .retry_usec_max = 100 * USEC_MSEC,
                                         .refresh_usec = 200 * USEC_MSEC,
                                         .told = on_told,
                                 },
                                 &book, NULL),
                0);
        return book;
}

static void numbers_need_no_lookup_and_doubles_count_once(void **state)
{
        static const struct addressbook_peer peers[] = { { "10.0.0.1", 9000 }, { "10.0.0.1", 9000 },
                { "10.0.0.1", 9001 }, { "::1", 9000 } };
        sd_event *loop = NULL;
        CLEANUP(addressbook_free) struct addressbook *book = NULL;
        char name[ENDPOINT_NAME_SIZE];
        const struct endpoint *all;
        size_t count;

        assert_true(sd_event_new(&loop) >= 0);
        book = open_book(loop);
        assert_int_equal(addressbook_set(book, peers, 4), 0);
        all = addressbook_addresses(book, &count);
        assert_int_equal(count, 3);
        assert_string_equal(endpoint_name(&all[0], name), "10.0.0.1:9000");
        assert_string_equal(endpoint_name(&all[2], name), "[::1]:9000");
        assert_int_equal(asked, 0);
        sd_event_unref(loop);
}

static void a_name_that_does_not_resolve_is_tried_again_and_then_kept(void **state)
{
        static const struct addressbook_peer peers[] = { { "name", 9000 }, { "other", 9001 } };
        sd_event *loop = NULL;
        CLEANUP(addressbook_free) struct addressbook *book = NULL;
        char name[ENDPOINT_NAME_SIZE];
        const struct endpoint *all;
        unsigned before;
        size_t count;

        assert_true(sd_event_new(&loop) >= 0);
        book = open_book(loop);
        is_broken = true;
        assert_int_equal(addressbook_set(book, peers, 2), 0);
        run_for(loop, 500);
        assert_int_equal(addressbook_unresolved(book), 2);
        assert_int_equal(failures, 2); /* told once, though it was tried often */
        assert_true(asked > 4);
        is_broken = false;
        run_for(loop, 400);
        assert_int_equal(addressbook_unresolved(book), 0);
        assert_int_equal(recoveries, 2);
        all = addressbook_addresses(book, &count);
        assert_int_equal(count, 2);
        assert_string_equal(endpoint_name(&all[1], name), "127.0.0.2:9001");
        is_broken = true;
        before = asked;
        run_for(loop, 600);
        assert_true(asked > before);
        assert_int_equal(failures, 4);
        assert_int_equal(addressbook_unresolved(book), 0); /* the last addresses are kept */
        /* One leaves, one stays, and what is known of the latter does too. */
        assert_int_equal(addressbook_set(book, &peers[1], 1), 0);
        (void)addressbook_addresses(book, &count);
        assert_int_equal(count, 1);
        assert_int_equal(addressbook_set(book, NULL, 0), 0);
        run_for(loop, 50);
        before = asked;
        run_for(loop, 300);
        assert_int_equal(asked, before);
        is_broken = false;
        sd_event_unref(loop);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_question_is_answered_once_and_nobody_waits_meanwhile),
                cmocka_unit_test(the_end_does_not_wait_for_a_slow_name_server),
                cmocka_unit_test(the_system_knows_localhost),
                cmocka_unit_test(numbers_need_no_lookup_and_doubles_count_once),
                cmocka_unit_test(a_name_that_does_not_resolve_is_tried_again_and_then_kept),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
