/* Commands that show logs. */
#pragma once

#include "client/session.h"

int logs_tail(struct session *, const char *args);
int logs_maintail(struct session *, const char *args);
/* The line before a log is followed. */
void logs_announce(struct session *);
