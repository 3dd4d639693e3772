/* Terminal escapes, and bytes shown as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/decoded.h"
#include "logs/ansi.h"

static void stripped(const char *text, const char *expected)
{
        char *data = mem_strdup(text);
        size_t length = ansi_strip(data, strlen(data));

        assert_int_equal(length, strlen(expected));
        assert_memory_equal(data, expected, length);
        mem_free(data);
}

static void an_escape_goes_with_its_first_final_byte(void **state)
{
        stripped("\033[1;31mred\033[0m.", "red.");
        stripped("a\033[2Jb\033[Kc\033[?25hd\033[?25le\033[6nf",
                "abcde"); /* n ends nothing, f does */
        stripped("\033[10;20Hx\033[1Ay\033[sz\033[u", "xyz");
        stripped("\033[0p1\033[R2", "12");
}

static void text_without_escapes_stays(void **state)
{
        stripped("", "");
        stripped("plain [m text\n", "plain [m text\n");
        stripped("\033", "\033");
        stripped("\033]0;title\a", "\033]0;title\a");
}

static void an_escape_that_does_not_end_takes_the_rest(void **state)
{
        stripped("kept\033[12;", "kept");
        stripped("kept\033[", "kept");
        stripped("a\033[1\033[2;", "a");
}

static void a_zero_byte_ends_no_escape(void **state)
{
        char data[] = "a\033[\0mb";

        assert_int_equal(ansi_strip(data, sizeof(data) - 1), 2);
        assert_memory_equal(data, "ab", 2);
}

static void bytes_are_shown_as_python_shows_them(void **state)
{
        CLEANUP(text_clear) struct text t = {};

        decoded_append_repr(&t, "a\n\t\r\\'\xff\0", 8);
        assert_string_equal(t.data, "b\"a\\n\\t\\r\\\\'\\xff\\x00\"");
        text_truncate(&t, 0);
        decoded_append_repr(&t, "'\"", 2);
        assert_string_equal(t.data, "b'\\'\"'");
        text_truncate(&t, 0);
        decoded_append_repr(&t, NULL, 0);
        assert_string_equal(t.data, "b''");
}

static void what_is_not_utf8_is_called_undecodable(void **state)
{
        CLEANUP(text_clear) struct text t = {};

        decoded_append(&t, "h\xc3\xa9", 3);
        assert_string_equal(t.data, "h\xc3\xa9");
        text_truncate(&t, 0);
        decoded_append(&t, "h\xc3", 2);
        assert_string_equal(t.data, "Undecodable: b'h\\xc3'");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_escape_goes_with_its_first_final_byte),
                cmocka_unit_test(text_without_escapes_stays),
                cmocka_unit_test(an_escape_that_does_not_end_takes_the_rest),
                cmocka_unit_test(a_zero_byte_ends_no_escape),
                cmocka_unit_test(bytes_are_shown_as_python_shows_them),
                cmocka_unit_test(what_is_not_utf8_is_called_undecodable),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
