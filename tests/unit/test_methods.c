/* What the methods answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/call_world.h"

static void the_table_is_sorted_and_whole(void **state)
{
        const struct method *row, *before = NULL;
        size_t count = 0;

        for (; (row = method_at(count)); count++, before = row) {
                const struct method *m = method_target(row);

                if (before)
                        assert_true(strcmp(before->name, row->name) < 0);
                assert_non_null(m);
                assert_non_null(m->handler);
                assert_non_null(m->help);
                assert_non_null(m->result_text);
                assert_null(m->alias_of);
                assert_null(m->params[METHOD_PARAMS_MAX].name);
        }
        assert_int_equal(count, 41 + 44 + 15);
}

static void list_methods_tells_what_is_offered(void **state)
{
        struct call_world *w = *state;
        CLEANUP(calls_free) struct calls *bare = calls_new(&fake_host_calls_bare, &w->host);
        struct xml_call decoded = { mem_strdup("system.listMethods"), value_new(VALUE_ARRAY) };
        CLEANUP(call_free) struct call *call = call_new(bare, &decoded);
        CLEANUP(call_free) struct call *all = call_world_start(w, "system.listMethods", "");
        CLEANUP(mem_free) char *got = NULL, *got_all = call_world_result(all);

        assert_true(call_run(call, call_world_done, w));
        got = call_world_result(call);
        assert_string_equal(got, "['system.listMethods', 'system.methodHelp', "
                                 "'system.methodSignature', 'system.multicall']");
        assert_non_null(strstr(got_all, "'supervisor.tailProcessStdoutLog'"));
        assert_non_null(strstr(got_all, "'supervisor.getVersion'"));
}

static void signatures_are_those_of_the_table(void **state)
{
        struct call_world *w = *state;
        const char *name = "system.methodSignature";

        call_world_check(
                w, "['boolean', 'string', 'boolean']", name, "s", "supervisor.startProcess");
        call_world_check(
                w, "['string', 'string', 'int', 'int']", name, "s", "supervisor.readProcessLog");
        call_world_check(w, "['array', 'array']", name, "s", "system.multicall");
        call_world_check(w, "['array']", name, "s", "supervisor.clearAllProcessLogs");
        call_world_check(w, "[4] SIGNATURE_UNSUPPORTED", name, "s", "supervisor.nix");
        call_world_check(w, "[4] SIGNATURE_UNSUPPORTED", "system.methodHelp", "s", "");
}

static void help_has_a_line_for_each_parameter(void **state)
{
        struct call_world *w = *state;
        CLEANUP(call_free)
        struct call *call =
                call_world_start(w, "system.methodHelp", "s", "supervisor.clearProcessLog");
        CLEANUP(mem_free) char *got = call_world_result(call);

        assert_non_null(strstr(got, "\n@param string name "));
        assert_non_null(strstr(got, "\n@return boolean "));
}

static void the_unknown_is_refused_with_fault_1(void **state)
{
        struct call_world *w = *state;

        call_world_check(w, "[1] UNKNOWN_METHOD", "supervisor.nix", "");
        call_world_check(w, "[1] UNKNOWN_METHOD", "getState", "");
        call_world_check(w, "[1] UNKNOWN_METHOD", "supervisor.getState.x", "");
        call_world_check(w, "[1] UNKNOWN_METHOD", "supervisor._x", "");
        call_world_check(w, "[1] UNKNOWN_METHOD", " supervisor.getState", "");
        call_world_check(w, "[1] UNKNOWN_METHOD", "supervisor.getstate", "");
}

static void wrong_parameters_are_refused_with_fault_2(void **state)
{
        struct call_world *w = *state;

        call_world_check(w, "[2] INCORRECT_PARAMETERS", "supervisor.getState", "i", 1);
        call_world_check(w, "[2] INCORRECT_PARAMETERS", "supervisor.startProcess", "");
        call_world_check(
                w, "[2] INCORRECT_PARAMETERS", "supervisor.startProcess", "sbb", "cat", 1, 1);
        call_world_check(w, "[2] INCORRECT_PARAMETERS: parameter 'name' is no string",
                "supervisor.startProcess", "i", 5);
        call_world_check(w, "[2] INCORRECT_PARAMETERS: parameter 'offset' is no int",
                "supervisor.readLog", "si", "x", 1);
        call_world_check(w, "[2] INCORRECT_PARAMETERS: parameter 'signal' is no string",
                "supervisor.signalProcess", "sb", "cat", 1);
        call_world_check(
                w, "[2] INCORRECT_PARAMETERS: []", "supervisor.sendProcessStdin", "sa", "nix");
        call_world_check(
                w, "[2] INCORRECT_PARAMETERS: 42", "supervisor.sendProcessStdin", "si", "nix", 42);
        assert_null(w->host.events.data);
}

static void simple_questions_have_simple_answers(void **state)
{
        struct call_world *w = *state;
        CLEANUP(mem_free) char *pid = mem_format("%d", (int)getpid());

        call_world_check(w, "3.0", "supervisor.getAPIVersion", "");
        call_world_check(w, "3.0", "supervisor.getVersion", "");
        call_world_check(w, "4.3.0", "supervisor.getSupervisorVersion", "");
        call_world_check(w, "supervisor", "supervisor.getIdentification", "");
        call_world_check(w, "{'statecode': 1, 'statename': 'RUNNING'}", "supervisor.getState", "");
        call_world_check(w, pid, "supervisor.getPID", "");
}

static void during_shutdown_supervisor_methods_fault_before_their_parameters_are_looked_at(
        void **state)
{
        struct call_world *w = *state;
        static const char *const names[] = { "supervisor.getState", "supervisor.getVersion",
                "supervisor.shutdown", "supervisor.reloadConfig", "supervisor.getAllProcessInfo" };

        w->host.engine->mood = MOOD_SHUTDOWN;
        for (size_t i = 0; i < ELEMENTS(names); i++)
                call_world_check(w, "[6] SHUTDOWN_STATE", names[i], "");
        w->host.engine->mood = MOOD_RESTARTING;
        call_world_check(w, "[6] SHUTDOWN_STATE", "supervisor.getProcessInfo", "i", 1);
        call_world_check(w, "[2] INCORRECT_PARAMETERS", "supervisor.getProcessInfo", "");
        call_world_check(w, "True", "supervisor.sendRemoteCommEvent", "ss", "t", "d");
        call_world_check(w, "['array']", "system.methodSignature", "s", "system.listMethods");
        assert_string_equal(w->host.remote.data, "t=d\n");
}

static void an_event_may_carry_any_scalar_as_its_text(void **state)
{
        struct call_world *w = *state;

        call_world_check(w, "True", "supervisor.sendRemoteCommEvent", "si", "t", 18);
        call_world_check(w, "True", "supervisor.sendRemoteCommEvent", "is", 5, "d");
        call_world_check(w, "[2] INCORRECT_PARAMETERS: parameter 'data' is no string",
                "supervisor.sendRemoteCommEvent", "sa", "t");
        assert_string_equal(w->host.remote.data, "t=18\n5=d\n");
}

static void info_has_all_members_in_order(void **state)
{
        struct call_world *w = *state;
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *got = NULL;
        char *now;

        w->cat->state = RUNNING;
        w->cat->pid = 77;
        w->cat->start_wall = (usec_t)time(NULL) * USEC_SEC - (2 * 86400 + 3723) * USEC_SEC;
        w->cat->stop_wall = 5 * USEC_SEC + 999999;
        w->cat->has_exitstatus = true;
        w->cat->exitstatus = -1;
        w->host.out_log = "/x/out";
        call = call_world_start(w, "supervisor.getProcessInfo", "s", "cat");
        got = call_world_result(call);
        now = strstr(got, "'now': ");
        assert_non_null(now);
        assert_true(strtol(now + 7, NULL, 10) > 1000000000);
        assert_true(text_starts(got, "{'name': 'cat', 'group': 'cat', 'start': "));
        assert_non_null(strstr(got, ", 'stop': 5, 'now': "));
        assert_non_null(strstr(got, ", 'state': 20, 'statename': 'RUNNING', 'spawnerr': '', "
                                    "'exitstatus': -1, 'logfile': '/x/out', 'stdout_logfile': "
                                    "'/x/out', 'stderr_logfile': '', 'pid': 77, 'description': "
                                    "'pid 77, uptime 2 days, 1:02:0"));
}

static void check_description(struct call_world *w, const char *want)
{
        CLEANUP(call_free)
        struct call *call = call_world_start(w, "supervisor.getProcessInfo", "s", "b:b1");
        CLEANUP(mem_free) char *got = call_world_result(call);
        const char *description = strstr(got, "'description': ");

        assert_non_null(description);
        assert_string_equal(description + strlen("'description': "), want);
}

/* Now, when this second lasts for a while still. */
static usec_t early_in_a_second(void)
{
        struct timespec now;

        while (clock_gettime(CLOCK_REALTIME, &now) == 0 && now.tv_nsec > 500000000)
                (void)usleep(50000);
        return (usec_t)now.tv_sec * USEC_SEC;
}

