/* The state file: what one process leaves in it, another one finds. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <errno.h>

#include "daemon/statefile.h"
#include "tests/unit/scratch.h"

static struct statefile *open_it(const char *path)
{
        struct statefile *file = NULL;
        struct err err = {};

        if (statefile_open(path, geteuid(), &file, &err) < 0)
                fail_msg("%s", err.text);
        return file;
}

static void expect_next(struct statefile *file, char type, const char *data)
{
        struct statefile_record record;

        assert_true(statefile_next(file, &record));
        assert_int_equal(record.type, type);
        assert_int_equal(record.length, strlen(data));
        assert_memory_equal(record.data, data, record.length);
}

static void expect_end(struct statefile *file)
{
        struct statefile_record record;

        assert_false(statefile_next(file, &record));
}

static void renew(struct statefile *file, const char *snapshot)
{
        const struct statefile_record records[] = { { STATEFILE_TIME, "12", 2 },
                { STATEFILE_SNAPSHOT, snapshot, strlen(snapshot) } };

        assert_int_equal(statefile_renew(file, records, 2), 0);
}

static void append(struct statefile *file, char type, const char *data)
{
        assert_int_equal(statefile_append(file, type, data, strlen(data)), 0);
}

static void records_are_found_again_in_their_order(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "state");
        CLEANUP(statefile_close) struct statefile *file = open_it(path);

        expect_end(file);
        renew(file, "all\nof it");
        append(file, STATEFILE_EVENT, "[event]\n");
        append(file, STATEFILE_STEP, "");
        assert_int_equal(statefile_appended(file), strlen("E 8\n[event]\n\n") + strlen("T 0\n\n"));
        file = statefile_close(file);
        file = open_it(path);
        for (int i = 0; i < 2; i++) {
                expect_next(file, STATEFILE_TIME, "12");
                expect_next(file, STATEFILE_SNAPSHOT, "all\nof it");
                expect_next(file, STATEFILE_EVENT, "[event]\n");
                expect_next(file, STATEFILE_STEP, "");
                expect_end(file);
                statefile_rewind(file);
        }
}

static void a_new_snapshot_takes_the_place_of_everything(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "state");
        CLEANUP(statefile_close) struct statefile *file = open_it(path);

        renew(file, "old");
        append(file, STATEFILE_EVENT, "e");
        renew(file, "new");
        assert_int_equal(statefile_appended(file), 0);
        file = statefile_close(file);
        file = open_it(path);
        expect_next(file, STATEFILE_TIME, "12");
        expect_next(file, STATEFILE_SNAPSHOT, "new");
        expect_end(file);
}

static void a_record_that_was_cut_off_is_none(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "state");
        CLEANUP(statefile_close) struct statefile *file = open_it(path);
        size_t length;
        CLEANUP(mem_free) char *data = NULL;

        renew(file, "s");
        append(file, STATEFILE_EVENT, "0123456789");
        file = statefile_close(file);
        data = scratch_read(path, &length);
        for (size_t cut = 1; cut <= strlen("E 10\n0123456789\n"); cut++) {
                assert_int_equal(truncate(path, (off_t)(length - cut)), 0);
                file = open_it(path);
                expect_next(file, STATEFILE_TIME, "12");
                expect_next(file, STATEFILE_SNAPSHOT, "s");
                expect_end(file);
                file = statefile_close(file);
        }
}

static void two_processes_never_have_it(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "state");
        CLEANUP(statefile_close) struct statefile *file = open_it(path);
        struct statefile *other = NULL;
        struct err err = {};

        renew(file, "s"); /* another file by now, and locked all the same */
        assert_int_equal(statefile_open(path, geteuid(), &other, &err), -EBUSY);
        assert_non_null(strstr(err.text, "alive"));
}

static void what_others_may_read_is_refused(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "state");
        struct statefile *file = NULL;
        struct err err = {};

        scratch_write(path, ""); /* 0644 */
        assert_int_equal(statefile_open(path, geteuid(), &file, &err), -EPERM);
        assert_int_equal(symlink("/etc/passwd", scratch_path(dir, "link")), 0);
        assert_int_equal(statefile_open(scratch_path(dir, "link"), geteuid(), &file, &err), -ELOOP);
}

