/* A datagram to a multicast group through one interface, and whether it comes back. */
#pragma once

#include "base/err.h"

/* On a port of its own, so that no daemon hears it.  0, or why not. */
int multicasttest_run(const char *group, int interface, struct err *)
        __attribute__((warn_unused_result));
