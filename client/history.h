/* History: the lines that were typed, and their file, which is plain text as Supervisor's. */
#pragma once

#include <histedit.h>

#define HISTORY_LINES_MAX 1000
#define HISTORY_BYTES_MAX (16 * 1024 * 1024)

/* What cannot be read is no history. */
void history_load(History *, const char *path);
/* The file as a whole or not at all.  What is no regular file is left alone. */
int history_save(History *, const char *path) __attribute__((warn_unused_result));
void history_add(History *, const char *line);
