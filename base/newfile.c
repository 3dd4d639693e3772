/* New files: see newfile.h. */
#include "base/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

static int write_all(int fd, const char *bytes, size_t length)
{
        while (length > 0) {
                ssize_t n = write(fd, bytes, length);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                bytes += n;
                length -= (size_t)n;
        }
        return fsync(fd) < 0 ? -errno : 0;
}

static int fail(const char *temporary, int error)
{
        (void)unlink(temporary); /* what matters is the first error */
        return error;
}

int newfile_write(const char *temporary, mode_t mode, const void *data, size_t length)
{
        CLEANUP(fd_close) int fd = -1;
        int r;

        (void)unlink(temporary); /* of a time when it was not finished */
        fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        if (fd < 0)
                return -errno;
        r = write_all(fd, data, length);
        return r < 0 ? fail(temporary, r) : 0;
}

int newfile_place(const char *temporary, const char *path, bool replace)
{
        if (replace)
                return rename(temporary, path) < 0 ? fail(temporary, -errno) : 0;
        /* link() refuses an existing file at the very moment, which a look before could not. */
        return fail(temporary, link(temporary, path) < 0 ? -errno : 0);
}

int newfile_settle(const char *path)
{
        const char *slash = strrchr(path, '/');
        CLEANUP(mem_free)
        char *directory = slash ? mem_strndup(path, (size_t)(slash - path) + 1) : mem_strdup(".");
        CLEANUP(fd_close) int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

int newfile_put(const char *path, mode_t mode, const void *data, size_t length, bool replace)
{
        CLEANUP(mem_free) char *temporary = mem_format("%s.%d.new", path, (int)getpid());
        int r = newfile_write(temporary, mode, data, length);

        if (r == 0)
                r = newfile_place(temporary, path, replace);
        return r == 0 ? newfile_settle(path) : r;
}
