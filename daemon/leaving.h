/* Leaving: the end of the daemon without that of its programs, when the service manager stops or
 * restarts our service and they are to run on. */
#pragma once

struct daemon;

/* We are asked to end.  The programs are left, for the next daemon to go on with, by
 * on_service_stop at a stop of the service; at a restart of it whenever the next daemon can take
 * them over; never when the machine goes down.  Otherwise they are stopped.  The manager is asked
 * which it is, beside the loop; without an answer (within two seconds each) they are stopped. */
void leaving_or_shutdown(struct daemon *);
