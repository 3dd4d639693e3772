/* Environment options: the grammar of KEY=value lists. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "config/environment.h"
#include "config/words.h"

/* The variables joined by '|'. */
static char *joined(char *const *list)
{
        CLEANUP(text_clear) struct text text = {};

        for (; *list; list++)
                text_format(&text, "%s%s", text.length ? "|" : "", *list);
        return text_take(&text);
}

static void gives(const char *text, const char *expected)
{
        CLEANUP(words_free) char **list = NULL;
        CLEANUP(mem_free) char *all = NULL;
        struct err err = {};

        if (environment_parse(text, &list, &err) < 0)
                fail_msg("%s", err.text);
        all = joined(list);
        assert_string_equal(all, expected);
}

static void fails(const char *text, const char *words)
{
        char **list = NULL;
        struct err err = {};

        assert_int_equal(environment_parse(text, &list, &err), -EINVAL);
        assert_string_equal(err.text, words);
        assert_null(list);
}

static void pairs_are_separated_by_any_one_token(void **state)
{
        gives("", "");
        gives("A=1", "A=1");
        gives("A=1,B=2", "A=1|B=2");
        gives("A=1;B=2,", "A=1|B=2");
        gives("A=a b", "A=a");
        gives("\nA = 1,\n  B = 2\n", "A=1|B=2");
}

static void words_have_more_letters_than_a_shell_s(void **state)
{
        gives("P=/usr/bin:/bin,D=2024-01-01(x)+1.5", "P=/usr/bin:/bin|D=2024-01-01(x)+1.5");
        gives("A=caf\xc3\xa9", "A=caf\xc3\xa9");
        gives("A=$HOME", "A=$"); /* the rest is the separator */
        fails("A=a@b", "Unexpected end of key/value pairs in value 'A=a@b'");
}

static void a_hash_starts_a_comment_anywhere_outside_quotes(void **state)
{
        gives("B=a#b", "B=a");
        gives("A=1,# one\nB=2 # two", "A=1|B=2");
        gives("A=\"x#y\"", "A=x#y");
}

static void quotes_hold_anything(void **state)
{
        gives("A=\"a, b\nc\",B='d \"e\"'", "A=a, b\nc|B=d \"e\"");
        gives("A=\"\"", "A=");
        gives("A=b\"c\"'d'", "A=bcd");
        gives("A=\"a\\\"b\\\\c\\d\"", "A=a\"b\\c\\d");
        gives("A='a\\b'", "A=a\\b");
        gives("A=a\\ b\\,c", "A=a b,c");
}

static void a_later_variable_of_one_name_wins(void **state)
{
        gives("A=1,B=2,A=3", "A=3|B=2");
}

static void what_is_no_list_of_pairs_is_refused(void **state)
{
        fails("A", "Unexpected end of key/value pairs in value 'A'");
        fails("A=", "Unexpected end of key/value pairs in value 'A='");
        fails("A=1,B", "Unexpected end of key/value pairs in value 'A=1,B'");
        fails("A=\"1\"\nB=\"2\"", "Unexpected end of key/value pairs in value 'A=\"1\"\nB=\"2\"'");
        fails("A=\"1", "No closing quotation");
        fails("A='1", "No closing quotation");
        fails("A=1\\", "No escaped character");
        fails("\"\"=1", "'' cannot be the name of a variable in value '\"\"=1'");
        fails("\"A=B\"=1", "'A=B' cannot be the name of a variable in value '\"A=B\"=1'");
}

static void merging_keeps_the_place_of_what_is_replaced(void **state)
{
        char *base[] = { (char[]){ "A=1" }, (char[]){ "B=2" }, NULL };
        char *over[] = { (char[]){ "C=3" }, (char[]){ "A=4=5" }, NULL };
        CLEANUP(words_free) char **merged = environment_merge(base, over);
        CLEANUP(words_free) char **none = environment_merge(NULL, NULL);
        CLEANUP(mem_free) char *all = joined(merged);

        assert_string_equal(all, "A=4=5|B=2|C=3");
        assert_null(none[0]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(pairs_are_separated_by_any_one_token),
                cmocka_unit_test(words_have_more_letters_than_a_shell_s),
                cmocka_unit_test(a_hash_starts_a_comment_anywhere_outside_quotes),
                cmocka_unit_test(quotes_hold_anything),
                cmocka_unit_test(a_later_variable_of_one_name_wins),
                cmocka_unit_test(what_is_no_list_of_pairs_is_refused),
                cmocka_unit_test(merging_keeps_the_place_of_what_is_replaced),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
