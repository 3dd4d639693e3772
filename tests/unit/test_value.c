#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "rpc/base64.h"
#include "rpc/value.h"

static void truth_is_that_of_python(void **state)
{
        CLEANUP(value_free) struct value *nil = value_new(VALUE_NIL);
        CLEANUP(value_free) struct value *no = value_new_boolean(false);
        CLEANUP(value_free) struct value *zero = value_new_integer(0);
        CLEANUP(value_free) struct value *minus = value_new_integer(-1);
        CLEANUP(value_free) struct value *real = value_new_double(0.5);
        CLEANUP(value_free) struct value *empty = value_new_string("");
        CLEANUP(value_free) struct value *text = value_new_string("0");
        CLEANUP(value_free) struct value *array = value_new(VALUE_ARRAY);
        CLEANUP(value_free) struct value *structure = value_new(VALUE_STRUCT);

        assert_false(value_is_true(NULL));
        assert_false(value_is_true(nil));
        assert_false(value_is_true(no));
        assert_false(value_is_true(zero));
        assert_true(value_is_true(minus));
        assert_true(value_is_true(real));
        assert_false(value_is_true(empty));
        assert_true(value_is_true(text));
        assert_false(value_is_true(array));
        assert_false(value_is_true(structure));
        value_append(array, value_new(VALUE_NIL));
        value_set(structure, "a", value_new(VALUE_NIL));
        assert_true(value_is_true(array));
        assert_true(value_is_true(structure));
}

static void setting_a_member_again_replaces_it(void **state)
{
        CLEANUP(value_free) struct value *structure = value_new(VALUE_STRUCT);

        value_set(structure, "a", value_new_integer(1));
        value_set(structure, "b", value_new_string("x"));
        value_set(structure, "a", value_new_integer(2));
        assert_int_equal(structure->structure.count, 2);
        assert_int_equal(value_integer(value_member(structure, "a"), -1), 2);
        assert_string_equal(value_string(value_member(structure, "b"), ""), "x");
        assert_null(value_member(structure, "c"));
        assert_null(value_member(value_member(structure, "a"), "a"));
        assert_int_equal(value_integer(value_member(structure, "b"), -1), -1);
        assert_string_equal(value_string(value_member(structure, "a"), "none"), "none");
}

static void of_a_member_that_was_added_twice_the_last_counts(void **state)
{
        CLEANUP(value_free) struct value *structure = value_new(VALUE_STRUCT);

        value_add_member(structure, mem_strdup("a"), value_new_integer(1));
        value_add_member(structure, mem_strdup("a"), value_new_integer(2));
        assert_int_equal(value_integer(value_member(structure, "a"), -1), 2);
}

static void the_words_of_a_value_are_those_of_python(void **state)
{
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(value_free) struct value *array = value_new(VALUE_ARRAY);
        struct value *structure = value_new(VALUE_STRUCT);

        value_append(array, value_new_integer(-3));
        value_append(array, value_new_string("it's"));
        value_append(array, value_new(VALUE_NIL));
        value_append(array, value_new_double(1));
        value_append(array, value_new_double(0.1));
        value_set(structure, "k", value_new_boolean(true));
        value_append(array, structure);
        value_append_words(&t, array);
        assert_string_equal(t.data, "[-3, \"it's\", None, 1.0, 0.1, {'k': True}]");
        text_truncate(&t, 0);
        value_append_words(&t, array->array.items[1]);
        assert_string_equal(t.data, "it's");
}

static void base64_is_decoded_exactly(void **state)
{
        static const struct {
                const char *in, *out; /* out NULL: refused */
        } cases[] = {
                { "", "" },
                { "Zg==", "f" },
                { "Zm8=", "fo" },
                { "Zm9v", "foo" },
                { "Zm9v\nYmFy\n", "foobar" },
                { " Z m 8 = ", "fo" },
                { "+/+/", "\xfb\xff\xbf" },
                { "Zg=", NULL },
                { "Zg", NULL },
                { "Z", NULL },
                { "Z===", NULL },
                { "=", NULL },
                { "Zg==Zg==", NULL },
                { "Zg===", NULL },
                { "Zm9v=", NULL },
                { "Zm9v!", NULL },
                { "Zm-_", NULL },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(text_clear) struct text t = {};
                int r = base64_decode(&t, cases[i].in, strlen(cases[i].in));

                assert_int_equal(r, cases[i].out ? 0 : -EBADMSG);
                if (cases[i].out)
                        assert_string_equal(text_string(&t), cases[i].out);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(truth_is_that_of_python),
                cmocka_unit_test(setting_a_member_again_replaces_it),
                cmocka_unit_test(of_a_member_that_was_added_twice_the_last_counts),
                cmocka_unit_test(the_words_of_a_value_are_those_of_python),
                cmocka_unit_test(base64_is_decoded_exactly),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
