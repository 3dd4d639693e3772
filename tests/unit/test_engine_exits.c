/* The engine: why a process ended, what its run used, limits that change, and frozen processes. */
#include <signal.h>
#include <string.h>

#include "tests/unit/engine_host.h"

enum { CORE = 0x80 };

static void end(struct host *host, int wait_status, const struct figures *usage)
{
        const struct process *cat = host_process(host, "cat");

        host_feed(host, (struct event){ .type = EV_EXITED,
                                .exited = { .process = cat->id,
                                        .pid = cat->pid,
                                        .status = wait_status,
                                        .usage = usage } });
}

static const struct exit_record *ended(
        struct host *host, int wait_status, const struct figures *usage)
{
        end(host, wait_status, usage);
        return exits_last(host_process(host, "cat"));
}

static struct host *running(void)
{
        struct host *host = host_new();

        host_with_cat(host)->autorestart = AUTORESTART_NEVER;
        return host;
}

static void the_wait_status_tells_an_exit_a_signal_and_a_core(void **state)
{
        static const struct {
                int status;
                enum exit_reason reason;
        } cases[] = {
                { 3 << 8, EXIT_EXITED }, { SIGTERM, EXIT_SIGNALLED }, { SIGSEGV | CORE, EXIT_CORE },
                { SIGKILL, EXIT_SIGNALLED },
                { SIGXCPU, EXIT_SIGNALLED }, /* no limit of ours: anybody may have sent it */
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(host_free) struct host *host = running();
                const struct exit_record *record = ended(host, cases[i].status, NULL);

                assert_int_equal(record->reason, cases[i].reason);
                assert_int_equal(record->wait_status, cases[i].status);
                assert_int_equal(record->pid, 10);
                assert_null(record->limit);
                assert_false(figures_knows(&record->usage, FIGURE_CPU));
        }
}

static void an_oom_kill_is_one_that_was_counted_and_names_the_limit_that_was_reached(void **state)
{
        struct figures usage = {};

        figures_set(&usage, FIGURE_OOM_KILLS, 1, FIGURE_FROM_V2);
        for (int hits = 0; hits < 3; hits++) {
                static const char *const limits[] = { NULL, "memory_max",
                        "memory_max of the group" };
                CLEANUP(host_free) struct host *host = running();
                const struct exit_record *record;

                figures_set(&usage, FIGURE_MEMORY_MAX_HITS, hits == 1, FIGURE_FROM_V2);
                figures_set(&usage, FIGURE_GROUP_MEMORY_HITS, hits == 2, FIGURE_FROM_V2);
                record = ended(host, SIGKILL, &usage);
                assert_int_equal(record->reason, EXIT_OOM);
                if (limits[hits])
                        assert_string_equal(record->limit, limits[hits]);
                else
                        assert_null(record->limit);
                assert_non_null(strstr(text_string(&host->transcript),
                        "INFO 'cat' was ended by the kernel's OOM killer: "));
        }
}

static void an_oom_kill_of_a_child_is_no_reason_of_its_parent(void **state)
{
        CLEANUP(host_free) struct host *host = running();
        struct figures usage = {};

        figures_set(&usage, FIGURE_OOM_KILLS, 1, FIGURE_FROM_V1);
        assert_int_equal(ended(host, 1 << 8, &usage)->reason, EXIT_EXITED);
}

static void a_signal_of_an_rlimit_that_is_set_names_it(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program *cat = host_with_cat(host);

        limits_set(&cat->limits, LIMIT_RLIMIT_CPU, mem_strdup("1 2"), mem_strdup("here"));
        assert_int_equal(ended(host, SIGXCPU | CORE, NULL)->reason, EXIT_LIMIT);
        assert_string_equal(exits_last(host_process(host, "cat"))->limit, "rlimit_cpu");
}

static const struct exit_record *ended_at(struct host *host, int signal, uint64_t own_cpu)
{
        const struct process *cat = host_process(host, "cat");

        host_feed(host, (struct event){ .type = EV_EXITED,
                                .exited = { .process = cat->id,
                                        .pid = cat->pid,
                                        .status = signal,
                                        .own_cpu = own_cpu } });
        return exits_last(host_process(host, "cat"));
}

