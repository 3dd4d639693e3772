/* File descriptors: see fd.h. */
#include "base/fd.h"

#include <errno.h>
#include <unistd.h>

int fd_close(int fd)
{
        int saved = errno;

        if (fd >= 0)
                (void)close(fd); /* Linux releases the number whatever close(2) says */
        errno = saved;
        return -1;
}
