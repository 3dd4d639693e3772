/* Commands that show what there is: states, pids, the configuration's processes. */
#pragma once

#include "client/session.h"

int status_run(struct session *, const char *args);
int status_pid(struct session *, const char *args);
int status_avail(struct session *, const char *args);
