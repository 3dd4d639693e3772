/* Commands about what programs use: what "status --long" adds, freeze and thaw. */
#pragma once

#include "base/text.h"
#include "client/session.h"

int usage_freeze(struct session *, const char *args);
int usage_thaw(struct session *, const char *args);

/* What the server knows of all processes; *ret is NULL where it knows nothing of the kind. */
int usage_get(struct session *, struct value **ret) __attribute__((warn_unused_result));
/* That of a process of supervisor.getAllProcessInfo(); NULL: none. */
const struct value *usage_of(const struct value *all, const struct value *process);
/* Some lines, indented, each with its newline. */
void usage_append_long(struct text *, const struct value *usage);

/* Whether the figure is known; 0 in *ret otherwise. */
bool usage_figure(const struct value *usage, const char *name, double *ret);
void usage_append_bytes(struct text *, double bytes); /* "1.5M" */
void usage_append_time(struct text *, double secs);   /* "0.012s", "1:02.5", "3:00:01" */
