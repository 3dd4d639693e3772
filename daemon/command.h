/* A program's command line: splitting it into words and finding the file to execute.
 *
 * The rules and the sentences are Supervisor's: POSIX shell words without variables or globs, and
 * the first entry of PATH where the name exists is taken, executable or not. */
#pragma once

#include <stddef.h>

#include "base/mem.h"
#include "engine/fault.h"
#include "engine/program.h"

struct program_command {
        char *path;  /* what execve(2) is given */
        char **argv; /* NULL at the end; argv[0] is the first word as written */
};

void command_clear(struct program_command *);
static inline void command_clear_at(struct program_command *c)
{
        command_clear(c);
}

/* NULL and a sentence in *ret_reason when the text cannot be split: an unclosed quote, a last
 * backslash. */
char **command_split(const char *text, const char **ret_reason);
char **command_argv_free(char **argv);
DEFINE_CLEANUP(char **, command_argv_free)

/* FAULT_NONE, or FAULT_NO_FILE or FAULT_NOT_EXECUTABLE with *ret_text (the caller owns it) saying
 * why. Looks at the file system as the daemon's own user and directory.  The extra arguments, which
 * may be NULL, are appended to the command; FAULT_INCORRECT_PARAMETERS if they cannot be split. */
enum fault command_resolve(const struct program *, const char *extra_args, const char *daemon_path,
        struct program_command *ret, char **ret_text);
