/* Commands that act on the cluster: see clustercontrol.h. */
#include "client/clustercontrol.h"

#include <string.h>

#include "base/text.h"
#include "client/clusterask.h"
#include "client/commands.h"
#include "client/namespec.h"
#include "client/table.h"
#include "engine/fault.h"
#include "rules/strategy.h"

#define STARTING_NAMES \
        "['CONFIG', 'LESS_LOADED', 'MOST_LOADED', 'LOCAL', 'LESS_LOADED_NODE', 'MOST_LOADED_NODE']"

/* The first word as a strategy; false: it is none, which is said. */
static bool take_strategy(struct session *s, const char *command, const struct names *names,
        enum starting_strategy *ret)
{
        if (starting_strategy_find(names->at[0], ret))
                return true;
        commands_refuse(s, command, EXIT_INVALID_ARGUMENTS,
                "ERROR: unknown strategy for %s. use one of " STARTING_NAMES, command);
        return false;
}

static struct value *strategy_params(enum starting_strategy strategy, const char *name)
{
        struct value *params = value_new(VALUE_ARRAY);

        value_append(params, value_new_integer(strategy));
        value_append(params, value_new_string(name));
        return params;
}

/* The words from this one on, with single blanks between. */
static char *rest_of(const struct names *names, size_t first)
{
        struct text text = {};

        for (size_t i = first; i < names->count; i++) {
                if (i > first)
                        text_append_char(&text, ' ');
                text_append(&text, names->at[i]);
        }
        return text_take(&text);
}

static void drop_first(struct names *names)
{
        mem_free(names->at[0]);
        for (size_t i = 1; i < names->count; i++)
                names->at[i - 1] = names->at[i];
        names->count--;
}

/* A call about one item, and the line that says what came of it. */
static int act(struct session *s, const char *item, const char *method, struct value *params,
        const char *done)
{
        CLEANUP(value_free) struct value *result = NULL;
        int r = clusterask_call(s, item, method, params, &result);

        if (r > 0)
                session_say(s, "%s %s: %s", item, done, value_is_true(result) ? "True" : "False");
        return r < 0 ? r : 0;
}

/*
 * Applications.
 */

struct application_action {
        const char *command;
        const char *method;
        const char *verb, *done;
        bool has_strategy;
};

static const struct application_action start_application = { "start_application",
        "supvisors.start_application", "start", "started", true };
static const struct application_action restart_application = { "restart_application",
        "supvisors.restart_application", "restart", "restarted", true };
static const struct application_action stop_application = { "stop_application",
        "supvisors.stop_application", "stop", "stopped", false };

static const struct value *find_application(const struct value *all, const char *name)
{
        for (size_t i = 0; i < clusterask_count(all); i++)
                if (text_equal(clusterask_text(all->array.items[i], "application_name"), name))
                        return all->array.items[i];
        return NULL;
}

static bool is_managed(const struct value *application)
{
        return value_is_true(value_member(application, "managed"));
}

/* All that are managed, sorted. */
static void take_managed(struct names *names, const struct value *all)
{
        names_clear(names);
        for (size_t i = 0; i < clusterask_count(all); i++)
                if (is_managed(all->array.items[i]))
                        names_append(
                                names, clusterask_text(all->array.items[i], "application_name"));
        names_sort(names);
}

static int act_on_application(struct session *s, const struct application_action *action,
        enum starting_strategy strategy, const struct value *all, const char *name)
{
        const struct value *application = find_application(all, name);

        if (!application) {
                session_say(s, "%s: ERROR (no such application)", name);
                s->exit_status = EXIT_INVALID_ARGUMENTS;
                return 0;
        }
        if (!is_managed(application)) {
                session_say(s, "%s: IGNORED (unmanaged. use %s %s:*)", name, action->verb, name);
                return 0;
        }
        return act(s, name, action->method,
                action->has_strategy ? strategy_params(strategy, name)
                                     : session_strings(name, NULL),
                action->done);
}

