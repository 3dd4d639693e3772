/* How the daemon lives: the answer to reeve.getHealth. */
#pragma once

#include "rpc/health.h"

struct daemon;

void health_tell(const struct daemon *, struct rpc_health *ret);