/* Whose the directory is may give any file another name there, where the kernel lets him. */
static void a_second_name_of_a_file_gives_nobody_the_first(void **state)
{
        enum { SOMEBODY = 65534 };
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "precious");
        struct statefile *file = NULL;
        struct err err = {};
        struct stat st;

        if (geteuid() != 0) /* only root can give a file away */
                skip();
        scratch_write(path, "");
        assert_int_equal(chmod(path, 0600), 0);
        assert_int_equal(link(path, scratch_path(dir, "state")), 0);
        assert_int_equal(statefile_open(scratch_path(dir, "state"), SOMEBODY, &file, &err), -EPERM);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_uid, 0);
}

static void a_file_of_another_boot_is_empty(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "state");
        CLEANUP(statefile_close) struct statefile *file = open_it(path);
        int fd;

        renew(file, "s");
        statefile_birth(file)->process = 7;
        file = statefile_close(file);
        fd = open(path, O_WRONLY);
        assert_int_equal(pwrite(fd, "0", 1, 20), 1); /* in the boot's id */
        (void)close(fd);
        file = open_it(path);
        expect_end(file);
        assert_int_equal(statefile_last_birth(file)->process, 0);
}

static void attempts_are_counted_until_there_is_a_new_snapshot(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "state");
        CLEANUP(statefile_close) struct statefile *file = open_it(path);

        renew(file, "s");
        for (unsigned i = 1; i <= 3; i++) {
                file = statefile_close(file);
                file = open_it(path);
                assert_int_equal(statefile_count_attempt(file), i);
        }
        renew(file, "t");
        file = statefile_close(file);
        file = open_it(path);
        assert_int_equal(statefile_count_attempt(file), 1);
}

static void the_birth_that_is_under_way_outlives_who_makes_it(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "state");
        CLEANUP(statefile_close) struct statefile *file = NULL;
        pid_t pid = fork();
        int status;

        if (pid == 0) {
                file = open_it(path);
                renew(file, "s");
                statefile_birth(file)->process = 3;
                statefile_birth(file)->since = 5;
                statefile_birth(file)->pid = 4711;
                (void)raise(SIGKILL);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        file = open_it(path);
        assert_int_equal(statefile_last_birth(file)->process, 3);
        assert_int_equal(statefile_last_birth(file)->since, 5);
        assert_int_equal(statefile_last_birth(file)->pid, 4711);
        expect_next(file, STATEFILE_TIME, "12");
}

/* As the relay to the journal and the keeper of the scope do. */
static void expect_free_beside_a_fork(struct statefile *file, const char *path)
{
        struct statefile *again = NULL;
        struct err err = {};
        int ends[2];
        pid_t child;
        char byte;

        assert_int_equal(pipe(ends), 0);
        child = fork();
        if (child == 0) {
                for (int fd = 0; fd < 100; fd++)
                        if (fd != ends[1])
                                (void)close(fd);
                if (write(ends[1], "", 1) == 1)
                        (void)pause();
                _exit(0);
        }
        assert_int_equal(read(ends[0], &byte, 1), 1);
        statefile_close(file);
        (void)!statefile_open(path, geteuid(), &again, &err); /* it says why not */
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        assert_string_equal(err.text, "");
        statefile_close(again);
        (void)close(ends[0]);
        (void)close(ends[1]);
}

static void what_was_forked_and_has_no_descriptor_does_not_hold_it(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "state");
        struct statefile *file;

        expect_free_beside_a_fork(open_it(path), path);
        file = open_it(path);
        renew(file, "all of it");
        expect_free_beside_a_fork(file, path);
}

static void the_daemon_that_goes_on_in_a_fork_has_it_as_before(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "state");
        struct statefile *file = open_it(path);
        pid_t child;
        int status;

        statefile_take_along(file, true);
        child = fork();
        if (child == 0) {
                statefile_take_along(file, false);
                statefile_birth(file)->process = 3;
                statefile_birth(file)->pid = 4711;
                _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(statefile_birth(file)->pid, 4711);
        statefile_take_along(file, false);
        expect_free_beside_a_fork(file, path);
}

static void add(struct statefile *file, char type, const char *data)
{
        assert_int_equal(
                statefile_renewal_add(file, &(struct statefile_record){ type, data, strlen(data) }),
                0);
}

