/* The files of a cgroup, read and written relative to its open directory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum { ATTRIBUTE_SIZE_MAX = 8 * 1024 * 1024 }; /* cgroup.procs of a million processes */

/* Opens a directory below, never through a symbolic link. */
int attribute_open_dir(int dir, const char *name);
/* The length, or a negative errno; 'buffer' is terminated, and what is longer is cut. */
int attribute_read(int dir, const char *name, char *buffer, size_t size);
/* The whole file. */
int attribute_read_text(int dir, const char *name, struct text *);
int attribute_write(int dir, const char *name, const char *value);
int attribute_number(int dir, const char *name, uint64_t *ret);
int attribute_keyed(int dir, const char *name, const char *key, uint64_t *ret);
bool attribute_has_word(int dir, const char *name, const char *word);
