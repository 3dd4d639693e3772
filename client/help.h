/* Help: the list of the commands, and the words about each. */
#pragma once

#include "client/session.h"

int help_run(struct session *, const char *args);
void help_show(struct session *, const char *command);