static void append_number(struct statefile *file, unsigned number)
{
        char text[16];

        (void)snprintf(text, sizeof(text), "%u", number);
        append(file, STATEFILE_EVENT, text);
}

static void what_is_appended_to_the_old_file_follows_into_the_new_one(void **state)
{
        enum { BEFORE = 3, MEANWHILE = 20000 };
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "state");
        CLEANUP(statefile_close) struct statefile *file = open_it(path);
        unsigned number = 0, slices = 1;
        char text[16];

        renew(file, "old");
        while (number < BEFORE)
                append_number(file, number++);
        assert_int_equal(statefile_renewal_begin(file), 0);
        add(file, STATEFILE_TIME, "34");
        while (number < BEFORE + MEANWHILE)
                append_number(file, number++);
        assert_int_equal(statefile_renewal_end(file), -EAGAIN);
        for (; statefile_renewal_follow(file) == 1; slices++)
                append_number(file, number++); /* nothing waits for it */
        assert_true(slices > 5);
        assert_int_equal(statefile_renewal_follow(file), 0);
        assert_int_equal(statefile_renewal_end(file), 0);
        assert_int_equal(statefile_renewal_fd(file), -1);
        append_number(file, number++);
        assert_int_equal(statefile_renewed(file), 4096 + strlen("N 2\n34\n"));
        file = statefile_close(file);
        file = open_it(path);
        expect_next(file, STATEFILE_TIME, "34");
        for (unsigned i = BEFORE; i < number; i++) {
                (void)snprintf(text, sizeof(text), "%u", i);
                expect_next(file, STATEFILE_EVENT, text);
        }
        expect_end(file);
}

static void a_fork_writes_the_new_file_while_the_old_one_goes_on(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "state");
        CLEANUP(statefile_close) struct statefile *file = open_it(path);
        pid_t pid;
        int status;

        renew(file, "old");
        assert_int_equal(statefile_renewal_begin(file), 0);
        pid = fork();
        if (pid == 0) {
                add(file, STATEFILE_TIME, "34");
                add(file, STATEFILE_SNAPSHOT, "new");
                _exit(0);
        }
        append(file, STATEFILE_EVENT, "e");
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        while (statefile_renewal_follow(file) == 1)
                ;
        assert_int_equal(statefile_renewal_end(file), 0);
        file = statefile_close(file);
        file = open_it(path);
        expect_next(file, STATEFILE_TIME, "34");
        expect_next(file, STATEFILE_SNAPSHOT, "new");
        expect_next(file, STATEFILE_EVENT, "e");
        expect_end(file);
}

static void a_new_file_that_is_abandoned_leaves_nothing(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "state");
        CLEANUP(statefile_close) struct statefile *file = open_it(path);

        renew(file, "old");
        assert_int_equal(statefile_renewal_begin(file), 0);
        add(file, STATEFILE_TIME, "34");
        assert_int_equal(access(scratch_path(dir, "state.new"), F_OK), 0);
        statefile_renewal_abandon(file);
        statefile_renewal_abandon(file);
        assert_int_equal(access(scratch_path(dir, "state.new"), F_OK), -1);
        append(file, STATEFILE_EVENT, "e");
        file = statefile_close(file);
        file = open_it(path);
        expect_next(file, STATEFILE_TIME, "12");
        expect_next(file, STATEFILE_SNAPSHOT, "old");
        expect_next(file, STATEFILE_EVENT, "e");
        expect_end(file);
}

/*
 * The end at any point.  A process is what its system calls are, as far as others can tell: so it
 * is killed before each one of them, and behind it, in turn.
 */

enum { LIFE_EVENTS = 4, LIFE_EVENT_SIZE = 9000 }; /* in each part of it; two in a slice */

static void append_large(struct statefile *file, volatile unsigned *appended)
{
        char text[LIFE_EVENT_SIZE];

        memset(text, ' ', sizeof(text));
        (void)snprintf(text, sizeof(text), "%u", *appended);
        if (statefile_append(file, STATEFILE_EVENT, text, sizeof(text)) < 0)
                _exit(1);
        (*appended)++;
}

