/* What supvisors.* tells of applications and processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/monotonic.h"
#include "rpc/listing.h"
#include "tests/unit/supvisors_world.h"

#define APPLICATION(name, managed, state, failures)                                           \
        "{'application_name': '" name "', 'managed': " managed ", 'now_monotonic': T, " state \
        ", " failures "}"
#define IS_RUNNING "'statecode': 2, 'statename': 'RUNNING'"
#define IS_STOPPED "'statecode': 0, 'statename': 'STOPPED'"
#define NO_FAILURE "'major_failure': False, 'minor_failure': False"

static void applications_come_in_the_order_of_discovery(void **state)
{
        supvisors_world_check(*state,
                "[" APPLICATION("cat", "False", IS_RUNNING, NO_FAILURE) ", " APPLICATION("b",
                        "True", IS_RUNNING,
                        NO_FAILURE) ", " APPLICATION("x", "False", IS_STOPPED, NO_FAILURE) "]",
                "supvisors.get_all_applications_info", "");
}

static void an_application_shows_its_failures(void **state)
{
        struct supvisors_world *w = *state;
        const char *method = "supvisors.get_application_info";
        struct fleet_report report = supvisors_world_told("b", "b2", FATAL);

        supvisors_world_report(w, 0, &report);
        supvisors_world_check(w,
                APPLICATION(
                        "b", "True", IS_RUNNING, "'major_failure': False, 'minor_failure': True"),
                method, "s", "b");
        report = supvisors_world_told("b", "b1", FATAL);
        supvisors_world_report(w, 0, &report);
        supvisors_world_check(w,
                APPLICATION(
                        "b", "True", IS_STOPPED, "'major_failure': True, 'minor_failure': False"),
                method, "s", "b");
        supvisors_world_check(
                w, "[10] BAD_NAME: application=nix unknown to Supvisors", method, "s", "nix");
}

static void rules_of_an_unmanaged_application_are_two_members(void **state)
{
        supvisors_world_check(*state, "{'application_name': 'cat', 'managed': False}",
                "supvisors.get_application_rules", "s", "cat");
}

static void rules_of_an_application_are_told(void **state)
{
        struct supvisors_world *w = *state;
        const char *method = "supvisors.get_application_rules";
        struct fleet_report report = supvisors_world_told("lone", "p", STOPPED);

        supvisors_world_check(w,
                "{'application_name': 'b', 'managed': True, 'distribution': 'ALL_INSTANCES', "
                "'identifiers': ['*'], 'start_sequence': 2, 'stop_sequence': 2, "
                "'starting_strategy': 'LESS_LOADED', 'starting_failure_strategy': 'CONTINUE', "
                "'running_failure_strategy': 'CONTINUE', 'status_formula': ''}",
                method, "s", "b");
        supvisors_world_report(w, 0, &report);
        supvisors_world_check(w,
                "{'application_name': 'lone', 'managed': True, 'distribution': 'SINGLE_NODE', "
                "'identifiers': ['n1', 'blue'], 'start_sequence': 0, 'stop_sequence': 0, "
                "'starting_strategy': 'CONFIG', 'starting_failure_strategy': 'ABORT', "
                "'running_failure_strategy': 'CONTINUE', 'status_formula': \"any('p.*')\"}",
                method, "s", "lone");
        supvisors_world_check(
                w, "[10] BAD_NAME: application=nix unknown to Supvisors", method, "s", "nix");
}

#define PROCESS(application, name, state, where, args)                   \
        "{'application_name': '" application "', 'process_name': '" name \
        "', 'now_monotonic': T, " state ", 'expected_exit': True, "      \
        "'last_event_mtime': 1000.0, 'identifiers': [" where "], 'extra_args': '" args "'}"
#define P_RUNNING "'statecode': 20, 'statename': 'RUNNING'"
#define P_STOPPED "'statecode': 0, 'statename': 'STOPPED'"
#define CAT       PROCESS("cat", "cat", P_RUNNING, "'h1:60001'", "")
#define B1        PROCESS("b", "b1", P_RUNNING, "'h1:60001'", "")
#define B2        PROCESS("b", "b2", P_STOPPED, "", "")
#define X         PROCESS("x", "x", P_STOPPED, "", "")

static void processes_are_told_by_application(void **state)
{
        supvisors_world_check(
                *state, "[" CAT ", " B1 ", " B2 ", " X "]", "supvisors.get_all_process_info", "");
}

static void a_namespec_means_a_process_or_all_of_a_group(void **state)
{
        struct supvisors_world *w = *state;
        const char *method = "supvisors.get_process_info";

        supvisors_world_check(w, "[" B1 "]", method, "s", "b:b1");
        supvisors_world_check(w, "[" CAT "]", method, "s", "cat");
        supvisors_world_check(w, "[" B1 ", " B2 "]", method, "s", "b:*");
        supvisors_world_check(w, "[" B1 ", " B2 "]", method, "s", "b:");
        supvisors_world_check(
                w, "[10] BAD_NAME: application=nix unknown to Supvisors", method, "s", "nix");
        supvisors_world_check(
                w, "[10] BAD_NAME: process=nix unknown in application=b", method, "s", "b:nix");
        supvisors_world_check(
                w, "[10] BAD_NAME: process=b unknown in application=b", method, "s", "b");
}

static void what_runs_twice_shows_both_places(void **state)
{
        struct supvisors_world *w = *state;
        struct fleet_report report = supvisors_world_told("b", "b1", RUNNING);

        report.extra_args = "-v <&>";
        supvisors_world_report(w, 1, &report);
        supvisors_world_check(w,
                "[" PROCESS("b", "b1", P_RUNNING, "'h1:60001', 'h2:60002'", "-v <&>") "]",
                "supvisors.get_process_info", "s", "b:b1");
        supvisors_world_check(w,
                "[" PROCESS("b", "b1", P_RUNNING, "'h1:60001', 'h2:60002'", "-v <&>") "]",
                "supvisors.get_conflicts", "");
}

static void conflicts_of_unmanaged_applications_are_none(void **state)
{
        struct supvisors_world *w = *state;
        struct fleet_report report = supvisors_world_told("cat", "cat", RUNNING);

        supvisors_world_report(w, 1, &report);
        supvisors_world_check(w,
                "[" PROCESS("cat", "cat", P_RUNNING, "'h1:60001', 'h2:60002'", "") "]",
                "supvisors.get_process_info", "s", "cat");
        supvisors_world_check(w, "[]", "supvisors.get_conflicts", "");
}

static void a_forced_state_is_shown_and_the_local_one_stays(void **state)
{
        struct supvisors_world *w = *state;

        supvisors_world_feed(w, &(struct fleet_event){
                                        .type = FLEET_FORCED,
                                        .forced = { .group = "b",
                                                .name = "b2",
                                                .state = FATAL,
                                                .reason = "No resource available",
                                                .target = FLEET_NONE },
                                });
        supvisors_world_check(w,
                "[" PROCESS("b", "b2", "'statecode': 200, 'statename': 'FATAL'", "", "") "]",
                "supvisors.get_process_info", "s", "b:b2");
        supvisors_world_check(w,
                "{'group': 'b', 'name': 'b2', 'state': 0, 'statename': 'STOPPED', 'start': 0, "
                "'stop': 0, 'now': N, 'pid': 0, 'description': 'Not started', 'spawnerr': '', "
                "'expected': True, 'start_monotonic': 0.0, 'stop_monotonic': 0.0, "
                "'now_monotonic': T, 'extra_args': '', 'startsecs': 1, 'stopwaitsecs': 10, "
                "'process_index': 0, 'program_name': 'b2', 'disabled': False, 'has_stdout': True, "
                "'has_stderr': True}",
                "supvisors.get_local_process_info", "s", "b:b2");
}

#define RULES(name, where, more)                                                                  \
        "{'application_name': 'b', 'process_name': '" name "', 'identifiers': [" where "], " more \
        "}"
#define B1_RULES                                                              \
        RULES("b1", "'n2', 'blue'",                                           \
                "'start_sequence': 1, 'stop_sequence': 3, 'required': True, " \
                "'wait_exit': False, 'expected_loading': 20, "                \
                "'starting_failure_strategy': 'CONTINUE', "                   \
                "'running_failure_strategy': 'CONTINUE'")
#define B2_RULES                                                               \
        RULES("b2", "",                                                        \
                "'start_sequence': 2, 'stop_sequence': 2, 'required': False, " \
                "'wait_exit': True, 'expected_loading': 0, "                   \
                "'starting_failure_strategy': 'CONTINUE', "                    \
                "'running_failure_strategy': 'RESTART_PROCESS'")

static void rules_of_processes_are_told(void **state)
{
        struct supvisors_world *w = *state;
        const char *method = "supvisors.get_process_rules";

        supvisors_world_check(w, "[" B1_RULES "]", method, "s", "b:b1");
        supvisors_world_check(w, "[" B1_RULES ", " B2_RULES "]", method, "s", "b:*");
        supvisors_world_check(w,
                "[{'application_name': 'cat', 'process_name': 'cat', 'identifiers': ['*'], "
                "'start_sequence': 0, 'stop_sequence': 0, 'required': False, 'wait_exit': False, "
                "'expected_loading': 0, 'starting_failure_strategy': 'ABORT', "
                "'running_failure_strategy': 'CONTINUE'}]",
                method, "s", "cat");
        supvisors_world_check(
                w, "[10] BAD_NAME: application=nix unknown to Supvisors", method, "s", "nix");
}

static void a_resolved_sign_shows_where_the_process_may_run(void **state)
{
        struct supvisors_world *w = *state;
        struct fleet_process *b2 = fleet_process_find(fleet_application_find(w->fleet, "b"), "b2");

        b2->assigned = mem_resize(b2->assigned, 1, sizeof(*b2->assigned));
        b2->assigned[0] = 1;
        b2->assigned_count = 1;
        b2->is_assigned = true;
        supvisors_world_check(w,
                "[" RULES("b2", "'h2:60002'",
                        "'start_sequence': 2, 'stop_sequence': 2, 'required': False, "
                        "'wait_exit': True, 'expected_loading': 0, "
                        "'starting_failure_strategy': 'CONTINUE', "
                        "'running_failure_strategy': 'RESTART_PROCESS'") "]",
                "supvisors.get_process_rules", "s", "b:b2");
}

static void local_processes_are_the_engines(void **state)
{
        struct supvisors_world *w = *state;
        struct process *cat = w->calls->cat;
        struct program *program = (struct program *)cat->program;

        cat->state = FATAL;
        cat->spawnerr = mem_strdup("no");
        cat->start_wall = 1699999000 * USEC_SEC;
        cat->stop_wall = 1699999010 * USEC_SEC;
        cat->started = 800250000;
        cat->disabled = true;
        cat->extra_args = mem_strdup("-v");
        program->index = 3;
        program->label = mem_strdup("kitten");
        program->startsecs = 0;
        program->stopwaitsecs = 7;
        program->out.kind = LOGFILE_JOURNAL;
        program->redirect_stderr = true;
        supvisors_world_check(w,
                "{'group': 'cat', 'name': 'cat', 'state': 200, 'statename': 'FATAL', "
                "'start': 1699999000, 'stop': 1699999010, 'now': N, 'pid': 0, "
                "'description': 'no', 'spawnerr': 'no', 'expected': False, "
                "'start_monotonic': 800.25, 'stop_monotonic': 700.5, 'now_monotonic': T, "
                "'extra_args': '-v', 'startsecs': 0, 'stopwaitsecs': 7, 'process_index': 3, "
                "'program_name': 'kitten', 'disabled': True, 'has_stdout': False, "
                "'has_stderr': False}",
                "supvisors.get_local_process_info", "s", "cat");
        supvisors_world_check(
                w, "[10] BAD_NAME: b:*", "supvisors.get_local_process_info", "s", "b:*");
        supvisors_world_check(
                w, "[10] BAD_NAME: nix", "supvisors.get_local_process_info", "s", "nix");
}

/* The names that a list of structs tells, in its order. */
static char *names_in(const char *words)
{
        static const char key[] = "'name': '";
        struct text names = {};

        for (const char *at = words; (at = strstr(at, key));) {
                at += strlen(key);
                text_append_bytes(&names, at, strcspn(at, "'"));
                text_append_char(&names, ' ');
        }
        return text_take(&names);
}

