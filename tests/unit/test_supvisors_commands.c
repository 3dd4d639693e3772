/* What the commands of supvisors.* check, and what they ask for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "tests/unit/supvisors_world.h"

/* All methods and parameters that they take. */
static const struct {
        const char *name, *types;
        const char *gate; /* the states of its message; NULL: none */
} methods[] = {
        { "change_log_level", "s", NULL },
        { "conciliate", "s", "['CONCILIATION']" },
        { "disable", "s", "['OPERATION']" },
        { "enable", "s", "['OPERATION']" },
        { "enable_host_statistics", "b", NULL },
        { "enable_process_statistics", "b", NULL },
        { "end_sync", "", "['SYNCHRONIZATION']" },
        { "end_synchro", "", "['SYNCHRONIZATION']" },
        { "get_all_applications_info", "", "+" },
        { "get_all_inner_process_info", "s", NULL },
        { "get_all_instances_info", "", NULL },
        { "get_all_instances_state_modes", "", NULL },
        { "get_all_local_process_info", "", NULL },
        { "get_all_process_info", "", "+" },
        { "get_api_version", "", NULL },
        { "get_application_info", "s", "+" },
        { "get_application_rules", "s", "+" },
        { "get_conflicts", "", "+" },
        { "get_inner_process_info", "ss", NULL },
        { "get_instance_info", "s", NULL },
        { "get_instance_state_modes", "s", NULL },
        { "get_local_process_info", "s", NULL },
        { "get_master_identifier", "", NULL },
        { "get_network_info", "s", NULL },
        { "get_process_info", "s", "+" },
        { "get_process_rules", "s", "+" },
        { "get_statistics_status", "", NULL },
        { "get_strategies", "", NULL },
        { "get_supvisors_state", "", NULL },
        { "restart", "", "+" },
        { "restart_application", "ss", "['OPERATION']" },
        { "restart_process", "ss", "['OPERATION']" },
        { "restart_sequence", "", "['OPERATION']" },
        { "shutdown", "", "+" },
        { "start_any_process", "ss", "['OPERATION']" },
        { "start_application", "ss", "['OPERATION']" },
        { "start_args", "ss", NULL },
        { "start_process", "ss", "['OPERATION']" },
        { "stop_application", "s", "['OPERATION', 'CONCILIATION']" },
        { "stop_process", "s", "['OPERATION', 'CONCILIATION']" },
        { "test_start_application", "ss", "['OPERATION']" },
        { "test_start_process", "ss", "['OPERATION']" },
        { "update_collecting_period", "i", NULL },
        { "update_numprocs", "si", "['OPERATION']" },
};

static const char *expected_states(const char *gate)
{
        return strcmp(gate, "+") == 0 ? "['DISTRIBUTION', 'OPERATION', 'CONCILIATION', "
                                        "'RESTARTING', 'SHUTTING_DOWN']"
                                      : gate;
}

/* A call with right numbers of right types of parameters, which name nothing. */
static struct call *start(struct supvisors_world *w, size_t i, bool wrong_types)
{
        CLEANUP(mem_free) char *name = mem_format("supvisors.%s", methods[i].name);
        struct value *params = value_new(VALUE_ARRAY);

        for (const char *t = methods[i].types; *t; t++)
                value_append(params, wrong_types ? value_new(VALUE_ARRAY)
                                     : *t == 's' ? value_new_string("nix")
                                     : *t == 'b' ? value_new_boolean(true)
                                                 : value_new_integer(1));
        return call_world_begin(w->calls, name, params);
}

static void the_list_of_methods_is_whole(void **state)
{
        const struct method *row;
        size_t found = 0;

        for (size_t i = 0; (row = method_at(i)); i++)
                if (text_starts(row->name, "supvisors."))
                        assert_string_equal(strchr(row->name, '.') + 1, methods[found++].name);
        assert_int_equal(found, ELEMENTS(methods));
}

