/* Starting a process: see spawn.h. */
#include "daemon/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "daemon/limits.h"

enum {
        STACK_SIZE = 128 * 1024,
        KERNEL_SIGNALS = 64,
        EXIT_NOT_SPAWNED = 127,
        STANDARD_COUNT = 3,
        LOW_END_MAX = 256, /* above that nothing is gained */
};

enum method {
        METHOD_CLONE3, /* straight into the cgroup */
        METHOD_ATTACH, /* clone(2), then the child attaches itself before it execs */
};

struct spawner {
        enum method method;
        char *stack;
        bool knows_ignored;
        uint64_t ignored; /* signals that we ignore, as bits from that of signal 1 */
        /* Three low numbers that nobody else gets, for what becomes a child's 0, 1 and 2, and
         * what stands there between two starts: see lend().  -1: they are not to be had. */
        int low[STANDARD_COUNT];
        int nothing;
};

struct spawning { /* what a child is given */
        const struct spawn_request *request;
        uint64_t ignored;
        bool shares; /* its descriptors are ours, until it takes what is below 'end' for its own */
        unsigned end;
        int standard[STANDARD_COUNT]; /* to become 0, 1, 2 */
};

struct spawner *spawner_free(struct spawner *s)
{
        if (!s)
                return NULL;
        for (size_t i = 0; i < STANDARD_COUNT; i++)
                s->low[i] = fd_close(s->low[i]);
        s->nothing = fd_close(s->nothing);
        if (s->stack)
                (void)munmap(s->stack, STACK_SIZE);
        return mem_free(s);
}

const char *spawner_describe(const struct spawner *s)
{
        switch (s->method) {
        case METHOD_CLONE3:
                return "clone3 into the cgroup";
        case METHOD_ATTACH:
                return "clone, then attach to the cgroup";
        }
        return "";
}

/*
 * The child.  It shares the parent's memory: system calls only, no allocation, no stdio, no locks,
 * and no library function that synchronises threads (which is what setuid(3) does).
 */

/* Its stack is abandoned at every exec, which a sanitizer that marks stacks would never hear of. */
#define CHILD_CODE __attribute__((no_sanitize("address")))

static CHILD_CODE void child_write(const char *s)
{
        (void)!write(STDERR_FILENO, s, strlen(s)); /* there is nobody else to tell */
}

static CHILD_CODE void child_fail(const char *what, const char *object, const char *reason)
        __attribute__((noreturn));
static CHILD_CODE void child_fail(const char *what, const char *object, const char *reason)
{
        /* In one piece, so that it is one unit of the log. */
        char line[4096 + 256];
        char *p = line;

        p = stpcpy(p, "supervisor: couldn't ");
        p = stpcpy(p, what);
        p = stpncpy(p, object, 4096);
        p = stpcpy(p, ": ");
        p = stpcpy(p, reason);
        (void)stpcpy(p, "\n");
        child_write(line);
        child_write("supervisor: child process was not spawned\n");
        _exit(EXIT_NOT_SPAWNED);
}

static CHILD_CODE const char *error_name(int error)
{
        const char *name = strerrorname_np(error);

        return name ? name : "EUNKNOWN";
}

static CHILD_CODE void child_attach(const struct spawn_request *r)
{
        /* A failure leaves the child where its parent is, which the daemon sees by the empty group.
         */
        if (r->cgroup_procs_fd >= 0)
                (void)!write(r->cgroup_procs_fd, "0", 1);
        for (size_t i = 0; i < r->v1_tasks_fds_count; i++)
                (void)!write(r->v1_tasks_fds[i], "0", 1);
}

