/* Births: what is written down of a run when it begins, by which it can be found and gone on with
 * by a daemon that did not start it. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/saved.h"
#include "base/saver.h"
#include "daemon/stranger.h"

struct child;

struct birth {
        struct stranger_birth time;
        uint64_t in, out, err; /* inodes of the pipes that are its stdin, ...; 0: it is none */
        uint64_t pidfd;        /* likewise; that of all pidfds alike before Linux 6.9 */
};

/* Of a child that has just got its pid; when its start began. */
void birth_take_down(struct child *, uint64_t since);
/* Fields of the item that was begun last. */
void birth_save_fields(const struct birth *, struct saver *);
void birth_restore_fields(struct saved_item *, struct birth *ret);
/* An item "birth": id and pid, and in it what cgroup and channels say of the run. */
void birth_save(const struct child *, struct saver *);
void birth_restore(struct saved_item *, struct birth *ret, uint32_t *ret_process, pid_t *ret_pid);