static void a_state_that_is_not_expected_is_refused_before_all_else(void **state)
{
        struct supvisors_world *w = *state;

        for (unsigned s = 0; s < FSM_STATES; s++) {
                CLEANUP(mem_free)
                char *quoted = mem_format("'%s'", fsm_state_name((enum fsm_state)s));

                w->cluster->status.state = (enum fsm_state)s;
                for (size_t i = 0; i < ELEMENTS(methods); i++) {
                        CLEANUP(call_free) struct call *call = NULL;
                        CLEANUP(mem_free) char *got = NULL, *want = NULL;
                        const char *gate = methods[i].gate;

                        if (!gate || strstr(expected_states(gate), quoted))
                                continue;
                        call = start(w, i, true);
                        got = call_world_result(call);
                        want = mem_format("[101] BAD_SUPVISORS_STATE: invalid Supvisors state=%s "
                                          "- state expected in %s",
                                fsm_state_name((enum fsm_state)s), expected_states(gate));
                        assert_string_equal(got, want);
                }
        }
        assert_null(w->host->events.data);
}

static void a_state_that_is_expected_lets_pass(void **state)
{
        struct supvisors_world *w = *state;

        for (unsigned s = 0; s < FSM_STATES; s++) {
                CLEANUP(mem_free)
                char *quoted = mem_format("'%s'", fsm_state_name((enum fsm_state)s));

                w->cluster->status.state = (enum fsm_state)s;
                for (size_t i = 0; i < ELEMENTS(methods); i++) {
                        CLEANUP(call_free) struct call *call = NULL;
                        CLEANUP(mem_free) char *got = NULL;
                        const char *gate = methods[i].gate;

                        if (gate && !strstr(expected_states(gate), quoted))
                                continue;
                        call = start(w, i, false);
                        if (!w->calls->done)
                                continue;
                        got = call_world_result(call);
                        assert_null(strstr(got, "invalid Supvisors state"));
                }
        }
}

static void the_number_of_parameters_is_checked_before_the_state(void **state)
{
        struct supvisors_world *w = *state;

        w->cluster->status.state = FSM_OFF;
        call_world_check(w->calls, "[2] INCORRECT_PARAMETERS", "supvisors.start_process", "s", "x");
        call_world_check(w->calls, "[2] INCORRECT_PARAMETERS", "supvisors.get_conflicts", "s", "x");
}

static void without_a_cluster_there_is_no_supvisors(void **state)
{
        struct supvisors_world *w = *state;

        w->host->fleet = NULL;
        for (size_t i = 0; i < ELEMENTS(methods); i++) {
                CLEANUP(call_free) struct call *call = start(w, i, false);
                CLEANUP(mem_free) char *got = call_world_result(call);

                assert_string_equal(got, "[1] UNKNOWN_METHOD");
        }
        call_world_check(w->calls, "[1] UNKNOWN_METHOD", "reeve.reloadRules", "");
        call_world_check(w->calls, "[4] SIGNATURE_UNSUPPORTED", "system.methodSignature", "s",
                "supvisors.get_api_version");
        w->host->fleet = w->fleet;
        call_world_check(w->calls, "[1] UNKNOWN_METHOD", "supvisors.get_logger_levels", "");
}

static void names_that_are_no_strings_are_refused(void **state)
{
        struct supvisors_world *w = *state;

        call_world_check(w->calls, "[2] INCORRECT_PARAMETERS: parameter 'namespec' is no str",
                "supvisors.get_process_info", "i", 5);
        call_world_check(w->calls, "[2] INCORRECT_PARAMETERS: parameter 'identifier' is no str",
                "supvisors.get_network_info", "n");
        call_world_check(w->calls, "[2] INCORRECT_PARAMETERS: parameter 'extra_args' is no str",
                "supvisors.start_args", "si", "cat", 5);
}

