/* Names of programs as names of cgroups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "cgroup/unitname.h"

static void check_both_ways(const char *name, const char *expected)
{
        CLEANUP(text_clear) struct text escaped = {}, back = {};

        unitname_escape(&escaped, name, UNITNAME_LENGTH_MAX);
        assert_string_equal(text_string(&escaped), expected);
        assert_true(unitname_unescape(&back, text_string(&escaped), escaped.length));
        assert_string_equal(text_string(&back), name);
}

static void plain_names_stay_readable(void **state)
{
        check_both_ways("web", "web");
        check_both_ways("web-1_a.b", "web-1_a.b");
}

static void odd_names_are_escaped_and_read_back(void **state)
{
        check_both_ways("", "\\x");
        check_both_ways(".", "\\x2e");
        check_both_ways("..", "\\x2e.");
        check_both_ways(".hidden", "\\x2ehidden");
        check_both_ways("a+b@c", "a\\x2bb\\x40c");
        check_both_ways("a\\x41", "a\\x5cx41");
        check_both_ways("gr\xc3\xbc\xc3\x9f", "gr\\xc3\\xbc\\xc3\\x9f");
        check_both_ways("\xff\x01\n\t", "\\xff\\x01\\x0a\\x09");
        check_both_ways("100%*[x]", "100\\x25\\x2a\\x5bx\\x5d");
}

static void a_name_that_is_too_long_is_cut_and_ends_in_its_hash(void **state)
{
        CLEANUP(text_clear) struct text one = {}, two = {}, back = {};
        char name[600];

        memset(name, 'a', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        unitname_escape(&one, name, 249);
        assert_int_equal(one.length, 249);
        assert_int_equal(memcmp(one.data + 249 - 18, "\\h", 2), 0);
        name[sizeof(name) - 2] = 'b';
        unitname_escape(&two, name, 249);
        assert_int_equal(two.length, 249);
        assert_string_not_equal(text_string(&one), text_string(&two));
        assert_false(unitname_unescape(&back, text_string(&one), one.length));
        assert_int_equal(back.length, 0);
}

static void a_cut_never_splits_an_escape(void **state)
{
        for (size_t length = 1; length < 90; length++) {
                CLEANUP(text_clear) struct text escaped = {};
                char name[100] = "";

                for (size_t i = 0; i < length; i++)
                        strcat(name, i % 3 ? "\xe9" : "e");
                unitname_escape(&escaped, name, 100);
                assert_true(escaped.length <= 100);
                if (strstr(text_string(&escaped), "\\h")) {
                        CLEANUP(text_clear) struct text back = {};

                        assert_true(unitname_unescape(&back, escaped.data, escaped.length - 18));
                        assert_int_equal(strncmp(text_string(&back), name, back.length), 0);
                }
        }
}

static void a_name_that_just_fits_is_not_cut(void **state)
{
        CLEANUP(text_clear) struct text escaped = {};
        char name[250] = "";

        memset(name, 'a', 249);
        unitname_escape(&escaped, name, 249);
        assert_string_equal(text_string(&escaped), name);
}

static void what_is_not_of_this_form_is_refused(void **state)
{
        static const char *const bad[] = { "", "\\", "\\x", "\\x4", "a\\x4", "a\\xzz", "\\x00",
                "a b", "a/b", "a+b", ".a", "\\h0123456789abcdef", "a\\y41", "\\xFF" };

        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                CLEANUP(text_clear) struct text back = {};
                bool is_empty_name = strcmp(bad[i], "\\x") == 0;

                assert_int_equal(unitname_unescape(&back, bad[i], strlen(bad[i])), is_empty_name);
                assert_int_equal(back.length, 0);
        }
}

static void a_slot_is_a_scope_in_a_slice_and_is_named_as_the_user_knows_it(void **state)
{
        CLEANUP(text_clear) struct text path = {}, spec = {}, foreign = {};

        unitname_slot(&path, "cat", "..");
        assert_string_equal(text_string(&path), "cat.slice/\\x2e..scope");
        unitname_namespec(&spec, "cat.slice", "\\x2e..scope");
        assert_string_equal(text_string(&spec), "cat:..");
        unitname_namespec(&foreign, "x y", "\\hz.scope");
        assert_string_equal(text_string(&foreign), "x y:\\hz");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(plain_names_stay_readable),
                cmocka_unit_test(odd_names_are_escaped_and_read_back),
                cmocka_unit_test(a_name_that_is_too_long_is_cut_and_ends_in_its_hash),
                cmocka_unit_test(a_cut_never_splits_an_escape),
                cmocka_unit_test(a_name_that_just_fits_is_not_cut),
                cmocka_unit_test(what_is_not_of_this_form_is_refused),
                cmocka_unit_test(a_slot_is_a_scope_in_a_slice_and_is_named_as_the_user_knows_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
