/* The engine: what callers get, process by process and for groups. */
#include <signal.h>

#include "tests/unit/engine_host.h"

enum { EXIT_1 = 1 << 8, EXIT_0 = 0 };

/* Groups "a" (x, y) and "b" (b), stopped. */
static struct host *host_with_groups(void)
{
        struct host *host = host_new();
        struct program_group *a = host_group(host, "a", 5), *b = host_group(host, "b", 1);

        host_program(a, "x")->autostart = false;
        host_program(a, "y")->autostart = false;
        host_program(b, "b")->autostart = false;
        host_boot(host);
        host_ignore(host);
        return host;
}

static void nobody_is_found_under_a_wrong_name(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();

        host_request(host, REQUEST_START, "zz", true);
        host_request(host, REQUEST_STOP, "a", true);
        host_request(host, REQUEST_START, "a:z", true);
        host_request(host, REQUEST_START, "z:*", true);
        host_request(host, REQUEST_STOP, "a:x:y", true);
        host_request(host, REQUEST_START_GROUP, "a:*", true);
        host_request(host, REQUEST_STOP_GROUP, "", true);
        host_signal_request(host, REQUEST_SIGNAL, "nobody", "FOO");
        host_signal_request(host, REQUEST_SIGNAL_GROUP, NULL, "HUP");
        host_expect(host, "answer 1 fault 10 BAD_NAME: zz\n"
                          "answer 2 fault 10 BAD_NAME: a\n"
                          "answer 3 fault 10 BAD_NAME: a:z\n"
                          "answer 4 fault 10 BAD_NAME: z:*\n"
                          "answer 5 fault 10 BAD_NAME: a:x:y\n"
                          "answer 6 fault 10 BAD_NAME: a:*\n"
                          "answer 7 fault 10 BAD_NAME: \n"
                          "answer 8 fault 10 BAD_NAME: nobody\n"
                          "answer 9 fault 10 BAD_NAME: \n");
}

static void a_namespec_finds_one_process(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();
        const struct process *process = NULL;
        struct engine_group group;

        assert_int_equal(engine_find_process(host->engine, "a:x", &process), FAULT_NONE);
        assert_string_equal(process->program->name, "x");
        assert_ptr_equal(engine_process(host->engine, process->id), process);
        assert_int_equal(engine_find_process(host->engine, "b", &process), FAULT_NONE);
        assert_int_equal(engine_find_process(host->engine, "b:b", &process), FAULT_NONE);
        assert_int_equal(engine_find_process(host->engine, "x", &process), FAULT_BAD_NAME);
        assert_int_equal(engine_find_process(host->engine, "a:*", &process), FAULT_BAD_NAME);
        assert_int_equal(engine_find_process(host->engine, "a:", &process), FAULT_BAD_NAME);
        assert_int_equal(engine_groups_count(host->engine), 2);
        assert_string_equal(engine_group_at(host->engine, 0).config->name, "a");
        assert_true(engine_group_find(host->engine, "a", &group));
        assert_int_equal(group.processes_count, 2);
        assert_string_equal(group.processes[1]->program->name, "y");
        assert_false(engine_group_find(host->engine, "x", &group));
        assert_int_equal(engine_pending(host->engine)->count, 2);
        assert_null(engine_process(host->engine, 77));
}

static void a_start_that_waits_is_answered_when_it_runs(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();

        host_request(host, REQUEST_START, "a:x", true);
        host_expect(host, "check a:x\n"
                          "a:x STOPPED->STARTING tries 0\n"
                          "spawn a:x\n"
                          "INFO spawned: 'x' with pid 10\n");
        host_advance(host, USEC_SEC + 1);
        host_expect(host,
                "a:x STARTING->RUNNING pid 10\n"
                "answer 1 true\n"
                "INFO success: x entered RUNNING state, process has stayed up for > than 1 seconds "
                "(startsecs)\n");
}

