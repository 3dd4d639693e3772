/* New files: what replaces a file is written beside it, flushed, and put in its place by one
 * rename: whoever reads finds the old content or the new one, also after a power cut. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Each returns 0 or a negative errno. */

/* All three steps, with a temporary name of ours.  Without 'replace' a file that is there is left
 * alone: -EEXIST. */
int newfile_put(const char *path, mode_t, const void *data, size_t length, bool replace)
        __attribute__((warn_unused_result));

/* The steps, for those who have something to do in between.  A failure leaves no temporary file. */
int newfile_write(const char *temporary, mode_t, const void *data, size_t length)
        __attribute__((warn_unused_result)); /* whatever had that name is gone */
int newfile_place(const char *temporary, const char *path, bool replace)
        __attribute__((warn_unused_result));
int newfile_settle(const char *path)
        __attribute__((warn_unused_result)); /* the name is on the disk, too */
