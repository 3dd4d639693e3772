/* The proc connector of this machine.  Skipped where it gives nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "netlink/procs.h"

enum { SKIPPED = 77, WAIT_MSEC = 3000 };

static struct procs *open_procs(void)
{
        struct procs *procs = NULL;
        struct err err = {};

        if (procs_open(&procs, &err) < 0)
                fail_msg("%s", err.text);
        return procs;
}

struct follow {
        struct lineage *lineage;
        struct lineage_exit gone[16];
        unsigned count;
        unsigned events;
};

static void follow_event(void *context, const struct procs_event *event)
{
        struct follow *follow = context;
        struct procs_event copy = *event;

        follow->events++;
        if (copy.type == PROCS_EXEC && lineage_has(follow->lineage, copy.pid))
                (void)procs_name(&copy);
        if (follow->count < ELEMENTS(follow->gone) &&
                lineage_feed(follow->lineage, &copy, &follow->gone[follow->count]))
                follow->count++;
}

static void follow_until(struct procs *procs, struct follow *follow, unsigned count)
{
        struct pollfd p = { .fd = procs_fd(procs), .events = POLLIN };

        while (follow->count < count) {
                assert_int_equal(poll(&p, 1, WAIT_MSEC), 1);
                (void)procs_read(procs, 1000, follow_event, follow);
        }
}

static void a_grandchild_is_followed_to_its_end(void **state)
{
        CLEANUP(procs_close) struct procs *procs = open_procs();
        CLEANUP(lineage_free) struct lineage *lineage = lineage_new(100);
        struct follow follow = { .lineage = lineage };
        pid_t pid;

        print_message("%s\n", procs_describe(procs));
        pid = fork();
        if (pid == 0) {
                if (fork() == 0) {
                        (void)setsid();
                        if (fork() == 0) {
                                (void)prctl(PR_SET_NAME, "grandchild");
                                _exit(3);
                        }
                        (void)wait(NULL);
                        _exit(4);
                }
                (void)wait(NULL);
                _exit(5);
        }
        lineage_add(lineage, pid, 42);
        follow_until(procs, &follow, 3);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        assert_int_equal(WEXITSTATUS(follow.gone[0].status), 3);
        assert_string_equal(follow.gone[0].comm, "grandchild");
        assert_false(follow.gone[0].is_root);
        assert_int_equal(WEXITSTATUS(follow.gone[1].status), 4);
        assert_int_equal(WEXITSTATUS(follow.gone[2].status), 5);
        assert_true(follow.gone[2].is_root);
        assert_int_equal(follow.gone[2].pid, pid);
        assert_int_equal(follow.gone[2].owner, 42);
}

static void a_name_after_an_exec_is_looked_up(void **state)
{
        CLEANUP(procs_close) struct procs *procs = open_procs();
        CLEANUP(lineage_free) struct lineage *lineage = lineage_new(100);
        struct follow follow = { .lineage = lineage };
        int in[2], out[2];
        char c = 'x';
        pid_t pid;

        assert_int_equal(pipe(in), 0);
        assert_int_equal(pipe(out), 0);
        pid = fork();
        if (pid == 0) {
                (void)dup2(in[0], 0);
                (void)dup2(out[1], 1);
                (void)close(in[1]);
                (void)execl("/bin/cat", "cat", (char *)NULL);
                _exit(127);
        }
        lineage_add(lineage, pid, 42);
        /* When it answers its exec is behind us, and the word of it with what waits now. */
        assert_int_equal(write(in[1], &c, 1), 1);
        assert_int_equal(read(out[0], &c, 1), 1);
        (void)procs_read(procs, 1000, follow_event, &follow);
        for (size_t i = 0; i < 2; i++) {
                (void)close(in[i]);
                (void)close(out[i]);
        }
        follow_until(procs, &follow, 1);
        assert_string_equal(follow.gone[0].comm, "cat");
        assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void ignore_event(void *context, const struct procs_event *event)
{
        unsigned *count = context;

        ++*count;
}

static void nothing_is_read_where_nothing_waits_and_no_more_than_asked_for(void **state)
{
        CLEANUP(procs_close) struct procs *procs = open_procs();
        unsigned count = 0;
        int r;

        for (int i = 0; i < 5; i++) {
                pid_t pid = fork();

                if (pid == 0)
                        _exit(0);
                assert_int_equal(waitpid(pid, NULL, 0), pid);
        }
        assert_int_equal(procs_read(procs, 3, ignore_event, &count), 3);
        assert_int_equal(count, 3);
        do
                r = procs_read(procs, 1000, ignore_event, &count);
        while (r > 0);
        assert_int_equal(r, 0);
        assert_true(count >= 10);
}

static void an_overrun_is_told_once_and_reading_goes_on(void **state)
{
        CLEANUP(procs_close) struct procs *procs = open_procs();
        unsigned count = 0, told = 0;
        int r, size = 4096;

        assert_int_equal(
                setsockopt(procs_fd(procs), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
        for (int i = 0; i < 50; i++) {
                pid_t pid = fork();

                if (pid == 0)
                        _exit(0);
                assert_int_equal(waitpid(pid, NULL, 0), pid);
        }
        do {
                r = procs_read(procs, 1000, ignore_event, &count);
                if (r == -ENOBUFS)
                        told++;
        } while (r != 0);
        assert_true(told >= 1);
        assert_true(count >= 1);
}

static void a_second_listener_hears_too_and_the_first_goes_on_after_it(void **state)
{
        CLEANUP(procs_close) struct procs *one = open_procs();
        CLEANUP(procs_close) struct procs *two = open_procs();
        CLEANUP(lineage_free) struct lineage *lineage = lineage_new(100);
        struct follow follow = { .lineage = lineage };
        pid_t pid;

        two = procs_close(two);
        pid = fork();
        if (pid == 0)
                _exit(6);
        lineage_add(lineage, pid, 1);
        follow_until(one, &follow, 1);
        assert_int_equal(WEXITSTATUS(follow.gone[0].status), 6);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_grandchild_is_followed_to_its_end),
                cmocka_unit_test(a_name_after_an_exec_is_looked_up),
                cmocka_unit_test(nothing_is_read_where_nothing_waits_and_no_more_than_asked_for),
                cmocka_unit_test(an_overrun_is_told_once_and_reading_goes_on),
                cmocka_unit_test(a_second_listener_hears_too_and_the_first_goes_on_after_it),
        };
        struct procs *procs = NULL;
        struct err err = {};

        if (procs_open(&procs, &err) < 0) {
                printf("skipped: %s\n", err.text);
                return SKIPPED;
        }
        (void)procs_close(procs);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
