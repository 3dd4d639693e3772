/* Patterns: the language is Python's, and no pattern takes long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "rules/pattern.h"

/* -1: it is no pattern; -2: it finds nothing; else the length of the match. */
static int length_of(const char *text, const char *subject)
{
        CLEANUP(pattern_free) struct pattern *p = NULL;
        struct err err = {};
        size_t length = 99;
        int r = pattern_compile(text, &p, &err);

        if (r < 0) {
                assert_int_equal(r, -EINVAL);
                assert_null(p);
                assert_non_null(strstr(err.text, "the regular expression '"));
                return -1;
        }
        r = pattern_search(p, subject, &length);
        assert_in_range(r, 0, 1);
        return r ? (int)length : -2;
}

static void a_pattern_is_searched_anywhere_and_in_the_case_it_has(void **state)
{
        assert_int_equal(length_of("prg", "my_prg_1"), 3);
        assert_int_equal(length_of("PRG", "my_prg_1"), -2);
        assert_int_equal(length_of("(?i)PRG", "my_prg_1"), 3);
        assert_int_equal(length_of("^d.*s_01_", "dummies_01_any"), 11);
        assert_int_equal(length_of("b|bcd", "abcd"), 1);
        assert_int_equal(length_of("", "a"), 0);
}

static void the_length_is_in_characters(void **state)
{
        assert_int_equal(length_of("^..$", "\xc3\xa9\xe2\x82\xac"), 2);
        assert_int_equal(length_of("\\w+", "-\xc3\xa9\xc3\xa9-"), 2);
}

static void what_means_something_else_to_pcre_means_what_python_means(void **state)
{
        static const struct {
                const char *pattern, *subject;
                int length;
        } cases[] = {
                { "^a{,2}$", "aa", 2 },
                { "^a{,2}$", "aaa", -2 },
                { "^a{,}$", "aaa", 3 },
                { "^a{x}$", "a{x}", 4 },
                { "a\\Z", "a\n", -2 },
                { "a$", "a\n", 1 },
                { "\\x41\\u0042\\U00000043", "ABC", 3 },
                { "\\v", "\v", 1 },
                { "\\v", "\n", -2 },
                { "[[:alpha:]]", ":]", 2 },
                { "[[:alpha:]]", "b", -2 },
                { "[]a]+", "]a", 2 },
                { "[^]a]", "]a", -2 },
                { "[\\]x]+", "]x", 2 },
                { "a(?#[)b", "ab", 2 },
                { "(?P<n>a)(?P=n)", "aa", 2 },
                { "(?:a|b)_(\\d+)$", "b_12", 4 },
                { "(?<=a)b", "ab", 1 },
                { "\\.\\-\\_\\ ", ".-_ ", 4 },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                int length = length_of(cases[i].pattern, cases[i].subject);

                if (length != cases[i].length)
                        fail_msg("'%s' in '%s': %d", cases[i].pattern, cases[i].subject, length);
        }
}

static void what_is_no_pattern_is_refused(void **state)
{
        static const char *const bad[] = { "p[", "(", ")", "*", "a**", "(*UTF)a",
                "(*LIMIT_MATCH=1)", "\\", "a\\", "\\C", "\\Qa\\E", "\\K", "\\h", "\\p{L}", "\\x4",
                "\\u12", "[\\", "(?#", "(?P<n", "(?z)", "[b-a]", "a{2,1}", "(?<=a*)b", "\xff" };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                if (length_of(bad[i], "a") != -1)
                        fail_msg("'%s' was taken", bad[i]);
}

static void a_pattern_that_would_take_for_ever_is_given_up(void **state)
{
        CLEANUP(pattern_free) struct pattern *p = NULL;

        assert_int_equal(pattern_compile("^(a+)+$", &p, NULL), 0);
        assert_int_equal(
                pattern_search(p, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", NULL), -E2BIG);
        /* Milliseconds are long enough. */
        assert_int_equal(pattern_search(p, "aaaaaaaaaaaaaaaaaab", NULL), -E2BIG);
        assert_int_equal(pattern_search(p, "aaaa", NULL), 1);
}

static void the_length_of_a_pattern_is_limited(void **state)
{
        CLEANUP(mem_free) char *text = mem_new(PATTERN_LENGTH_MAX + 2);

        memset(text, 'a', PATTERN_LENGTH_MAX + 1);
        assert_int_equal(length_of(text, "a"), -1);
        text[PATTERN_LENGTH_MAX] = '\0';
        assert_int_equal(length_of(text, "a"), -2);
        assert_int_equal(length_of("((a{999}){999}){999}", "a"), -1);
}

static void what_is_not_utf8_in_a_subject_does_no_harm(void **state)
{
        assert_int_equal(length_of("b", "\xff"
                                        "b"),
                1);
        assert_int_equal(length_of("^.$", "\xff"), -2);
}

static void a_match_begins_at_the_start(void **state)
{
        CLEANUP(pattern_free) struct pattern *p = NULL;
        size_t length = 0;

        assert_int_equal(pattern_compile("^p1|q$", &p, NULL), 0);
        assert_int_equal(pattern_match(p, "p1_more", &length), 1);
        assert_int_equal(length, 2);
        assert_int_equal(pattern_match(p, "q", NULL), 1);
        assert_int_equal(pattern_match(p, "more_q", NULL), 0);
        assert_int_equal(pattern_search(p, "more_q", NULL), 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_pattern_is_searched_anywhere_and_in_the_case_it_has),
                cmocka_unit_test(the_length_is_in_characters),
                cmocka_unit_test(what_means_something_else_to_pcre_means_what_python_means),
                cmocka_unit_test(what_is_no_pattern_is_refused),
                cmocka_unit_test(a_pattern_that_would_take_for_ever_is_given_up),
                cmocka_unit_test(the_length_of_a_pattern_is_limited),
                cmocka_unit_test(what_is_not_utf8_in_a_subject_does_no_harm),
                cmocka_unit_test(a_match_begins_at_the_start),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