static void check_names(struct supvisors_world *w, const char *want, const char *method,
        const char *types, const char *first, const char *second)
{
        CLEANUP(call_free)
        struct call *call = call_world_start(w->calls, method, types, first, second);
        CLEANUP(mem_free) char *got = call_world_result(call), *names = names_in(got);

        assert_string_equal(names, want);
}

static void local_processes_come_by_group_and_name(void **state)
{
        check_names(*state, "b1 b2 cat ", "supvisors.get_all_local_process_info", "", NULL, NULL);
}

static void inner_processes_are_what_was_told(void **state)
{
        struct supvisors_world *w = *state;
        struct fleet_report report = supvisors_world_told("b", "b2", RUNNING);

        report.pid = 77;
        report.description = "pid 77, uptime 0:00:01";
        report.start = 1699999990 * USEC_SEC;
        report.start_monotonic = 390 * USEC_SEC;
        report.event_time = 400500000;
        report.process_index = 4;
        report.has_stderr = true;
        supvisors_world_report(w, 1, &report);
        supvisors_world_check(w,
                "[{'group': 'b', 'name': 'b2', 'state': 20, 'statename': 'RUNNING', "
                "'start': 1699999990, 'stop': 0, 'now': N, 'pid': 77, "
                "'description': 'pid 77, uptime U', 'spawnerr': '', 'expected': True, "
                "'start_monotonic': 390.0, 'stop_monotonic': 0.0, 'now_monotonic': T, "
                "'extra_args': '', 'startsecs': 1, 'stopwaitsecs': 10, 'process_index': 4, "
                "'program_name': 'b2', 'disabled': False, 'has_stdout': False, "
                "'has_stderr': True, 'local_mtime': 1000.0, 'event_time': 400.5, 'uptime': T, "
                "'has_crashed': False, 'identifier': 'h2:60002', 'nick_identifier': 'n2'}]",
                "supvisors.get_inner_process_info", "ss", "n2", "b:b2");
        report = supvisors_world_told("b", "b2", FATAL);
        report.event_time = 450 * USEC_SEC;
        report.spawnerr = "no";
        supvisors_world_report(w, 1, &report);
        supvisors_world_check(w,
                "[{'group': 'b', 'name': 'b2', 'state': 200, 'statename': 'FATAL', "
                "'start': 0, 'stop': 0, 'now': N, 'pid': 0, "
                "'description': '', 'spawnerr': 'no', 'expected': True, "
                "'start_monotonic': 0.0, 'stop_monotonic': 0.0, 'now_monotonic': T, "
                "'extra_args': '', 'startsecs': 1, 'stopwaitsecs': 10, 'process_index': 0, "
                "'program_name': 'b2', 'disabled': False, 'has_stdout': False, "
                "'has_stderr': False, 'local_mtime': 1000.0, 'event_time': 450.0, 'uptime': 0, "
                "'has_crashed': True, 'identifier': 'h2:60002', 'nick_identifier': 'n2'}]",
                "supvisors.get_inner_process_info", "ss", "n2", "b:b2");
}

