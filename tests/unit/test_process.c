/* Processes: the whole table, names, codes, and the words for a wait status. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "engine/process.h"

static const char *const inputs[PROCESS_INPUTS] = {
        [IN_START] = "START",
        [IN_SPAWN_FAILED] = "SPAWN_FAILED",
        [IN_STAYED_UP] = "STAYED_UP",
        [IN_EXITED_EARLY] = "EXITED_EARLY",
        [IN_EXITED] = "EXITED",
        [IN_STOPPED] = "STOPPED",
        [IN_STOP] = "STOP",
        [IN_RETRY] = "RETRY",
        [IN_GIVE_UP] = "GIVE_UP",
        [IN_KILL_FAILED] = "KILL_FAILED",
        [IN_UNSTARTABLE] = "UNSTARTABLE",
};

static void the_whole_table_is_this(void **state)
{
        CLEANUP(text_clear) struct text table = {};

        for (int from = 0; from < PROCESS_STATES; from++)
                for (int in = 0; in < PROCESS_INPUTS; in++) {
                        enum process_state to =
                                process_next((enum process_state)from, (enum process_input)in);

                        if ((int)to != from)
                                text_format(&table, "%s %s %s\n",
                                        process_state_name((enum process_state)from), inputs[in],
                                        process_state_name(to));
                }
        printf("%s", text_string(&table));
        assert_string_equal(text_string(&table), "STOPPED START STARTING\n"
                                                 "STOPPED UNSTARTABLE BACKOFF\n"
                                                 "STARTING SPAWN_FAILED BACKOFF\n"
                                                 "STARTING STAYED_UP RUNNING\n"
                                                 "STARTING EXITED_EARLY BACKOFF\n"
                                                 "STARTING STOP STOPPING\n"
                                                 "STARTING KILL_FAILED UNKNOWN\n"
                                                 "RUNNING EXITED EXITED\n"
                                                 "RUNNING STOP STOPPING\n"
                                                 "RUNNING KILL_FAILED UNKNOWN\n"
                                                 "BACKOFF STOP STOPPED\n"
                                                 "BACKOFF RETRY STARTING\n"
                                                 "BACKOFF GIVE_UP FATAL\n"
                                                 "STOPPING STOPPED STOPPED\n"
                                                 "STOPPING KILL_FAILED UNKNOWN\n"
                                                 "EXITED START STARTING\n"
                                                 "EXITED UNSTARTABLE BACKOFF\n"
                                                 "FATAL START STARTING\n"
                                                 "FATAL UNSTARTABLE BACKOFF\n"
                                                 "UNKNOWN EXITED EXITED\n"
                                                 "UNKNOWN STOPPED STOPPED\n");
}

static void states_have_the_codes_and_sets_that_clients_know(void **state)
{
        CLEANUP(text_clear) struct text table = {};

        for (enum process_state s = STOPPED; s < PROCESS_STATES; s++)
                text_format(&table, "%s %d%s%s%s\n", process_state_name(s), process_state_code(s),
                        process_state_is_stopped(s) ? " stopped" : "",
                        process_state_is_running(s) ? " running" : "",
                        process_state_is_signallable(s) ? " signallable" : "");
        assert_string_equal(text_string(&table), "STOPPED 0 stopped\n"
                                                 "STARTING 10 running signallable\n"
                                                 "RUNNING 20 running signallable\n"
                                                 "BACKOFF 30 running\n"
                                                 "STOPPING 40 signallable\n"
                                                 "EXITED 100 stopped\n"
                                                 "FATAL 200 stopped\n"
                                                 "UNKNOWN 1000 stopped\n");
}

static void check_wait_text(int status, const char *expected, int code)
{
        CLEANUP(mem_free) char *text = process_wait_text(status);

        assert_string_equal(text, expected);
        assert_int_equal(process_exit_code(status), code);
}

static void a_wait_status_is_put_into_the_words_of_the_log(void **state)
{
        check_wait_text(0, "exit status 0", 0);
        check_wait_text(127 << 8, "exit status 127", 127);
        check_wait_text(SIGKILL, "terminated by SIGKILL", -1);
        check_wait_text(SIGSEGV | 0x80, "terminated by SIGSEGV (core dumped)", -1);
        check_wait_text(40, "terminated by signal 40", -1);
        check_wait_text(0x137f, "unknown termination cause 0x137f", -1);
        check_wait_text(0x7f, "unknown termination cause 0x007f", -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_whole_table_is_this),
                cmocka_unit_test(states_have_the_codes_and_sets_that_clients_know),
                cmocka_unit_test(a_wait_status_is_put_into_the_words_of_the_log),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
