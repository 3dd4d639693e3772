/* Calls that ask the engine, wait, and follow each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "rpc/machine.h"
#include "tests/unit/call_world.h"

static void answer_true(struct fake_host *host, const struct event *event)
{
        calls_answer(host->server, event->request.id, answer_new(ANSWER_TRUE));
}

static void control_methods_ask_the_engine(void **state)
{
        struct call_world *w = *state;

        w->host.on_request = answer_true;
        call_world_check(w, "True", "supervisor.startProcess", "s", "cat");
        call_world_check(w, "True", "supervisor.startProcess", "sb", "b:*", 0);
        call_world_check(w, "True", "supervisor.startProcess", "si", "cat", 1);
        call_world_check(w, "True", "supervisor.startProcess", "ss", "cat", "");
        call_world_check(w, "True", "supervisor.startProcessGroup", "s", "b");
        call_world_check(w, "True", "supervisor.startAllProcesses", "b", 0);
        call_world_check(w, "True", "supervisor.stopProcess", "s", "cat");
        call_world_check(w, "True", "supervisor.stopProcessGroup", "sb", "b", 0);
        call_world_check(w, "True", "supervisor.stopAllProcesses", "");
        call_world_check(w, "True", "supervisor.signalProcess", "ss", "cat", "HUP");
        call_world_check(w, "True", "supervisor.signalProcess", "si", "cat", 1);
        call_world_check(w, "True", "supervisor.signalProcessGroup", "ss", "b", "x");
        call_world_check(w, "True", "supervisor.signalAllProcesses", "s", "0");
        call_world_check(w, "True", "supervisor.addProcessGroup", "s", "n");
        call_world_check(w, "True", "supervisor.removeProcessGroup", "s", "n");
        call_world_check(w, "True", "supervisor.reloadConfig", "");
        call_world_check(w, "True", "supervisor.shutdown", "");
        call_world_check(w, "True", "supervisor.restart", "");
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
        struct call_world *w = *state;
        CLEANUP(call_free)
        struct call *first = call_world_start(w, "supervisor.startProcess", "s", "cat");
        uint64_t first_request = w->host.last_request;
        CLEANUP(call_free) struct call *second = call_world_start(w, "supervisor.reloadConfig", "");
        uint64_t second_request = w->host.last_request;
        CLEANUP(call_free)
        struct call *third = call_world_start(w, "supervisor.stopAllProcesses", "");
        CLEANUP(mem_free) char *got = NULL, *got_second = NULL, *got_third = NULL;
        struct answer *diff = answer_new(ANSWER_DIFF), *entries = answer_new(ANSWER_ENTRIES);

        assert_false(w->done);
        answer_names_add(&diff->added, "n");
        answer_names_add(&diff->removed, "o");
        calls_answer(w->calls, second_request, diff);
        assert_true(w->done);
        got_second = call_world_result(second);
        assert_string_equal(got_second, "[[['n'], [], ['o']]]");
        w->done = false;
        calls_answer(w->calls, first_request, answer_new_fault(FAULT_ABNORMAL_TERMINATION, "cat"));
        assert_true(w->done);
        got = call_world_result(first);
        assert_string_equal(got, "[40] ABNORMAL_TERMINATION: cat");
        answer_add_entry(entries, "b1", "b", FAULT_SUCCESS, NULL);
        answer_add_entry(entries, "b2", "b", FAULT_SHUTDOWN_STATE, NULL);
        calls_answer(w->calls, w->host.last_request, entries);
        got_third = call_world_result(third);
        assert_string_equal(got_third,
                "[{'name': 'b1', 'group': 'b', 'status': 80, 'description': 'OK'}, "
                "{'name': 'b2', 'group': 'b', 'status': 6, 'description': 'SHUTDOWN_STATE'}]");
        assert_string_equal(w->host.events.data, "start name=cat signal=- wait=1\n"
                                                 "reload name=- signal=- wait=0\n"
                                                 "stop all name=- signal=- wait=1\n");
}

static void a_call_that_is_given_up_tells_the_engine(void **state)
{
        struct call_world *w = *state;
        struct call *call = call_world_start(w, "supervisor.stopProcess", "s", "cat");
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

static struct call *start_multi(struct call_world *w, struct value *list)
{
        struct value *params = value_new(VALUE_ARRAY);

        value_append(params, list);
        return call_world_begin(w, "system.multicall", params);
}

static void a_multicall_runs_strictly_in_order(void **state)
{
        struct call_world *w = *state;
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
        got = call_world_result(call);
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
        struct call_world *w = *state;
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
        struct call_world *w = *state;
        struct value *list = value_new(VALUE_ARRAY);
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *got = NULL;

        call_world_check(w, "[]", "system.multicall", "a");
        call_world_check(w, "[2] INCORRECT_PARAMETERS: parameter 'calls' is no array",
                "system.multicall", "s", "x");
        value_append(list, member_call("supervisor.shutdown", NULL));
        value_append(list, value_new_integer(1));
        call = start_multi(w, list);
        got = call_world_result(call);
        assert_string_equal(got, "[2] INCORRECT_PARAMETERS: an element is no struct");
        assert_null(w->host.events.data);
}

/*
 * Work in pieces.
 */

