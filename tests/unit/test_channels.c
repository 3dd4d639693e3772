/* The channels of a process that go on in another daemon: wherever the stream is cut, every byte
 * arrives, and once.
 *
 * What an exec does is played: the descriptors keep their numbers, everything else is new. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/saved.h"
#include "base/saver.h"
#include "daemon/channels.h"
#include "daemon/daemon.h"
#include "daemon/journal_output.h"
#include "tests/unit/engine_host.h"
#include "tests/unit/scratch.h"

#define BEGIN "<!--XSUPERVISOR:BEGIN-->"
#define END   "<!--XSUPERVISOR:END-->"

enum { FDS_MAX = 8, PARKED = 700 };

struct stage {
        struct daemon daemon;
        struct config config;
        struct activity *activity;
        struct host *host;
        struct child child;
        struct channel_ends ends;
        struct text captured; /* each followed by "|" */
        struct text logged;
        char *dir;
        char *path;
};

static struct stage *stage_of(struct daemon *d)
{
        return (struct stage *)d; /* its first member */
}

/*
 * What the channels need, instead of the daemon's own.
 */

void daemon_feed(struct daemon *d, const struct event *event)
{
        if (event->type != EV_OUTPUT || event->output.topic != TOPIC_PROCESS_COMMUNICATION_STDOUT)
                return;
        text_append_bytes(&stage_of(d)->captured, event->output.data, event->output.length);
        text_append_char(&stage_of(d)->captured, '|');
}

void daemon_log(struct daemon *d, enum log_level level, const struct process *process,
        const char *format, ...)
{
        CLEANUP(mem_free) char *text = NULL;
        va_list ap;

        va_start(ap, format);
        text = mem_vformat(format, ap);
        va_end(ap);
        text_append(&stage_of(d)->logged, text);
}

void daemon_log_bytes(struct daemon *d, enum log_level level, const struct process *process,
        const char *text, size_t length)
{
        text_append_bytes(&stage_of(d)->logged, text, length);
}

int journal_output_open(struct daemon *d, const struct process *process, bool is_stderr,
        int *ret_reading, int *ret_writing, struct err *err)
{
        return err_set(err, -ENOENT, "no journald runs here");
}

void journal_output_again(
        struct daemon *d, const struct process *process, bool is_stderr, int reading)
{
        fail();
}

/*
 * The stage.
 */

static const struct process *process_of(struct stage *s)
{
        return host_process(s->host, "cat");
}

static struct program *program_of(struct stage *s)
{
        return s->host->config.groups[0]->programs[0];
}

/* What a new image makes for itself. */
static void begin_life(struct stage *s)
{
        struct activity_options options = { .target = ACTIVITY_SYSLOG,
                .level = LOG_LEVEL_INFO,
                .ident = "reeved",
                .instance = "me",
                .syslog_path = "/nonexistent" };

        s->daemon.logfiles = logfiles_new();
        options.files = s->daemon.logfiles;
        assert_true(sd_event_new(&s->daemon.loop) >= 0);
        assert_int_equal(activity_new(&options, &s->activity, NULL), 0);
        s->daemon.activity = s->activity;
        s->daemon.engine = s->host->engine;
        s->daemon.config = &s->config;
        s->child = (struct child){ .id = process_of(s)->id, .daemon = &s->daemon };
}

static void end_life(struct stage *s)
{
        channels_clear(&s->child.channels);
        s->daemon.rest_timer = sd_event_source_disable_unref(s->daemon.rest_timer);
        s->activity = activity_free(s->activity);
        s->daemon.logfiles = logfiles_free(s->daemon.logfiles);
        s->daemon.loop = sd_event_unref(s->daemon.loop);
}

static struct stage *stage_new(enum logfile_kind kind)
{
        struct stage *s = mem_new(sizeof(*s));
        struct program_group *ear;
        struct program *program;

