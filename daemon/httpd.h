/* The RPC layer in the daemon's loop: its host functions, its descriptor and time-out. */
#pragma once

#include "base/err.h"

struct daemon;

/* Takes the listening sockets, one per configured server. */
int httpd_start(struct daemon *, const int *fds, struct err *);
/* Gives answers under way a moment, then ends. */
void httpd_stop(struct daemon *);
