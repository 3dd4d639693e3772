/* The activity log: its lines, its records, and that it never waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "logs/activity.h"
#include "tests/unit/scratch.h"

struct fixture {
        char *dir;
        char *path;
        struct logfiles *files;
        struct activity *activity;
        int saved_stdout;
        int out; /* what the activity log wrote to stdout */
        int socket;
};

static int setup(void **state)
{
        struct fixture *f = mem_new(sizeof(*f));

        (void)signal(SIGPIPE, SIG_IGN);
        f->dir = scratch_new();
        f->path = mem_format("%s/reeved.log", f->dir);
        f->files = logfiles_new();
        f->saved_stdout = f->out = f->socket = -1;
        *state = f;
        return 0;
}

static int teardown(void **state)
{
        struct fixture *f = *state;

        activity_free(f->activity);
        logfiles_free(f->files);
        if (f->saved_stdout >= 0)
                (void)dup2(f->saved_stdout, STDOUT_FILENO);
        (void)close(f->saved_stdout);
        (void)close(f->out);
        (void)close(f->socket);
        mem_free(f->path);
        scratch_free(f->dir);
        mem_free(f);
        return 0;
}

static void listen_there(struct fixture *f)
{
        struct sockaddr_un sun = { .sun_family = AF_UNIX };

        (void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", f->path);
        f->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(f->socket, (struct sockaddr *)&sun, sizeof(sun)), 0);
}

/* Stdout is a pipe for as long as the log is open. */
static void open_log(struct fixture *f, struct activity_options options)
{
        struct err err = {};
        int fds[2];

        options.files = f->files;
        options.file.path = f->path;
        options.file.owner = "the activity log";
        options.ident = "reeved";
        options.instance = "supervisor";
        options.level = options.level ? options.level : LOG_LEVEL_INFO;
        if (options.to_stdout) {
                (void)fflush(stdout);
                f->saved_stdout = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
                assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
                assert_int_equal(dup2(fds[1], STDOUT_FILENO), STDOUT_FILENO);
                (void)close(fds[1]);
                f->out = fds[0];
        }
        if (activity_new(&options, &f->activity, &err) < 0)
                fail_msg("%s", err.text);
}

static void unstamped(const char *line, const char *expected)
{
        int year, month, day, h, m, s, ms, used = 0;

        if (sscanf(line, "%4d-%2d-%2d %2d:%2d:%2d,%3d %n", &year, &month, &day, &h, &m, &s, &ms,
                    &used) != 7 ||
                used != 24)
                fail_msg("'%s' has no time stamp", line);
        assert_string_equal(line + used, expected);
}

static void a_line_has_time_level_and_text(void **state)
{
        struct fixture *f = *state;
        CLEANUP(mem_free) char *data = NULL;

        open_log(f, (struct activity_options){});
        activity_log(f->activity, LOG_LEVEL_WARN, "%s are %d", "there", 2);
        data = scratch_read(f->path, NULL);
        unstamped(data, "WARN there are 2\n");
        assert_string_equal(activity_path(f->activity), f->path);
        assert_int_equal(activity_stdout_fd(f->activity), -1);
}

static void what_is_below_the_level_is_not_written(void **state)
{
        struct fixture *f = *state;
        CLEANUP(mem_free) char *data = NULL;
        struct log_sink sink;

        open_log(f, (struct activity_options){ .level = LOG_LEVEL_DEBUG });
        sink = activity_sink(f->activity);
        assert_true(activity_enabled(f->activity, LOG_LEVEL_DEBUG));
        assert_false(activity_enabled(f->activity, LOG_LEVEL_TRACE));
        activity_log(f->activity, LOG_LEVEL_TRACE, "no");
        sink.write(sink.context, LOG_LEVEL_BLATHER, "no");
        sink.write(sink.context, LOG_LEVEL_DEBUG, "multi\nline");
        data = scratch_read(f->path, NULL);
        unstamped(data, "DEBG multi\nline\n");
}

static void in_the_foreground_stdout_gets_the_same_lines(void **state)
{
        struct fixture *f = *state;
        CLEANUP(mem_free) char *data = NULL;
        char buffer[200] = {};

        open_log(f, (struct activity_options){ .to_stdout = true });
        activity_log(f->activity, LOG_LEVEL_INFO, "hello");
        assert_true(read(f->out, buffer, sizeof(buffer) - 1) > 0);
        data = scratch_read(f->path, NULL);
        assert_string_equal(buffer, data);
        assert_false(activity_wants_write(f->activity));
}