        (void)signal(SIGPIPE, SIG_IGN);
        s->dir = scratch_new();
        s->path = mem_strdup(scratch_path(s->dir, "log"));
        s->config.childlogdir = s->dir;
        s->config.identifier = (char *)"me";
        s->host = host_new();
        program = host_program(host_group(s->host, "cat", 999), "cat");
        program->redirect_stderr = true;
        program->out.kind = kind;
        program->out.path = kind == LOGFILE_PATH ? mem_strdup(s->path) : NULL;
        program->out.capture_max = 10000;
        ear = host_group(s->host, "ear", -1);
        ear->kind = GROUP_EVENTLISTENER;
        ear->events = mem_new_array(2, sizeof(char *));
        ear->events[0] = mem_strdup("EVENT");
        host_boot(s->host);
        s->ends = (struct channel_ends){ -1, -1, -1 };
        begin_life(s);
        return s;
}

static struct stage *stage_free(struct stage *s)
{
        if (!s)
                return NULL;
        end_life(s);
        channels_close_ends(&s->ends);
        host_free(s->host);
        text_clear(&s->captured);
        text_clear(&s->logged);
        scratch_free(s->dir);
        mem_free(s->path);
        return mem_free(s);
}
DEFINE_CLEANUP(struct stage *, stage_free)

static void start(struct stage *s)
{
        channels_init(&s->child.channels, &s->child, process_of(s));
        assert_int_equal(channels_open(&s->child.channels, process_of(s), true, &s->ends), 0);
}

/* As long as something comes that is there already. */
static void run(struct stage *s)
{
        while (sd_event_run(s->daemon.loop, 0) > 0)
                ;
}

static void say(struct stage *s, const char *data, size_t length)
{
        assert_int_equal(write(s->ends.out, data, length), length);
}

struct carried {
        int fds[FDS_MAX];
        size_t count;
};

static void carry(void *context, int fd)
{
        struct carried *c = context;

        assert_true(c->count < FDS_MAX);
        assert_int_equal(dup2(fd, PARKED + (int)c->count), PARKED + (int)c->count);
        c->fds[c->count++] = fd;
}

/* The text that the next life reads; its descriptors are there under their numbers. */
static struct saved *jump(struct stage *s)
{
        CLEANUP(saver_free) struct saver *saver = saver_new(0);
        CLEANUP(mem_free) char *text = NULL;
        struct carried carried = {};
        struct saved *saved;
        struct err err = {};
        size_t length;

        saver_item(saver, "child");
        saver_inner(saver);
        channels_save(&s->child.channels, saver);
        saver_outer(saver);
        text = saver_take(saver, &length);
        channels_each_fd(&s->child.channels, carry, &carried);
        end_life(s);
        for (size_t i = 0; i < carried.count; i++) {
                assert_int_equal(dup2(PARKED + (int)i, carried.fds[i]), carried.fds[i]);
                (void)close(PARKED + (int)i);
        }
        begin_life(s);
        if (saved_parse(text, length, 0, &saved, &err) < 0)
                fail_msg("%s\n%s", err.text, text);
        return saved;
}

static int restore(
        struct stage *s, struct saved *saved, const struct channel_ends *ours, struct err *err)
{
        struct saved_item *item = saved_inner(saved_first(saved, "child"), "channels");
        int r = channels_restore(&s->child.channels, &s->child, process_of(s), item, ours, err);

        return r < 0 ? r : saved_status(saved, err);
}

static void go_on(struct stage *s)
{
        CLEANUP(saved_free) struct saved *saved = jump(s);
        struct err err = {};

        if (restore(s, saved, NULL, &err) < 0)
                fail_msg("%s", err.text);
}

static void finish(struct stage *s)
{
        s->ends.out = fd_close(s->ends.out);
        run(s);
        channels_finish(&s->child.channels);
}

/*
 * Output.
 */

static const char stream[] = "first line that is long enough\n" BEGIN "captured \xc3\xa9" END
                             "between the two, \033[1mred\033[0m and \xff\n" BEGIN "again" END
                             "<!--XSUPERVISOR:BE no tag\n<!--XSUPER";
