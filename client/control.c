/* Commands that act on processes: see control.h.
 *
 * They differ in their methods and words only, which are in struct action. */
#include "client/control.h"

#include <stddef.h>

#include "base/text.h"
#include "client/commands.h"
#include "client/names.h"
#include "client/namespec.h"
#include "engine/fault.h"

struct outcome {
        int code;
        const char *words; /* NULL: the description of the server, as it is */
};

struct action {
        const char *one_method;
        const char *group_method; /* NULL: the server knows no groups here */
        const char *all_method;
        const char *done;
        int ignored; /* a fault that is no reason for an exit status */
        int unknown_group_status;
        struct outcome outcomes[8]; /* ends with a code of 0 */
};

static const struct action start_action = {
        .one_method = "supervisor.startProcess",
        .group_method = "supervisor.startProcessGroup",
        .all_method = "supervisor.startAllProcesses",
        .done = "started",
        .ignored = FAULT_ALREADY_STARTED,
        .unknown_group_status = EXIT_INVALID_ARGUMENTS,
        .outcomes = {
                { FAULT_BAD_NAME, "ERROR (no such process)" },
                { FAULT_NO_FILE, "ERROR (no such file)" },
                { FAULT_NOT_EXECUTABLE, "ERROR (file is not executable)" },
                { FAULT_ALREADY_STARTED, "ERROR (already started)" },
                { FAULT_SPAWN_ERROR, "ERROR (spawn error)" },
                { FAULT_ABNORMAL_TERMINATION, "ERROR (abnormal termination)" },
                { FAULT_DISABLED, "ERROR disabled" }, /* these are the words of Supvisors' client */
        },
};

static const struct action stop_action = {
        .one_method = "supervisor.stopProcess",
        .group_method = "supervisor.stopProcessGroup",
        .all_method = "supervisor.stopAllProcesses",
        .done = "stopped",
        .ignored = FAULT_NOT_RUNNING,
        .unknown_group_status = EXIT_GENERIC,
        .outcomes = {
                { FAULT_BAD_NAME, "ERROR (no such process)" },
                { FAULT_NOT_RUNNING, "ERROR (not running)" },
                { FAULT_BAD_SIGNAL, "ERROR (bad signal name)" },
                { FAULT_FAILED, NULL },
        },
};

static const struct action signal_action = {
        .one_method = "supervisor.signalProcess",
        .group_method = "supervisor.signalProcessGroup",
        .all_method = "supervisor.signalAllProcesses",
        .done = "signalled",
        .unknown_group_status = EXIT_GENERIC,
        .outcomes = {
                { FAULT_BAD_NAME, "ERROR (no such process)" },
                { FAULT_NOT_RUNNING, "ERROR (not running)" },
                { FAULT_BAD_SIGNAL, "ERROR (bad signal name)" },
                { FAULT_FAILED, NULL },
        },
};

static const struct action clear_action = {
        .one_method = "supervisor.clearProcessLogs",
        .all_method = "supervisor.clearAllProcessLogs",
        .done = "cleared",
        .outcomes = {
                { FAULT_BAD_NAME, "ERROR (no such process)" },
                { FAULT_FAILED, "ERROR (failed)" },
        },
};

static void set_exit_status(struct session *s, const struct action *action, int code)
{
        if (code == FAULT_SUCCESS || (action->ignored && code == action->ignored))
                return;
        s->exit_status = code == FAULT_SPAWN_ERROR || code == FAULT_ABNORMAL_TERMINATION ||
                                         code == FAULT_NOT_RUNNING
                                 ? EXIT_NOT_RUNNING
                                 : EXIT_GENERIC;
}

/* 'name' is the one to show, 'description' the server's words for the code. */
static int report(struct session *s, const struct action *action, const char *name, int code,
        const char *description)
{
        const struct outcome *outcome = action->outcomes;

        if (code == FAULT_SUCCESS) {
                session_say(s, "%s: %s", name, action->done);
                return 0;
        }
        while (outcome->code && outcome->code != code)
                outcome++;
        if (!outcome->code)
                return failure_set_value(
                        &s->failure, "ValueError", "Unknown result code %d for %s", code, name);
        if (outcome->words)
                session_say(s, "%s: %s", name, outcome->words);
        else
                session_say(s, "%s", description);
        set_exit_status(s, action, code);
        return 0;
}