static char *inner(struct supvisors_world *w, const char *identifier, const char *namespec)
{
        CLEANUP(call_free)
        struct call *call = call_world_start(
                w->calls, "supvisors.get_inner_process_info", "ss", identifier, namespec);

        return call_world_result(call);
}

static double now_in(struct supvisors_world *w, const char *identifier, const char *namespec)
{
        static const char key[] = "'now_monotonic': ";
        CLEANUP(mem_free) char *got = inner(w, identifier, namespec);
        const char *at = strstr(got, key);

        assert_non_null(at);
        return strtod(at + strlen(key), NULL);
}

static void clocks_of_others_are_told_as_they_run_there(void **state)
{
        struct supvisors_world *w = *state;
        struct fleet_report report = supvisors_world_told("x", "x", STOPPED);
        double ours = now_in(w, "n1", "cat"), theirs;

        report.now_monotonic = 1500 * USEC_SEC; /* when ours showed 1000 */
        supvisors_world_report(w, 1, &report);
        theirs = now_in(w, "n2", "x");
        assert_true(theirs >= ours + 500 && theirs < ours + 600);
        report.now_monotonic = 990 * USEC_SEC;
        report.state = EXITED;
        supvisors_world_report(w, 1, &report);
        theirs = now_in(w, "n2", "x");
        assert_true(theirs >= ours - 10 && theirs < ours + 90);
        assert_true(theirs < now_in(w, "n1", "cat") - 9);
}