static void signatures_are_those_of_supvisors(void **state)
{
        static const char *const want[][2] = {
                { "get_api_version", "['str']" },
                { "get_supvisors_state", "['dict[str, Any]']" },
                { "get_statistics_status", "['dict[str, Any]']" },
                { "get_application_rules", "['dict[str, Any]', 'str']" },
                { "get_local_process_info", "['dict[str, Any]', 'str']" },
                { "get_conflicts", "['list[dict[str, Any]]']" },
                { "get_process_info", "['list[dict[str, Any]]', 'str']" },
                { "get_inner_process_info", "['list[dict[str, Any]]', 'str', 'str']" },
                { "restart", "['bool']" },
                { "end_sync", "['bool']" },
                { "end_synchro", "['bool']" },
                { "restart_sequence", "['bool', 'bool']" },
                { "enable_host_statistics", "['bool', 'bool']" },
                { "update_collecting_period", "['bool', 'float']" },
                { "stop_process", "['bool', 'str', 'bool']" },
                { "disable", "['bool', 'str', 'bool']" },
                { "start_args", "['bool', 'str', 'str', 'bool']" },
                { "update_numprocs", "['bool', 'str', 'int', 'bool', 'bool']" },
                { "start_application", "['bool', 'StartingStrategies', 'str', 'bool']" },
                { "restart_process", "['bool', 'StartingStrategies', 'str', 'str', 'bool']" },
                { "start_any_process", "['str', 'StartingStrategies', 'str', 'str', 'bool']" },
                { "test_start_application",
                        "['list[dict[str, Any]]', 'StartingStrategies', 'str']" },
                { "conciliate", "['bool', 'ConciliationStrategies']" },
                { "change_log_level", "['bool', 'Union[str, int]']" },
                { "get_all_instances_state_modes", "[4] SIGNATURE_UNSUPPORTED" },
                { "get_instance_state_modes", "[4] SIGNATURE_UNSUPPORTED" },
                { "get_instance_info", "[4] SIGNATURE_UNSUPPORTED" },
                { "get_master_identifier", "[4] SIGNATURE_UNSUPPORTED" },
                { "get_network_info", "[4] SIGNATURE_UNSUPPORTED" },
                { "get_strategies", "[4] SIGNATURE_UNSUPPORTED" },
                { "test_start_process", "[4] SIGNATURE_UNSUPPORTED" },
                { "get_logger_levels", "[4] SIGNATURE_UNSUPPORTED" },
        };
        struct supvisors_world *w = *state;

        for (size_t i = 0; i < ELEMENTS(want); i++) {
                CLEANUP(mem_free) char *name = mem_format("supvisors.%s", want[i][0]);

                call_world_check(w->calls, want[i][1], "system.methodSignature", "s", name);
        }
}

#define STARTING "<enum 'StartingStrategies'>"

static void a_starting_strategy_is_a_name_or_a_number(void **state)
{
        struct supvisors_world *w = *state;
        const char *method = "supvisors.start_application";
        static const char names[] =
                "[2] INCORRECT_PARAMETERS: invalid " STARTING " value=%s - string "
                "expected in ['CONFIG', 'LESS_LOADED', 'MOST_LOADED', 'LOCAL', "
                "'LESS_LOADED_NODE', 'MOST_LOADED_NODE']";
        CLEANUP(mem_free) char *bad_name = NULL, *bad_case = NULL;

        bad_name = mem_format(names, "3");
        bad_case = mem_format(names, "config");
        call_world_check(w->calls, bad_name, method, "ss", "3", "b");
        call_world_check(w->calls, bad_case, method, "ss", "config", "b");
        call_world_check(w->calls,
                "[2] INCORRECT_PARAMETERS: invalid " STARTING
                " value=6 - integer expected in [0, 1, 2, 3, 4, 5]",
                method, "is", 6, "b");
        call_world_check(w->calls,
                "[2] INCORRECT_PARAMETERS: invalid " STARTING
                " value=-1 - integer expected in [0, 1, 2, 3, 4, 5]",
                method, "is", -1, "b");
        call_world_check(w->calls,
                "[2] INCORRECT_PARAMETERS: invalid " STARTING
                " value=1.0 type=<class 'float'> - type string or integer expected",
                method, "ds", 1.0, "b");
        call_world_check(w->calls,
                "[2] INCORRECT_PARAMETERS: invalid " STARTING
                " value=True type=<class 'bool'> - type string or integer expected",
                method, "bs", 1, "b");
        call_world_check(w->calls,
                "[2] INCORRECT_PARAMETERS: invalid " STARTING
                " value=None type=<class 'NoneType'> - type string or integer expected",
                method, "ns", "b");
        assert_null(w->host->events.data);
}

static void answer_true(struct fake_host *host, uint64_t request)
{
        calls_answer(host->server, request, answer_new(ANSWER_TRUE));
}

