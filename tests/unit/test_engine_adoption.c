/* What an engine is told after a crash: who runs, and who is gone. */
#include <signal.h>
#include <string.h>

#include "tests/unit/engine_host.h"

static void feed_adopted(struct host *host, const char *name, pid_t pid, usec_t started)
{
        host_feed(host, (struct event){ .type = EV_ADOPTED,
                                .adopted = { .process = host_process(host, name)->id,
                                        .pid = pid,
                                        .started = started,
                                        .has_output = true } });
}

static void feed_lost(struct host *host, const char *name, const int *status, bool populated)
{
        host_feed(host, (struct event){ .type = EV_LOST,
                                .lost = { .process = host_process(host, name)->id,
                                        .has_status = status != NULL,
                                        .status = status ? *status : 0,
                                        .populated = populated } });
}

static void one_that_runs_as_it_was_known_to_runs_on(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        const struct process *process;

        host_with_cat(host);
        process = host_process(host, "cat");
        feed_adopted(host, "cat", process->pid, 0);
        assert_int_equal(process->state, RUNNING);
        host_expect(host, "INFO adopted: 'cat' with pid 10\n");
}

static void one_that_is_lost_ended_in_a_way_that_nobody_knows(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        const struct process *process;

        host_with_cat(host)->autorestart = AUTORESTART_NEVER;
        host_advance(host, 5 * USEC_SEC);
        process = host_process(host, "cat");
        host_ignore(host);
        feed_lost(host, "cat", NULL, false);
        assert_int_equal(process->state, EXITED);
        assert_int_equal(process->exitstatus, -1);
        assert_int_equal(exits_last(process)->reason, EXIT_UNKNOWN);
        host_expect(host, "cat RUNNING->EXITED unexpected pid 10\n"
                          "WARN exited: cat (exit status unknown; not expected)\n");
}

static void a_way_to_end_that_is_known_counts(void **state)
{
        static const int status = 0;
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_advance(host, 5 * USEC_SEC);
        feed_lost(host, "cat", &status, false);
        host_expect(host, "cat RUNNING->EXITED expected pid 10\n"
                          "INFO exited: cat (exit status 0; expected)\n");
}

static void one_that_is_lost_starts_again_as_its_autorestart_says(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        feed_lost(host, "cat", NULL, false);
        host_expect(host, "cat RUNNING->EXITED unexpected pid 10\n"
                          "WARN exited: cat (exit status unknown; not expected)\n"
                          "cat EXITED->STARTING tries 0\n"
                          "spawn cat\n"
                          "INFO spawned: 'cat' with pid 11\n");
}

/* Up to its first failure: it waits for the second try. */
static struct host *in_back_off(void)
{
        struct host *host = host_new();

        (void)host_program(host_group(host, "cat", 999), "cat");
        host_boot(host);
        host_exit(host, "cat", 1 << 8);
        assert_int_equal(host_process(host, "cat")->state, BACKOFF);
        host_ignore(host);
        return host;
}

static void the_counter_of_failures_goes_on(void **state)
{
        CLEANUP(host_free) struct host *host = in_back_off();
        const struct process *process = host_process(host, "cat");

        feed_adopted(host, "cat", 40, host->now);
        assert_int_equal(process->state, STARTING);
        assert_int_equal(process->retries, 1);
        feed_lost(host, "cat", NULL, false);
        assert_int_equal(process->retries, 2);
        host_expect(host, "cat BACKOFF->STARTING tries 1\n"
                          "INFO adopted: 'cat' with pid 40\n"
                          "cat STARTING->BACKOFF tries 2\n"
                          "WARN exited: cat (exit status unknown; not expected)\n");
        host_advance(host, 2 * USEC_SEC);
        assert_int_equal(process->pid, 11);
}

static void one_that_runs_long_since_is_running_at_the_next_moment(void **state)
{
        CLEANUP(host_free) struct host *host = in_back_off();
        const struct process *process = host_process(host, "cat");

        feed_adopted(host, "cat", 40, host->now - 60 * USEC_SEC);
        assert_true(process->started == host->now - 60 * USEC_SEC);
        host_advance(host, 0);
        assert_int_equal(process->state, RUNNING);
        assert_int_equal(process->retries, 0);
}

static void one_that_was_started_anew_meanwhile_ended_unseen_before(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        const struct process *process;

        host_with_cat(host);
        process = host_process(host, "cat");
        feed_adopted(host, "cat", 40, 0);
        assert_int_equal(process->pid, 40);
        assert_int_equal(process->exits_count, 1);
        assert_int_equal(exits_last(process)->pid, 10);
        host_expect(host, "cat RUNNING->EXITED unexpected pid 10\n"
                          "WARN exited: cat (exit status unknown; not expected)\n"
                          "cat EXITED->STARTING tries 0\n"
                          "INFO adopted: 'cat' with pid 40\n");
}

