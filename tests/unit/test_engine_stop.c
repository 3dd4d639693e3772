/* The engine: stopping and signalling one process, until nothing of it is left. */
#include <errno.h>
#include <signal.h>

#include "tests/unit/engine_host.h"

enum { EXIT_1 = 1 << 8, EXIT_0 = 0 };

static void a_stop_signals_at_once_and_is_over_when_the_process_is_gone(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_request(host, REQUEST_STOP, "cat", true);
        host_expect(host, "DEBG killing cat (pid 10) with signal SIGTERM\n"
                          "cat RUNNING->STOPPING pid 10\n"
                          "signal cat SIGTERM process\n"
                          "INFO waiting for cat to stop\n");
        host_exit(host, "cat", SIGTERM);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "answer 1 true\n"
                          "WARN stopped: cat (terminated by SIGTERM)\n");
        assert_int_equal(host_process(host, "cat")->exitstatus, -1);
        assert_int_equal(host_process(host, "cat")->pid, 0);
        assert_false(host_process(host, "cat")->stop_asked);
        host_advance(host, 100 * USEC_SEC);
        host_expect(host, "");
}

static void a_stop_that_ends_with_an_expected_code_is_no_warning(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_request(host, REQUEST_STOP, "cat", false);
        host_expect(host, "DEBG killing cat (pid 10) with signal SIGTERM\n"
                          "cat RUNNING->STOPPING pid 10\n"
                          "signal cat SIGTERM process\n"
                          "answer 1 true\n");
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "INFO stopped: cat (exit status 0)\n");
        assert_true(host_process(host, "cat")->has_exitstatus);
}

static void the_whole_process_group_is_stopped_where_that_was_asked_for(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program *cat = host_with_cat(host);

        cat->stopasgroup = true;
        cat->killasgroup = true;
        cat->stopsignal = SIGINT;
        cat->stopwaitsecs = 1;
        host_request(host, REQUEST_STOP, "cat", false);
        host_expect(host, "DEBG killing cat (pid 10) process group with signal SIGINT\n"
                          "cat RUNNING->STOPPING pid 10\n"
                          "signal cat SIGINT group\n"
                          "answer 1 true\n");
        host_advance(host, USEC_SEC);
        host_expect(host, "WARN killing 'cat' (10) with SIGKILL\n"
                          "DEBG killing cat (pid 10) process group with signal SIGKILL\n"
                          "signal cat SIGKILL group\n"
                          "kill-all cat\n");
}

static void a_starting_process_is_signalled_without_any_grace(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "cat", 999), "cat");
        host_boot(host);
        host_ignore(host);
        host_request(host, REQUEST_STOP, "cat", false);
        host_expect(host, "DEBG killing cat (pid 10) with signal SIGTERM\n"
                          "cat STARTING->STOPPING pid 10\n"
                          "signal cat SIGTERM process\n"
                          "answer 1 true\n");
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "INFO stopped: cat (exit status 0)\n");
}

static void a_process_that_waits_for_its_next_try_is_stopped_at_once(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "cat", 999), "cat");
        host_boot(host);
        host_exit(host, "cat", EXIT_1);
        host_ignore(host);
        host_request(host, REQUEST_STOP, "cat", true);
        host_expect(host, "DEBG Attempted to kill cat, which is in BACKOFF state.\n"
                          "cat BACKOFF->STOPPED pid 0\n"
                          "answer 1 true\n");
        host_advance(host, 100 * USEC_SEC);
        host_expect(host, "");
        host_request(host, REQUEST_START, "cat", false);
        host_expect(host, "check cat\n"
                          "cat STOPPED->STARTING tries 1\n"
                          "spawn cat\n"
                          "INFO spawned: 'cat' with pid 11\n"
                          "answer 2 true\n");
}