static void what_concerns_all_is_asked_of_the_fleet(void **state)
{
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;

        w->host->on_fleet = answer_true;
        call_world_check(c, "True", "supvisors.start_application", "ss", "CONFIG", "b");
        call_world_check(c, "True", "supvisors.start_application", "isb", 1, "b", 0);
        call_world_check(c, "True", "supvisors.restart_application", "iss", 2, "b", "yes");
        call_world_check(c, "True", "supvisors.stop_application", "si", "b", 0);
        call_world_check(c, "True", "supvisors.start_process", "ss", "LOCAL", "b:b1");
        call_world_check(c, "True", "supvisors.start_process", "sssb", "CONFIG", "b:*", "-x y", 0);
        call_world_check(
                c, "True", "supvisors.restart_process", "sss", "MOST_LOADED_NODE", "cat", "-v");
        call_world_check(c, "True", "supvisors.start_any_process", "sss", "CONFIG", "b[12]", "-v");
        call_world_check(c, "True", "supvisors.stop_process", "s", "b:");
        call_world_check(c, "True", "supvisors.restart_sequence", "b", 0);
        call_world_check(c, "True", "supvisors.test_start_application", "is", 4, "b");
        call_world_check(c, "True", "supvisors.test_start_process", "is", 0, "b:b1");
        assert_string_equal(w->host->events.data,
                "start application name=b args=- strategy=0 wait=1\n"
                "start application name=b args=- strategy=1 wait=0\n"
                "restart application name=b args=- strategy=2 wait=1\n"
                "stop application name=b args=- strategy=0 wait=0\n"
                "start process name=b:b1 args= strategy=3 wait=1\n"
                "start process name=b:* args=-x y strategy=0 wait=0\n"
                "restart process name=cat args=-v strategy=5 wait=1\n"
                "start any name=b[12] args=-v strategy=0 wait=1\n"
                "stop process name=b: args=- strategy=0 wait=1\n"
                "restart sequence name=- args=- strategy=0 wait=0\n"
                "test start application name=b args=- strategy=4 wait=0\n"
                "test start process name=b:b1 args=- strategy=0 wait=0\n");
}

static void arguments_that_are_too_long_for_the_cluster_are_refused(void **state)
{
        struct supvisors_world *w = *state;
        CLEANUP(mem_free) char *args = mem_new(PROCESS_ARGS_MAX + 2);

        w->host->on_fleet = answer_true;
        memset(args, 'x', PROCESS_ARGS_MAX + 1);
        call_world_check(w->calls,
                "[2] INCORRECT_PARAMETERS: extra arguments of more than 16384 bytes",
                "supvisors.start_process", "sss", "CONFIG", "b:b1", args);
        assert_null(w->host->events.data);
        args[PROCESS_ARGS_MAX] = 0;
        call_world_check(
                w->calls, "True", "supvisors.start_process", "sss", "CONFIG", "b:b1", args);
}

static void a_call_finishes_with_the_answer_of_the_fleet(void **state)
{
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;
        CLEANUP(call_free)
        struct call *first =
                call_world_start(c, "supvisors.start_any_process", "ss", "CONFIG", "b");
        uint64_t first_request = w->host->last_request;
        CLEANUP(call_free)
        struct call *second = call_world_start(c, "supvisors.stop_process", "s", "b:b1");
        CLEANUP(mem_free) char *got = NULL, *got_second = NULL;

        assert_false(c->done);
        calls_answer(c->calls, w->host->last_request,
                answer_new_fault(FAULT_STILL_RUNNING, "processes=['b:b1']"));
        assert_true(c->done);
        got_second = call_world_result(second);
        assert_string_equal(got_second, "[91] STILL_RUNNING: processes=['b:b1']");
        c->done = false;
        calls_answer(c->calls, first_request, answer_new_text("b:b2"));
        assert_true(c->done);
        got = call_world_result(first);
        assert_string_equal(got, "b:b2");
}

static void answer_forecast(struct fake_host *host, uint64_t request)
{
        struct answer *answer = answer_new(ANSWER_FORECAST);
        struct answer_forecast *forecast = answer_add_forecast(answer);

        forecast->application = mem_strdup("b");
        forecast->process = mem_strdup("b1");
        forecast->state = RUNNING;
        forecast->reason = mem_strdup("");
        forecast->identifiers = mem_new_array(2, sizeof(char *));
        forecast->identifiers[0] = mem_strdup("h1:60001");
        forecast = answer_add_forecast(answer);
        forecast->application = mem_strdup("b");
        forecast->process = mem_strdup("b2");
        forecast->state = FATAL;
        forecast->reason = mem_strdup("No resource available");
        calls_answer(host->server, request, answer);
}

static void a_forecast_is_an_array_of_structs(void **state)
{
        struct supvisors_world *w = *state;

        w->host->on_fleet = answer_forecast;
        call_world_check(w->calls,
                "[{'application_name': 'b', 'process_name': 'b1', 'state': 'RUNNING', "
                "'forced_reason': '', 'running_identifiers': ['h1:60001']}, "
                "{'application_name': 'b', 'process_name': 'b2', 'state': 'FATAL', "
                "'forced_reason': 'No resource available', 'running_identifiers': []}]",
                "supvisors.test_start_application", "ss", "CONFIG", "b");
}

