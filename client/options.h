/* Options: what the command line and [supervisorctl] of the configuration come to. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "config/commandline.h"

struct options {
        char *serverurl;
        char *username; /* NULL: none */
        char *password;
        char *prompt;
        char *history_file; /* NULL: none */
        bool interactive;   /* -i, or no command was given */
        bool help, version;
        bool json;
        char *configuration; /* the file that was given; NULL: none was */
        char *line;          /* the words of the command, joined; NULL: none were given */
};

/* -EINVAL with Supervisor's words. */
int options_read(int argc, char *const argv[], char *const *environment, struct options *ret,
        struct err *) __attribute__((warn_unused_result));
void options_clear(struct options *);

static inline void options_clear_at(struct options *options)
{
        options_clear(options);
}

/* All that reevectl takes, as its manual page must have them. */
const struct commandline_option *options_table(size_t *ret_count);
void options_print_usage(const char *program);