static void a_sigkill_behind_the_hard_limit_of_processor_time_is_the_kernels(void **state)
{
        static const struct {
                const char *limit;
                int signal;
                uint64_t own_cpu;
                enum exit_reason reason;
        } cases[] = {
                { "1 2", SIGKILL, 2 * USEC_SEC, EXIT_LIMIT },
                { "2 2", SIGKILL, 2 * USEC_SEC - 200 * USEC_MSEC, EXIT_LIMIT }, /* by its ticks */
                { "1 2", SIGKILL, USEC_SEC, EXIT_SIGNALLED },
                { "1 2", SIGKILL, 0, EXIT_SIGNALLED },
                { "1 18446744073709551615", SIGKILL, USEC_SEC, EXIT_SIGNALLED },
                { "1 2", SIGTERM, 3 * USEC_SEC, EXIT_SIGNALLED },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(host_free) struct host *host = host_new();
                struct program *cat = host_with_cat(host);
                const struct exit_record *record;

                limits_set(&cat->limits, LIMIT_RLIMIT_CPU, mem_strdup(cases[i].limit),
                        mem_strdup("here"));
                record = ended_at(host, cases[i].signal, cases[i].own_cpu);
                assert_int_equal(record->reason, cases[i].reason);
                if (cases[i].reason == EXIT_LIMIT)
                        assert_string_equal(record->limit, "rlimit_cpu");
        }
}

static void who_had_our_sigkill_after_a_stop_was_killed_by_us(void **state)
{
        CLEANUP(host_free) struct host *host = running();
        const struct exit_record *record;

        host_request(host, REQUEST_STOP, "cat", false);
        host_advance(host, 11 * USEC_SEC);
        record = ended(host, SIGKILL, NULL);
        assert_int_equal(record->reason, EXIT_KILLED);
        assert_true(record->stop_asked);
}

static void the_figures_come_with_the_last_of_the_run(void **state)
{
        CLEANUP(host_free) struct host *host = running();
        const struct process *cat = host_process(host, "cat");
        struct figures usage = {};

        figures_set(&usage, FIGURE_CPU, 1234, FIGURE_FROM_V2);
        host_exit_leaving(host, "cat", 0);
        assert_null(exits_last(cat));
        host_advance(host, USEC_SEC);
        host_feed(host, (struct event){ .type = EV_EMPTIED,
                                .emptied = { .process = cat->id, .usage = &usage } });
        assert_int_equal(exits_last(cat)->usage.value[FIGURE_CPU], 1234);
}

static void the_last_ten_are_kept(void **state)
{
        CLEANUP(host_free) struct host *host = running();
        const struct process *cat = host_process(host, "cat");

        for (int run = 1; run <= EXITS_MAX + 2; run++) {
                end(host, run << 8, NULL);
                host_request(host, REQUEST_START, "cat", false);
                host_advance(host, 2 * USEC_SEC);
        }
        assert_int_equal(cat->exits_count, EXITS_MAX);
        assert_int_equal(cat->exits[0].wait_status, 3 << 8);
        assert_int_equal(exits_last(cat)->wait_status, (EXITS_MAX + 2) << 8);
}

static void freeze(struct host *host, bool frozen)
{
        host_feed(host, (struct event){ .type = EV_FROZEN,
                                .frozen = { host_process(host, "cat")->id, frozen } });
}

static void a_frozen_process_keeps_its_state_and_is_thawed_before_its_stop(void **state)
{
        CLEANUP(host_free) struct host *host = running();

        freeze(host, true);
        assert_true(host_process(host, "cat")->frozen);
        assert_int_equal(host_process(host, "cat")->state, RUNNING);
        host_expect(host, "");
        host_request(host, REQUEST_STOP, "cat", false);
        host_expect(host, "thaw cat\n"
                          "DEBG killing cat (pid 10) with signal SIGTERM\n"
                          "cat RUNNING->STOPPING pid 10\n"
                          "signal cat SIGTERM process\n"
                          "answer 1 true\n");
        assert_false(host_process(host, "cat")->frozen);
}

static void what_a_frozen_process_leaves_is_thawed(void **state)
{
        CLEANUP(host_free) struct host *host = running();

        freeze(host, true);
        host_ignore(host);
        end(host, SIGKILL, NULL);
        assert_false(host_process(host, "cat")->frozen);
        assert_non_null(strstr(text_string(&host->transcript), "thaw cat\n"));
        freeze(host, true); /* too late */
        assert_false(host_process(host, "cat")->frozen);
}

static void read_again(struct host *host, const char *memory, int64_t startsecs)
{
        struct program *cat;

        host_forget_config(host);
        cat = host_program(host_group(host, "cat", 999), "cat");
        cat->startsecs = startsecs;
        if (memory)
                limits_set(&cat->limits, LIMIT_MEMORY_MAX, mem_strdup(memory), mem_strdup("here"));
        host_request(host, REQUEST_RELOAD_CONFIG, NULL, false);
}

static void a_change_of_limits_alone_is_made_while_it_runs(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        int64_t startsecs = host_with_cat(host)->startsecs;

        read_again(host, "1000", startsecs);
        assert_non_null(strstr(text_string(&host->transcript), "cat"));
        host_ignore(host);
        host_request(host, REQUEST_LIMITS, "cat", false);
        host_expect(host, "limits cat\nanswer 2 true\n");
        assert_string_equal(
                limits_get(host_process(host, "cat")->program->limits, LIMIT_MEMORY_MAX), "1000");
        read_again(host, NULL, startsecs);
        host_ignore(host);
        host_request(host, REQUEST_LIMITS, "cat", false);
        host_expect(host, "limits cat\nanswer 4 true\n");
        assert_null(limits_get(host_process(host, "cat")->program->limits, LIMIT_MEMORY_MAX));
}

