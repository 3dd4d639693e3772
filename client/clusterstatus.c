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

/*
 * Views: what a command shows is a row of columns, each with the cell that it makes of an item.
 */

struct column {
        const char *title;
        size_t width; /* as of a table's column */
        void (*cell)(struct table *, const struct value *item, const char *member);
        const char *member;
};

struct view {
        /* 1: what is to be shown is there; 0: nothing is, which has been said; -EIO. */
        int (*collect)(struct session *, struct names *, struct shown *);
        const struct column *columns;
        size_t count;
        bool needs_rows; /* the titles alone are not shown */
        /* What a cell says in place of its own, NULL: nothing.  May be missing. */
        const char *(*instead)(const struct value *item, size_t column);
};

#define COLUMNS(table) .columns = (table), .count = ELEMENTS(table)

static void render(
        const struct view *view, const struct shown *shown, size_t width_max, struct text *text)
{
        CLEANUP(mem_free)
        struct table_column *columns = mem_new_array(view->count, sizeof(*columns));
        CLEANUP(table_clear) struct table table = {};

        for (size_t i = 0; i < view->count; i++)
                columns[i] =
                        (struct table_column){ view->columns[i].title, view->columns[i].width };
        table = table_new(columns, view->count);
        for (size_t i = 0; i < shown->count * view->count; i++) {
                const struct value *item = shown->at[i / view->count];
                const struct column *column = &view->columns[i % view->count];
                const char *instead = view->instead ? view->instead(item, i % view->count) : NULL;

                if (instead)
                        table_cell(&table, "%s", instead);
                else
                        column->cell(&table, item, column->member);
        }
        table.width_max = width_max;
        table_render(&table, text);
}

