/* Expansion: Python's formatting with a mapping. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/expand.h"

static struct expand_map *map_of_test(void)
{
        struct expand_map *map = expand_map_new(NULL);

        expand_map_set(map, "here", "/etc");
        expand_map_set(map, "e", "\xc3\xa9");
        expand_map_set(map, "a(b)c", "nested");
        expand_map_set_number(map, "n", 42);
        expand_map_set_number(map, "neg", -7);
        return map;
}

static void gives(const char *text, const char *expected)
{
        CLEANUP(expand_map_free) struct expand_map *map = map_of_test();
        CLEANUP(mem_free) char *result = NULL;
        struct err err = {};

        if (expand_text(text, "s.o", map, &result, &err) < 0)
                fail_msg("%s", err.text);
        assert_string_equal(result, expected);
}

static void fails(const char *text, const char *reason)
{
        CLEANUP(expand_map_free) struct expand_map *map = map_of_test();
        CLEANUP(mem_free) char *result = NULL;
        CLEANUP(mem_free)
        char *words =
                mem_format("Format string '%s' for 's.o' is badly formatted: %s", text, reason);
        struct err err = {};

        assert_int_equal(expand_text(text, "s.o", map, &result, &err), -EINVAL);
        assert_string_equal(err.text, words);
        assert_null(result);
}

static void names_stand_for_their_values(void **state)
{
        gives("", "");
        gives("plain", "plain");
        gives("%(here)s/x", "/etc/x");
        gives("%(a(b)c)s", "nested");
        gives("100%% %(n)d %(n)s %(n)r", "100% 42 42 42");
        gives("%%(here)s", "%(here)s");
}

static void numbers_take_flags_width_and_precision(void **state)
{
        gives("%(n)05d|%(n)-5d|%(n)+d|%(n) d|%(neg)05d", "00042|42   |+42| 42|-0007");
        gives("%(n)-05d|", "42   |");
        gives("%(n).4d|%(n)6.4d|%(n)06.4d", "0042|  0042|000042");
        gives("%(n)x|%(n)#X|%(n)#o|%(n)#06x", "2a|0X2A|0o52|0x002a");
        gives("%(n)f|%(n).1e|%(n)g|%(n)#.3G|%(neg)08.2f", "42.000000|4.2e+01|42|42.0|-0007.00");
        gives("%(n)c", "*");
        gives("%(n)ld%(n)hd%(n)Lu", "424242");
}

static void texts_are_padded_and_cut_by_characters(void **state)
{
        gives("%(e)3s|%(e)-3s|", "  \xc3\xa9|\xc3\xa9  |");
        gives("%(here).2s|%(here)06s", "/e|  /etc");
        gives("%(here)r %(e)r %(e)a", "'/etc' '\xc3\xa9' '\\xe9'");
        gives("%(e)c", "\xc3\xa9");
}

static void an_unknown_name_is_told_with_those_that_are_known(void **state)
{
        CLEANUP(expand_map_free) struct expand_map *parent = map_of_test();
        CLEANUP(expand_map_free) struct expand_map *map = expand_map_new(parent);
        CLEANUP(mem_free) char *result = NULL;
        struct err err = {};

        expand_map_set(map, "ENV_X", "1");
        expand_map_set(map, "here", "/over");
        assert_int_equal(expand_text("%(x)s", "program:a.command", map, &result, &err), -EINVAL);
        assert_string_equal(err.text,
                "Format string '%(x)s' for 'program:a.command' contains names ('x') which cannot "
                "be expanded. Available names: ENV_X, a(b)c, e, here, n, neg");
        assert_int_equal(expand_text("%(here)s", "l", map, &result, &err), 0);
        assert_string_equal(result, "/over");
}

static void a_bad_format_is_told_with_its_reason(void **state)
{
        fails("%", "incomplete format");
        fails("%(n)", "incomplete format");
        fails("%(n)5.", "incomplete format");
        fails("%(n", "incomplete format key");
        fails("%(n)z", "unsupported format character 'z' (0x7a) at index 4");
        fails("\xc3\xa9%(n)\xc3\xa9", "unsupported format character '?' (0xe9) at index 5");
        fails("%(here)d", "%d format: a real number is required, not str");
        fails("%(here)x", "%x format: an integer is required, not str");
        fails("%(here)f", "must be real number, not str");
        fails("%(here)c", "%c requires int or char");
        fails("%(neg)c", "%c arg not in range(0x110000)");
        fails("%(n)*d", "not enough arguments for format string");
        fails("%(here)*d", "* wants int");
        fails("%(n)%", "unsupported format character '%' (0x25) at index 4");
}

static void a_conversion_without_a_name_never_shows_the_whole_mapping(void **state)
{
        fails("%s", "not enough arguments for format string");
        fails("x%d", "%d format: a real number is required, not dict");
        fails("%x", "%x format: an integer is required, not dict");
        fails("%.2f", "must be real number, not dict");
        fails("%r", "not enough arguments for format string");
}

static void what_would_grow_without_limit_is_refused(void **state)
{
        fails("%(n)99999999d", "width too big");
        fails("%(n).99999999d", "precision too big");
        fails("%(n)1048576d%(n)1048576d", "the result is too long");
}

static void variables_are_known_with_their_prefix(void **state)
{
        char *environment[] = { (char[]){ "A=1=2" }, (char[]){ "B=" }, (char[]){ "bad" }, NULL };
        CLEANUP(expand_map_free) struct expand_map *map = expand_map_new(NULL);
        CLEANUP(mem_free) char *result = NULL;
        struct err err = {};

        expand_map_set_environment(map, environment);
        assert_int_equal(expand_text("%(ENV_A)s|%(ENV_B)s", "l", map, &result, &err), 0);
        assert_string_equal(result, "1=2|");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_stand_for_their_values),
                cmocka_unit_test(numbers_take_flags_width_and_precision),
                cmocka_unit_test(texts_are_padded_and_cut_by_characters),
                cmocka_unit_test(an_unknown_name_is_told_with_those_that_are_known),
                cmocka_unit_test(a_bad_format_is_told_with_its_reason),
                cmocka_unit_test(a_conversion_without_a_name_never_shows_the_whole_mapping),
                cmocka_unit_test(what_would_grow_without_limit_is_refused),
                cmocka_unit_test(variables_are_known_with_their_prefix),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
