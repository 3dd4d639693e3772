/* The engine: how one process starts, fails, is retried, runs, exits and comes back. */
#include <signal.h>

#include "tests/unit/engine_host.h"

enum { EXIT_1 = 1 << 8, EXIT_0 = 0 };

static void a_program_starts_at_boot_and_runs_when_it_has_stayed_up(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "cat", 999), "cat");
        host_boot(host);
        host_expect(host, "process-added cat\n"
                          "group-added cat\n"
                          "mood RUNNING\n"
                          "cat STOPPED->STARTING tries 0\n"
                          "spawn cat\n"
                          "INFO spawned: 'cat' with pid 10\n");
        assert_int_equal(host_process(host, "cat")->start_wall, 1001000 * USEC_SEC);
        host_advance(host, USEC_SEC);
        host_expect(host, "");
        host_advance(host, 1);
        host_expect(host,
                "cat STARTING->RUNNING pid 10\n"
                "INFO success: cat entered RUNNING state, process has stayed up for > than 1 "
                "seconds (startsecs)\n");
        assert_true(engine_deadline(host->engine) == USEC_NEVER);
}

static void without_startsecs_it_runs_as_soon_as_it_is_spawned(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "cat", 999), "cat")->startsecs = 0;
        host_boot(host);
        host_expect(host,
                "process-added cat\n"
                "group-added cat\n"
                "mood RUNNING\n"
                "cat STOPPED->STARTING tries 0\n"
                "spawn cat\n"
                "INFO spawned: 'cat' with pid 10\n"
                "cat STARTING->RUNNING pid 10\n"
                "INFO success: cat entered RUNNING state, process has stayed up for > than 0 "
                "seconds (startsecs)\n");
}

static void a_program_without_autostart_stays_stopped(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "cat", 999), "cat")->autostart = false;
        host_boot(host);
        host_expect(host, "process-added cat\n"
                          "group-added cat\n"
                          "mood RUNNING\n");
        assert_int_equal(host_process(host, "cat")->state, STOPPED);
        assert_int_equal(host_process(host, "cat")->start_wall, 0);
}

static void a_program_that_fails_too_quickly_is_given_up_after_startretries(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        const struct process *cat;

        host_program(host_group(host, "cat", 999), "cat");
        host_boot(host);
        cat = host_process(host, "cat");
        host_ignore(host);
        for (unsigned failure = 1; failure <= 3; failure++) {
                usec_t delay = failure * USEC_SEC;

                host_exit(host, "cat", EXIT_1);
                assert_int_equal(cat->state, BACKOFF);
                assert_int_equal(cat->retries, failure);
                assert_string_equal(
                        cat->spawnerr, "Exited too quickly (process log may have details)");
                assert_false(cat->has_exitstatus);
                host_advance(host, delay - 1);
                assert_int_equal(cat->state, BACKOFF);
                host_advance(host, 1);
                assert_int_equal(cat->state, STARTING);
        }
        host_ignore(host);
        host_exit(host, "cat", EXIT_1);
        host_expect(host,
                "cat STARTING->BACKOFF tries 4\n"
                "WARN exited: cat (exit status 1; not expected)\n"
                "cat BACKOFF->FATAL\n"
                "INFO gave up: cat entered FATAL state, too many start retries too quickly\n");
        assert_int_equal(cat->retries, 0);
        assert_int_equal(host->now, 1006 * USEC_SEC);
        assert_int_equal(host->next_pid, 14);
        assert_true(engine_deadline(host->engine) == USEC_NEVER);
}

static void a_quick_exit_is_a_failure_even_with_an_expected_code(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "cat", 999), "cat");
        host_boot(host);
        host_ignore(host);
        host_advance(host, USEC_SEC - 1);
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat STARTING->BACKOFF tries 1\n"
                          "WARN exited: cat (exit status 0; not expected)\n");
        assert_int_equal(host_process(host, "cat")->exitstatus, 0);
        assert_int_equal(host_process(host, "cat")->pid, 0);
        assert_int_equal(host_process(host, "cat")->stop_wall, host->now + 1000000 * USEC_SEC);
}