static int report_entries(
        struct session *s, const struct action *action, const struct value *entries)
{
        int r = 0;

        if (entries->type != VALUE_ARRAY)
                return failure_set_value(&s->failure, "TypeError",
                        "the server answered with something else than "
                        "an array");
        for (size_t i = 0; r == 0 && i < entries->array.count; i++) {
                const struct value *entry = entries->array.items[i];
                const char *group = value_string(value_member(entry, "group"), "");
                CLEANUP(mem_free)
                char *name = namespec_join(group, value_string(value_member(entry, "name"), ""));

                r = report(s, action, name,
                        (int)value_integer(value_member(entry, "status"), FAULT_FAILED),
                        value_string(value_member(entry, "description"), ""));
        }
        return r;
}

static int act_on_all(struct session *s, const struct action *action, const char *argument)
{
        CLEANUP(value_free) struct value *entries = NULL;
        int r = session_call(
                s, action->all_method, argument ? session_strings(argument, NULL) : NULL, &entries);

        return r != 0 ? r : report_entries(s, action, entries);
}

static int act_on_group(
        struct session *s, const struct action *action, const char *group, const char *argument)
{
        CLEANUP(value_free) struct value *entries = NULL;
        int r = session_call(s, action->group_method, session_strings(group, argument), &entries);

        if (r == FAULT_BAD_NAME) {
                session_say(s, "%s: ERROR (no such group)", group);
                s->exit_status = action->unknown_group_status;
                return 0;
        }
        return r != 0 ? r : report_entries(s, action, entries);
}

static int act_on_name(
        struct session *s, const struct action *action, const char *typed, const char *argument)
{
        CLEANUP(namespec_clear) struct namespec name = namespec_split(typed);
        CLEANUP(mem_free) char *shown = NULL;
        CLEANUP(mem_free) char *description = NULL;
        int r;

        if (!name.process && action->group_method)
                return act_on_group(s, action, name.group, argument);
        /* Without groups, that is how Supervisor's client calls all of one. */
        shown = namespec_join(name.group, name.process ? name.process : "None");
        r = session_order(s, action->one_method, session_strings(typed, argument));
        if (r < 0)
                return r;
        if (r > 0)
                description = mem_strdup(s->failure.text);
        return report(s, action, shown, r == 0 ? FAULT_SUCCESS : r, description);
}

static int act(struct session *s, const struct action *action, const struct names *names,
        size_t first, const char *argument)
{
        int r = 0;

        for (size_t i = first; i < names->count; i++)
                if (text_equal(names->at[i], "all"))
                        return act_on_all(s, action, argument);
        for (size_t i = first; r == 0 && i < names->count; i++)
                r = act_on_name(s, action, names->at[i], argument);
        return r;
}

/* True when there are names; otherwise that is said. */
static bool has_names(
        struct session *s, const char *command, const struct names *names, int exit_status)
{
        if (names->count)
                return true;
        commands_refuse(s, command, exit_status, "Error: %s requires a process name", command);
        return false;
}

int control_start(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);

        if (!has_names(s, "start", &names, EXIT_INVALID_ARGUMENTS))
                return 0;
        return act(s, &start_action, &names, 0, NULL);
}

int control_stop(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);

        if (!has_names(s, "stop", &names, EXIT_GENERIC))
                return 0;
        return act(s, &stop_action, &names, 0, NULL);
}

int control_restart(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        int r;

        if (!has_names(s, "restart", &names, EXIT_GENERIC))
                return 0;
        /* Each part looks for the server by itself: it may go in between. */
        r = session_check_server(s);
        if (r > 0)
                r = act(s, &stop_action, &names, 0, NULL);
        if (r != 0)
                return r;
        r = session_check_server(s);
        return r <= 0 ? r : act(s, &start_action, &names, 0, NULL);
}

int control_signal(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);

        if (names.count < 2) {
                commands_refuse(s, "signal", EXIT_GENERIC,
                        "Error: signal requires a signal name and a process name");
                return 0;
        }
        return act(s, &signal_action, &names, 1, names.at[0]);
}

int control_clear(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);

        if (!has_names(s, "clear", &names, EXIT_GENERIC))
                return 0;
        return act(s, &clear_action, &names, 0, NULL);
}
