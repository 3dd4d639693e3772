/* Log targets: see logtarget.h. */
#include "logs/logtarget.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static int open_error(const char *path, int code, struct err *err)
{
        const char *slash = strrchr(path, '/');

        if (code == -ENOENT && slash && slash != path) {
                CLEANUP(mem_free) char *parent = mem_strndup(path, (size_t)(slash - path));

                if (access(parent, F_OK) < 0)
                        return err_set(err, code,
                                "cannot open log file '%s': the directory '%s' does not exist",
                                path, parent);
        }
        return err_errno(err, code, "cannot open log file '%s'", path);
}

/* A fifo is opened for both directions, so that it needs no reader to be there and none that goes
 * away breaks it.  Nothing here can wait. */
static int open_path(const char *path, mode_t mode, int extra)
{
        const int flags = O_NONBLOCK | O_NOCTTY | O_CLOEXEC | extra;
        struct stat st;
        int fd;

        if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode))
                fd = open(path, O_RDWR | flags);
        else
                fd = open(path, O_WRONLY | O_CREAT | flags, mode);
        return fd < 0 ? -errno : fd;
}

/* /dev/stdout and the like: what cannot be opened by this name (a socket) is duplicated. */
static int open_own_fd(const char *path, int fd, struct stream *ret)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (S_ISREG(st.st_mode)) {
                int own = open(path, O_WRONLY | O_CLOEXEC);

                if (own >= 0) {
                        *ret = (struct stream){ .fd = own, .way = STREAM_WRITE };
                        return 0;
                }
        }
        return stream_from_fd(fd, ret);
}

int logtarget_open(const char *path, mode_t mode, int extra, struct logtarget *ret, struct err *err)
{
        int own = stream_path_fd(path), r;
        struct logtarget t = { .stream = { .fd = -1 }, .fixed = own >= 0 };
        struct stat st;

        if (own >= 0) {
                r = open_own_fd(path, own, &t.stream);
        } else {
                r = open_path(path, mode, extra);
                t.stream.fd = r;
        }
        if (r < 0)
                return open_error(path, r, err);
        if (fstat(t.stream.fd, &st) < 0) {
                r = -errno;
                stream_close(&t.stream);
                return open_error(path, r, err);
        }
        t.regular = S_ISREG(st.st_mode);
        t.id = (struct logtarget_id){ st.st_dev, st.st_ino };
        /* A file has no reader to wait for, and a slow file system must not refuse us instead. */
        if (t.regular && !t.fixed)
                (void)fcntl(t.stream.fd, F_SETFL, 0);
        *ret = t;
        return 0;
}