/* The new file tells of the first part of it by its snapshot, the old one by each event. */
static void live(const char *path, volatile unsigned *appended)
{
        struct statefile *file = open_it(path);

        for (int i = 0; i < LIFE_EVENTS; i++)
                append_large(file, appended);
        if (statefile_renewal_begin(file) < 0)
                _exit(1);
        add(file, STATEFILE_TIME, "new");
        for (int i = 0; i < LIFE_EVENTS; i++) {
                append_large(file, appended);
                add(file, STATEFILE_BIRTH, "of one that runs");
        }
        while (statefile_renewal_follow(file) == 1)
                if (*appended < 3 * LIFE_EVENTS)
                        append_large(file, appended);
        if (statefile_renewal_end(file) < 0)
                _exit(1);
        append_large(file, appended);
        _exit(0);
}

/* Until so many of its system calls have begun or ended; false: it has not so many. */
static bool live_until(const char *path, volatile unsigned *appended, unsigned stops)
{
        pid_t pid = fork();
        int status;

        if (pid == 0) {
                if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
                        _exit(2);
                (void)raise(SIGSTOP);
                live(path, appended);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        for (; stops > 0 && WIFSTOPPED(status); stops--) {
                assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
                assert_int_equal(waitpid(pid, &status, 0), pid);
        }
        if (WIFEXITED(status)) {
                assert_int_equal(WEXITSTATUS(status), 0);
                return false;
        }
        (void)kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        return true;
}

/* Either file tells of all that has been appended, and perhaps of what was just being; whether it
 * is the new one. */
static bool expect_all(const char *path, unsigned appended)
{
        CLEANUP(statefile_close) struct statefile *file = open_it(path);
        struct statefile_record record;
        unsigned number = 0;
        bool is_new = false;

        while (statefile_next(file, &record)) {
                CLEANUP(mem_free) char *text = mem_strndup(record.data, record.length);

                if (record.type == STATEFILE_TIME) {
                        is_new = strcmp(text, "new") == 0;
                        number = is_new ? LIFE_EVENTS : 0;
                } else if (record.type == STATEFILE_EVENT) {
                        assert_int_equal(strtoul(text, NULL, 10), number);
                        number++;
                }
        }
        assert_in_range(number, appended, appended + 1);
        return is_new;
}

static void who_is_killed_at_any_point_has_left_all_that_has_happened(void **state)
{
        volatile unsigned *appended =
                mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        unsigned stops = 0, with_new = 0;
        bool goes_on = true;

        assert_ptr_not_equal(appended, MAP_FAILED);
        for (; goes_on; stops++) {
                CLEANUP(scratch_free) char *dir = scratch_new();
                const char *path = scratch_path(dir, "state");
                CLEANUP(statefile_close) struct statefile *file = open_it(path);

                renew(file, "old");
                file = statefile_close(file);
                *appended = 0;
                goes_on = live_until(path, appended, stops);
                with_new += expect_all(path, *appended);
        }
        assert_true(stops > 60 && with_new > 2 && with_new < stops / 2);
        (void)munmap((void *)appended, 4096);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(records_are_found_again_in_their_order),
                cmocka_unit_test(a_new_snapshot_takes_the_place_of_everything),
                cmocka_unit_test(a_record_that_was_cut_off_is_none),
                cmocka_unit_test(two_processes_never_have_it),
                cmocka_unit_test(what_was_forked_and_has_no_descriptor_does_not_hold_it),
                cmocka_unit_test(the_daemon_that_goes_on_in_a_fork_has_it_as_before),
                cmocka_unit_test(what_others_may_read_is_refused),
                cmocka_unit_test(a_second_name_of_a_file_gives_nobody_the_first),
                cmocka_unit_test(a_file_of_another_boot_is_empty),
                cmocka_unit_test(attempts_are_counted_until_there_is_a_new_snapshot),
                cmocka_unit_test(the_birth_that_is_under_way_outlives_who_makes_it),
                cmocka_unit_test(what_is_appended_to_the_old_file_follows_into_the_new_one),
                cmocka_unit_test(a_fork_writes_the_new_file_while_the_old_one_goes_on),
                cmocka_unit_test(a_new_file_that_is_abandoned_leaves_nothing),
                cmocka_unit_test(who_is_killed_at_any_point_has_left_all_that_has_happened),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
