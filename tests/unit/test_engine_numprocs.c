/* The engine: programs that get more processes, or fewer, while they run. */
#include <errno.h>
#include <string.h>

#include "engine/numprocs.h"
#include "tests/unit/engine_host.h"

enum { EXIT_1 = 1 << 8, EXIT_0 = 0 };

/* Group "g" with x_0 and so on, RUNNING, the transcript empty. */
static struct program_group *with_x(struct host *host, unsigned number)
{
        struct program_group *group = host_group(host, "g", 1);

        host_numbered(group, "x", 0, number);
        host_boot(host);
        host_advance(host, 2 * USEC_SEC);
        host_ignore(host);
        return group;
}

static bool is_there(struct host *host, const char *namespec)
{
        const struct process *process;

        return engine_find_process(host->engine, namespec, &process) == FAULT_NONE;
}

static void more_processes_are_made_and_started(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_x(host, 1);
        host_numprocs(host, "x", 3, true, false);
        host_expect(host, "expand x 1..3\n"
                          "process-added g:x_1\n"
                          "g:x_1 STOPPED->STARTING tries 0\n"
                          "spawn g:x_1\n"
                          "process-added g:x_2\n"
                          "g:x_2 STOPPED->STARTING tries 0\n"
                          "spawn g:x_2\n"
                          "answer 1 true\n"
                          "INFO spawned: 'x_1' with pid 11\n"
                          "INFO spawned: 'x_2' with pid 12\n");
        host_numprocs(host, "x", 3, true, false);
        host_expect(host, "answer 2 true\n");
}

static void every_group_with_the_program_gets_them(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program_group *a = host_group(host, "a", 1), *b = host_group(host, "b", 2);
        struct engine_group view;

        host_numbered(a, "x", 0, 1);
        host_program(a, "z");
        host_numbered(b, "x", 0, 2);
        host_program(host_group(host, "c", 3), "y");
        host_boot(host);
        host_ignore(host);
        host_numprocs(host, "x", 3, false, false);
        assert_true(is_there(host, "a:x_1") && is_there(host, "a:x_2"));
        assert_true(is_there(host, "b:x_2"));
        assert_false(is_there(host, "c:x_0"));
        assert_true(engine_group_find(host->engine, "a", &view));
        assert_int_equal(view.processes_count, 4);
        assert_string_equal(view.processes[2]->program->name, "x_2");
        assert_string_equal(view.processes[3]->program->name, "z");
        host_numprocs(host, "x", 1, false, true);
        host_exit(host, "b:x_1", EXIT_0);
        assert_false(is_there(host, "b:x_1"));
}

static void a_bad_number_or_name_is_refused(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_x(host, 1);
        host_numprocs(host, "y", 0, false, false);
        host_numprocs(host, "x", 0, false, false);
        host_numprocs(host, "x", 100001, false, false);
        host_numprocs(host, "x", 4000000000, false, false);
        host_expect(host,
                "answer 1 fault 10 BAD_NAME: program=y unknown to Supvisors\n"
                "answer 2 fault 2 INCORRECT_PARAMETERS: program=x incorrect numprocs=0 - integer > "
                "0 expected\n"
                "answer 3 fault 30 FAILED: more than 100000 processes in all are not supported\n"
                "answer 4 fault 30 FAILED: more than 100000 processes in all are not supported\n");
}

static void what_cannot_be_had_is_refused_each_time(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_x(host, 1);
        host->expand_fault = FAULT_NOT_APPLICABLE;
        host_numprocs(host, "x", 2, false, false);
        host_numprocs(host, "x", 2, false, false);
        host_numprocs(host, "x", 1, false, false);
        host_expect(host, "expand x 1..2\n"
                          "answer 1 fault 104 NOT_APPLICABLE: no\n"
                          "expand x 1..2\n"
                          "answer 2 fault 104 NOT_APPLICABLE: no\n"
                          "answer 3 true\n");
}

static void fewer_processes_are_stopped_and_gone_before_who_waits_hears(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_x(host, 3);
        host_request(host, REQUEST_STOP, "g:x_2", false);
        host_exit(host, "g:x_2", EXIT_0);
        host_ignore(host);
        host_numprocs(host, "x", 1, true, false);
        host_expect(host, "obsolete g:x_1\n"
                          "process-removed g:x_2\n"
                          "DEBG killing x_1 (pid 11) with signal SIGTERM\n"
                          "g:x_1 RUNNING->STOPPING pid 11\n"
                          "signal g:x_1 SIGTERM process\n"
                          "INFO waiting for x_1 to stop\n");
        host_exit(host, "g:x_1", EXIT_0);
        host_expect(host, "g:x_1 STOPPING->STOPPED pid 11\n"
                          "INFO stopped: x_1 (exit status 0)\n"
                          "answer 2 true\n"
                          "process-removed g:x_1\n");
        assert_true(is_there(host, "g:x_0"));
}

