/* Name specifications: "group:process", "process", "group:*".  Pure. */
#pragma once

#include "base/mem.h"

struct namespec {
        char *group;
        char *process; /* NULL: all of the group */
};

struct namespec namespec_split(const char *text);
void namespec_clear(struct namespec *);

static inline void namespec_clear_at(struct namespec *name)
{
        namespec_clear(name);
}

/* The name to show: the process alone when its group has the same name. */
char *namespec_join(const char *group, const char *process);
