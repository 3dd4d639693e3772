/* The engine: programs that are disabled, and processes that are not restarted. */
#include <errno.h>
#include <string.h>

#include "tests/unit/engine_host.h"

enum { EXIT_1 = 1 << 8, EXIT_0 = 0 };

static struct program *resting(struct program *program)
{
        program->autostart = false;
        return program;
}

static void what_is_disabled_is_stopped_and_not_started_by_anybody(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_request(host, REQUEST_DISABLE, "cat", true);
        host_expect(host, "program cat disabled\n"
                          "disabled cat\n"
                          "DEBG killing cat (pid 10) with signal SIGTERM\n"
                          "cat RUNNING->STOPPING pid 10\n"
                          "signal cat SIGTERM process\n"
                          "INFO waiting for cat to stop\n");
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "answer 1 true\n"
                          "INFO stopped: cat (exit status 0)\n");
        host_request(host, REQUEST_START, "cat:cat", true);
        host_request(host, REQUEST_START_GROUP, "cat", true);
        host_request(host, REQUEST_START_ALL, NULL, true);
        host_start_with(host, "cat", "-x", true);
        host_expect(host, "answer 2 fault 103 DISABLED: cat:cat\n"
                          "answer 3 [cat:cat 103 DISABLED: cat]\n"
                          "answer 4 [cat:cat 103 DISABLED: cat]\n"
                          "answer 5 fault 103 DISABLED: cat\n");
        assert_null(host_process(host, "cat")->extra_args);
}

static void disabling_without_waiting_is_answered_when_it_is_told(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_request(host, REQUEST_DISABLE, "cat", false);
        host_expect(host, "program cat disabled\n"
                          "disabled cat\n"
                          "DEBG killing cat (pid 10) with signal SIGTERM\n"
                          "cat RUNNING->STOPPING pid 10\n"
                          "signal cat SIGTERM process\n"
                          "answer 1 true\n");
        host_request(host, REQUEST_DISABLE, "cat", true);
        host_expect(host, "INFO waiting for cat to stop\n");
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "answer 2 true\n"
                          "INFO stopped: cat (exit status 0)\n");
        host_request(host, REQUEST_DISABLE, "cat", true);
        host_expect(host, "answer 3 true\n");
}

static void a_program_is_disabled_in_all_groups(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_numbered(host_group(host, "a", 1), "x", 0, 2);
        host_numbered(host_group(host, "b", 2), "x", 0, 1);
        host_program(host_group(host, "c", 3), "y")->autostart = false;
        host_boot(host);
        host_advance(host, 2 * USEC_SEC);
        host_request(host, REQUEST_STOP_ALL, NULL, false);
        host_exit(host, "a:x_0", EXIT_0);
        host_exit(host, "a:x_1", EXIT_0);
        host_exit(host, "b:x_0", EXIT_0);
        host_ignore(host);
        host_request(host, REQUEST_DISABLE, "x", true);
        host_expect(host, "program x disabled\n"
                          "disabled a:x_0\n"
                          "disabled a:x_1\n"
                          "disabled b:x_0\n"
                          "answer 2 true\n");
        host_request(host, REQUEST_START_GROUP, "a", true);
        host_expect(host, "answer 3 [a:x_0 103 DISABLED: a:x_0, a:x_1 103 DISABLED: a:x_1]\n");
        assert_false(host_process(host, "c:y")->disabled);
        host_request(host, REQUEST_DISABLE, "z", true);
        host_request(host, REQUEST_ENABLE, "a", true);
        host_expect(host, "answer 4 fault 10 BAD_NAME: program=z unknown to Supvisors\n"
                          "answer 5 fault 10 BAD_NAME: program=a unknown to Supvisors\n");
}

static void a_program_without_processes_can_be_disabled(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program_group *group = host_group(host, "x", 1);

        group->labels = mem_new_array(2, sizeof(char *));
        group->labels[0] = mem_strdup("x");
        host_boot(host);
        host_ignore(host);
        host_request(host, REQUEST_DISABLE, "x", true);
        host_expect(host, "program x disabled\n"
                          "answer 1 true\n");
}

