/* What "--check" looks at beside the configuration itself: whether the daemon would start here, and
 * whether its programs could. */
#pragma once

#include "base/err.h"
#include "base/log.h"

struct config;

/* What is odd is told.  A negative errno and a sentence: the daemon would not start.  'path' is
 * that of the environment; NULL: there is none. */
int startcheck_run(const struct config *, const char *path, const struct log_sink *, struct err *)
        __attribute__((warn_unused_result));