static void a_process_that_ignores_the_signal_is_killed_again_and_again(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host)->stopwaitsecs = 3;
        host_request(host, REQUEST_STOP, "cat", false);
        host_ignore(host);
        host_advance(host, 3 * USEC_SEC - 1);
        host_expect(host, "");
        for (int i = 0; i < 3; i++) {
                host_advance(host, 1);
                host_expect(host, "WARN killing 'cat' (10) with SIGKILL\n"
                                  "DEBG killing cat (pid 10) with signal SIGKILL\n"
                                  "signal cat SIGKILL process\n"
                                  "kill-all cat\n");
                host_advance(host, 3 * USEC_SEC - 1);
        }
        host_exit(host, "cat", SIGKILL);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "WARN stopped: cat (terminated by SIGKILL)\n");
}

static void without_stopwaitsecs_the_kill_comes_at_once_but_repeats_with_a_pause(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host)->stopwaitsecs = 0;
        host_request(host, REQUEST_STOP, "cat", false);
        host_ignore(host);
        host_advance(host, 0);
        host_expect(host, "WARN killing 'cat' (10) with SIGKILL\n"
                          "DEBG killing cat (pid 10) with signal SIGKILL\n"
                          "signal cat SIGKILL process\n"
                          "kill-all cat\n");
        host_advance(host, USEC_SEC - 1);
        host_expect(host, "");
        assert_true(engine_deadline(host->engine) == host->now + 1);
}

static void a_narrow_kill_never_touches_the_rest_of_the_cgroup(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host)->kill_narrow = true;
        host_request(host, REQUEST_STOP, "cat", false);
        host_advance(host, 10 * USEC_SEC);
        host_expect(host, "DEBG killing cat (pid 10) with signal SIGTERM\n"
                          "cat RUNNING->STOPPING pid 10\n"
                          "signal cat SIGTERM process\n"
                          "answer 1 true\n"
                          "WARN killing 'cat' (10) with SIGKILL\n"
                          "DEBG killing cat (pid 10) with signal SIGKILL\n"
                          "signal cat SIGKILL process\n");
        host_exit_leaving(host, "cat", SIGKILL);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "WARN stopped: cat (terminated by SIGKILL)\n");
}

static void what_outlives_the_main_process_is_signalled_and_then_killed(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_request(host, REQUEST_STOP, "cat", false);
        host_ignore(host);
        host_advance(host, 4 * USEC_SEC);
        host_exit_leaving(host, "cat", EXIT_0);
        host_expect(host, "DEBG signalling what cat (pid 10) left behind with signal SIGTERM\n"
                          "signal cat SIGTERM leftovers\n");
        assert_int_equal(host_process(host, "cat")->state, STOPPING);
        assert_int_equal(host_process(host, "cat")->pid, 10);
        host_advance(host, 6 * USEC_SEC - 1);
        host_expect(host, "");
        host_advance(host, 1);
        host_expect(host, "WARN killing what 'cat' (10) left behind with SIGKILL\n"
                          "kill-all cat\n");
        host_advance(host, 10 * USEC_SEC);
        host_expect(host, "WARN killing what 'cat' (10) left behind with SIGKILL\n"
                          "kill-all cat\n");
        host_emptied(host, "cat");
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "INFO stopped: cat (exit status 0)\n");
        assert_int_equal(
                host_process(host, "cat")->stop_wall, 1000006 * USEC_SEC + 1000 * USEC_SEC);
}

static void what_outlives_a_kill_gets_no_stop_signal_any_more(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_request(host, REQUEST_STOP, "cat", false);
        host_advance(host, 10 * USEC_SEC);
        host_ignore(host);
        host_exit_leaving(host, "cat", SIGKILL);
        host_expect(host, "");
        host_advance(host, 10 * USEC_SEC);
        host_expect(host, "WARN killing what 'cat' (10) left behind with SIGKILL\n"
                          "kill-all cat\n");
        host_emptied(host, "cat");
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "WARN stopped: cat (terminated by SIGKILL)\n");
}