static const char expected_file[] = "first line that is long enough\n"
                                    "between the two, \033[1mred\033[0m and \xff\n"
                                    "<!--XSUPERVISOR:BE no tag\n<!--XSUPER";
static const char expected_captured[] = "captured \xc3\xa9|again|";

static void check_stream(struct stage *s)
{
        finish(s);
        assert_true(scratch_holds(s->path, expected_file));
        assert_string_equal(text_string(&s->captured), expected_captured);
}

static void a_stream_may_be_cut_anywhere(void **state)
{
        size_t length = sizeof(stream) - 1;

        for (size_t cut = 0; cut <= length; cut++) {
                CLEANUP(stage_free) struct stage *s = stage_new(LOGFILE_PATH);

                start(s);
                say(s, stream, cut);
                run(s);
                go_on(s);
                say(s, stream + cut, length - cut);
                check_stream(s);
        }
}

static void a_stream_may_be_cut_everywhere(void **state)
{
        CLEANUP(stage_free) struct stage *s = stage_new(LOGFILE_PATH);

        start(s);
        for (size_t i = 0; i < sizeof(stream) - 1; i++) {
                say(s, stream + i, 1);
                run(s);
                go_on(s);
        }
        check_stream(s);
}

static void what_was_not_read_yet_stays_in_the_pipe(void **state)
{
        for (size_t cut = 0; cut + 10 < sizeof(stream); cut += 7) {
                CLEANUP(stage_free) struct stage *s = stage_new(LOGFILE_PATH);

                start(s);
                say(s, stream, cut);
                run(s);
                say(s, stream + cut, 10);
                go_on(s);
                say(s, stream + cut + 10, sizeof(stream) - 1 - cut - 10);
                check_stream(s);
        }
}

static void a_plain_channel_goes_on_too(void **state)
{
        CLEANUP(stage_free) struct stage *s = stage_new(LOGFILE_PATH);

        program_of(s)->out.capture_max = 0;
        start(s);
        say(s, "one ", 4);
        run(s);
        say(s, "two ", 4);
        go_on(s);
        say(s, "three", 5);
        finish(s);
        assert_true(scratch_holds(s->path, "one two three"));
}

static void an_automatic_file_stays_the_same_one(void **state)
{
        CLEANUP(stage_free) struct stage *s = stage_new(LOGFILE_AUTO);
        CLEANUP(mem_free) char *path = NULL;

        program_of(s)->out.capture_max = 0;
        start(s);
        path = mem_strdup(s->child.channels.out.path);
        say(s, "one ", 4);
        run(s);
        go_on(s);
        assert_string_equal(s->child.channels.out.path, path);
        say(s, "two", 3);
        finish(s);
        assert_true(scratch_holds(path, "one two"));
}

static void one_that_does_not_run_keeps_its_file_too(void **state)
{
        CLEANUP(stage_free) struct stage *s = stage_new(LOGFILE_AUTO);
        CLEANUP(mem_free) char *path = NULL;

        channels_init(&s->child.channels, &s->child, process_of(s));
        path = mem_strdup(s->child.channels.out.path);
        go_on(s);
        assert_string_equal(s->child.channels.out.path, path);
        assert_null(s->child.channels.out.output);
        assert_null(s->child.channels.input);
}

static void rotation_goes_on_from_the_size_of_the_file(void **state)
{
        CLEANUP(stage_free) struct stage *s = stage_new(LOGFILE_PATH);
        CLEANUP(mem_free) char *backup = mem_format("%s.1", s->path);

        program_of(s)->out.capture_max = 0;
        program_of(s)->out.bytes_max = 10;
        start(s);
        say(s, "12345678", 8);
        run(s);
        assert_true(scratch_holds(s->path, "12345678"));
        go_on(s);
        say(s, "90", 2);
        run(s);
        assert_true(scratch_holds(backup, "1234567890"));
        say(s, "x", 1);
        finish(s);
        assert_true(scratch_holds(s->path, "x"));
}

