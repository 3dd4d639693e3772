/* The relay to the journal: what it makes of output, and when it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup/attribute.h"
#include "logs/relay.h"
#include "tests/unit/scratch.h"

enum { PATIENCE_MSEC = 60000 };

struct fixture {
        char *dir, *path;
        int journald;
        struct relay *relay;
        int reading, writing; /* of a pipe that it was handed */
};

static void listen_as_journald(struct fixture *f)
{
        struct sockaddr_un sun = { .sun_family = AF_UNIX };

        (void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", f->path);
        f->journald = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(f->journald, (struct sockaddr *)&sun, sizeof(sun)), 0);
}

static int setup(void **state)
{
        struct fixture *f = mem_new(sizeof(*f));
        const struct journal_field field = { "REEVE_PROCESS", "web", 3 };
        struct err err = {};
        int pipes[2];

        /* So that the end of the relay, which has left its parent, is ours to see. */
        (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
        f->dir = scratch_new();
        f->path = mem_format("%s/journal", f->dir);
        listen_as_journald(f);
        assert_int_equal(relay_start(f->path, &f->relay, &err), 0);
        assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
        f->reading = pipes[0];
        f->writing = pipes[1];
        assert_int_equal(relay_hand(f->relay, f->reading, &field, 1), 0);
        *state = f;
        return 0;
}

static int teardown(void **state)
{
        struct fixture *f = *state;

        (void)close(f->journald);
        (void)close(f->reading);
        (void)close(f->writing);
        relay_free(f->relay);
        mem_free(f->path);
        scratch_free(f->dir);
        mem_free(f);
        return 0;
}

static void ps_tells_it_from_the_daemon(void **state)
{
        struct fixture *f = *state;
        CLEANUP(mem_free) char *comm = mem_format("/proc/%d/comm", relay_pid(f->relay));
        CLEANUP(mem_free) char *line = mem_format("/proc/%d/cmdline", relay_pid(f->relay));
        char text[128] = "";

        /* It names itself when it has begun to run. */
        for (int i = 0; i < PATIENCE_MSEC && strcmp(text, RELAY_NAME "\n") != 0; i++) {
                (void)poll(NULL, 0, 1);
                assert_true(attribute_read(AT_FDCWD, comm, text, sizeof(text)) > 0);
        }
        for (int i = 0; i < PATIENCE_MSEC && strncmp(text, "reeved: ", 8) != 0; i++) {
                (void)poll(NULL, 0, 1);
                assert_true(attribute_read(AT_FDCWD, line, text, sizeof(text)) > 0);
        }
        assert_string_equal(text, "reeved: relay to the journal");
}

static void say(const struct fixture *f, const char *text, size_t length)
{
        assert_int_equal(write(f->writing, text, length), length);
}

static void expect(const struct fixture *f, const char *record, size_t length)
{
        struct pollfd wait = { .fd = f->journald, .events = POLLIN };
        char buffer[RELAY_LINE_MAX + 1000];

        assert_int_equal(poll(&wait, 1, PATIENCE_MSEC), 1);
        assert_int_equal(recv(f->journald, buffer, sizeof(buffer), 0), length);
        assert_memory_equal(buffer, record, length);
}

#define EXPECT(f, text) expect(f, text, sizeof(text) - 1)

static void each_line_is_a_record_with_the_fields_of_its_program(void **state)
{
        struct fixture *f = *state;

        say(f, "one\ntwo\n\n", 9);
        EXPECT(f, "REEVE_PROCESS=web\nMESSAGE=one\n");
        EXPECT(f, "REEVE_PROCESS=web\nMESSAGE=two\n");
        EXPECT(f, "REEVE_PROCESS=web\nMESSAGE=\n");
}

static void a_line_may_come_in_pieces(void **state)
{
        struct fixture *f = *state;

        say(f, "hel", 3);
        say(f, "lo\nrest", 7);
        EXPECT(f, "REEVE_PROCESS=web\nMESSAGE=hello\n");
        say(f, "\n", 1);
        EXPECT(f, "REEVE_PROCESS=web\nMESSAGE=rest\n");
}

static void what_ends_without_a_newline_says_so(void **state)
{
        struct fixture *f = *state;

        say(f, "bye", 3);
        f->writing = (close(f->writing), -1);
        EXPECT(f, "REEVE_PROCESS=web\nMESSAGE=bye\nREEVE_LINE_BREAK=end\n");
}

static void a_line_that_is_too_long_is_cut_and_says_so(void **state)
{
        struct fixture *f = *state;
        CLEANUP(mem_free) char *line = mem_new(RELAY_LINE_MAX + 3);
        CLEANUP(mem_free) char *record = NULL;

        memset(line, 'x', RELAY_LINE_MAX + 2);
        line[RELAY_LINE_MAX + 1] = '\n';
        say(f, line, RELAY_LINE_MAX + 2);
        line[RELAY_LINE_MAX] = '\0';
        record = mem_format("REEVE_PROCESS=web\nMESSAGE=%s\nREEVE_LINE_BREAK=max\n", line);
        expect(f, record, strlen(record));
        EXPECT(f, "REEVE_PROCESS=web\nMESSAGE=x\n");
}

/* As after an exec, of which only the number of the descriptor is left. */
static void another_image_goes_on_with_it(void **state)
{
        const struct journal_field field = { "REEVE_PROCESS", "late", 4 };
        struct fixture *f = *state;
        pid_t pid = relay_pid(f->relay);
        int fd = fcntl(relay_fd(f->relay), F_DUPFD_CLOEXEC, 3), pipes[2];

        assert_true(fd >= 0);
        relay_free(f->relay);
        f->relay = relay_adopt(fd, pid);
        assert_int_equal(relay_pid(f->relay), pid);
        assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
        assert_int_equal(relay_hand(f->relay, pipes[0], &field, 1), 0);
        assert_int_equal(write(pipes[1], "new\n", 4), 4);
        EXPECT(f, "REEVE_PROCESS=late\nMESSAGE=new\n");
        say(f, "old\n", 4);
        EXPECT(f, "REEVE_PROCESS=web\nMESSAGE=old\n");
        (void)close(pipes[0]);
        (void)close(pipes[1]);
}

static void wait_for_end(pid_t pid)
{
        int status = -1;

        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void it_outlives_who_started_it_until_the_last_program_has_ended(void **state)
{
        struct fixture *f = *state;
        pid_t pid = relay_pid(f->relay);

        f->relay = relay_free(f->relay);
        say(f, "still here\n", 11);
        EXPECT(f, "REEVE_PROCESS=web\nMESSAGE=still here\n");
        assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
        f->writing = (close(f->writing), -1);
        wait_for_end(pid);
}

static void a_journald_that_is_restarted_gets_what_was_said_meanwhile(void **state)
{
        struct fixture *f = *state;

        say(f, "before\n", 7);
        EXPECT(f, "REEVE_PROCESS=web\nMESSAGE=before\n");
        (void)close(f->journald);
        assert_int_equal(unlink(f->path), 0);
        say(f, "meanwhile\n", 10);
        listen_as_journald(f);
        EXPECT(f, "REEVE_PROCESS=web\nMESSAGE=meanwhile\n");
}

static void that_it_is_gone_is_told_and_another_one_goes_on(void **state)
{
        struct fixture *f = *state;
        const struct journal_field field = { "REEVE_PROCESS", "web", 3 };
        struct pollfd wait = { .fd = relay_fd(f->relay) };
        struct err err = {};

        assert_int_equal(kill(relay_pid(f->relay), SIGKILL), 0);
        assert_int_equal(poll(&wait, 1, PATIENCE_MSEC), 1);
        assert_true(wait.revents & POLLHUP);
        say(f, "kept\n", 5);
        relay_free(f->relay);
        assert_int_equal(relay_start(f->path, &f->relay, &err), 0);
        assert_int_equal(relay_hand(f->relay, f->reading, &field, 1), 0);
        EXPECT(f, "REEVE_PROCESS=web\nMESSAGE=kept\n");
}

static void without_a_journal_there_is_no_relay(void **state)
{
        struct relay *relay = NULL;
        struct err err = {};

        assert_int_equal(relay_start("/nonexistent/journal", &relay, &err), -ENOENT);
        assert_null(relay);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(ps_tells_it_from_the_daemon, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        each_line_is_a_record_with_the_fields_of_its_program, setup, teardown),
                cmocka_unit_test_setup_teardown(a_line_may_come_in_pieces, setup, teardown),
                cmocka_unit_test_setup_teardown(another_image_goes_on_with_it, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        what_ends_without_a_newline_says_so, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        a_line_that_is_too_long_is_cut_and_says_so, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        it_outlives_who_started_it_until_the_last_program_has_ended, setup,
                        teardown),
                cmocka_unit_test_setup_teardown(
                        a_journald_that_is_restarted_gets_what_was_said_meanwhile, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        that_it_is_gone_is_told_and_another_one_goes_on, setup, teardown),
                cmocka_unit_test(without_a_journal_there_is_no_relay),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
