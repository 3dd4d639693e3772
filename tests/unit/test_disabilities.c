/* Disabilities: the file of programs that are disabled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "daemon/disabilities.h"
#include "tests/unit/scratch.h"

static void note(void *context, enum log_level level, const char *text)
{
        text_format(context, "%s %s\n", log_level_code(level), text);
}

static void name(void *context, const char *program)
{
        text_format(context, "%s ", program);
}

static sd_event *loop; /* of all tests */

static unsigned settled; /* how often we were told */

static void count(void *context)
{
        settled++;
}

static struct disabilities *open_with(struct text *said, const char *path)
{
        const struct disabilities_host host = { .sink = { .write = note, .context = said },
                .settled = count };

        return disabilities_open(loop, path, &host);
}

/* The file is written beside the loop, which hears of each time that it was. */
static void expect_file(const char *path, const char *content)
{
        for (unsigned i = 0; i < 100; i++) {
                CLEANUP(mem_free) char *data = scratch_read(path, NULL);

                if (text_equal(data, content))
                        return;
                assert_true(sd_event_run(loop, USEC_SEC / 10) >= 0);
        }
        assert_true(scratch_holds(path, content));
}

static void expect_said(const struct text *said, const char *words)
{
        for (unsigned i = 0; i < 100 && !strstr(text_string(said), words); i++)
                assert_true(sd_event_run(loop, USEC_SEC / 10) >= 0);
        assert_non_null(strstr(text_string(said), words));
}

static void expect_disabled(const struct disabilities *d, const char *programs)
{
        CLEANUP(text_clear) struct text names = {};

        disabilities_each(d, name, &names);
        assert_string_equal(text_string(&names), programs);
}

static struct program_group *group_of(const char *first, const char *second)
{
        struct program_group *group = program_group_new("g", GROUP_HETEROGENEOUS);

        group->labels = mem_new_array(3, sizeof(char *));
        group->labels[0] = mem_strdup(first);
        group->labels[1] = second ? mem_strdup(second) : NULL;
        return group;
}

static void all_programs_are_written_from_the_start(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "a/b/file.json");
        CLEANUP(text_clear) struct text said = {};
        CLEANUP(disabilities_free) struct disabilities *d = open_with(&said, path);
        CLEANUP(program_group_unref) struct program_group *group = group_of("web", "db");
        CLEANUP(program_group_unref) struct program_group *later = group_of("cron", NULL);

        expect_disabled(d, "");
        disabilities_add_set(d, &(struct program_set){ &group, 1 });
        expect_file(path, "{\n \"db\": false,\n \"web\": false\n}");
        disabilities_set(d, "db", true);
        expect_file(path, "{\n \"db\": true,\n \"web\": false\n}");
        disabilities_add_group(d, later);
        expect_file(path, "{\n \"cron\": false,\n \"db\": true,\n \"web\": false\n}");
        assert_string_equal(text_string(&said), "");
}

static void what_was_written_is_read_and_what_is_gone_is_kept(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "file.json");
        CLEANUP(text_clear) struct text said = {};
        CLEANUP(disabilities_free) struct disabilities *d = NULL;
        CLEANUP(program_group_unref) struct program_group *group = group_of("web", NULL);

        scratch_write(path, "{ \"web\": true, \"gone\": true, \"odd\": 3 }");
        d = open_with(&said, path);
        expect_disabled(d, "web gone ");
        disabilities_add_set(d, &(struct program_set){ &group, 1 });
        expect_file(path, "{\n \"gone\": true,\n \"web\": true\n}");
        disabilities_set(d, "web", false);
        expect_file(path, "{\n \"gone\": true,\n \"web\": false\n}");
        assert_non_null(strstr(text_string(&said), "WARN disabilities file '"));
        assert_non_null(strstr(text_string(&said), "'odd' is neither true nor false"));
}

static void a_file_is_not_written_without_need(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "file.json");
        CLEANUP(text_clear) struct text said = {};
        CLEANUP(disabilities_free) struct disabilities *d = open_with(&said, path);
        CLEANUP(program_group_unref) struct program_group *group = group_of("web", NULL);

        disabilities_add_group(d, group);
        expect_file(path, "{\n \"web\": false\n}");
        assert_int_equal(unlink(path), 0);
        disabilities_add_group(d, group);
        disabilities_set(d, "web", false);
        assert_int_equal(access(path, F_OK), -1);
        disabilities_set(d, "web", true);
        expect_file(path, "{\n \"web\": true\n}");
}

static void who_waits_for_the_file_is_told_also_when_it_cannot_be_written(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        CLEANUP(text_clear) struct text said = {};
        CLEANUP(disabilities_free)
        struct disabilities *good = open_with(&said, scratch_path(dir, "file.json"));
        CLEANUP(disabilities_free) struct disabilities *bad = open_with(&said, "/proc/none/x");

        assert_false(disabilities_is_pending(good));
        settled = 0;
        for (unsigned i = 0; i < 9; i++)
                disabilities_set(good, "web", i % 2 == 0);
        assert_true(disabilities_is_pending(good));
        while (disabilities_is_pending(good))
                assert_true(sd_event_run(loop, USEC_SEC) >= 0);
        assert_int_equal(settled, 1);
        disabilities_set(bad, "web", true);
        assert_true(disabilities_is_pending(bad));
        while (disabilities_is_pending(bad))
                assert_true(sd_event_run(loop, USEC_SEC) >= 0);
        assert_int_equal(settled, 2);
}