static void an_exit_after_startsecs_but_before_the_timer_has_been_running(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program *cat = host_program(host_group(host, "cat", 999), "cat");

        cat->autorestart = AUTORESTART_NEVER;
        host_boot(host);
        host_ignore(host);
        host->now += USEC_SEC;
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat STARTING->RUNNING pid 10\n"
                          "cat RUNNING->EXITED expected pid 10\n"
                          "INFO exited: cat (exit status 0; expected)\n");
}

static void a_program_that_cannot_be_spawned_is_retried_and_given_up(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host->unspawnable = "cat";
        host_program(host_group(host, "cat", 999), "cat")->startretries = 1;
        host_boot(host);
        host_expect(host, "process-added cat\n"
                          "group-added cat\n"
                          "mood RUNNING\n"
                          "cat STOPPED->STARTING tries 0\n"
                          "spawn cat\n"
                          "INFO spawnerr: can't find command 'x'\n"
                          "cat STARTING->BACKOFF tries 1\n");
        host_advance(host, USEC_SEC);
        host_expect(host,
                "cat BACKOFF->STARTING tries 1\n"
                "spawn cat\n"
                "INFO spawnerr: can't find command 'x'\n"
                "cat STARTING->BACKOFF tries 2\n"
                "cat BACKOFF->FATAL\n"
                "INFO gave up: cat entered FATAL state, too many start retries too quickly\n");
        assert_string_equal(host_process(host, "cat")->spawnerr, "can't find command 'x'");
        assert_int_equal(host_process(host, "cat")->stop_wall, 0);
}

static void without_startretries_the_first_failure_is_fatal(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "cat", 999), "cat")->startretries = 0;
        host_boot(host);
        host_ignore(host);
        host_exit(host, "cat", EXIT_1);
        host_expect(host,
                "cat STARTING->BACKOFF tries 1\n"
                "WARN exited: cat (exit status 1; not expected)\n"
                "cat BACKOFF->FATAL\n"
                "INFO gave up: cat entered FATAL state, too many start retries too quickly\n");
}

static void running_resets_the_count_of_failures(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "cat", 999), "cat");
        host_boot(host);
        host_exit(host, "cat", EXIT_1);
        host_advance(host, 3 * USEC_SEC);
        assert_int_equal(host_process(host, "cat")->state, RUNNING);
        assert_int_equal(host_process(host, "cat")->retries, 0);
        assert_null(host_process(host, "cat")->spawnerr);
}

static void an_unexpected_exit_is_restarted_in_the_same_step(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host->held = true;
        host_exit(host, "cat", EXIT_1);
        host_expect(host, "cat RUNNING->EXITED unexpected pid 10\n"
                          "WARN exited: cat (exit status 1; not expected)\n"
                          "cat EXITED->STARTING tries 0\n"
                          "spawn cat\n");
        assert_int_equal(host_process(host, "cat")->pid, 0);
        host_deliver(host);
        host_expect(host, "INFO spawned: 'cat' with pid 11\n");
}

static void an_unexpected_exit_leaves_its_code_behind(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host)->autorestart = AUTORESTART_NEVER;
        host_exit(host, "cat", 3 << 8);
        host_expect(host, "cat RUNNING->EXITED unexpected pid 10\n"
                          "WARN exited: cat (exit status 3; not expected)\n");
        assert_string_equal(host_process(host, "cat")->spawnerr, "Bad exit code 3");
        assert_true(host_process(host, "cat")->has_exitstatus);
        assert_int_equal(host_process(host, "cat")->exitstatus, 3);
}

static void an_expected_exit_is_only_restarted_always(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program *cat = host_with_cat(host);

        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat RUNNING->EXITED expected pid 10\n"
                          "INFO exited: cat (exit status 0; expected)\n");
        assert_null(host_process(host, "cat")->spawnerr);
        cat->autorestart = AUTORESTART_ALWAYS;
        host_request(host, REQUEST_START, "cat", false);
        host_advance(host, 2 * USEC_SEC);
        host_ignore(host);
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat RUNNING->EXITED expected pid 11\n"
                          "INFO exited: cat (exit status 0; expected)\n"
                          "cat EXITED->STARTING tries 0\n"
                          "spawn cat\n"
                          "INFO spawned: 'cat' with pid 12\n");
}

