/* The listening sockets of the HTTP servers that a daemon is configured with. */
#pragma once

#include "base/err.h"

struct daemon;

/* All of them into d->server_fds, or none. */
int servers_open(struct daemon *, struct err *) __attribute__((warn_unused_result));
/* The service manager has them while there is no daemon; servers_open() tells it by itself. */
void servers_keep(struct daemon *);
void servers_renew(struct daemon *);  /* their files, as the configuration says after an upgrade */
void servers_unlink(struct daemon *); /* their files, where we have made them */
