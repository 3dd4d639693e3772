/* Commands about the daemon itself. */
#pragma once

#include "client/session.h"

int server_open(struct session *, const char *args);
int server_reload(struct session *, const char *args);
int server_shutdown(struct session *, const char *args);
int server_version(struct session *, const char *args);