static void a_stopped_one_may_run_and_a_stop_of_it_is_obeyed(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "cat", 999), "cat")->autostart = false;
        host_boot(host);
        host_ignore(host);
        feed_adopted(host, "cat", 40, 0);
        (void)host_request(host, REQUEST_STOP, "cat", false);
        host_expect(host, "cat STOPPED->STARTING tries 0\n"
                          "INFO adopted: 'cat' with pid 40\n"
                          "DEBG killing cat (pid 40) with signal SIGTERM\n"
                          "cat STARTING->STOPPING pid 40\n"
                          "signal cat SIGTERM process\n"
                          "answer 1 true\n");
}

static void one_that_is_disabled_is_stopped(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        (void)host_request(host, REQUEST_DISABLE, "cat", false);
        host_exit(host, "cat", 0);
        feed_adopted(host, "cat", 40, 0);
        assert_int_equal(host_process(host, "cat")->state, STOPPING);
}

static void what_it_left_behind_is_killed_before_it_starts_again(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        feed_lost(host, "cat", NULL, true);
        host_expect(host, "DEBG killing what cat (pid 10) left behind\n"
                          "kill-all cat\n");
        feed_lost(host, "cat", NULL, false);
        assert_int_equal(host_process(host, "cat")->state, STARTING);
}

static void a_stop_that_was_under_way_is_carried_to_its_end(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        (void)host_request(host, REQUEST_STOP, "cat", true);
        feed_adopted(host, "cat", 10, 0);
        host_feed(host, (struct event){ .type = EV_RECOVERED });
        host_ignore(host);
        host_advance(host, 10 * USEC_SEC);
        assert_true(strstr(text_string(&host->transcript), "signal cat SIGKILL process\n"));
        host_ignore(host);
        feed_lost(host, "cat", NULL, false); /* nobody waits for an answer any more */
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "WARN stopped: cat (exit status unknown)\n");
}

static void a_spawn_under_way_that_came_to_nothing_is_made_again(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        const struct process *process;

        (void)host_program(host_group(host, "cat", 999), "cat");
        host->held = true;
        host_boot(host);
        process = host_process(host, "cat");
        assert_true(process->spawning);
        host->results_count = 0; /* the crash */
        host_ignore(host);
        feed_lost(host, "cat", NULL, false);
        assert_true(process->spawning);
        assert_int_equal(process->retries, 0);
        host_expect(host, "spawn cat\n");
        host_deliver(host);
        assert_int_equal(process->pid, 11);
}

static void a_spawn_under_way_that_was_made_is_adopted(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        (void)host_program(host_group(host, "cat", 999), "cat");
        host->held = true;
        host_boot(host);
        host->results_count = 0; /* the crash */
        host_ignore(host);
        feed_adopted(host, "cat", 40, 0);
        assert_int_equal(host_process(host, "cat")->pid, 40);
        host_expect(host, "INFO adopted: 'cat' with pid 40\n");
}

static void a_stop_during_a_spawn_that_came_to_nothing_is_done(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        (void)host_program(host_group(host, "cat", 999), "cat");
        host->held = true;
        host_boot(host);
        (void)host_request(host, REQUEST_STOP, "cat", false);
        host->results_count = 0; /* the crash */
        feed_lost(host, "cat", NULL, false);
        assert_int_equal(host_process(host, "cat")->state, STOPPED);
}

static void a_listener_without_its_pipes_gives_back_its_event(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program_group *ear = host_group(host, "ear", -1);
        struct event event = { .type = EV_LISTENER_OUTPUT };

        ear->kind = GROUP_EVENTLISTENER;
        ear->events = mem_new_array(2, sizeof(char *));
        ear->events[0] = mem_strdup("REMOTE_COMMUNICATION");
        (void)host_program(ear, "ear");
        (void)host_program(ear, "other");
        host_boot(host);
        host_advance(host, 2 * USEC_SEC);
        event.output.process = host_process(host, "ear:ear")->id;
        event.output.data = "READY\n";
        event.output.length = 6;
        host_feed(host, event);
        host_feed(host, (struct event){ .type = EV_REMOTE, .remote = { "type", "data" } });
        host_feed(host, (struct event){ .type = EV_ADOPTED,
                                .adopted = { .process = event.output.process, .pid = 10 } });
        host_ignore(host);
        event.output.process = host_process(host, "ear:other")->id;
        host_feed(host, event);
        assert_true(strstr(text_string(&host->transcript), "event ear:other: "));
}

static void feed_orphaned(struct host *host, enum orphan word)
{
        host_with_cat(host)->on_orphan = word;
        host_advance(host, 5 * USEC_SEC);
        host_ignore(host);
        host_feed(host, (struct event){ .type = EV_ADOPTED,
                                .adopted = { .process = host_process(host, "cat")->id,
                                        .pid = host_process(host, "cat")->pid } });
}

