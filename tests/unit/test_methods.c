#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rpc/call.h"
#include "rpc/handlers.h"
#include "tests/unit/fake_host.h"

struct world {
        struct fake_host host;
        struct calls *calls;
        struct process *cat, *b1, *b2;
        bool done;
};

static int setup(void **state)
{
        struct world *w = mem_new(sizeof(*w));
        struct fake_group *group;

        w->host.engine = fake_engine_new();
        group = fake_engine_add_group(w->host.engine, "cat", 999);
        w->cat = fake_engine_add(w->host.engine, group, "cat");
        group = fake_engine_add_group(w->host.engine, "b", 1);
        w->b2 = fake_engine_add(w->host.engine, group, "b2");
        w->b1 = fake_engine_add(w->host.engine, group, "b1");
        w->calls = calls_new(&fake_host_calls, &w->host);
        w->host.server = w->calls;
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        calls_free(w->calls);
        fake_host_clear(&w->host);
        mem_free(w);
        return 0;
}

static void on_done(void *context)
{
        ((struct world *)context)->done = true;
}

/* Starts a call; its parameters are taken. */
static struct call *begin(struct world *w, const char *method, struct value *params)
{
        struct xml_call decoded = { .method = mem_strdup(method), .params = params };
        struct call *call = call_new(w->calls, &decoded);

        w->done = call_run(call, on_done, w);
        return call;
}

/* The result in the words of Python, or "[code] fault string". */
static char *result_of(struct call *call)
{
        CLEANUP(xml_response_clear) struct xml_response response = {};
        struct text *t = call_response(call), words = {};

        assert_int_equal(xml_decode_response(t->data, t->length, &response, NULL), 0);
        if (response.value)
                value_append_words(&words, response.value);
        else
                text_format(&words, "[%d] %s", response.fault_code, response.fault_string);
        return text_take(&words);
}

/* Parameters: s string, i integer, b boolean, n nil, a empty array; "" none. */
static struct value *make_params(const char *types, va_list ap)
{
        struct value *params = value_new(VALUE_ARRAY);

        for (; *types; types++) {
                if (*types == 's')
                        value_append(params, value_new_string(va_arg(ap, const char *)));
                else if (*types == 'i')
                        value_append(params, value_new_integer(va_arg(ap, int)));
                else if (*types == 'b')
                        value_append(params, value_new_boolean(va_arg(ap, int)));
                else if (*types == 'a')
                        value_append(params, value_new(VALUE_ARRAY));
                else
                        value_append(params, value_new(VALUE_NIL));
        }
        return params;
}

static struct call *start(struct world *w, const char *method, const char *types, ...)
{
        struct value *params;
        va_list ap;

        va_start(ap, types);
        params = make_params(types, ap);
        va_end(ap);
        return begin(w, method, params);
}

static void check(struct world *w, const char *want, const char *method, const char *types, ...)
{
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *got = NULL;
        struct value *params;
        va_list ap;

        va_start(ap, types);
        params = make_params(types, ap);
        va_end(ap);
        call = begin(w, method, params);
        assert_true(w->done);
        got = result_of(call);
        if (strcmp(got, want) != 0)
                fail_msg("%s gave %s, not %s", method, got, want);
}

static void answer_true(struct fake_host *host, const struct event *event)
{
        calls_answer(host->server, event->request.id, answer_new(ANSWER_TRUE));
}

static void the_table_is_sorted_and_whole(void **state)
{
        assert_int_equal(methods_count, 41);
        for (size_t i = 0; i < methods_count; i++) {
                const struct method *m = method_target(&methods[i]);

                if (i > 0)
                        assert_true(strcmp(methods[i - 1].name, methods[i].name) < 0);
                assert_non_null(m);
                assert_non_null(m->handler);
                assert_non_null(m->help);
                assert_non_null(m->result_text);
                assert_null(m->alias_of);
                assert_null(m->params[METHOD_PARAMS_MAX].name);
        }
}

