/* Streams: see stream.h. */
#include "logs/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

enum { LINKS_MAX = 8 };

static bool is_socket(int fd)
{
        struct stat st;

        return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

int stream_from_fd(int fd, struct stream *ret)
{
        char path[sizeof("/proc/self/fd/") + 11];
        struct stat st;
        int own;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)) {
                /* Opened anew it is a description of our own, whose O_NONBLOCK nobody else sees. */
                (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd); /* it fits */
                own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
                if (own >= 0) {
                        *ret = (struct stream){ .fd = own, .way = STREAM_WRITE };
                        return 0;
                }
        }
        own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (own < 0)
                return -errno;
        *ret = (struct stream){ .fd = own,
                .way = S_ISSOCK(st.st_mode)  ? STREAM_SEND
                       : S_ISREG(st.st_mode) ? STREAM_WRITE
                                             : STREAM_POLLED };
        return 0;
}

int stream_adopt(int fd, struct stream *ret)
{
        CLEANUP(fd_close) int own = fd;
        int flags;

        if (is_socket(own)) {
                *ret = (struct stream){ .fd = TAKE_FD(own), .way = STREAM_SEND };
                return 0;
        }
        flags = fcntl(own, F_GETFL);
        if (flags < 0 || fcntl(own, F_SETFL, flags | O_NONBLOCK) < 0 ||
                fcntl(own, F_SETFD, FD_CLOEXEC) < 0)
                return -errno;
        *ret = (struct stream){ .fd = TAKE_FD(own), .way = STREAM_WRITE };
        return 0;
}

void stream_close(struct stream *s)
{
        s->fd = fd_close(s->fd);
}

/* A pipe that polls writable takes PIPE_BUF bytes without waiting.  (A terminal promises less; it
 * is only written to this way when it could not be opened anew, as after a change of user.) */
static ssize_t write_polled(int fd, const void *data, size_t length)
{
        struct pollfd pfd = { .fd = fd, .events = POLLOUT };
        int r = poll(&pfd, 1, 0);

        if (r < 0)
                return -1;
        if (pfd.revents & (POLLERR | POLLHUP | POLLNVAL)) {
                errno = EPIPE;
                return -1;
        }
        if (!(pfd.revents & POLLOUT)) {
                errno = EAGAIN;
                return -1;
        }
        return write(fd, data, length < PIPE_BUF ? length : PIPE_BUF);
}

static ssize_t write_once(const struct stream *s, const void *data, size_t length)
{
        switch (s->way) {
        case STREAM_WRITE:
                return write(s->fd, data, length);
        case STREAM_SEND:
                return send(s->fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        case STREAM_POLLED:
                return write_polled(s->fd, data, length);
        }
        errno = EINVAL;
        return -1;
}

ssize_t stream_write(struct stream *s, const void *data, size_t length)
{
        size_t done = 0;

        if (s->fd < 0)
                return -EBADF;
        while (done < length) {
                ssize_t n = write_once(s, (const char *)data + done, length - done);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return done ? (ssize_t)done : n < 0 ? -errno : -EAGAIN;
                done += (size_t)n;
        }
        return (ssize_t)done;
}

static int number(const char *s)
{
        char *end;
        long n = strtol(s, &end, 10);

        return *s >= '0' && *s <= '9' && *end == '\0' && n <= INT_MAX ? (int)n : -1;
}

static int named_fd(const char *path)
{
        static const char *const names[] = { "/dev/stdin", "/dev/stdout", "/dev/stderr" };
        static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };

        for (size_t i = 0; i < ELEMENTS(names); i++)
                if (strcmp(path, names[i]) == 0)
                        return (int)i;
        for (size_t i = 0; i < ELEMENTS(folders); i++)
                if (strncmp(path, folders[i], strlen(folders[i])) == 0)
                        return number(path + strlen(folders[i]));
        return -1;
}

int stream_path_fd(const char *path)
{
        char current[PATH_MAX], target[PATH_MAX];

        if (strlen(path) >= sizeof(current))
                return -1;
        memcpy(current, path, strlen(path) + 1);
        for (int i = 0; i < LINKS_MAX; i++) {
                int fd = named_fd(current);
                char *slash = strrchr(current, '/');
                ssize_t n;

                if (fd >= 0)
                        return fd;
                n = readlink(current, target, sizeof(target) - 1);
                if (n < 0)
                        return -1;
                target[n] = '\0';
                if (target[0] == '/' || !slash)
                        slash = current;
                else
                        slash++;
                if ((size_t)(slash - current) + (size_t)n >= sizeof(current))
                        return -1;
                memcpy(slash, target, (size_t)n + 1);
        }
        return -1;
}
