/* Expansion of %(name)s in values: Python's %-formatting with a mapping, and its words when it
 * fails.  Pure. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

/* A width, a precision or a result above this is refused. */
#define EXPAND_BYTES_MAX ((size_t)1 << 20)

/* Names and what they stand for.  One that is not here is looked for in the parent, which must
 * outlive this one. */
struct expand_map;

struct expand_map *expand_map_new(const struct expand_map *parent)
        __attribute__((returns_nonnull)); /* NULL: no parent */
struct expand_map *expand_map_free(struct expand_map *);
DEFINE_CLEANUP(struct expand_map *, expand_map_free)

void expand_map_set(struct expand_map *, const char *name, const char *value);
void expand_map_set_number(struct expand_map *, const char *name, int64_t value);
/* Every "KEY=value" of the list as ENV_KEY. */
void expand_map_set_environment(struct expand_map *, char *const *environment);

/* The label is how the message of a failure, -EINVAL, calls the value: "program:x.command". */
int expand_text(const char *text, const char *label, const struct expand_map *, char **ret,
        struct err *) __attribute__((warn_unused_result));