static void fewer_without_waiting_is_true_at_once(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_x(host, 2);
        host_numprocs(host, "x", 1, false, false);
        host_expect(host, "obsolete g:x_1\n"
                          "DEBG killing x_1 (pid 11) with signal SIGTERM\n"
                          "g:x_1 RUNNING->STOPPING pid 11\n"
                          "signal g:x_1 SIGTERM process\n"
                          "answer 1 true\n");
        host_exit(host, "g:x_1", EXIT_0);
        assert_false(is_there(host, "g:x_1"));
}

static void lazily_they_live_until_they_end_and_are_not_restarted(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_x(host, 2);
        host_numprocs(host, "x", 1, true, true);
        host_expect(host, "obsolete g:x_1\n"
                          "answer 1 true\n");
        assert_true(host_process(host, "g:x_1")->obsolete);
        host_exit(host, "g:x_1", EXIT_1);
        host_expect(host, "g:x_1 RUNNING->EXITED unexpected pid 11\n"
                          "WARN exited: x_1 (exit status 1; not expected)\n"
                          "process-removed g:x_1\n");
}

static void an_obsolete_one_goes_instead_of_backing_off(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_numbered(host_group(host, "g", 1), "x", 0, 2);
        host_boot(host);
        host_numprocs(host, "x", 1, false, true);
        host_ignore(host);
        host_exit(host, "g:x_1", EXIT_1);
        host_expect(host, "g:x_1 STARTING->BACKOFF tries 1\n"
                          "WARN exited: x_1 (exit status 1; not expected)\n"
                          "g:x_1 BACKOFF->STOPPED pid 0\n"
                          "process-removed g:x_1\n");
        host_exit(host, "g:x_0", EXIT_1);
        host_numprocs(host, "x", 1, false, true);
        assert_true(is_there(host, "g:x_0"));
}

static void one_that_backs_off_goes_at_once(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_numbered(host_group(host, "g", 1), "x", 0, 2);
        host_boot(host);
        host_exit(host, "g:x_1", EXIT_1);
        host_ignore(host);
        host_numprocs(host, "x", 1, true, false);
        host_expect(host, "g:x_1 BACKOFF->STOPPED pid 0\n"
                          "process-removed g:x_1\n"
                          "answer 1 true\n");
}

static void a_later_increase_revives_what_still_runs(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_x(host, 2);
        host_numprocs(host, "x", 1, true, true);
        host_numprocs(host, "x", 2, true, false);
        host_expect(host, "obsolete g:x_1\n"
                          "answer 1 true\n"
                          "revived g:x_1\n"
                          "answer 2 true\n");
        assert_false(host_process(host, "g:x_1")->obsolete);
        host_exit(host, "g:x_1", EXIT_1);
        assert_int_equal(host_process(host, "g:x_1")->state, STARTING);
}

static void who_waits_for_the_end_of_what_is_revived_is_told(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_x(host, 2);
        host_numprocs(host, "x", 1, true, false);
        host_ignore(host);
        host_numprocs(host, "x", 2, true, false);
        host_expect(host, "revived g:x_1\n"
                          "answer 1 fault 30 FAILED: processes=['g:x_1']\n"
                          "answer 2 true\n");
        host_exit(host, "g:x_1", EXIT_0);
        assert_int_equal(host_process(host, "g:x_1")->state, STOPPED);
}

static void what_cannot_be_killed_is_still_running(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_x(host, 2);
        host->kill_error = EPERM;
        host_numprocs(host, "x", 1, true, false);
        assert_non_null(strstr(text_string(&host->transcript),
                "answer 1 fault 91 STILL_RUNNING: processes=['g:x_1']\n"));
        host_exit(host, "g:x_1", EXIT_0);
        assert_false(is_there(host, "g:x_1"));
}

