/* Listening sockets of the HTTP servers: opened before the daemon leaves its terminal, so that what
 * goes wrong is seen there. */
#pragma once

#include "base/err.h"
#include "config/config.h"

/* What the service manager has opened for us lies from this descriptor on, and stays open, though
 * programs do not get it. */
enum { SOCKETS_HANDED_FIRST = 3 };
size_t sockets_handed_count(void);
bool sockets_is_handed(const struct server_config *, int fd); /* whether that one is for it */
/* Whether that of a server is a socket unit's, and not one that a daemon had kept (fdstore.h). */
bool sockets_is_lent(const struct server_config *);

/* A copy of what was opened for us, where there is such a socket; that of a socket unit
 * is as the manager made it, whatever the configuration says of owner and mode.  Else bound and
 * listening, close-on-exec, non-blocking; a stale socket file is removed, a live one refused. */
int sockets_open(const struct server_config *, int *ret_fd, struct err *);
/* Whether its path can be that of a socket. */
int sockets_check(const struct server_config *, struct err *) __attribute__((warn_unused_result));
/* The file of a unix server that is ours gets mode and owner as they are configured now. */
int sockets_renew(const struct server_config *, struct err *) __attribute__((warn_unused_result));
/* Removes the socket file of a unix server, unless it is not ours. */
void sockets_unlink(const struct server_config *);
