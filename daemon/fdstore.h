/* The descriptor store of the service manager: it keeps descriptors while there is no daemon and
 * hands them to the next one.  Here is what is told it, and how much it takes; which descriptors of
 * runs are kept, and how they are found again, is in kept.h.  The listening sockets of the HTTP
 * servers are kept, too, so that a crash refuses no client; they come back beside those of socket
 * units.  Nothing of this without NOTIFY_SOCKET. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <systemd/sd-event.h>

#include "base/mem.h"
#include "config/config.h"
#include "daemon/notify.h"

enum { FDSTORE_NAME_MAX = 80, FDSTORE_TOGETHER_MAX = NOTIFY_FDS_MAX };

struct fdstore;
/* 'max': how many descriptors it takes, as fdstore_max() has said.  NULL: there is none. */
struct fdstore *fdstore_new(size_t max);
struct fdstore *fdstore_free(struct fdstore *); /* takes NULL, returns NULL */
/* As the manager says, which is asked, and no more than the next daemon could be handed, who begins
 * with that soft limit of open files; 0: nothing is kept. */
size_t fdstore_max(rlim_t files);
size_t fdstore_room(const struct fdstore *); /* of those it takes, how many are ours to use */
/* What waits for a manager that is slow is sent from this loop; NULL: it ends, and what waits has a
 * moment to go. */
void fdstore_join(struct fdstore *, sd_event *);
bool fdstore_settle(struct fdstore *); /* takes NULL; whether nothing waits, after another try */
bool fdstore_is_sent(const struct fdstore *, const char *name); /* takes NULL */

bool fdstore_is_roomy(const struct fdstore *); /* for names that say more than they need */

/* One message: all of them under one name, and nobody waits for it.  They stay the caller's.
 * False: there is no room, or no store. */
bool fdstore_put(struct fdstore *, const char *name, const int *fds, size_t count);
/* What an earlier daemon has put there is in use again. */
void fdstore_count(struct fdstore *, const char *name, size_t count);
void fdstore_remove(struct fdstore *, const char *name, size_t count);

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
