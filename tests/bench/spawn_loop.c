/* The least that any supervisor must do, as the yardstick for the others.  It supervises nothing.
 *
 *   spawn_loop up COUNT DIR COMMAND...     COUNT children with three pipes each, by clone3(); where
 *                                          DIR is not "-", each in a cgroup of its own, made below
 *                                          it; prints the seconds, and those of CPU
 *   spawn_loop restart COUNT COMMAND...    one child again and again, each as soon as the last has
 *                                          ended, waiting on a pidfd
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
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

static double cpu(void)
{
        struct timespec at;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
        return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

struct child {
        int in, out, err;
        char **command;
};

/* The child shares our memory until it execs, so it does nothing but system calls. */
static int run_child(void *argument)
{
        struct child *child = argument;

        setpgid(0, 0);
        dup2(child->in, 0);
        dup2(child->out, 1);
        dup2(child->err, 2);
        execv(child->command[0], child->command);
        return 127;
}

static int make_group(const char *directory, int number)
{
        char path[4096];
        int fd;

        snprintf(path, sizeof path, "%s/%d.scope", directory, number);
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
                fail(path);
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                fail(path);
        return fd;
}

/* 'group' is the directory of a cgroup, or -1.  Other machines than x86-64 take vfork(). */
static pid_t spawn(char **command, int group)
{
        static char stack[64 * 1024] __attribute__((aligned(16)));
        int in[2], out[2], err[2], pidfd = -1;
        struct child child;
        long pid;

        if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
                fail("pipe2");
        child = (struct child){ in[0], out[1], err[1], command };
#ifdef __x86_64__
        struct clone_args arguments = {
                .flags =
                        CLONE_VM | CLONE_VFORK | CLONE_PIDFD | (group >= 0 ? CLONE_INTO_CGROUP : 0),
                .pidfd = (uintptr_t)&pidfd,
                .exit_signal = SIGCHLD,
                .cgroup = group >= 0 ? (uint64_t)group : 0,
                .stack = (uintptr_t)stack,
                .stack_size = sizeof stack,
        };
        register void *fn __asm__("r8") = (void *)run_child;
        register void *arg __asm__("r9") = &child;

        __asm__ volatile(
                "syscall; test %%rax,%%rax; jnz 1f; xor %%ebp,%%ebp; mov %%r9,%%rdi;"
                "call *%%r8; mov %%eax,%%edi; mov $60,%%eax; syscall; hlt; 1:"
                : "=a"(pid)
                : "0"(SYS_clone3), "D"(&arguments), "S"(sizeof arguments), "r"(fn), "r"(arg)
                : "rcx", "r11", "memory");
#else
        pid = vfork();
        if (pid == 0)
                _exit(run_child(&child));
#endif
        if (pid < 0) {
                errno = (int)-pid;
                fail("clone3");
        }
        close(in[0]);
        close(out[1]);
        close(err[1]);
        return (pid_t)pid;
}

static void up(int count, const char *directory, char **command)
{
        pid_t *pids = calloc((size_t)count, sizeof *pids);
        double begin = now(), used = cpu();

        if (!pids)
                fail("calloc");
        for (int n = 0; n < count; n++)
                pids[n] = spawn(command, strcmp(directory, "-") ? make_group(directory, n) : -1);
        printf("%.6f %.6f\n", now() - begin, cpu() - used);
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
        struct rlimit files = { .rlim_cur = 16384, .rlim_max = 16384 };

        if (argc < 4 || (strcmp(argv[1], "up") == 0 && argc < 5)) {
                fprintf(stderr, "usage: %s up|restart COUNT COMMAND...\n", argv[0]);
                return 2;
        }
        (void)setrlimit(RLIMIT_NOFILE, &files); /* best effort: the default may do */
        if (strcmp(argv[1], "up") == 0)
                up(atoi(argv[2]), argv[3], argv + 4);
        else
                restart(atoi(argv[2]), argv + 3);
        return 0;
}
