/* Leaving the terminal, and the pid file: see detach.h. */
#include "daemon/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

enum { STATUS_FAILED = 1 };

/* What the child says is its status, one byte, and a text.  A child that says nothing has died. */
static _Noreturn void wait_for_child(int child)
{
        unsigned char status = STATUS_FAILED;
        char text[512];
        sigset_t none;
        ssize_t length;

        (void)sigemptyset(&none); /* neither of the two fails for these */
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        length = read(child, &status, sizeof(status));
        if (length <= 0)
                (void)fputs("Error: the daemon has ended before it was ready\n", stderr);
        while ((length = read(child, text, sizeof(text))) > 0)
                (void)fwrite(text, 1, (size_t)length, stderr);
        _exit(status);
}

void detach_tell_parent(int parent, int status, const char *text)
{
        if (parent >= 0) /* one that was killed needs no answer, and SIGPIPE is ignored */
                (void)dprintf(parent, "%c%s", status, text);
}

int detach(const char *directory, mode_t mask, int *ret_parent, int *ret_directory_error,
        struct err *err)
{
        CLEANUP(fd_close) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        int ends[2];
        pid_t pid;

        *ret_directory_error = 0;
        if (null < 0)
                return err_errno(err, -errno, "cannot open /dev/null");
        if (pipe2(ends, O_CLOEXEC) < 0)
                return err_errno(err, -errno, "cannot make a pipe");
        (void)fflush(NULL);
        pid = fork();
        (void)close(ends[pid > 0]);
        if (pid > 0)
                wait_for_child(ends[0]);
        *ret_parent = ends[1];
        if (pid < 0)
                return err_errno(err, -errno, "cannot fork");
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