static void descriptions_are_worded_by_state(void **state)
{
        struct call_world *w = *state;
        struct process *p = w->b1;

        assert_int_equal(setenv("TZ", "UTC", 1), 0);
        tzset();
        check_description(w, "'Not started'}");
        p->start_wall = 1;
        p->stop_wall = 1795326655 * USEC_SEC;
        check_description(w, "'Nov 22 05:50 AM'}");
        p->state = EXITED;
        p->stop_wall += 12 * 3600 * USEC_SEC;
        check_description(w, "'Nov 22 05:50 PM'}");
        p->stop_wall = 0;
        check_description(w, "'Jan 01 12:00 AM'}");
        p->state = FATAL;
        check_description(w, "'unknown error (try \"tail b1\")'}");
        p->state = BACKOFF;
        p->spawnerr = mem_strdup("can't find command '/nix'");
        check_description(w, "\"can't find command '/nix'\"}");
        p->state = STARTING;
        check_description(w, "''}");
        p->state = RUNNING;
        p->pid = 5;
        p->start_wall = ((usec_t)time(NULL) + 100) * USEC_SEC;
        check_description(w, "'pid 5, uptime 0:00:00'}");
        p->start_wall = early_in_a_second() - 90000 * USEC_SEC;
        check_description(w, "'pid 5, uptime 1 day, 1:00:00'}");
}