static void one_whose_output_is_lost_runs_on(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        feed_orphaned(host, ORPHAN_ADOPT);
        host_expect(host, "INFO adopted: 'cat' with pid 10\n");
        assert_true(host_process(host, "cat")->output_lost);
        host_exit(host, "cat", 1 << 8);
        assert_false(host_process(host, "cat")->output_lost); /* it runs again */
}

static void one_whose_output_is_lost_is_stopped_and_started_again(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        feed_orphaned(host, ORPHAN_RESTART);
        host_expect(host, "INFO adopted: 'cat' with pid 10\n"
                          "DEBG killing cat (pid 10) with signal SIGTERM\n"
                          "cat RUNNING->STOPPING pid 10\n"
                          "signal cat SIGTERM process\n");
        host_exit(host, "cat", 0);
        host_expect(host, "cat STOPPING->STOPPED pid 10\n"
                          "INFO stopped: cat (exit status 0)\n"
                          "cat STOPPED->STARTING tries 0\n"
                          "spawn cat\n"
                          "INFO spawned: 'cat' with pid 11\n");
        assert_false(host_process(host, "cat")->output_lost);
}

static void one_whose_output_is_lost_is_killed_and_has_exited(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        feed_orphaned(host, ORPHAN_KILL);
        host_expect(host, "INFO adopted: 'cat' with pid 10\n"
                          "DEBG killing cat (pid 10) with signal SIGKILL\n"
                          "kill-all cat\n"
                          "signal cat SIGKILL process\n");
        assert_int_equal(host_process(host, "cat")->state, RUNNING);
        host_exit(host, "cat", SIGKILL);
        assert_int_equal(host_process(host, "cat")->state, STARTING);
        assert_int_equal(host_process(host, "cat")->pid, 11);
}

static void while_all_is_being_stopped_what_is_adopted_is_stopped_too(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        (void)host_program(host_group(host, "cat", 999), "cat");
        host_program(host_group(host, "dog", 1), "dog")->autostart = false;
        host_boot(host);
        host_advance(host, 2 * USEC_SEC);
        host_shutdown(host, false);
        host_ignore(host);
        feed_adopted(host, "dog", 40, 0); /* whose turn comes */
        assert_int_equal(host_process(host, "dog")->state, STARTING);
        host_exit(host, "cat", 0);
        assert_int_equal(host_process(host, "dog")->state, STOPPING);
        feed_adopted(host, "cat", 41, 0); /* whose turn has been */
        host_exit(host, "dog", 0);
        assert_int_equal(host_process(host, "cat")->state, STOPPING);
        assert_null(strstr(text_string(&host->transcript), "finished"));
        host_exit(host, "cat", 0);
        assert_non_null(strstr(text_string(&host->transcript), "finished"));
}

static void a_restart_that_was_asked_for_reads_the_configuration_once_more(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host->held = true;
        host_shutdown(host, true);
        host->results_count = 0; /* the crash */
        host_ignore(host);
        host_feed(host, (struct event){ .type = EV_RECOVERED });
        host_expect(host, "read-config for restart\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_that_runs_as_it_was_known_to_runs_on),
                cmocka_unit_test(one_that_is_lost_ended_in_a_way_that_nobody_knows),
                cmocka_unit_test(a_way_to_end_that_is_known_counts),
                cmocka_unit_test(one_that_is_lost_starts_again_as_its_autorestart_says),
                cmocka_unit_test(the_counter_of_failures_goes_on),
                cmocka_unit_test(one_that_runs_long_since_is_running_at_the_next_moment),
                cmocka_unit_test(one_that_was_started_anew_meanwhile_ended_unseen_before),
                cmocka_unit_test(a_stopped_one_may_run_and_a_stop_of_it_is_obeyed),
                cmocka_unit_test(one_that_is_disabled_is_stopped),
                cmocka_unit_test(what_it_left_behind_is_killed_before_it_starts_again),
                cmocka_unit_test(a_stop_that_was_under_way_is_carried_to_its_end),
                cmocka_unit_test(a_spawn_under_way_that_came_to_nothing_is_made_again),
                cmocka_unit_test(a_spawn_under_way_that_was_made_is_adopted),
                cmocka_unit_test(a_stop_during_a_spawn_that_came_to_nothing_is_done),
                cmocka_unit_test(a_listener_without_its_pipes_gives_back_its_event),
                cmocka_unit_test(one_whose_output_is_lost_runs_on),
                cmocka_unit_test(one_whose_output_is_lost_is_stopped_and_started_again),
                cmocka_unit_test(one_whose_output_is_lost_is_killed_and_has_exited),
                cmocka_unit_test(while_all_is_being_stopped_what_is_adopted_is_stopped_too),
                cmocka_unit_test(a_restart_that_was_asked_for_reads_the_configuration_once_more),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
