/* The engine: the end of everything, and the way to a new beginning. */
#include <errno.h>
#include <signal.h>

#include "tests/unit/engine_host.h"

enum { EXIT_1 = 1 << 8, EXIT_0 = 0 };

static void with_nothing_to_stop_the_end_comes_at_once(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_boot(host);
        host_ignore(host);
        host_request(host, REQUEST_SHUTDOWN, NULL, false);
        host_expect(host, "answer 1 true\n"
                          "mood SHUTDOWN\n"
                          "finished\n");
        assert_int_equal(engine_mood(host->engine), MOOD_SHUTDOWN);
        assert_true(engine_deadline(host->engine) == USEC_NEVER);
        host_shutdown(host, false);
        host_shutdown(host, true);
        host_expect(host, "");
}

static void groups_end_one_after_the_other_the_highest_priority_number_first(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program_group *low = host_group(host, "low", 1), *high = host_group(host, "high", 9);

        host_program(low, "low");
        host_program(high, "a")->priority = 1;
        host_program(high, "b")->priority = 2;
        host_boot(host);
        host_advance(host, 2 * USEC_SEC);
        host_ignore(host);
        host_shutdown(host, false);
        host_expect(host, "mood SHUTDOWN\n"
                          "DEBG killing b (pid 12) with signal SIGTERM\n"
                          "high:b RUNNING->STOPPING pid 12\n"
                          "signal high:b SIGTERM process\n"
                          "DEBG killing a (pid 11) with signal SIGTERM\n"
                          "high:a RUNNING->STOPPING pid 11\n"
                          "signal high:a SIGTERM process\n"
                          "INFO waiting for low, a, b to die\n"
                          "BLAT low state: RUNNING\n"
                          "BLAT a state: STOPPING\n"
                          "BLAT b state: STOPPING\n");
        host_exit(host, "high:b", EXIT_0);
        host_expect(host, "high:b STOPPING->STOPPED pid 12\n"
                          "INFO stopped: b (exit status 0)\n");
        host_exit(host, "high:a", EXIT_0);
        host_expect(host, "high:a STOPPING->STOPPED pid 11\n"
                          "INFO stopped: a (exit status 0)\n"
                          "DEBG killing low (pid 10) with signal SIGTERM\n"
                          "low RUNNING->STOPPING pid 10\n"
                          "signal low SIGTERM process\n");
        host_exit(host, "low", EXIT_0);
        host_expect(host, "low STOPPING->STOPPED pid 10\n"
                          "INFO stopped: low (exit status 0)\n"
                          "finished\n");
}

static void what_is_waited_for_is_said_every_three_seconds(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_shutdown(host, false);
        host_ignore(host);
        host_advance(host, 3 * USEC_SEC - 1);
        host_expect(host, "");
        host_advance(host, 1);
        host_expect(host, "INFO waiting for cat to die\n"
                          "BLAT cat state: STOPPING\n");
        host_advance(host, 6 * USEC_SEC);
        host_expect(host, "INFO waiting for cat to die\n"
                          "BLAT cat state: STOPPING\n"
                          "INFO waiting for cat to die\n"
                          "BLAT cat state: STOPPING\n");
        host_advance(host, USEC_SEC);
        host_expect(host, "WARN killing 'cat' (10) with SIGKILL\n"
                          "DEBG killing cat (pid 10) with signal SIGKILL\n"
                          "signal cat SIGKILL process\n"
                          "kill-all cat\n");
}

static void what_waits_for_its_next_try_is_given_up_without_a_word(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "cat", 999), "cat");
        host_boot(host);
        host_exit(host, "cat", EXIT_1);
        host_ignore(host);
        host_shutdown(host, false);
        host_expect(host, "mood SHUTDOWN\n"
                          "cat BACKOFF->FATAL\n"
                          "finished\n");
}

static void nothing_is_started_while_everything_ends(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "low", 1), "low");
        host_program(host_group(host, "mid", 2), "mid");
        host_program(host_group(host, "high", 9), "high");
        host_boot(host);
        host_exit(host, "mid", EXIT_1);
        host_advance(host, USEC_SEC / 2);
        host_shutdown(host, false);
        host_ignore(host);
        host_exit(host, "low", EXIT_1);
        host_expect(host, "low STARTING->BACKOFF tries 1\n"
                          "WARN exited: low (exit status 1; not expected)\n");
        host_advance(host, 2 * USEC_SEC);
        host_expect(host, "");
        host_exit(host, "high", EXIT_1);
        host_expect(host, "high STOPPING->STOPPED pid 12\n"
                          "WARN stopped: high (exit status 1)\n"
                          "mid BACKOFF->FATAL\n"
                          "low BACKOFF->FATAL\n"
                          "finished\n");
}

