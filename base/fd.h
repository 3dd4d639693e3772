/* File descriptors: an owner that closes, keeping errno.  -1 is "none". */
#pragma once

#include "base/mem.h"

int fd_close(int fd); /* takes -1; returns -1; errno survives */
DEFINE_CLEANUP(int, fd_close)
#define TAKE_FD(fd)                \
        ({                         \
                int taken_ = (fd); \
                (fd) = -1;         \
                taken_;            \
        })
