/* Request targets: "/logtail/g%3Ap/stderr?x" taken apart.  Pure. */
#pragma once

#include <stdbool.h>

#include "base/mem.h"

struct target {
        char *path;  /* percent-decoded; no NUL in it */
        char *query; /* as it came; NULL: none */
};

/* -EBADMSG when the path holds %00. What is no escape stays as it is. */
int target_parse(const char *raw, struct target *ret) __attribute__((warn_unused_result));
void target_clear(struct target *);
static inline void target_clear_at(struct target *target)
{
        target_clear(target);
}

/* Of a decoded "/logtail/<namespec>[/<channel>]": false when there is no name.  Both results are
 * the caller's. The channel is "stdout" when there is none. */
bool target_log(const char *path, char **ret_name, char **ret_channel);
