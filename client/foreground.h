/* The command "fg": the output of a process, and our lines as its input. */
#pragma once

#include "client/session.h"

int foreground_run(struct session *, const char *args);
