/* Completion: see complete.h. */
#include "client/complete.h"

#include <string.h>

#include "base/text.h"
#include "client/clustercommands.h"
#include "client/commands.h"

/* The word in front of the cursor, and the command word, which is NULL while it is being typed. */
struct position {
        const char *typed;
        const struct commands_row *row;
        bool is_first_word;
};

static struct position locate(const char *line)
{
        struct position position = {};
        size_t length;

        line += strspn(line, " \t");
        position.typed = line;
        for (const char *c = line; *c; c++)
                if (*c == ' ' || *c == '\t')
                        position.typed = c + 1;
        length = strcspn(line, " \t");
        position.is_first_word = !line[length];
        if (!position.is_first_word) {
                CLEANUP(mem_free) char *word = mem_strndup(line, length);

                position.row = commands_find(word);
        }
        return position;
}

static void offer(struct complete *complete, const char *typed, const char *candidate)
{
        struct names *names = &complete->candidates;

        /* The server sorts by group, so what comes twice comes in a row. */
        if (names->count && text_equal(names->at[names->count - 1], candidate))
                return;
        if (text_starts(candidate, typed))
                names_append(names, candidate);
}

static void offer_commands(struct complete *complete, const char *typed)
{
        const struct commands_row *rows;
        size_t count;

        rows = commands_table(&count);
        for (size_t i = 0; i < count; i++)
                offer(complete, typed, rows[i].name);
        rows = clustercommands_table(&count);
        for (size_t i = 0; i < count; i++)
                offer(complete, typed, rows[i].name);
        rows = commands_own_table(&count);
        for (size_t i = 0; i < count; i++)
                offer(complete, typed, rows[i].name);
        offer(complete, typed, "help");
        names_sort(&complete->candidates);
}

static void offer_groups(
        struct complete *complete, const char *typed, const struct value *processes)
{
        for (size_t i = 0; i < processes->array.count; i++)
                offer(complete, typed,
                        value_string(value_member(processes->array.items[i], "group"), ""));
}

static void offer_processes(
        struct complete *complete, const char *typed, const struct value *processes)
{
        const char *last_group = "";

        for (size_t i = 0; i < processes->array.count; i++) {
                const struct value *process = processes->array.items[i];
                const char *group = value_string(value_member(process, "group"), "");
                const char *name = value_string(value_member(process, "name"), "");
                CLEANUP(mem_free) char *all = mem_format("%s:*", group);
                CLEANUP(mem_free) char *full = mem_format("%s:%s", group, name);

                if (text_equal(group, name) && !strchr(typed, ':')) {
                        offer(complete, typed, name);
                        continue;
                }
                if (!text_equal(group, last_group))
                        offer(complete, typed, all);
                offer(complete, typed, full);
                last_group = group;
        }
}

bool complete_needs_processes(const char *line)
{
        struct position position = locate(line);

        return position.row && position.row->completion != COMPLETES_NOTHING;
}

struct complete complete_find(const char *line, const struct value *processes)
{
        struct position position = locate(line);
        struct complete complete = { .typed = strlen(position.typed) };

        if (processes && processes->type != VALUE_ARRAY)
                processes = NULL;
        if (position.is_first_word || (position.row && text_equal(position.row->name, "help"))) {
                offer_commands(&complete, position.typed);
                return complete;
        }
        if (!position.row || !processes)
                return complete;
        switch (position.row->completion) {
        case COMPLETES_GROUPS:
                offer_groups(&complete, position.typed, processes);
                break;
        case COMPLETES_PROCESSES:
                offer_processes(&complete, position.typed, processes);
                break;
        case COMPLETES_NOTHING:
                break;
        }
        return complete;
}

void complete_clear(struct complete *complete)
{
        names_clear(&complete->candidates);
}

char *complete_common(const struct complete *complete)
{
        const struct names *names = &complete->candidates;
        size_t length;

        if (names->count == 0)
                return mem_strdup("");
        if (names->count == 1)
                return mem_format("%s ", names->at[0] + complete->typed);
        length = strlen(names->at[0]);
        for (size_t i = 1; i < names->count; i++)
                while (strncmp(names->at[i], names->at[0], length) != 0)
                        length--;
        /* Not half of a character. */
        while (length > complete->typed && ((unsigned char)names->at[0][length] & 0xc0) == 0x80)
                length--;
        return mem_strndup(names->at[0] + complete->typed, length - complete->typed);
}
