/* Words: the white space of the dialect, which is Python's, and the lists that are written in one
 * value.  Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

/* Length of the white space character at s, which may be one outside ASCII; 0 when there is none.
 */
size_t words_space(const char *s, size_t length);
bool words_end_in_space(const char *s, size_t length);
/* Narrows the bytes to what is between leading and trailing white space. */
void words_strip(const char **s, size_t *length);
char *words_stripped(const char *s) __attribute__((returns_nonnull));
char *words_lower(const char *s) __attribute__((returns_nonnull)); /* of ASCII letters only */
char *words_upper(const char *s) __attribute__((returns_nonnull));

/* Lists end with NULL.  The items between commas, trimmed; none of an empty text, an empty one
 * after a trailing comma. */
char **words_list(const char *s) __attribute__((returns_nonnull));
char **words_split(const char *s) __attribute__((returns_nonnull)); /* at white space */
size_t words_count(char *const *words);
char **words_append(char **words, char *taken) __attribute__((returns_nonnull));
char **words_free(char **words); /* takes NULL, returns NULL */
DEFINE_CLEANUP(char **, words_free)
