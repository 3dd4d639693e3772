/* Streams: writing into what may be full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "logs/stream.h"
#include "tests/unit/scratch.h"

static char data[1 << 20];

/* Fills the stream through a copy of fd and checks that fd's own flags are as they were. */
static size_t fill(int fd)
{
        int flags = fcntl(fd, F_GETFL);
        struct stream s;
        size_t total = 0;
        ssize_t n;

        assert_int_equal(stream_from_fd(fd, &s), 0);
        while ((n = stream_write(&s, data, sizeof(data))) > 0)
                total += (size_t)n;
        assert_int_equal(n, -EAGAIN);
        assert_int_equal(fcntl(fd, F_GETFL), flags);
        stream_close(&s);
        return total;
}

static void a_full_pipe_is_not_waited_for(void **state)
{
        int fds[2];

        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        assert_int_equal(fill(fds[1]), 65536);
        (void)close(fds[0]);
        (void)close(fds[1]);
}

static void a_full_socket_is_not_waited_for(void **state)
{
        int fds[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        assert_true(fill(fds[0]) > 10000);
        (void)close(fds[0]);
        (void)close(fds[1]);
}

static void a_stopped_terminal_is_not_waited_for(void **state)
{
        int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), terminal;

        if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) {
                print_message("skipped: no pseudo-terminals here\n");
                return;
        }
        terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
        assert_true(terminal >= 0);
        assert_true(fill(terminal) > 100);
        (void)close(terminal);
        (void)close(master);
}

static void a_pipe_that_cannot_be_opened_anew_is_asked_first(void **state)
{
        struct stream s = { .way = STREAM_POLLED };
        size_t total = 0;
        int fds[2];
        ssize_t n;

        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        s.fd = fds[1];
        while ((n = stream_write(&s, data, sizeof(data))) > 0)
                total += (size_t)n;
        assert_int_equal(n, -EAGAIN);
        assert_int_equal(total, 65536);
        (void)close(fds[0]);
        assert_int_equal(stream_write(&s, data, 1), -EPIPE);
        stream_close(&s);
        assert_int_equal(s.fd, -1);
        assert_int_equal(stream_write(&s, data, 1), -EBADF);
}

static void a_broken_stream_says_so(void **state)
{
        struct stream s;
        int fds[2];

        (void)signal(SIGPIPE, SIG_IGN);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        assert_int_equal(stream_adopt(fds[0], &s), 0);
        (void)close(fds[1]);
        assert_int_equal(stream_write(&s, data, 1), -EPIPE);
        stream_close(&s);
        assert_int_equal(stream_adopt(-1, &s), -EBADF);
        assert_int_equal(stream_from_fd(-1, &s), -EBADF);
}

static void paths_that_stand_for_descriptors_are_known(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *link = scratch_path(dir, "link"), *second = scratch_path(dir, "second");
        const char *loop = scratch_path(dir, "loop");

        assert_int_equal(stream_path_fd("/dev/stdout"), 1);
        assert_int_equal(stream_path_fd("/dev/stderr"), 2);
        assert_int_equal(stream_path_fd("/dev/fd/7"), 7);
        assert_int_equal(stream_path_fd("/proc/self/fd/12"), 12);
        assert_int_equal(stream_path_fd("/dev/fd/x"), -1);
        assert_int_equal(stream_path_fd("/dev/fd/-1"), -1);
        assert_int_equal(stream_path_fd("/dev/null"), -1);
        assert_int_equal(stream_path_fd("relative"), -1);
        assert_int_equal(stream_path_fd("/dev/shm/log"), -1);
        assert_int_equal(symlink("/dev/stdout", link), 0);
        assert_int_equal(symlink("link", second), 0);
        assert_int_equal(symlink("loop", loop), 0);
        assert_int_equal(stream_path_fd(link), 1);
        assert_int_equal(stream_path_fd(second), 1);
        assert_int_equal(stream_path_fd(loop), -1);
        assert_int_equal(stream_path_fd(dir), -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_full_pipe_is_not_waited_for),
                cmocka_unit_test(a_full_socket_is_not_waited_for),
                cmocka_unit_test(a_stopped_terminal_is_not_waited_for),
                cmocka_unit_test(a_pipe_that_cannot_be_opened_anew_is_asked_first),
                cmocka_unit_test(a_broken_stream_says_so),
                cmocka_unit_test(paths_that_stand_for_descriptors_are_known),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
