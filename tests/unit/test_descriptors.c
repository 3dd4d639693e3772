/* Descriptors are named in a text and found again, under their numbers and close-on-exec; figures
 * go the same way. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/descriptors.h"
#include "base/fd.h"
#include "base/figures.h"

static struct saved *parse(const char *text)
{
        struct saved *saved = NULL;
        struct err err = {};

        if (saved_parse(text, strlen(text), 0, &saved, &err) < 0)
                fail_msg("%s", err.text);
        return saved;
}

/* A text with the two ends of a pipe, the second one named in another way. */
static char *write_pipe(const int ends[2])
{
        CLEANUP(saver_free) struct saver *saver = saver_new(0);
        CLEANUP(descriptors_free) struct descriptors *ds = descriptors_new();
        size_t length;

        saver_item(saver, "thing");
        descriptors_save(ds, saver, "reading", ends[0]);
        descriptors_save(ds, saver, "none", -1);
        descriptors_add(ds, ends[1]);
        descriptors_add(ds, ends[1]);
        descriptors_write(ds, saver);
        assert_int_equal(descriptors_bequeath(ds), 0);
        assert_int_equal(fcntl(ends[0], F_GETFD), 0);
        descriptors_keep(ds);
        assert_int_equal(fcntl(ends[0], F_GETFD), FD_CLOEXEC);
        return saver_take(saver, &length);
}

static struct descriptors *read_list(struct saved *saved, bool pretend)
{
        struct descriptors *ds = NULL;
        struct err err = {};

        if (descriptors_read(saved, pretend, &ds, &err) < 0)
                fail_msg("%s", err.text);
        return ds;
}

static void each_is_taken_once_under_its_number(void **state)
{
        CLEANUP(saved_free) struct saved *saved = NULL;
        CLEANUP(mem_free) char *text = NULL;
        struct err err = {};
        int ends[2];

        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        text = write_pipe(ends);
        saved = parse(text);
        {
                CLEANUP(descriptors_free) struct descriptors *ds = read_list(saved, false);
                struct saved_item *item = saved_first(saved, "thing");

                assert_int_equal(descriptors_take(ds, item, "none"), -1);
                assert_int_equal(descriptors_take(NULL, item, "reading"), -1);
                assert_int_equal(descriptors_take(ds, item, "reading"), ends[0]);
                assert_int_equal(saved_status(saved, &err), 0);
                assert_int_equal(descriptors_take(ds, item, "reading"), -1);
                assert_int_equal(saved_status(saved, &err), -EBADMSG);
                assert_non_null(strstr(err.text, "taken before"));
        }
        assert_int_equal(close(ends[0]), 0);
        assert_int_equal(close(ends[1]), 0);
}

static void what_is_not_in_the_list_is_not_given(void **state)
{
        CLEANUP(saved_free)
        struct saved *saved = parse("reeve-state 1\n[thing]\nfd=3\n[descriptors]\nlist=\n[]\n");
        CLEANUP(descriptors_free) struct descriptors *ds = read_list(saved, true);

        assert_int_equal(descriptors_take(ds, saved_first(saved, "thing"), "fd"), -1);
        assert_int_equal(saved_status(saved, NULL), -EBADMSG);
}

static void a_list_that_is_none_is_refused(void **state)
{
        static const char *const lists[] = { "1", "-4", "3 3", "x", "3,4", "3 99999999999" };

        for (size_t i = 0; i < ELEMENTS(lists); i++) {
                CLEANUP(mem_free)
                char *text = mem_format("reeve-state 1\n[descriptors]\nlist=%s\n[]\n", lists[i]);
                CLEANUP(saved_free) struct saved *saved = parse(text);
                struct descriptors *ds = NULL;

                assert_int_equal(descriptors_read(saved, true, &ds, NULL), -EBADMSG);
                assert_null(ds);
        }
}

static void what_was_not_handed_over_is_told(void **state)
{
        CLEANUP(saved_free)
        struct saved *saved = parse("reeve-state 1\n[descriptors]\nlist=7654\n[]\n");
        struct descriptors *ds = NULL;
        struct err err = {};

        assert_int_equal(descriptors_read(saved, false, &ds, &err), -EBADF);
        assert_string_equal(err.text, "descriptor 7654 cannot be had: Bad file descriptor");
}