static void a_change_of_limits_that_fails_is_answered_with_its_reason(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        int64_t startsecs = host_with_cat(host)->startsecs;

        read_again(host, "1000", startsecs);
        host_ignore(host);
        host->limits_error = "cannot write '1000' to memory.max";
        host_request(host, REQUEST_LIMITS, "cat", false);
        host_expect(host, "limits cat\n"
                          "answer 2 fault 30 FAILED: cannot write '1000' to memory.max\n");
}

static void a_change_of_more_than_limits_is_left_to_a_restart(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        read_again(host, NULL, host_with_cat(host)->startsecs + 1);
        host_ignore(host);
        host_request(host, REQUEST_LIMITS, "cat", false);
        host_expect(host, "answer 2 false\n");
        host_request(host, REQUEST_LIMITS, "dog", false);
        assert_non_null(strstr(text_string(&host->transcript), "BAD_NAME: dog"));
}

static void limits_are_a_part_of_what_a_reread_compares(void **state)
{
        CLEANUP(program_group_unref)
        struct program_group *a = program_group_new("g", GROUP_PROGRAM);
        CLEANUP(program_group_unref)
        struct program_group *b = program_group_new("g", GROUP_PROGRAM);

        limits_set(&b->limits, LIMIT_PIDS_MAX, mem_strdup("5"), mem_strdup("here"));
        assert_false(program_group_equal(a, b));
        assert_true(program_group_equal_but_limits(a, b));
        program_group_take_limits(a, b);
        assert_true(program_group_equal(a, b));
}

static void a_run_s_figures_are_differences_but_for_peaks(void **state)
{
        struct figures before = {}, now = {}, run;

        figures_set(&before, FIGURE_CPU, 100, FIGURE_FROM_V2);
        figures_set(&now, FIGURE_CPU, 150, FIGURE_FROM_V2);
        figures_set(&before, FIGURE_MEMORY_PEAK, 70, FIGURE_FROM_V2);
        figures_set(&now, FIGURE_MEMORY_PEAK, 70, FIGURE_FROM_V2);
        figures_set(&before, FIGURE_PIDS_PEAK, 3, FIGURE_FROM_V1);
        figures_set(&now, FIGURE_PIDS_PEAK, 4, FIGURE_FROM_V1);
        figures_set(&before, FIGURE_IO_READ, 9, FIGURE_FROM_V2);
        figures_set(&now, FIGURE_IO_READ, 8, FIGURE_FROM_V2);
        figures_set(&now, FIGURE_OOM_KILLS, 1, FIGURE_FROM_V1);
        run = figures_since(&now, &before);
        assert_int_equal(run.value[FIGURE_CPU], 50);
        assert_int_equal(run.value[FIGURE_MEMORY_PEAK], 70);
        assert_true(run.is_bound[FIGURE_MEMORY_PEAK]);
        assert_int_equal(run.value[FIGURE_PIDS_PEAK], 4);
        assert_false(run.is_bound[FIGURE_PIDS_PEAK]);
        assert_false(figures_knows(&run, FIGURE_IO_READ));
        assert_false(figures_knows(&run, FIGURE_OOM_KILLS));
        assert_false(figures_knows(&run, FIGURE_SWAP));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_wait_status_tells_an_exit_a_signal_and_a_core),
                cmocka_unit_test(
                        an_oom_kill_is_one_that_was_counted_and_names_the_limit_that_was_reached),
                cmocka_unit_test(an_oom_kill_of_a_child_is_no_reason_of_its_parent),
                cmocka_unit_test(a_signal_of_an_rlimit_that_is_set_names_it),
                cmocka_unit_test(a_sigkill_behind_the_hard_limit_of_processor_time_is_the_kernels),
                cmocka_unit_test(a_change_of_limits_that_fails_is_answered_with_its_reason),
                cmocka_unit_test(who_had_our_sigkill_after_a_stop_was_killed_by_us),
                cmocka_unit_test(the_figures_come_with_the_last_of_the_run),
                cmocka_unit_test(the_last_ten_are_kept),
                cmocka_unit_test(a_frozen_process_keeps_its_state_and_is_thawed_before_its_stop),
                cmocka_unit_test(what_a_frozen_process_leaves_is_thawed),
                cmocka_unit_test(a_change_of_limits_alone_is_made_while_it_runs),
                cmocka_unit_test(a_change_of_more_than_limits_is_left_to_a_restart),
                cmocka_unit_test(limits_are_a_part_of_what_a_reread_compares),
                cmocka_unit_test(a_run_s_figures_are_differences_but_for_peaks),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
