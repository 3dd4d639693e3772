/* Names: a growing list of words, such as the arguments of a command.  Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct names {
        char **at;
        size_t count;
        size_t capacity;
};

struct names names_split(const char *text); /* at white space */
void names_append(struct names *, const char *name);
bool names_contain(const struct names *, const char *name);
void names_sort(struct names *);
void names_clear(struct names *);

static inline void names_clear_at(struct names *names)
{
        names_clear(names);
}