static int slow_usage(void *context, uint32_t process, bool whole, struct figures *ret)
{
        const struct timespec pause = { .tv_nsec = 1000 * 1000 };

        (void)nanosleep(&pause, NULL);
        *ret = (struct figures){};
        figures_set(ret, FIGURE_PIDS, process, FIGURE_FROM_V2);
        return 0;
}

static int no_freeze(void *context, uint32_t process, bool frozen)
{
        return -EOPNOTSUPP;
}

static bool not_frozen(void *context, uint32_t process)
{
        return false;
}

/* The machine of a test: there when 'context' of the host says so, by its clear_result. */
static bool late_machine(void *context, uint64_t *ticket, struct rpc_machine_sink sink)
{
        const struct rpc_core cores[] = { { -1, 1, 2 }, { 3, 1, 2 } };
        const struct rpc_machine machine = {
                .now = 7,
                .cpus_source = "v2",
                .memory_source = "",
                .is_bounded = true,
                .ours = { .cpus = 0.5, .cores = cores, .cores_count = 2 },
        };

        if (((struct fake_host *)context)->clear_result == 0)
                return false;
        sink.told(sink.context, &machine);
        return true;
}

static void measured(struct call_world *w, struct rpc_host *host)
{
        *host = fake_host_calls;
        host->usage = slow_usage;
        host->freeze = no_freeze;
        host->is_frozen = not_frozen;
        host->machine = late_machine;
        calls_free(w->calls);
        w->calls = calls_new(host, &w->host);
        w->host.server = w->calls;
        w->cat->pid = w->b1->pid = w->b2->pid = 17;
}

static void a_table_of_all_programs_lets_other_calls_pass(void **state)
{
        struct call_world *w = *state;
        struct rpc_host host;
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *words = NULL;
        unsigned turns = 0;

        measured(w, &host);
        assert_false(calls_wants_run(w->calls));
        call = call_world_start(w, "reeve.get_all_process_usage", "");
        assert_false(w->done);
        for (; calls_wants_run(w->calls); turns++) {
                calls_run(w->calls);
                if (calls_wants_run(w->calls)) {
                        call_world_check(w, "3.0", "supervisor.getVersion", "");
                        w->done = false; /* as it was that other call */
                }
        }
        assert_true(w->done);
        assert_in_range(turns, 3, 4);
        words = call_world_result(call);
        assert_non_null(strstr(words, "'name': 'b1'"));
        assert_non_null(strstr(words, "'name': 'cat'"));
}

static void a_process_that_goes_in_between_is_left_out(void **state)
{
        struct call_world *w = *state;
        struct rpc_host host;
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *words = NULL;

        measured(w, &host);
        call = call_world_start(w, "reeve.get_all_process_usage", "");
        w->cat->id = 4711;
        while (calls_wants_run(w->calls))
                calls_run(w->calls);
        assert_true(w->done);
        words = call_world_result(call);
        assert_non_null(strstr(words, "'name': 'b1'"));
        assert_null(strstr(words, "'name': 'cat'"));
}

static void who_leaves_ends_the_work(void **state)
{
        struct call_world *w = *state;
        struct rpc_host host;
        struct call *call;

        measured(w, &host);
        call = call_world_start(w, "reeve.get_all_process_usage", "");
        calls_run(w->calls);
        assert_true(calls_wants_run(w->calls));
        call_free(call);
        assert_false(calls_wants_run(w->calls));
}

static void what_waits_for_the_host_is_not_run_until_it_is_woken(void **state)
{
        struct call_world *w = *state;
        struct rpc_host host;
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *words = NULL;

        measured(w, &host);
        w->host.clear_result = 0;
        call = call_world_start(w, "reeve.get_host_usage", "");
        calls_run(w->calls);
        assert_false(calls_wants_run(w->calls));
        w->host.clear_result = 1;
        calls_wake(w->calls);
        assert_true(calls_wants_run(w->calls));
        calls_run(w->calls);
        assert_true(w->done);
        words = call_world_result(call);
        assert_non_null(strstr(words, "'limited': True"));
        assert_non_null(strstr(words, "'cpus': 0.5"));
        assert_non_null(strstr(words, "'cores': [3]"));
}

static void calls_are_traced(void **state)
{
        struct call_world *w = *state;

        call_world_check(w, "3.0", "supervisor.getVersion", "");
        call_world_check(w, "[10] BAD_NAME: x", "supervisor.getProcessInfo", "s", "x");
        assert_string_equal(w->host.log.data,
                "TRAC XML-RPC method called: supervisor.getVersion()\n"
                "TRAC XML-RPC method supervisor.getVersion() returned successfully\n"
                "TRAC XML-RPC method called: supervisor.getProcessInfo()\n"
                "TRAC XML-RPC method supervisor.getProcessInfo() returned fault: [10] BAD_NAME: "
                "x\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, call_world_setup, call_world_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(control_methods_ask_the_engine),
                TEST(a_deferred_call_finishes_with_its_answer),
                TEST(a_call_that_is_given_up_tells_the_engine),
                TEST(a_multicall_runs_strictly_in_order),
                TEST(a_multicall_of_many_answers_at_once_needs_no_stack),
                TEST(a_multicall_takes_an_array_of_structs_only),
                TEST(a_table_of_all_programs_lets_other_calls_pass),
                TEST(a_process_that_goes_in_between_is_left_out),
                TEST(who_leaves_ends_the_work),
                TEST(what_waits_for_the_host_is_not_run_until_it_is_woken),
                TEST(calls_are_traced),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
