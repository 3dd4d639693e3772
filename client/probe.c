/* The command "cluster probe": see probe.h. */
#include "client/probe.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/monotonic.h"
#include "base/text.h"
#include "client/clusterask.h"
#include "client/commands.h"
#include "client/diagnosis.h"
#include "client/json.h"
#include "client/table.h"

#define SPAN_MSEC 2000

/* Lets the span pass; -EIO: Ctrl-C. */
static int pause_between(struct session *s)
{
        const usec_t end = monotonic_now() + SPAN_MSEC * USEC_MSEC;
        usec_t left;
        int r = 0;

        while (r == 0 && (left = usec_sub(end, monotonic_now())) >= USEC_MSEC)
                r = connection_turn(s->connection, NULL, (int)(left / USEC_MSEC));
        if (r == -EINTR)
                return failure_set(
                        &s->failure, FAILURE_INTERRUPTED, 0, "KeyboardInterrupt", "interrupted");
        return r < 0 ? failure_set_errno(&s->failure, -r) : 0;
}

/* A counter, and by how much it has grown. */
static void count_cell(struct table *table, const struct value *before, const struct value *after,
        const char *counter)
{
        table_cell(table, "%.0f (+%.0f)", diagnosis_count(after, counter),
                diagnosis_growth(before, after, counter));
}

static void print_table(struct session *s, struct table *table)
{
        CLEANUP(text_clear) struct text text = {};

        if (table_rows(table) == 0)
                return;
        table->width_max = session_columns(s);
        table_render(table, &text);
        session_say(s, "\n%s", text_string(&text));
}

static void show_interfaces(
        struct session *s, const struct value *before, const struct value *after)
{
        static const struct table_column columns[] = {
                { "Interface", TABLE_FLEXIBLE },
                { "Joined", TABLE_FLEXIBLE },
                { "Sent", TABLE_FLEXIBLE },
                { "Received", TABLE_FLEXIBLE },
                { "Send errors", TABLE_FLEXIBLE },
                { "Join errors", TABLE_FLEXIBLE },
                { "Last error", TABLE_END },
        };
        CLEANUP(table_clear) struct table table = table_new(columns, ELEMENTS(columns));
        const struct value *all = value_member(after, "interfaces");

        for (size_t i = 0; i < clusterask_count(all); i++) {
                const struct value *one = all->array.items[i];
                const struct value *earlier = diagnosis_find(
                        value_member(before, "interfaces"), "name", clusterask_text(one, "name"));

                table_cell(&table, "%s", clusterask_text(one, "name"));
                table_cell(&table, "%s", clusterask_truth(one, "joined"));
                count_cell(&table, earlier, one, "sent");
                count_cell(&table, earlier, one, "received");
                count_cell(&table, earlier, one, "send_errors");
                count_cell(&table, earlier, one, "join_errors");
                table_cell(&table, "%s", clusterask_text(one, "error"));
        }
        print_table(s, &table);
}

static void way_cell(struct table *table, const struct value *earlier, const struct value *peer,
        const char *member)
{
        const struct value *way = value_member(peer, member);
        const struct value *before = earlier ? value_member(earlier, member) : NULL;
        const char *interface = clusterask_text(way, "interface");

        if (diagnosis_count(way, "age") < 0)
                table_cell(table, "never");
        else
                table_cell(table, "%.0f (+%.0f), %.1f s ago%s%s", diagnosis_count(way, "count"),
                        diagnosis_growth(before, way, "count"), diagnosis_count(way, "age"),
                        *interface ? ", " : "", interface);
}

static void link_cell(struct table *table, const struct value *peer)
{
        const struct value *link = value_member(peer, "link");

        if (!value_is_true(value_member(link, "up")))
                table_cell(table, "none");
        else
                table_cell(table, "%s, %s", clusterask_text(link, "address"),
                        value_is_true(value_member(link, "ours")) ? "ours" : "theirs");
}

static const char *rules_word(const struct value *ours, const struct value *peer)
{
        if (!*clusterask_text(peer, "rules"))
                return "unknown";
        return diagnosis_has_other_rules(ours, peer) ? "DIFFERENT" : "same";
}

static void show_peers(struct session *s, const struct value *before, const struct value *after)
{
        static const struct table_column columns[] = {
                { "Peer", TABLE_FLEXIBLE },
                { "Identifier", TABLE_FLEXIBLE },
                { "State", TABLE_FLEXIBLE },
                { "Listed", TABLE_FLEXIBLE },
                { "Rules", TABLE_FLEXIBLE },
                { "By multicast", TABLE_FLEXIBLE },
                { "By unicast", TABLE_FLEXIBLE },
                { "Link", TABLE_END },
        };
        CLEANUP(table_clear) struct table table = table_new(columns, ELEMENTS(columns));
        const struct value *all = value_member(after, "peers");

        for (size_t i = 0; i < clusterask_count(all); i++) {
                const struct value *one = all->array.items[i];
                const char *identifier = clusterask_text(one, "identifier");
                const struct value *earlier =
                        diagnosis_find(value_member(before, "peers"), "identifier", identifier);

                if (text_equal(identifier, clusterask_text(after, "identifier")))
                        continue;
                table_cell(&table, "%s", clusterask_text(one, "nick_identifier"));
                table_cell(&table, "%s", identifier);
                table_cell(&table, "%s", clusterask_text(one, "state"));
                table_cell(&table, "%s", clusterask_truth(one, "listed"));
                table_cell(&table, "%s", rules_word(after, one));
                way_cell(&table, earlier, one, "multicast");
                way_cell(&table, earlier, one, "unicast");
                link_cell(&table, one);
        }
        print_table(s, &table);
}