static void a_stop_while_the_rest_is_being_killed_prevents_the_restart(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_exit_leaving(host, "cat", EXIT_1);
        host_ignore(host);
        host_request(host, REQUEST_STOP, "cat", true);
        host_expect(host, "cat RUNNING->STOPPING pid 10\n"
                          "INFO waiting for cat to stop\n");
        host_signal_request(host, REQUEST_SIGNAL, "cat", "HUP");
        host_expect(host,
                "DEBG sending cat (pid 10) sig SIGHUP\n"
                "DEBG unable to signal cat (pid 10), it probably just now exited on its own: "
                "[Errno 3] No such process\n"
                "answer 2 true\n");
        host_emptied(host, "cat");
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "answer 1 true\n"
                          "WARN stopped: cat (exit status 1)\n");
}

static void whoever_waits_for_a_stop_is_mentioned_every_two_seconds(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host)->stopwaitsecs = 100;
        host_request(host, REQUEST_STOP, "cat", true);
        host_ignore(host);
        host_advance(host, 2 * USEC_SEC - 1);
        host_expect(host, "");
        host_advance(host, 1);
        host_expect(host, "INFO waiting for cat to stop\n");
        host_advance(host, 4 * USEC_SEC);
        host_expect(host, "INFO waiting for cat to stop\nINFO waiting for cat to stop\n");
}

static void a_stop_that_comes_during_the_spawn_is_carried_out_after_it(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host->held = true;
        host_program(host_group(host, "cat", 999), "cat");
        host_boot(host);
        host_ignore(host);
        host_request(host, REQUEST_STOP, "cat", true);
        host_request(host, REQUEST_STOP, "cat", false);
        host_signal_request(host, REQUEST_SIGNAL, "cat", "HUP");
        host_expect(host,
                "answer 2 fault 70 NOT_RUNNING: cat\n"
                "DEBG attempted to send cat sig SIGHUP but it wasn't running\n"
                "answer 3 fault 30 FAILED: attempted to send cat sig SIGHUP but it wasn't "
                "running\n");
        host_deliver(host);
        host_expect(host, "INFO spawned: 'cat' with pid 10\n"
                          "DEBG killing cat (pid 10) with signal SIGTERM\n"
                          "cat STARTING->STOPPING pid 10\n"
                          "signal cat SIGTERM process\n"
                          "INFO waiting for cat to stop\n");
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "answer 1 true\n"
                          "INFO stopped: cat (exit status 0)\n");
}

static void a_stop_that_comes_during_a_spawn_that_fails_prevents_the_retry(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host->held = true;
        host->unspawnable = "cat";
        host_program(host_group(host, "cat", 999), "cat");
        host_boot(host);
        host_ignore(host);
        host_request(host, REQUEST_STOP, "cat", true);
        host_deliver(host);
        host_expect(host, "INFO spawnerr: can't find command 'x'\n"
                          "cat STARTING->BACKOFF tries 1\n"
                          "DEBG Attempted to kill cat, which is in BACKOFF state.\n"
                          "cat BACKOFF->STOPPED pid 0\n"
                          "answer 1 true\n");
        assert_true(engine_deadline(host->engine) == USEC_NEVER);
}

static void a_process_that_is_gone_already_counts_as_signalled(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host->kill_error = ESRCH;
        host_signal_request(host, REQUEST_SIGNAL, "cat", "usr1");
        host_expect(host,
                "DEBG sending cat (pid 10) sig SIGUSR1\n"
                "signal cat SIGUSR1 process\n"
                "DEBG unable to signal cat (pid 10), it probably just now exited on its own: "
                "[Errno 3] No such process\n"
                "answer 1 true\n");
        host_request(host, REQUEST_STOP, "cat", false);
        host_expect(host, "DEBG killing cat (pid 10) with signal SIGTERM\n"
                          "cat RUNNING->STOPPING pid 10\n"
                          "signal cat SIGTERM process\n"
                          "DEBG unable to signal cat (pid 10), it probably just exited on its own: "
                          "[Errno 3] No such process\n"
                          "answer 2 true\n");
}

