/* The command that has a daemon replaced in place. */
#pragma once

#include "client/session.h"

int upgrade_run(struct session *, const char *args);
