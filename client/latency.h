/* The command "latency": how long the daemon's loop has kept others waiting. */
#pragma once

#include "client/session.h"

int latency_run(struct session *, const char *args);