static void a_start_that_does_not_wait_is_answered_when_it_is_spawned(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();

        host_request(host, REQUEST_START, "b", false);
        host_expect(host, "check b\n"
                          "b STOPPED->STARTING tries 0\n"
                          "spawn b\n"
                          "INFO spawned: 'b' with pid 10\n"
                          "answer 1 true\n");
}

static void a_command_that_is_not_there_is_refused_even_when_it_runs(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host->missing = "cat";
        host_request(host, REQUEST_START, "cat", true);
        host_expect(host, "check cat\n"
                          "answer 1 fault 20 NO_FILE: can't find command 'x'\n");
}

static void what_is_starting_running_or_waiting_is_already_started(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();

        host_request(host, REQUEST_START, "a:x", false);
        host_ignore(host);
        host_request(host, REQUEST_START, "a:x", true);
        host_advance(host, 2 * USEC_SEC);
        host_request(host, REQUEST_START, "a:x", true);
        host_request(host, REQUEST_START, "b", false);
        host_exit(host, "b", EXIT_1);
        host_ignore(host);
        host_request(host, REQUEST_START, "b:b", true);
        host_expect(host, "check b\n"
                          "answer 5 fault 60 ALREADY_STARTED: b:b\n");
}

static void a_start_that_cannot_spawn_is_a_spawn_error(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();

        host->unspawnable = "a:x";
        host_request(host, REQUEST_START, "a:x", false);
        host_expect(host, "check a:x\n"
                          "a:x STOPPED->STARTING tries 0\n"
                          "spawn a:x\n"
                          "INFO spawnerr: can't find command 'x'\n"
                          "a:x STARTING->BACKOFF tries 1\n"
                          "answer 1 fault 50 SPAWN_ERROR: a:x\n");
}

static void a_start_that_exits_too_quickly_is_a_spawn_error_for_who_waits(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();

        host_request(host, REQUEST_START, "b", true);
        host_ignore(host);
        host_exit(host, "b", EXIT_0);
        host_expect(host, "b STARTING->BACKOFF tries 1\n"
                          "answer 1 fault 50 SPAWN_ERROR: b\n"
                          "WARN exited: b (exit status 0; not expected)\n");
}

static void a_start_that_is_stopped_is_an_abnormal_termination(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();

        host_request(host, REQUEST_START, "b", true);
        host_ignore(host);
        host_request(host, REQUEST_STOP, "b", false);
        host_expect(host, "DEBG killing b (pid 10) with signal SIGTERM\n"
                          "b STARTING->STOPPING pid 10\n"
                          "answer 1 fault 40 ABNORMAL_TERMINATION: b\n"
                          "signal b SIGTERM process\n"
                          "answer 2 true\n");
}

static void a_group_form_starts_by_priority_and_answers_as_they_are_done(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program_group *g = host_group(host, "g", 1);
        struct program *slow = host_program(g, "slow"), *quick = host_program(g, "quick"),
                       *bad = host_program(g, "bad"), *up = host_program(g, "up");

        slow->autostart = quick->autostart = bad->autostart = false;
        slow->startsecs = 3;
        quick->startsecs = 1;
        bad->priority = 2000;
        quick->priority = 1;
        up->startsecs = 0;
        host_boot(host);
        host_ignore(host);
        host->missing = "g:bad";
        host_request(host, REQUEST_START, "g:*", true);
        host_expect(host, "check g:quick\n"
                          "check g:slow\n"
                          "check g:bad\n"
                          "g:quick STOPPED->STARTING tries 0\n"
                          "spawn g:quick\n"
                          "g:slow STOPPED->STARTING tries 0\n"
                          "spawn g:slow\n"
                          "INFO spawned: 'quick' with pid 11\n"
                          "INFO spawned: 'slow' with pid 12\n");
        host_advance(host, 2 * USEC_SEC);
        host_ignore(host);
        host_advance(host, 2 * USEC_SEC);
        host_expect(host,
                "g:slow STARTING->RUNNING pid 12\n"
                "answer 1 [g:bad 20 NO_FILE: can't find command 'x', g:quick 80 OK, g:slow 80 "
                "OK]\n"
                "INFO success: slow entered RUNNING state, process has stayed up for > than 3 "
                "seconds (startsecs)\n");
}

