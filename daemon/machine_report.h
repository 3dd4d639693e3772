/* What is told of the machine to who calls reeve.get_host_usage. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "rpc/http.h"

/* As struct rpc_host has it: the context is the daemon. */
bool machine_report(void *context, uint64_t *ticket, struct rpc_machine_sink);
