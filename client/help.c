/* Help: see help.h. */
#include "client/help.h"

#include "base/text.h"
#include "client/clustercommands.h"
#include "client/commands.h"
#include "client/layout.h"

#define HELP_WIDTH 79

void help_show(struct session *s, const char *command)
{
        const struct commands_row *row = commands_find(command);

        if (row && row->help)
                session_say(s, "%s", row->help);
        else
                session_say(s, "*** No help on %s", command);
}

static void list_table(
        struct session *s, const char *title, const struct commands_row *rows, size_t count)
{
        CLEANUP(names_clear) struct names names = {};
        CLEANUP(text_clear) struct text list = {};
        size_t columns = session_columns(s);

        for (size_t i = 0; i < count; i++)
                names_append(&names, rows[i].name);
        text_format(&list, "\n%s\n", title);
        for (const char *c = title; *c; c++)
                text_append_char(&list, '=');
        text_append_char(&list, '\n');
        layout_columns(&list, &names, columns && columns < HELP_WIDTH ? columns : HELP_WIDTH);
        session_say(s, "%s", text_string(&list));
}

static void list_commands(struct session *s)
{
        const struct commands_row *rows;
        size_t count;

        rows = commands_table(&count);
        list_table(s, "default commands (type help <topic>):", rows, count);
        rows = clustercommands_table(&count);
        list_table(s, "supvisors commands (type help <topic>):", rows, count);
        rows = commands_own_table(&count);
        list_table(s, "reeve commands (type help <topic>):", rows, count);
}

int help_run(struct session *s, const char *args)
{
        if (*args)
                help_show(s, args);
        else
                list_commands(s);
        return 0;
}