static void a_file_that_cannot_be_had_costs_only_what_comes_meanwhile(void **state)
{
        CLEANUP(stage_free) struct stage *s = stage_new(LOGFILE_PATH);
        CLEANUP(mem_free) char *folder = mem_format("%s/sub", s->dir);
        CLEANUP(mem_free) char *path = mem_format("%s/log", folder);
        char **configured = &program_of(s)->out.path;

        program_of(s)->out.capture_max = 0;
        mem_free(*configured);
        *configured = mem_strdup(path);
        assert_int_equal(mkdir(folder, 0755), 0);
        start(s);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(folder), 0);
        go_on(s);
        say(s, "lost", 4);
        run(s);
        assert_int_equal(mkdir(folder, 0755), 0);
        say(s, "kept", 4);
        finish(s);
        assert_true(scratch_holds(path, "kept"));
}

static void a_child_that_hung_up_meanwhile_is_at_its_end(void **state)
{
        CLEANUP(stage_free) struct stage *s = stage_new(LOGFILE_PATH);

        start(s);
        say(s, "<!--XSUPER", 10);
        run(s);
        s->ends.out = fd_close(s->ends.out);
        go_on(s);
        run(s);
        assert_null(s->child.channels.out.output);
        assert_true(scratch_holds(s->path, "<!--XSUPER"));
}

/* The daemon keeps the reading end of what a relay reads, for the next relay. */
static void the_end_that_a_relay_reads_is_kept_open(void **state)
{
        CLEANUP(stage_free) struct stage *s = stage_new(LOGFILE_JOURNAL);
        char buffer[8];
        int pipes[2];

        channels_init(&s->child.channels, &s->child, process_of(s));
        assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
        s->child.channels.out.relayed = pipes[0];
        s->ends.out = pipes[1];
        go_on(s);
        assert_int_equal(s->child.channels.out.relayed, pipes[0]);
        assert_null(s->child.channels.out.output);
        say(s, "kept", 4);
        assert_int_equal(read(pipes[0], buffer, sizeof(buffer)), 4);
}

/*
 * Input.
 */

static void check_input(struct stage *s, size_t length)
{
        size_t got = 0;

        while (got < length) {
                char buffer[10000];
                struct pollfd pfd = { .fd = s->ends.in, .events = POLLIN };
                ssize_t n;

                run(s);
                assert_int_equal(poll(&pfd, 1, 0), 1);
                n = read(s->ends.in, buffer, sizeof(buffer));
                assert_true(n > 0);
                for (ssize_t i = 0; i < n; i++)
                        assert_int_equal((unsigned char)buffer[i], (got + (size_t)i) * 31 % 251);
                got += (size_t)n;
        }
        assert_int_equal(got, length);
        assert_false(input_wants_write(s->child.channels.input));
}

static void what_waits_for_the_child_is_still_written(void **state)
{
        enum { LENGTH = 300000 };
        CLEANUP(stage_free) struct stage *s = stage_new(LOGFILE_PATH);
        CLEANUP(mem_free) char *data = mem_new(LENGTH);

        for (size_t i = 0; i < LENGTH; i++)
                data[i] = (char)(i * 31 % 251);
        start(s);
        assert_int_equal(channels_write(&s->child.channels, data, LENGTH - 5), 0);
        assert_true(input_wants_write(s->child.channels.input));
        go_on(s);
        assert_int_equal(channels_write(&s->child.channels, data + LENGTH - 5, 5), 0);
        go_on(s);
        check_input(s, LENGTH);
}

static void an_input_that_was_closed_stays_so(void **state)
{
        CLEANUP(stage_free) struct stage *s = stage_new(LOGFILE_PATH);

        start(s);
        s->ends.in = fd_close(s->ends.in);
        assert_int_equal(channels_write(&s->child.channels, "x", 1), -EPIPE);
        go_on(s);
        assert_int_equal(channels_write(&s->child.channels, "x", 1), -EPIPE);
}

