/* FastCGI sockets: the one listening socket that the processes of an [fcgi-program:x] share as
 * their fd 0.
 *
 * It is open while at least one of them runs, and each of them holds a reference for as long. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/descriptors.h"
#include "base/err.h"
#include "engine/program.h"

struct daemon;
struct fcgi_check;
struct fcgi_socket;

/* Of all groups of a start that have a socket: opens and closes it, to see that it can be had, and
 * remembers what its host name stands for, so that no start of a process has to wait for a name
 * server; stops at the first that fails.  Names are waited for a moment; one that nobody has
 * explained until then is asked for again when somebody wants to use the socket. */
int fcgi_check_all(struct daemon *, const struct program_set *, struct err *);
/* The same of one group while the loop runs, for a request that waits for it: feeds
 * EV_GROUP_CHECKED, at once or when a name server has answered. */
void fcgi_check_later(struct daemon *, const struct program_group *, uint64_t request);
/* Of a group whose processes run already: this is the socket, which is taken; the service manager
 * has it (kept.h), or is to. */
void fcgi_adopt(struct daemon *, struct program_group *, int fd, bool is_kept);
void fcgi_forget(struct daemon *, const char *group); /* which is removed, or has none */
void fcgi_free_all(struct daemon *);

/* A reference to the open socket of the group; NULL for one that was not checked, as it has none.
 */
int fcgi_acquire(struct daemon *, const char *group, struct fcgi_socket **ret, struct err *);
void fcgi_release(struct daemon *, struct fcgi_socket *); /* takes NULL */
int fcgi_fd(const struct fcgi_socket *);                  /* blocking, close-on-exec */

void fcgi_close_unused(struct daemon *); /* which were adopted */
void fcgi_keep_all(struct daemon *);     /* those that are not kept yet */

/* From one image of the daemon to the next: an item "fcgi" for each socket. */
void fcgi_save_all(const struct daemon *, struct saver *, struct descriptors *);
/* Of one that is not listed any more, which only those who run with it know. */
void fcgi_save_one(const struct fcgi_socket *, struct saver *, struct descriptors *);
bool fcgi_is_listed(const struct fcgi_socket *);
/* Until the end of it, each is to be had by the number that its descriptor was saved with: a
 * reference; NULL: none. */
void fcgi_restore(struct daemon *, struct saved *, struct descriptors *);
struct fcgi_socket *fcgi_restored(struct daemon *, int saved_as);
void fcgi_restore_end(struct daemon *);