static void times_are_capped_to_32_bits(void **state)
{
        struct call_world *w = *state;
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *got = NULL;

        w->cat->start_wall = 5000000000 * USEC_SEC;
        call = call_world_start(w, "supervisor.getProcessInfo", "s", "cat");
        got = call_world_result(call);
        assert_non_null(strstr(got, "'start': 2147483647,"));
}

static void all_info_is_sorted_by_group_and_name(void **state)
{
        struct call_world *w = *state;
        CLEANUP(call_free)
        struct call *call = call_world_start(w, "supervisor.getAllProcessInfo", "");
        CLEANUP(mem_free) char *got = call_world_result(call);
        const char *b1 = strstr(got, "'b1'"), *b2 = strstr(got, "'b2'"),
                   *cat = strstr(got, "'cat'");

        assert_true(b1 && b2 && cat && b1 < b2 && b2 < cat);
        call_world_check(w, "[10] BAD_NAME: b:*", "supervisor.getProcessInfo", "s", "b:*");
}

static void finish(struct call_world *w, struct answer *answer)
{
        w->done = false;
        calls_answer(w->calls, w->host.last_request, answer);
        assert_true(w->done);
}

static void a_log_in_the_journal_is_asked_of_the_host(void **state)
{
        struct call_world *w = *state;
        struct program *cat = w->host.engine->groups[0]->config->programs[0];
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *read = NULL, *tail = NULL;
        struct answer *answer = answer_new(ANSWER_LOG);

        cat->out.kind = cat->err.kind = LOGFILE_JOURNAL;
        call = call_world_start(w, "supervisor.readProcessStdoutLog", "sii", "cat", -5, 0);
        assert_string_equal(text_string(&w->host.events), "read stdout of 1 from -5, 0 bytes\n");
        finish(w, answer_new_text("line\n"));
        read = call_world_result(call);
        assert_string_equal(read, "line\n");
        call_free(call);
        text_truncate(&w->host.events, 0);
        call = call_world_start(w, "supervisor.tailProcessStderrLog", "sii", "cat", 3, 10);
        assert_string_equal(text_string(&w->host.events), "tail stderr of 1 from 3, 10 bytes\n");
        answer->text = mem_strdup("e\n");
        answer->size = 12;
        answer->overflow = true;
        finish(w, answer);
        tail = call_world_result(call);
        assert_string_equal(tail, "['e\\n', 12, True]");
        call_free(call);
        text_truncate(&w->host.events, 0);
        call = call_world_start(w, "supervisor.readProcessStderrLog", "sii", "cat", 0, 0);
        call = call_free(call); /* its client has left */
        assert_string_equal(
                text_string(&w->host.events), "read stderr of 1 from 0, 0 bytes\ndrop the log\n");
}

