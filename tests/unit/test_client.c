/* The pure parts of reevectl: names, layout, modifiers, addresses, lines, completion, failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/commands.h"
#include "client/complete.h"
#include "client/failure.h"
#include "client/json.h"
#include "client/layout.h"
#include "client/modifier.h"
#include "client/names.h"
#include "client/namespec.h"
#include "client/url.h"

static void check_split(const char *text, const char *group, const char *process)
{
        CLEANUP(namespec_clear) struct namespec name = namespec_split(text);

        assert_string_equal(name.group, group);
        if (process)
                assert_string_equal(name.process, process);
        else
                assert_null(name.process);
}

static void a_name_is_split_at_its_first_colon(void **state)
{
        check_split("cat", "cat", "cat");
        check_split("g:p", "g", "p");
        check_split("g:p:q", "g", "p:q");
        check_split(":p", "", "p");
        check_split("::", "", ":");
        check_split("", "", "");
}

static void a_star_or_nothing_behind_the_colon_is_the_whole_group(void **state)
{
        check_split("g:*", "g", NULL);
        check_split("g:", "g", NULL);
        check_split(":", "", NULL);
        check_split("g:**", "g", "**");
}

static void a_process_is_shown_without_a_group_of_its_own_name(void **state)
{
        CLEANUP(mem_free) char *same = namespec_join("a", "a");
        CLEANUP(mem_free) char *other = namespec_join("g", "a");

        assert_string_equal(same, "a");
        assert_string_equal(other, "g:a");
}

static void words_are_split_at_any_white_space(void **state)
{
        CLEANUP(names_clear) struct names names = names_split("  a\tb \n c;  d ");

        assert_int_equal(names.count, 4);
        assert_string_equal(names.at[0], "a");
        assert_string_equal(names.at[2], "c;");
        assert_true(names_contain(&names, "d"));
        assert_false(names_contain(&names, "c"));
}

static void what_a_terminal_shows_twice_as_wide_counts_twice(void **state)
{
        assert_int_equal(layout_width("日本語"), 6);
        assert_int_equal(layout_width("e\xcc\x81"), 1); /* an accent of its own */
        assert_int_equal(layout_width("\xff\xc3"), 2);  /* no characters at all */
}

static void check_cut(const char *s, size_t width, const char *cut)
{
        CLEANUP(text_clear) struct text text = {};

        layout_cut(&text, s, width);
        assert_string_equal(text_string(&text), cut);
}

static void what_is_cut_keeps_its_beginning_and_its_end(void **state)
{
        check_cut("many:many_01", 12, "many:many_01");
        check_cut("many:many_01", 14, "many:many_01  ");
        check_cut("many:many_01", 8, "man~y_01");
        check_cut("größenwahn", 5, "gr~hn");
        check_cut("日本語日本語", 8, "日~本語 ");
        check_cut("x", 1, "x");
}

static void check_wrap(const char *words, size_t width, const char *lines)
{
        CLEANUP(text_clear) struct text text = {};

        layout_wrap(&text, words, 4, 2, width);
        assert_string_equal(text_string(&text), lines);
}

static void lines_are_wrapped_between_words(void **state)
{
        check_wrap("", 30, "");
        check_wrap("all of this fits in a line", 30, "all of this fits in a line");
        check_wrap("all of this fits in no line", 30, "all of this fits in no\n  line");
        check_wrap("a-word-that-is-wider-than-all-of-the-line and more", 30,
                "a-word-that-is-wider-than-all-of-the-line\n  and more");
        check_wrap("without a width it is one line", 0, "without a width it is one line");
        check_wrap("too  narrow", 8, "too  narrow");
}

static void width_is_counted_in_characters(void **state)
{
        CLEANUP(text_clear) struct text row = {};

        assert_int_equal(layout_width("größe"), 5);
        layout_pad(&row, "größe", 7);
        layout_pad(&row, "too long", 3);
        assert_string_equal(text_string(&row), "größe  too long");
}

static void check_columns(const char *words, size_t width, const char *expected)
{
        CLEANUP(names_clear) struct names names = names_split(words);
        CLEANUP(text_clear) struct text list = {};

        layout_columns(&list, &names, width);
        assert_string_equal(text_string(&list), expected);
}

static void columns_are_filled_downwards_in_as_few_lines_as_fit(void **state)
{
        check_columns("", 80, "");
        check_columns("a b c", 7, "a  b  c\n");
        check_columns("a b c", 6, "a  c\nb   \n");
        check_columns("a bbb c d e", 9, "a    c  e\nbbb  d   \n");
        check_columns("a bbb c", 1, "a  \nbbb\nc  \n");
}