static void a_process_that_cannot_be_killed_is_unknown_until_it_ends(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host->kill_error = EPERM;
        host_request(host, REQUEST_STOP, "cat", true);
        host_expect(host,
                "DEBG killing cat (pid 10) with signal SIGTERM\n"
                "cat RUNNING->STOPPING pid 10\n"
                "signal cat SIGTERM process\n"
                "CRIT unknown problem killing cat (10):[Errno 1] Operation not permitted\n"
                "answer 1 fault 30 FAILED: unknown problem killing cat (10):[Errno 1] Operation "
                "not permitted\n"
                "cat STOPPING->UNKNOWN pid 10\n");
        host_advance(host, 100 * USEC_SEC);
        host_expect(host, "");
        host_request(host, REQUEST_START, "cat", true);
        host_request(host, REQUEST_STOP, "cat", true);
        host_signal_request(host, REQUEST_SIGNAL, "cat", "HUP");
        host_expect(host, "check cat\n"
                          "answer 2 fault 30 FAILED: cat is in an unknown process state\n"
                          "answer 3 fault 70 NOT_RUNNING: cat\n"
                          "answer 4 fault 70 NOT_RUNNING: cat\n");
        host_exit(host, "cat", EXIT_1);
        host_expect(host, "cat UNKNOWN->STOPPED pid 10\n"
                          "WARN stopped: cat (exit status 1)\n");
}

static void a_signal_that_cannot_be_sent_makes_it_unknown_but_its_exit_is_its_own(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host->kill_error = EPERM;
        host_signal_request(host, REQUEST_SIGNAL, "cat", "1");
        host_expect(host,
                "DEBG sending cat (pid 10) sig SIGHUP\n"
                "signal cat SIGHUP process\n"
                "CRIT unknown problem sending sig cat (10):[Errno 1] Operation not permitted\n"
                "answer 1 fault 30 FAILED: unknown problem sending sig cat (10):[Errno 1] "
                "Operation not permitted\n"
                "cat RUNNING->UNKNOWN pid 10\n");
        host_exit(host, "cat", EXIT_1);
        host_expect(host, "cat UNKNOWN->EXITED unexpected pid 10\n"
                          "WARN exited: cat (exit status 1; not expected)\n"
                          "cat EXITED->STARTING tries 0\n"
                          "spawn cat\n"
                          "INFO spawned: 'cat' with pid 11\n");
}

static void a_kill_that_fails_ends_the_wait_for_the_stop(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host)->stopwaitsecs = 1;
        host_request(host, REQUEST_STOP, "cat", true);
        host_ignore(host);
        host->kill_error = EPERM;
        host_advance(host, USEC_SEC);
        host_expect(host,
                "WARN killing 'cat' (10) with SIGKILL\n"
                "DEBG killing cat (pid 10) with signal SIGKILL\n"
                "signal cat SIGKILL process\n"
                "kill-all cat\n"
                "CRIT unknown problem killing cat (10):[Errno 1] Operation not permitted\n"
                "cat STOPPING->UNKNOWN pid 10\n"
                "answer 1 true\n");
}

static void the_result_of_a_signal_to_an_earlier_run_does_not_harm_the_next(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host->held = true;
        host->kill_error = EPERM;
        host_signal_request(host, REQUEST_SIGNAL, "cat", "HUP");
        host_feed(host, (struct event){ .type = EV_EXITED,
                                .exited = { .process = host_process(host, "cat")->id,
                                        .pid = 10,
                                        .status = EXIT_1 } });
        host_feed(host, (struct event){ .type = EV_SPAWNED,
                                .spawned = { host_process(host, "cat")->id, 77 } });
        host_ignore(host);
        host_deliver(host);
        host_expect(host, "answer 1 true\n");
        assert_int_equal(host_process(host, "cat")->state, STARTING);
        assert_int_equal(host_process(host, "cat")->pid, 77);
}

