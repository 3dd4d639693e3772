/* The status page: one row for each process, with what can be done about it. */
#include <string.h>

#include "rpc/listing.h"
#include "rpc/page.h"
#include "rpc/page_html.h"

static const char *state_class(enum process_state state)
{
        switch (state) {
        case RUNNING:
                return "statusrunning";
        case FATAL:
        case BACKOFF:
                return "statuserror";
        case STOPPED:
        case STARTING:
        case STOPPING:
        case EXITED:
        case UNKNOWN:
        case PROCESS_STATES:
                break;
        }
        return "statusnominal";
}

/* The name of a state as the page has it: in lower case. */
static void append_state(struct text *t, enum process_state state)
{
        for (const char *s = process_state_name(state); *s; s++)
                text_append_char(t, *s >= 'A' && *s <= 'Z' ? (char)(*s - 'A' + 'a') : *s);
}

static void append_button(struct text *t, const char *action, const char *label)
{
        text_format(t, "<button name=\"action\" value=\"%s\">%s</button>", action, label);
}

static void append_buttons(struct text *t, enum process_state state)
{
        switch (state) {
        case RUNNING:
                append_button(t, "restart", "Restart");
                append_button(t, "stop", "Stop");
                break;
        case STOPPED:
        case EXITED:
        case FATAL:
                append_button(t, "start", "Start");
                break;
        case STARTING:
        case BACKOFF:
        case STOPPING:
        case UNKNOWN:
        case PROCESS_STATES:
                break;
        }
        append_button(t, "clearlog", "Clear Log");
}

static void append_row(
        struct text *t, const struct process *process, const char *name, const char *words)
{
        enum process_state state = process->state;

        text_format(t, "<tr>\n<td class=\"status\"><span class=\"%s\">", state_class(state));
        append_state(t, state);
        text_append(t, "</span></td>\n<td class=\"description\">");
        page_html(t, words);
        text_append(t, "</td>\n<td class=\"name\"><a href=\"tail.html?processname=");
        page_html_url(t, name);
        text_append(t, "\" target=\"_blank\">");
        page_html(t, name);
        text_append(t,
                "</a></td>\n<td class=\"action\"><form method=\"post\" action=\"index.html\">"
                "<input type=\"hidden\" name=\"processname\" value=\"");
        page_html(t, name);
        text_append(t, "\">");
        append_buttons(t, state);
        text_append(t, "<a href=\"logtail/");
        page_html_url(t, name);
        text_append(t, "\" target=\"_blank\">Tail -f Stdout</a><a href=\"logtail/");
        page_html_url(t, name);
        text_append(t, "/stderr\" target=\"_blank\">Tail -f Stderr</a></form></td>\n</tr>\n");
}

/* How many there are in each state that one of them is in. */
static void append_summary(struct text *t, const struct process *const *all, size_t count)
{
        size_t counts[PROCESS_STATES] = {};

        for (size_t i = 0; i < count; i++)
                counts[all[i]->state]++;
        text_format(t, "<p class=\"summary\">%zu process%s", count, count == 1 ? "" : "es");
        for (size_t i = 0; i < PROCESS_STATES; i++)
                if (counts[i]) {
                        text_format(t, " <span class=\"%s\">%zu ",
                                state_class((enum process_state)i), counts[i]);
                        append_state(t, (enum process_state)i);
                        text_append(t, "</span>");
                }
        text_append(t, "</p>\n");
}

static void append_toolbar(struct text *t, const struct process *const *all, size_t count)
{
        text_append(t, "<div class=\"toolbar\">\n");
        append_summary(t, all, count);
        text_append(t, "<form method=\"post\" action=\"index.html\">");
        append_button(t, "refresh", "Refresh");
        append_button(t, "restartall", "Restart All");
        append_button(t, "stopall", "Stop All");
        text_append(t, "</form>\n</div>\n");
}

static void append_table(
        struct text *t, const struct process *const *all, size_t count, int64_t now_secs)
{
        CLEANUP(text_clear) struct text name = {}, words = {};

        text_append(t, "<table>\n<thead><tr><th>State</th><th>Description</th><th>Name</th>"
                       "<th>Action</th></tr></thead>\n<tbody>\n");
        for (size_t i = 0; i < count; i++) {
                text_truncate(&name, 0);
                text_truncate(&words, 0);
                listing_append_name(&name, all[i]);
                listing_append_description(&words, all[i], now_secs);
                append_row(t, all[i], text_string(&name), text_string(&words));
        }
        text_append(t, "</tbody>\n</table>\n");
}

static void append_message(struct text *t, const char *class, const char *message)
{
        text_format(t, "<p class=\"message%s\" role=\"status\">", class);
        page_html(t, message);
        text_append(t, "</p>\n");
}

static void append_mood(struct text *t, enum mood mood)
{
        switch (mood) {
        case MOOD_RUNNING:
                break;
        case MOOD_SHUTDOWN:
                append_message(t, " warning", "Shutting down: all programs are being stopped.");
                break;
        case MOOD_RESTARTING:
                append_message(t, " warning", "Restarting: all programs are being stopped.");
                break;
        }
}

void page_status(struct text *t, const struct rpc_host *host, void *context, const char *message,
        int64_t now_secs)
{
        const struct engine *engine = host->engine(context);
        size_t count = 0;
        CLEANUP(mem_free)
        const struct process **all = listing_processes(engine, &count);

        page_html_begin(t, "Supervisor Status", host->identifier(context));
        append_mood(t, engine_mood(engine));
        if (message)
                append_message(t, text_starts(message, "ERROR") ? " warning" : "", message);
        append_toolbar(t, all, count);
        if (count)
                append_table(t, all, count, now_secs);
        else
                text_append(t, "<p class=\"empty\">No programs to manage</p>\n");
        page_html_end(t);
}