static void a_full_stdout_is_not_waited_for(void **state)
{
        struct fixture *f = *state;
        static char buffer[1 << 20];
        CLEANUP(mem_free) char *line = mem_new(1001);
        size_t got = 0;
        ssize_t n;

        memset(line, 'x', 1000);
        open_log(f, (struct activity_options){ .to_stdout = true });
        for (int i = 0; i < 1000; i++)
                activity_write(f->activity, LOG_LEVEL_INFO, NULL, line, 1000);
        assert_true(activity_wants_write(f->activity));
        assert_true(activity_stdout_fd(f->activity) >= 0);
        assert_in_range(activity_dropped(f->activity), 500, 800);
        assert_int_equal(fcntl(f->out, F_SETFL, O_NONBLOCK), 0);
        while (activity_wants_write(f->activity) || got == 0) {
                n = read(f->out, buffer + got, sizeof(buffer) - 1 - got);
                assert_true(n > 0);
                got += (size_t)n;
                activity_flush(f->activity);
        }
        activity_log(f->activity, LOG_LEVEL_INFO, "it goes on");
        while ((n = read(f->out, buffer + got, sizeof(buffer) - 1 - got)) > 0)
                got += (size_t)n;
        buffer[got] = '\0';
        assert_non_null(strstr(buffer, " lines were dropped here, nobody read them\n"));
        assert_non_null(strstr(buffer, "INFO it goes on\n"));
        for (char *at = buffer; *at; at = strchr(at, '\n') + 1)
                assert_int_equal(at[4], '-'); /* no line is cut */
}

static void a_stdout_that_is_gone_is_left_alone(void **state)
{
        struct fixture *f = *state;

        open_log(f, (struct activity_options){ .to_stdout = true });
        (void)close(f->out);
        f->out = -1;
        activity_log(f->activity, LOG_LEVEL_INFO, "one");
        activity_log(f->activity, LOG_LEVEL_INFO, "two");
        assert_int_equal(activity_stdout_fd(f->activity), -1);
        assert_false(activity_wants_write(f->activity));
}

static void a_cleared_log_is_empty_and_says_so_on_stdout(void **state)
{
        struct fixture *f = *state;
        char buffer[300] = {};

        open_log(f, (struct activity_options){ .to_stdout = true });
        activity_log(f->activity, LOG_LEVEL_INFO, "one");
        assert_int_equal(activity_clear(f->activity, NULL), 0);
        assert_true(scratch_holds(f->path, ""));
        assert_true(read(f->out, buffer, sizeof(buffer) - 1) > 0);
        assert_non_null(strstr(buffer, "INFO reopening log file\n"));
        assert_int_equal(rename(f->path, scratch_path(f->dir, "old")), 0);
        logfiles_reopen(f->files);
        assert_true(scratch_holds(f->path, ""));
}

static void a_log_that_cannot_be_opened_is_an_error(void **state)
{
        struct fixture *f = *state;
        struct activity *activity = NULL;
        struct err err;

        assert_int_equal(activity_new(&(struct activity_options){ .files = f->files,
                                              .file = { .path = f->dir },
                                              .ident = "x",
                                              .instance = "y" },
                                 &activity, &err),
                -EISDIR);
        assert_null(activity);
        assert_true(text_starts(err.text, "cannot open log file '"));
}

static void trouble_with_the_log_itself_is_told_where_it_can_be(void **state)
{
        struct fixture *f = *state;
        char buffer[2000] = {};

        f->path = (mem_free(f->path), mem_strdup("/dev/full"));
        open_log(f, (struct activity_options){ .to_stdout = true });
        activity_log(f->activity, LOG_LEVEL_INFO, "one");
        activity_log(f->activity, LOG_LEVEL_INFO, "two");
        assert_true(read(f->out, buffer, sizeof(buffer) - 1) > 0);
        assert_non_null(strstr(
                buffer, "cannot write to log file '/dev/full' of the activity log: No space"));
        assert_null(strstr(strstr(buffer, "No space") + 1, "No space"));
        assert_non_null(strstr(buffer, "INFO one\n"));
        assert_non_null(strstr(buffer, "INFO two\n"));
}

/* As of a daemon in the background: its stdout is nobody's. */
static void a_warning_that_the_file_does_not_take_goes_to_the_journal_or_syslog(void **state)
{
        struct fixture *f = *state;
        CLEANUP(mem_free) char *where = mem_strdup(scratch_path(f->dir, "socket"));
        char buffer[2000] = {};

        f->path = (mem_free(f->path), mem_strdup(where));
        listen_there(f);
        f->path = (mem_free(f->path), mem_strdup("/dev/full"));
        open_log(f, (struct activity_options){ .journal_path = where, .syslog_path = where });
        activity_log(f->activity, LOG_LEVEL_INFO, "one");
        assert_true(recv(f->socket, buffer, sizeof(buffer) - 1, 0) > 0);
        assert_non_null(strstr(buffer, "MESSAGE=cannot write to log file '/dev/full' of the "
                                       "activity log: No space left on device; "
                                       "what does not fit is lost\n"));
        assert_non_null(strstr(buffer, "PRIORITY=4\n"));
        activity_log(f->activity, LOG_LEVEL_INFO, "two"); /* neither grave nor told again */
        assert_int_equal(recv(f->socket, buffer, sizeof(buffer), 0), -1);
        activity_log(f->activity, LOG_LEVEL_ERROR, "three");
        assert_true(recv(f->socket, buffer, sizeof(buffer) - 1, 0) > 0);
        assert_non_null(strstr(buffer, "MESSAGE=three\n"));
        f->activity = activity_free(f->activity);

        open_log(f,
                (struct activity_options){ .journal_path = "/nonexistent", .syslog_path = where });
        activity_log(f->activity, LOG_LEVEL_ERROR, "four");
        memset(buffer, 0, sizeof(buffer));
        assert_true(recv(f->socket, buffer, sizeof(buffer) - 1, 0) > 0);
        assert_non_null(strstr(buffer, "ERRO four"));
}

