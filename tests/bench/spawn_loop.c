/* The least that any supervisor must do, as the yardstick for the others.  It supervises nothing.
 *
 *   spawn_loop up COUNT COMMAND...         COUNT children with three pipes each; prints the seconds
 *   spawn_loop restart COUNT COMMAND...    one child again and again, each as soon as the last has
 *                                          ended, waiting on a pidfd
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static void fail(const char *what)
{
        perror(what);
        exit(1);
}

static double now(void)
{
        struct timespec at;

        clock_gettime(CLOCK_MONOTONIC, &at);
        return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* The child shares our memory until it execs, so it does nothing but system calls. */
static pid_t spawn(char **command)
{
        int in[2], out[2], err[2];
        pid_t pid;

        if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
                fail("pipe2");
        pid = vfork();
        if (pid < 0)
                fail("vfork");
        if (pid == 0) {
                setpgid(0, 0);
                dup2(in[0], 0);
                dup2(out[1], 1);
                dup2(err[1], 2);
                execv(command[0], command);
                _exit(127);
        }
        close(in[0]);
        close(out[1]);
        close(err[1]);
        return pid;
}

static void up(int count, char **command)
{
        pid_t *pids = calloc((size_t)count, sizeof *pids);
        double begin = now();

        if (!pids)
                fail("calloc");
        for (int n = 0; n < count; n++)
                pids[n] = spawn(command);
        printf("%.6f\n", now() - begin);
        for (int n = 0; n < count; n++)
                kill(pids[n], SIGKILL);
        while (wait(NULL) > 0)
                continue;
        free(pids);
}

static pid_t spawn_bare(char **command)
{
        pid_t pid = vfork();

        if (pid == 0) {
                execv(command[0], command);
                _exit(127);
        }
        if (pid < 0)
                fail("vfork");
        return pid;
}

static void restart(int count, char **command)
{
        while (count-- > 0) {
                pid_t pid = spawn_bare(command);
                int fd = (int)syscall(SYS_pidfd_open, pid, 0);
                struct pollfd watched = { .fd = fd, .events = POLLIN };
                siginfo_t info;

                if (fd < 0)
                        fail("pidfd_open");
                while (poll(&watched, 1, -1) < 0 && errno == EINTR)
                        continue;
                if (waitid((idtype_t)P_PIDFD, (id_t)fd, &info, WEXITED) < 0)
                        fail("waitid");
                close(fd);
        }
}

int main(int argc, char **argv)
{
        struct rlimit files = { .rlim_cur = 8192, .rlim_max = 8192 };

        if (argc < 4) {
                fprintf(stderr, "usage: %s up|restart COUNT COMMAND...\n", argv[0]);
                return 2;
        }
        (void)setrlimit(RLIMIT_NOFILE, &files); /* best effort: the default may do */
        if (strcmp(argv[1], "up") == 0)
                up(atoi(argv[2]), argv + 3);
        else
                restart(atoi(argv[2]), argv + 3);
        return 0;
}