static void results_that_come_at_once_are_in_the_order_of_the_request(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();

        host->missing = "a:y";
        host_request(host, REQUEST_START_ALL, NULL, false);
        host_expect(host,
                "check b\n"
                "check a:x\n"
                "check a:y\n"
                "b STOPPED->STARTING tries 0\n"
                "spawn b\n"
                "a:x STOPPED->STARTING tries 0\n"
                "spawn a:x\n"
                "INFO spawned: 'b' with pid 10\n"
                "INFO spawned: 'x' with pid 11\n"
                "answer 1 [b:b 80 OK, a:x 80 OK, a:y 20 NO_FILE: can't find command 'x']\n");
}

static void group_forms_leave_out_what_needs_nothing(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();

        host_request(host, REQUEST_STOP_ALL, NULL, true);
        host_request(host, REQUEST_STOP, "a:", true);
        host_signal_request(host, REQUEST_SIGNAL_ALL, NULL, "FOO");
        host_request(host, REQUEST_START_GROUP, "a", false);
        host_ignore(host);
        host_request(host, REQUEST_START_GROUP, "a", false);
        host_expect(host, "answer 5 []\n");
}

static void a_group_form_names_its_processes_in_full_in_faults(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();

        host->unspawnable = "a:x";
        host_request(host, REQUEST_START_GROUP, "a", false);
        host_ignore(host);
        host->unspawnable = "b";
        host_request(host, REQUEST_START_ALL, NULL, false);
        host_expect(host, "check b\n"
                          "b STOPPED->STARTING tries 0\n"
                          "spawn b\n"
                          "INFO spawnerr: can't find command 'x'\n"
                          "b STARTING->BACKOFF tries 1\n"
                          "answer 2 [b:b 50 SPAWN_ERROR: b]\n");
}

static void all_are_stopped_together_and_answered_as_they_end(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();

        host_request(host, REQUEST_START_ALL, NULL, false);
        host_advance(host, USEC_SEC / 2);
        host_exit(host, "b", EXIT_1); /* BACKOFF */
        host_ignore(host);
        host_request(host, REQUEST_STOP_ALL, NULL, true);
        host_expect(host, "DEBG Attempted to kill b, which is in BACKOFF state.\n"
                          "b BACKOFF->STOPPED pid 0\n"
                          "DEBG killing x (pid 11) with signal SIGTERM\n"
                          "a:x STARTING->STOPPING pid 11\n"
                          "signal a:x SIGTERM process\n"
                          "DEBG killing y (pid 12) with signal SIGTERM\n"
                          "a:y STARTING->STOPPING pid 12\n"
                          "signal a:y SIGTERM process\n"
                          "INFO waiting for x to stop\n"
                          "INFO waiting for y to stop\n");
        host_exit(host, "a:y", EXIT_0);
        host_exit(host, "a:x", EXIT_0);
        host_expect(host, "a:y STOPPING->STOPPED pid 12\n"
                          "INFO stopped: y (exit status 0)\n"
                          "a:x STOPPING->STOPPED pid 11\n"
                          "answer 2 [b:b 80 OK, a:y 80 OK, a:x 80 OK]\n"
                          "INFO stopped: x (exit status 0)\n");
}

static void signals_are_checked_after_the_name_and_before_the_state(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();

        host_signal_request(host, REQUEST_SIGNAL, "b", "FOO");
        host_signal_request(host, REQUEST_SIGNAL, "b", "35");
        host_signal_request(host, REQUEST_SIGNAL, "b", NULL);
        host_signal_request(host, REQUEST_SIGNAL, "b", "HUP");
        host_expect(host, "answer 1 fault 11 BAD_SIGNAL: FOO\n"
                          "answer 2 fault 11 BAD_SIGNAL: 35\n"
                          "answer 3 fault 11 BAD_SIGNAL: \n"
                          "answer 4 fault 70 NOT_RUNNING: b\n");
}

