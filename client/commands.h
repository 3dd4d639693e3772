/* The commands: one table, and the way from a line of text to a row of it. */
#pragma once

#include "client/names.h"
#include "client/session.h"

enum commands_completion { COMPLETES_NOTHING, COMPLETES_GROUPS, COMPLETES_PROCESSES };

enum commands_flag {
        COMMANDS_CHECK = 1 << 0,   /* the server is looked for first */
        COMMANDS_NO_ARGS = 1 << 1, /* arguments are refused */
        COMMANDS_JSON = 1 << 2,    /* has a --json form */
        COMMANDS_CLUSTER = 1 << 3, /* the server's interface of the cluster is looked for first */
        COMMANDS_LOCAL = 1 << 4,   /* asks no server */
        COMMANDS_LENIENT = 1 << 5, /* does without a configuration */
};

struct commands_row {
        const char *name;
        /* 0, or -EIO when the session's failure is to be shown. */
        int (*run)(struct session *, const char *args);
        unsigned flags;
        enum commands_completion completion;
        const char *help; /* without the last newline */
};

/* All of Supervisor's client but "help", in the order of their names; and what only we have. */
const struct commands_row *commands_table(size_t *ret_count);
const struct commands_row *commands_own_table(size_t *ret_count);
const struct commands_row *commands_find(const char *name); /* NULL: none */

/* Runs a line; what comes of it is printed, and in the exit status. */
void commands_run(struct session *, const char *line);
/* Prints a message about wrong use, the help of the command, and sets the exit status. */
void commands_refuse(struct session *, const char *command, int exit_status, const char *format,
        ...) __attribute__((format(printf, 4, 5)));

/* The command word of a line (NULL: none) and what follows it, trimmed. */
struct commands_line {
        char *word;
        char *args;
};

struct commands_line commands_parse(const char *line);
void commands_line_clear(struct commands_line *);

static inline void commands_line_clear_at(struct commands_line *line)
{
        commands_line_clear(line);
}