static void syslog_gets_the_line_with_its_stamp(void **state)
{
        struct fixture *f = *state;
        char buffer[300] = {}, *text;

        listen_there(f);
        open_log(f, (struct activity_options){ .target = ACTIVITY_SYSLOG, .syslog_path = f->path });
        activity_log(f->activity, LOG_LEVEL_INFO, "one\ntwo");
        assert_true(recv(f->socket, buffer, sizeof(buffer) - 1, 0) > 0);
        assert_true(text_starts(buffer, "<14>"));
        text = strstr(buffer, "]: ");
        assert_non_null(text);
        unstamped(text + 3, "INFO one");
        memset(buffer, 0, sizeof(buffer));
        assert_true(recv(f->socket, buffer, sizeof(buffer) - 1, 0) > 0);
        assert_string_equal(strstr(buffer, "]: "), "]: two");
        assert_null(activity_path(f->activity));
}

static void the_journal_gets_records_with_fields(void **state)
{
        struct fixture *f = *state;
        char buffer[500] = {};

        listen_there(f);
        open_log(f,
                (struct activity_options){ .target = ACTIVITY_JOURNAL, .journal_path = f->path });
        activity_write(f->activity, LOG_LEVEL_WARN,
                &(struct activity_subject){ "web", "web_1", "web", 77 }, "exited", 6);
        assert_true(recv(f->socket, buffer, sizeof(buffer) - 1, 0) > 0);
        assert_string_equal(buffer,
                "MESSAGE=exited\nPRIORITY=4\nSYSLOG_IDENTIFIER=reeved\n"
                "REEVE_INSTANCE=supervisor\nREEVE_GROUP=web\nREEVE_PROCESS=web_1\n"
                "REEVE_PROGRAM=web\nREEVE_PID=77\n");
        memset(buffer, 0, sizeof(buffer));
        activity_log(f->activity, LOG_LEVEL_CRITICAL, "alone");
        assert_true(recv(f->socket, buffer, sizeof(buffer) - 1, 0) > 0);
        assert_string_equal(buffer, "MESSAGE=alone\nPRIORITY=2\nSYSLOG_IDENTIFIER=reeved\n"
                                    "REEVE_INSTANCE=supervisor\n");
        assert_int_equal(activity_clear(f->activity, NULL), 0);
}

static void a_stdout_that_is_the_journal_gets_records_too(void **state)
{
        struct fixture *f = *state;
        CLEANUP(mem_free) char *name = NULL, *journal = mem_format("%s/journal", f->dir);
        char *log = f->path, buffer[300] = {};
        struct stat st;
        int fds[2];

        f->path = journal;
        listen_there(f);
        f->path = log;
        (void)fflush(stdout);
        f->saved_stdout = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        assert_int_equal(dup2(fds[1], STDOUT_FILENO), STDOUT_FILENO);
        (void)close(fds[1]);
        f->out = fds[0];
        assert_int_equal(fstat(STDOUT_FILENO, &st), 0);
        name = mem_format(
                "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
        assert_int_equal(activity_new(&(struct activity_options){ .files = f->files,
                                              .file = { .path = f->path },
                                              .level = LOG_LEVEL_INFO,
                                              .to_stdout = true,
                                              .ident = "reeved",
                                              .instance = "i",
                                              .journal_stream = name,
                                              .journal_path = journal },
                                 &f->activity, NULL),
                0);
        activity_log(f->activity, LOG_LEVEL_INFO, "hello");
        assert_true(recv(f->socket, buffer, sizeof(buffer) - 1, 0) > 0);
        assert_true(text_starts(buffer, "MESSAGE=hello\n"));
        assert_int_equal(recv(f->out, buffer, sizeof(buffer), MSG_DONTWAIT), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_line_has_time_level_and_text),
                TEST(what_is_below_the_level_is_not_written),
                TEST(in_the_foreground_stdout_gets_the_same_lines),
                TEST(a_full_stdout_is_not_waited_for),
                TEST(a_stdout_that_is_gone_is_left_alone),
                TEST(a_cleared_log_is_empty_and_says_so_on_stdout),
                TEST(a_log_that_cannot_be_opened_is_an_error),
                TEST(trouble_with_the_log_itself_is_told_where_it_can_be),
                TEST(a_warning_that_the_file_does_not_take_goes_to_the_journal_or_syslog),
                TEST(syslog_gets_the_line_with_its_stamp),
                TEST(the_journal_gets_records_with_fields),
                TEST(a_stdout_that_is_the_journal_gets_records_too),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