static void a_signal_to_all_has_an_entry_for_each_that_can_take_one(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();

        host_request(host, REQUEST_START_GROUP, "a", false);
        host_ignore(host);
        host_signal_request(host, REQUEST_SIGNAL_ALL, NULL, "FOO");
        host_signal_request(host, REQUEST_SIGNAL, "a:*", "hup");
        host_expect(host, "answer 2 [a:x 11 BAD_SIGNAL: FOO, a:y 11 BAD_SIGNAL: FOO]\n"
                          "DEBG sending x (pid 10) sig SIGHUP\n"
                          "signal a:x SIGHUP process\n"
                          "DEBG sending y (pid 11) sig SIGHUP\n"
                          "signal a:y SIGHUP process\n"
                          "answer 3 [a:x 80 OK, a:y 80 OK]\n");
}

static void a_caller_who_went_away_gets_nothing_but_the_work_goes_on(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();
        uint64_t id = host_request(host, REQUEST_START, "b", true);

        host_ignore(host);
        host_feed(host, (struct event){ .type = EV_REQUEST_DROPPED, .dropped = id });
        host_advance(host, 2 * USEC_SEC);
        host_expect(host,
                "b STARTING->RUNNING pid 10\n"
                "INFO success: b entered RUNNING state, process has stayed up for > than 1 seconds "
                "(startsecs)\n");
}

static void a_request_under_way_is_not_taken_twice(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();

        host_request(host, REQUEST_START, "b", true);
        host_ignore(host);
        host_feed(host, (struct event){ .type = EV_REQUEST,
                                .request = { .id = 1, .type = REQUEST_STOP, .name = "b" } });
        host_feed(host, (struct event){ .type = EV_REQUEST,
                                .request = { .id = 0, .type = REQUEST_STOP, .name = "b" } });
        host_expect(host, "");
}

static void a_slot_that_goes_away_under_a_start_is_a_bad_name(void **state)
{
        CLEANUP(host_free) struct host *host = host_with_groups();

        host->held = true;
        host_request(host, REQUEST_START, "b", true);
        host_ignore(host);
        host_request(host, REQUEST_REMOVE_GROUP, "b", false);
        host_expect(host, "answer 1 fault 10 BAD_NAME: b\n"
                          "process-removed b\n"
                          "group-removed b\n"
                          "answer 2 true\n");
        host_deliver(host);
        host_expect(host, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nobody_is_found_under_a_wrong_name),
                cmocka_unit_test(a_namespec_finds_one_process),
                cmocka_unit_test(a_start_that_waits_is_answered_when_it_runs),
                cmocka_unit_test(a_start_that_does_not_wait_is_answered_when_it_is_spawned),
                cmocka_unit_test(a_command_that_is_not_there_is_refused_even_when_it_runs),
                cmocka_unit_test(what_is_starting_running_or_waiting_is_already_started),
                cmocka_unit_test(a_start_that_cannot_spawn_is_a_spawn_error),
                cmocka_unit_test(a_start_that_exits_too_quickly_is_a_spawn_error_for_who_waits),
                cmocka_unit_test(a_start_that_is_stopped_is_an_abnormal_termination),
                cmocka_unit_test(a_group_form_starts_by_priority_and_answers_as_they_are_done),
                cmocka_unit_test(results_that_come_at_once_are_in_the_order_of_the_request),
                cmocka_unit_test(group_forms_leave_out_what_needs_nothing),
                cmocka_unit_test(a_group_form_names_its_processes_in_full_in_faults),
                cmocka_unit_test(all_are_stopped_together_and_answered_as_they_end),
                cmocka_unit_test(signals_are_checked_after_the_name_and_before_the_state),
                cmocka_unit_test(a_signal_to_all_has_an_entry_for_each_that_can_take_one),
                cmocka_unit_test(a_caller_who_went_away_gets_nothing_but_the_work_goes_on),
                cmocka_unit_test(a_request_under_way_is_not_taken_twice),
                cmocka_unit_test(a_slot_that_goes_away_under_a_start_is_a_bad_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
