/* The environment of a program: ours, Supervisor's variables, the configured ones; later wins. */
#pragma once

#include "base/mem.h"
#include "engine/process.h"

/* A NULL-terminated list that the caller owns.  'serverurl' is the automatic one; NULL: there is
 * none. */
char **environment_of(const struct process *, char *const *daemon_environ, const char *serverurl);
char **environment_free(char **);
DEFINE_CLEANUP(char **, environment_free)

/* The value of a variable; NULL when it is not there. */
const char *environment_get(char *const *environ, const char *name);
