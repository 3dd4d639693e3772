/* The descriptor store of the service manager: it keeps the listening sockets of the HTTP servers
 * while there is no daemon, so that a crash refuses no client, and hands them to the next one
 * beside those of socket units.  Nothing of this without NOTIFY_SOCKET. */
#pragma once

#include <stdbool.h>

#include "config/config.h"

/* The name that the socket of a server has there, which the caller frees.  That of a unix server
 * tells of its file, so a socket whose file is gone or another's is known by no name.  NULL: there
 * is no such file. */
char *fdstore_name(const struct server_config *);
/* Of a descriptor that was handed to us: the name by which a daemon had it kept, which the caller
 * frees; NULL: none, it is a socket unit's. */
char *fdstore_name_of(int fd);

void fdstore_keep(const struct server_config *, int fd); /* again and again, if need be */
void fdstore_forget(const char *name);                   /* takes NULL */
void fdstore_wait(void); /* until what was forgotten is closed, so that its address is free */