static void what_has_passed_since_a_start_is_told_by_the_clocks_of_its_instance(void **state)
{
        struct supvisors_world *w = *state;
        struct fleet_report report = supvisors_world_told("x", "x", RUNNING);
        usec_t up = 3 * 86400 * USEC_SEC + 30 * USEC_SEC, now = monotonic_now();
        CLEANUP(mem_free) char *got = NULL;

        /* It is ahead of us by a year, and the fleet heard of it when ours showed 1000 s. */
        report.pid = 5;
        report.description = "pid 5, uptime 0:00:00";
        report.now_monotonic = (1000 + 365 * 86400) * USEC_SEC;
        report.start_monotonic = 365 * 86400 * USEC_SEC + now - up;
        supvisors_world_report(w, 1, &report);
        w->host->ticks[1].remote_time = 1234567890;
        got = inner(w, "n2", "x");
        assert_non_null(strstr(got, "'now': 1234567890,"));
        assert_non_null(strstr(got, "'description': 'pid 5, uptime 3 days, 0:00:3"));
}

static void inner_processes_come_by_instance(void **state)
{
        struct supvisors_world *w = *state;
        const char *all = "supvisors.get_all_inner_process_info";
        const char *one = "supvisors.get_inner_process_info";

        check_names(w, "cat b1 b2 ", all, "s", "n1", NULL);
        check_names(w, "cat b1 b2 b1 b2 x ", all, "s", "red", NULL);
        check_names(w, "", all, "s", "n3", NULL);
        check_names(w, "b1 b2 b1 b2 ", one, "ss", "red", "b:*");
        check_names(w, "", one, "ss", "n1", "x:*");
        check_names(w, "b1 ", one, "ss", "blue", "b:b1");
}

