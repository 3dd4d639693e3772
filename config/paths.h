/* Paths as Python's os.path treats them. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/* "~" and "~user" replaced by the home directory, where there is one. */
char *paths_expand_home(const char *path) __attribute__((returns_nonnull));
/* Without "//", "/./" and "x/.." (so a symbolic link before ".." is taken for a directory). */
char *paths_normalise(const char *path) __attribute__((returns_nonnull));
char *paths_join(const char *directory, const char *path) __attribute__((returns_nonnull));
/* Joined to the directory and normalised. */
char *paths_absolute(const char *path, const char *directory) __attribute__((returns_nonnull));
/* What is in front of the last slash; "" when there is none. */
char *paths_directory(const char *path) __attribute__((returns_nonnull));
char *paths_current(void) __attribute__((returns_nonnull)); /* "/" when it is unknown */
bool paths_is_directory(const char *path);
/* The files that match, sorted by their bytes. */
char **paths_glob(const char *pattern) __attribute__((returns_nonnull));
/* Where temporary files go: the first of $TMPDIR, $TEMP, $TMP of the environment, /tmp, /var/tmp,
 * /usr/tmp and the current directory that can be written to. */
char *paths_temporary(char *const *environment) __attribute__((returns_nonnull));
/* The value of a variable in a list of "KEY=value"; NULL when it is not there. */
const char *paths_variable(char *const *environment, const char *name);

/* The configuration file: the one that an option named ('given' is not NULL), else the first that
 * exists of the default places, of which two are beside the program's own directory.  -ENOENT with
 * Supervisor's words when there is none. */
int paths_find_configuration(const char *given, const char *argv0, char **ret, struct err *)
        __attribute__((warn_unused_result));
