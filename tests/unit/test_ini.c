/* The INI dialect: what a supervisord.conf may look like, and what it says when it does not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/ini.h"

static struct ini *parsed(const char *text)
{
        struct ini *ini = ini_new();
        struct err err = {};

        if (ini_parse(ini, "f.conf", text, strlen(text), &err) < 0)
                fail_msg("%s", err.text);
        return ini;
}

static const char *value(const struct ini *ini, const char *section, const char *key)
{
        const struct ini_section *found = ini_section(ini, section);

        return found ? ini_value(ini, found, key) : NULL;
}

static void refused(const char *text, const char *words)
{
        CLEANUP(ini_free) struct ini *ini = ini_new();
        struct err err = {};

        assert_int_equal(ini_parse(ini, "f.conf", text, strlen(text), &err), -EINVAL);
        assert_string_equal(err.text, words);
}

static void a_semicolon_starts_a_comment_only_after_white_space(void **state)
{
        CLEANUP(ini_free)
        struct ini *ini = parsed("[s]\n"
                                 "a=b;c\n"
                                 "b=b ;c\n"
                                 "c=bash -c \"x ; y\"\n"
                                 "d=b#c\n"
                                 "e=b\t# c\n"
                                 "f=;not a comment?\n");

        assert_string_equal(value(ini, "s", "a"), "b;c");
        assert_string_equal(value(ini, "s", "b"), "b");
        assert_string_equal(value(ini, "s", "c"), "bash -c \"x");
        assert_string_equal(value(ini, "s", "d"), "b#c");
        assert_string_equal(value(ini, "s", "e"), "b");
        assert_string_equal(value(ini, "s", "f"), ";not a comment?");
}

static void both_comment_markers_are_looked_for_in_lock_step(void **state)
{
        CLEANUP(ini_free) struct ini *ini = parsed("[s]\ncommand=x;y ;b #c\nother=x ;b #c\n");

        assert_string_equal(value(ini, "s", "command"), "x;y ;b");
        assert_string_equal(value(ini, "s", "other"), "x");
}

static void a_more_indented_line_continues_a_value(void **state)
{
        CLEANUP(ini_free)
        struct ini *ini = parsed("[s]\n"
                                 "a = 1\n"
                                 "   2 ; comment\n"
                                 "; whole line\n"
                                 "\n"
                                 "  [x]\n"
                                 "  k=v\n"
                                 "\n"
                                 "\n"
                                 "b =\n"
                                 "  C=1,\n"
                                 "  D=2\n"
                                 "  c = no option\n");

        assert_string_equal(value(ini, "s", "a"), "1\n2\n\n[x]\nk=v");
        assert_string_equal(value(ini, "s", "b"), "\nC=1,\nD=2\nc = no option");
        assert_null(ini_section(ini, "x"));
}

static void an_equally_indented_line_is_an_option_of_its_own(void **state)
{
        CLEANUP(ini_free) struct ini *ini = parsed("[s]\n  a=1\n  b=2\n c=3\n");

        assert_string_equal(value(ini, "s", "a"), "1");
        assert_string_equal(value(ini, "s", "b"), "2");
        assert_string_equal(value(ini, "s", "c"), "3");
}

static void the_first_delimiter_counts_and_keys_are_lower_case(void **state)
{
        CLEANUP(ini_free) struct ini *ini = parsed("[s]\nKey : a=b\nTwo=a:b\nempty=\n");

        assert_string_equal(value(ini, "s", "key"), "a=b");
        assert_string_equal(value(ini, "s", "two"), "a:b");
        assert_string_equal(value(ini, "s", "empty"), "");
        assert_null(value(ini, "s", "Key"));
}

static void a_header_goes_to_the_last_bracket(void **state)
{
        CLEANUP(ini_free) struct ini *ini = parsed("[ a]b] rest\nk=1\n[A]\nk=2\n[a]\nk=3\n");

        assert_string_equal(value(ini, " a]b", "k"), "1");
        assert_string_equal(value(ini, "A", "k"), "2");
        assert_string_equal(value(ini, "a", "k"), "3");
}

static void a_header_without_its_bracket_is_an_option_without_a_word(void **state)
{
        CLEANUP(ini_free) struct ini *ini = parsed("[s]\n[program:x\ncommand=cat\n");

        assert_string_equal(value(ini, "s", "[program"), "x");
        assert_string_equal(value(ini, "s", "command"), "cat");
        assert_null(ini_section(ini, "program:x"));
}

static void sections_merge_and_the_last_writer_of_an_option_wins(void **state)
{
        CLEANUP(ini_free) struct ini *ini = parsed("[s]\na=1\nb=2\n[t]\n[s]\na=3\n");
        const struct ini_option *option = ini_option(ini, ini_section(ini, "s"), "a");

        assert_string_equal(option->value, "3");
        assert_int_equal(option->line, 6);
        assert_string_equal(value(ini, "s", "b"), "2");
        assert_int_equal(ini_section(ini, "s")->line, 1);
}

static void default_lends_to_every_section_and_is_none(void **state)
{
        CLEANUP(ini_free)
        struct ini *ini = parsed("[s]\na=own\n[DEFAULT]\na=lent\nb=lent\n"
                                 "[default]\n");

        assert_string_equal(value(ini, "s", "a"), "own");
        assert_string_equal(value(ini, "s", "b"), "lent");
        assert_string_equal(value(ini, "default", "a"), "lent");
        assert_null(ini_section(ini, "DEFAULT"));
}

static void lines_may_end_in_any_fashion(void **state)
{
        CLEANUP(ini_free) struct ini *ini = parsed("[s]\r\na=1\r\nb=2\rc=3");
        const struct ini_option *option = ini_option(ini, ini_section(ini, "s"), "c");

        assert_string_equal(value(ini, "s", "a"), "1");
        assert_string_equal(value(ini, "s", "b"), "2");
        assert_string_equal(option->value, "3");
        assert_int_equal(option->line, 4);
}

static void every_option_knows_its_file_and_line(void **state)
{
        CLEANUP(ini_free) struct ini *ini = parsed("[s]\n\na=1\n 2\n");
        const struct ini_option *option;
        struct err err = {};

        assert_int_equal(ini_parse(ini, "g.conf", "[s]\nb=2\n[t]\n", 12, &err), 0);
        option = ini_option(ini, ini_section(ini, "s"), "a");
        assert_string_equal(option->file, "f.conf");
        assert_int_equal(option->line, 3);
        option = ini_option(ini, ini_section(ini, "s"), "b");
        assert_string_equal(option->file, "g.conf");
        assert_int_equal(option->line, 2);
        assert_string_equal(ini_section(ini, "s")->file, "f.conf");
        assert_string_equal(ini_section(ini, "t")->file, "g.conf");
}

static void what_cannot_be_parsed_is_listed_line_by_line(void **state)
{
        refused("a=1\n", "File contains no section headers.\nfile: 'f.conf', line: 1\n'a=1\\n'");
        refused("\xef\xbb\xbf[s]\n",
                "File contains no section headers.\nfile: 'f.conf', line: 1\n'\\ufeff[s]\\n'\n"
                "It is about its byte order mark: save it as UTF-8 without one.");
        refused("; x\n\n\xef\xbb\xbf[s]",
                "File contains no section headers.\nfile: 'f.conf', line: 3\n'\\ufeff[s]'");
        refused("[s]\njunk\na=1\n= x\n[]\n",
                "Source contains parsing errors: 'f.conf'\n\t[line  2]: 'junk\\n'"
                "\n\t[line  4]: '= x\\n'\n\t[line  5]: '[]\\n'");
}

static void a_byte_zero_is_refused(void **state)
{
        static const char text[] = "[s]\na=1\0b\n";
        CLEANUP(ini_free) struct ini *ini = ini_new();
        struct err err = {};

        assert_int_equal(ini_parse(ini, "f.conf", text, sizeof(text) - 1, &err), -EINVAL);
        assert_string_equal(
                err.text, "Source contains parsing errors: 'f.conf'\n\t[line  2]: 'a=1\\x00b\\n'");
}

static void replacing_reaches_what_is_lent_section_by_section(void **state)
{
        CLEANUP(ini_free)
        struct ini *ini = parsed("[DEFAULT]\nd=%(here)s/d\n[s]\n"
                                 "a=%(here)s:%(here)s\nb=%%(here)s\n");
        struct err err = {};

        assert_int_equal(ini_replace(ini, "%(here)s", "/one", &err), 0);
        assert_int_equal(ini_parse(ini, "g.conf", "[t]\na=%(here)s\n", 15, &err), 0);
        assert_int_equal(ini_replace(ini, "%(here)s", "/two", &err), 0);
        assert_string_equal(value(ini, "s", "a"), "/one:/one");
        assert_string_equal(value(ini, "s", "b"), "%/one");
        assert_string_equal(value(ini, "s", "d"), "/one/d");
        assert_string_equal(value(ini, "t", "a"), "/two");
        assert_string_equal(value(ini, "t", "d"), "/two/d");
        assert_true(ini_option(ini, ini_section(ini, "t"), "d")->is_lent);
}

static void replacing_cannot_grow_without_limit(void **state)
{
        size_t length = (size_t)1 << 20;
        CLEANUP(mem_free) char *text = mem_new(length + 1), *to = mem_new(4096);
        CLEANUP(ini_free) struct ini *ini = ini_new();
        struct err err = {};

        memset(text, 'x', length);
        memcpy(text, "[s]\na=", 6);
        memset(to, 'y', 4095);
        assert_int_equal(ini_parse(ini, "f", text, length, &err), 0);
        assert_int_equal(ini_replace(ini, "x", to, &err), -E2BIG);
        assert_string_equal(err.text, "the configuration is larger than 64 MiB");
}

static void a_file_is_read_as_its_bytes_are(void **state)
{
        char path[] = "/tmp/test_ini_XXXXXX";
        int fd = mkstemp(path);
        CLEANUP(ini_free) struct ini *ini = ini_new();
        struct err err = {};

        assert_true(fd >= 0);
        assert_int_equal(write(fd, "[s]\na=1\n", 8), 8);
        (void)close(fd);
        assert_int_equal(ini_read(ini, path, &err), 0);
        assert_string_equal(value(ini, "s", "a"), "1");
        (void)unlink(path);
        assert_int_equal(ini_read(ini, path, &err), -ENOENT);
        assert_int_equal(ini_read(ini, "/tmp", &err), -EISDIR);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_semicolon_starts_a_comment_only_after_white_space),
                cmocka_unit_test(both_comment_markers_are_looked_for_in_lock_step),
                cmocka_unit_test(a_more_indented_line_continues_a_value),
                cmocka_unit_test(an_equally_indented_line_is_an_option_of_its_own),
                cmocka_unit_test(the_first_delimiter_counts_and_keys_are_lower_case),
                cmocka_unit_test(a_header_goes_to_the_last_bracket),
                cmocka_unit_test(a_header_without_its_bracket_is_an_option_without_a_word),
                cmocka_unit_test(sections_merge_and_the_last_writer_of_an_option_wins),
                cmocka_unit_test(default_lends_to_every_section_and_is_none),
                cmocka_unit_test(lines_may_end_in_any_fashion),
                cmocka_unit_test(every_option_knows_its_file_and_line),
                cmocka_unit_test(what_cannot_be_parsed_is_listed_line_by_line),
                cmocka_unit_test(a_byte_zero_is_refused),
                cmocka_unit_test(replacing_reaches_what_is_lent_section_by_section),
                cmocka_unit_test(replacing_cannot_grow_without_limit),
                cmocka_unit_test(a_file_is_read_as_its_bytes_are),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
