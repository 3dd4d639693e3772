/* Patterns: regular expressions as users of Supvisors write them, which is Python's syntax, with
 * limits so that none can hold us up.  Pure. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

#define PATTERN_LENGTH_MAX 4096

struct pattern;

/* -EINVAL and a sentence when it is none. */
int pattern_compile(const char *text, struct pattern **ret, struct err *)
        __attribute__((warn_unused_result));
struct pattern *pattern_free(struct pattern *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct pattern *, pattern_free)

/* Anywhere in the subject: 1, and how many characters the first match has (may be NULL); 0 when
 * there is none; -E2BIG when the search was given up, since it would have taken too long. */
int pattern_search(const struct pattern *, const char *subject, size_t *ret_length)
        __attribute__((warn_unused_result));
/* The same, but the match has to begin where the subject begins. */
int pattern_match(const struct pattern *, const char *subject, size_t *ret_length)
        __attribute__((warn_unused_result));