static void an_unexpected_exit_is_not_restarted_while_everything_ends(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "low", 1), "low");
        host_program(host_group(host, "high", 9), "high");
        host_boot(host);
        host_advance(host, 2 * USEC_SEC);
        host_shutdown(host, false);
        host_ignore(host);
        host_exit(host, "low", EXIT_1);
        host_expect(host, "low RUNNING->EXITED unexpected pid 10\n"
                          "WARN exited: low (exit status 1; not expected)\n");
}

static void every_request_is_refused_once_it_has_begun(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_request(host, REQUEST_SHUTDOWN, NULL, false);
        host_ignore(host);
        for (int type = REQUEST_START; type <= REQUEST_RESTART; type++)
                host_request(host, (enum request_type)type, "nobody", true);
        host_expect(host, "answer 2 fault 6 SHUTDOWN_STATE\n"
                          "answer 3 fault 6 SHUTDOWN_STATE\n"
                          "answer 4 fault 6 SHUTDOWN_STATE\n"
                          "answer 5 fault 6 SHUTDOWN_STATE\n"
                          "answer 6 fault 6 SHUTDOWN_STATE\n"
                          "answer 7 fault 6 SHUTDOWN_STATE\n"
                          "answer 8 fault 6 SHUTDOWN_STATE\n"
                          "answer 9 fault 6 SHUTDOWN_STATE\n"
                          "answer 10 fault 6 SHUTDOWN_STATE\n"
                          "answer 11 fault 6 SHUTDOWN_STATE\n"
                          "answer 12 fault 6 SHUTDOWN_STATE\n"
                          "answer 13 fault 6 SHUTDOWN_STATE\n"
                          "answer 14 fault 6 SHUTDOWN_STATE\n"
                          "answer 15 fault 6 SHUTDOWN_STATE\n");
}

static void members_that_were_not_issued_yet_are_refused_and_others_finish(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program_group *g = host_group(host, "g", 1);

        host_program(g, "a")->autostart = false;
        host_program(g, "b")->autostart = false;
        host_boot(host);
        host_ignore(host);
        host_request(host, REQUEST_START, "g:a", true);
        host->held = true;
        host_request(host, REQUEST_START_ALL, NULL, true);
        host_request(host, REQUEST_RELOAD_CONFIG, NULL, true);
        host_ignore(host);
        host_shutdown(host, false);
        host_expect(host, "mood SHUTDOWN\n"
                          "answer 2 [g:b 6 SHUTDOWN_STATE]\n"
                          "answer 3 fault 6 SHUTDOWN_STATE\n"
                          "DEBG killing a (pid 10) with signal SIGTERM\n"
                          "g:a STARTING->STOPPING pid 10\n"
                          "answer 1 fault 40 ABNORMAL_TERMINATION: g:a\n"
                          "signal g:a SIGTERM process\n"
                          "INFO waiting for a to die\n"
                          "BLAT a state: STOPPING\n");
        host_deliver(host);
        host_expect(host, "");
}

static void a_stop_that_is_waited_for_is_answered_before_the_end(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_request(host, REQUEST_STOP, "cat", true);
        host_shutdown(host, false);
        host_ignore(host);
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "answer 1 true\n"
                          "INFO stopped: cat (exit status 0)\n"
                          "finished\n");
}

static void a_signal_under_way_is_answered_before_the_end(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host->held = true;
        host_signal_request(host, REQUEST_SIGNAL, "cat", "HUP");
        host_shutdown(host, false);
        host_ignore(host);
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "INFO stopped: cat (exit status 0)\n"
                          "answer 1 true\n"
                          "finished\n");
}

static void a_spawn_under_way_is_stopped_when_it_is_done(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host->held = true;
        host_program(host_group(host, "cat", 999), "cat");
        host_boot(host);
        host_ignore(host);
        host_shutdown(host, false);
        host_expect(host, "mood SHUTDOWN\n"
                          "INFO waiting for cat to die\n"
                          "BLAT cat state: STARTING\n");
        host_deliver(host);
        host_expect(host, "INFO spawned: 'cat' with pid 10\n"
                          "DEBG killing cat (pid 10) with signal SIGTERM\n"
                          "cat STARTING->STOPPING pid 10\n"
                          "signal cat SIGTERM process\n");
}

