/* Log targets: opening what a log file's path stands for, never waiting for anybody to be there. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "logs/stream.h"

struct logtarget_id {
        uint64_t device, inode;
};

struct logtarget {
        struct stream stream; /* owned; fd -1: none */
        bool regular;
        bool fixed; /* stands for a descriptor of ours: no rotating, no removing, whatever it is */
        struct logtarget_id id;
};

/* For append, but without O_APPEND; 'extra' may be O_TRUNC.  The sentence names the path. */
int logtarget_open(
        const char *path, mode_t mode, int extra, struct logtarget *ret, struct err *err);
