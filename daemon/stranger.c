/* Strangers: see stranger.h. */
#include "daemon/stranger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroup/attribute.h"

enum { PATH_SIZE = 64, STAT_SIZE = 2048 };
#define NSEC_PER_SEC UINT64_C(1000000000)

/* From Linux 6.13 on; the headers that we build with may be older. */
struct pidfd_info_of_kernel {
        uint64_t mask, cgroup;
        uint32_t pid, tgid, ppid;
        uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
        int32_t exit_code;
};
#define GET_INFO  _IOWR(0xFF, 11, struct pidfd_info_of_kernel)
#define INFO_EXIT UINT64_C(8) /* from Linux 6.15 on */

_Static_assert(sizeof(struct pidfd_info_of_kernel) == 64, "the kernel tells versions by the size");

struct stat_fields {
        char state;
        uint64_t started; /* in ticks of the boot time */
        int status;
};

uint64_t stranger_now(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_BOOTTIME, &t); /* this clock always answers */
        return (uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_nsec;
}

/* The fields 3, 22 and 52, behind a name that may hold anything. */
static int read_stat(pid_t pid, struct stat_fields *ret)
{
        char path[PATH_SIZE], buffer[STAT_SIZE];
        unsigned long long started;
        const char *at;
        int n;

        (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid); /* fits */
        n = attribute_read(AT_FDCWD, path, buffer, sizeof(buffer));
        if (n < 0)
                return n;
        at = strrchr(buffer, ')');
        if (!at || sscanf(at,
                           ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
                           "%*d %*d %*d %llu",
                           &ret->state, &started) != 2)
                return -EBADMSG;
        ret->started = started;
        at = strrchr(buffer, ' ');
        return sscanf(at, " %d", &ret->status) == 1 ? 0 : -EBADMSG;
}

/* Whoever may not know is told 0 there, which is a lie; here he is told that he may not. */
static bool may_know(pid_t pid)
{
        char path[PATH_SIZE], target[1];

        (void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid); /* fits */
        return readlink(path, target, sizeof(target)) >= 0 || errno == ENOENT;
}

enum stranger_state stranger_look(pid_t pid, const struct stranger_birth *birth, int *ret_status)
{
        uint64_t tick = NSEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK);
        struct stat_fields fields;

        *ret_status = -1;
        if (read_stat(pid, &fields) < 0 || fields.started < birth->since / tick ||
                fields.started > birth->until / tick)
                return STRANGER_GONE;
        if (fields.state != 'Z' && fields.state != 'X')
                return STRANGER_LIVES;
        if (may_know(pid))
                *ret_status = fields.status;
        return STRANGER_ENDED;
}

int stranger_open(pid_t pid, const struct stranger_birth *birth)
{
        CLEANUP(fd_close) int fd = (int)syscall(SYS_pidfd_open, pid, 0);
        int status;

        if (fd < 0)
                return -errno;
        /* The pid may have got another owner before it was opened, and not after that. */
        if (stranger_look(pid, birth, &status) != STRANGER_LIVES)
                return -ESRCH;
        return TAKE_FD(fd);
}

bool stranger_status(int pidfd, pid_t pid, const struct stranger_birth *birth, int *ret_status)
{
        struct pidfd_info_of_kernel info = { .mask = INFO_EXIT };
        int status;

        if (stranger_look(pid, birth, &status) == STRANGER_ENDED && status >= 0) {
                *ret_status = status;
                return true;
        }
        /* Only once it is reaped, and kernels set no bit that they do not know. */
        if (pidfd < 0 || ioctl(pidfd, GET_INFO, &info) < 0 || !(info.mask & INFO_EXIT))
                return false;
        *ret_status = info.exit_code;
        return true;
}

int stranger_socket(pid_t pid, const struct stranger_birth *birth, int fd)
{
        CLEANUP(fd_close) int pidfd = stranger_open(pid, birth);
        CLEANUP(fd_close) int own = -1;
        int listens = 0;
        socklen_t length = sizeof(listens);

        if (pidfd < 0)
                return pidfd;
        own = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
        if (own < 0)
                return -errno;
        if (getsockopt(own, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) < 0)
                return -errno;
        return listens ? TAKE_FD(own) : -ENOTSOCK;
}

int stranger_pipe(pid_t pid, int fd, uint64_t inode, int mode)
{
        CLEANUP(fd_close) int end = -1;
        char path[PATH_SIZE];
        struct stat st;

        (void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd); /* fits */
        end = open(path, mode | O_NONBLOCK | O_CLOEXEC);
        if (end < 0)
                return -errno;
        if (fstat(end, &st) < 0)
                return -errno;
        if (!S_ISFIFO(st.st_mode) || (uint64_t)st.st_ino != inode)
                return -EBADF;
        return TAKE_FD(end);
}
