/* Commands that show what there is: see status.h. */
#include "client/status.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "client/json.h"
#include "client/layout.h"
#include "client/names.h"
#include "client/namespec.h"
#include "client/usage.h"
#include "engine/fault.h"

#define NAME_WIDTH_MIN 30
#define STATE_WIDTH    10
/* Of a row behind the name: state and "pid 32275, uptime 0:00:18". */
#define ROW_REST        (3 + STATE_WIDTH + 25)
#define NAME_WIDTH_KEPT 12
#define AVAIL_WIDTH     32

/* Processes out of the server's answer, in the order to show. */
struct selection {
        const struct value **at;
        size_t count;
        size_t capacity;
};

static void selection_clear_at(struct selection *selection)
{
        mem_free(selection->at);
}

static void select_process(struct selection *selection, const struct value *process)
{
        selection->at = mem_grow(selection->at, &selection->capacity, selection->count + 1,
                sizeof(selection->at[0]));
        selection->at[selection->count++] = process;
}

static const char *member_text(const struct value *structure, const char *name)
{
        return value_string(value_member(structure, name), "");
}

static size_t items_count(const struct value *array)
{
        return array && array->type == VALUE_ARRAY ? array->array.count : 0;
}

static char *shown_name(const struct value *process)
{
        return namespec_join(member_text(process, "group"), member_text(process, "name"));
}

/* Selects what the name means; false when that is nothing. */
static bool select_named(
        struct selection *selection, const struct value *all, const struct namespec *name)
{
        size_t before = selection->count;

        for (size_t i = 0; i < items_count(all); i++) {
                const struct value *process = all->array.items[i];

                if (text_equal(member_text(process, "group"), name->group) &&
                        (!name->process || text_equal(member_text(process, "name"), name->process)))
                        select_process(selection, process);
        }
        return selection->count > before;
}

static void select_all(struct selection *selection, const struct value *all)
{
        for (size_t i = 0; i < items_count(all); i++)
                select_process(selection, all->array.items[i]);
}

static void select_names(struct session *s, struct selection *selection, const struct value *all,
        const struct names *names)
{
        for (size_t i = 0; i < names->count; i++) {
                CLEANUP(namespec_clear) struct namespec name = namespec_split(names->at[i]);

                if (select_named(selection, all, &name))
                        continue;
                if (name.process)
                        session_say(s, "%s: ERROR (no such process)", names->at[i]);
                else
                        session_say(s, "%s: ERROR (no such group)", name.group);
                s->exit_status = EXIT_REFUSED;
        }
}

static bool is_down(const struct value *process)
{
        static const char *const down[] = { "STOPPED", "EXITED", "FATAL", "UNKNOWN" };
        const char *state = member_text(process, "statename");

        for (size_t i = 0; i < ELEMENTS(down); i++)
                if (text_equal(state, down[i]))
                        return true;
        return false;
}

static void print_long(struct session *s, const struct value *usage)
{
        CLEANUP(text_clear) struct text lines = {};

        if (usage)
                usage_append_long(&lines, usage);
        if (!lines.length)
                return;
        text_truncate(&lines, lines.length - 1); /* the newline */
        session_say(s, "%s", text_string(&lines));
}

/* That of the longest.  On a terminal one that leaves no room for the rest of a row does not count:
 * it moves its own row, and not all of them. */
static size_t names_width(const struct session *s, const struct selection *selection)
{
        size_t columns = session_columns(s), limit = SIZE_MAX, width = NAME_WIDTH_MIN;

        if (columns)
                limit = columns > ROW_REST + NAME_WIDTH_KEPT ? columns - ROW_REST : NAME_WIDTH_KEPT;
        if (limit < width)
                width = limit;
        for (size_t i = 0; i < selection->count; i++) {
                CLEANUP(mem_free) char *name = shown_name(selection->at[i]);
                size_t w = layout_width(name);

                width = w > width && w <= limit ? w : width;
        }
        return width;
}

static void print_rows(
        struct session *s, const struct selection *selection, const struct value *usages)
{
        size_t width = names_width(s, selection);

        for (size_t i = 0; i < selection->count; i++) {
                CLEANUP(mem_free) char *name = shown_name(selection->at[i]);
                CLEANUP(text_clear) struct text row = {};

                layout_pad(&row, name, width);
                text_append(&row, "   ");
                layout_pad(&row, member_text(selection->at[i], "statename"), STATE_WIDTH);
                session_say(
                        s, "%s%s", text_string(&row), member_text(selection->at[i], "description"));
                if (usages)
                        print_long(s, usage_of(usages, selection->at[i]));
        }
}