/* Those that are ignored: the others get their default by the exec. */
static CHILD_CODE void child_signals(uint64_t ignored)
{
        /* The kernel's struct sigaction, all zeros: SIG_DFL. */
        static const unsigned long dfl[4];
        sigset_t none;

        for (int i = 1; i <= KERNEL_SIGNALS; i++)
                if (ignored & UINT64_C(1) << (i - 1))
                        (void)syscall(SYS_rt_sigaction, i, dfl, NULL, KERNEL_SIGNALS / 8);
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* dup2() of each onto 0, 1, 2, none of which is among the sources: the daemon keeps those open. */
static CHILD_CODE void child_descriptors(const struct spawning *spawning)
{
        /* Whatever else it does before that it would do to our own. */
        if (spawning->shares &&
                syscall(SYS_close_range, spawning->end, ~0U, CLOSE_RANGE_UNSHARE) < 0 &&
                syscall(SYS_unshare, CLONE_FILES) < 0)
                _exit(EXIT_NOT_SPAWNED);
        for (int i = 0; i < STANDARD_COUNT; i++)
                (void)dup2(spawning->standard[i], i);
        /* All of ours are close-on-exec as well, for kernels before 5.9. */
        (void)syscall(SYS_close_range, 3, ~0U, 0);
}

static CHILD_CODE void format_uid(char *buffer, uid_t uid)
{
        char digits[16];
        size_t n = 0;

        do
                digits[n++] = (char)('0' + uid % 10);
        while (uid /= 10);
        while (n)
                *buffer++ = digits[--n];
        *buffer = '\0';
}

static CHILD_CODE void child_user(const struct spawn_user *user)
{
        const char *reason = user->refusal;
        char uid[16];

        if (!reason && syscall(SYS_setgroups, user->groups_count, user->groups) < 0)
                reason = "Could not set groups of effective user";
        if (!reason && syscall(SYS_setresgid, user->gid, user->gid, user->gid) < 0)
                reason = "Could not set group id of effective user";
        if (!reason && syscall(SYS_setresuid, user->uid, user->uid, user->uid) < 0)
                reason = error_name(errno);
        if (!reason)
                return;
        format_uid(uid, user->uid);
        child_fail("setuid to ", uid, reason);
}

/* A process that shares our memory for want of an exec has a score of its own nevertheless. */
static CHILD_CODE void child_oom_score(void)
{
        long fd = syscall(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

        if (fd < 0)
                return; /* without /proc it stays protected, as the descendants of others are */
        (void)!write((int)fd, "0", 1);
        (void)syscall(SYS_close, fd);
}

/* One that cannot be had ends the child where the configuration says so. */
static CHILD_CODE void child_refused(const struct limits_of_process *limits, const char *name)
{
        if (limits->is_strict)
                child_fail("set ", name, error_name(errno));
}

static CHILD_CODE void child_limits(const struct limits_of_process *limits)
{
        if (limits->oom_score_adj) {
                int fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY);

                if (fd < 0 || write(fd, limits->oom_score_adj, strlen(limits->oom_score_adj)) < 0)
                        child_refused(limits, "oom_score_adj");
                if (fd >= 0)
                        (void)syscall(SYS_close, fd);
        }
        if (limits->has_nice && syscall(SYS_setpriority, PRIO_PROCESS, 0, limits->nice) < 0)
                child_refused(limits, "nice");
        if (limits->has_ionice && syscall(SYS_ioprio_set, 1 /* a process */, 0, limits->ionice) < 0)
                child_refused(limits, "ionice");
        for (size_t i = 0; i < limits->rlimits_count; i++)
                if (syscall(SYS_prlimit64, 0, limits->rlimits[i].resource,
                            &limits->rlimits[i].limit, NULL) < 0)
                        child_refused(limits, limits->rlimits[i].name);
}

static CHILD_CODE int child_main(void *data)
{
        const struct spawning *spawning = data;
        const struct spawn_request *r = spawning->request;

        child_attach(r);
        (void)syscall(SYS_setpgid, 0, 0);
        child_descriptors(spawning);
        if (r->files_limit)
                (void)syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, r->files_limit, NULL);
        if (r->is_oom_exposed)
                child_oom_score();
        if (r->limits)
                child_limits(r->limits);
        if (r->user)
                child_user(r->user);
        if (r->directory && chdir(r->directory) < 0)
                child_fail("chdir to ", r->directory, error_name(errno));
        if (r->umask >= 0)
                (void)umask((mode_t)r->umask);
        child_signals(spawning->ignored);
        (void)execve(r->path, r->argv, r->environ);
        child_fail("exec ", r->argv0, error_name(errno));
}

