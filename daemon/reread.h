/* Reading the configuration again, while programs run. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct daemon;

/* Feeds EV_CONFIG_READ.  For a reread what the dialect lets take effect at once does so; for a
 * restart the result is kept until everything has stopped.  A bad configuration changes nothing. */
void reread(struct daemon *, uint64_t request, bool restart);
