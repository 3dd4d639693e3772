/* Commands that act on processes. */
#pragma once

#include "client/session.h"

int control_start(struct session *, const char *args);
int control_stop(struct session *, const char *args);
int control_restart(struct session *, const char *args);
int control_signal(struct session *, const char *args);
int control_clear(struct session *, const char *args);
