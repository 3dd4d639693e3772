/* Kept: the descriptors of runs that the service manager holds for us (fdstore.h), so that nothing
 * is lost of a program which ends while there is no daemon: our ends of its pipes, with what it has
 * written last; its pidfd, by which the kernel may still tell how it ended, whoever has reaped it;
 * and the socket of its FastCGI group.
 *
 * All descriptors of a run are given in one message and have one name, "reeve-run-<pid>-<process>"
 * (without the latter where there are very many); which of them is which is told by inodes, which
 * the state file has as well.  The socket of a group is "reeve-fcgi-<group>-<hash of its address>".
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/mem.h"
#include "base/saved.h"
#include "base/saver.h"

struct child;
struct daemon;
struct fcgi_socket;
struct kept;

/*
 * What an earlier daemon had kept.
 */

/* Out of what was handed to this process; the environment speaks of the others only after that.
 * Before anybody else looks at them. */
struct kept *kept_open(void) __attribute__((returns_nonnull));
/* Takes NULL, returns NULL.  The manager is told to let go of what nobody has adopted. */
struct kept *kept_close(struct kept *, struct daemon *);
/* Our end of the pipe, or the pidfd, of the run with that pid; the caller's.  -1: it was not kept.
 * 'inode' 0: none is wanted. */
int kept_take_pipe(struct kept *, pid_t, uint64_t inode); /* takes NULL */
int kept_take_pidfd(struct kept *, pid_t, uint64_t inode);
/* The rest that is kept under that name stays there until the run of the child is over. */
void kept_adopt(struct kept *, pid_t, struct child *);
/* The listening socket of the group; -1: there is none. */
int kept_take_socket(struct kept *, const char *group, const char *address);

/*
 * What we have kept.
 */

void kept_run(struct daemon *, struct child *); /* it has begun; again and again, if need be */
void kept_all(struct daemon *);                 /* those that run and are not kept yet */
void kept_over(struct child *);                 /* its pipes are closed */
void kept_socket(struct daemon *, const char *group, const char *address, int fd);
void kept_socket_again(struct daemon *, const char *group, const char *address); /* it still is */
void kept_socket_over(struct daemon *, const char *group, const char *address);

/* Fields of the item that was begun last: under which name it is kept. */
void kept_save(const struct child *, struct saver *);
void kept_restore(struct child *, struct saved_item *);
