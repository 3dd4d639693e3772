/* Commands that show the cluster: see clusterstatus.h. */
#include "client/clusterstatus.h"

#include <time.h>

#include "base/text.h"
#include "client/clusterask.h"
#include "client/commands.h"
#include "client/json.h"
#include "client/namespec.h"
#include "client/table.h"

/* What is to be shown: structs out of one or several answers. */
struct shown {
        struct value **answers; /* that they are part of */
        size_t answers_count, answers_capacity;
        const struct value **at;
        size_t count, capacity;
};

static void shown_clear_at(struct shown *shown)
{
        for (size_t i = 0; i < shown->answers_count; i++)
                value_free(shown->answers[i]);
        mem_free(shown->answers);
        mem_free(shown->at);
}

static void shown_add(struct shown *shown, const struct value *item)
{
        shown->at = mem_grow(shown->at, &shown->capacity, shown->count + 1, sizeof(shown->at[0]));
        shown->at[shown->count++] = item;
}

static void shown_keep(struct shown *shown, struct value *taken)
{
        shown->answers = mem_grow(shown->answers, &shown->answers_capacity,
                shown->answers_count + 1, sizeof(shown->answers[0]));
        shown->answers[shown->answers_count++] = taken;
}

/* An array, or a single struct. */
static void shown_take(struct shown *shown, struct value *taken)
{
        shown_keep(shown, taken);
        if (taken->type == VALUE_STRUCT)
                shown_add(shown, taken);
        for (size_t i = 0; i < clusterask_count(taken); i++)
                shown_add(shown, taken->array.items[i]);
}

static int show(struct session *s, const struct shown *shown, bool json,
        const struct table_column *columns, size_t columns_count,
        void (*make)(struct table *, const struct value *))
{
        CLEANUP(table_clear) struct table table = table_new(columns, columns_count);
        CLEANUP(text_clear) struct text text = {};

        if (json) {
                int r = json_print(stdout, shown->at, shown->count);

                return r < 0 ? failure_set_errno(&s->failure, -r) : 0;
        }
        for (size_t i = 0; i < shown->count; i++)
                make(&table, shown->at[i]);
        table.width_max = session_columns(s);
        table_render(&table, &text);
        session_say(s, "%s", text_string(&text));
        return 0;
}

static void cell_text(struct table *table, const struct value *item, const char *member)
{
        table_cell(table, "%s", clusterask_text(item, member));
}

static void cell_truth(struct table *table, const struct value *item, const char *member)
{
        table_cell(table, "%s", clusterask_truth(item, member));
}

static void cell_integer(struct table *table, const struct value *item, const char *member)
{
        table_cell(table, "%lld", (long long)clusterask_integer(item, member));
}

static void cell_words(struct table *table, const struct value *item, const char *member)
{
        CLEANUP(mem_free) char *words = clusterask_words(item, member);

        table_cell(table, "%s", words);
}

/* Of seconds since the epoch, local time; 0 is never. */
static void cell_time(struct table *table, int64_t seconds, bool zero_is_never)
{
        char text[16] = "";
        time_t t = (time_t)seconds;
        struct tm tm;

        if (seconds == 0 && zero_is_never)
                table_cell(table, "0");
        else if (localtime_r(&t, &tm) && strftime(text, sizeof(text), "%H:%M:%S", &tm))
                table_cell(table, "%s", text);
        else
                table_cell(table, "%lld", (long long)seconds);
}

/* Only those whose identifier or nick is among the names. */
static void keep_instances(struct shown *shown, const struct names *names)
{
        size_t kept = 0;

        if (clusterask_is_all(names))
                return;
        for (size_t i = 0; i < shown->count; i++)
                if (names_contain(names, clusterask_text(shown->at[i], "identifier")) ||
                        names_contain(names, clusterask_text(shown->at[i], "nick_identifier")))
                        shown->at[kept++] = shown->at[i];
        shown->count = kept;
}

/*
 * One value.
 */

