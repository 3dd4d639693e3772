/* Turns of the loop: what is told of long ones, and of their number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "daemon/turns.h"

enum { BUSY_USEC = 30000 };

static void every_bucket_begins_where_the_one_before_ends(void **state)
{
        for (unsigned i = 0; i + 1 < LATENCY_BUCKETS; i++) {
                struct latency in = {}, behind = {};

                latency_add(&in, latency_bucket_end(i) - 1);
                latency_add(&behind, latency_bucket_end(i));
                assert_int_equal(in.buckets[i], 1);
                assert_int_equal(behind.buckets[i + 1], 1);
                assert_true(i < LATENCY_STEPS ||
                            latency_bucket_end(i) * 3 <= latency_bucket_end(i - 1) * 4);
        }
        assert_true(latency_bucket_end(LATENCY_BUCKETS - 1) == USEC_NEVER);
}

static void a_quantile_is_the_end_of_the_bucket_or_the_longest(void **state)
{
        struct latency latency = {};

        assert_int_equal(latency_quantile(&latency, 990), 0);
        for (unsigned i = 0; i < 99; i++)
                latency_add(&latency, 100);
        latency_add(&latency, 7000);
        assert_int_equal(latency_quantile(&latency, 500), 112);
        assert_int_equal(latency_quantile(&latency, 990), 112);
        assert_int_equal(latency_quantile(&latency, 999), 7000);
        assert_int_equal(latency.count, 100);
        assert_int_equal(latency.total, 99 * 100 + 7000);
        latency_add(&latency, USEC_NEVER / 2); /* behind the last end */
        assert_true(latency_quantile(&latency, 1000) == USEC_NEVER / 2);
}

static usec_t cpu(void)
{
        struct timespec ts;

        assert_return_code(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts), 0);
        return (usec_t)ts.tv_sec * USEC_SEC + (usec_t)ts.tv_nsec / 1000;
}

static int on_work(sd_event_source *source, uint64_t usec, void *context)
{
        usec_t end = cpu() + BUSY_USEC;

        while (cpu() < end)
                continue;
        return sd_event_exit(sd_event_source_get_event(source), 7);
}

static int on_sleep(sd_event_source *source, uint64_t usec, void *context)
{
        (void)usleep(BUSY_USEC);
        return sd_event_exit(sd_event_source_get_event(source), 7);
}

static struct rpc_turns run(sd_event_time_handler_t turn, unsigned idle_msec)
{
        CLEANUP(turns_free) struct turns *turns = turns_new();
        struct rpc_turns told;
        sd_event *loop;

        assert_true(sd_event_new(&loop) >= 0);
        assert_true(sd_event_add_time_relative(loop, NULL, CLOCK_MONOTONIC, idle_msec * USEC_MSEC,
                            1, turn, NULL) >= 0);
        assert_int_equal(turns_run(turns, loop), 7);
        (void)sd_event_unref(loop);
        turns_get(turns, true, &told);
        assert_in_range(told.took.count, 1, 3);
        assert_true(told.took.max >= BUSY_USEC);
        assert_true(told.since >= told.took.total);
        assert_int_equal(told.long_min, TURNS_LONG_USEC);
        return told;
}

static void work_is_told_as_work(void **state)
{
        struct rpc_turns told = run(on_work, 0);

        assert_true(told.worked_max >= BUSY_USEC - TURNS_ERROR_USEC);
        if (told.slept_max != USEC_NEVER)
                assert_true(told.slept_max < BUSY_USEC / 2);
}

static void sleep_is_told_as_sleep(void **state)
{
        struct rpc_turns told = run(on_sleep, 0);

        assert_true(told.worked_max < BUSY_USEC / 2);
        if (told.slept_max == USEC_NEVER)
                skip();
        /* A machine that is busy at the end of the sleep makes it longer, by what is no sleep. */
        assert_true(told.slept_max >= BUSY_USEC - TURNS_ERROR_USEC);
}

static void the_wait_between_turns_is_none_of_them(void **state)
{
        struct rpc_turns told = run(on_work, 200);

        assert_true(told.since >= 200 * USEC_MSEC + told.took.total);
}

static void who_resets_is_told_of_what_was_and_the_next_one_is_not(void **state)
{
        CLEANUP(turns_free) struct turns *turns = turns_new();
        struct rpc_turns told;
        sd_event *loop;

        assert_true(sd_event_new(&loop) >= 0);
        assert_true(
                sd_event_add_time_relative(loop, NULL, CLOCK_MONOTONIC, 0, 1, on_sleep, NULL) >= 0);
        assert_int_equal(turns_run(turns, loop), 7);
        (void)sd_event_unref(loop);
        turns_get(turns, false, &told);
        assert_true(told.took.max >= BUSY_USEC);
        turns_get(turns, true, &told);
        assert_true(told.took.max >= BUSY_USEC);
        turns_get(turns, false, &told);
        assert_int_equal(told.took.count, 0);
        assert_int_equal(told.took.max, 0);
        assert_int_equal(told.worked_max, 0);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_bucket_begins_where_the_one_before_ends),
                cmocka_unit_test(a_quantile_is_the_end_of_the_bucket_or_the_longest),
                cmocka_unit_test(work_is_told_as_work),
                cmocka_unit_test(sleep_is_told_as_sleep),
                cmocka_unit_test(the_wait_between_turns_is_none_of_them),
                cmocka_unit_test(who_resets_is_told_of_what_was_and_the_next_one_is_not),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