static void death_by_a_signal_is_never_expected(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program *cat = host_with_cat(host);

        cat->exitcodes = mem_resize(cat->exitcodes, 2, sizeof(int));
        cat->exitcodes[1] = SIGKILL;
        cat->exitcodes_count = 2;
        host_exit(host, "cat", SIGKILL);
        host_expect(host, "cat RUNNING->EXITED unexpected pid 10\n"
                          "WARN exited: cat (terminated by SIGKILL; not expected)\n"
                          "cat EXITED->STARTING tries 0\n"
                          "spawn cat\n"
                          "INFO spawned: 'cat' with pid 11\n");
        cat->autorestart = AUTORESTART_NEVER;
        host_advance(host, 2 * USEC_SEC);
        host_exit(host, "cat", SIGSEGV | 0x80);
        assert_int_equal(host_process(host, "cat")->exitstatus, -1);
        assert_string_equal(host_process(host, "cat")->spawnerr, "Bad exit code -1");
}

static void without_startsecs_an_instant_exit_loops_without_end(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program *cat = host_program(host_group(host, "cat", 999), "cat");

        cat->startsecs = 0;
        cat->autorestart = AUTORESTART_ALWAYS;
        host_boot(host);
        for (int i = 0; i < 100; i++) {
                host_exit(host, "cat", EXIT_1);
                assert_int_equal(host_process(host, "cat")->state, RUNNING);
        }
        assert_int_equal(host->next_pid, 111);
}

static void autostart_goes_by_group_and_then_by_configuration_order(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program_group *second = host_group(host, "b", 5), *first = host_group(host, "a", 1);

        host->held = true;
        host_program(second, "x");
        host_program(first, "late")->priority = 9;
        host_program(first, "early")->priority = 1;
        host_boot(host);
        host_expect(host, "process-added b:x\n"
                          "group-added b\n"
                          "process-added a:late\n"
                          "process-added a:early\n"
                          "group-added a\n"
                          "mood RUNNING\n"
                          "a:late STOPPED->STARTING tries 0\n"
                          "spawn a:late\n"
                          "a:early STOPPED->STARTING tries 0\n"
                          "spawn a:early\n"
                          "b:x STOPPED->STARTING tries 0\n"
                          "spawn b:x\n");
}

static void the_first_of_two_groups_of_one_name_counts(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "a", 1), "x")->autostart = false;
        host_program(host_group(host, "a", 2), "y")->autostart = false;
        host_boot(host);
        host_expect(host, "process-added a:x\n"
                          "group-added a\n"
                          "mood RUNNING\n");
}

static void what_a_program_leaves_behind_is_killed_before_it_is_over(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        const struct process *cat;

        host_with_cat(host);
        cat = host_process(host, "cat");
        host_exit_leaving(host, "cat", EXIT_1);
        host_expect(host, "DEBG killing what cat (pid 10) left behind\n"
                          "kill-all cat\n");
        assert_int_equal(cat->state, RUNNING);
        assert_int_equal(cat->pid, 10);
        assert_true(cat->reaped);
        assert_int_equal(cat->stop_wall, host->now + 1000000 * USEC_SEC);
        host_advance(host, 10 * USEC_SEC);
        host_expect(host, "WARN killing what 'cat' (10) left behind with SIGKILL\n"
                          "kill-all cat\n");
        host_emptied(host, "cat");
        host_expect(host, "cat RUNNING->EXITED unexpected pid 10\n"
                          "WARN exited: cat (exit status 1; not expected)\n"
                          "cat EXITED->STARTING tries 0\n"
                          "spawn cat\n"
                          "INFO spawned: 'cat' with pid 11\n");
        assert_false(cat->reaped);
}

