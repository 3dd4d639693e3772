#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rpc/logread.h"
#include "rpc/xml.h"

#define EIGHT "hello12\n"

static void a_tail_means_the_bytes_that_supervisor_means(void **state)
{
        /* Observed of a log that holds the eight bytes. */
        static const struct {
                int64_t offset, length;
                const char *data;
                bool overflow;
        } cases[] = {
                { 0, 3, "12\n", true },
                { 0, 8, EIGHT, false },
                { 0, 100, EIGHT, false },
                { 8, 10, "", false },
                { 5, 3, "12\n", false },
                { 5, 2, "2\n", true },
                { 7, 1, "\n", false },
                { 8, 0, "", false },
                { 9, 5, "", false },
                { 20, 3, "", false },
                { -5, 3, "12\n", true },
                { -5, 20, EIGHT, false },
                { 0, 0, "", true },
                { 0, -3, "", true },
                { 3, -2, "", true },
                { -1, -1, "", true },
                { 8, 8, "", false },
                { 4, 4, "o12\n", false },
                { 4, 5, "lo12\n", false },
                { 100, -95, "", true },
                { INT64_MAX, INT64_MAX, "", false },
                { INT64_MIN, INT64_MIN, "", true },
                { INT64_MIN, INT64_MAX, EIGHT, true },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                struct logread_range range =
                        logread_range_tail(8, cases[i].offset, cases[i].length);

                assert_int_equal(range.overflow, cases[i].overflow);
                assert_int_equal(range.length, strlen(cases[i].data));
                if (range.length) {
                        assert_true(range.offset >= 0);
                        assert_memory_equal(
                                &EIGHT[range.offset], cases[i].data, (size_t)range.length);
                }
        }
}

static void a_read_means_the_bytes_that_supervisor_means(void **state)
{
        static const struct {
                int64_t offset, length;
                const char *data; /* NULL: BAD_ARGUMENTS */
        } cases[] = {
                { 0, 0, EIGHT },
                { 0, 3, "hel" },
                { 5, 0, "12\n" },
                { 5, 100, "12\n" },
                { 8, 0, "" },
                { 9, 0, "" },
                { 100, 5, "" },
                { -3, 0, "12\n" },
                { -100, 0, EIGHT },
                { -3, 1, NULL },
                { 3, -1, NULL },
                { -1, -1, NULL },
                { 0, -1, NULL },
                { INT64_MIN, 0, EIGHT },
                { INT64_MAX, INT64_MAX, "" },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                struct logread_range range = {};
                enum fault fault = logread_range_read(8, cases[i].offset, cases[i].length, &range);

                assert_int_equal(fault, cases[i].data ? FAULT_NONE : FAULT_BAD_ARGUMENTS);
                if (!cases[i].data)
                        continue;
                assert_int_equal(range.length, strlen(cases[i].data));
                if (range.length)
                        assert_memory_equal(
                                &EIGHT[range.offset], cases[i].data, (size_t)range.length);
        }
}

static void what_one_call_reads_is_limited(void **state)
{
        int64_t size = (int64_t)1 << 40;
        struct logread_range range = {};

        assert_int_equal(logread_range_read(size, 5, 0, &range), FAULT_NONE);
        assert_int_equal(range.offset, 5);
        assert_int_equal(range.length, LOGREAD_MAX);
        assert_int_equal(logread_range_read(size, -size, 0, &range), FAULT_NONE);
        assert_int_equal(range.offset, size - LOGREAD_MAX);
        assert_int_equal(range.length, LOGREAD_MAX);
        range = logread_range_tail(size, 0, size);
        assert_int_equal(range.offset, size - LOGREAD_MAX);
        assert_int_equal(range.length, LOGREAD_MAX);
}

/* The string that a read of a file with these bytes answers with; the caller owns it. */
static char *read_back(const char *bytes, size_t length, int64_t offset, int64_t count)
{
        char path[] = "/tmp/test_logfile_XXXXXX";
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(xml_response_clear) struct xml_response response = {};
        int fd = mkstemp(path);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, bytes, length), length);
        assert_int_equal(close(fd), 0);
        xml_response_begin(&t);
        assert_int_equal(logread_read(&t, path, offset, count), FAULT_NONE);
        xml_response_end(&t);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(xml_decode_response(t.data, t.length, &response, NULL), 0);
        return mem_strdup(response.value->string.data);
}

static void a_range_that_cuts_a_character_stays_readable(void **state)
{
        CLEANUP(mem_free) char *head = read_back("a\xe2\x82\xac", 4, 0, 2);
        CLEANUP(mem_free) char *rest = read_back("a\xe2\x82\xac!", 5, 2, 0);
        CLEANUP(mem_free) char *escape = read_back("\x1b[1mx\0y", 7, 0, 0);

        assert_string_equal(head, "a\xef\xbf\xbd");
        assert_string_equal(rest, "\xef\xbf\xbd\xef\xbf\xbd!");
        assert_string_equal(escape, "\xef\xbf\xbd[1mx\xef\xbf\xbdy");
}

static void a_character_across_two_pieces_is_not_cut(void **state)
{
        for (size_t before = 65533; before <= 65536; before++) {
                CLEANUP(mem_free) char *bytes = mem_new(before + 200000);
                CLEANUP(mem_free) char *back = NULL;

                memset(bytes, 'a', before);
                for (size_t i = 0; i < 40000; i++)
                        memcpy(bytes + before + 4 * i, "\xf0\x9f\x98\x80", 4);
                back = read_back(bytes, before + 160000, 0, 0);
                assert_string_equal(back, bytes);
        }
}

static void what_is_no_regular_file_is_not_read(void **state)
{
        char path[] = "/tmp/test_logfile_XXXXXX";
        CLEANUP(text_clear) struct text t = {};

        assert_non_null(mkdtemp(path));
        assert_int_equal(logread_read(&t, path, 0, 0), FAULT_FAILED);
        assert_int_equal(rmdir(path), 0);
        assert_int_equal(logread_read(&t, path, 0, 0), FAULT_NO_FILE);
        assert_int_equal(mkfifo(path, 0600), 0);
        assert_int_equal(logread_read(&t, path, 0, 0), FAULT_FAILED);
        assert_int_equal(logread_read(&t, path, -1, 1), FAULT_FAILED);
        assert_int_equal(t.length, 0);
        logread_tail(&t, path, 7, 9);
        assert_string_equal(t.data,
                "<value><array><data>\n<value><string></string></value>\n"
                "<value><int>7</int></value>\n"
                "<value><boolean>0</boolean></value>\n</data></array></value>\n");
        assert_int_equal(unlink(path), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_tail_means_the_bytes_that_supervisor_means),
                cmocka_unit_test(a_read_means_the_bytes_that_supervisor_means),
                cmocka_unit_test(what_one_call_reads_is_limited),
                cmocka_unit_test(a_range_that_cuts_a_character_stays_readable),
                cmocka_unit_test(a_character_across_two_pieces_is_not_cut),
                cmocka_unit_test(what_is_no_regular_file_is_not_read),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