static void what_cannot_be_killed_does_not_hold_up_the_end(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host->kill_error = EPERM;
        host_shutdown(host, false);
        host_expect(host,
                "mood SHUTDOWN\n"
                "DEBG killing cat (pid 10) with signal SIGTERM\n"
                "cat RUNNING->STOPPING pid 10\n"
                "signal cat SIGTERM process\n"
                "INFO waiting for cat to die\n"
                "BLAT cat state: STOPPING\n"
                "CRIT unknown problem killing cat (10):[Errno 1] Operation not permitted\n"
                "cat STOPPING->UNKNOWN pid 10\n"
                "kill-all cat\n"
                "finished\n");
}

static void a_restart_reads_the_configuration_first(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host->config_error = "no";
        host_request(host, REQUEST_RESTART, NULL, false);
        host_expect(host, "read-config for restart\n"
                          "answer 1 fault 92 CANT_REREAD: no\n");
        assert_int_equal(engine_mood(host->engine), MOOD_RUNNING);
        host->config_error = NULL;
        host_request(host, REQUEST_RESTART, NULL, false);
        host_expect(host, "read-config for restart\n"
                          "answer 2 true\n"
                          "mood RESTARTING\n"
                          "DEBG killing cat (pid 10) with signal SIGTERM\n"
                          "cat RUNNING->STOPPING pid 10\n"
                          "signal cat SIGTERM process\n"
                          "INFO waiting for cat to die\n"
                          "BLAT cat state: STOPPING\n");
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "INFO stopped: cat (exit status 0)\n"
                          "finished restart\n");
}

static void a_restart_by_signal_with_a_bad_configuration_is_only_logged(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host->config_error = "no";
        host_shutdown(host, true);
        host_expect(host, "read-config for restart\n"
                          "ERRO cannot restart: no\n");
        host->config_error = NULL;
        host->held = true;
        host_shutdown(host, true);
        host_shutdown(host, true);
        host_expect(host, "read-config for restart\n");
        host->held = false;
        host_deliver(host);
        assert_int_equal(engine_mood(host->engine), MOOD_RESTARTING);
}

static void a_request_to_end_turns_a_restart_into_the_end(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_shutdown(host, true);
        host_ignore(host);
        host_shutdown(host, false);
        host_shutdown(host, false);
        host_shutdown(host, true);
        host_expect(host, "mood SHUTDOWN\n");
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "INFO stopped: cat (exit status 0)\n"
                          "finished\n");
}

static void a_restart_that_was_being_read_for_gives_way_to_the_end(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host->held = true;
        host_request(host, REQUEST_RESTART, NULL, false);
        host_shutdown(host, true);
        host_ignore(host);
        host_shutdown(host, false);
        host_expect(host, "mood SHUTDOWN\n"
                          "answer 1 fault 6 SHUTDOWN_STATE\n"
                          "DEBG killing cat (pid 10) with signal SIGTERM\n"
                          "cat RUNNING->STOPPING pid 10\n"
                          "signal cat SIGTERM process\n"
                          "INFO waiting for cat to die\n"
                          "BLAT cat state: STOPPING\n");
        host_deliver(host);
        host_expect(host, "");
        assert_int_equal(engine_mood(host->engine), MOOD_SHUTDOWN);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(with_nothing_to_stop_the_end_comes_at_once),
                cmocka_unit_test(groups_end_one_after_the_other_the_highest_priority_number_first),
                cmocka_unit_test(what_is_waited_for_is_said_every_three_seconds),
                cmocka_unit_test(what_waits_for_its_next_try_is_given_up_without_a_word),
                cmocka_unit_test(nothing_is_started_while_everything_ends),
                cmocka_unit_test(an_unexpected_exit_is_not_restarted_while_everything_ends),
                cmocka_unit_test(every_request_is_refused_once_it_has_begun),
                cmocka_unit_test(members_that_were_not_issued_yet_are_refused_and_others_finish),
                cmocka_unit_test(a_stop_that_is_waited_for_is_answered_before_the_end),
                cmocka_unit_test(a_signal_under_way_is_answered_before_the_end),
                cmocka_unit_test(a_spawn_under_way_is_stopped_when_it_is_done),
                cmocka_unit_test(what_cannot_be_killed_does_not_hold_up_the_end),
                cmocka_unit_test(a_restart_reads_the_configuration_first),
                cmocka_unit_test(a_restart_by_signal_with_a_bad_configuration_is_only_logged),
                cmocka_unit_test(a_request_to_end_turns_a_restart_into_the_end),
                cmocka_unit_test(a_restart_that_was_being_read_for_gives_way_to_the_end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
