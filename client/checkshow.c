/* What "check" has found, as text: see checkshow.h. */
#include "client/checkshow.h"

#include "base/text.h"
#include "client/clusterask.h"
#include "client/table.h"

/* The items, with a comma and a blank between them. */
static char *joined(const struct value *structure, const char *member)
{
        const struct value *array = value_member(structure, member);
        struct text text = {};

        for (size_t i = 0; i < clusterask_count(array); i++)
                text_format(&text, "%s%s", i ? ", " : "", value_string(array->array.items[i], ""));
        return text_take(&text);
}

static void show_list(struct session *s, const struct value *cluster, const char *member)
{
        CLEANUP(mem_free) char *text = joined(cluster, member);

        if (*text)
                session_say(s, "%-28s%s", member, text);
}

static void show_text(struct session *s, const struct value *cluster, const char *member)
{
        if (*clusterask_text(cluster, member))
                session_say(s, "%-28s%s", member, clusterask_text(cluster, member));
}

static void show_cluster(struct session *s, const struct value *cluster)
{
        session_say(s, "[%s]", clusterask_text(cluster, "section"));
        show_text(s, cluster, "cluster_name");
        show_list(s, cluster, "supvisors_list");
        show_text(s, cluster, "self");
        show_text(s, cluster, "multicast_group");
        show_list(s, cluster, "stereotypes");
        show_list(s, cluster, "core_identifiers");
        show_list(s, cluster, "rules_files");
        show_list(s, cluster, "synchro_options");
        show_text(s, cluster, "starting_strategy");
        show_text(s, cluster, "conciliation_strategy");
        show_text(s, cluster, "supvisors_failure_strategy");
        session_say(s, "%-28s%s", "auto_fence", clusterask_truth(cluster, "auto_fence"));
        show_text(s, cluster, "event_link");
        show_text(s, cluster, "cluster_key_file");
}

static void integer_cell(struct table *table, const struct value *item, const char *member)
{
        table_cell(table, "%lld", (long long)clusterask_integer(item, member));
}

static void places_cell(struct table *table, const struct value *item)
{
        CLEANUP(mem_free) char *places = joined(item, "identifiers");

        table_cell(table, "%s", places);
}

static void application_row(struct table *table, const struct value *item)
{
        table_cell(table, "%s", clusterask_text(item, "application_name"));
        table_cell(table, "%s", clusterask_truth(item, "managed"));
        if (!value_is_true(value_member(item, "managed"))) {
                for (size_t i = 2; i < table->columns_count; i++)
                        table_cell(table, "n/a");
                return;
        }
        table_cell(table, "%s", clusterask_text(item, "distribution"));
        integer_cell(table, item, "start_sequence");
        integer_cell(table, item, "stop_sequence");
        table_cell(table, "%s", clusterask_text(item, "starting_strategy"));
        table_cell(table, "%s", clusterask_text(item, "starting_failure_strategy"));
        table_cell(table, "%s", clusterask_text(item, "running_failure_strategy"));
        table_cell(table, "%s", *clusterask_text(item, "status_formula") ? "formula" : "required");
        places_cell(table, item);
}

static void process_row(struct table *table, const struct value *item)
{
        int64_t patience = clusterask_integer(item, "wait_exit_timeout");

        table_cell(table, "%s", clusterask_text(item, "application_name"));
        table_cell(table, "%s", clusterask_text(item, "process_name"));
        integer_cell(table, item, "start_sequence");
        integer_cell(table, item, "stop_sequence");
        table_cell(table, "%s", clusterask_truth(item, "required"));
        if (patience)
                table_cell(table, "%s (%lld s)", clusterask_truth(item, "wait_exit"),
                        (long long)patience);
        else
                table_cell(table, "%s", clusterask_truth(item, "wait_exit"));
        table_cell(table, "%lld%%", (long long)clusterask_integer(item, "expected_loading"));
        table_cell(table, "%s", clusterask_text(item, "starting_failure_strategy"));
        table_cell(table, "%s", clusterask_text(item, "running_failure_strategy"));
        places_cell(table, item);
}

static void print_table(struct session *s, struct table *table)
{
        CLEANUP(text_clear) struct text text = {};

        table->width_max = session_columns(s);
        table_render(table, &text);
        session_say(s, "\n%s", text_string(&text));
}

static void show_applications(struct session *s, const struct value *applications)
{
        static const struct table_column columns[] = {
                { "Application", TABLE_FLEXIBLE },
                { "Managed", TABLE_FLEXIBLE },
                { "Distribution", TABLE_FLEXIBLE },
                { "Start", TABLE_FLEXIBLE },
                { "Stop", TABLE_FLEXIBLE },
                { "Starting", TABLE_FLEXIBLE },
                { "Starting_Failure", TABLE_FLEXIBLE },
                { "Running_Failure", TABLE_FLEXIBLE },
                { "Status", TABLE_FLEXIBLE },
                { "Identifiers", TABLE_END },
        };
        CLEANUP(table_clear) struct table table = table_new(columns, ELEMENTS(columns));

        for (size_t i = 0; i < clusterask_count(applications); i++)
                application_row(&table, applications->array.items[i]);
        print_table(s, &table);
}

static void show_processes(struct session *s, const struct value *applications)
{
        static const struct table_column columns[] = {
                { "Application", TABLE_FLEXIBLE },
                { "Process", TABLE_FLEXIBLE },
                { "Start", TABLE_FLEXIBLE },
                { "Stop", TABLE_FLEXIBLE },
                { "Required", TABLE_FLEXIBLE },
                { "WaitExit", TABLE_FLEXIBLE },
                { "Loading", TABLE_FLEXIBLE },
                { "Starting_Failure", TABLE_FLEXIBLE },
                { "Running_Failure", TABLE_FLEXIBLE },
                { "Identifiers", TABLE_END },
        };
        CLEANUP(table_clear) struct table table = table_new(columns, ELEMENTS(columns));

        for (size_t i = 0; i < clusterask_count(applications); i++) {
                const struct value *all = value_member(applications->array.items[i], "processes");

                for (size_t j = 0; j < clusterask_count(all); j++)
                        process_row(&table, all->array.items[j]);
        }
        print_table(s, &table);
}

void checkshow_print(struct session *s, const struct value *report)
{
        const struct value *cluster = value_member(report, "cluster");
        const struct value *applications = value_member(report, "applications");
        const struct value *messages = value_member(report, "messages");

        if (value_member(report, "configuration"))
                session_say(
                        s, "%-28s%s", "configuration", clusterask_text(report, "configuration"));
        if (cluster)
                show_cluster(s, cluster);
        if (applications) {
                show_applications(s, applications);
                show_processes(s, applications);
        }
        if (clusterask_count(messages) && value_member(report, "configuration"))
                session_say(s, "%s", "");
        for (size_t i = 0; i < clusterask_count(messages); i++)
                session_say(s, "%s: %s", clusterask_text(messages->array.items[i], "level"),
                        clusterask_text(messages->array.items[i], "text"));
}
