/* A channel of a child: every byte arrives, once, everywhere it is wanted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "logs/output.h"
#include "tests/unit/scratch.h"

#define BEGIN "<!--XSUPERVISOR:BEGIN-->"
#define END   "<!--XSUPERVISOR:END-->"

struct fixture {
        char *dir;
        const char *path;
        struct logfiles *files;
        struct output *output;
        int write_fd;
        struct text debug, log_events, comm_events, listener;
};

static void on_debug(void *context, const char *text, size_t length)
{
        struct fixture *f = context;

        text_append_bytes(&f->debug, text, length);
        text_append_char(&f->debug, '|');
}

static void on_log(void *context, enum output_channel channel, const char *data, size_t length)
{
        struct fixture *f = context;

        text_append(&f->log_events, channel == OUTPUT_STDOUT ? "out:" : "err:");
        text_append_bytes(&f->log_events, data, length);
        text_append_char(&f->log_events, '|');
}

static void on_comm(void *context, enum output_channel channel, const char *data, size_t length)
{
        struct fixture *f = context;

        text_append(&f->comm_events, channel == OUTPUT_STDOUT ? "out:" : "err:");
        text_append_bytes(&f->comm_events, data, length);
        text_append_char(&f->comm_events, '|');
}

static void on_listener(void *context, const char *data, size_t length)
{
        struct fixture *f = context;

        text_append_bytes(&f->listener, data, length);
        text_append_char(&f->listener, '|');
}

static int setup(void **state)
{
        struct fixture *f = mem_new(sizeof(*f));

        (void)signal(SIGPIPE, SIG_IGN);
        f->dir = scratch_new();
        f->path = mem_strdup(scratch_path(f->dir, "log"));
        f->files = logfiles_new();
        f->write_fd = -1;
        *state = f;
        return 0;
}

static int teardown(void **state)
{
        struct fixture *f = *state;

        output_free(f->output);
        logfiles_free(f->files);
        if (f->write_fd >= 0)
                (void)close(f->write_fd);
        text_clear(&f->debug);
        text_clear(&f->log_events);
        text_clear(&f->comm_events);
        text_clear(&f->listener);
        scratch_free(f->dir);
        mem_free((char *)f->path);
        mem_free(f);
        return 0;
}

static void open_output(struct fixture *f, struct output_options options, int64_t bytes_max)
{
        struct logfile *file = NULL;
        struct logfile_options log = { f->path, bytes_max, 3, 0 };
        int fds[2];

        assert_int_equal(logfile_open(f->files, &log, &file, NULL), 0);
        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        f->write_fd = fds[1];
        options.name = "cat";
        options.files = f->files;
        options.file = file;
        options.context = f;
        f->output = output_new(&options, fds[0]);
}

static void put(struct fixture *f, const char *text)
{
        assert_int_equal(write(f->write_fd, text, strlen(text)), strlen(text));
}

static void say(struct fixture *f, const char *text)
{
        put(f, text);
        if (output_read(f->output) == OUTPUT_REST)
                (void)output_read(f->output);
}

static void hang_up(struct fixture *f)
{
        (void)close(f->write_fd);
        f->write_fd = -1;
}

static void a_plain_channel_goes_to_its_file(void **state)
{
        struct fixture *f = *state;

        open_output(f, (struct output_options){}, 0);
        assert_int_equal(output_read(f->output), OUTPUT_IDLE);
        say(f, "hello\n");
        say(f, "\xff\0world\n");
        assert_true(scratch_holds(f->path, "hello\n\xff"));
        hang_up(f);
        assert_int_equal(output_read(f->output), OUTPUT_CLOSED);
        assert_int_equal(output_read(f->output), OUTPUT_CLOSED);
        assert_true(output_fd(f->output) >= 0);
}

static void unwanted_output_is_taken_all_the_same(void **state)
{
        struct fixture *f = *state;
        char *data = mem_new(60000);
        int fds[2];

        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        f->write_fd = fds[1];
        f->output = output_new(
                &(struct output_options){ .name = "cat", .files = f->files, .strip_ansi = true },
                fds[0]);
        for (int i = 0; i < 5; i++) {
                assert_int_equal(write(f->write_fd, data, 60000), 60000);
                assert_int_equal(output_read(f->output), OUTPUT_IDLE);
        }
        assert_int_equal(output_clear(f->output, NULL), 0);
        mem_free(data);
}

static void every_destination_gets_its_copy(void **state)
{
        struct fixture *f = *state;

        open_output(f,
                (struct output_options){ .channel = OUTPUT_STDERR,
                        .strip_ansi = true,
                        .host = { .debug = on_debug, .log_event = on_log } },
                0);
        say(f, "a \033[1mred\033[0m line\n");
        assert_true(scratch_holds(f->path, "a red line\n"));
        assert_string_equal(f->debug.data, "'cat' stderr output:\na red line\n|");
        assert_string_equal(f->log_events.data, "err:a red line\n|");
        text_truncate(&f->debug, 0);
        output_set_strip_ansi(f->output, false);
        say(f, "\033[1m\xff");
        assert_string_equal(f->debug.data, "'cat' stderr output:\nUndecodable: b'\\x1b[1m\\xff'|");
        text_truncate(&f->debug, 0);
        hang_up(f);
        assert_int_equal(output_read(f->output), OUTPUT_CLOSED);
        assert_true(text_starts(f->debug.data, "fd "));
        assert_non_null(
                strstr(f->debug.data, " closed, stopped monitoring <output of 'cat' stderr>|"));
}

static void captured_text_is_an_event_and_not_in_the_file(void **state)
{
        struct fixture *f = *state;

        open_output(f,
                (struct output_options){ .capture_max = 1000,
                        .strip_ansi = true,
                        .host = { .debug = on_debug, .log_event = on_log, .comm_event = on_comm } },
                0);
        say(f, "one " BEGIN "t\033[1mwo" END " three, long enough to be seen");
        assert_true(scratch_holds(f->path, "one  three, long enough to be seen"));
        assert_string_equal(f->comm_events.data, "out:two|");
        assert_string_equal(
                f->log_events.data, "out:one |out:two|out: three, long enough to be seen|");
        assert_string_equal(f->debug.data, "'cat' stdout output:\none |'cat' stdout output:\ntwo|"
                                           "'cat' stdout emitted a comm event|"
                                           "'cat' stdout output:\n three, long enough to be seen|");
}

static void the_last_words_of_a_capturing_child_are_kept(void **state)
{
        struct fixture *f = *state;

        open_output(f,
                (struct output_options){ .capture_max = 1000, .host = { .comm_event = on_comm } },
                0);
        say(f, "short");
        assert_true(scratch_holds(f->path, ""));
        output_drain(f->output);
        assert_true(scratch_holds(f->path, "short"));
        assert_int_equal(output_read(f->output), OUTPUT_CLOSED);
}

static void a_clear_empties_the_file_and_the_capture(void **state)
{
        struct fixture *f = *state;

        open_output(f,
                (struct output_options){ .capture_max = 1000, .host = { .comm_event = on_comm } },
                0);
        say(f, "some output that is long enough" BEGIN "some captured text, long enough too");
        assert_int_equal(output_clear(f->output, NULL), 0);
        say(f, "more of it, after the clear was done" END);
        output_drain(f->output);
        assert_true(scratch_holds(f->path, ""));
        assert_string_equal(f->comm_events.data, "out:more of it, after the clear was done|");
}

static void a_listener_speaks_to_its_pool_only(void **state)
{
        struct fixture *f = *state;

        open_output(f,
                (struct output_options){ .capture_max = 1000,
                        .strip_ansi = true,
                        .host = { .debug = on_debug,
                                .log_event = NULL,
                                .comm_event = on_comm,
                                .listener = on_listener } },
                0);
        say(f, "READY\n");
        say(f, "\033[1mRESULT 2\nOK" BEGIN);
        assert_true(scratch_holds(f->path, "READY\n\033[1mRESULT 2\nOK" BEGIN));
        assert_string_equal(f->listener.data, "READY\n|\033[1mRESULT 2\nOK" BEGIN "|");
        assert_true(text_starts(f->debug.data, "'cat' stdout output:\nb'READY\\n'|"));
        assert_string_equal(text_string(&f->comm_events), "");
}

static void what_a_listener_writes_at_once_is_one_piece_in_the_log(void **state)
{
        struct fixture *f = *state;

        open_output(f,
                (struct output_options){ .host = { .debug = on_debug, .listener = on_listener } },
                0);
        put(f, "RESULT 2\nOK");
        assert_int_equal(output_read(f->output), OUTPUT_REST);
        assert_string_equal(text_string(&f->listener), "");
        put(f, "READY\n");
        assert_int_equal(output_read(f->output), OUTPUT_IDLE);
        assert_string_equal(f->listener.data, "RESULT 2\nOKREADY\n|");
        text_truncate(&f->listener, 0);
        put(f, "RESULT 2\nOK");
        assert_int_equal(output_read(f->output), OUTPUT_REST);
        output_drain(f->output);
        assert_string_equal(f->listener.data, "RESULT 2\nOK|");
}

static void without_that_log_a_listener_waits_for_nothing(void **state)
{
        struct fixture *f = *state;

        open_output(f, (struct output_options){ .host = { .listener = on_listener } }, 0);
        put(f, "RESULT 2\nOK");
        assert_int_equal(output_read(f->output), OUTPUT_IDLE);
        assert_string_equal(f->listener.data, "RESULT 2\nOK|");
}

static void a_drain_takes_what_is_there_and_does_not_wait(void **state)
{
        struct fixture *f = *state;
        char *data = mem_new(50001);
        CLEANUP(mem_free) char *seen = NULL;
        size_t length;

        memset(data, 'x', 50000);
        open_output(f, (struct output_options){ .host = { .log_event = on_log } }, 0);
        assert_int_equal(write(f->write_fd, data, 50000), 50000);
        output_drain(f->output); /* the other end is still open, as a grandchild keeps it */
        assert_true(scratch_holds(f->path, data));
        assert_int_equal(write(f->write_fd, data, 5), 5);
        output_drain(f->output);
        seen = scratch_read(f->path, &length);
        assert_int_equal(length, 50000);
        mem_free(data);
}

