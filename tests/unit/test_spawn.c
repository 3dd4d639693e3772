/* Starting a process: what may come between the clone and the exec. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/spawn.h"

extern char **environ;

/* A pipe that is full: whoever writes into it waits until it is emptied. */
static void fill(int ends[static 2])
{
        static const char bytes[4096];

        assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
        while (write(ends[1], bytes, sizeof(bytes)) > 0)
                ;
        while (write(ends[1], bytes, 1) > 0)
                ;
        assert_int_equal(errno, EAGAIN);
        assert_int_equal(fcntl(ends[1], F_SETFL, 0), 0);
}

static void empty(int fd)
{
        char bytes[4096];

        while (read(fd, bytes, sizeof(bytes)) > 0)
                ;
}

/* /bin/true, which waits before it is anything else, as if it had to write to its cgroup. */
static pid_t start_waiting(struct spawner *spawner, int ends[static 2])
{
        struct spawn_request request = {
                .path = "/bin/true",
                .argv = (char *[]){ (char *)"true", NULL },
                .argv0 = "true",
                .environ = environ,
                .umask = -1,
                .in = STDIN_FILENO,
                .out = STDOUT_FILENO,
                .err = STDERR_FILENO,
                .cgroup_fd = -1,
        };
        volatile pid_t told = 0;
        pid_t pid;
        int pidfd;

        fill(ends);
        request.pid = &told;
        request.cgroup_procs_fd = ends[1]; /* is taken */
        assert_int_equal(spawner_start(spawner, &request, &pid, &pidfd), 0);
        assert_int_equal(told, pid);
        (void)close(pidfd);
        return pid;
}

static void signalled_on_the_way(int number, int expected)
{
        struct spawner *spawner = spawner_new();
        int ends[2], status;
        pid_t pid;

        if (spawner_attaches(spawner)) { /* there it is waited for */
                spawner_free(spawner);
                skip();
        }
        pid = start_waiting(spawner, ends);
        assert_true(spawner_is_busy(spawner, 0));
        if (number)
                assert_int_equal(kill(pid, number), 0);
        empty(ends[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, expected);
        assert_false(spawner_is_busy(spawner, 0));
        assert_true(spawner_is_left(spawner));
        (void)close(ends[0]);
        spawner_free(spawner);
}

static void who_has_to_wait_on_its_way_is_waited_for_and_then_runs(void **state)
{
        signalled_on_the_way(0, 0);
}

static void a_signal_on_the_way_is_had_before_the_exec(void **state)
{
        signalled_on_the_way(SIGTERM, SIGTERM);
}

static void a_signal_on_the_way_dumps_no_core_of_our_memory(void **state)
{
        signalled_on_the_way(SIGQUIT, SIGKILL);
        signalled_on_the_way(SIGABRT, SIGKILL);
        signalled_on_the_way(SIGSYS, SIGKILL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(who_has_to_wait_on_its_way_is_waited_for_and_then_runs),
                cmocka_unit_test(a_signal_on_the_way_is_had_before_the_exec),
                cmocka_unit_test(a_signal_on_the_way_dumps_no_core_of_our_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
