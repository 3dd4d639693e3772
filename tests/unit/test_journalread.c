/* Reading the output of programs from the journal: from files that systemd's own tool has made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/journalread.h"
#include "tests/unit/scratch.h"

static const char writer[] = "/lib/systemd/systemd-journal-remote";

struct fixture {
        char *dir, *journal;
        unsigned written;    /* records, whose times go up */
        struct text records; /* that are to be added to the file */
        struct journalread *reader;
        struct journalread_mark mark;
        struct text text;
};

/* In the export format of systemd. */
static void add(struct fixture *f, unsigned uid, const char *channel, const char *message,
        const char *line_break)
{
        unsigned long long now = 1700000000000000ull + f->written++ * 1000;

        text_format(&f->records,
                "__REALTIME_TIMESTAMP=%llu\n__MONOTONIC_TIMESTAMP=%llu\n"
                "_BOOT_ID=0123456789abcdef0123456789abcdef\n_UID=%u\nREEVE_INSTANCE=sup\n"
                "REEVE_GROUP=g\nREEVE_PROCESS=p\nREEVE_CHANNEL=%s\nMESSAGE=%s\n",
                now, now - 1600000000000000ull, uid, channel, message);
        if (line_break)
                text_format(&f->records, "REEVE_LINE_BREAK=%s\n", line_break);
        text_append_char(&f->records, '\n');
}

static void say(struct fixture *f, const char *message)
{
        add(f, geteuid(), "stdout", message, NULL);
}

/* Writes what was added to the file, and opens it. */
static void open_journal(struct fixture *f)
{
        const struct journalread_subject subject = { .directory = f->journal,
                .instance = (char *)"sup",
                .group = (char *)"g",
                .process = (char *)"p",
                .channel = "stdout" };
        CLEANUP(mem_free) char *export = mem_format("%s/export", f->dir);
        CLEANUP(mem_free)
        char *command =
                mem_format("%s -o %s/reeve.journal %s 2>/dev/null", writer, f->journal, export);
        FILE *file = fopen(export, "we");
        struct err err = {};
        int status;

        assert_non_null(file);
        assert_int_equal(fwrite(f->records.data, 1, f->records.length, file), f->records.length);
        assert_int_equal(fclose(file), 0);
        status = system(command); /* of our own words alone */
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        text_truncate(&f->records, 0);
        journalread_free(f->reader);
        f->reader = NULL;
        assert_int_equal(journalread_new(&subject, &f->reader, &err), 0);
}

static int setup(void **state)
{
        struct fixture *f = mem_new(sizeof(*f));

        *state = f;
        f->dir = scratch_new();
        f->journal = mem_format("%s/journal", f->dir);
        return mkdir(f->journal, 0700);
}

static int teardown(void **state)
{
        struct fixture *f = *state;

        journalread_free(f->reader);
        mem_free(f->mark.cursor);
        text_clear(&f->records);
        text_clear(&f->text);
        scratch_free(f->dir);
        mem_free(f->journal);
        mem_free(f);
        return 0;
}

static void need_writer(void)
{
        if (access(writer, X_OK) < 0)
                skip(); /* nobody else makes journal files without a journald */
}

static const char *range(struct fixture *f, int64_t offset, int64_t length)
{
        text_truncate(&f->text, 0);
        assert_int_equal(journalread_range(f->reader, &f->mark, offset, length, &f->text), 0);
        return text_string(&f->text);
}

static void records_are_lines_of_a_log(void **state)
{
        struct fixture *f = *state;

        need_writer();
        say(f, "one");
        say(f, "two");
        add(f, geteuid(), "stdout", "thr", "max");
        add(f, geteuid(), "stdout", "ee", NULL);
        add(f, geteuid(), "stdout", "bye", "end");
        open_journal(f);
        assert_true(journalread_measure(f->reader, &f->mark) >= 0);
        assert_int_equal(f->mark.size, strlen("one\ntwo\nthree\nbye"));
        assert_string_equal(range(f, 0, 100), "one\ntwo\nthree\nbye");
        assert_string_equal(range(f, 2, 8), "e\ntwo\nth");
        assert_string_equal(range(f, 14, 2), "by");
        assert_string_equal(range(f, 17, 5), "");
}

static void the_tail_is_the_last_bytes(void **state)
{
        struct fixture *f = *state;

        need_writer();
        say(f, "one");
        say(f, "two");
        open_journal(f);
        assert_true(journalread_tail(f->reader, 5, &f->text) >= 0);
        assert_string_equal(text_string(&f->text), "\ntwo\n");
        assert_int_equal(journalread_next(f->reader, &f->text), 0);
        text_truncate(&f->text, 0);
        assert_true(journalread_tail(f->reader, 1000, &f->text) >= 0);
        assert_string_equal(text_string(&f->text), "one\ntwo\n");
}

static void others_and_the_other_channel_are_not_heard(void **state)
{
        struct fixture *f = *state;

        need_writer();
        add(f, geteuid() + 1, "stdout", "forged", NULL);
        say(f, "mine");
        add(f, geteuid(), "stderr", "other channel", NULL);
        open_journal(f);
        assert_true(journalread_tail(f->reader, 1000, &f->text) >= 0);
        assert_string_equal(text_string(&f->text), "mine\n");
}

static void offsets_go_on_when_more_is_written(void **state)
{
        struct fixture *f = *state;

        need_writer();
        say(f, "one");
        open_journal(f);
        assert_true(journalread_measure(f->reader, &f->mark) >= 0);
        assert_int_equal(f->mark.size, 4);
        f->mark.size = 1004; /* as if a thousand bytes had been thrown away by now */
        say(f, "two");
        open_journal(f);
        assert_true(journalread_measure(f->reader, &f->mark) >= 0);
        assert_int_equal(f->mark.size, 1008);
        assert_string_equal(range(f, 1004, 100), "two\n");
        assert_string_equal(range(f, 0, 1004), "one\n");
}

static void a_log_of_nobody_is_empty(void **state)
{
        struct fixture *f = *state;

        need_writer();
        add(f, geteuid(), "stderr", "not this", NULL);
        open_journal(f);
        assert_true(journalread_measure(f->reader, &f->mark) >= 0);
        assert_int_equal(f->mark.size, 0);
        assert_string_equal(range(f, 0, 100), "");
        assert_true(journalread_tail(f->reader, 1000, &f->text) >= 0);
        assert_int_equal(f->text.length, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(records_are_lines_of_a_log, setup, teardown),
                cmocka_unit_test_setup_teardown(the_tail_is_the_last_bytes, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        others_and_the_other_channel_are_not_heard, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        offsets_go_on_when_more_is_written, setup, teardown),
                cmocka_unit_test_setup_teardown(a_log_of_nobody_is_empty, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