static void config_info_has_all_members_in_order(void **state)
{
        struct call_world *w = *state;
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *got = NULL;
        struct program *a = fake_engine_add_pending(w->host.engine, "later", "a");

        a->has_user = true;
        a->user = 33;
        a->directory = mem_strdup("/d");
        a->out.kind = LOGFILE_AUTO;
        a->err.kind = LOGFILE_PATH;
        a->err.path = mem_strdup("/e");
        a->out.bytes_max = (int64_t)3 << 30;
        a->serverurl = mem_strdup("http://x");
        call = call_world_start(w, "supervisor.getAllConfigInfo", "");
        got = call_world_result(call);
        assert_true(text_starts(got,
                "[{'autostart': True, 'directory': '/d', 'uid': 33, 'command': '/bin/cat', "
                "'exitcodes': [0], 'group': 'later', 'group_prio': 999, 'inuse': False, "
                "'killasgroup': False, 'name': 'a', 'process_prio': 999, 'redirect_stderr': False, "
                "'startretries': 3, 'startsecs': 1, 'stdout_capture_maxbytes': 0, "
                "'stdout_events_enabled': False, 'stdout_logfile': 'auto', "
                "'stdout_logfile_backups': 10, 'stdout_logfile_maxbytes': 3221225472, "
                "'stdout_syslog': False, 'stopsignal': 15, 'stopwaitsecs': 10, "
                "'stderr_capture_maxbytes': 0, 'stderr_events_enabled': False, "
                "'stderr_logfile': '/e', 'stderr_logfile_backups': 10, "
                "'stderr_logfile_maxbytes': 52428800, 'stderr_syslog': False, "
                "'serverurl': 'http://x'}, {"));
        assert_non_null(strstr(got, "'uid': 'none'"));
        assert_non_null(strstr(got, "'inuse': True"));
}

static void an_automatic_log_has_its_name_once_its_group_is_active(void **state)
{
        struct call_world *w = *state;
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *got = NULL;

        w->host.out_log = "/tmp/cat-stdout---x.log";
        call = call_world_start(w, "supervisor.getAllConfigInfo", "");
        got = call_world_result(call);
        assert_non_null(strstr(got, "'stdout_logfile': '/tmp/cat-stdout---x.log'"));
        assert_non_null(strstr(got, "'stdout_logfile': 'auto'"));
}

static void stdin_is_written_to_running_processes_only(void **state)
{
        struct call_world *w = *state;
        const char *name = "supervisor.sendProcessStdin";

        call_world_check(w, "[10] BAD_NAME: nix", name, "ss", "nix", "x");
        call_world_check(w, "[70] NOT_RUNNING: cat", name, "ss", "cat", "x");
        w->cat->pid = 5;
        call_world_check(w, "True", name, "ss", "cat", "h\xc3\xa9\n");
        w->host.stdin_result = -EPIPE;
        call_world_check(w, "[20] NO_FILE: cat", name, "ss", "cat", "x");
        w->cat->stop_asked = true;
        call_world_check(w, "[70] NOT_RUNNING: cat", name, "ss", "cat", "x");
        assert_string_equal(w->host.stdin_of.data, "1:h\xc3\xa9\n\n1:x\n");
}