static void check_modifier(const char *word, enum modifier_kind kind, int64_t offset)
{
        struct modifier modifier = modifier_parse(word);

        assert_int_equal(modifier.kind, kind);
        if (kind == MODIFIER_BYTES)
                assert_int_equal(modifier.offset, offset);
}

static void a_modifier_is_f_or_a_number_of_bytes_from_the_end(void **state)
{
        check_modifier(NULL, MODIFIER_BYTES, -1600);
        check_modifier("-f", MODIFIER_FOLLOW, 0);
        check_modifier("-100", MODIFIER_BYTES, -100);
        check_modifier("-0", MODIFIER_BYTES, 0);
        check_modifier("--5", MODIFIER_BYTES, 5);
        check_modifier("-+5", MODIFIER_BYTES, -5);
        check_modifier("-1_000", MODIFIER_BYTES, -1000);
        check_modifier("-007", MODIFIER_BYTES, -7);
}

static void other_modifiers_are_bad(void **state)
{
        static const char *const bad[] = { "-", "-x", "100", "-1x", "-f1", "-_1", "-1_", "-1__0",
                "--", "---1", "-+-1", "", "x" };

        for (size_t i = 0; i < ELEMENTS(bad); i++)
                check_modifier(bad[i], MODIFIER_BAD, 0);
}

static void numbers_beyond_32_bit_are_too_large(void **state)
{
        check_modifier("-2147483648", MODIFIER_BYTES, INT32_MIN);
        check_modifier("-2147483649", MODIFIER_TOO_LARGE, 0);
        check_modifier("--2147483647", MODIFIER_BYTES, INT32_MAX);
        check_modifier("--2147483648", MODIFIER_TOO_LARGE, 0);
        check_modifier("-99999999999999999999999999999999999999", MODIFIER_TOO_LARGE, 0);
}

static void check_url(const char *text, enum url_scheme scheme, const char *host, int port)
{
        CLEANUP(url_clear) struct url url = {};
        struct failure failure = {};

        assert_int_equal(url_parse(text, &url, &failure), 0);
        assert_int_equal(url.scheme, scheme);
        if (scheme == URL_UNIX) {
                assert_string_equal(url.socket_path, host);
                return;
        }
        assert_string_equal(url.host, host);
        assert_int_equal(url.port, port);
}

static void an_address_is_a_host_and_port_or_a_socket(void **state)
{
        check_url("http://localhost:9001", URL_HTTP, "localhost", 9001);
        check_url("http://localhost", URL_HTTP, "localhost", 80);
        check_url("http://localhost:", URL_HTTP, "localhost", 80);
        check_url("https://h", URL_HTTPS, "h", 443);
        check_url("http://h:1/path?q#f", URL_HTTP, "h", 1);
        check_url("http://user:word@h:1", URL_HTTP, "h", 1);
        check_url("http://[::1]:9001", URL_HTTP, "[::1]", 9001);
        check_url("http://[::1]", URL_HTTP, "[::1]", 80);
        check_url("unix:///run/s", URL_UNIX, "/run/s", 0);
        check_url("unix://s", URL_UNIX, "s", 0);
}

static void check_bad_url(const char *text, const char *class, const char *words)
{
        CLEANUP(url_clear) struct url url = {};
        struct failure failure = {};

        assert_true(url_parse(text, &url, &failure) < 0);
        assert_string_equal(failure.class, class);
        assert_string_equal(failure.text, words);
        failure_clear(&failure);
}

static void a_bad_address_is_told_in_pythons_words(void **state)
{
        check_bad_url("ftp://h", "ValueError", "Unknown protocol for serverurl ftp://h");
        check_bad_url("HTTP://h", "ValueError", "Unknown protocol for serverurl HTTP://h");
        check_bad_url("http://h:x", "ValueError", "Port could not be cast to integer value as 'x'");
        check_bad_url("http://h:65536", "ValueError", "Port out of range 0-65535");
        check_bad_url("http://h:99999999999999999999", "ValueError", "Port out of range 0-65535");
        check_bad_url("http://a b", "http.client.InvalidURL",
                "URL can't contain control characters. 'a b' (found at least ' ')");
        check_bad_url("http://", "http.client.InvalidURL", "the serverurl names no host");
}