/*
 * The parent.
 */

#if defined(__x86_64__)
/* The child gets a stack of its own, so it must not return through our frame: hence the assembly,
 * which calls fn(data) on the new stack and exits with what that returns. */
static long clone3_call(struct clone_args *args, int (*fn)(void *), void *data)
{
        register void *r8 __asm__("r8") = (void *)(uintptr_t)fn;
        register void *r9 __asm__("r9") = data;
        long r;

        __asm__ volatile("syscall\n\t"
                         "test %%rax, %%rax\n\t"
                         "jnz 1f\n\t"
                         "xor %%ebp, %%ebp\n\t"
                         "mov %%r9, %%rdi\n\t"
                         "call *%%r8\n\t"
                         "mov %%eax, %%edi\n\t"
                         "mov %[exit], %%eax\n\t"
                         "syscall\n\t"
                         "hlt\n"
                         "1:"
                         : "=a"(r)
                         : "0"((long)SYS_clone3), "D"(args), "S"(sizeof(*args)), "r"(r8),
                         "r"(r9), [exit] "i"(SYS_exit)
                         : "rcx", "r11", "memory");
        return r;
}
#else
static long clone3_call(struct clone_args *args, int (*fn)(void *), void *data)
{
        return -ENOSYS;
}
#endif

/* Whether clone3 with a cgroup is to be had: a call that must fail says by its error how far it was
 * read. Kernels before 5.7 do not know the size, containers may refuse the call whatever it says.
 */
static bool has_clone3(void)
{
        struct clone_args args = { .flags = CLONE_SIGHAND }; /* without CLONE_VM: EINVAL */

        return clone3_call(&args, NULL, NULL) == -EINVAL;
}

static void reserve(struct spawner *s)
{
        s->nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
        for (size_t i = 0; i < STANDARD_COUNT; i++)
                s->low[i] = s->nothing < 0 ? -1 : fcntl(s->nothing, F_DUPFD_CLOEXEC, 3);
}

struct spawner *spawner_new(void)
{
        struct spawner *s = mem_new(sizeof(*s));

        s->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
        if (s->stack == MAP_FAILED)
                s->stack = NULL;
        s->method = has_clone3() ? METHOD_CLONE3 : METHOD_ATTACH;
        reserve(s);
        return s;
}

static int start_clone3(
        struct spawner *s, const struct spawning *spawning, pid_t *ret_pid, int *ret_pidfd)
{
        int pidfd = -1;
        struct clone_args args = {
                .flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_PARENT_SETTID |
                         (spawning->shares ? CLONE_FILES : 0),
                .pidfd = (uintptr_t)&pidfd,
                .parent_tid = (uintptr_t)spawning->request->pid,
                .exit_signal = SIGCHLD,
                .stack = (uintptr_t)s->stack,
                .stack_size = STACK_SIZE,
        };
        long r;

        if (spawning->request->cgroup_fd >= 0) {
                args.flags |= CLONE_INTO_CGROUP;
                args.cgroup = (uint64_t)spawning->request->cgroup_fd;
        }
        r = clone3_call(&args, child_main, (void *)spawning);
        if (r < 0)
                return (int)r;
        *ret_pid = (pid_t)r;
        *ret_pidfd = pidfd;
        return 0;
}

