/* Commands about the configuration and what of it is in service. */
#pragma once

#include "client/session.h"

int groups_add(struct session *, const char *args);
int groups_remove(struct session *, const char *args);
int groups_reread(struct session *, const char *args);
int groups_update(struct session *, const char *args);