static int show(struct session *s, const char *args, const struct view *view)
{
        bool json;
        CLEANUP(names_clear) struct names names = clusterask_names(s, args, &json);
        CLEANUP(shown_clear) struct shown shown = {};
        CLEANUP(text_clear) struct text text = {};
        int r = view->collect(s, &names, &shown);

        if (r <= 0)
                return r;
        if (json) {
                r = json_print(stdout, shown.at, shown.count);
                return r < 0 ? failure_set_errno(&s->failure, -r) : 0;
        }
        if (shown.count == 0 && view->needs_rows)
                return 0;
        render(view, &shown, session_columns(s), &text);
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

static void cell_percent(struct table *table, const struct value *item, const char *member)
{
        table_cell(table, "%lld%%", (long long)clusterask_integer(item, member));
}

static void cell_words(struct table *table, const struct value *item, const char *member)
{
        CLEANUP(mem_free) char *words = clusterask_words(item, member);

        table_cell(table, "%s", words);
}

/* Of seconds since the epoch, local time. */
static void cell_clock(struct table *table, const struct value *item, const char *member)
{
        int64_t seconds = clusterask_integer(item, member);
        char text[16] = "";
        time_t t = (time_t)seconds;
        struct tm tm;

        if (localtime_r(&t, &tm) && strftime(text, sizeof(text), "%H:%M:%S", &tm))
                table_cell(table, "%s", text);
        else
                table_cell(table, "%lld", (long long)seconds);
}

/* The same of what may never have been, which is 0. */
static void cell_moment(struct table *table, const struct value *item, const char *member)
{
        if (clusterask_integer(item, member) == 0)
                table_cell(table, "0");
        else
                cell_clock(table, item, member);
}

/* Of a mark that something is wrong. */
static void cell_health(struct table *table, const struct value *item, const char *member)
{
        table_cell(table, "%s", value_is_true(value_member(item, member)) ? "error" : "ok");
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

static int collect_states(struct session *s, struct names *names, struct shown *shown)
{
        struct value *answer = NULL;
        int r = clusterask_get(s,
                names->count ? "supvisors.get_all_instances_state_modes"
                             : "supvisors.get_supvisors_state",
                &answer);

        if (r <= 0)
                return r;
        shown_take(shown, answer);
        keep_instances(shown, names);
        return 1;
}

int clusterstatus_state(struct session *s, const char *args)
{
        static const struct column columns[] = {
                { "Nickname", TABLE_FLEXIBLE, cell_text, "nick_identifier" },
                { "Supvisors identifier", TABLE_FLEXIBLE, cell_text, "identifier" },
                { "State", 16, cell_text, "fsm_statename" },
                { "Degraded", 10, cell_truth, "degraded_mode" },
                { "Discovery", 11, cell_truth, "discovery_mode" },
                { "Master", TABLE_FLEXIBLE, cell_text, "master_identifier" },
                { "Starting", TABLE_FLEXIBLE, cell_words, "starting_jobs" },
                { "Stopping", TABLE_FLEXIBLE, cell_words, "stopping_jobs" },
        };
        static const struct view view = { collect_states, COLUMNS(columns) };

        return show(s, args, &view);
}

static int collect_instances(struct session *s, struct names *names, struct shown *shown)
{
        struct value *answer = NULL;
        int r = clusterask_get(s, "supvisors.get_all_instances_info", &answer);

        if (r <= 0)
                return r;
        shown_take(shown, answer);
        keep_instances(shown, names);
        return 1;
}

int clusterstatus_instances(struct session *s, const char *args)
{
        static const struct column columns[] = {
                { "Nickname", TABLE_FLEXIBLE, cell_text, "nick_identifier" },
                { "Supvisors identifier", TABLE_FLEXIBLE, cell_text, "identifier" },
                { "Host", TABLE_FLEXIBLE, cell_text, "node_name" },
                { "Port", 7, cell_integer, "port" },
                { "State", 11, cell_text, "statename" },
                { "Load", 6, cell_percent, "loading" },
                { "Time", 10, cell_clock, "local_time" },
                { "Counter", 9, cell_integer, "remote_sequence_counter" },
                { "Processes", 11, cell_health, "process_failure" },
        };
        static const struct view view = { collect_instances, COLUMNS(columns) };

        return show(s, args, &view);
}

/*
 * Applications.
 */

static int collect_applications(struct session *s, struct names *names, struct shown *shown)
{
        struct value *answer = NULL;
        size_t kept = 0;
        int r = clusterask_get(s, "supvisors.get_all_applications_info", &answer);

        if (r <= 0)
                return r;
        shown_take(shown, answer);
        for (size_t i = 0; i < shown->count; i++)
                if (clusterask_is_all(names) ||
                        names_contain(names, clusterask_text(shown->at[i], "application_name")))
                        shown->at[kept++] = shown->at[i];
        shown->count = kept;
        return 1;
}

int clusterstatus_applications(struct session *s, const char *args)
{
        static const struct column columns[] = {
                { "Application", TABLE_FLEXIBLE, cell_text, "application_name" },
                { "State", 10, cell_text, "statename" },
                { "Major", 7, cell_truth, "major_failure" },
                { "Minor", 7, cell_truth, "minor_failure" },
        };
        static const struct view view = { collect_applications, COLUMNS(columns) };

        return show(s, args, &view);
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

static int collect_application_rules(struct session *s, struct names *names, struct shown *shown)
{
        int r = expand_all(s, names, "supvisors.get_all_applications_info", application_of);

        if (r > 0)
                r = ask_each(s, shown, "supvisors.get_application_rules", names);
        return r < 0 ? r : 1;
}

/* Behind the first two columns there is nothing to say of one that has no rules. */
static const char *unmanaged(const struct value *item, size_t column)
{
        return column >= 2 && !value_is_true(value_member(item, "managed")) ? "n/a" : NULL;
}

int clusterstatus_application_rules(struct session *s, const char *args)
{
        static const struct column columns[] = {
                { "Application", TABLE_FLEXIBLE, cell_text, "application_name" },
                { "Managed", 9, cell_truth, "managed" },
                { "Distribution", 17, cell_text, "distribution" },
                { "Supervisor", TABLE_FLEXIBLE, cell_words, "identifiers" },
                { "Start", 7, cell_integer, "start_sequence" },
                { "Stop", 7, cell_integer, "stop_sequence" },
                { "Starting", 18, cell_text, "starting_strategy" },
                { "Starting_Failure", 18, cell_text, "starting_failure_strategy" },
                { "Running_Failure", TABLE_END, cell_text, "running_failure_strategy" },
        };
        static const struct view view = { collect_application_rules, COLUMNS(columns),
                .needs_rows = true, .instead = unmanaged };

        return show(s, args, &view);
}

/*
 * Processes.
 */

static int collect_processes(struct session *s, struct names *names, struct shown *shown)
{
        struct value *answer = NULL;
        int r;

        if (!clusterask_is_all(names)) {
                r = ask_each(s, shown, "supvisors.get_process_info", names);
                return r < 0 ? r : 1;
        }
        r = clusterask_get(s, "supvisors.get_all_process_info", &answer);
        if (r > 0)
                shown_take(shown, answer);
        return r < 0 ? r : 1;
}

/* Whether an exit was expected, of who has exited. */
static void cell_expected(struct table *table, const struct value *item, const char *member)
{
        bool has_exited = text_equal(clusterask_text(item, "statename"), "EXITED");

        table_cell(table, "%s", has_exited ? clusterask_truth(item, member) : "n/a");
}

int clusterstatus_processes(struct session *s, const char *args)
{
        static const struct column columns[] = {
                { "Application", TABLE_FLEXIBLE, cell_text, "application_name" },
                { "Process", TABLE_FLEXIBLE, cell_text, "process_name" },
                { "State", 12, cell_text, "statename" },
                { "Expected", 10, cell_expected, "expected_exit" },
                { "Supervisor", TABLE_END, cell_words, "identifiers" },
        };
        static const struct view view = { collect_processes, COLUMNS(columns), .needs_rows = true };

        return show(s, args, &view);
}

static bool is_meant(const struct value *item, const char *typed)
{
        CLEANUP(namespec_clear) struct namespec name = namespec_split(typed);

        return text_equal(clusterask_text(item, "group"), name.group) &&
               (!name.process || text_equal(clusterask_text(item, "name"), name.process));
}

static int collect_local(struct session *s, struct names *names, struct shown *shown)
{
        struct value *all = NULL;
        int r = clusterask_get(s, "supvisors.get_all_local_process_info", &all);

        if (r <= 0)
                return r;
        if (clusterask_is_all(names)) {
                shown_take(shown, all);
                return 1;
        }
        shown_keep(shown, all);
        for (size_t i = 0; i < names->count; i++)
                for (size_t j = 0; j < clusterask_count(all); j++)
                        if (is_meant(all->array.items[j], names->at[i]))
                                shown_add(shown, all->array.items[j]);
        return 1;
}

int clusterstatus_local(struct session *s, const char *args)
{
        static const struct column columns[] = {
                { "Application", TABLE_FLEXIBLE, cell_text, "group" },
                { "Process", TABLE_FLEXIBLE, cell_text, "name" },
                { "Disabled", 10, cell_truth, "disabled" },
                { "State", 12, cell_text, "statename" },
                { "Start", 12, cell_moment, "start" },
                { "Now", 12, cell_moment, "now" },
                { "PID", 8, cell_integer, "pid" },
                { "Extra args", TABLE_END, cell_text, "extra_args" },
        };
        static const struct view view = { collect_local, COLUMNS(columns), .needs_rows = true };

        return show(s, args, &view);
}

static int collect_process_rules(struct session *s, struct names *names, struct shown *shown)
{
        int r = expand_all(s, names, "supvisors.get_all_process_info", namespec_of);

        names_sort(names);
        if (r > 0)
                r = ask_each(s, shown, "supvisors.get_process_rules", names);
        return r < 0 ? r : 1;
}

int clusterstatus_process_rules(struct session *s, const char *args)
{
        static const struct column columns[] = {
                { "Application", TABLE_FLEXIBLE, cell_text, "application_name" },
                { "Process", TABLE_FLEXIBLE, cell_text, "process_name" },
                { "Start", 7, cell_integer, "start_sequence" },
                { "Stop", 7, cell_integer, "stop_sequence" },
                { "Required", 12, cell_truth, "required" },
                { "WaitExit", 12, cell_truth, "wait_exit" },
                { "Loading", 12, cell_percent, "expected_loading" },
                { "Strategy", 22, cell_text, "running_failure_strategy" },
                { "Supervisor", TABLE_END, cell_words, "identifiers" },
        };
        static const struct view view = { collect_process_rules, COLUMNS(columns),
                .needs_rows = true };

        return show(s, args, &view);
}

static int collect_conflicts(struct session *s, struct names *names, struct shown *shown)
{
        struct value *answer = NULL;
        int r;

        if (names->count)
                return refuse_arguments(s, "conflicts");
        r = clusterask_get(s, "supvisors.get_conflicts", &answer);
        if (r > 0)
                shown_take(shown, answer);
        return r;
}

int clusterstatus_conflicts(struct session *s, const char *args)
{
        static const struct column columns[] = {
                { "Application", TABLE_FLEXIBLE, cell_text, "application_name" },
                { "Process", TABLE_FLEXIBLE, cell_text, "process_name" },
                { "State", 12, cell_text, "statename" },
                { "Supervisor", TABLE_END, cell_words, "identifiers" },
        };
        static const struct view view = { collect_conflicts, COLUMNS(columns), .needs_rows = true };

        return show(s, args, &view);
}