static void open_takes_our_schemes_in_any_case(void **state)
{
        assert_true(url_is_openable("http://x"));
        assert_true(url_is_openable("HTTPS://x"));
        assert_true(url_is_openable("unix:x"));
        assert_false(url_is_openable("unixx://x"));
        assert_false(url_is_openable("http"));
        assert_false(url_is_openable(""));
}

static void check_line(const char *text, const char *word, const char *args)
{
        CLEANUP(commands_line_clear) struct commands_line line = commands_parse(text);

        if (word)
                assert_string_equal(line.word, word);
        else
                assert_null(line.word);
        assert_string_equal(line.args, args);
}

static void a_line_begins_with_its_command_word(void **state)
{
        check_line("status", "status", "");
        check_line("  status  a  b ", "status", "a  b");
        check_line("tail-5 x", "tail", "-5 x");
        check_line("?", "help", "");
        check_line("?start", "help", "start");
        check_line("!x", NULL, "!x");
        check_line("", NULL, "");
}

/* Three processes: one on its own, two in a group. */
static struct value *some_processes(void)
{
        static const char *const names[][2] = { { "alone", "alone" }, { "g", "one" },
                { "g", "two" }, { "group", "gr" } };
        struct value *array = value_new(VALUE_ARRAY);

        for (size_t i = 0; i < ELEMENTS(names); i++) {
                struct value *process = value_new(VALUE_STRUCT);

                value_set(process, "group", value_new_string(names[i][0]));
                value_set(process, "name", value_new_string(names[i][1]));
                value_append(array, process);
        }
        return array;
}

static void check_completion(const char *line, const char *candidates, const char *common)
{
        CLEANUP(value_free) struct value *processes = some_processes();
        CLEANUP(complete_clear) struct complete complete = complete_find(line, processes);
        CLEANUP(text_clear) struct text joined = {};
        CLEANUP(mem_free) char *more = complete_common(&complete);

        for (size_t i = 0; i < complete.candidates.count; i++)
                text_format(&joined, "%s%s", i ? " " : "", complete.candidates.at[i]);
        assert_string_equal(text_string(&joined), candidates);
        assert_string_equal(more, common);
}

static void the_first_word_is_completed_to_a_command(void **state)
{
        check_completion("re",
                "readmit reload reload_rules remove reread restart restart_application "
                "restart_process restart_sequence",
                "");
        check_completion("  sto", "stop stop_application stop_process", "p");
        check_completion("statu", "status", "s ");
        check_completion("h", "help", "elp ");
        check_completion("x", "", "");
        check_completion("help rel", "reload reload_rules", "oad");
        check_completion("help avai", "avail", "l ");
}

static void names_of_processes_are_completed(void **state)
{
        check_completion("start a", "alone", "lone ");
        check_completion("start alone g:o", "g:one", "ne ");
        check_completion("start g", "g:* g:one g:two group:* group:gr", "");
        check_completion("start g:", "g:* g:one g:two", "");
        check_completion("stop alone:", "alone:* alone:alone", "");
        check_completion("tail -f gro", "group:* group:gr", "up:");
}

static void names_of_groups_are_completed(void **state)
{
        check_completion("update ", "alone g group", "");
        check_completion("add al", "alone", "one ");
        check_completion("remove gr", "group", "oup ");
}

static void nothing_else_is_completed(void **state)
{
        check_completion("version ", "", "");
        check_completion("nosuch a", "", "");
        assert_true(complete_needs_processes("start "));
        assert_true(complete_needs_processes("update x"));
        assert_false(complete_needs_processes("start"));
        assert_false(complete_needs_processes("help "));
        assert_false(complete_needs_processes("version "));
}

static void what_is_common_ends_between_characters(void **state)
{
        struct complete complete = { .typed = 1 };
        CLEANUP(mem_free) char *more = NULL;

        /* U+00F6 and U+00FC have the first byte in common. */
        names_append(&complete.candidates, "ab\xc3\xb6");
        names_append(&complete.candidates, "ab\xc3\xbc");
        more = complete_common(&complete);
        assert_string_equal(more, "b");
        complete_clear(&complete);
}

static void check_failure(struct failure *failure, const char *begin)
{
        CLEANUP(mem_free) char *line = failure_line(failure);

        assert_true(text_starts(line, begin));
        assert_non_null(strstr(line, ": file: tests/unit/test_client.c line: "));
        failure_clear(failure);
}