static void one_that_is_only_pretended_never_has_anything_to_say(void **state)
{
        CLEANUP(saved_free)
        struct saved *saved =
                parse("reeve-state 1\n[thing]\nfd=7654\n[descriptors]\nlist=7654\n[]\n");
        CLEANUP(descriptors_free) struct descriptors *ds = read_list(saved, true);
        CLEANUP(fd_close) int fd = descriptors_take(ds, saved_first(saved, "thing"), "fd");
        struct pollfd wait = { .fd = fd, .events = POLLIN };

        assert_true(fd >= 0 && fd != 7654);
        assert_int_equal(poll(&wait, 1, 0), 0);
}

static void what_somebody_has_closed_is_put_back(void **state)
{
        CLEANUP(saved_free) struct saved *saved = NULL;
        CLEANUP(mem_free) char *text = NULL;
        char byte = 0;
        int ends[2];

        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        text = write_pipe(ends);
        saved = parse(text);
        {
                CLEANUP(descriptors_free) struct descriptors *ds = read_list(saved, false);
                int other;

                assert_int_equal(
                        close(descriptors_take(ds, saved_first(saved, "thing"), "reading")), 0);
                other = open("/dev/null", O_RDONLY | O_CLOEXEC); /* has its number now */
                assert_int_equal(other, ends[0]);
                assert_int_equal(descriptors_put_back(ds), 0);
                assert_int_equal(fcntl(ends[0], F_GETFD), 0);
                assert_int_equal(write(ends[1], "x", 1), 1);
                assert_int_equal(read(ends[0], &byte, 1), 1);
                assert_int_equal(byte, 'x');
        }
        assert_int_equal(close(ends[0]), 0);
        assert_int_equal(close(ends[1]), 0);
}

static void what_nobody_took_goes_on(void **state)
{
        CLEANUP(saved_free)
        struct saved *saved =
                parse("reeve-state 1\n[thing]\na=5\nb=6\n[descriptors]\nlist=5 6 7\n[]\n");
        CLEANUP(descriptors_free) struct descriptors *ds = read_list(saved, true);
        CLEANUP(descriptors_free) struct descriptors *next = descriptors_new();
        CLEANUP(saver_free) struct saver *saver = saver_new(0);
        CLEANUP(mem_free) char *text = NULL;
        size_t length;

        (void)close(descriptors_take(ds, saved_first(saved, "thing"), "a"));
        descriptors_claim(ds, 7);
        descriptors_pass_on(ds, next);
        descriptors_add(next, 4);
        descriptors_write(next, saver);
        text = saver_take(saver, &length);
        assert_string_equal(text, "reeve-state 1\n[descriptors]\nlist=4 6\n[]\n");
}

static void figures_come_back(void **state)
{
        CLEANUP(saver_free) struct saver *saver = saver_new(0);
        CLEANUP(saved_free) struct saved *saved = NULL;
        CLEANUP(mem_free) char *text = NULL;
        struct figures figures = {}, back = {};
        size_t length;

        figures_set(&figures, FIGURE_CPU, UINT64_MAX, FIGURE_FROM_V2);
        figures_set(&figures, FIGURE_MEMORY_PEAK, 0, FIGURE_FROM_V1);
        figures.is_bound[FIGURE_MEMORY_PEAK] = true;
        figures_set(&figures, FIGURE_PIDS, 7, FIGURE_FROM_PROC);
        saver_item(saver, "figures");
        figures_save(&figures, saver);
        text = saver_take(saver, &length);
        saved = parse(text);
        figures_restore(&back, saved_first(saved, "figures"));
        assert_int_equal(saved_status(saved, NULL), 0);
        assert_memory_equal(&figures, &back, sizeof(figures));
        assert_null(saved_rest(saved_first(saved, "figures")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_is_taken_once_under_its_number),
                cmocka_unit_test(what_is_not_in_the_list_is_not_given),
                cmocka_unit_test(a_list_that_is_none_is_refused),
                cmocka_unit_test(what_was_not_handed_over_is_told),
                cmocka_unit_test(one_that_is_only_pretended_never_has_anything_to_say),
                cmocka_unit_test(what_somebody_has_closed_is_put_back),
                cmocka_unit_test(what_nobody_took_goes_on),
                cmocka_unit_test(figures_come_back),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