static void list_methods_tells_what_is_offered(void **state)
{
        struct world *w = *state;
        CLEANUP(calls_free) struct calls *bare = calls_new(&fake_host_calls_bare, &w->host);
        struct xml_call decoded = { mem_strdup("system.listMethods"), value_new(VALUE_ARRAY) };
        CLEANUP(call_free) struct call *call = call_new(bare, &decoded);
        CLEANUP(call_free) struct call *all = start(w, "system.listMethods", "");
        CLEANUP(mem_free) char *got = NULL, *got_all = result_of(all);

        assert_true(call_run(call, on_done, w));
        got = result_of(call);
        assert_string_equal(got, "['system.listMethods', 'system.methodHelp', "
                                 "'system.methodSignature', 'system.multicall']");
        assert_non_null(strstr(got_all, "'supervisor.tailProcessStdoutLog'"));
        assert_non_null(strstr(got_all, "'supervisor.getVersion'"));
}

static void signatures_are_those_of_the_table(void **state)
{
        struct world *w = *state;
        const char *name = "system.methodSignature";

        check(w, "['boolean', 'string', 'boolean']", name, "s", "supervisor.startProcess");
        check(w, "['string', 'string', 'int', 'int']", name, "s", "supervisor.readProcessLog");
        check(w, "['array', 'array']", name, "s", "system.multicall");
        check(w, "['array']", name, "s", "supervisor.clearAllProcessLogs");
        check(w, "[4] SIGNATURE_UNSUPPORTED", name, "s", "supervisor.nix");
        check(w, "[4] SIGNATURE_UNSUPPORTED", "system.methodHelp", "s", "");
}

static void help_has_a_line_for_each_parameter(void **state)
{
        struct world *w = *state;
        CLEANUP(call_free)
        struct call *call = start(w, "system.methodHelp", "s", "supervisor.clearProcessLog");
        CLEANUP(mem_free) char *got = result_of(call);

        assert_non_null(strstr(got, "\n@param string name "));
        assert_non_null(strstr(got, "\n@return boolean "));
}

static void the_unknown_is_refused_with_fault_1(void **state)
{
        struct world *w = *state;

        check(w, "[1] UNKNOWN_METHOD", "supervisor.nix", "");
        check(w, "[1] UNKNOWN_METHOD", "getState", "");
        check(w, "[1] UNKNOWN_METHOD", "supervisor.getState.x", "");
        check(w, "[1] UNKNOWN_METHOD", "supervisor._x", "");
        check(w, "[1] UNKNOWN_METHOD", " supervisor.getState", "");
        check(w, "[1] UNKNOWN_METHOD", "supervisor.getstate", "");
}

static void wrong_parameters_are_refused_with_fault_2(void **state)
{
        struct world *w = *state;

        check(w, "[2] INCORRECT_PARAMETERS", "supervisor.getState", "i", 1);
        check(w, "[2] INCORRECT_PARAMETERS", "supervisor.startProcess", "");
        check(w, "[2] INCORRECT_PARAMETERS", "supervisor.startProcess", "sbb", "cat", 1, 1);
        check(w, "[2] INCORRECT_PARAMETERS: parameter 'name' is no string",
                "supervisor.startProcess", "i", 5);
        check(w, "[2] INCORRECT_PARAMETERS: parameter 'offset' is no int", "supervisor.readLog",
                "si", "x", 1);
        check(w, "[2] INCORRECT_PARAMETERS: parameter 'signal' is no string",
                "supervisor.signalProcess", "sb", "cat", 1);
        check(w, "[2] INCORRECT_PARAMETERS: []", "supervisor.sendProcessStdin", "sa", "nix");
        check(w, "[2] INCORRECT_PARAMETERS: 42", "supervisor.sendProcessStdin", "si", "nix", 42);
        assert_null(w->host.events.data);
}

static void simple_questions_have_simple_answers(void **state)
{
        struct world *w = *state;
        CLEANUP(mem_free) char *pid = mem_format("%d", (int)getpid());

        check(w, "3.0", "supervisor.getAPIVersion", "");
        check(w, "3.0", "supervisor.getVersion", "");
        check(w, "4.3.0", "supervisor.getSupervisorVersion", "");
        check(w, "supervisor", "supervisor.getIdentification", "");
        check(w, "{'statecode': 1, 'statename': 'RUNNING'}", "supervisor.getState", "");
        check(w, pid, "supervisor.getPID", "");
}

