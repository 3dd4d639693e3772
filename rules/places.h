/* Places: a list of identifiers as it is written, made what it means.  For the files of this folder
 * only. */
#pragma once

#include "rules/set.h"

/* The items of a list with commas, without the blanks around them, NULL at the end; empty ones stay
 * in it. */
char **places_split(const char *text, size_t *ret_count);
char **places_free_names(char **); /* takes NULL, returns NULL */
DEFINE_CLEANUP(char **, places_free_names)

/* Replaces aliases, sorts out the signs.  -E2BIG when the list grows too long. */
int places_resolve(const struct rules *, const char *text, struct rules_places *ret, struct err *)
        __attribute__((warn_unused_result));
void places_copy(const struct rules_places *, struct rules_places *ret);
void places_clear(struct rules_places *);
