/* Leaving: the end of the daemon without that of its programs, when the service manager stops or
 * restarts our service and they are to run on. */
#pragma once

#include <stdbool.h>

struct daemon;

/* Whether the programs are to be left, now that we are asked to end: by on_service_stop at a stop
 * of the service; at a restart of it whenever the next daemon can take them over; never when the
 * machine goes down.  Asks the manager, which may take a moment (two seconds at most). */
bool leaving_is_wanted(const struct daemon *);
/* Ends the loop; what runs is left as it is, for the next daemon to go on with. */
void leaving_begin(struct daemon *);