static int refuse_arguments(struct session *s, const char *command)
{
        commands_refuse(
                s, command, EXIT_INVALID_ARGUMENTS, "ERROR: %s accepts no arguments", command);
        return 0;
}

int clusterstatus_version(struct session *s, const char *args)
{
        CLEANUP(value_free) struct value *version = NULL;
        int r;

        if (*args)
                return refuse_arguments(s, "sversion");
        r = clusterask_get(s, "supvisors.get_api_version", &version);
        if (r > 0)
                session_say(s, "%s", value_string(version, ""));
        return r < 0 ? r : 0;
}

int clusterstatus_master(struct session *s, const char *args)
{
        CLEANUP(value_free) struct value *master = NULL;
        int r;

        if (*args)
                return refuse_arguments(s, "master");
        r = clusterask_get(s, "supvisors.get_master_identifier", &master);
        if (r <= 0)
                return r;
        if (!*clusterask_text(master, "identifier")) {
                session_say(s, "No Supvisors Master");
                return 0;
        }
        session_say(s, "Nick identifier: %s", clusterask_text(master, "nick_identifier"));
        session_say(s, "Identifier:      %s", clusterask_text(master, "identifier"));
        return 0;
}

int clusterstatus_strategies(struct session *s, const char *args)
{
        CLEANUP(value_free) struct value *strategies = NULL;
        int r;

        if (*args)
                return refuse_arguments(s, "strategies");
        r = clusterask_get(s, "supvisors.get_strategies", &strategies);
        if (r <= 0)
                return r;
        session_say(s, "Auto-fencing: %s", clusterask_truth(strategies, "auto-fencing"));
        session_say(s, "Failure:      %s", clusterask_text(strategies, "supvisors_failure"));
        session_say(s, "Conciliation: %s", clusterask_text(strategies, "conciliation"));
        session_say(s, "Starting:     %s", clusterask_text(strategies, "starting"));
        return 0;
}

int clusterstatus_statistics(struct session *s, const char *args)
{
        CLEANUP(value_free) struct value *status = NULL;
        const struct value *period;
        int r;

        if (*args)
                return refuse_arguments(s, "stats_status");
        r = clusterask_get(s, "supvisors.get_statistics_status", &status);
        if (r <= 0)
                return r;
        period = value_member(status, "collecting_period");
        session_say(s, "Collecting Host statistics:    %s", clusterask_truth(status, "host_stats"));
        session_say(
                s, "Collecting Process statistics: %s", clusterask_truth(status, "process_stats"));
        session_say(s, "Collecting statistics period:  %g",
                period && period->type == VALUE_DOUBLE ? period->real
                                                       : (double)value_integer(period, 0));
        return 0;
}

/*
 * Instances.
 */

static void state_row(struct table *table, const struct value *item)
{
        cell_text(table, item, "nick_identifier");
        cell_text(table, item, "identifier");
        cell_text(table, item, "fsm_statename");
        cell_truth(table, item, "degraded_mode");
        cell_truth(table, item, "discovery_mode");
        cell_text(table, item, "master_identifier");
        cell_words(table, item, "starting_jobs");
        cell_words(table, item, "stopping_jobs");
}

int clusterstatus_state(struct session *s, const char *args)
{
        static const struct table_column columns[] = {
                { "Nickname", TABLE_FLEXIBLE },
                { "Supvisors identifier", TABLE_FLEXIBLE },
                { "State", 16 },
                { "Degraded", 10 },
                { "Discovery", 11 },
                { "Master", TABLE_FLEXIBLE },
                { "Starting", TABLE_FLEXIBLE },
                { "Stopping", TABLE_FLEXIBLE },
        };
        bool json;
        CLEANUP(names_clear) struct names names = clusterask_names(s, args, &json);
        CLEANUP(shown_clear) struct shown shown = {};
        struct value *answer = NULL;
        int r = clusterask_get(s,
                names.count ? "supvisors.get_all_instances_state_modes"
                            : "supvisors.get_supvisors_state",
                &answer);

        if (r <= 0)
                return r;
        shown_take(&shown, answer);
        keep_instances(&shown, &names);
        return show(s, &shown, json, columns, ELEMENTS(columns), state_row);
}

