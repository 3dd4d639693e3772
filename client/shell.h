/* The shell: commands line by line, from a terminal with history and completion, or from a file. */
#pragma once

#include "client/session.h"

void shell_run(struct session *, const char *prompt, const char *history_file /* NULL: none */);
