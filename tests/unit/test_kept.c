/* Kept descriptors: what was handed over is sorted out, and found again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/kept.h"
#include "daemon/sockets.h"

enum { HANDED = 5 };

static uint64_t inode_of(int fd)
{
        struct stat st;

        return fstat(fd, &st) == 0 ? (uint64_t)st.st_ino : 0;
}

/* Pipes under the first numbers, with their names; the inodes of them. */
static void hand_over(const char *names, const char *pid, uint64_t inodes[static HANDED])
{
        char own[16];

        (void)snprintf(own, sizeof(own), "%d", getpid());
        assert_int_equal(setenv("LISTEN_PID", pid ? pid : own, 1), 0);
        assert_int_equal(setenv("LISTEN_FDS", "5", 1), 0);
        assert_int_equal(setenv("LISTEN_FDNAMES", names, 1), 0);
        for (int i = 0; i < HANDED; i++) {
                int ends[2], high;

                assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
                high = fcntl(ends[0], F_DUPFD_CLOEXEC, 100);
                assert_true(high >= 0);
                (void)close(ends[0]);
                (void)close(ends[1]);
                inodes[i] = inode_of(high);
                assert_int_equal(
                        dup3(high, SOCKETS_HANDED_FIRST + i, O_CLOEXEC), SOCKETS_HANDED_FIRST + i);
                (void)close(high);
        }
}

static void put_away(void)
{
        for (int i = 0; i < HANDED; i++)
                (void)close(SOCKETS_HANDED_FIRST + i);
}

static void those_of_others_are_left_alone_under_the_lowest_numbers(void **state)
{
        struct daemon d = {};
        uint64_t inodes[HANDED];
        struct kept *kept;
        int fd;

        hand_over("reeve-run-7-x:web.socket:reeve-run-7-x:reeve-http-y:reeve-run-9", NULL, inodes);
        kept = kept_open();
        assert_string_equal(getenv("LISTEN_FDS"), "2");
        assert_string_equal(getenv("LISTEN_FDNAMES"), "web.socket:reeve-http-y");
        assert_int_equal(inode_of(SOCKETS_HANDED_FIRST), inodes[1]);
        assert_int_equal(inode_of(SOCKETS_HANDED_FIRST + 1), inodes[3]);
        assert_int_equal(kept_take_pipe(kept, 9, inodes[0]), -1); /* that is another run's */
        assert_int_equal(kept_take_pipe(kept, 7, 0), -1);
        fd = kept_take_pipe(kept, 7, inodes[0]);
        assert_int_equal(inode_of(fd), inodes[0]);
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        assert_int_equal(kept_take_pipe(kept, 7, inodes[0]), -1); /* it was taken */
        (void)close(fd);
        fd = kept_take_pipe(kept, 9, inodes[4]);
        assert_int_equal(inode_of(fd), inodes[4]);
        (void)close(fd);
        assert_null(kept_close(kept, &d));
        for (int i = 2; i < HANDED; i++)
                assert_int_equal(fcntl(SOCKETS_HANDED_FIRST + i, F_GETFD), -1);
        put_away();
}

static void without_any_of_ours_nothing_changes(void **state)
{
        struct daemon d = {};
        uint64_t inodes[HANDED];
        struct kept *kept;

        hand_over("a:b:c:d:e", NULL, inodes);
        kept = kept_open();
        assert_string_equal(getenv("LISTEN_FDS"), "5");
        assert_string_equal(getenv("LISTEN_FDNAMES"), "a:b:c:d:e");
        assert_null(kept_close(kept, &d));
        for (int i = 0; i < HANDED; i++)
                assert_int_equal(inode_of(SOCKETS_HANDED_FIRST + i), inodes[i]);
        put_away();
}

static void what_is_meant_for_another_process_is_none_of_ours(void **state)
{
        struct daemon d = {};
        uint64_t inodes[HANDED];
        struct kept *kept;

        hand_over("reeve-run-7-x:reeve-run-7-x:c:d:e", "1", inodes);
        kept = kept_open();
        assert_string_equal(getenv("LISTEN_FDS"), "5");
        assert_int_equal(kept_take_pipe(kept, 7, inodes[0]), -1);
        assert_null(kept_close(kept, &d));
        assert_int_equal(inode_of(SOCKETS_HANDED_FIRST), inodes[0]);
        put_away();
}

static void fewer_names_than_descriptors_do_no_harm(void **state)
{
        struct daemon d = {};
        uint64_t inodes[HANDED];
        struct kept *kept;
        int fd;

        hand_over("a:reeve-run-7", NULL, inodes);
        kept = kept_open();
        assert_string_equal(getenv("LISTEN_FDS"), "4");
        assert_string_equal(getenv("LISTEN_FDNAMES"), "a");
        fd = kept_take_pipe(kept, 7, inodes[1]);
        assert_int_equal(inode_of(fd), inodes[1]);
        (void)close(fd);
        assert_null(kept_close(kept, &d));
        put_away();
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(those_of_others_are_left_alone_under_the_lowest_numbers),
                cmocka_unit_test(without_any_of_ours_nothing_changes),
                cmocka_unit_test(what_is_meant_for_another_process_is_none_of_ours),
                cmocka_unit_test(fewer_names_than_descriptors_do_no_harm),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
