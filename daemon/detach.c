/* Leaving the terminal, and the pid file: see detach.h. */
#include "daemon/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

int detach(const char *directory, mode_t mask, int *ret_directory_error, struct err *err)
{
        CLEANUP(fd_close) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        pid_t pid;

        *ret_directory_error = 0;
        if (null < 0)
                return err_errno(err, -errno, "cannot open /dev/null");
        (void)fflush(NULL);
        pid = fork();
        if (pid < 0)
                return err_errno(err, -errno, "cannot fork");
        if (pid > 0)
                _exit(0);
        if (directory && chdir(directory) < 0)
                *ret_directory_error = -errno;
        for (int fd = 0; fd <= 2; fd++)
                if (dup2(null, fd) < 0)
                        return err_errno(err, -errno, "cannot redirect to /dev/null");
        if (null <= 2)
                TAKE_FD(null);
        (void)setsid(); /* cannot fail: a new child leads no process group */
        (void)umask(mask);
        return 0;
}

static int write_pid(const char *path, int flags)
{
        CLEANUP(fd_close)
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | flags, 0644);

        if (fd < 0)
                return -errno;
        return dprintf(fd, "%d\n", getpid()) < 0 ? -errno : 0;
}

int pidfile_write(const char *path, struct err *err)
{
        CLEANUP(mem_free) char *temporary = mem_format("%s.%d.new", path, getpid());
        int r = write_pid(temporary, O_NOFOLLOW);

        if (r == 0 && rename(temporary, path) == 0)
                return 0;
        if (r == 0)
                (void)unlink(temporary);
        /* A file that was made for us in a directory that is not ours: written in place. */
        r = write_pid(path, 0);
        return r < 0 ? err_errno(err, r, "cannot write '%s'", path) : 0;
}

void pidfile_remove(const char *path)
{
        CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
        char text[32] = {};

        if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
                return;
        if (strtol(text, NULL, 10) == getpid())
                (void)unlink(path); /* at the end nothing is left to be done about it */
}
