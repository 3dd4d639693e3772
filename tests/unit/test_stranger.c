/* Strangers: processes that are known by pid and birth, and how they ended. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "daemon/stranger.h"

/* A child that exits with the code as soon as the pipe's other end is closed. */
static pid_t start(int code, struct stranger_birth *birth, int *ret_end)
{
        int ends[2];
        char c;
        pid_t pid;

        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        birth->since = stranger_now();
        pid = fork();
        if (pid == 0) {
                (void)close(ends[1]);
                (void)!read(ends[0], &c, 1);
                _exit(code);
        }
        birth->until = stranger_now();
        (void)close(ends[0]);
        *ret_end = ends[1];
        return pid;
}

static void wait_zombie(int pidfd)
{
        struct pollfd fd = { .fd = pidfd, .events = POLLIN };

        assert_int_equal(poll(&fd, 1, 10000), 1);
}

static void one_that_lives_is_known_by_its_birth(void **state)
{
        struct stranger_birth birth;
        int end, status, pidfd;
        pid_t pid = start(0, &birth, &end);
        struct stranger_birth earlier = { birth.since - 1000000000, birth.until - 1000000000 };

        assert_int_equal(stranger_look(pid, &birth, &status), STRANGER_LIVES);
        assert_int_equal(stranger_look(pid, &earlier, &status), STRANGER_GONE);
        assert_int_equal(stranger_open(pid, &earlier), -ESRCH);
        pidfd = stranger_open(pid, &birth);
        assert_true(pidfd >= 0);
        (void)close(end);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(stranger_look(pid, &birth, &status), STRANGER_GONE);
        assert_int_equal(stranger_open(pid, &birth), -ESRCH);
        (void)close(pidfd);
}

static void the_status_of_one_that_is_not_reaped_is_known(void **state)
{
        struct stranger_birth birth;
        int end, status, pidfd;
        pid_t pid = start(42, &birth, &end);

        pidfd = stranger_open(pid, &birth);
        assert_false(stranger_status(pidfd, pid, &birth, &status));
        (void)close(end);
        wait_zombie(pidfd);
        assert_int_equal(stranger_look(pid, &birth, &status), STRANGER_ENDED);
        assert_int_equal(WEXITSTATUS(status), 42);
        status = -1;
        assert_true(stranger_status(pidfd, pid, &birth, &status));
        assert_int_equal(status, 42 << 8);
        assert_true(stranger_status(-1, pid, &birth, &status));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        (void)close(pidfd);
}

static void the_status_of_one_that_was_reaped_is_the_kernels_to_tell_or_unknown(void **state)
{
        struct stranger_birth birth;
        int end, status, told = -1;
        pid_t pid = start(0, &birth, &end);
        int pidfd = stranger_open(pid, &birth);

        assert_int_equal(kill(pid, SIGUSR2), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (stranger_status(pidfd, pid, &birth, &told))
                assert_int_equal(told, status);
        assert_false(stranger_status(-1, pid, &birth, &told));
        (void)close(pidfd);
        (void)close(end);
}

static void another_end_of_its_pipe_is_got_from_itself(void **state)
{
        struct stat st;
        int ends[2], again;
        char c = 0;

        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        assert_int_equal(fstat(ends[0], &st), 0);
        assert_int_equal(write(ends[1], "x", 1), 1);
        assert_true(stranger_pipe(getpid(), ends[1], st.st_ino + 1, O_RDONLY) < 0);
        again = stranger_pipe(getpid(), ends[1], st.st_ino, O_RDONLY);
        assert_true(again >= 0);
        (void)close(ends[0]); /* what was in it is still there */
        assert_int_equal(read(again, &c, 1), 1);
        assert_int_equal(c, 'x');
        assert_true(stranger_pipe(getpid(), 99999, st.st_ino, O_RDONLY) < 0);
        (void)close(again);
        (void)close(ends[1]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_that_lives_is_known_by_its_birth),
                cmocka_unit_test(the_status_of_one_that_is_not_reaped_is_known),
                cmocka_unit_test(
                        the_status_of_one_that_was_reaped_is_the_kernels_to_tell_or_unknown),
                cmocka_unit_test(another_end_of_its_pipe_is_got_from_itself),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
