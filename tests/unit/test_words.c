/* Words: white space as Python has it, and lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/words.h"

static void what_surrounds_a_text_is_stripped_even_beyond_ascii(void **state)
{
        CLEANUP(mem_free) char *a = words_stripped(" \t\r\n x y \v\f");
        CLEANUP(mem_free) char *b = words_stripped("\xc2\xa0z\xe2\x80\x83\xe3\x80\x80");
        CLEANUP(mem_free) char *c = words_stripped("\xc3\xa9");
        CLEANUP(mem_free) char *d = words_stripped("   ");

        assert_string_equal(a, "x y");
        assert_string_equal(b, "z");
        assert_string_equal(c, "\xc3\xa9");
        assert_string_equal(d, "");
}

static void a_list_is_split_at_commas_and_a_trailing_one_gives_an_empty_item(void **state)
{
        CLEANUP(words_free) char **none = words_list("");
        CLEANUP(words_free) char **two = words_list(" a , b");
        CLEANUP(words_free) char **trailing = words_list("a,");
        CLEANUP(words_free) char **comma = words_list(",");

        assert_null(none[0]);
        assert_int_equal(words_count(two), 2);
        assert_string_equal(two[0], "a");
        assert_string_equal(two[1], "b");
        assert_int_equal(words_count(trailing), 2);
        assert_string_equal(trailing[1], "");
        assert_int_equal(words_count(comma), 2);
        assert_string_equal(comma[0], "");
}

static void words_are_split_at_any_run_of_white_space(void **state)
{
        CLEANUP(words_free) char **words = words_split("\n a\tb \n\n c ");
        CLEANUP(words_free) char **none = words_split(" \n");

        assert_int_equal(words_count(words), 3);
        assert_string_equal(words[0], "a");
        assert_string_equal(words[1], "b");
        assert_string_equal(words[2], "c");
        assert_null(none[0]);
        assert_int_equal(words_count(NULL), 0);
}

static void only_ascii_letters_change_their_case(void **state)
{
        CLEANUP(mem_free) char *lower = words_lower("Ab\xc3\x89-9");
        CLEANUP(mem_free) char *upper = words_upper("aB\xc3\xa9-9");

        assert_string_equal(lower, "ab\xc3\x89-9");
        assert_string_equal(upper, "AB\xc3\xa9-9");
}

static void a_word_can_be_appended_to_a_list(void **state)
{
        CLEANUP(words_free) char **words = words_append(NULL, mem_strdup("a"));

        words = words_append(words, mem_strdup("b"));
        assert_int_equal(words_count(words), 2);
        assert_string_equal(words[1], "b");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_surrounds_a_text_is_stripped_even_beyond_ascii),
                cmocka_unit_test(a_list_is_split_at_commas_and_a_trailing_one_gives_an_empty_item),
                cmocka_unit_test(words_are_split_at_any_run_of_white_space),
                cmocka_unit_test(only_ascii_letters_change_their_case),
                cmocka_unit_test(a_word_can_be_appended_to_a_list),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
