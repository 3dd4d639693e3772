/* What an engine is told after a crash: who runs, and who is gone. */
#include <signal.h>

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

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_that_runs_as_it_was_known_to_runs_on),
                cmocka_unit_test(one_that_is_lost_ended_in_a_way_that_nobody_knows),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
