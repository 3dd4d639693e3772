/* The values of the cluster's options: good ones, the edges, and bad ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/text.h"
#include "config/clusterconfig.h"
#include "config/clustervalues.h"
#include "config/paths.h"
#include "config/words.h"
#include "tests/unit/config_case.h"

static char *joined(char *const *words)
{
        CLEANUP(text_clear) struct text text = {};

        for (; *words; words++)
                text_format(&text, "%s%s", text.length ? "|" : "", *words);
        return text_take(&text);
}

static void integers_have_a_range(void **state)
{
        static const char *const bad[] = { "", "14", "1201", "15.0", "0x10", "fifteen", "1e2",
                "-15" };
        struct err err = {};
        int64_t n = 7;

        assert_int_equal(clustervalues_integer("15", 15, 1200, &n, &err), 0);
        assert_int_equal(n, 15);
        assert_int_equal(clustervalues_integer(" +1_200 ", 15, 1200, &n, &err), 0);
        assert_int_equal(n, 1200);
        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                assert_true(clustervalues_integer(bad[i], 15, 1200, &n, &err) < 0);
                assert_string_equal(err.text, "must be an integer from 15 to 1200");
        }
        assert_int_equal(n, 1200);
}

static void numbers_are_decimal_and_have_a_range(void **state)
{
        static const struct {
                const char *text;
                double n;
        } good[] = { { "1", 1 }, { "3600", 3600 }, { " 2.5 ", 2.5 }, { "+1.", 1 }, { "36e2", 3600 },
                { "10.5E+0", 10.5 }, { "150e-1", 15 } };
        static const char *const bad[] = { "", ".", "0.99", "3600.1", "nan", "inf", "0x10", "1 0",
                "1e", "1e+", "e1", "-1", "1s" };
        struct err err = {};
        double n = 0;

        for (size_t i = 0; i < ELEMENTS(good); i++) {
                assert_int_equal(clustervalues_number(good[i].text, 1, 3600, &n, &err), 0);
                assert_true(n == good[i].n);
        }
        assert_int_equal(clustervalues_number(".5", 0, 1, &n, &err), 0);
        assert_true(n == 0.5);
        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                assert_true(clustervalues_number(bad[i], 1, 3600, &n, &err) < 0);
                assert_string_equal(err.text, "must be a number from 1 to 3600");
        }
}

static void durations_are_seconds_unless_a_unit_says_otherwise(void **state)
{
        static const struct {
                const char *text;
                usec_t usec;
        } good[] = { { "200ms", 200000 }, { "0.2s", 200000 }, { "0.2", 200000 }, { "1s", 1000000 },
                { "1", 1000000 }, { "1.5 MS", 1500 }, { " 2 S ", 2000000 }, { "0", 0 },
                { "1e9", 1000000000000000 }, { "0.0001ms", 0 } };
        static const char *const bad[] = { "", "s", "ms", "-1s", "1m", "1us", "1min", "nan", "1e10",
                "1e400", "1ss", "1 m s" };
        struct err err = {};
        usec_t usec = 7;

        for (size_t i = 0; i < ELEMENTS(good); i++) {
                assert_int_equal(clustervalues_duration(good[i].text, &usec, &err), 0);
                assert_int_equal(usec, good[i].usec);
        }
        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                assert_true(clustervalues_duration(bad[i], &usec, &err) < 0);
                assert_string_equal(err.text, "must be a number of seconds, as 1 or 0.5s, or of "
                                              "milliseconds, as 200ms");
        }
}

static void words_are_found_in_any_case(void **state)
{
        static const char *const words[] = { "NONE", "ZMQ", "WS" };
        struct err err = {};
        size_t i = 0;

        assert_int_equal(clustervalues_word(" zmQ ", words, ELEMENTS(words), &i, &err), 0);
        assert_int_equal(i, 1);
        assert_true(clustervalues_word("ZM", words, ELEMENTS(words), &i, &err) < 0);
        assert_string_equal(err.text, "must be NONE, ZMQ or WS");
        assert_true(clustervalues_word("", words, ELEMENTS(words), &i, &err) < 0);
}

static void names_are_trimmed_and_neither_empty_nor_twice(void **state)
{
        CLEANUP(words_free) char **names = NULL;
        CLEANUP(mem_free) char *got = NULL, *longest = mem_new(CLUSTERCONFIG_NAME_MAX + 2);
        CLEANUP(words_free) char **one = NULL;
        struct err err = {};

        assert_int_equal(clustervalues_names(" a,,b , a,\xc3\xa9 x,", 6, &names, &err), 0);
        got = joined(names);
        assert_string_equal(got, "a|b|\xc3\xa9 x");
        assert_true(clustervalues_names("a,b,c", 2, &one, &err) < 0);
        assert_string_equal(err.text, "must not have more than 2 items");
        memset(longest, 'x', CLUSTERCONFIG_NAME_MAX);
        assert_int_equal(clustervalues_names(longest, 1, &one, &err), 0);
        longest[CLUSTERCONFIG_NAME_MAX] = 'x';
        assert_true(clustervalues_names(longest, 1, &one, &err) < 0);
        assert_string_equal(err.text, "must consist of names of at most 260 bytes between commas");
        assert_true(clustervalues_names("a\nb", 2, &one, &err) < 0);
        assert_true(clustervalues_names("\xff", 2, &one, &err) < 0);
}

static void a_group_is_a_multicast_address_that_is_not_reserved(void **state)
{
        static const char *const bad[] = { "", "239.0.0.1", "239.0.0.1:", "239.0.0.1:0",
                "239.0.0.1:65536", "223.255.255.255:1", "240.0.0.1:1", "224.0.0.0:1", "232.0.0.0:1",
                "233.0.0.0:1", "239.0.0.0:1", "239.0.0.256:1", "239.0.0:1", "host:1", ":1",
                "ff02::1:1", "239.0.0.1:x", "239.0.0.1:1:2" };
        CLEANUP(mem_free) char *address = NULL;
        struct err err = {};
        uint16_t port = 0;

        assert_int_equal(clustervalues_group(" 224.0.0.1:65535 ", &address, &port, &err), 0);
        assert_string_equal(address, "224.0.0.1");
        assert_int_equal(port, 65535);
        address = mem_free(address);
        assert_int_equal(clustervalues_group("239.255.255.255:1", &address, &port, &err), 0);
        assert_int_equal(port, 1);
        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                char *other = NULL;

                assert_true(clustervalues_group(bad[i], &other, &port, &err) < 0);
                assert_null(other);
        }
}

static void interfaces_are_names_or_addresses_or_any(void **state)
{
        static const char *const any[] = { "ANY", "INADDR_ANY", "any", "eth0,ANY", "", "," };
        static const char *const bad[] = { "300.1.1.1", "1.2.3", "a b", "a/b", "eth0:1",
                "sixteen_letters_" };
        struct err err = {};

        for (size_t i = 0; i < ELEMENTS(any); i++) {
                CLEANUP(words_free) char **interfaces = NULL;

                assert_int_equal(clustervalues_interfaces(any[i], &interfaces, &err), 0);
                assert_null(*interfaces);
        }
        {
                CLEANUP(words_free) char **interfaces = NULL;
                CLEANUP(mem_free) char *got = NULL;

                assert_int_equal(clustervalues_interfaces("10.0.0.1, eth0.100,br-x,fifteen_letters",
                                         &interfaces, &err),
                        0);
                got = joined(interfaces);
                assert_string_equal(got, "10.0.0.1|eth0.100|br-x|fifteen_letters");
        }
        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                char **interfaces = NULL;

                assert_true(clustervalues_interfaces(bad[i], &interfaces, &err) < 0);
                assert_null(interfaces);
        }
}

static void synchro_options_are_a_set(void **state)
{
        struct err err = {};
        unsigned bits = 0;

        assert_int_equal(clustervalues_synchro("STRICT,list, Timeout,CORE,USER", &bits, &err), 0);
        assert_int_equal(bits,
                SYNCHRO_STRICT | SYNCHRO_LIST | SYNCHRO_TIMEOUT | SYNCHRO_CORE | SYNCHRO_USER);
        assert_int_equal(clustervalues_synchro("USER,user,", &bits, &err), 0);
        assert_int_equal(bits, SYNCHRO_USER);
        assert_int_equal(clustervalues_synchro("", &bits, &err), 0);
        assert_int_equal(bits, 0);
        assert_true(clustervalues_synchro("USER,ALL", &bits, &err) < 0);
        assert_string_equal(
                err.text, "must consist of STRICT, LIST, TIMEOUT, CORE and USER between commas");
}

static void statistics_are_the_union_of_their_items(void **state)
{
        static const struct {
                const char *text;
                bool host, process;
        } good[] = { { "OFF", false, false }, { "Host", true, false }, { "process", false, true },
                { "ALL", true, true }, { "HOST,PROCESS", true, true }, { "OFF,HOST", true, false },
                { "true", true, true }, { "on", true, true }, { "false", false, false },
                { "0", false, false }, { "no,process", false, true }, { "", false, false } };
        struct err err = {};
        bool host, process;

        for (size_t i = 0; i < ELEMENTS(good); i++) {
                assert_int_equal(clustervalues_statistics(good[i].text, &host, &process, &err), 0);
                assert_int_equal(host, good[i].host);
                assert_int_equal(process, good[i].process);
        }
        assert_true(clustervalues_statistics("HOSTS", &host, &process, &err) < 0);
        assert_true(clustervalues_statistics("ALL,2", &host, &process, &err) < 0);
}

static void periods_are_sorted_and_at_most_three(void **state)
{
        static const char *const bad[] = { "", ",", "0.5", "3601", "1,2,3,4", "5,x" };
        struct err err = {};
        double periods[3];
        size_t count = 0;

        assert_int_equal(clustervalues_periods("60,5, 5", periods, &count, &err), 0);
        assert_int_equal(count, 3);
        assert_true(periods[0] == 5 && periods[1] == 5 && periods[2] == 60);
        assert_int_equal(clustervalues_periods("3600", periods, &count, &err), 0);
        assert_int_equal(count, 1);
        for (size_t i = 0; i < ELEMENTS(bad); i++)
                assert_true(clustervalues_periods(bad[i], periods, &count, &err) < 0);
        assert_int_equal(count, 1);
        assert_true(periods[0] == 3600);
}

static void a_quorum_may_say_of_how_many(void **state)
{
        static const char *const bad[] = { "", "all", "majority/", "majority/0", "majority/1025",
                "majority5", "none/3", "majority/x", "/3" };
        unsigned expected = 7;
        struct err err = {};
        bool majority = true;

        assert_int_equal(clustervalues_quorum(" NONE ", &majority, &expected, &err), 0);
        assert_false(majority);
        assert_int_equal(expected, 0);
        assert_int_equal(clustervalues_quorum("Majority", &majority, &expected, &err), 0);
        assert_true(majority);
        assert_int_equal(expected, 0);
        assert_int_equal(clustervalues_quorum("majority/1024", &majority, &expected, &err), 0);
        assert_int_equal(expected, 1024);
        for (size_t i = 0; i < ELEMENTS(bad); i++)
                assert_true(clustervalues_quorum(bad[i], &majority, &expected, &err) < 0);
        assert_int_equal(expected, 1024);
}

static void files_are_absolute_and_sorted_and_there_once(void **state)
{
        CLEANUP(mem_free) char *here = paths_current();
        CLEANUP(words_free) char **files = NULL;
        CLEANUP(mem_free) char *got = NULL, *wanted = NULL, *patterns = NULL;
        struct err err = {};

        assert_int_equal(mkdir("d", 0700), 0);
        config_case_write("d/b.xml", "");
        config_case_write("d/a.xml", "");
        config_case_write("z.xml", "");
        patterns = mem_format("z.xml d/*.xml  d/../d/a.xml none* %s/z.*", here);
        assert_int_equal(clustervalues_files(patterns, here, &files, &err), 0);
        got = joined(files);
        wanted = mem_format("%s/d/a.xml|%s/d/b.xml|%s/z.xml", here, here, here);
        assert_string_equal(got, wanted);
}

static void more_files_than_anybody_has_are_refused(void **state)
{
        CLEANUP(mem_free) char *here = paths_current();
        char **files = NULL;
        struct err err = {};

        assert_int_equal(mkdir("many", 0700), 0);
        for (int i = 0; i <= CLUSTERCONFIG_FILES_MAX; i++) {
                CLEANUP(mem_free) char *name = mem_format("many/%d", i);

                config_case_write(name, "");
        }
        assert_true(clustervalues_files("many/*", here, &files, &err) < 0);
        assert_string_equal(err.text, "must not match more than 1024 files");
        assert_null(files);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(integers_have_a_range),
                cmocka_unit_test(numbers_are_decimal_and_have_a_range),
                cmocka_unit_test(durations_are_seconds_unless_a_unit_says_otherwise),
                cmocka_unit_test(words_are_found_in_any_case),
                cmocka_unit_test(names_are_trimmed_and_neither_empty_nor_twice),
                cmocka_unit_test(a_group_is_a_multicast_address_that_is_not_reserved),
                cmocka_unit_test(interfaces_are_names_or_addresses_or_any),
                cmocka_unit_test(synchro_options_are_a_set),
                cmocka_unit_test(statistics_are_the_union_of_their_items),
                cmocka_unit_test(periods_are_sorted_and_at_most_three),
                cmocka_unit_test(a_quorum_may_say_of_how_many),
                cmocka_unit_test(files_are_absolute_and_sorted_and_there_once),
                cmocka_unit_test(more_files_than_anybody_has_are_refused),
        };

        return cmocka_run_group_tests(tests, config_case_begin, config_case_end);
}