static void instance_row(struct table *table, const struct value *item)
{
        cell_text(table, item, "nick_identifier");
        cell_text(table, item, "identifier");
        cell_text(table, item, "node_name");
        cell_integer(table, item, "port");
        cell_text(table, item, "statename");
        table_cell(table, "%lld%%", (long long)clusterask_integer(item, "loading"));
        cell_time(table, clusterask_integer(item, "local_time"), false);
        cell_integer(table, item, "remote_sequence_counter");
        table_cell(
                table, "%s", value_is_true(value_member(item, "process_failure")) ? "error" : "ok");
}

int clusterstatus_instances(struct session *s, const char *args)
{
        static const struct table_column columns[] = {
                { "Nickname", TABLE_FLEXIBLE },
                { "Supvisors identifier", TABLE_FLEXIBLE },
                { "Host", TABLE_FLEXIBLE },
                { "Port", 7 },
                { "State", 11 },
                { "Load", 6 },
                { "Time", 10 },
                { "Counter", 9 },
                { "Processes", 11 },
        };
        bool json;
        CLEANUP(names_clear) struct names names = clusterask_names(s, args, &json);
        CLEANUP(shown_clear) struct shown shown = {};
        struct value *answer = NULL;
        int r = clusterask_get(s, "supvisors.get_all_instances_info", &answer);

        if (r <= 0)
                return r;
        shown_take(&shown, answer);
        keep_instances(&shown, &names);
        return show(s, &shown, json, columns, ELEMENTS(columns), instance_row);
}

/*
 * Applications.
 */

static void application_row(struct table *table, const struct value *item)
{
        cell_text(table, item, "application_name");
        cell_text(table, item, "statename");
        cell_truth(table, item, "major_failure");
        cell_truth(table, item, "minor_failure");
}

int clusterstatus_applications(struct session *s, const char *args)
{
        static const struct table_column columns[] = {
                { "Application", TABLE_FLEXIBLE },
                { "State", 10 },
                { "Major", 7 },
                { "Minor", 7 },
        };
        bool json;
        CLEANUP(names_clear) struct names names = clusterask_names(s, args, &json);
        CLEANUP(shown_clear) struct shown shown = {};
        struct value *answer = NULL;
        size_t kept = 0;
        int r = clusterask_get(s, "supvisors.get_all_applications_info", &answer);

        if (r <= 0)
                return r;
        shown_take(&shown, answer);
        for (size_t i = 0; i < shown.count; i++)
                if (clusterask_is_all(&names) ||
                        names_contain(&names, clusterask_text(shown.at[i], "application_name")))
                        shown.at[kept++] = shown.at[i];
        shown.count = kept;
        return show(s, &shown, json, columns, ELEMENTS(columns), application_row);
}

static void application_rules_row(struct table *table, const struct value *item)
{
        bool managed = value_is_true(value_member(item, "managed"));

        cell_text(table, item, "application_name");
        cell_truth(table, item, "managed");
        if (!managed) {
                for (size_t i = 2; i < table->columns_count; i++)
                        table_cell(table, "n/a");
                return;
        }
        cell_text(table, item, "distribution");
        cell_words(table, item, "identifiers");
        cell_integer(table, item, "start_sequence");
        cell_integer(table, item, "stop_sequence");
        cell_text(table, item, "starting_strategy");
        cell_text(table, item, "starting_failure_strategy");
        cell_text(table, item, "running_failure_strategy");
}

/* The method of each name, or what is said of those that are refused. */
static int ask_each(
        struct session *s, struct shown *shown, const char *method, const struct names *names)
{
        for (size_t i = 0; i < names->count; i++) {
                struct value *answer = NULL;
                int r = clusterask_call(
                        s, names->at[i], method, session_strings(names->at[i], NULL), &answer);

                if (r < 0)
                        return r;
                if (r > 0)
                        shown_take(shown, answer);
        }
        return 0;
}

