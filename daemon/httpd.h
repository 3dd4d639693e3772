/* The RPC layer in the daemon's loop: its host functions, its descriptor and time-out. */
#pragma once

#include "base/err.h"

struct daemon;

/* With copies of d->server_fds, one per configured server. */
int httpd_start(struct daemon *, struct err *);
/* Gives answers under way a moment, then ends. */
void httpd_stop(struct daemon *);
/* The same at once; the listening sockets stay. */
void httpd_cut(struct daemon *);
void httpd_close(struct daemon *); /* which they do no more */