static void inner_processes_that_are_not_there_are_refused(void **state)
{
        struct supvisors_world *w = *state;
        const char *method = "supvisors.get_inner_process_info";

        supvisors_world_check(
                w, "[30] FAILED: cat unknown on h2:60002", method, "ss", "red", "cat");
        supvisors_world_check(
                w, "[30] FAILED: b:b1 unknown on h3:60003", method, "ss", "n3", "b:b1");
        supvisors_world_check(w, "[10] BAD_NAME: identifier=nix is unknown to Supvisors", method,
                "ss", "nix", "cat");
        supvisors_world_check(w, "[10] BAD_NAME: process=nix unknown in application=b", method,
                "ss", "n1", "b:nix");
        supvisors_world_check(w, "[10] BAD_NAME: identifier=nix is unknown to Supvisors",
                "supvisors.get_all_inner_process_info", "s", "nix");
}

#define TEST(name) \
        cmocka_unit_test_setup_teardown(name, supvisors_world_setup, supvisors_world_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(applications_come_in_the_order_of_discovery),
                TEST(an_application_shows_its_failures),
                TEST(rules_of_an_unmanaged_application_are_two_members),
                TEST(rules_of_an_application_are_told),
                TEST(processes_are_told_by_application),
                TEST(a_namespec_means_a_process_or_all_of_a_group),
                TEST(what_runs_twice_shows_both_places),
                TEST(conflicts_of_unmanaged_applications_are_none),
                TEST(a_forced_state_is_shown_and_the_local_one_stays),
                TEST(rules_of_processes_are_told),
                TEST(a_resolved_sign_shows_where_the_process_may_run),
                TEST(local_processes_are_the_engines),
                TEST(local_processes_come_by_group_and_name),
                TEST(inner_processes_are_what_was_told),
                TEST(clocks_of_others_are_told_as_they_run_there),
                TEST(what_has_passed_since_a_start_is_told_by_the_clocks_of_its_instance),
                TEST(inner_processes_come_by_instance),
                TEST(inner_processes_that_are_not_there_are_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