static void a_second_stop_is_refused_but_signals_are_still_allowed(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_request(host, REQUEST_STOP, "cat", false);
        host_ignore(host);
        host_request(host, REQUEST_STOP, "cat", false);
        host_signal_request(host, REQUEST_SIGNAL, "cat", "0");
        host_expect(host, "answer 2 fault 70 NOT_RUNNING: cat\n"
                          "DEBG sending cat (pid 10) sig signal 0\n"
                          "signal cat 0 process\n"
                          "answer 3 true\n");
}

static void a_start_while_it_stops_spawns_nothing(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_request(host, REQUEST_STOP, "cat", false);
        host_ignore(host);
        host_request(host, REQUEST_START, "cat", true);
        host_request(host, REQUEST_START, "cat", false);
        host_expect(host, "check cat\n"
                          "WARN process 'cat' already running\n"
                          "answer 2 fault 40 ABNORMAL_TERMINATION: cat\n"
                          "check cat\n"
                          "WARN process 'cat' already running\n"
                          "answer 3 true\n");
}

static void an_exit_after_a_signal_is_no_stop(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_signal_request(host, REQUEST_SIGNAL, "cat", "TERM");
        host_ignore(host);
        host_exit(host, "cat", SIGTERM);
        host_expect(host, "cat RUNNING->EXITED unexpected pid 10\n"
                          "WARN exited: cat (terminated by SIGTERM; not expected)\n"
                          "cat EXITED->STARTING tries 0\n"
                          "spawn cat\n"
                          "INFO spawned: 'cat' with pid 11\n");
}

static void an_exit_that_overtakes_the_result_of_the_signal_is_a_stop(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host->held = true;
        host_request(host, REQUEST_STOP, "cat", true);
        host_ignore(host);
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "answer 1 true\n"
                          "INFO stopped: cat (exit status 0)\n");
        host_deliver(host);
        host_expect(host, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_stop_signals_at_once_and_is_over_when_the_process_is_gone),
                cmocka_unit_test(a_stop_that_ends_with_an_expected_code_is_no_warning),
                cmocka_unit_test(the_whole_process_group_is_stopped_where_that_was_asked_for),
                cmocka_unit_test(a_starting_process_is_signalled_without_any_grace),
                cmocka_unit_test(a_process_that_waits_for_its_next_try_is_stopped_at_once),
                cmocka_unit_test(a_process_that_ignores_the_signal_is_killed_again_and_again),
                cmocka_unit_test(
                        without_stopwaitsecs_the_kill_comes_at_once_but_repeats_with_a_pause),
                cmocka_unit_test(a_narrow_kill_never_touches_the_rest_of_the_cgroup),
                cmocka_unit_test(what_outlives_the_main_process_is_signalled_and_then_killed),
                cmocka_unit_test(what_outlives_a_kill_gets_no_stop_signal_any_more),
                cmocka_unit_test(a_stop_while_the_rest_is_being_killed_prevents_the_restart),
                cmocka_unit_test(whoever_waits_for_a_stop_is_mentioned_every_two_seconds),
                cmocka_unit_test(a_stop_that_comes_during_the_spawn_is_carried_out_after_it),
                cmocka_unit_test(a_stop_that_comes_during_a_spawn_that_fails_prevents_the_retry),
                cmocka_unit_test(a_process_that_is_gone_already_counts_as_signalled),
                cmocka_unit_test(a_process_that_cannot_be_killed_is_unknown_until_it_ends),
                cmocka_unit_test(
                        a_signal_that_cannot_be_sent_makes_it_unknown_but_its_exit_is_its_own),
                cmocka_unit_test(a_kill_that_fails_ends_the_wait_for_the_stop),
                cmocka_unit_test(the_result_of_a_signal_to_an_earlier_run_does_not_harm_the_next),
                cmocka_unit_test(a_second_stop_is_refused_but_signals_are_still_allowed),
                cmocka_unit_test(a_start_while_it_stops_spawns_nothing),
                cmocka_unit_test(an_exit_after_a_signal_is_no_stop),
                cmocka_unit_test(an_exit_that_overtakes_the_result_of_the_signal_is_a_stop),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
