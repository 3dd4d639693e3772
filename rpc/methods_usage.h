/* The handlers of reeve.* that tell what processes use, and how they ended. */
#pragma once

#include "rpc/method.h"

enum outcome usage_one(const struct invocation *);
enum outcome usage_all(const struct invocation *);
enum outcome usage_exits(const struct invocation *);
enum outcome usage_freeze(const struct invocation *);
enum outcome usage_thaw(const struct invocation *);
enum outcome usage_update_limits(const struct invocation *);
enum outcome usage_host(const struct invocation *);
