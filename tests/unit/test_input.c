/* The writing side of a child's stdin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "daemon/input.h"

struct ends {
        int read_fd;
        struct input *input;
};

static int open_ends(void **state)
{
        static struct ends ends;
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -1;
        ends = (struct ends){ .read_fd = fds[0], .input = input_new(fds[1], 100000) };
        *state = &ends;
        return 0;
}

static int close_ends(void **state)
{
        struct ends *ends = *state;

        input_free(ends->input);
        (void)close(ends->read_fd);
        return 0;
}

static size_t swallow(int fd, char expected)
{
        static char buffer[1 << 20];
        ssize_t n = read(fd, buffer, sizeof(buffer));

        assert_true(n >= 0);
        for (ssize_t i = 0; i < n; i++)
                assert_int_equal(buffer[i], expected);
        return (size_t)n;
}

static void what_fits_is_written_at_once(void **state)
{
        struct ends *ends = *state;
        char buffer[16];

        assert_int_equal(input_write(ends->input, "hello\n", 6), 0);
        assert_false(input_wants_write(ends->input));
        assert_int_equal(read(ends->read_fd, buffer, sizeof(buffer)), 6);
        assert_memory_equal(buffer, "hello\n", 6);
}

static void what_does_not_fit_waits_and_arrives_in_order(void **state)
{
        struct ends *ends = *state;
        size_t total = 0, length = 90000;
        char *data = mem_new(length);

        memset(data, 'x', length);
        assert_int_equal(input_write(ends->input, data, length), 0);
        assert_int_equal(input_write(ends->input, data, length / 3), 0);
        assert_true(input_wants_write(ends->input));
        while (input_wants_write(ends->input)) {
                total += swallow(ends->read_fd, 'x');
                assert_int_equal(input_flush(ends->input), 0);
        }
        total += swallow(ends->read_fd, 'x');
        assert_int_equal(total, length + length / 3);
        assert_int_equal(input_queued(ends->input), 0);
        mem_free(data);
}

static void a_full_queue_takes_nothing_more(void **state)
{
        struct ends *ends = *state;
        char *data = mem_new(200000);
        size_t queued;

        assert_int_equal(input_write(ends->input, data, 200000), 0); /* the first is taken whole */
        queued = input_queued(ends->input);
        assert_int_equal(queued, 200000 - 65536);
        assert_int_equal(input_write(ends->input, "x", 1), -ENOBUFS);
        assert_int_equal(input_queued(ends->input), queued);
        swallow(ends->read_fd, 0);
        assert_int_equal(input_flush(ends->input), 0);
        queued = input_queued(ends->input);
        assert_int_equal(input_write(ends->input, data, 100000 - queued), 0);
        assert_int_equal(input_write(ends->input, "x", 1), -ENOBUFS);
        mem_free(data);
}

static void a_closed_reader_is_a_broken_pipe(void **state)
{
        struct ends *ends = *state;
        int other = dup(0);

        (void)signal(SIGPIPE, SIG_IGN);
        (void)close(ends->read_fd);
        ends->read_fd = other;
        assert_false(input_is_closed(ends->input));
        assert_int_equal(input_write(ends->input, "x", 1), -EPIPE);
        assert_true(input_is_closed(ends->input));
        assert_false(input_wants_write(ends->input));
        assert_int_equal(input_write(ends->input, "x", 1), -EPIPE);
        assert_int_equal(input_flush(ends->input), -EPIPE);
        assert_true(input_fd(ends->input) >= 0);
        input_close(ends->input);
        assert_int_equal(input_fd(ends->input), -1);
}

static void closing_is_the_end_for_the_reader(void **state)
{
        struct ends *ends = *state;
        char c;

        input_close(ends->input);
        assert_int_equal(read(ends->read_fd, &c, 1), 0);
        assert_int_equal(input_write(ends->input, "x", 1), -EPIPE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_ends, close_ends)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(what_fits_is_written_at_once),
                TEST(what_does_not_fit_waits_and_arrives_in_order),
                TEST(a_full_queue_takes_nothing_more),
                TEST(a_closed_reader_is_a_broken_pipe),
                TEST(closing_is_the_end_for_the_reader),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
