/* Listening sockets of the HTTP servers: opened before the daemon leaves its terminal, so that what
 * goes wrong is seen there. */
#pragma once

#include "base/err.h"
#include "config/config.h"

/* Bound and listening, close-on-exec, non-blocking; a stale socket file is removed, a live one
 * refused. */
int sockets_open(const struct server_config *, int *ret_fd, struct err *);
/* Removes the socket file of a unix server. */
void sockets_unlink(const struct server_config *);