/* The names that are given or, where all are meant, those that the answer of the method has. */
static int expand_all(struct session *s, struct names *names, const char *method,
        char *(*name_of)(const struct value *))
{
        CLEANUP(value_free) struct value *all = NULL;
        int r;

        if (!clusterask_is_all(names))
                return 1;
        names_clear(names);
        r = clusterask_get(s, method, &all);
        for (size_t i = 0; r > 0 && i < clusterask_count(all); i++) {
                CLEANUP(mem_free) char *name = name_of(all->array.items[i]);

                names_append(names, name);
        }
        return r;
}

static char *application_of(const struct value *item)
{
        return mem_strdup(clusterask_text(item, "application_name"));
}

static char *namespec_of(const struct value *item)
{
        return namespec_join(
                clusterask_text(item, "application_name"), clusterask_text(item, "process_name"));
}

int clusterstatus_application_rules(struct session *s, const char *args)
{
        static const struct table_column columns[] = {
                { "Application", TABLE_FLEXIBLE },
                { "Managed", 9 },
                { "Distribution", 17 },
                { "Supervisor", TABLE_FLEXIBLE },
                { "Start", 7 },
                { "Stop", 7 },
                { "Starting", 18 },
                { "Starting_Failure", 18 },
                { "Running_Failure", TABLE_END },
        };
        bool json;
        CLEANUP(names_clear) struct names names = clusterask_names(s, args, &json);
        CLEANUP(shown_clear) struct shown shown = {};
        int r = expand_all(s, &names, "supvisors.get_all_applications_info", application_of);

        if (r > 0)
                r = ask_each(s, &shown, "supvisors.get_application_rules", &names);
        if (r < 0 || (shown.count == 0 && !json))
                return r < 0 ? r : 0;
        return show(s, &shown, json, columns, ELEMENTS(columns), application_rules_row);
}

/*
 * Processes.
 */

static void process_row(struct table *table, const struct value *item)
{
        cell_text(table, item, "application_name");
        cell_text(table, item, "process_name");
        cell_text(table, item, "statename");
        table_cell(table, "%s",
                text_equal(clusterask_text(item, "statename"), "EXITED")
                        ? clusterask_truth(item, "expected_exit")
                        : "n/a");
        cell_words(table, item, "identifiers");
}

int clusterstatus_processes(struct session *s, const char *args)
{
        static const struct table_column columns[] = {
                { "Application", TABLE_FLEXIBLE },
                { "Process", TABLE_FLEXIBLE },
                { "State", 12 },
                { "Expected", 10 },
                { "Supervisor", TABLE_END },
        };
        bool json;
        CLEANUP(names_clear) struct names names = clusterask_names(s, args, &json);
        CLEANUP(shown_clear) struct shown shown = {};
        struct value *answer = NULL;
        int r;

        if (clusterask_is_all(&names)) {
                r = clusterask_get(s, "supvisors.get_all_process_info", &answer);
                if (r > 0)
                        shown_take(&shown, answer);
        } else {
                r = ask_each(s, &shown, "supvisors.get_process_info", &names);
        }
        if (r < 0 || (shown.count == 0 && !json))
                return r < 0 ? r : 0;
        return show(s, &shown, json, columns, ELEMENTS(columns), process_row);
}

static void local_row(struct table *table, const struct value *item)
{
        cell_text(table, item, "group");
        cell_text(table, item, "name");
        cell_truth(table, item, "disabled");
        cell_text(table, item, "statename");
        cell_time(table, clusterask_integer(item, "start"), true);
        cell_time(table, clusterask_integer(item, "now"), true);
        cell_integer(table, item, "pid");
        cell_text(table, item, "extra_args");
}