static int act_on_applications(
        struct session *s, const struct application_action *action, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        CLEANUP(value_free) struct value *all = NULL;
        enum starting_strategy strategy = STARTING_CONFIG;
        int r;

        if (action->has_strategy && names.count == 0) {
                commands_refuse(s, action->command, EXIT_INVALID_ARGUMENTS,
                        "ERROR: %s requires at least a strategy", action->command);
                return 0;
        }
        if (action->has_strategy) {
                if (!take_strategy(s, action->command, &names, &strategy))
                        return 0;
                drop_first(&names);
        }
        r = clusterask_get(s, "supvisors.get_all_applications_info", &all);
        if (r <= 0)
                return r;
        if (clusterask_is_all(&names))
                take_managed(&names, all);
        r = 0;
        for (size_t i = 0; r == 0 && i < names.count; i++)
                r = act_on_application(s, action, strategy, all, names.at[i]);
        return r;
}

int clustercontrol_start_application(struct session *s, const char *args)
{
        return act_on_applications(s, &start_application, args);
}

int clustercontrol_restart_application(struct session *s, const char *args)
{
        return act_on_applications(s, &restart_application, args);
}

int clustercontrol_stop_application(struct session *s, const char *args)
{
        return act_on_applications(s, &stop_application, args);
}

/*
 * Forecasts.
 */

static int show_forecast(
        struct session *s, const char *item, const char *method, struct value *params)
{
        static const struct table_column columns[] = {
                { "Application", TABLE_FLEXIBLE },
                { "Process", TABLE_FLEXIBLE },
                { "State", 12 },
                { "Supervisor", TABLE_FLEXIBLE },
                { "Reason", TABLE_END },
        };
        CLEANUP(table_clear) struct table table = table_new(columns, ELEMENTS(columns));
        CLEANUP(text_clear) struct text text = {};
        CLEANUP(value_free) struct value *result = NULL;
        int r = clusterask_call(s, item, method, params, &result);

        if (r <= 0)
                return r;
        for (size_t i = 0; i < clusterask_count(result); i++) {
                const struct value *row = result->array.items[i];
                CLEANUP(mem_free) char *places = clusterask_words(row, "running_identifiers");

                table_cell(&table, "%s", clusterask_text(row, "application_name"));
                table_cell(&table, "%s", clusterask_text(row, "process_name"));
                table_cell(&table, "%s", clusterask_text(row, "state"));
                table_cell(&table, "%s", places);
                table_cell(&table, "%s", clusterask_text(row, "forced_reason"));
        }
        table.width_max = session_columns(s);
        table_render(&table, &text);
        session_say(s, "%s", text_string(&text));
        return 0;
}

int clustercontrol_test_start_application(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        CLEANUP(value_free) struct value *application = NULL;
        enum starting_strategy strategy;
        int r;

        if (names.count != 2) {
                commands_refuse(s, "test_start_application", EXIT_INVALID_ARGUMENTS,
                        "ERROR: test_start_application requires one strategy and one application "
                        "name");
                return 0;
        }
        if (!take_strategy(s, "test_start_application", &names, &strategy))
                return 0;
        r = session_call(s, "supvisors.get_application_info", session_strings(names.at[1], NULL),
                &application);
        if (r < 0)
                return r;
        if (r == FAULT_BAD_NAME) {
                session_say(s, "ERROR: unknown application \"%s\"", names.at[1]);
                s->exit_status = EXIT_INVALID_ARGUMENTS;
                return 0;
        }
        if (r == 0 && !is_managed(application)) {
                commands_refuse(s, "test_start_application", EXIT_INVALID_ARGUMENTS,
                        "ERROR: %s unmanaged", names.at[1]);
                return 0;
        }
        return show_forecast(s, names.at[1], "supvisors.test_start_application",
                strategy_params(strategy, names.at[1]));
}

int clustercontrol_test_start_process(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        enum starting_strategy strategy;

        if (names.count != 2) {
                commands_refuse(s, "test_start_process", EXIT_INVALID_ARGUMENTS,
                        "ERROR: test_start_process requires one strategy and one namespec");
                return 0;
        }
        if (!take_strategy(s, "test_start_process", &names, &strategy))
                return 0;
        return show_forecast(s, names.at[1], "supvisors.test_start_process",
                strategy_params(strategy, names.at[1]));
}

/*
 * Processes.
 */

static char *namespec_of(const struct value *process)
{
        return namespec_join(clusterask_text(process, "application_name"),
                clusterask_text(process, "process_name"));
}

static bool is_running(const struct value *process)
{
        const char *state = clusterask_text(process, "statename");

        return text_equal(state, "RUNNING") || text_equal(state, "STARTING") ||
               text_equal(state, "BACKOFF");
}