static void logs_are_cleared_of_running_processes(void **state)
{
        struct call_world *w = *state;

        call_world_check(w, "[10] BAD_NAME: b:*", "supervisor.clearProcessLogs", "s", "b:*");
        call_world_check(w, "True", "supervisor.clearProcessLog", "s", "cat");
        assert_null(w->host.cleared.data);
        w->cat->pid = 5;
        w->b1->pid = 6;
        call_world_check(w, "True", "supervisor.clearProcessLogs", "s", "cat");
        call_world_check(w,
                "[{'name': 'b2', 'group': 'b', 'status': 80, 'description': 'OK'}, "
                "{'name': 'b1', 'group': 'b', 'status': 80, 'description': 'OK'}, "
                "{'name': 'cat', 'group': 'cat', 'status': 80, 'description': 'OK'}]",
                "supervisor.clearAllProcessLogs", "");
        assert_string_equal(w->host.cleared.data, "1\n3\n1\n");
        w->host.clear_result = -EACCES;
        call_world_check(w, "[30] FAILED: cat", "supervisor.clearProcessLogs", "s", "cat");
        ((struct program *)w->b1->program)->priority = 1;
        call_world_check(w,
                "[{'name': 'b1', 'group': 'b', 'status': 30, 'description': 'FAILED: b:b1'}, "
                "{'name': 'b2', 'group': 'b', 'status': 80, 'description': 'OK'}, "
                "{'name': 'cat', 'group': 'cat', 'status': 30, 'description': 'FAILED: cat'}]",
                "supervisor.clearAllProcessLogs", "");
}

static void a_log_that_is_not_there_is_no_file(void **state)
{
        struct call_world *w = *state;

        call_world_check(w, "[20] NO_FILE", "supervisor.readLog", "ii", 0, 0);
        call_world_check(w, "[20] NO_FILE", "supervisor.clearLog", "");
        call_world_check(w, "[20] NO_FILE", "supervisor.readProcessLog", "sii", "cat", 0, 0);
        call_world_check(w, "[10] BAD_NAME: nix", "supervisor.readProcessLog", "sii", "nix", 0, 0);
        call_world_check(w, "[10] BAD_NAME: nix", "supervisor.tailProcessLog", "sii", "nix", 0, 0);
        call_world_check(w, "['', 0, False]", "supervisor.tailProcessLog", "sii", "cat", 5, 9);
        w->host.out_log = "/nonexistent/log";
        w->host.main_log = "/nonexistent/main";
        call_world_check(w, "[20] NO_FILE: /nonexistent/log", "supervisor.readProcessStdoutLog",
                "sii", "cat", -5, 1);
        call_world_check(
                w, "[20] NO_FILE: /nonexistent/main", "supervisor.readMainLog", "ii", 0, 0);
        call_world_check(w, "[20] NO_FILE", "supervisor.clearLog", "");
        w->host.main_log = "/";
        call_world_check(w, "[30] FAILED", "supervisor.readLog", "ii", 0, 0);
        call_world_check(w, "True", "supervisor.clearLog", "");
        w->host.clear_result = -EACCES;
        call_world_check(w, "[30] FAILED", "supervisor.clearLog", "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, call_world_setup, call_world_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_table_is_sorted_and_whole),
                TEST(list_methods_tells_what_is_offered),
                TEST(signatures_are_those_of_the_table),
                TEST(help_has_a_line_for_each_parameter),
                TEST(the_unknown_is_refused_with_fault_1),
                TEST(wrong_parameters_are_refused_with_fault_2),
                TEST(simple_questions_have_simple_answers),
                TEST(during_shutdown_supervisor_methods_fault_before_their_parameters_are_looked_at),
                TEST(an_event_may_carry_any_scalar_as_its_text),
                TEST(info_has_all_members_in_order),
                TEST(descriptions_are_worded_by_state),
                TEST(times_are_capped_to_32_bits),
                TEST(all_info_is_sorted_by_group_and_name),
                TEST(a_log_in_the_journal_is_asked_of_the_host),
                TEST(config_info_has_all_members_in_order),
                TEST(an_automatic_log_has_its_name_once_its_group_is_active),
                TEST(stdin_is_written_to_running_processes_only),
                TEST(logs_are_cleared_of_running_processes),
                TEST(a_log_that_is_not_there_is_no_file),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