static void rotation_bounds_what_is_spliced(void **state)
{
        struct fixture *f = *state;
        const size_t total = 900000;
        CLEANUP(mem_free) char *data = mem_new(total);
        struct stat st;

        open_output(f, (struct output_options){}, 200000);
        assert_true(fcntl(f->write_fd, F_SETPIPE_SZ, 1 << 20) >= (int)total);
        assert_int_equal(write(f->write_fd, data, total), total);
        output_drain(f->output);
        /* 200000 bytes, then 200000 again, and so on: the limit lies within reach of one unit. */
        for (int i = 1; i <= 3; i++) {
                CLEANUP(mem_free) char *path = mem_format("%s.%d", f->path, i);

                assert_int_equal(stat(path, &st), 0);
                assert_in_range(st.st_size, 200000, 200000 + LOGFILE_UNIT_MAX - 1);
        }
}

/* A child that writes 'total' bytes, 0 1 2 ... 250 0 1 ..., in pieces of changing sizes. */
static pid_t start_writer(struct fixture *f, size_t total, size_t piece_max)
{
        pid_t pid = fork();

        if (pid == 0) {
                char *data = mem_new(piece_max + 251);
                size_t done = 0, piece = 1;

                for (size_t i = 0; i < piece_max + 251; i++)
                        data[i] = (char)(i % 251);
                for (; done < total; done += piece, piece = piece * 7 % piece_max + 1) {
                        if (piece > total - done)
                                piece = total - done;
                        if (write(f->write_fd, data + done % 251, piece) != (ssize_t)piece)
                                _exit(1);
                }
                _exit(0);
        }
        hang_up(f);
        return pid;
}