/*
 * Descriptors that are not what they should be.
 */

static void a_descriptor_that_is_not_there_is_told(void **state)
{
        CLEANUP(stage_free) struct stage *s = stage_new(LOGFILE_PATH);
        CLEANUP(saved_free) struct saved *saved = NULL;
        static const char text[] = "reeve-state 1\n[child]\n[.channels]\n[..out]\npipe=600\n[]\n";
        struct err err = {};

        assert_int_equal(saved_parse(text, sizeof(text) - 1, 0, &saved, NULL), 0);
        assert_int_equal(restore(s, saved, NULL, &err), -EBADF);
        assert_string_equal(err.text, "pipe: descriptor 600 is not open");
        assert_null(s->child.channels.out.output);
        assert_string_equal(s->child.channels.out.path, s->path);
}

static void a_descriptor_that_is_no_pipe_is_told(void **state)
{
        CLEANUP(stage_free) struct stage *s = stage_new(LOGFILE_PATH);
        CLEANUP(mem_free) char *text = NULL;
        CLEANUP(saved_free) struct saved *saved = NULL;
        CLEANUP(mem_free) char *sentence = NULL;
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        struct err err = {};

        text = mem_format("reeve-state 1\n[child]\n[.channels]\ninput=%d\n[]\n", fd);
        sentence = mem_format("input: descriptor %d is no pipe", fd);
        assert_int_equal(saved_parse(text, strlen(text), 0, &saved, NULL), 0);
        assert_int_equal(restore(s, saved, NULL, &err), -EBADF);
        assert_string_equal(err.text, sentence);
        (void)close(fd);
}

/* After a crash they come from elsewhere, and what was held back when the text was written has gone
 * on since. */
static void descriptors_with_other_numbers_are_taken_without_what_was_held(void **state)
{
        CLEANUP(stage_free) struct stage *s = stage_new(LOGFILE_PATH);
        CLEANUP(saved_free) struct saved *saved = NULL;
        struct channel_ends ours = { -1, -1, -1 };
        struct err err = {};
        int pipes[2];

        start(s);
        say(s, "<!--XSUPER", 10);
        run(s);
        saved = jump(s);
        assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
        ours.out = pipes[0];
        assert_int_equal(restore(s, saved, &ours, &err), 0);
        s->ends.out = fd_close(s->ends.out);
        s->ends.out = pipes[1];
        say(s, "a line that is longer than a tag\n", 33);
        finish(s);
        assert_true(scratch_holds(s->path, "a line that is longer than a tag\n"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_stream_may_be_cut_anywhere),
                cmocka_unit_test(a_stream_may_be_cut_everywhere),
                cmocka_unit_test(what_was_not_read_yet_stays_in_the_pipe),
                cmocka_unit_test(a_plain_channel_goes_on_too),
                cmocka_unit_test(an_automatic_file_stays_the_same_one),
                cmocka_unit_test(one_that_does_not_run_keeps_its_file_too),
                cmocka_unit_test(rotation_goes_on_from_the_size_of_the_file),
                cmocka_unit_test(a_file_that_cannot_be_had_costs_only_what_comes_meanwhile),
                cmocka_unit_test(a_child_that_hung_up_meanwhile_is_at_its_end),
                cmocka_unit_test(the_end_that_a_relay_reads_is_kept_open),
                cmocka_unit_test(what_waits_for_the_child_is_still_written),
                cmocka_unit_test(an_input_that_was_closed_stays_so),
                cmocka_unit_test(a_descriptor_that_is_not_there_is_told),
                cmocka_unit_test(a_descriptor_that_is_no_pipe_is_told),
                cmocka_unit_test(descriptors_with_other_numbers_are_taken_without_what_was_held),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