static int start_clone(
        struct spawner *s, const struct spawning *spawning, pid_t *ret_pid, int *ret_pidfd)
{
        int pidfd = -1;
        /* The parent's word is taken by the pidfd here; the child's is written by itself, on its
         * way out of the kernel. */
        int pid = clone(child_main, s->stack + STACK_SIZE,
                CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CHILD_SETTID | SIGCHLD |
                        (spawning->shares ? CLONE_FILES : 0),
                (void *)spawning, &pidfd, NULL, spawning->request->pid);

        if (pid < 0)
                return -errno;
        *ret_pid = pid;
        *ret_pidfd = pidfd;
        return 0;
}

/*
 * Descriptors.  A child that gets a copy of all of ours, some thousands, takes longer the more
 * programs there are already.  So it shares them, takes a copy of the lowest few, and its standard
 * three are among these.
 */

static void take_back(const struct spawner *s)
{
        for (size_t i = 0; i < STANDARD_COUNT; i++)
                (void)dup3(s->nothing, s->low[i], O_CLOEXEC); /* onto one that is open: succeeds */
}

static bool lend(const struct spawner *s, struct spawning *spawning)
{
        spawning->end = 0;
        for (size_t i = 0; i < STANDARD_COUNT; i++) {
                if (s->low[i] < 0 || s->low[i] >= LOW_END_MAX)
                        return false;
                if (spawning->end <= (unsigned)s->low[i])
                        spawning->end = (unsigned)s->low[i] + 1;
        }
        for (size_t i = 0; i < STANDARD_COUNT; i++)
                if (dup3(spawning->standard[i], s->low[i], O_CLOEXEC) < 0) {
                        take_back(s);
                        return false;
                }
        memcpy(spawning->standard, s->low, sizeof(s->low));
        return true;
}

/* Whoever started us may have had some ignored, two among them that the library keeps to itself:
 * hence the bare call. */
static uint64_t find_ignored(void)
{
        unsigned long old[4]; /* the kernel's struct sigaction, its handler first */
        uint64_t ignored = 0;

        for (int i = 1; i <= KERNEL_SIGNALS; i++)
                if (syscall(SYS_rt_sigaction, i, NULL, old, KERNEL_SIGNALS / 8) == 0 &&
                        old[0] == (unsigned long)SIG_IGN)
                        ignored |= UINT64_C(1) << (i - 1);
        return ignored;
}

int spawner_start(
        struct spawner *s, const struct spawn_request *request, pid_t *ret_pid, int *ret_pidfd)
{
        struct spawning spawning = {
                .request = request,
                .standard = { request->in, request->out, request->err },
        };
        sigset_t all, old;
        int r = -EINVAL;

        if (!s->stack)
                return -ENOMEM;
        /* Not before the first start: what the daemon ignores it does from then on. */
        if (!s->knows_ignored)
                s->ignored = find_ignored();
        s->knows_ignored = true;
        spawning.ignored = s->ignored;
        spawning.shares = lend(s, &spawning);
        /* A handler must not run in the child, on our memory. */
        (void)sigfillset(&all);
        (void)sigprocmask(SIG_BLOCK, &all, &old);
        switch (s->method) {
        case METHOD_CLONE3:
                r = start_clone3(s, &spawning, ret_pid, ret_pidfd);
                break;
        case METHOD_ATTACH:
                r = start_clone(s, &spawning, ret_pid, ret_pidfd);
                break;
        }
        (void)sigprocmask(SIG_SETMASK, &old, NULL);
        if (spawning.shares)
                take_back(s);
        return r;
}

bool spawner_attaches(const struct spawner *s)
{
        return s->method == METHOD_ATTACH;
}

/* clone(2): removed, not a cgroup, forbidden, an inner node with controllers, threaded. */
bool spawner_is_cgroup_error(int r)
{
        return r == -ENOENT || r == -ENODEV || r == -EBADF || r == -EACCES || r == -EBUSY ||
               r == -EOPNOTSUPP;
}
