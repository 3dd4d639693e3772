/* Own: where the cgroup is that this process is in. */
#pragma once

#include "base/err.h"
#include "base/text.h"

/* In the hierarchy of a controller of v1, or of v2 (NULL): the mount through which it can be seen,
 * and its path below that, "" or with a leading '/'; both are appended.  0 or a negative errno. */
int own_find(const char *controller, struct text *mount, struct text *below, struct err *)
        __attribute__((warn_unused_result));