static void whoever_was_asked_is_told_that_nobody_waits(void **state)
{
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;
        struct call *fleet = call_world_start(c, "supvisors.restart_sequence", "");
        uint64_t fleet_request = w->host->last_request;
        struct call *engine = call_world_start(c, "supvisors.start_args", "ss", "cat", "-v");
        uint64_t engine_request = w->host->last_request;
        struct call *cluster = call_world_start(c, "supvisors.restart", "");
        CLEANUP(mem_free) char *want = NULL;

        call_free(fleet);
        call_free(engine);
        call_free(cluster);
        want = mem_format("restart sequence name=- args=- strategy=0 wait=1\n"
                          "start name=cat signal=- wait=1 args=-v\n"
                          "end cluster restart=1\n"
                          "fleet dropped %u\ndropped %u\nfleet dropped %u\n",
                (unsigned)fleet_request, (unsigned)engine_request, (unsigned)w->host->last_request);
        assert_string_equal(w->host->events.data, want);
        /* The answer comes nevertheless, and finds nobody. */
        calls_answer(c->calls, fleet_request, answer_new(ANSWER_TRUE));
        assert_false(c->done);
}

static struct value *member_call(const char *method, const char *first, const char *second)
{
        struct value *member = value_new(VALUE_STRUCT), *params = value_new(VALUE_ARRAY);

        value_set(member, "methodName", value_new_string(method));
        if (first)
                value_append(params, value_new_string(first));
        if (second)
                value_append(params, value_new_string(second));
        value_set(member, "params", params);
        return member;
}

static void calls_within_a_multicall_wait_one_after_another(void **state)
{
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;
        struct value *list = value_new(VALUE_ARRAY), *params = value_new(VALUE_ARRAY);
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *got = NULL;

        value_append(list, member_call("supvisors.get_api_version", NULL, NULL));
        value_append(list, member_call("supvisors.start_application", "CONFIG", "b"));
        value_append(list, member_call("supvisors.get_network_info", "nix", NULL));
        value_append(list, member_call("supvisors.start_args", "cat", "-v"));
        value_append(list, member_call("supvisors.stop_process", "b:b1", NULL));
        value_append(params, list);
        call = call_world_begin(c, "system.multicall", params);
        assert_string_equal(w->host->events.data, "start application name=b args=- strategy=0 "
                                                  "wait=1\n");
        calls_answer(c->calls, w->host->last_request, answer_new(ANSWER_TRUE));
        assert_false(c->done);
        assert_non_null(strstr(w->host->events.data, "start name=cat signal=- wait=1 args=-v\n"));
        assert_null(strstr(w->host->events.data, "stop process"));
        calls_answer(c->calls, w->host->last_request, answer_new(ANSWER_TRUE));
        assert_false(c->done);
        calls_answer(c->calls, w->host->last_request,
                answer_new_fault(FAULT_NOT_RUNNING, "b:b1 already stopped"));
        assert_true(c->done);
        got = call_world_result(call);
        assert_string_equal(got,
                "['0.19', True, {'faultCode': 10, 'faultString': 'BAD_NAME: identifier=nix is "
                "unknown to Supvisors'}, True, {'faultCode': 70, 'faultString': 'NOT_RUNNING: "
                "b:b1 already stopped'}]");
}

static void conciliate_leaves_user_to_the_user(void **state)
{
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;

        w->cluster->status.state = FSM_CONCILIATION;
        w->host->on_fleet = answer_true;
        call_world_check(c, "False", "supvisors.conciliate", "s", "USER");
        call_world_check(c, "False", "supvisors.conciliate", "i", 2);
        assert_null(w->host->events.data);
        call_world_check(c, "True", "supvisors.conciliate", "s", "STOP");
        assert_string_equal(w->host->events.data, "conciliate name=- args=- strategy=3 wait=0\n");
        call_world_check(c,
                "[2] INCORRECT_PARAMETERS: invalid <enum 'ConciliationStrategies'> value=CONFIG - "
                "string expected in ['SENICIDE', 'INFANTICIDE', 'USER', 'STOP', 'RESTART', "
                "'RUNNING_FAILURE']",
                "supvisors.conciliate", "s", "CONFIG");
}