static bool is_meant(const struct value *item, const char *typed)
{
        CLEANUP(namespec_clear) struct namespec name = namespec_split(typed);

        return text_equal(clusterask_text(item, "group"), name.group) &&
               (!name.process || text_equal(clusterask_text(item, "name"), name.process));
}

int clusterstatus_local(struct session *s, const char *args)
{
        static const struct table_column columns[] = {
                { "Application", TABLE_FLEXIBLE },
                { "Process", TABLE_FLEXIBLE },
                { "Disabled", 10 },
                { "State", 12 },
                { "Start", 12 },
                { "Now", 12 },
                { "PID", 8 },
                { "Extra args", TABLE_END },
        };
        bool json;
        CLEANUP(names_clear) struct names names = clusterask_names(s, args, &json);
        CLEANUP(shown_clear) struct shown shown = {};
        struct value *all = NULL;
        int r = clusterask_get(s, "supvisors.get_all_local_process_info", &all);

        if (r <= 0)
                return r;
        if (clusterask_is_all(&names)) {
                shown_take(&shown, all);
        } else {
                shown_keep(&shown, all);
                for (size_t i = 0; i < names.count; i++)
                        for (size_t j = 0; j < clusterask_count(all); j++)
                                if (is_meant(all->array.items[j], names.at[i]))
                                        shown_add(&shown, all->array.items[j]);
        }
        if (shown.count == 0 && !json)
                return 0;
        return show(s, &shown, json, columns, ELEMENTS(columns), local_row);
}

static void process_rules_row(struct table *table, const struct value *item)
{
        cell_text(table, item, "application_name");
        cell_text(table, item, "process_name");
        cell_integer(table, item, "start_sequence");
        cell_integer(table, item, "stop_sequence");
        cell_truth(table, item, "required");
        cell_truth(table, item, "wait_exit");
        table_cell(table, "%lld%%", (long long)clusterask_integer(item, "expected_loading"));
        cell_text(table, item, "running_failure_strategy");
        cell_words(table, item, "identifiers");
}

int clusterstatus_process_rules(struct session *s, const char *args)
{
        static const struct table_column columns[] = {
                { "Application", TABLE_FLEXIBLE },
                { "Process", TABLE_FLEXIBLE },
                { "Start", 7 },
                { "Stop", 7 },
                { "Required", 12 },
                { "WaitExit", 12 },
                { "Loading", 12 },
                { "Strategy", 22 },
                { "Supervisor", TABLE_END },
        };
        bool json;
        CLEANUP(names_clear) struct names names = clusterask_names(s, args, &json);
        CLEANUP(shown_clear) struct shown shown = {};
        int r = expand_all(s, &names, "supvisors.get_all_process_info", namespec_of);

        names_sort(&names);
        if (r > 0)
                r = ask_each(s, &shown, "supvisors.get_process_rules", &names);
        if (r < 0 || (shown.count == 0 && !json))
                return r < 0 ? r : 0;
        return show(s, &shown, json, columns, ELEMENTS(columns), process_rules_row);
}

static void conflict_row(struct table *table, const struct value *item)
{
        cell_text(table, item, "application_name");
        cell_text(table, item, "process_name");
        cell_text(table, item, "statename");
        cell_words(table, item, "identifiers");
}

int clusterstatus_conflicts(struct session *s, const char *args)
{
        static const struct table_column columns[] = {
                { "Application", TABLE_FLEXIBLE },
                { "Process", TABLE_FLEXIBLE },
                { "State", 12 },
                { "Supervisor", TABLE_END },
        };
        bool json;
        CLEANUP(names_clear) struct names names = clusterask_names(s, args, &json);
        CLEANUP(shown_clear) struct shown shown = {};
        struct value *answer = NULL;
        int r;

        if (names.count)
                return refuse_arguments(s, "conflicts");
        r = clusterask_get(s, "supvisors.get_conflicts", &answer);
        if (r <= 0)
                return r;
        shown_take(&shown, answer);
        if (shown.count == 0 && !json)
                return 0;
        return show(s, &shown, json, columns, ELEMENTS(columns), conflict_row);
}