static void a_listener_that_goes_gives_back_its_event(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program_group *pool = host_group(host, "g", 1);
        const char said[] = "READY\n";

        pool->kind = GROUP_EVENTLISTENER;
        pool->events = mem_new_array(2, sizeof(char *));
        pool->events[0] = mem_strdup("PROCESS_ADDED");
        host_numbered(pool, "x", 0, 1);
        host_boot(host);
        host_advance(host, 2 * USEC_SEC);
        host_numprocs(host, "x", 2, true, false);
        host_advance(host, 2 * USEC_SEC);
        host_ignore(host);
        host_feed(host, (struct event){ .type = EV_LISTENER_OUTPUT,
                                .output = { .process = host_process(host, "g:x_1")->id,
                                        .data = said,
                                        .length = strlen(said) } });
        assert_non_null(strstr(text_string(&host->transcript),
                "eventname:PROCESS_ADDED len:28|processname:x_1 groupname:g \n"));
        host_numprocs(host, "x", 1, true, false);
        host_exit(host, "g:x_1", EXIT_0);
        host_ignore(host);
        host_feed(host, (struct event){ .type = EV_LISTENER_OUTPUT,
                                .output = { .process = host_process(host, "g:x_0")->id,
                                        .data = said,
                                        .length = strlen(said) } });
        assert_non_null(strstr(text_string(&host->transcript), "PROCESS_ADDED"));
}

static void a_reread_finds_nothing_changed(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_x(host, 2);
        host_numprocs(host, "x", 5, true, false);
        host_numprocs(host, "x", 1, false, true);
        host_ignore(host);
        host_request(host, REQUEST_RELOAD_CONFIG, NULL, false);
        host_expect(host, "read-config\n"
                          "answer 3 diff\n");
}

static void a_group_that_is_removed_takes_them_with_it(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_x(host, 1);
        host->next_pid = 20;
        host_numprocs(host, "x", 2, true, false);
        host_request(host, REQUEST_STOP_GROUP, "g", false);
        host_exit(host, "g:x_0", EXIT_0);
        host_exit(host, "g:x_1", EXIT_0);
        host_ignore(host);
        host_request(host, REQUEST_REMOVE_GROUP, "g", false);
        host_expect(host, "process-removed g:x_0\n"
                          "process-removed g:x_1\n"
                          "group-removed g\n"
                          "answer 3 true\n");
        host_request(host, REQUEST_ADD_GROUP, "g", false);
        assert_false(is_there(host, "g:x_1"));
}

static void new_ones_of_a_disabled_program_are_disabled(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_x(host, 1);
        host_request(host, REQUEST_DISABLE, "x", false);
        host_ignore(host);
        host_numprocs(host, "x", 2, true, false);
        host_expect(host, "expand x 1..2\n"
                          "process-added g:x_1\n"
                          "answer 2 true\n");
        assert_true(host_process(host, "g:x_1")->disabled);
}

static void a_shutdown_refuses_what_is_not_made_yet(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_x(host, 2);
        host->held = true;
        host_numprocs(host, "x", 3, true, false);
        host_ignore(host);
        host_shutdown(host, false);
        assert_non_null(strstr(text_string(&host->transcript), "answer 1 fault 6 SHUTDOWN_STATE"));
        host_deliver(host);
        assert_false(is_there(host, "g:x_2"));
}

static void a_shutdown_answers_who_waits_for_the_end(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_x(host, 2);
        host_numprocs(host, "x", 1, true, false);
        host_ignore(host);
        host_shutdown(host, false);
        host_exit(host, "g:x_0", EXIT_0);
        host_exit(host, "g:x_1", EXIT_0);
        assert_non_null(strstr(text_string(&host->transcript), "answer 1 true"));
        assert_non_null(strstr(text_string(&host->transcript), "finished"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(more_processes_are_made_and_started),
                cmocka_unit_test(every_group_with_the_program_gets_them),
                cmocka_unit_test(a_bad_number_or_name_is_refused),
                cmocka_unit_test(what_cannot_be_had_is_refused_each_time),
                cmocka_unit_test(fewer_processes_are_stopped_and_gone_before_who_waits_hears),
                cmocka_unit_test(fewer_without_waiting_is_true_at_once),
                cmocka_unit_test(lazily_they_live_until_they_end_and_are_not_restarted),
                cmocka_unit_test(an_obsolete_one_goes_instead_of_backing_off),
                cmocka_unit_test(one_that_backs_off_goes_at_once),
                cmocka_unit_test(a_later_increase_revives_what_still_runs),
                cmocka_unit_test(who_waits_for_the_end_of_what_is_revived_is_told),
                cmocka_unit_test(what_cannot_be_killed_is_still_running),
                cmocka_unit_test(a_listener_that_goes_gives_back_its_event),
                cmocka_unit_test(a_reread_finds_nothing_changed),
                cmocka_unit_test(a_group_that_is_removed_takes_them_with_it),
                cmocka_unit_test(new_ones_of_a_disabled_program_are_disabled),
                cmocka_unit_test(a_shutdown_refuses_what_is_not_made_yet),
                cmocka_unit_test(a_shutdown_answers_who_waits_for_the_end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
