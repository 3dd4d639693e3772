/* A directory with configuration files for a test, which is the current one while it lasts. */
#pragma once

#include "config/config.h"

/* Setup and teardown of a group of tests. */
int config_case_begin(void **state);
int config_case_end(void **state);

void config_case_write(const char *name, const char *text);
/* Writes "s.conf" and reads it; the test fails when that does. */
struct config *config_case_read(const char *text);
/* The same with further words on the command line, which end with NULL. */
struct config *config_case_read_with(const char *text, char *const words[]);
/* The test fails unless reading is refused with these words. */
void config_case_refused(const char *text, const char *words);
/* As config_case_refused(), "[supervisord]\n" comes first and the words are followed by what is
 * said of the section's errors. */
void config_case_program_refused(const char *section, const char *text, const char *words);
/* Where the last refusal was, in words. */
const char *config_case_location(void);

const struct program_group *config_case_group(const struct config *, const char *name);
const struct program *config_case_program(const struct config *, const char *group, size_t at);
bool config_case_notes(const struct config *, enum log_level, const char *text);