static void the_end_of_all_needs_a_master(void **state)
{
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;

        w->host->on_fleet = answer_true;
        call_world_check(c, "True", "supvisors.restart", "");
        call_world_check(c, "True", "supvisors.shutdown", "");
        assert_string_equal(w->host->events.data, "end cluster restart=1\nend cluster restart=0\n");
        w->cluster->status.master = PEERS_NONE;
        call_world_check(c, "[101] BAD_SUPVISORS_STATE: no Supvisors Master is known",
                "supvisors.restart", "");
        call_world_check(c, "[101] BAD_SUPVISORS_STATE: no Supvisors Master is known",
                "supvisors.shutdown", "");
}

static void end_sync_takes_one_running_instance_or_none(void **state)
{
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;
        const char *method = "supvisors.end_sync";

        w->cluster->status.state = FSM_SYNCHRONIZATION;
        w->host->on_fleet = answer_true;
        call_world_check(
                c, "[101] BAD_SUPVISORS_STATE: Supvisors synchronization ending", method, "");
        w->cluster->status.master = PEERS_NONE;
        call_world_check(c, "[10] BAD_NAME: unknown Supvisors identifier=nix", method, "s", "nix");
        call_world_check(c,
                "[2] INCORRECT_PARAMETERS: multiple identifiers=['h1:60001', 'h2:60002'] found "
                "for Supvisors master=red",
                method, "s", "red");
        call_world_check(c,
                "[70] NOT_RUNNING: Supvisors instance=h3:60003 is not RUNNING (STOPPED)", method,
                "s", "n3");
        assert_null(w->host->events.data);
        call_world_check(c, "True", method, "");
        call_world_check(c, "True", "supvisors.end_synchro", "");
        call_world_check(c, "True", method, "s", "");
        call_world_check(c, "True", method, "s", "h1:60001");
        call_world_check(c, "True", method, "s", "blue");
        assert_string_equal(w->host->events.data, "end sync master=-1\nend sync master=-1\n"
                                                  "end sync master=-1\nend sync master=0\n"
                                                  "end sync master=1\n");
        w->config.synchro = SYNCHRO_STRICT;
        call_world_check(
                c, "[104] NOT_APPLICABLE: USER expected in synchro_options", method, "s", "nix");
}

static void answer_event(struct fake_host *host, const struct event *event)
{
        calls_answer(host->server, event->request.id, answer_new(ANSWER_TRUE));
}

static void start_args_starts_here(void **state)
{
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;
        const char *method = "supvisors.start_args";

        w->host->on_request = answer_event;
        w->cluster->status.state = FSM_OFF;
        call_world_check(c, "True", method, "ss", "b:b1", "-a b");
        call_world_check(c, "True", method, "ssb", "cat", "", 0);
        assert_string_equal(w->host->events.data, "start name=b:b1 signal=- wait=1 args=-a b\n"
                                                  "start name=cat signal=- wait=0 args=\n");
        call_world_check(
                c, "[10] BAD_NAME: application=nix unknown to Supvisors", method, "ss", "nix", "");
        call_world_check(c, "[10] BAD_NAME: process=nix unknown in application=b", method, "ss",
                "b:nix", "");
        call_world_check(c, "[2] INCORRECT_PARAMETERS", method, "s", "cat");
}

static void what_is_local_needs_a_program_of_this_instance(void **state)
{
        static const char *const names[] = { "supvisors.enable", "supvisors.disable" };
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;

        w->host->on_request = answer_event;
        for (size_t i = 0; i < ELEMENTS(names); i++)
                call_world_check(
                        c, "[10] BAD_NAME: program=x unknown to Supvisors", names[i], "s", "x");
        call_world_check(c, "[10] BAD_NAME: program=x unknown to Supvisors",
                "supvisors.update_numprocs", "si", "x", 0);
        assert_null(w->host->events.data);
        call_world_check(c, "True", "supvisors.enable", "s", "b1");
        call_world_check(c, "True", "supvisors.disable", "sb", "cat", 0);
        assert_string_equal(w->host->events.data, "enable name=b1 signal=- wait=1\n"
                                                  "disable name=cat signal=- wait=0\n");
}

