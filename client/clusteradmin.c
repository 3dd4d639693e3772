/* Commands about the cluster as a whole: see clusteradmin.h. */
#include "client/clusteradmin.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "client/clusterask.h"
#include "client/commands.h"
#include "rules/strategy.h"

/* A call about the whole, and the line that says what came of it. */
static int act(struct session *s, const char *method, struct value *params, const char *done)
{
        CLEANUP(value_free) struct value *result = NULL;
        int r = clusterask_call(s, NULL, method, params, &result);

        if (r > 0)
                session_say(s, "%s: %s", done, value_is_true(result) ? "True" : "False");
        return r < 0 ? r : 0;
}

static struct value *params_of(struct value *first)
{
        struct value *params = value_new(VALUE_ARRAY);

        value_append(params, first);
        return params;
}

static bool has_arguments(struct session *s, const char *command, const char *args)
{
        if (!*args)
                return false;
        commands_refuse(
                s, command, EXIT_INVALID_ARGUMENTS, "ERROR: %s accepts no arguments", command);
        return true;
}

/*
 * Programs of the instance that is asked.
 */

static int update_numprocs(struct session *s, const char *command, const char *args, bool lazy)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        CLEANUP(mem_free) char *done = NULL;
        struct value *params;
        long long number = 0;
        char *end = NULL;

        if (names.count != 2) {
                commands_refuse(s, command, EXIT_INVALID_ARGUMENTS,
                        "ERROR: %s requires a program name and a numprocs values", command);
                return 0;
        }
        errno = 0;
        number = strtoll(names.at[1], &end, 10);
        if (errno || *end || number <= 0 || number > INT32_MAX) {
                commands_refuse(s, command, EXIT_INVALID_ARGUMENTS,
                        "ERROR: numprocs must be a strictly positive integer");
                return 0;
        }
        params = session_strings(names.at[0], NULL);
        value_append(params, value_new_integer(number));
        if (lazy) {
                value_append(params, value_new_boolean(true));
                value_append(params, value_new_boolean(true));
        }
        done = mem_format("%s numprocs updated", names.at[0]);
        return act(s, "supvisors.update_numprocs", params, done);
}

int clusteradmin_update_numprocs(struct session *s, const char *args)
{
        return update_numprocs(s, "update_numprocs", args, false);
}

int clusteradmin_lazy_update_numprocs(struct session *s, const char *args)
{
        return update_numprocs(s, "lazy_update_numprocs", args, true);
}

static int set_ability(struct session *s, const char *command, const char *method, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        CLEANUP(mem_free) char *done = NULL;

        if (names.count != 1) {
                commands_refuse(s, command, EXIT_INVALID_ARGUMENTS,
                        "ERROR: %s requires a program name", command);
                return 0;
        }
        done = mem_format("%s %sd", names.at[0], command);
        return act(s, method, session_strings(names.at[0], NULL), done);
}

int clusteradmin_enable(struct session *s, const char *args)
{
        return set_ability(s, "enable", "supvisors.enable", args);
}

int clusteradmin_disable(struct session *s, const char *args)
{
        return set_ability(s, "disable", "supvisors.disable", args);
}

/*
 * The whole.
 */

int clusteradmin_conciliate(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        enum conciliation_strategy strategy;

        if (names.count != 1) {
                commands_refuse(s, "conciliate", EXIT_INVALID_ARGUMENTS,
                        "ERROR: conciliate requires a strategy");
                return 0;
        }
        if (!conciliation_strategy_find(names.at[0], &strategy)) {
                commands_refuse(s, "conciliate", EXIT_INVALID_ARGUMENTS,
                        "ERROR: unknown strategy for conciliate. use one of ['SENICIDE', "
                        "'INFANTICIDE', 'USER', 'STOP', 'RESTART', 'RUNNING_FAILURE']");
                return 0;
        }
        return act(
                s, "supvisors.conciliate", params_of(value_new_integer(strategy)), "Conciliated");
}

int clusteradmin_restart_sequence(struct session *s, const char *args)
{
        if (has_arguments(s, "restart_sequence", args))
                return 0;
        return act(s, "supvisors.restart_sequence", NULL, "Start sequence completed");
}

int clusteradmin_restart(struct session *s, const char *args)
{
        if (has_arguments(s, "sreload", args))
                return 0;
        return act(s, "supvisors.restart", NULL, "Restarted");
}

