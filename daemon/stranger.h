/* Strangers: programs of ours that are no children of ours, since the daemon that started them is
 * gone.  Who they are is a pid and the moment of their birth; how they ended is asked of whoever
 * may know. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/mem.h"

/* Between which two moments it was cloned, in nanoseconds of the boot time. */
struct stranger_birth {
        uint64_t since, until;
};

enum stranger_state {
        STRANGER_GONE,  /* nobody has the pid, or somebody who was born at another time */
        STRANGER_ENDED, /* its new parent has not reaped it yet */
        STRANGER_LIVES,
};

uint64_t stranger_now(void); /* the boot time */
/* 'ret_status', of one that has ended: as wait(2) gives it, or -1 where we may not know. */
enum stranger_state stranger_look(pid_t, const struct stranger_birth *, int *ret_status);
/* A pidfd of it, or -ESRCH: it lives no more. */
int stranger_open(pid_t, const struct stranger_birth *);

/* How it ended, now that its pidfd says so: from the kernel where it keeps that (Linux 6.15), or
 * from /proc as long as it is not reaped.  False: not known, or not yet. */
bool stranger_status(int pidfd, pid_t, const struct stranger_birth *, int *ret_status);

/* The socket that its descriptor is, ours as well, if it listens; or a negative errno. */
int stranger_socket(pid_t, const struct stranger_birth *, int fd);
/* Another end, O_RDONLY or O_WRONLY, of the pipe that its descriptor is an end of.  A negative
 * errno: that is no pipe any more, or not that one, or none of our business. */
int stranger_pipe(pid_t, int fd, uint64_t inode, int mode);