static void what_was_disabled_before_is_not_started_at_boot(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "cat", 1), "cat");
        host_feed(host, (struct event){ .type = EV_PROGRAM_DISABLED, .disabled_program = "cat" });
        host_feed(host, (struct event){ .type = EV_PROGRAM_DISABLED, .disabled_program = "gone" });
        host_boot(host);
        host_expect(host, "process-added cat\n"
                          "group-added cat\n"
                          "mood RUNNING\n");
        assert_true(host_process(host, "cat")->disabled);
        host_request(host, REQUEST_ENABLE, "cat", true);
        host_expect(host, "program cat enabled\n"
                          "enabled cat\n"
                          "cat STOPPED->STARTING tries 0\n"
                          "spawn cat\n"
                          "answer 1 true\n"
                          "INFO spawned: 'cat' with pid 10\n");
}

static void a_group_that_comes_later_has_its_disabled_programs(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_request(host, REQUEST_DISABLE, "cat", false);
        host_exit(host, "cat", EXIT_0);
        host_request(host, REQUEST_REMOVE_GROUP, "cat", false);
        host_ignore(host);
        host_request(host, REQUEST_ADD_GROUP, "cat", false);
        host_expect(host, "process-added cat\n"
                          "group-added cat\n"
                          "answer 3 true\n");
        assert_true(host_process(host, "cat")->disabled);
}

static void enabling_starts_what_autostarts_and_nothing_else(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "cat", 1), "cat");
        resting(host_program(host_group(host, "dog", 2), "dog"));
        host_boot(host);
        host_request(host, REQUEST_START, "dog", false);
        host_advance(host, 2 * USEC_SEC);
        host_request(host, REQUEST_DISABLE, "cat", false);
        host_request(host, REQUEST_DISABLE, "dog", false);
        host_exit(host, "cat", EXIT_0);
        host_exit(host, "dog", EXIT_0);
        host_ignore(host);
        assert_int_not_equal(host_process(host, "dog")->start_wall, 0);
        host_request(host, REQUEST_ENABLE, "dog", true);
        host_expect(host, "program dog enabled\n"
                          "enabled dog\n"
                          "answer 4 true\n");
        assert_int_equal(host_process(host, "dog")->start_wall, 0);
        host_request(host, REQUEST_ENABLE, "cat", true);
        host_expect(host, "program cat enabled\n"
                          "enabled cat\n"
                          "cat STOPPED->STARTING tries 0\n"
                          "spawn cat\n"
                          "answer 5 true\n"
                          "INFO spawned: 'cat' with pid 12\n");
        host_request(host, REQUEST_ENABLE, "cat", true);
        host_expect(host, "answer 6 true\n");
}

static void what_is_enabled_while_it_stops_starts_afterwards(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_request(host, REQUEST_DISABLE, "cat", false);
        host_ignore(host);
        host_request(host, REQUEST_ENABLE, "cat", false);
        host_expect(host, "program cat enabled\n"
                          "enabled cat\n"
                          "answer 2 true\n");
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "INFO stopped: cat (exit status 0)\n"
                          "cat STOPPED->STARTING tries 0\n"
                          "spawn cat\n"
                          "INFO spawned: 'cat' with pid 11\n");
        host_advance(host, 2 * USEC_SEC);
        host_request(host, REQUEST_DISABLE, "cat", false);
        host_request(host, REQUEST_ENABLE, "cat", false);
        host_request(host, REQUEST_DISABLE, "cat", false);
        host_ignore(host);
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat STOPPING->STOPPED pid 11\n"
                          "INFO stopped: cat (exit status 0)\n");
}

static void a_start_under_way_is_overtaken_by_the_disabling(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        resting(host_program(host_group(host, "cat", 1), "cat"));
        host_boot(host);
        host_ignore(host);
        host->held = true;
        host_request(host, REQUEST_START, "cat", true);
        host_request(host, REQUEST_DISABLE, "cat", true);
        host_deliver(host);
        host_expect(host, "check cat\n"
                          "program cat disabled\n"
                          "disabled cat\n"
                          "answer 2 true\n"
                          "answer 1 fault 103 DISABLED: cat\n");
        host->held = false;
        host_request(host, REQUEST_ENABLE, "cat", true);
        host->held = true;
        host_request(host, REQUEST_START, "cat", true);
        host_deliver(host);
        host_ignore(host);
        host_request(host, REQUEST_DISABLE, "cat", true);
        host_deliver(host);
        host_deliver(host);
        host_ignore(host);
        host_exit(host, "cat", EXIT_0);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "answer 5 true\n"
                          "INFO stopped: cat (exit status 0)\n");
}