static void pump(struct fixture *f)
{
        for (;;) {
                struct pollfd pfd = { .fd = output_fd(f->output), .events = POLLIN };

                (void)poll(&pfd, 1, -1);
                switch (output_read(f->output)) {
                case OUTPUT_IDLE:
                case OUTPUT_MORE:
                        break;
                case OUTPUT_REST:
                        (void)nanosleep(&(struct timespec){ 0, OUTPUT_REST_USEC * 1000 }, NULL);
                        break;
                case OUTPUT_CLOSED:
                        return;
                }
        }
}

static void assert_sequence(const char *path, size_t *at)
{
        size_t length;
        CLEANUP(mem_free) char *data = scratch_read(path, &length);

        assert_non_null(data);
        for (size_t i = 0; i < length; i++, (*at)++)
                if ((unsigned char)data[i] != *at % 251)
                        fail_msg("byte %zu of %s is wrong", i, path);
}

static void transfer(
        struct fixture *f, struct output_options options, size_t piece_max, int64_t bytes_max)
{
        const size_t total = 8000000;
        size_t at = 0;
        pid_t pid;
        int status;

        (void)unlink(f->path);
        open_output(f, options, bytes_max);
        pid = start_writer(f, total, piece_max);
        pump(f);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        f->output = output_free(f->output);
        if (bytes_max)
                for (int i = 3; i > 0; i--) {
                        CLEANUP(mem_free) char *path = mem_format("%s.%d", f->path, i);

                        if (access(path, F_OK) == 0)
                                assert_sequence(path, &at);
                        (void)unlink(path);
                }
        assert_sequence(f->path, &at);
        assert_int_equal(at, total);
}

