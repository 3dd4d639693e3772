/* The command "import-supervisor": takes over the configuration of a Supervisor, and says what
 * works the same and what does not. */
#pragma once

#include "client/session.h"

int import_run(struct session *, const char *args);