int clusteradmin_shutdown(struct session *s, const char *args)
{
        if (has_arguments(s, "sshutdown", args))
                return 0;
        return act(s, "supvisors.shutdown", NULL, "Shut down");
}

int clusteradmin_end_sync(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);

        if (names.count > 1) {
                commands_refuse(s, "end_sync", EXIT_INVALID_ARGUMENTS,
                        "ERROR: end_sync optionally takes one single Supvisors identifier");
                return 0;
        }
        return act(s, "supvisors.end_sync", session_strings(names.count ? names.at[0] : "", NULL),
                "End of Synchronization phase requested");
}

int clusteradmin_log_level(struct session *s, const char *args)
{
        static const struct {
                const char *name;
                int level;
        } levels[] = {
                { "critical", 50 },
                { "error", 40 },
                { "warn", 30 },
                { "info", 20 },
                { "debug", 10 },
                { "trace", 5 },
                { "blather", 3 },
        };
        CLEANUP(names_clear) struct names names = names_split(args);

        if (names.count != 1) {
                commands_refuse(
                        s, "loglevel", EXIT_INVALID_ARGUMENTS, "ERROR: loglevel requires a level");
                return 0;
        }
        for (size_t i = 0; i < ELEMENTS(levels); i++)
                if (strcasecmp(levels[i].name, names.at[0]) == 0)
                        return act(s, "supvisors.change_log_level",
                                params_of(value_new_integer(levels[i].level)),
                                "Logger level changed");
        commands_refuse(s, "loglevel", EXIT_INVALID_ARGUMENTS, "ERROR: unknown level for Logger");
        return 0;
}

/*
 * Statistics.
 */

static int switch_statistics(struct session *s, const char *args, bool enable)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        bool host = names.count == 0, process = names.count == 0, bad = false;
        int r = 0;

        for (size_t i = 0; i < names.count; i++) {
                bool all = strcasecmp(names.at[i], "all") == 0;
                bool is_host = strcasecmp(names.at[i], "host") == 0;
                bool is_process = strcasecmp(names.at[i], "process") == 0;

                host |= all || is_host;
                process |= all || is_process;
                if (all || is_host || is_process)
                        continue;
                session_say(s, "ERROR: invalid statistics type %s", names.at[i]);
                s->exit_status = EXIT_INVALID_ARGUMENTS;
                bad = true;
        }
        if (bad)
                return 0;
        if (host)
                r = act(s, "supvisors.enable_host_statistics", params_of(value_new_boolean(enable)),
                        enable ? "Host statistics enabled" : "Host statistics disabled");
        if (r == 0 && process)
                r = act(s, "supvisors.enable_process_statistics",
                        params_of(value_new_boolean(enable)),
                        enable ? "Process statistics enabled" : "Process statistics disabled");
        return r;
}

int clusteradmin_enable_statistics(struct session *s, const char *args)
{
        return switch_statistics(s, args, true);
}

int clusteradmin_disable_statistics(struct session *s, const char *args)
{
        return switch_statistics(s, args, false);
}

int clusteradmin_statistics_period(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        char *end = NULL;
        double period = 0;

        if (names.count != 1) {
                commands_refuse(s, "stats_period", EXIT_INVALID_ARGUMENTS,
                        "ERROR: stats_period requires a period");
                return 0;
        }
        period = strtod(names.at[0], &end);
        if (*end || !(period > 0) || period > 1e9) {
                commands_refuse(s, "stats_period", EXIT_INVALID_ARGUMENTS,
                        "ERROR: stats_period requires a strictly positive period");
                return 0;
        }
        return act(s, "supvisors.update_collecting_period", params_of(value_new_double(period)),
                "Statistics period updated");
}

/*
 * What Supvisors has no command for.
 */

int clusteradmin_reload_rules(struct session *s, const char *args)
{
        if (has_arguments(s, "reload_rules", args))
                return 0;
        return act(s, "reeve.reloadRules", NULL, "Rules read");
}

int clusteradmin_readmit(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        CLEANUP(mem_free) char *done = NULL;

        if (names.count != 1) {
                commands_refuse(s, "readmit", EXIT_INVALID_ARGUMENTS,
                        "ERROR: readmit requires an identifier");
                return 0;
        }
        done = mem_format("%s readmitted", names.at[0]);
        return act(s, "reeve.readmit", session_strings(names.at[0], NULL), done);
}
