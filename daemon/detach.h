/* Leaving the terminal, and the pid file. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* One fork; the parent stays until it is told how the start went and *ret_parent, which leads to
 * it, is closed, if only by the end of the child.  In the child: 0 to 2 on /dev/null, a session of
 * its own, umask, and the directory unless NULL, which is left to the caller to report. */
int detach(const char *directory, mode_t mask, int *ret_parent, int *ret_directory_error,
        struct err *);
/* What the parent ends with, and writes to its stderr.  Nothing for -1. */
void detach_tell_parent(int parent, int status, const char *text);

/* Writes "<pid>\n" new-then-renamed. */
int pidfile_write(const char *path, struct err *);
/* Removes it, if it is still ours. */
void pidfile_remove(const char *path);
