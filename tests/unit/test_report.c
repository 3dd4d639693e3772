/* What is told of local processes. */
#include <signal.h>
#include <string.h>

#include "tests/unit/engine_host.h"
#include "wire/report.h"

struct stage {
        struct host *host;
        struct program *cat;
        struct reports *reports;
        struct report_time now;
};

static struct stage begin(void)
{
        struct stage s = { .now = { .monotonic = 1000, .wall_secs = 1000000 } };

        s.host = host_new();
        s.cat = host_program(host_group(s.host, "cat", 999), "cat");
        s.cat->startsecs = 1;
        s.cat->section = mem_strdup("program:cat");
        host_boot(s.host);
        s.reports = reports_new();
        return s;
}

static void end(struct stage *s)
{
        reports_free(s->reports);
        host_free(s->host);
}

static struct fleet_report change(
        struct stage *s, enum process_state to, pid_t pid, bool expected, usec_t now)
{
        const struct process *process = host_process(s->host, "cat");
        struct effect fx = { .type = FX_STATE, .process = process->id };
        struct fleet_report report = {};

        fx.state.to = to;
        fx.state.pid = pid;
        fx.state.expected = expected;
        if (to == STARTING) /* the engine has noted when it asked for the spawn */
                ((struct process *)process)->started = now;
        s->now.monotonic = now;
        assert_true(report_change(s->reports, s->host->engine, &fx, s->now, &report));
        return report;
}

static void a_report_tells_what_is_configured(void **state)
{
        struct stage s = begin();
        struct fleet_report report;
        uint32_t id = host_process(s.host, "cat")->id;

        s.cat->label = mem_strdup("kitty");
        s.cat->index = 3;
        s.cat->stopwaitsecs = 7;
        s.cat->autorestart = AUTORESTART_NEVER;
        s.cat->out.kind = LOGFILE_PATH;
        s.cat->err.kind = LOGFILE_AUTO;
        assert_true(report_process(s.reports, s.host->engine, id, s.now, &report));
        assert_string_equal(report.group, "cat");
        assert_string_equal(report.name, "cat");
        assert_string_equal(report.program_name, "kitty");
        assert_int_equal(report.process_index, 3);
        assert_int_equal(report.startsecs, 1);
        assert_int_equal(report.stopwaitsecs, 7);
        assert_false(report.autorestart);
        assert_true(report.has_stdout);
        assert_true(report.has_stderr);
        assert_string_equal(report.spawnerr, "");
        assert_string_equal(report.extra_args, "");

        s.cat->redirect_stderr = true;
        s.cat->out.kind = LOGFILE_JOURNAL; /* it can be read there */
        assert_true(report_process(s.reports, s.host->engine, id, s.now, &report));
        assert_true(report.has_stdout);
        assert_false(report.has_stderr);
        s.cat->out.kind = LOGFILE_NONE;
        assert_true(report_process(s.reports, s.host->engine, id, s.now, &report));
        assert_false(report.has_stdout);
        end(&s);
}

static void times_of_start_and_stop_are_kept_on_the_monotonic_clock(void **state)
{
        struct stage s = begin();
        struct fleet_report report = change(&s, STARTING, 0, false, 5000);

        assert_int_equal(report.start_monotonic, 5000);
        assert_int_equal(report.stop_monotonic, 0);
        report = change(&s, RUNNING, 12, false, 6000);
        assert_int_equal(report.start_monotonic, 5000);
        assert_int_equal(report.pid, 12);
        assert_int_equal(report.event_time, 6000);
        report = change(&s, STOPPING, 12, false, 7000);
        assert_int_equal(report.stop_monotonic, 0);
        assert_int_equal(report.pid, 12);
        report = change(&s, STOPPED, 12, false, 8000);
        assert_int_equal(report.stop_monotonic, 8000);
        assert_int_equal(report.pid, 0);
        assert_int_equal(report.run_pid, 12);
        report = change(&s, STARTING, 0, false, 9000);
        assert_int_equal(report.run_pid, 0);
        report = change(&s, BACKOFF, 13, false, 9500);
        assert_int_equal(report.start_monotonic, 9000);
        assert_int_equal(report.stop_monotonic, 9500);
        assert_int_equal(report.run_pid, 13);
        report = change(&s, FATAL, 13, false, 9600);
        assert_int_equal(report.stop_monotonic, 9500);
        assert_int_equal(report.pid, 0);
        assert_int_equal(report.run_pid, 0);
        end(&s);
}

static void a_state_that_lasts_no_time_is_told_though_the_engine_is_ahead(void **state)
{
        struct stage s = begin();
        struct fleet_report report;
        size_t count = 0;
        struct fleet_report *all;

        host_advance(s.host, 2 * USEC_SEC);
        assert_int_equal(host_process(s.host, "cat")->state, RUNNING);
        report = change(&s, EXITED, 12, false, 5000);
        assert_int_equal(report.state, EXITED);
        assert_false(report.expected);
        /* The snapshot holds what was told, and nothing that is still to be told. */
        all = report_all(s.reports, s.host->engine, s.now, &count);
        assert_int_equal(count, 1);
        assert_int_equal(all[0].state, EXITED);
        report_all_free(all, count);
        report = change(&s, STARTING, 0, false, 5001);
        assert_int_equal(report.state, STARTING);
        assert_true(report.expected);
        end(&s);
}

static void the_description_is_that_of_the_told_state(void **state)
{
        struct stage s = begin();
        struct fleet_report report;

        host_advance(s.host, 2 * USEC_SEC);
        report = change(&s, RUNNING, 12, false, 5000);
        assert_memory_equal(report.description, "pid 12, uptime 0:", 17);
        report = change(&s, STOPPING, 12, false, 6000);
        assert_string_equal(report.description, "");
        report = change(&s, FATAL, 0, false, 6000);
        assert_string_equal(report.description, "unknown error (try \"tail cat\")");
        end(&s);
}

static void a_process_that_is_gone_can_still_be_named_once(void **state)
{
        struct stage s = begin();
        uint32_t id = host_process(s.host, "cat")->id;
        CLEANUP(mem_free) char *group = NULL;
        CLEANUP(mem_free) char *name = NULL;

        (void)change(&s, STARTING, 0, false, 1); /* made it known */
        assert_true(report_removed(s.reports, id, &group, &name));
        assert_string_equal(group, "cat");
        assert_string_equal(name, "cat");
        assert_false(report_removed(s.reports, id, &group, &name));
        end(&s);
}

static void a_name_that_no_other_instance_takes_is_not_told(void **state)
{
        CLEANUP(reports_free) struct reports *reports = reports_new();
        CLEANUP(host_free) struct host *host = host_new();
        struct fleet_report *all;
        size_t count = 1;

        host_program(host_group(host, "c\nat", 999), "cat");
        host_boot(host);
        all = report_all(reports, host->engine, (struct report_time){ 1, 1 }, &count);
        assert_int_equal(count, 0);
        report_all_free(all, count);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_report_tells_what_is_configured),
                cmocka_unit_test(times_of_start_and_stop_are_kept_on_the_monotonic_clock),
                cmocka_unit_test(a_state_that_lasts_no_time_is_told_though_the_engine_is_ahead),
                cmocka_unit_test(the_description_is_that_of_the_told_state),
                cmocka_unit_test(a_process_that_is_gone_can_still_be_named_once),
                cmocka_unit_test(a_name_that_no_other_instance_takes_is_not_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
