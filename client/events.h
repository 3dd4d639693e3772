/* The command "events": what happens in the cluster, as it happens. */
#pragma once

#include "client/session.h"

int events_run(struct session *, const char *args);