static void too_quick_is_judged_when_the_main_process_ends(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "cat", 999), "cat");
        host_boot(host);
        host_exit_leaving(host, "cat", EXIT_0);
        host_ignore(host);
        host_advance(host, 5 * USEC_SEC);
        host_expect(host, "");
        assert_int_equal(host_process(host, "cat")->state, STARTING);
        host_emptied(host, "cat");
        host_expect(host, "cat STARTING->BACKOFF tries 1\n"
                          "WARN exited: cat (exit status 0; not expected)\n");
}

static void a_narrow_kill_leaves_alone_what_is_left_behind(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host)->kill_narrow = true;
        host_exit_leaving(host, "cat", EXIT_0);
        host_expect(host, "cat RUNNING->EXITED expected pid 10\n"
                          "INFO exited: cat (exit status 0; expected)\n");
        host_emptied(host, "cat");
        host_expect(host, "");
}

static void events_that_come_too_late_or_twice_change_nothing(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        uint32_t id;

        host_with_cat(host);
        id = host_process(host, "cat")->id;
        host_feed(host, (struct event){ .type = EV_SPAWNED, .spawned = { id, 99 } });
        host_feed(host, (struct event){ .type = EV_SPAWN_FAILED, .spawn_failed = { id, "no" } });
        host_feed(host, (struct event){ .type = EV_EXITED, .exited = { .process = id, .pid = 9 } });
        host_feed(host, (struct event){ .type = EV_EMPTIED, .emptied = { id } });
        host_feed(host, (struct event){ .type = EV_TIMER });
        host_feed(host, (struct event){ .type = EV_SIGNALLED,
                                .signalled = { .process = id, .ticket = 0, .error = 1 } });
        host_feed(host, (struct event){ .type = EV_COMMAND_CHECKED,
                                .checked = { .process = id, .ticket = 77 } });
        host_feed(host, (struct event){ .type = EV_EXITED, .exited = { .process = 99, .pid = 9 } });
        host_feed(host, (struct event){ .type = EV_CONFIG_READ, .config = { .request = 9 } });
        host_feed(host, (struct event){ .type = EV_CONFIG_READ, .config = { .restart = true } });
        host_feed(host, (struct event){ .type = EV_REQUEST_DROPPED, .dropped = 9 });
        host_boot(host);
        host_expect(host, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_program_starts_at_boot_and_runs_when_it_has_stayed_up),
                cmocka_unit_test(without_startsecs_it_runs_as_soon_as_it_is_spawned),
                cmocka_unit_test(a_program_without_autostart_stays_stopped),
                cmocka_unit_test(a_program_that_fails_too_quickly_is_given_up_after_startretries),
                cmocka_unit_test(a_quick_exit_is_a_failure_even_with_an_expected_code),
                cmocka_unit_test(an_exit_after_startsecs_but_before_the_timer_has_been_running),
                cmocka_unit_test(a_program_that_cannot_be_spawned_is_retried_and_given_up),
                cmocka_unit_test(without_startretries_the_first_failure_is_fatal),
                cmocka_unit_test(running_resets_the_count_of_failures),
                cmocka_unit_test(an_unexpected_exit_is_restarted_in_the_same_step),
                cmocka_unit_test(an_unexpected_exit_leaves_its_code_behind),
                cmocka_unit_test(an_expected_exit_is_only_restarted_always),
                cmocka_unit_test(death_by_a_signal_is_never_expected),
                cmocka_unit_test(without_startsecs_an_instant_exit_loops_without_end),
                cmocka_unit_test(autostart_goes_by_group_and_then_by_configuration_order),
                cmocka_unit_test(the_first_of_two_groups_of_one_name_counts),
                cmocka_unit_test(what_a_program_leaves_behind_is_killed_before_it_is_over),
                cmocka_unit_test(too_quick_is_judged_when_the_main_process_ends),
                cmocka_unit_test(a_narrow_kill_leaves_alone_what_is_left_behind),
                cmocka_unit_test(events_that_come_too_late_or_twice_change_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