/* Where all are meant, all their names; sorted in any case.  1: go on. */
static int take_processes(struct session *s, struct names *names, bool running_only)
{
        CLEANUP(value_free) struct value *all = NULL;
        int r = 1;

        if (clusterask_is_all(names)) {
                names_clear(names);
                r = clusterask_get(s, "supvisors.get_all_process_info", &all);
                for (size_t i = 0; r > 0 && i < clusterask_count(all); i++) {
                        CLEANUP(mem_free) char *name = namespec_of(all->array.items[i]);

                        if (!running_only || is_running(all->array.items[i]))
                                names_append(names, name);
                }
        }
        names_sort(names);
        return r;
}

static int act_on_processes(struct session *s, const char *method, const char *done,
        enum starting_strategy strategy, struct names *names)
{
        int r = take_processes(s, names, false);

        if (r <= 0)
                return r;
        r = 0;
        for (size_t i = 0; r == 0 && i < names->count; i++)
                r = act(s, names->at[i], method, strategy_params(strategy, names->at[i]), done);
        return r;
}

int clustercontrol_start_process(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        enum starting_strategy strategy;

        if (names.count == 0) {
                commands_refuse(s, "start_process", EXIT_INVALID_ARGUMENTS,
                        "ERROR: start_process requires at least a strategy");
                return 0;
        }
        if (!take_strategy(s, "start_process", &names, &strategy))
                return 0;
        drop_first(&names);
        return act_on_processes(s, "supvisors.start_process", "started", strategy, &names);
}

int clustercontrol_restart_process(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        enum starting_strategy strategy;

        if (names.count == 0) {
                commands_refuse(s, "restart_process", EXIT_INVALID_ARGUMENTS,
                        "ERROR: restart_process requires a strategy and a program name");
                return 0;
        }
        if (!starting_strategy_find(names.at[0], &strategy)) {
                commands_refuse(s, "restart_process", EXIT_INVALID_ARGUMENTS,
                        "ERROR: unknown strategy=%s. use one of " STARTING_NAMES, names.at[0]);
                return 0;
        }
        drop_first(&names);
        return act_on_processes(s, "supvisors.restart_process", "restarted", strategy, &names);
}

int clustercontrol_stop_process(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        int r = take_processes(s, &names, true);

        for (size_t i = 0; r > 0 && i < names.count; i++) {
                CLEANUP(value_free) struct value *result = NULL;
                int done = clusterask_call(s, names.at[i], "supvisors.stop_process",
                        session_strings(names.at[i], NULL), &result);

                if (done < 0)
                        return done;
                if (done > 0)
                        session_say(s, "%s stopped", names.at[i]);
        }
        return r < 0 ? r : 0;
}

int clustercontrol_start_process_args(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        CLEANUP(mem_free) char *extra = NULL;
        enum starting_strategy strategy;
        struct value *params;

        if (names.count < 3) {
                commands_refuse(s, "start_process_args", EXIT_INVALID_ARGUMENTS,
                        "ERROR: start_process_args requires a strategy, a program namespec and "
                        "extra arguments");
                return 0;
        }
        if (!take_strategy(s, "start_process_args", &names, &strategy))
                return 0;
        extra = rest_of(&names, 2);
        params = strategy_params(strategy, names.at[1]);
        value_append(params, value_new_string(extra));
        return act(s, names.at[1], "supvisors.start_process", params, "started");
}

int clustercontrol_start_args(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        CLEANUP(mem_free) char *extra = NULL;

        if (names.count < 2) {
                commands_refuse(s, "start_args", EXIT_INVALID_ARGUMENTS,
                        "ERROR: start_args requires a process name and extra arguments");
                return 0;
        }
        extra = rest_of(&names, 1);
        return act(s, names.at[0], "supvisors.start_args", session_strings(names.at[0], extra),
                "started");
}

static int start_any(
        struct session *s, enum starting_strategy strategy, const char *pattern, const char *extra)
{
        CLEANUP(value_free) struct value *started = NULL;
        CLEANUP(mem_free) char *item = mem_format("\"%s\"", pattern);
        struct value *params = strategy_params(strategy, pattern);
        int r;

        if (extra)
                value_append(params, value_new_string(extra));
        r = clusterask_call(s, item, "supvisors.start_any_process", params, &started);
        if (r > 0)
                session_say(s, "%s started", value_string(started, ""));
        return r < 0 ? r : 0;
}

