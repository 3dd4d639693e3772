/* Findings: see findings.h. */
#include "client/findings.h"

#include <stdarg.h>

#include "client/clusterask.h"
#include "client/json.h"
#include "client/layout.h"

enum { INDENT = 26, INDENT_NARROW = 4, COLUMNS_WIDE = 60 };

static const char *level_name(enum finding_level level)
{
        switch (level) {
        case FINDING_GOOD:
                return "good";
        case FINDING_NOTE:
                return "note";
        case FINDING_DOUBT:
                return "doubt";
        case FINDING_TROUBLE:
                return "trouble";
        }
        return "trouble";
}

void findings_init(struct findings *findings)
{
        *findings = (struct findings){ .list = value_new(VALUE_ARRAY) };
}

void findings_clear(struct findings *findings)
{
        value_free(findings->list);
        *findings = (struct findings){};
}

void findings_add(struct findings *findings, const char *check, enum finding_level level,
        const char *advice, const char *format, ...)
{
        struct value *finding = value_new(VALUE_STRUCT);
        CLEANUP(mem_free) char *text = NULL;
        va_list ap;

        va_start(ap, format);
        text = mem_vformat(format, ap);
        va_end(ap);
        value_set(finding, "check", value_new_string(check));
        value_set(finding, "level", value_new_string(level_name(level)));
        value_set(finding, "text", value_new_string(text));
        value_set(finding, "advice", value_new_string(advice ? advice : ""));
        value_append(findings->list, finding);
        findings->doubts += level == FINDING_DOUBT;
        findings->troubles += level == FINDING_TROUBLE;
}

static void print_one(struct session *s, const struct value *one, size_t columns)
{
        const char *advice = clusterask_text(one, "advice");
        size_t indent = columns && columns < COLUMNS_WIDE ? INDENT_NARROW : INDENT;
        CLEANUP(text_clear) struct text text = {};

        text_format(
                &text, "%-8s %-16s ", clusterask_text(one, "level"), clusterask_text(one, "check"));
        if (indent < INDENT)
                text_format(&text, "\n%*s", (int)indent, "");
        layout_wrap(&text, clusterask_text(one, "text"), indent, indent, columns);
        if (*advice) {
                text_format(&text, "\n%*s-> ", (int)indent, "");
                layout_wrap(&text, advice, indent + 3, indent + 3, columns);
        }
        session_say(s, "%s", text_string(&text));
}

void findings_print(const struct findings *findings, struct session *s)
{
        size_t columns = session_columns(s);

        for (size_t i = 0; i < clusterask_count(findings->list); i++)
                print_one(s, findings->list->array.items[i], columns);
        if (findings->doubts + findings->troubles == 0)
                session_say(s, "\nAll is well.");
        else
                session_say(
                        s, "\n%u of trouble, %u of doubt.", findings->troubles, findings->doubts);
}

int findings_print_json(const struct findings *findings)
{
        CLEANUP(value_free) struct value *report = value_new(VALUE_STRUCT);

        value_set(report, "troubles", value_new_integer((int)findings->troubles));
        value_set(report, "doubts", value_new_integer((int)findings->doubts));
        value_set(report, "findings", value_copy(findings->list));
        return json_print_value(stdout, report);
}
