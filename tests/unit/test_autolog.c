/* Automatic log files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "logs/autolog.h"
#include "tests/unit/scratch.h"

static void remember(void *context, enum log_level level, const char *text)
{
        assert_int_equal(level, LOG_LEVEL_WARN);
        text_append(context, text);
        text_append_char(context, '\n');
}

static void clean(const char *dir, const char *identifier, const char *told)
{
        CLEANUP(text_clear) struct text seen = {};

        autolog_clean(dir, identifier, &(struct log_sink){ remember, &seen });
        assert_string_equal(text_string(&seen), told);
}

static bool exists(const char *dir, const char *name)
{
        return access(scratch_path(dir, name), F_OK) == 0;
}

static void the_name_says_whose_log_it_is(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        CLEANUP(mem_free) char *path = NULL, *other = NULL, *prefix = NULL;
        struct stat st;
        struct err err;

        assert_int_equal(autolog_create(dir, "cat_1", "stdout", "supervisor", &path, &err), 0);
        assert_int_equal(autolog_create(dir, "cat_1", "stdout", "supervisor", &other, &err), 0);
        prefix = mem_format("%s/cat_1-stdout---supervisor-", dir);
        assert_true(text_starts(path, prefix));
        assert_int_equal(strlen(path), strlen(prefix) + 8 + strlen(".log"));
        assert_int_equal(strspn(path + strlen(prefix), "abcdefghijklmnopqrstuvwxyz0123456789_"), 8);
        assert_string_equal(path + strlen(prefix) + 8, ".log");
        assert_string_not_equal(path, other);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(st.st_size, 0);
}

static void a_slash_in_a_name_leaves_the_folder_not(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        CLEANUP(mem_free) char *path = NULL;
        struct err err;

        assert_int_equal(autolog_create(dir, "../a/b", "stderr", "x/y", &path, &err), 0);
        assert_true(text_starts(path + strlen(dir), "/.._a_b-stderr---x_y-"));
}

static void a_missing_folder_is_an_error(void **state)
{
        char *path = NULL;
        struct err err;

        assert_int_equal(
                autolog_create("/nonexistent", "cat", "stdout", "s", &path, &err), -ENOENT);
        assert_true(text_starts(err.text, "cannot create log file '/nonexistent/cat-stdout---s-"));
        assert_null(path);
}

static void logs_of_an_earlier_life_are_removed(void **state)
{
        static const char *const gone[] = { "cat-stdout---me-abcd1234.log",
                "cat-stdout---me-abcd1234.log.1", "cat-stderr---me-x.log.10", "a---me-z.log1",
                "---x---me-abc.log", "a---me-.log.log" };
        static const char *const kept[] = { "cat-stdout---you-abcd1234.log", "---me-abc.log",
                "cat-stdout---me-.log", "cat-stdout---me-abc.txt", "cat-stdout---me-a b.log",
                "cat-stdout---meabc.log", "plain.log", "a\nb---me-abc.log" };
        CLEANUP(scratch_free) char *dir = scratch_new();

        for (size_t i = 0; i < ELEMENTS(gone); i++)
                scratch_write(scratch_path(dir, gone[i]), "x");
        for (size_t i = 0; i < ELEMENTS(kept); i++)
                scratch_write(scratch_path(dir, kept[i]), "x");
        clean(dir, "me", "");
        for (size_t i = 0; i < ELEMENTS(gone); i++)
                if (exists(dir, gone[i]))
                        fail_msg("%s is still there", gone[i]);
        for (size_t i = 0; i < ELEMENTS(kept); i++)
                if (!exists(dir, kept[i]))
                        fail_msg("%s is gone", kept[i]);
}

static void the_identifier_is_a_text_and_no_pattern(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();

        scratch_write(scratch_path(dir, "a---axb-1.log"), "x");
        scratch_write(scratch_path(dir, "a---a.b-1.log"), "x");
        clean(dir, "a.b", "");
        assert_true(exists(dir, "a---axb-1.log"));
        assert_false(exists(dir, "a---a.b-1.log"));
}

static void what_cannot_be_removed_is_told(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        CLEANUP(mem_free) char *told = mem_format("Failed to clean up '%s/a---me-1.log'\n", dir);

        assert_int_equal(mkdir(scratch_path(dir, "a---me-1.log"), 0700), 0);
        clean(dir, "me", told);
        clean("/nonexistent", "me", "Could not clear childlog dir\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_name_says_whose_log_it_is),
                cmocka_unit_test(a_slash_in_a_name_leaves_the_folder_not),
                cmocka_unit_test(a_missing_folder_is_an_error),
                cmocka_unit_test(logs_of_an_earlier_life_are_removed),
                cmocka_unit_test(the_identifier_is_a_text_and_no_pattern),
                cmocka_unit_test(what_cannot_be_removed_is_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
