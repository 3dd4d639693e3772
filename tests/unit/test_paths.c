/* Paths, and where a configuration is searched for. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/paths.h"
#include "config/words.h"
#include "tests/unit/config_case.h"

static void paths_lose_what_they_do_not_need(void **state)
{
        static const struct {
                const char *path, *normal;
        } rows[] = {
                { "", "." },
                { "a//b/./c/", "a/b/c" },
                { "/a/../b", "/b" },
                { "/../a", "/a" },
                { "../a/..", ".." },
                { "../../a", "../../a" },
                { "a/..", "." },
                { "a/../..", ".." },
                { "/", "/" },
                { "//a/b", "//a/b" },
                { "//../a", "//a" },
                { "///a", "/a" },
                { "/a/b/../../c", "/c" },
        };

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                CLEANUP(mem_free) char *normal = paths_normalise(rows[i].path);

                assert_string_equal(normal, rows[i].normal);
        }
}

static void joining_keeps_an_absolute_path(void **state)
{
        CLEANUP(mem_free) char *a = paths_join("/etc", "x"), *b = paths_join("/", "x");
        CLEANUP(mem_free) char *c = paths_join("/etc", "/x"), *d = paths_absolute("../x", "/a/b");

        assert_string_equal(a, "/etc/x");
        assert_string_equal(b, "/x");
        assert_string_equal(c, "/x");
        assert_string_equal(d, "/a/x");
}

static void the_directory_is_what_is_in_front_of_the_last_slash(void **state)
{
        CLEANUP(mem_free) char *a = paths_directory("/a/b"), *b = paths_directory("/b");
        CLEANUP(mem_free) char *c = paths_directory("b"), *d = paths_directory("a//b");

        assert_string_equal(a, "/a");
        assert_string_equal(b, "/");
        assert_string_equal(c, "");
        assert_string_equal(d, "a");
}

static void home_is_expanded_where_there_is_one(void **state)
{
        CLEANUP(mem_free) char *own = NULL, *root = NULL, *nobody = NULL, *plain = NULL;

        assert_int_equal(setenv("HOME", "/h/", 1), 0);
        own = paths_expand_home("~/x");
        root = paths_expand_home("~root/x");
        nobody = paths_expand_home("~no-such-user/x");
        plain = paths_expand_home("a~/x");
        assert_string_equal(own, "/h/x");
        assert_string_equal(root, "/root/x");
        assert_string_equal(nobody, "~no-such-user/x");
        assert_string_equal(plain, "a~/x");
}

static void matches_are_sorted_and_hidden_ones_left_out(void **state)
{
        CLEANUP(words_free) char **some = NULL, **none = NULL, **escape = NULL;

        assert_int_equal(mkdir("g", 0700), 0);
        config_case_write("g/b", "");
        config_case_write("g/B", "");
        config_case_write("g/a", "");
        config_case_write("g/.c", "");
        some = paths_glob("g/[a-z]*");
        none = paths_glob("g/x*");
        escape = paths_glob("g/\\a");
        assert_int_equal(words_count(some), 2);
        assert_string_equal(some[0], "g/a");
        assert_string_equal(some[1], "g/b");
        assert_null(none[0]);
        assert_null(escape[0]);
}

static void temporary_files_go_where_the_environment_says(void **state)
{
        CLEANUP(mem_free) char *current = paths_current();
        char *environment[] = { (char[]){ "TMPDIR=/no/such" }, NULL, NULL };
        CLEANUP(mem_free) char *own = mem_format("TEMP=%s", current), *found = NULL, *other = NULL;

        environment[1] = own;
        found = paths_temporary(environment);
        other = paths_temporary(NULL);
        assert_string_equal(found, current);
        assert_string_equal(other, "/tmp");
}

static void a_configuration_is_searched_for_beside_the_program_first(void **state)
{
        CLEANUP(mem_free) char *found = NULL, *beside = NULL, *given = NULL;
        struct err err = {};
        char *never;

        assert_int_equal(mkdir("etc", 0700), 0);
        assert_int_equal(mkdir("p", 0700), 0);
        config_case_write("etc/supervisord.conf", "");
        assert_int_equal(paths_find_configuration(NULL, "p/bin/reeved", &found, &err), 0);
        assert_string_equal(found, "etc/supervisord.conf");
        config_case_write("p/supervisord.conf", "");
        assert_int_equal(paths_find_configuration(NULL, "p/bin/reeved", &beside, &err), 0);
        assert_string_equal(beside, "p/supervisord.conf");
        assert_int_equal(paths_find_configuration("p/supervisord.conf", "", &given, &err), 0);
        assert_int_equal(paths_find_configuration("no", "", &never, &err), -ENOENT);
        assert_string_equal(err.text, "could not find config file no");
}

static void a_search_without_success_names_the_places(void **state)
{
        struct err err = {};
        char *never;

        assert_int_equal(chdir("p"), 0);
        assert_int_equal(unlink("supervisord.conf"), 0);
        if (access("/etc/supervisord.conf", F_OK) == 0 ||
                access("/etc/supervisor/supervisord.conf", F_OK) == 0 ||
                access("/etc/reeve/reeve.conf", F_OK) == 0)
                skip();
        assert_int_equal(paths_find_configuration(NULL, "/no/bin/reeved", &never, &err), -ENOENT);
        assert_string_equal(err.text,
                "No config file found at default paths (/no/etc/supervisord.conf, "
                "/no/supervisord.conf, supervisord.conf, etc/supervisord.conf, "
                "/etc/supervisord.conf, /etc/supervisor/supervisord.conf, /etc/reeve/reeve.conf); "
                "use the -c option to specify a config file at a different path");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(paths_lose_what_they_do_not_need),
                cmocka_unit_test(joining_keeps_an_absolute_path),
                cmocka_unit_test(the_directory_is_what_is_in_front_of_the_last_slash),
                cmocka_unit_test(home_is_expanded_where_there_is_one),
                cmocka_unit_test(matches_are_sorted_and_hidden_ones_left_out),
                cmocka_unit_test(temporary_files_go_where_the_environment_says),
                cmocka_unit_test(a_configuration_is_searched_for_beside_the_program_first),
                cmocka_unit_test(a_search_without_success_names_the_places),
        };

        return cmocka_run_group_tests(tests, config_case_begin, config_case_end);
}
