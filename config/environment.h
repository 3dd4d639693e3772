/* The value of an 'environment' option: KEY=value pairs with quotes.  Pure. */
#pragma once

#include "base/err.h"
#include "base/mem.h"

/* The variables as "KEY=value", in order of their first appearance, NULL at the end; freed by
 * words_free(). */
int environment_parse(const char *text, char ***ret, struct err *)
        __attribute__((warn_unused_result));
/* A new list: 'base', with the variables of 'over' replacing those of the same key, or added. */
char **environment_merge(char *const *base, char *const *over) __attribute__((returns_nonnull));