int clustercontrol_start_any(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        enum starting_strategy strategy;
        int r = 0;

        if (names.count < 2) {
                commands_refuse(s, "start_any_process", EXIT_INVALID_ARGUMENTS,
                        "ERROR: start_any_process requires a strategy and at least a regular "
                        "expression");
                return 0;
        }
        if (!take_strategy(s, "start_any_process", &names, &strategy))
                return 0;
        drop_first(&names);
        names_sort(&names);
        for (size_t i = 0; r == 0 && i < names.count; i++)
                r = start_any(s, strategy, names.at[i], NULL);
        return r;
}

int clustercontrol_start_any_args(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        CLEANUP(mem_free) char *extra = NULL;
        enum starting_strategy strategy;

        if (names.count < 3) {
                commands_refuse(s, "start_any_process_args", EXIT_INVALID_ARGUMENTS,
                        "ERROR: start_any_process_args requires a strategy, a regular expression "
                        "and extra arguments");
                return 0;
        }
        if (!take_strategy(s, "start_any_process_args", &names, &strategy))
                return 0;
        extra = rest_of(&names, 2);
        return start_any(s, strategy, names.at[1], extra);
}

/*
 * On every instance.
 */

static bool takes_starts(const struct value *instance)
{
        const char *state = clusterask_text(instance, "statename");

        return text_equal(state, "RUNNING") || text_equal(state, "CHECKED");
}

static struct connection *connect_to(const struct session *s, const struct value *instance)
{
        const char *host = clusterask_text(instance, "node_name");
        bool is_v6 = strchr(host, ':');
        CLEANUP(mem_free)
        char *url = mem_format("http://%s%s%s:%lld", is_v6 ? "[" : "", host, is_v6 ? "]" : "",
                (long long)clusterask_integer(instance, "port"));

        return connection_new(&(struct connection_settings){
                .serverurl = url,
                .username = s->username,
                .password = s->password,
                .interrupt_fd = s->interrupt_fd,
        });
}

/* An instance that cannot be reached does not keep the others from it; Ctrl-C does. */
static int start_there(
        struct session *s, const struct value *instance, const char *name, const char *extra)
{
        CLEANUP(connection_free) struct connection *there = connect_to(s, instance);
        CLEANUP(value_free) struct value *params = session_strings(name, extra);
        CLEANUP(value_free) struct value *result = NULL;
        CLEANUP(mem_free) char *why = NULL;
        const char *identifier = clusterask_text(instance, "identifier");
        int r;

        value_append(params, value_new_boolean(false));
        r = connection_call(there, extra ? "supvisors.start_args" : "supervisor.startProcess",
                params, 0, &result, &s->failure);
        if (r < 0 && s->failure.kind == FAILURE_INTERRUPTED)
                return r;
        if (r == 0) {
                session_say(s, "%s started on %s: %s", name, identifier,
                        value_is_true(result) ? "True" : "False");
                return 0;
        }
        why = r > 0 ? mem_strdup(s->failure.text) : failure_text(&s->failure);
        session_say(s, "%s: ERROR (%s) on %s", name, why, identifier);
        s->exit_status = EXIT_GENERIC;
        return 0;
}

static int start_everywhere(struct session *s, const char *name, const char *extra)
{
        CLEANUP(value_free) struct value *instances = NULL;
        bool any = false;
        int r = clusterask_get(s, "supvisors.get_all_instances_info", &instances);

        if (r <= 0)
                return r;
        r = 0;
        for (size_t i = 0; r == 0 && i < clusterask_count(instances); i++) {
                if (!takes_starts(instances->array.items[i]))
                        continue;
                any = true;
                r = start_there(s, instances->array.items[i], name, extra);
        }
        if (!any)
                session_say(s, "ERROR: no running Supvisors instance");
        return r;
}

int clustercontrol_all_start(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);

        if (names.count == 0) {
                commands_refuse(s, "all_start", EXIT_INVALID_ARGUMENTS,
                        "ERROR: all_start requires a process name");
                return 0;
        }
        return start_everywhere(s, names.at[0], NULL);
}

int clustercontrol_all_start_args(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        CLEANUP(mem_free) char *extra = NULL;

        if (names.count < 2) {
                commands_refuse(s, "all_start_args", EXIT_INVALID_ARGUMENTS,
                        "ERROR: all_start_args requires a process name and extra arguments");
                return 0;
        }
        extra = rest_of(&names, 1);
        return start_everywhere(s, names.at[0], extra);
}