static void during_shutdown_supervisor_methods_fault_before_their_parameters_are_looked_at(
        void **state)
{
        struct world *w = *state;
        static const char *const names[] = { "supervisor.getState", "supervisor.getVersion",
                "supervisor.shutdown", "supervisor.reloadConfig", "supervisor.getAllProcessInfo" };

        w->host.engine->mood = MOOD_SHUTDOWN;
        for (size_t i = 0; i < ELEMENTS(names); i++)
                check(w, "[6] SHUTDOWN_STATE", names[i], "");
        w->host.engine->mood = MOOD_RESTARTING;
        check(w, "[6] SHUTDOWN_STATE", "supervisor.getProcessInfo", "i", 1);
        check(w, "[2] INCORRECT_PARAMETERS", "supervisor.getProcessInfo", "");
        check(w, "True", "supervisor.sendRemoteCommEvent", "ss", "t", "d");
        check(w, "['array']", "system.methodSignature", "s", "system.listMethods");
        assert_string_equal(w->host.remote.data, "t=d\n");
}

static void info_has_all_members_in_order(void **state)
{
        struct world *w = *state;
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
        call = start(w, "supervisor.getProcessInfo", "s", "cat");
        got = result_of(call);
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

static void check_description(struct world *w, const char *want)
{
        CLEANUP(call_free) struct call *call = start(w, "supervisor.getProcessInfo", "s", "b:b1");
        CLEANUP(mem_free) char *got = result_of(call);
        const char *description = strstr(got, "'description': ");

        assert_non_null(description);
        assert_string_equal(description + strlen("'description': "), want);
}

static void descriptions_are_worded_by_state(void **state)
{
        struct world *w = *state;
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
        p->start_wall = ((usec_t)time(NULL) - 90000) * USEC_SEC;
        check_description(w, "'pid 5, uptime 1 day, 1:00:00'}");
}

static void times_are_capped_to_32_bits(void **state)
{
        struct world *w = *state;
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *got = NULL;

        w->cat->start_wall = 5000000000 * USEC_SEC;
        call = start(w, "supervisor.getProcessInfo", "s", "cat");
        got = result_of(call);
        assert_non_null(strstr(got, "'start': 2147483647,"));
}

static void all_info_is_sorted_by_group_and_name(void **state)
{
        struct world *w = *state;
        CLEANUP(call_free) struct call *call = start(w, "supervisor.getAllProcessInfo", "");
        CLEANUP(mem_free) char *got = result_of(call);
        const char *b1 = strstr(got, "'b1'"), *b2 = strstr(got, "'b2'"),
                   *cat = strstr(got, "'cat'");

        assert_true(b1 && b2 && cat && b1 < b2 && b2 < cat);
        check(w, "[10] BAD_NAME: b:*", "supervisor.getProcessInfo", "s", "b:*");
}

static void config_info_has_all_members_in_order(void **state)
{
        struct world *w = *state;
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
        call = start(w, "supervisor.getAllConfigInfo", "");
        got = result_of(call);
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
        struct world *w = *state;
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *got = NULL;

        w->host.out_log = "/tmp/cat-stdout---x.log";
        call = start(w, "supervisor.getAllConfigInfo", "");
        got = result_of(call);
        assert_non_null(strstr(got, "'stdout_logfile': '/tmp/cat-stdout---x.log'"));
        assert_non_null(strstr(got, "'stdout_logfile': 'auto'"));
}

static void control_methods_ask_the_engine(void **state)
{
        struct world *w = *state;

        w->host.on_request = answer_true;
        check(w, "True", "supervisor.startProcess", "s", "cat");
        check(w, "True", "supervisor.startProcess", "sb", "b:*", 0);
        check(w, "True", "supervisor.startProcess", "si", "cat", 1);
        check(w, "True", "supervisor.startProcess", "ss", "cat", "");
        check(w, "True", "supervisor.startProcessGroup", "s", "b");
        check(w, "True", "supervisor.startAllProcesses", "b", 0);
        check(w, "True", "supervisor.stopProcess", "s", "cat");
        check(w, "True", "supervisor.stopProcessGroup", "sb", "b", 0);
        check(w, "True", "supervisor.stopAllProcesses", "");
        check(w, "True", "supervisor.signalProcess", "ss", "cat", "HUP");
        check(w, "True", "supervisor.signalProcess", "si", "cat", 1);
        check(w, "True", "supervisor.signalProcessGroup", "ss", "b", "x");
        check(w, "True", "supervisor.signalAllProcesses", "s", "0");
        check(w, "True", "supervisor.addProcessGroup", "s", "n");
        check(w, "True", "supervisor.removeProcessGroup", "s", "n");
        check(w, "True", "supervisor.reloadConfig", "");
        check(w, "True", "supervisor.shutdown", "");
        check(w, "True", "supervisor.restart", "");
        assert_string_equal(w->host.events.data, "start name=cat signal=- wait=1\n"
                                                 "start name=b:* signal=- wait=0\n"
                                                 "start name=cat signal=- wait=1\n"
                                                 "start name=cat signal=- wait=0\n"
                                                 "start group name=b signal=- wait=1\n"
                                                 "start all name=- signal=- wait=0\n"
                                                 "stop name=cat signal=- wait=1\n"
                                                 "stop group name=b signal=- wait=0\n"
                                                 "stop all name=- signal=- wait=1\n"
                                                 "signal name=cat signal=HUP wait=0\n"
                                                 "signal name=cat signal=1 wait=0\n"
                                                 "signal group name=b signal=x wait=0\n"
                                                 "signal all name=- signal=0 wait=0\n"
                                                 "add name=n signal=- wait=1\n"
                                                 "remove name=n signal=- wait=1\n"
                                                 "reload name=- signal=- wait=0\n"
                                                 "shutdown name=- signal=- wait=0\n"
                                                 "restart name=- signal=- wait=0\n");
}

static void a_deferred_call_finishes_with_its_answer(void **state)
{
        struct world *w = *state;
        CLEANUP(call_free) struct call *first = start(w, "supervisor.startProcess", "s", "cat");
        uint64_t first_request = w->host.last_request;
        CLEANUP(call_free) struct call *second = start(w, "supervisor.reloadConfig", "");
        uint64_t second_request = w->host.last_request;
        CLEANUP(call_free) struct call *third = start(w, "supervisor.stopAllProcesses", "");
        CLEANUP(mem_free) char *got = NULL, *got_second = NULL, *got_third = NULL;
        struct answer *diff = answer_new(ANSWER_DIFF), *entries = answer_new(ANSWER_ENTRIES);

        assert_false(w->done);
        answer_names_add(&diff->added, "n");
        answer_names_add(&diff->removed, "o");
        calls_answer(w->calls, second_request, diff);
        assert_true(w->done);
        got_second = result_of(second);
        assert_string_equal(got_second, "[[['n'], [], ['o']]]");
        w->done = false;
        calls_answer(w->calls, first_request, answer_new_fault(FAULT_ABNORMAL_TERMINATION, "cat"));
        assert_true(w->done);
        got = result_of(first);
        assert_string_equal(got, "[40] ABNORMAL_TERMINATION: cat");
        answer_add_entry(entries, "b1", "b", FAULT_SUCCESS, NULL);
        answer_add_entry(entries, "b2", "b", FAULT_SHUTDOWN_STATE, NULL);
        calls_answer(w->calls, w->host.last_request, entries);
        got_third = result_of(third);
        assert_string_equal(got_third,
                "[{'name': 'b1', 'group': 'b', 'status': 80, 'description': 'OK'}, "
                "{'name': 'b2', 'group': 'b', 'status': 6, 'description': 'SHUTDOWN_STATE'}]");
        assert_string_equal(w->host.events.data, "start name=cat signal=- wait=1\n"
                                                 "reload name=- signal=- wait=0\n"
                                                 "stop all name=- signal=- wait=1\n");
}

static void a_call_that_is_given_up_tells_the_engine(void **state)
{
        struct world *w = *state;
        struct call *call = start(w, "supervisor.stopProcess", "s", "cat");
        CLEANUP(mem_free) char *want = NULL;

        call_free(call);
        want = mem_format(
                "stop name=cat signal=- wait=1\ndropped %u\n", (unsigned)w->host.last_request);
        assert_string_equal(w->host.events.data, want);
        /* The answer comes nevertheless, and finds nobody. */
        calls_answer(w->calls, w->host.last_request, answer_new(ANSWER_TRUE));
        assert_false(w->done);
}

static struct value *member_call(const char *method, const char *param)
{
        struct value *member = value_new(VALUE_STRUCT), *params = value_new(VALUE_ARRAY);

        if (method)
                value_set(member, "methodName", value_new_string(method));
        if (param)
                value_append(params, value_new_string(param));
        value_set(member, "params", params);
        return member;
}

static struct call *start_multi(struct world *w, struct value *list)
{
        struct value *params = value_new(VALUE_ARRAY);

        value_append(params, list);
        return begin(w, "system.multicall", params);
}

static void a_multicall_runs_strictly_in_order(void **state)
{
        struct world *w = *state;
        struct value *list = value_new(VALUE_ARRAY);
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *got = NULL;

        value_append(list, member_call("supervisor.getVersion", NULL));
        value_append(list, member_call("supervisor.startProcess", "cat"));
        value_append(list, member_call("supervisor.getProcessInfo", "nix"));
        value_append(list, member_call("supervisor.stopProcess", "b:b1"));
        value_append(list, member_call(NULL, NULL));
        value_append(list, member_call("system.multicall", NULL));
        value_append(list, member_call("supervisor.nix", NULL));
        call = start_multi(w, list);
        assert_false(w->done);
        assert_string_equal(w->host.events.data, "start name=cat signal=- wait=1\n");
        calls_answer(w->calls, w->host.last_request, answer_new(ANSWER_TRUE));
        assert_false(w->done);
        assert_string_equal(w->host.events.data,
                "start name=cat signal=- wait=1\nstop name=b:b1 signal=- wait=1\n");
        calls_answer(w->calls, w->host.last_request, answer_new_fault(FAULT_NOT_RUNNING, "b:b1"));
        assert_true(w->done);
        got = result_of(call);
        assert_string_equal(got,
                "['3.0', True, {'faultCode': 10, 'faultString': 'BAD_NAME: nix'}, "
                "{'faultCode': 70, 'faultString': 'NOT_RUNNING: b:b1'}, "
                "{'faultCode': 2, 'faultString': 'INCORRECT_PARAMETERS: No methodName'}, "
                "{'faultCode': 2, 'faultString': 'INCORRECT_PARAMETERS: Recursive "
                "system.multicall forbidden'}, "
                "{'faultCode': 1, 'faultString': 'UNKNOWN_METHOD'}]");
}

static void a_multicall_of_many_answers_at_once_needs_no_stack(void **state)
{
        struct world *w = *state;
        struct value *list = value_new(VALUE_ARRAY);
        CLEANUP(call_free) struct call *call = NULL;

        w->host.on_request = answer_true;
        for (unsigned i = 0; i < 50000; i++)
                value_append(list, member_call("supervisor.startProcess", "cat"));
        call = start_multi(w, list);
        assert_true(w->done);
}

static void a_multicall_takes_an_array_of_structs_only(void **state)
{
        struct world *w = *state;
        struct value *list = value_new(VALUE_ARRAY);
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *got = NULL;

        check(w, "[]", "system.multicall", "a");
        check(w, "[2] INCORRECT_PARAMETERS: parameter 'calls' is no array", "system.multicall", "s",
                "x");
        value_append(list, member_call("supervisor.shutdown", NULL));
        value_append(list, value_new_integer(1));
        call = start_multi(w, list);
        got = result_of(call);
        assert_string_equal(got, "[2] INCORRECT_PARAMETERS: an element is no struct");
        assert_null(w->host.events.data);
}

static void stdin_is_written_to_running_processes_only(void **state)
{
        struct world *w = *state;
        const char *name = "supervisor.sendProcessStdin";

        check(w, "[10] BAD_NAME: nix", name, "ss", "nix", "x");
        check(w, "[70] NOT_RUNNING: cat", name, "ss", "cat", "x");
        w->cat->pid = 5;
        check(w, "True", name, "ss", "cat", "h\xc3\xa9\n");
        w->host.stdin_result = -EPIPE;
        check(w, "[20] NO_FILE: cat", name, "ss", "cat", "x");
        w->cat->stop_asked = true;
        check(w, "[70] NOT_RUNNING: cat", name, "ss", "cat", "x");
        assert_string_equal(w->host.stdin_of.data, "1:h\xc3\xa9\n\n1:x\n");
}

static void logs_are_cleared_of_running_processes(void **state)
{
        struct world *w = *state;

        check(w, "[10] BAD_NAME: b:*", "supervisor.clearProcessLogs", "s", "b:*");
        check(w, "True", "supervisor.clearProcessLog", "s", "cat");
        assert_null(w->host.cleared.data);
        w->cat->pid = 5;
        w->b1->pid = 6;
        check(w, "True", "supervisor.clearProcessLogs", "s", "cat");
        check(w,
                "[{'name': 'b2', 'group': 'b', 'status': 80, 'description': 'OK'}, "
                "{'name': 'b1', 'group': 'b', 'status': 80, 'description': 'OK'}, "
                "{'name': 'cat', 'group': 'cat', 'status': 80, 'description': 'OK'}]",
                "supervisor.clearAllProcessLogs", "");
        assert_string_equal(w->host.cleared.data, "1\n3\n1\n");
        w->host.clear_result = -EACCES;
        check(w, "[30] FAILED: cat", "supervisor.clearProcessLogs", "s", "cat");
        ((struct program *)w->b1->program)->priority = 1;
        check(w,
                "[{'name': 'b1', 'group': 'b', 'status': 30, 'description': 'FAILED: b:b1'}, "
                "{'name': 'b2', 'group': 'b', 'status': 80, 'description': 'OK'}, "
                "{'name': 'cat', 'group': 'cat', 'status': 30, 'description': 'FAILED: cat'}]",
                "supervisor.clearAllProcessLogs", "");
}

static void a_log_that_is_not_there_is_no_file(void **state)
{
        struct world *w = *state;

        check(w, "[20] NO_FILE", "supervisor.readLog", "ii", 0, 0);
        check(w, "[20] NO_FILE", "supervisor.clearLog", "");
        check(w, "[20] NO_FILE", "supervisor.readProcessLog", "sii", "cat", 0, 0);
        check(w, "[10] BAD_NAME: nix", "supervisor.readProcessLog", "sii", "nix", 0, 0);
        check(w, "[10] BAD_NAME: nix", "supervisor.tailProcessLog", "sii", "nix", 0, 0);
        check(w, "['', 0, False]", "supervisor.tailProcessLog", "sii", "cat", 5, 9);
        w->host.out_log = "/nonexistent/log";
        w->host.main_log = "/nonexistent/main";
        check(w, "[20] NO_FILE: /nonexistent/log", "supervisor.readProcessStdoutLog", "sii", "cat",
                -5, 1);
        check(w, "[20] NO_FILE: /nonexistent/main", "supervisor.readMainLog", "ii", 0, 0);
        check(w, "[20] NO_FILE", "supervisor.clearLog", "");
        w->host.main_log = "/";
        check(w, "[30] FAILED", "supervisor.readLog", "ii", 0, 0);
        check(w, "True", "supervisor.clearLog", "");
        w->host.clear_result = -EACCES;
        check(w, "[30] FAILED", "supervisor.clearLog", "");
}

static void calls_are_traced(void **state)
{
        struct world *w = *state;

        check(w, "3.0", "supervisor.getVersion", "");
        check(w, "[10] BAD_NAME: x", "supervisor.getProcessInfo", "s", "x");
        assert_string_equal(w->host.log.data,
                "TRAC XML-RPC method called: supervisor.getVersion()\n"
                "TRAC XML-RPC method supervisor.getVersion() returned successfully\n"
                "TRAC XML-RPC method called: supervisor.getProcessInfo()\n"
                "TRAC XML-RPC method supervisor.getProcessInfo() returned fault: [10] BAD_NAME: "
                "x\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

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
                TEST(info_has_all_members_in_order),
                TEST(descriptions_are_worded_by_state),
                TEST(times_are_capped_to_32_bits),
                TEST(all_info_is_sorted_by_group_and_name),
                TEST(config_info_has_all_members_in_order),
                TEST(an_automatic_log_has_its_name_once_its_group_is_active),
                TEST(control_methods_ask_the_engine),
                TEST(a_deferred_call_finishes_with_its_answer),
                TEST(a_call_that_is_given_up_tells_the_engine),
                TEST(a_multicall_runs_strictly_in_order),
                TEST(a_multicall_of_many_answers_at_once_needs_no_stack),
                TEST(a_multicall_takes_an_array_of_structs_only),
                TEST(stdin_is_written_to_running_processes_only),
                TEST(logs_are_cleared_of_running_processes),
                TEST(a_log_that_is_not_there_is_no_file),
                TEST(calls_are_traced),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