static void what_is_not_written_at_the_end_is_written_then(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "file.json");
        CLEANUP(text_clear) struct text said = {};

        for (unsigned i = 0; i < 50; i++) {
                struct disabilities *d = open_with(&said, path);

                disabilities_set(d, "web", i % 2 == 0);
                (void)disabilities_free(d);
                assert_true(scratch_holds(
                        path, i % 2 ? "{\n \"web\": false\n}" : "{\n \"web\": true\n}"));
        }
        assert_string_equal(text_string(&said), "");
        (void)usleep(50000); /* the threads come to their end in the folder that is removed next */
}

static void what_is_no_object_is_ignored(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "file.json");
        CLEANUP(text_clear) struct text said = {};
        CLEANUP(disabilities_free) struct disabilities *d = NULL;

        scratch_write(path, "[ \"web\" ]");
        d = open_with(&said, path);
        expect_disabled(d, "");
        assert_non_null(strstr(text_string(&said), "is ignored: it holds no JSON object"));
        disabilities_set(d, "web", true);
        expect_file(path, "{\n \"web\": true\n}");
}

static void what_is_not_json_is_moved_aside(void **state)
{
        static const char *const bad[] = { "{ \"web\": tru", "", "{ \"a\": true, \"a\": false }" };

        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                CLEANUP(scratch_free) char *dir = scratch_new();
                const char *path = scratch_path(dir, "file.json");
                CLEANUP(text_clear) struct text said = {};
                CLEANUP(disabilities_free) struct disabilities *d = NULL;

                scratch_write(path, bad[i]);
                d = open_with(&said, path);
                expect_disabled(d, "");
                assert_true(text_starts(text_string(&said), "ERRO disabilities file '"));
                assert_true(scratch_holds(scratch_path(dir, "file.json.bad"), bad[i]));
                disabilities_set(d, "web", true);
                expect_file(path, "{\n \"web\": true\n}");
        }
}

static void what_is_too_large_is_moved_aside(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "file.json");
        CLEANUP(mem_free) char *large = mem_new((2 << 20) + 1);
        CLEANUP(text_clear) struct text said = {};
        CLEANUP(disabilities_free) struct disabilities *d = NULL;

        memset(large, ' ', 2 << 20);
        scratch_write(path, large);
        d = open_with(&said, path);
        assert_non_null(strstr(text_string(&said), "it is larger than 1 MiB"));
        assert_int_equal(access(scratch_path(dir, "file.json.bad"), F_OK), 0);
}

static void what_cannot_be_read_or_written_is_said_and_left(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "file.json");
        CLEANUP(text_clear) struct text said = {};
        CLEANUP(disabilities_free) struct disabilities *folder = NULL, *under_file = NULL;

        assert_int_equal(mkdir(path, 0755), 0);
        folder = open_with(&said, path);
        assert_non_null(strstr(text_string(&said), "cannot be read, so none is kept"));
        disabilities_set(folder, "web", true);
        scratch_write(scratch_path(dir, "plain"), "");
        under_file = open_with(&said, scratch_path(dir, "plain/x"));
        text_truncate(&said, 0);
        disabilities_set(under_file, "web", true);
        expect_disabled(folder, "web ");
        assert_true(scratch_holds(scratch_path(dir, "plain"), ""));
}

static void one_reason_is_said_once_but_to_each_who_asks(void **state)
{
        CLEANUP(text_clear) struct text said = {};
        CLEANUP(disabilities_free) struct disabilities *d = NULL;
        CLEANUP(program_group_unref) struct program_group *group = group_of("web", "db");
        CLEANUP(program_group_unref) struct program_group *later = group_of("cron", NULL);

        d = open_with(&said, "/proc/none/x");
        disabilities_add_set(d, &(struct program_set){ &group, 1 });
        expect_said(&said, "cannot be written: ");
        text_truncate(&said, 0);
        disabilities_add_group(d, later);
        assert_string_equal(text_string(&said), "");
        disabilities_set(d, "web", true);
        expect_said(&said, "cannot be written: ");
}

static void nothing_is_kept_where_there_is_no_file(void **state)
{
        disabilities_set(NULL, "web", true);
        disabilities_add_set(NULL, &(struct program_set){});
        expect_disabled(NULL, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(all_programs_are_written_from_the_start),
                cmocka_unit_test(what_was_written_is_read_and_what_is_gone_is_kept),
                cmocka_unit_test(a_file_is_not_written_without_need),
                cmocka_unit_test(who_waits_for_the_file_is_told_also_when_it_cannot_be_written),
                cmocka_unit_test(what_is_not_written_at_the_end_is_written_then),
                cmocka_unit_test(what_is_no_object_is_ignored),
                cmocka_unit_test(what_is_not_json_is_moved_aside),
                cmocka_unit_test(what_is_too_large_is_moved_aside),
                cmocka_unit_test(what_cannot_be_read_or_written_is_said_and_left),
                cmocka_unit_test(one_reason_is_said_once_but_to_each_who_asks),
                cmocka_unit_test(nothing_is_kept_where_there_is_no_file),
        };

        int failed = sd_event_new(&loop) < 0;

        failed += cmocka_run_group_tests(tests, NULL, NULL);
        loop = sd_event_unref(loop);
        return failed;
}
