/* Log troubles: what is told of them, and that they outlive the files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "logs/logtrouble.h"

struct fixture {
        struct logtroubles *table;
        struct text told;
};

static void remember(void *context, enum log_level level, const char *text)
{
        text_format(context, "%s %s\n", log_level_code(level), text);
}

static int setup(void **state)
{
        struct fixture *f = mem_new(sizeof(*f));

        f->table = logtroubles_new();
        logtroubles_set_sink(f->table, (struct log_sink){ remember, &f->told });
        *state = f;
        return 0;
}

static int teardown(void **state)
{
        struct fixture *f = *state;

        logtroubles_free(f->table);
        text_clear(&f->told);
        mem_free(f);
        return 0;
}

#define BEGINS                                                                         \
        "WARN cannot write to log file '/log' of the stdout of 'a': No space left on " \
        "device; what does not fit is lost\n"
#define ENDS(bytes) \
        "WARN log file '/log' of the stdout of 'a' is written to again, " bytes " bytes were lost\n"

static void a_trouble_is_told_once_and_its_end_with_the_bytes(void **state)
{
        struct fixture *f = *state;
        struct logtrouble *t = logtrouble_open(f->table, "/log", "the stdout of 'a'");

        logtrouble_written(t);
        assert_string_equal(text_string(&f->told), "");
        logtrouble_lost(t, -ENOSPC, 10);
        logtrouble_lost(t, -ENOSPC, 5);
        assert_string_equal(text_string(&f->told), BEGINS);
        assert_int_equal(logtrouble_error(t), -ENOSPC);
        text_truncate(&f->told, 0);
        logtrouble_written(t);
        logtrouble_written(t);
        assert_string_equal(text_string(&f->told), ENDS("15"));
        assert_int_equal(logtrouble_error(t), 0);
        assert_int_equal(logtrouble_bytes_lost(t), 15);
        logtrouble_close(t);
}

/* A disk that has room now and then. */
static void a_second_trouble_within_a_minute_is_counted_and_not_told(void **state)
{
        struct fixture *f = *state;
        struct logtrouble *t = logtrouble_open(f->table, "/log", "the stdout of 'a'");

        for (int i = 0; i < 1000; i++) {
                logtrouble_lost(t, -ENOSPC, 1);
                logtrouble_written(t);
        }
        assert_string_equal(text_string(&f->told), BEGINS ENDS("1"));
        assert_int_equal(logtrouble_bytes_lost(t), 1000);
        assert_false(logtrouble_is_settled(t)); /* told after that minute */
        logtrouble_close(t);
}

/* A program that restarts on and on. */
static void a_trouble_goes_on_when_the_file_is_opened_again(void **state)
{
        struct fixture *f = *state;
        struct logtrouble *t;

        for (int i = 0; i < 1000; i++) {
                t = logtrouble_open(f->table, "/log", "the stdout of 'a'");
                logtrouble_lost(t, -ENOSPC, 7);
                logtrouble_close(t);
        }
        assert_string_equal(text_string(&f->told), BEGINS);
        assert_int_equal(logtrouble_bytes_lost(logtroubles_find(f->table, "/log")), 7000);
        text_truncate(&f->told, 0);
        t = logtrouble_open(f->table, "/log", "the stdout of 'a'");
        logtrouble_written(t);
        assert_string_equal(text_string(&f->told), ENDS("7000"));
        logtrouble_close(t);
}

static void what_never_was_in_trouble_is_forgotten_and_of_the_rest_the_oldest(void **state)
{
        struct fixture *f = *state;

        logtrouble_close(logtrouble_open(f->table, "/fine", NULL));
        assert_null(logtroubles_find(f->table, "/fine"));
        for (int i = 0; i < LOGTROUBLES_CLOSED_MAX + 10; i++) {
                CLEANUP(mem_free) char *path = mem_format("/log%d", i);
                struct logtrouble *t = logtrouble_open(f->table, path, NULL);

                logtrouble_lost(t, -EIO, 1);
                logtrouble_close(t);
        }
        assert_null(logtroubles_find(f->table, "/log9"));
        assert_non_null(logtroubles_find(f->table, "/log10"));
        assert_true(text_starts(text_string(&f->told),
                "WARN cannot write to log file '/log0': Input/output error; "));
}

static void two_files_of_one_name_share_their_trouble(void **state)
{
        struct fixture *f = *state;
        struct logtrouble *a = logtrouble_open(f->table, "journal", NULL);
        struct logtrouble *b = logtrouble_open(f->table, "journal", NULL);

        logtrouble_lost(a, -EPIPE, 1);
        logtrouble_close(a);
        assert_int_equal(logtrouble_bytes_lost(b), 1);
        logtrouble_lost(b, -EPIPE, 1);
        logtrouble_close(b);
        assert_int_equal(logtrouble_bytes_lost(logtroubles_find(f->table, "journal")), 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(
                        a_trouble_is_told_once_and_its_end_with_the_bytes, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        a_second_trouble_within_a_minute_is_counted_and_not_told, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        a_trouble_goes_on_when_the_file_is_opened_again, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        what_never_was_in_trouble_is_forgotten_and_of_the_rest_the_oldest, setup,
                        teardown),
                cmocka_unit_test_setup_teardown(
                        two_files_of_one_name_share_their_trouble, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
