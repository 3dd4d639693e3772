/* Prints the reference pages from the tables that the code itself works by, so that they cannot say
 * anything else: "options" or "methods", as Markdown. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/sections.h"
#include "rpc/method.h"

static const char note[] = "<!-- Made from the tables of the code by `make reference`. -->\n\n";

/* In a cell of a table. */
static void append_cell(struct text *out, const char *s)
{
        for (; *s; s++) {
                if (*s == '|' || *s == '\\')
                        text_append_char(out, '\\');
                text_append_char(out, *s == '\n' ? ' ' : *s);
        }
}

/*
 * Options.
 */

static const char *scope_text(enum section_scope scope)
{
        static const char *const texts[] = {
                [SCOPE_START] = "nothing",
                [SCOPE_INCLUDE] = "here, host_node_name, ENV_X",
                [SCOPE_SUPERVISORD] = "here, ENV_X",
                [SCOPE_SERVER] = "ENV_X",
                [SCOPE_HERE] = "here, ENV_X",
                [SCOPE_CLUSTER] = "here, host_node_name, ENV_X",
                [SCOPE_PROGRAM] = "program_name, group_name, here, host_node_name, ENV_X",
                [SCOPE_PROCESS] = "process_num, numprocs, program_name, group_name, here, "
                                  "host_node_name, ENV_X",
        };

        return texts[scope];
}

static void append_option(struct text *out, const struct section_option *option)
{
        text_format(out, "| `%s` | %s | ", option->name, section_type_name(option->type));
        if (option->fallback && *option->fallback)
                text_format(out, "`%s`", option->fallback);
        text_append(out, " | ");
        append_cell(out, option->help);
        text_format(out, " | %s |\n", scope_text(option->scope));
}

static void append_rows(struct text *out, const struct section_kind *kind)
{
        for (; kind; kind = kind->also)
                for (size_t i = 0; i < kind->options_count; i++)
                        append_option(out, &kind->options[i]);
}

static void append_section(struct text *out, const struct section_kind *kind)
{
        static const char *const suffix[] = {
                [NAMED_EXACTLY] = "", [NAMED_WITH_LABEL] = ":x", [NAMED_WITH_PREFIX] = ""
        };

        text_format(out, "## [%s%s]\n\n", kind->name, suffix[kind->naming]);
        text_append_char(out, (char)(kind->help[0] - ('a' <= kind->help[0] ? 'a' - 'A' : 0)));
        text_format(out, "%s.\n\n", kind->help + 1);
        /* Written out once, where it is the section's own. */
        if (kind->also == &section_program) {
                text_append(out, "All options of `[program:x]`, and:\n\n");
        }
        if (kind->options_count == 0 && !kind->also)
                return;
        text_append(out, "| option | value | default | what it says | `%(x)s` may be |\n"
                         "|---|---|---|---|---|\n");
        if (kind->also == &section_program)
                for (size_t i = 0; i < kind->options_count; i++)
                        append_option(out, &kind->options[i]);
        else
                append_rows(out, kind);
        text_append_char(out, '\n');
}

static void append_options(struct text *out)
{
        text_format(out,
                "%s# Options\n\nEvery option of every section, with its default. "
                "What they mean in full is in reeve.conf(5).\n\n",
                note);
        for (const struct section_kind *const *kind = section_kinds(); *kind; kind++)
                append_section(out, *kind);
}

/*
 * Methods.
 */

static const char *gate_text(enum method_gate gate)
{
        static const char *const texts[] = {
                [GATE_NONE] = NULL,
                [GATE_DISTRIBUTED] = "from DISTRIBUTION on",
                [GATE_OPERATION] = "OPERATION",
                [GATE_WORKING] = "OPERATION, CONCILIATION",
                [GATE_CONCILIATION] = "CONCILIATION",
                [GATE_SYNCHRONIZATION] = "SYNCHRONIZATION",
        };

        return texts[gate];
}

static void append_call(struct text *out, const struct method *method, const struct method *row)
{
        const struct method_param *param = row->params;
        unsigned optional = 0;

        text_format(out, "### %s(", method->name);
        for (; param->name; param++) {
                optional += param->optional;
                text_format(out, "%s%s%s", param->optional ? "[" : "",
                        param == row->params ? "" : ", ", param->name);
        }
        while (optional-- > 0)
                text_append_char(out, ']');
        text_append(out, ")\n\n");
}

static void append_method(struct text *out, const struct method *method)
{
        const struct method *row = method_target(method);

        append_call(out, method, row);
        if (row != method) {
                text_format(out, "Another name of `%s`.\n\n", row->name);
                return;
        }
        text_format(out, "%s\n\n", row->help);
        for (const struct method_param *param = row->params; param->name; param++)
                text_format(out, "* `%s` (%s%s): %s\n", param->name, param->type,
                        param->optional ? ", optional" : "", param->text);
        text_format(out, "* returns %s: %s\n", row->result, row->result_text);
        if (gate_text(row->gate))
                text_format(out, "* in state: %s\n", gate_text(row->gate));
        text_append_char(out, '\n');
}

static void append_methods(struct text *out)
{
        const struct method *method;
        CLEANUP(mem_free) char *last = mem_strdup("");

        text_format(out,
                "%s# Methods\n\nEvery XML-RPC method, as `system.methodHelp` tells of it. Those of "
                "`supvisors.*` are there where a cluster is configured.\n\n",
                note);
        for (size_t i = 0; (method = method_at(i)); i++) {
                size_t length = strcspn(method->name, ".");

                if (strlen(last) != length || strncmp(last, method->name, length) != 0) {
                        mem_free(last);
                        last = mem_strndup(method->name, length);
                        text_format(out, "## %s\n\n", last);
                }
                append_method(out, method);
        }
}

int main(int argc, char *argv[])
{
        CLEANUP(text_clear) struct text out = {};

        if (argc == 2 && strcmp(argv[1], "options") == 0)
                append_options(&out);
        else if (argc == 2 && strcmp(argv[1], "methods") == 0)
                append_methods(&out);
        else {
                (void)fprintf(stderr, "usage: %s options|methods\n", argv[0]);
                return 2;
        }
        while (out.length > 1 && out.data[out.length - 2] == '\n')
                text_truncate(&out, out.length - 1);
        return fputs(text_string(&out), stdout) < 0;
}
