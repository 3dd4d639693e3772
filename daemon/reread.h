/* Reading the configuration again, while programs run. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct config;
struct daemon;

/* Feeds EV_CONFIG_READ.  For a reread what the dialect lets take effect at once does so; for a
 * restart the result is kept until everything has stopped.  A bad configuration changes nothing. */
void reread(struct daemon *, uint64_t request, bool restart);

/* Takes the groups out that this version cannot run, with one line of the log for each. */
void reread_refuse_groups(struct daemon *, struct config *);