/* Each process gets what is known of its usage as one member more. */
static void join_usages(const struct selection *selection, struct value *usages)
{
        for (size_t i = 0; i < selection->count; i++) {
                /* Both are parts of answers that are ours. */
                struct value *process = (struct value *)selection->at[i];
                struct value *usage = (struct value *)usage_of(usages, process);

                if (usage)
                        value_set(process, "usage", value_copy(usage));
        }
}

static int print_selection(
        struct session *s, const struct selection *selection, struct value *usages, bool json)
{
        int r;

        if (json) {
                join_usages(selection, usages);
                r = json_print(stdout, selection->at, selection->count);
                if (r < 0)
                        return failure_set_errno(&s->failure, -r);
        } else {
                print_rows(s, selection, usages);
        }
        for (size_t i = 0; i < selection->count; i++)
                if (is_down(selection->at[i]))
                        s->exit_status = EXIT_UNIMPLEMENTED;
        return 0;
}

static int show_status(struct session *s, const struct names *names, bool json, bool is_long)
{
        CLEANUP(value_free) struct value *all = NULL;
        CLEANUP(value_free) struct value *usages = NULL;
        CLEANUP(selection_clear) struct selection selection = {};
        int r = session_check_server(s);

        if (r == 0)
                s->exit_status = EXIT_REFUSED;
        if (r <= 0)
                return r;
        r = session_call(s, "supervisor.getAllProcessInfo", NULL, &all);
        if (r == 0 && is_long)
                r = usage_get(s, &usages);
        if (r != 0)
                return r;
        if (names->count == 0 || names_contain(names, "all"))
                select_all(&selection, all);
        else
                select_names(s, &selection, all, names);
        return print_selection(s, &selection, usages, json);
}

int status_run(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names words = names_split(args);
        CLEANUP(names_clear) struct names names = {};
        bool json = s->json, is_long = false;

        for (size_t i = 0; i < words.count; i++) {
                if (text_equal(words.at[i], "--json"))
                        json = true;
                else if (text_equal(words.at[i], "--long"))
                        is_long = true;
                else
                        names_append(&names, words.at[i]);
        }
        if (json) /* standard output is for a program then */
                s->messages = stderr;
        return show_status(s, &names, json, is_long);
}

static int print_all_pids(struct session *s)
{
        CLEANUP(value_free) struct value *all = NULL;
        int r = session_call(s, "supervisor.getAllProcessInfo", NULL, &all);

        for (size_t i = 0; r == 0 && i < items_count(all); i++)
                session_say(s, "%lld",
                        (long long)value_integer(value_member(all->array.items[i], "pid"), 0));
        return r;
}

static int print_pid(struct session *s, const char *name)
{
        CLEANUP(value_free) struct value *process = NULL;
        int64_t pid;
        int r = session_call(s, "supervisor.getProcessInfo", session_strings(name, NULL), &process);

        if (r == FAULT_BAD_NAME) {
                session_say(s, "No such process %s", name);
                s->exit_status = EXIT_GENERIC;
                return 0;
        }
        if (r != 0)
                return r;
        pid = value_integer(value_member(process, "pid"), 0);
        session_say(s, "%lld", (long long)pid);
        if (pid == 0)
                s->exit_status = EXIT_NOT_RUNNING;
        return 0;
}

int status_pid(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        CLEANUP(value_free) struct value *pid = NULL;
        int r = 0;

        if (names.count == 0) {
                r = session_call(s, "supervisor.getPID", NULL, &pid);
                if (r == 0)
                        session_say(s, "%lld", (long long)value_integer(pid, 0));
                return r;
        }
        if (names_contain(&names, "all"))
                return print_all_pids(s);
        for (size_t i = 0; r == 0 && i < names.count; i++)
                r = print_pid(s, names.at[i]);
        return r;
}

static void print_available(struct session *s, const struct value *program)
{
        CLEANUP(mem_free) char *name = shown_name(program);
        CLEANUP(text_clear) struct text row = {};

        layout_pad(&row, name, AVAIL_WIDTH);
        session_say(s, "%s %-9s %-9s %lld:%lld", text_string(&row),
                value_is_true(value_member(program, "inuse")) ? "in use" : "avail",
                value_is_true(value_member(program, "autostart")) ? "auto" : "manual",
                (long long)value_integer(value_member(program, "group_prio"), 0),
                (long long)value_integer(value_member(program, "process_prio"), 0));
}

int status_avail(struct session *s, const char *args)
{
        CLEANUP(value_free) struct value *all = NULL;
        int r = session_call(s, "supervisor.getAllConfigInfo", NULL, &all);

        if (r == FAULT_SHUTDOWN_STATE) {
                session_say(s, "ERROR: supervisor shutting down");
                s->exit_status = EXIT_GENERIC;
                return 0;
        }
        for (size_t i = 0; r == 0 && i < items_count(all); i++)
                print_available(s, all->array.items[i]);
        return r;
}
