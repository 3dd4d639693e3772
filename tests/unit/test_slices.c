/* Long work in slices: who else waits for the loop gets their turns in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop/slices.h"

enum { PIECES = 40, PIECE_USEC = 1000, TOLD_AT = 3 };

struct world {
        sd_event *loop;
        int pipe[2];
        unsigned pieces;
        unsigned heard_after; /* pieces */
};

static void burn(void)
{
        struct timespec begun, now;

        (void)clock_gettime(CLOCK_MONOTONIC, &begun);
        do
                (void)clock_gettime(CLOCK_MONOTONIC, &now);
        while ((now.tv_sec - begun.tv_sec) * 1000000 + (now.tv_nsec - begun.tv_nsec) / 1000 <
                PIECE_USEC);
}

static bool piece(void *context)
{
        struct world *w = context;

        burn();
        w->pieces++;
        if (w->pieces == TOLD_AT)
                assert_int_equal(write(w->pipe[1], "x", 1), 1);
        if (w->pieces < PIECES)
                return true;
        assert_int_equal(sd_event_exit(w->loop, 0), 0);
        return false;
}

static int on_told(sd_event_source *source, int fd, uint32_t events, void *context)
{
        struct world *w = context;
        char c;

        assert_int_equal(read(fd, &c, 1), 1);
        w->heard_after = w->pieces;
        return 0;
}

static void run(int priority)
{
        struct world w = {};
        sd_event_source *source = NULL;
        struct slices *slices = NULL;

        assert_true(sd_event_new(&w.loop) >= 0);
        assert_int_equal(pipe(w.pipe), 0);
        assert_true(sd_event_add_io(w.loop, &source, w.pipe[0], EPOLLIN, on_told, &w) >= 0);
        assert_true(sd_event_source_set_priority(source, priority) >= 0);
        assert_int_equal(slices_new(w.loop, piece, &w, &slices), 0);
        assert_false(slices_is_busy(slices));
        slices_begin(slices);
        assert_true(slices_is_busy(slices));
        assert_int_equal(sd_event_loop(w.loop), 0);
        assert_false(slices_is_busy(slices));
        assert_int_equal(w.pieces, PIECES);
        assert_in_range(w.heard_after, TOLD_AT, TOLD_AT + 2);
        slices_free(slices);
        sd_event_source_disable_unref(source);
        sd_event_unref(w.loop);
        (void)close(w.pipe[0]);
        (void)close(w.pipe[1]);
}

static void an_exit_is_heard_before_the_next_slice(void **state)
{
        run(SD_EVENT_PRIORITY_NORMAL - 10);
}

static void a_caller_of_the_same_priority_is_heard_too(void **state)
{
        run(SD_EVENT_PRIORITY_NORMAL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_exit_is_heard_before_the_next_slice),
                cmocka_unit_test(a_caller_of_the_same_priority_is_heard_too),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
