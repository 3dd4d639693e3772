/* What programs use: see usage.h. */
#include "client/usage.h"

#include <string.h>

#include "client/names.h"
#include "engine/fault.h"

static const char *text_of(const struct value *structure, const char *name)
{
        return value_string(value_member(structure, name), "");
}

bool usage_figure(const struct value *usage, const char *name, double *ret)
{
        const struct value *figure = value_member(usage, name);

        *ret = 0;
        if (figure && figure->type == VALUE_DOUBLE)
                *ret = figure->real;
        else if (figure && figure->type == VALUE_INTEGER)
                *ret = (double)figure->integer;
        else
                return false;
        return true;
}

void usage_append_bytes(struct text *out, double bytes)
{
        static const char units[] = "BKMGTP";
        unsigned unit = 0;

        while (bytes >= 999.5 && units[unit + 1]) {
                bytes /= 1024;
                unit++;
        }
        text_format(out, unit && bytes < 99.95 ? "%.1f%c" : "%.0f%c", bytes, units[unit]);
}

void usage_append_time(struct text *out, double secs)
{
        unsigned long whole = (unsigned long)secs;

        if (secs < 60)
                text_format(out, "%.3fs", secs);
        else if (secs < 3600)
                text_format(out, "%lu:%04.1f", whole / 60, secs - (double)(whole / 60 * 60));
        else
                text_format(out, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
}

int usage_get(struct session *s, struct value **ret)
{
        int r = session_call(s, "reeve.get_all_process_usage", NULL, ret);

        if (r != FAULT_UNKNOWN_METHOD)
                return r;
        *ret = NULL; /* a Supervisor */
        return 0;
}

const struct value *usage_of(const struct value *all, const struct value *process)
{
        for (size_t i = 0; all && all->type == VALUE_ARRAY && i < all->array.count; i++) {
                const struct value *usage = all->array.items[i];

                if (text_equal(text_of(usage, "name"), text_of(process, "name")) &&
                        text_equal(text_of(usage, "group"), text_of(process, "group")))
                        return usage;
        }
        return NULL;
}

/*
 * Lines of "status --long".
 */

enum unit { UNIT_USEC, UNIT_BYTES, UNIT_COUNT, UNIT_PERCENT };

struct shown {
        const char *words, *figure;
        enum unit unit;
};

static bool is_bound(const struct value *usage, const char *figure)
{
        const struct value *bounds = value_member(usage, "bounds");

        for (size_t i = 0; bounds && bounds->type == VALUE_ARRAY && i < bounds->array.count; i++)
                if (text_equal(value_string(bounds->array.items[i], ""), figure))
                        return true;
        return false;
}

static void append_figure(struct text *out, const struct value *usage, const struct shown *shown)
{
        double value;

        text_format(out, "%s ", shown->words);
        if (!usage_figure(usage, shown->figure, &value)) {
                text_append(out, "unknown");
                return;
        }
        if (is_bound(usage, shown->figure))
                text_append(out, "at most ");
        switch (shown->unit) {
        case UNIT_USEC:
                usage_append_time(out, value / 1e6);
                break;
        case UNIT_BYTES:
                usage_append_bytes(out, value);
                break;
        case UNIT_COUNT:
                text_format(out, "%.0f", value);
                break;
        case UNIT_PERCENT:
                text_format(out, "%.2f%%", value);
                break;
        }
        text_format(out, " (%s)", text_of(value_member(usage, "sources"), shown->figure));
}

static void append_figures(struct text *out, const char *title, const struct value *usage,
        const struct shown *rows, size_t count)
{
        text_format(out, "    %s: ", title);
        for (size_t i = 0; i < count; i++) {
                text_append(out, i ? ", " : "");
                append_figure(out, usage, &rows[i]);
        }
        text_append_char(out, '\n');
}

static void append_limits(
        struct text *out, const char *title, const struct value *usage, const char *member)
{
        const struct value *limits = value_member(usage, member);

        if (!limits || limits->type != VALUE_STRUCT || limits->structure.count == 0)
                return;
        text_format(out, "    %s:", title);
        for (size_t i = 0; i < limits->structure.count; i++) {
                CLEANUP(mem_free)
                char *value = mem_strdup(value_string(limits->structure.members[i].value, ""));

                value[strcspn(value, "\n")] = '\0'; /* that of a list of devices */
                text_format(out, " %s=%s", limits->structure.members[i].name, value);
        }
        text_append_char(out, '\n');
}

static void append_exit(struct text *out, const struct value *exit)
{
        static const struct shown rows[] = {
                { "cpu", "cpu_usec", UNIT_USEC },
                { "memory peak", "memory_peak", UNIT_BYTES },
                { "tasks peak", "pids_peak", UNIT_COUNT },
        };
        double duration;

        if (!*text_of(exit, "reason"))
                return;
        text_format(out, "    last exit: %s, %s", text_of(exit, "reason"),
                text_of(exit, "description"));
        if (usage_figure(exit, "duration", &duration)) {
                text_append(out, " after ");
                usage_append_time(out, duration);
        }
        if (*text_of(exit, "limit"))
                text_format(out, ", limit %s", text_of(exit, "limit"));
        text_append_char(out, '\n');
        if (*text_of(exit, "cause"))
                text_format(out, "        %s\n", text_of(exit, "cause"));
        append_figures(out, "    its run", exit, rows, ELEMENTS(rows));
}

static void append_log_troubles(struct text *out, const struct value *troubles)
{
        double lost;

        for (size_t i = 0; troubles && troubles->type == VALUE_ARRAY && i < troubles->array.count;
                i++) {
                const struct value *trouble = troubles->array.items[i];
                const char *reason = text_of(trouble, "reason");

                (void)usage_figure(trouble, "bytes_lost", &lost); /* 0 if it is not there */
                text_format(out, "    %s: %.0f bytes lost, log file '%s' %s%s\n",
                        text_of(trouble, "channel"), lost, text_of(trouble, "logfile"),
                        *reason ? "cannot be written to: " : "could not be written to for a time",
                        reason);
        }
}

void usage_append_long(struct text *out, const struct value *usage)
{
        static const struct shown rows[] = {
                { "cpu", "cpu_usec", UNIT_USEC },
                { "memory", "memory", UNIT_BYTES },
                { "peak", "memory_peak", UNIT_BYTES },
                { "tasks", "pids", UNIT_COUNT },
                { "peak", "pids_peak", UNIT_COUNT },
        };
        static const struct shown more[] = {
                { "read", "io_read", UNIT_BYTES },
                { "written", "io_written", UNIT_BYTES },
                { "pressure cpu", "cpu_pressure", UNIT_PERCENT },
                { "memory", "memory_pressure", UNIT_PERCENT },
                { "io", "io_pressure", UNIT_PERCENT },
        };
        double pid;

        if (value_is_true(value_member(usage, "frozen")))
                text_append(out, "    frozen\n");
        if (value_is_true(value_member(usage, "output_lost")))
                text_append(out,
                        "    its output was lost in a crash of reeved, until its next start\n");
        append_log_troubles(out, value_member(usage, "log_troubles"));
        if (usage_figure(usage, "pid", &pid) && pid > 0) {
                append_figures(out, "uses", usage, rows, ELEMENTS(rows));
                append_figures(out, "io", usage, more, ELEMENTS(more));
        }
        append_limits(out, "limits", usage, "limits");
        append_limits(out, "limits of the group", usage, "group_limits");
        append_exit(out, value_member(usage, "last_exit"));
}

/*
 * freeze, thaw
 */

static int order_each(struct session *s, const char *args, const char *command, const char *method,
        const char *done)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        int r = 0;

        if (names.count == 0) {
                session_say(s, "Error: %s requires a process name", command);
                s->exit_status = EXIT_INVALID_ARGUMENTS;
        }
        for (size_t i = 0; r == 0 && i < names.count; i++) {
                r = session_order(s, method, session_strings(names.at[i], NULL));
                if (r == 0)
                        session_say(s, "%s: %s", names.at[i], done);
                if (r <= 0)
                        continue;
                if (r == FAULT_BAD_NAME)
                        session_say(s, "%s: ERROR (no such process)", names.at[i]);
                else if (r == FAULT_NOT_RUNNING)
                        session_say(s, "%s: ERROR (not running)", names.at[i]);
                else
                        session_say(s, "%s: ERROR (%s)", names.at[i], s->failure.text);
                s->exit_status = r == FAULT_NOT_RUNNING ? EXIT_NOT_RUNNING : EXIT_GENERIC;
                r = 0;
        }
        return r;
}

int usage_freeze(struct session *s, const char *args)
{
        return order_each(s, args, "freeze", "reeve.freeze_process", "frozen");
}

int usage_thaw(struct session *s, const char *args)
{
        return order_each(s, args, "thaw", "reeve.thaw_process", "thawed");
}