static void numprocs_is_whatever_is_a_number_from_1_on(void **state)
{
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;
        const char *method = "supvisors.update_numprocs";

        w->host->on_request = answer_event;
        call_world_check(c, "True", method, "si", "cat", 4);
        call_world_check(c, "True", method, "sb", "cat", 1);
        call_world_check(c, "True", method, "sdb", "cat", 3.7, 0);
        call_world_check(c, "True", method, "ssbb", "cat", "3", 1, 1);
        assert_string_equal(w->host->events.data,
                "numprocs name=cat signal=- wait=1 number=4 lazy=0\n"
                "numprocs name=cat signal=- wait=1 number=1 lazy=0\n"
                "numprocs name=cat signal=- wait=0 number=3 lazy=0\n"
                "numprocs name=cat signal=- wait=1 number=3 lazy=1\n");
        call_world_check(c,
                "[2] INCORRECT_PARAMETERS: program=cat incorrect numprocs=0 - integer > 0 expected",
                method, "si", "cat", 0);
        call_world_check(c,
                "[2] INCORRECT_PARAMETERS: program=cat incorrect numprocs=3.7 - integer > 0 "
                "expected",
                method, "ss", "cat", "3.7");
        call_world_check(c,
                "[2] INCORRECT_PARAMETERS: program=cat incorrect numprocs=None - integer > 0 "
                "expected",
                method, "sn", "cat");
        call_world_check(c,
                "[2] INCORRECT_PARAMETERS: program=cat incorrect numprocs=9999999999 - integer > 0 "
                "expected",
                method, "ss", "cat", "9999999999");
}

static void while_this_daemon_ends_what_is_local_is_refused(void **state)
{
        static const char *const names[] = { "supvisors.enable", "supvisors.disable",
                "supvisors.get_local_process_info" };
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;

        w->host->engine->mood = MOOD_SHUTDOWN;
        for (size_t i = 0; i < ELEMENTS(names); i++)
                call_world_check(c, "[6] SHUTDOWN_STATE", names[i], "s", "cat");
        call_world_check(c, "[6] SHUTDOWN_STATE", "supvisors.get_all_local_process_info", "");
        call_world_check(c, "[6] SHUTDOWN_STATE", "supvisors.start_args", "ss", "cat", "");
        call_world_check(c, "[6] SHUTDOWN_STATE", "supvisors.update_numprocs", "si", "cat", 1);
        call_world_check(c, "0.19", "supvisors.get_api_version", "");
}

static void the_log_level_is_a_word_in_any_case_or_a_number(void **state)
{
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;
        const char *method = "supvisors.change_log_level";

        call_world_check(c, "True", method, "s", "Debug");
        call_world_check(c, "True", method, "s", "blather");
        call_world_check(c, "True", method, "i", 50);
        assert_string_equal(w->host->events.data, "log level 10\nlog level 3\nlog level 50\n");
        call_world_check(c,
                "[2] INCORRECT_PARAMETERS: invalid logger value=x - string expected in "
                "['critical', 'error', 'warn', 'info', 'debug', 'trace', 'blather']",
                method, "s", "x");
        call_world_check(c,
                "[2] INCORRECT_PARAMETERS: invalid logger value=7 - integer expected in [50, 40, "
                "30, 20, 10, 5, 3]",
                method, "i", 7);
        call_world_check(c,
                "[2] INCORRECT_PARAMETERS: invalid logger value=10.0 type=<class 'float'> - type "
                "string or integer expected",
                method, "d", 10.0);
}

static void statistics_are_switched(void **state)
{
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;
        const char *status = "supvisors.get_statistics_status";

        w->host->statistics = (struct rpc_statistics){ .period = 5 };
        call_world_check(c, "True", "supvisors.enable_host_statistics", "s", "yes");
        call_world_check(c,
                "{'host_stats': True, 'process_stats': False, 'collecting_period': 5.0}", status,
                "");
        call_world_check(c, "True", "supvisors.enable_process_statistics", "b", 1);
        call_world_check(c, "True", "supvisors.enable_host_statistics", "i", 0);
        call_world_check(c, "True", "supvisors.update_collecting_period", "d", 2.5);
        call_world_check(c,
                "{'host_stats': False, 'process_stats': True, 'collecting_period': 2.5}", status,
                "");
        call_world_check(c, "True", "supvisors.update_collecting_period", "i", 3600);
        call_world_check(c,
                "{'host_stats': False, 'process_stats': True, 'collecting_period': 3600.0}", status,
                "");
}