static void show_counters(struct session *s, const struct value *before, const struct value *after)
{
        static const struct table_column columns[] = {
                { "Datagrams and links", TABLE_FLEXIBLE },
                { "Count", TABLE_END },
        };
        CLEANUP(table_clear) struct table table = table_new(columns, ELEMENTS(columns));
        const struct value *counters = value_member(after, "counters");
        const struct value *earlier = value_member(before, "counters");

        for (size_t i = 0;
                counters && counters->type == VALUE_STRUCT && i < counters->structure.count; i++) {
                const char *name = counters->structure.members[i].name;

                if (diagnosis_count(counters, name) <= 0)
                        continue;
                table_cell(&table, "%s", name);
                count_cell(&table, earlier, counters, name);
        }
        print_table(s, &table);
}

/* The hash of no rules is 0. */
static const char *rules_text(const struct value *network)
{
        const char *hash = clusterask_text(network, "rules");

        return hash[strspn(hash, "0")] ? hash : "none";
}

static void show_summary(struct session *s, const struct value *before, const struct value *after)
{
        const char *group = clusterask_text(after, "group");

        session_say(s, "Cluster:     %s, security: %s, key %lld", clusterask_text(after, "cluster"),
                clusterask_text(after, "security"), (long long)clusterask_integer(after, "key"));
        session_say(s, "Instance:    %s, id %s", clusterask_text(after, "identifier"),
                clusterask_text(after, "id"));
        if (*clusterask_text(after, "rules"))
                session_say(s, "Rules:       %s", rules_text(after));
        if (*group)
                session_say(s, "Multicast:   %s, TTL %lld", group,
                        (long long)clusterask_integer(after, "ttl"));
        else
                session_say(s, "Multicast:   none");
        session_say(s, "Listens at:  %s (UDP), port %lld (TCP)", clusterask_text(after, "address"),
                (long long)clusterask_integer(after, "link_port"));
        session_say(s, "Heartbeats:  every %.0f ms, %.0f sent (+%.0f)",
                diagnosis_count(after, "interval") * 1000, diagnosis_count(after, "sent"),
                diagnosis_growth(before, after, "sent"));
        session_say(s,
                "Unicast:     %.0f sent (+%.0f), %.0f received (+%.0f), %.0f errors (+%.0f), %.0f "
                "unresolved names",
                diagnosis_count(after, "unicast_sent"),
                diagnosis_growth(before, after, "unicast_sent"),
                diagnosis_count(after, "unicast_received"),
                diagnosis_growth(before, after, "unicast_received"),
                diagnosis_count(after, "unicast_errors"),
                diagnosis_growth(before, after, "unicast_errors"),
                diagnosis_count(after, "unresolved"));
}

/* Takes both looks. */
static int show_json(
        struct session *s, struct value *before, struct value *after, const struct names *troubles)
{
        CLEANUP(value_free) struct value *report = value_new(VALUE_STRUCT);
        struct value *words = value_new(VALUE_ARRAY);
        int r;

        for (size_t i = 0; i < troubles->count; i++)
                value_append(words, value_new_string(troubles->at[i]));
        value_set(report, "troubles", words);
        value_set(report, "before", before);
        value_set(report, "after", after);
        r = json_print_value(stdout, report);
        return r < 0 ? failure_set_errno(&s->failure, -r) : 0;
}

static void show_text(struct session *s, const struct value *before, const struct value *after,
        const struct names *troubles)
{
        show_summary(s, before, after);
        show_interfaces(s, before, after);
        show_peers(s, before, after);
        show_counters(s, before, after);
        session_say(s, "%s", "");
        for (size_t i = 0; i < troubles->count; i++)
                session_say(s, "* %s", troubles->at[i]);
        if (troubles->count == 0)
                session_say(s, "All is well.");
}

int probe_run(struct session *s, const char *args)
{
        bool json;
        CLEANUP(names_clear) struct names words = clusterask_names(s, args, &json);
        CLEANUP(names_clear) struct names troubles = {};
        CLEANUP(value_free) struct value *before = NULL;
        CLEANUP(value_free) struct value *after = NULL;
        int r;

        if (words.count != 1 || !text_equal(words.at[0], "probe")) {
                commands_refuse(s, "cluster", EXIT_INVALID_ARGUMENTS,
                        "ERROR: cluster takes the word probe");
                return 0;
        }
        r = clusterask_get(s, "reeve.getClusterNetwork", &before);
        if (r > 0 && (r = pause_between(s)) == 0)
                r = clusterask_get(s, "reeve.getClusterNetwork", &after);
        if (r <= 0)
                return r;
        troubles = diagnosis_make(before, after);
        if (troubles.count)
                s->exit_status = EXIT_GENERIC;
        if (json)
                return show_json(s, TAKE(before), TAKE(after), &troubles);
        show_text(s, before, after, &troubles);
        return 0;
}
