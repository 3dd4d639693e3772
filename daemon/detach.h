/* Leaving the terminal, and the pid file. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* One fork; the parent ends with status 0 at once.  In the child: 0 to 2 on /dev/null, a session of
 * its own, umask, and the directory unless NULL, which is left to the caller to report. */
int detach(const char *directory, mode_t mask, int *ret_directory_error, struct err *);

/* Writes "<pid>\n" new-then-renamed. */
int pidfile_write(const char *path, struct err *);
/* Removes it, if it is still ours. */
void pidfile_remove(const char *path);