static void a_period_that_nobody_could_keep_is_refused(void **state)
{
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;
        const char *method = "supvisors.update_collecting_period";
        static const char words[] = "[2] INCORRECT_PARAMETERS: invalid collecting_period value=%s "
                                    "- number of seconds in [1;3600] expected";
        CLEANUP(mem_free)
        char *zero = mem_format(words, "0.5"), *big = mem_format(words, "3601"),
             *text = mem_format(words, "5"), *truth = mem_format(words, "True");

        call_world_check(c, zero, method, "d", 0.5);
        call_world_check(c, big, method, "i", 3601);
        call_world_check(c, text, method, "s", "5");
        call_world_check(c, truth, method, "b", 1);
        assert_true(w->host->statistics.period == 0);
}

static void where_nothing_collects_statistics_they_are_not_switched(void **state)
{
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;
        static const char *const names[] = { "supvisors.enable_host_statistics",
                "supvisors.enable_process_statistics", "supvisors.update_collecting_period" };

        calls_free(c->calls);
        c->calls = calls_new(&fake_host_calls_poor, w->host);
        for (size_t i = 0; i < ELEMENTS(names); i++)
                call_world_check(c, "[105] NOT_INSTALLED: psutil not installed", names[i], "i", 1);
        call_world_check(c,
                "{'host_stats': False, 'process_stats': False, 'collecting_period': 5.0}",
                "supvisors.get_statistics_status", "");
        call_world_check(c, "[1] UNKNOWN_METHOD", "reeve.reloadRules", "");
        call_world_check(c, "[1] UNKNOWN_METHOD", "reeve.readmit", "s", "n1");
}

static void rules_that_are_not_good_are_refused_with_their_fault(void **state)
{
        struct supvisors_world *w = *state;

        call_world_check(w->calls, "True", "reeve.reloadRules", "");
        w->host->rules_error = "rules file 'x', line 2: no";
        call_world_check(
                w->calls, "[92] CANT_REREAD: rules file 'x', line 2: no", "reeve.reloadRules", "");
}

static void only_who_is_isolated_is_readmitted(void **state)
{
        struct supvisors_world *w = *state;
        struct call_world *c = w->calls;

        call_world_check(c, "[104] NOT_APPLICABLE: instance=h2:60002 is not ISOLATED (RUNNING)",
                "reeve.readmit", "s", "n2");
        call_world_check(c, "[10] BAD_NAME: identifier=nix is unknown to Supvisors",
                "reeve.readmit", "s", "nix");
        assert_null(w->host->events.data);
        supvisors_world_instance(w, 1, PEERS_ISOLATED);
        call_world_check(c, "True", "reeve.readmit", "s", "blue");
        assert_string_equal(w->host->events.data, "readmit 1\n");
}

#define TEST(name) \
        cmocka_unit_test_setup_teardown(name, supvisors_world_setup, supvisors_world_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_list_of_methods_is_whole),
                TEST(a_state_that_is_not_expected_is_refused_before_all_else),
                TEST(a_state_that_is_expected_lets_pass),
                TEST(the_number_of_parameters_is_checked_before_the_state),
                TEST(without_a_cluster_there_is_no_supvisors),
                TEST(names_that_are_no_strings_are_refused),
                TEST(signatures_are_those_of_supvisors),
                TEST(a_starting_strategy_is_a_name_or_a_number),
                TEST(what_concerns_all_is_asked_of_the_fleet),
                TEST(arguments_that_are_too_long_for_the_cluster_are_refused),
                TEST(a_call_finishes_with_the_answer_of_the_fleet),
                TEST(a_forecast_is_an_array_of_structs),
                TEST(whoever_was_asked_is_told_that_nobody_waits),
                TEST(calls_within_a_multicall_wait_one_after_another),
                TEST(conciliate_leaves_user_to_the_user),
                TEST(the_end_of_all_needs_a_master),
                TEST(end_sync_takes_one_running_instance_or_none),
                TEST(start_args_starts_here),
                TEST(what_is_local_needs_a_program_of_this_instance),
                TEST(numprocs_is_whatever_is_a_number_from_1_on),
                TEST(while_this_daemon_ends_what_is_local_is_refused),
                TEST(the_log_level_is_a_word_in_any_case_or_a_number),
                TEST(statistics_are_switched),
                TEST(a_period_that_nobody_could_keep_is_refused),
                TEST(where_nothing_collects_statistics_they_are_not_switched),
                TEST(rules_that_are_not_good_are_refused_with_their_fault),
                TEST(only_who_is_isolated_is_readmitted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
