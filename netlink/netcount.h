/* Netcount: how much each network interface has carried, as the kernel tells it over rtnetlink
 * (through libnl-route-3). */
#pragma once

#include <stdint.h>

#include "base/err.h"

struct netcount_sink {
        void (*tell)(void *context, const char *name, uint64_t received, uint64_t sent);
        void *context;
};

/* Of the interfaces that are up, loopback included; bytes.  0 or a negative errno.  It may wait for
 * the kernel's answer, for a second at most. */
int netcount_take(struct netcount_sink, struct err *) __attribute__((warn_unused_result));