static void every_byte_arrives_once_and_in_order(void **state)
{
        const struct output_options spliced = {}, read = { .capture_max = 100 };

        transfer(*state, spliced, 80, 0);
        transfer(*state, spliced, 200000, 0);
        transfer(*state, spliced, 200000, 3000000);
        transfer(*state, read, 200000, 0);
        transfer(*state, read, 5000, 3000000);
}

static void a_stream_of_small_pieces_is_worth_a_rest(void **state)
{
        struct fixture *f = *state;
        enum output_result result = OUTPUT_IDLE;

        open_output(f, (struct output_options){}, 0);
        for (int i = 0; i < 100 && result != OUTPUT_REST; i++) {
                assert_int_equal(write(f->write_fd, "x", 1), 1);
                result = output_read(f->output);
                assert_true(i > 0 || result == OUTPUT_IDLE); /* the first is never late */
        }
        assert_int_equal(result, OUTPUT_REST);
        (void)nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
        assert_int_equal(write(f->write_fd, "x", 1), 1);
        assert_int_equal(output_read(f->output), OUTPUT_IDLE);
}

static void a_pipe_that_is_full_again_and_again_is_enlarged(void **state)
{
        struct fixture *f = *state;
        char *data = mem_new(65536);

        open_output(f, (struct output_options){}, 0);
        for (int i = 0; i < 10; i++) {
                assert_int_equal(write(f->write_fd, data, 65536), 65536);
                assert_int_equal(output_read(f->output), OUTPUT_IDLE);
        }
        assert_int_equal(fcntl(output_fd(f->output), F_GETPIPE_SZ), 1 << 20);
        f->output = output_free(f->output);
        for (int i = 0; i < 64; i++) /* the share was returned */
                assert_true(logfiles_take_pipe(f->files));
        assert_false(logfiles_take_pipe(f->files));
        mem_free(data);
}

static void lines_for_syslog_name_the_process(void **state)
{
        struct fixture *f = *state;
        CLEANUP(mem_free) char *path = mem_format("%s/socket", f->dir);
        struct syslog *syslog =
                syslog_new(&(struct syslog_options){ .path = path, .ident = "reeved" });
        struct sockaddr_un sun = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        char buffer[200] = {};

        (void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
        assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
        open_output(f, (struct output_options){ .syslog = syslog }, 0);
        say(f, "one\ntwo\n");
        assert_true(recv(fd, buffer, sizeof(buffer) - 1, 0) > 0);
        assert_non_null(strstr(buffer, "]: cat one"));
        assert_true(recv(fd, buffer, sizeof(buffer) - 1, 0) > 0);
        assert_non_null(strstr(buffer, "]: cat two"));
        assert_int_equal(recv(fd, buffer, sizeof(buffer), 0), -1);
        assert_true(scratch_holds(f->path, "one\ntwo\n"));
        (void)close(fd);
        f->output = output_free(f->output);
        syslog_free(syslog);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_plain_channel_goes_to_its_file),
                TEST(unwanted_output_is_taken_all_the_same),
                TEST(every_destination_gets_its_copy),
                TEST(captured_text_is_an_event_and_not_in_the_file),
                TEST(the_last_words_of_a_capturing_child_are_kept),
                TEST(a_clear_empties_the_file_and_the_capture),
                TEST(a_listener_speaks_to_its_pool_only),
                TEST(what_a_listener_writes_at_once_is_one_piece_in_the_log),
                TEST(without_that_log_a_listener_waits_for_nothing),
                TEST(a_drain_takes_what_is_there_and_does_not_wait),
                TEST(rotation_bounds_what_is_spliced),
                TEST(every_byte_arrives_once_and_in_order),
                TEST(a_stream_of_small_pieces_is_worth_a_rest),
                TEST(a_pipe_that_is_full_again_and_again_is_enlarged),
                TEST(lines_for_syslog_name_the_process),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
