/* Limits as they are configured: their values, in the words of the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/values.h"
#include "tests/unit/config_case.h"

#define SUPERVISORD "[supervisord]\n"

static void values_become_the_words_of_the_kernel(void **state)
{
        static const struct {
                enum program_limit limit;
                const char *text, *value;
        } cases[] = {
                { LIMIT_CPU_MAX, "50%", "50000 100000" },
                { LIMIT_CPU_MAX, "1.5", "150000 100000" },
                { LIMIT_CPU_MAX, "250%", "250000 100000" },
                { LIMIT_CPU_MAX, "20000 50000", "20000 50000" },
                { LIMIT_CPU_MAX, "Max", "max" },
                { LIMIT_CPU_WEIGHT, "10000", "10000" },
                { LIMIT_CPUSET, "0-3,5", "0-3,5" },
                { LIMIT_MEMORY_MAX, "1KB", "1024" },
                { LIMIT_MEMORY_HIGH, "2GB", "2147483648" },
                { LIMIT_MEMORY_SWAP_MAX, "0", "0" },
                { LIMIT_MEMORY_OOM_GROUP, "yes", "1" },
                { LIMIT_MEMORY_OOM_GROUP, "false", "0" },
                { LIMIT_IO_WEIGHT, "7", "default 7" },
                { LIMIT_IO_MAX, "8:0 rbps=1KB wiops=max, 8:16 wbps=5",
                        "8:0 rbps=1024 wiops=max\n8:16 wbps=5\n" },
                { LIMIT_PIDS_MAX, "max", "max" },
                { LIMIT_PIDS_MAX, "12", "12" },
                { LIMIT_OOM_SCORE_ADJ, "-1000", "-1000" },
                { LIMIT_NICE, "-20", "-20" },
                { LIMIT_IONICE, "idle", "24576" },
                { LIMIT_IONICE, "Best-Effort:7", "16391" },
                { LIMIT_IONICE, "realtime", "8196" },
                { LIMIT_RLIMIT_NOFILE, "100", "100 100" },
                { LIMIT_RLIMIT_NOFILE, "1KB:unlimited", "1024 18446744073709551615" },
                { LIMIT_RLIMIT_CORE, "unlimited", "18446744073709551615 18446744073709551615" },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(mem_free) char *value = NULL;
                struct err err = {};

                if (values_limit(cases[i].limit, cases[i].text, &value, &err) < 0)
                        fail_msg("%s: %s", cases[i].text, err.text);
                assert_string_equal(value, cases[i].value);
        }
}

static void what_is_no_value_is_refused(void **state)
{
        static const struct {
                enum program_limit limit;
                const char *text;
        } cases[] = {
                { LIMIT_CPU_MAX, "" },
                { LIMIT_CPU_MAX, "0" },
                { LIMIT_CPU_MAX, "nan" },
                { LIMIT_CPU_MAX, "inf" },
                { LIMIT_CPU_MAX, "-5%" },
                { LIMIT_CPU_MAX, "50 %" },
                { LIMIT_CPU_MAX, "1 100000" },
                { LIMIT_CPU_WEIGHT, "10001" },
                { LIMIT_CPUSET, "" },
                { LIMIT_CPUSET, "1-" },
                { LIMIT_CPUSET, "1,,2" },
                { LIMIT_CPUSET, "2-1" },
                { LIMIT_CPUSET, "99999999999999999999" },
                { LIMIT_CPUSET, "0," },
                { LIMIT_MEMORY_MAX, "-1" },
                { LIMIT_MEMORY_MAX, "1.5GB" },
                { LIMIT_IO_WEIGHT, "0" },
                { LIMIT_IO_MAX, "8:0 rbps" },
                { LIMIT_IO_MAX, "8 rbps=1" },
                { LIMIT_IO_MAX, "/etc/passwd rbps=1" },
                { LIMIT_IO_MAX, ",8:0 rbps=1" },
                { LIMIT_PIDS_MAX, "0" },
                { LIMIT_OOM_SCORE_ADJ, "1001" },
                { LIMIT_NICE, "-21" },
                { LIMIT_IONICE, "idle:1" },
                { LIMIT_IONICE, "realtime:8" },
                { LIMIT_IONICE, "realtime:" },
                { LIMIT_RLIMIT_CPU, "2:1" },
                { LIMIT_RLIMIT_CPU, "unlimited:1" },
                { LIMIT_RLIMIT_CPU, ":" },
                { LIMIT_RLIMIT_CPU, "-1" },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                char *value = NULL;
                struct err err = {};

                if (values_limit(cases[i].limit, cases[i].text, &value, &err) >= 0)
                        fail_msg("%s became %s", cases[i].text, value);
                assert_null(value);
                assert_true(err.text[0]);
        }
}

static void programs_and_groups_have_limits_of_their_own(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(
                SUPERVISORD "[group:g]\nprograms=x\nmemory_max=2KB\nlimits=best-effort\n"
                            "[program:x]\ncommand=cat\nmemory_max=1KB\nnice=3\ncpu_max=\n"
                            "[program:y]\ncommand=cat\n");
        const struct program_group *g = config_case_group(config, "g");

        assert_string_equal(limits_get(g->limits, LIMIT_MEMORY_MAX), "2048");
        assert_false(g->limits->is_strict);
        assert_string_equal(limits_get(g->programs[0]->limits, LIMIT_MEMORY_MAX), "1024");
        assert_string_equal(limits_get(g->programs[0]->limits, LIMIT_NICE), "3");
        assert_null(limits_get(g->programs[0]->limits, LIMIT_CPU_MAX));
        assert_true(g->programs[0]->limits->is_strict);
        assert_non_null(
                strstr(g->programs[0]->limits->origin[LIMIT_NICE], ", line 9: [program:x] nice=3"));
        assert_null(config_case_group(config, "y")->limits);
        assert_null(config_case_program(config, "y", 0)->limits);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(values_become_the_words_of_the_kernel),
                cmocka_unit_test(what_is_no_value_is_refused),
                cmocka_unit_test(programs_and_groups_have_limits_of_their_own),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
