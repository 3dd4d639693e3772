/* The command "cluster probe": what the network of the cluster carries, and what is wrong with it.
 */
#pragma once

#include "client/session.h"

int probe_run(struct session *, const char *args);