static void what_waits_for_its_next_try_gives_it_up(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "cat", 1), "cat");
        host_boot(host);
        host_exit(host, "cat", EXIT_1);
        host_ignore(host);
        host_request(host, REQUEST_DISABLE, "cat", true);
        host_expect(host, "program cat disabled\n"
                          "disabled cat\n"
                          "DEBG Attempted to kill cat, which is in BACKOFF state.\n"
                          "cat BACKOFF->STOPPED pid 0\n"
                          "answer 1 true\n");
        host_advance(host, 100 * USEC_SEC);
        host_expect(host, "");
}

static void what_cannot_be_stopped_is_still_running(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_numbered(host_group(host, "g", 1), "x", 0, 2);
        host_boot(host);
        host_advance(host, 2 * USEC_SEC);
        host->kill_error = EPERM;
        host_ignore(host);
        host_request(host, REQUEST_DISABLE, "x", true);
        assert_non_null(strstr(text_string(&host->transcript),
                "answer 1 fault 91 STILL_RUNNING: processes=['g:x_0', 'g:x_1']\n"));
}

static void the_listeners_hear_of_it(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program_group *pool = host_group(host, "pool", 1);

        pool->kind = GROUP_EVENTLISTENER;
        pool->events = mem_new_array(2, sizeof(char *));
        pool->events[0] = mem_strdup("PROCESS");
        host_program(pool, "ear");
        resting(host_program(host_group(host, "cat", 2), "cat"));
        host_boot(host);
        host_advance(host, 2 * USEC_SEC);
        host_feed(host, (struct event){ .type = EV_LISTENER_OUTPUT,
                                .output = { .process = host_process(host, "pool:ear")->id,
                                        .data = "READY\n",
                                        .length = 6 } });
        host_ignore(host);
        host_request(host, REQUEST_DISABLE, "cat", false);
        host_expect(host, "program cat disabled\n"
                          "disabled cat\n"
                          "answer 1 true\n"
                          "event pool:ear: ver:3.0 server:host serial:0 pool:pool poolserial:0 "
                          "eventname:PROCESS_DISABLED len:30|processname:cat groupname:cat \n"
                          "DEBG event 0 sent to listener ear\n");
}

static void what_is_not_to_be_restarted_says_so_once_and_is_not(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct event event = { .type = EV_NO_AUTORESTART };

        host_with_cat(host);
        event.no_autorestart = host_process(host, "cat")->id;
        host_feed(host, event);
        host_feed(host, event);
        host_expect(host, "WARN autorestart of 'cat' is not acted upon: its running failure "
                          "strategy says what follows its exit\n");
        host_exit(host, "cat", EXIT_1);
        host_expect(host, "cat RUNNING->EXITED unexpected pid 10\n"
                          "WARN exited: cat (exit status 1; not expected)\n");
        host_request(host, REQUEST_START, "cat", false);
        host_ignore(host);
        host_exit(host, "cat", EXIT_1); /* a start that fails is tried again all the same */
        host_advance(host, 2 * USEC_SEC);
        assert_int_equal(host_process(host, "cat")->state, STARTING);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_disabled_is_stopped_and_not_started_by_anybody),
                cmocka_unit_test(disabling_without_waiting_is_answered_when_it_is_told),
                cmocka_unit_test(a_program_is_disabled_in_all_groups),
                cmocka_unit_test(a_program_without_processes_can_be_disabled),
                cmocka_unit_test(what_was_disabled_before_is_not_started_at_boot),
                cmocka_unit_test(a_group_that_comes_later_has_its_disabled_programs),
                cmocka_unit_test(enabling_starts_what_autostarts_and_nothing_else),
                cmocka_unit_test(what_is_enabled_while_it_stops_starts_afterwards),
                cmocka_unit_test(a_start_under_way_is_overtaken_by_the_disabling),
                cmocka_unit_test(what_waits_for_its_next_try_gives_it_up),
                cmocka_unit_test(what_cannot_be_stopped_is_still_running),
                cmocka_unit_test(the_listeners_hear_of_it),
                cmocka_unit_test(what_is_not_to_be_restarted_says_so_once_and_is_not),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