static void a_failure_looks_like_pythons_and_names_our_line(void **state)
{
        struct failure failure = {};

        assert_int_equal(failure_set_errno(&failure, ECONNREFUSED), -EIO);
        check_failure(&failure,
                "error: <class 'ConnectionRefusedError'>, [Errno 111] Connection refused: ");
        assert_int_equal(failure_set_fault(&failure, 92, "CANT_REREAD: it's"), -EIO);
        check_failure(&failure,
                "error: <class 'xmlrpc.client.Fault'>, <Fault 92: \"CANT_REREAD: it's\">: ");
        assert_int_equal(failure_set_value(&failure, "ValueError", "no %d", 7), -EIO);
        check_failure(&failure, "error: <class 'ValueError'>, no 7: ");
        assert_int_equal(failure_set_errno(&failure, EHOSTUNREACH), -EIO);
        check_failure(&failure, "error: <class 'OSError'>, [Errno 113] No route to host: ");
}

static void values_become_json(void **state)
{
        CLEANUP(value_free) struct value *item = value_new(VALUE_STRUCT);
        struct value *list = value_new(VALUE_ARRAY);
        CLEANUP(mem_free) char *text = NULL;
        size_t length;
        FILE *f = open_memstream(&text, &length);

        value_append(list, value_new_boolean(true));
        value_append(list, value_new(VALUE_NIL));
        value_set(item, "text", value_new_string("\"ü\"\n"));
        value_set(item, "number", value_new_integer(-5));
        value_set(item, "list", list);
        assert_int_equal(json_print(f, (const struct value *const[]){ item }, 1), 0);
        assert_int_equal(fclose(f), 0);
        assert_string_equal(text, "[\n  {\n    \"text\": \"\\\"ü\\\"\\n\",\n    \"number\": -5,\n"
                                  "    \"list\": [\n      true,\n      null\n    ]\n  }\n]\n");
}

static void no_values_are_an_empty_array(void **state)
{
        CLEANUP(mem_free) char *text = NULL;
        size_t length;
        FILE *f = open_memstream(&text, &length);

        assert_int_equal(json_print(f, NULL, 0), 0);
        assert_int_equal(fclose(f), 0);
        assert_string_equal(text, "[]\n");
}

static void the_table_is_sorted_and_every_row_has_help(void **state)
{
        size_t count;
        const struct commands_row *rows = commands_table(&count);

        for (size_t i = 0; i < count; i++) {
                assert_ptr_equal(commands_find(rows[i].name), &rows[i]);
                assert_true(text_starts(rows[i].help, rows[i].name));
                if (i)
                        assert_true(strcmp(rows[i - 1].name, rows[i].name) < 0);
        }
        assert_non_null(commands_find("help"));
        assert_null(commands_find("nosuch"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_a_terminal_shows_twice_as_wide_counts_twice),
                cmocka_unit_test(what_is_cut_keeps_its_beginning_and_its_end),
                cmocka_unit_test(lines_are_wrapped_between_words),
                cmocka_unit_test(a_name_is_split_at_its_first_colon),
                cmocka_unit_test(a_star_or_nothing_behind_the_colon_is_the_whole_group),
                cmocka_unit_test(a_process_is_shown_without_a_group_of_its_own_name),
                cmocka_unit_test(words_are_split_at_any_white_space),
                cmocka_unit_test(width_is_counted_in_characters),
                cmocka_unit_test(columns_are_filled_downwards_in_as_few_lines_as_fit),
                cmocka_unit_test(a_modifier_is_f_or_a_number_of_bytes_from_the_end),
                cmocka_unit_test(other_modifiers_are_bad),
                cmocka_unit_test(numbers_beyond_32_bit_are_too_large),
                cmocka_unit_test(an_address_is_a_host_and_port_or_a_socket),
                cmocka_unit_test(a_bad_address_is_told_in_pythons_words),
                cmocka_unit_test(open_takes_our_schemes_in_any_case),
                cmocka_unit_test(a_line_begins_with_its_command_word),
                cmocka_unit_test(the_first_word_is_completed_to_a_command),
                cmocka_unit_test(names_of_processes_are_completed),
                cmocka_unit_test(names_of_groups_are_completed),
                cmocka_unit_test(nothing_else_is_completed),
                cmocka_unit_test(what_is_common_ends_between_characters),
                cmocka_unit_test(a_failure_looks_like_pythons_and_names_our_line),
                cmocka_unit_test(values_become_json),
                cmocka_unit_test(no_values_are_an_empty_array),
                cmocka_unit_test(the_table_is_sorted_and_every_row_has_help),
        };

        return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
