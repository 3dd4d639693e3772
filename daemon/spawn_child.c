/* The child's side of a start: what it does between the clone and the exec. */
#include "daemon/spawn_child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* It shares our memory, and we go on meanwhile: system calls only, no allocation, no
 * stdio, no locks, no library function that synchronises threads (which is what setuid(3) does),
 * and none that sets errno, which is ours. */

/* Its stack is abandoned at every exec, which a sanitizer that marks stacks would never hear of. */
#define CHILD_CODE __attribute__((no_sanitize("address")))

enum { EXIT_NOT_SPAWNED = 127 };

#if defined(__x86_64__)
/* As syscall(2), but for a negative errno as the result. */
static CHILD_CODE long child_call(long number, long a, long b, long c, long d, long e)
{
        register long r10 __asm__("r10") = d;
        register long r8 __asm__("r8") = e;
        long r;

        __asm__ volatile("syscall"
                         : "=a"(r)
                         : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                         : "rcx", "r11", "memory");
        return r;
}
#else
/* Where whoever starts it waits for its exec, errno is nobody's. */
static CHILD_CODE long child_call(long number, long a, long b, long c, long d, long e)
{
        long r = syscall(number, a, b, c, d, e);

        return r < 0 ? -errno : r;
}
#endif

#define CHILD_CALL_5(number, a, b, c, d, e, ...) \
        child_call(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))
#define CHILD_CALL(number, ...) CHILD_CALL_5(number, __VA_ARGS__, 0, 0, 0, 0, 0)

static CHILD_CODE void child_exit(int status) __attribute__((noreturn));
static CHILD_CODE void child_exit(int status)
{
        for (;;)
                (void)CHILD_CALL(SYS_exit_group, status);
}

static CHILD_CODE void child_write(const char *s)
{
        (void)CHILD_CALL(SYS_write, STDERR_FILENO, s, strlen(s)); /* there is nobody else to tell */
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
        child_exit(EXIT_NOT_SPAWNED);
}

static CHILD_CODE const char *error_name(long error)
{
        const char *name = strerrorname_np((int)-error);

        return name ? name : "EUNKNOWN";
}

static CHILD_CODE void child_attach(const struct spawn_request *r)
{
        /* A failure leaves the child where its parent is, which the daemon sees by the empty group.
         */
        if (r->cgroup_procs_fd >= 0)
                (void)CHILD_CALL(SYS_write, r->cgroup_procs_fd, "0", 1);
        for (size_t i = 0; i < r->v1_tasks_fds_count; i++)
                (void)CHILD_CALL(SYS_write, r->v1_tasks_fds[i], "0", 1);
}

/* Of a signal upon which the kernel dumps core: what it would dump is our memory, and before Linux
 * 5.16 it ends all who share that.  So who was sent one that waits dies of another one. */
static CHILD_CODE void child_die_without_core(void)
{
        static const uint64_t dumping =
                1 << (SIGQUIT - 1) | 1 << (SIGILL - 1) | 1 << (SIGTRAP - 1) | 1 << (SIGABRT - 1) |
                1 << (SIGBUS - 1) | 1 << (SIGFPE - 1) | 1 << (SIGSEGV - 1) | 1 << (SIGXCPU - 1) |
                1 << (SIGXFSZ - 1) | UINT64_C(1) << (SIGSYS - 1);
        static const struct timespec at_once;

        if (CHILD_CALL(SYS_rt_sigtimedwait, &dumping, NULL, &at_once, sizeof(dumping)) > 0)
                (void)CHILD_CALL(SYS_kill, CHILD_CALL(SYS_getpid, 0), SIGKILL);
}

/* Those that are ignored: the others get their default by the exec. */
static CHILD_CODE void child_signals(uint64_t ignored)
{
        /* The kernel's struct sigaction, all zeros: SIG_DFL; and its set of no signals. */
        static const unsigned long dfl[4];

        for (int i = 1; i <= SPAWN_KERNEL_SIGNALS; i++)
                if (ignored & UINT64_C(1) << (i - 1))
                        (void)CHILD_CALL(SYS_rt_sigaction, i, dfl, NULL, SPAWN_KERNEL_SIGNALS / 8);
        child_die_without_core();
        (void)CHILD_CALL(SYS_rt_sigprocmask, SIG_SETMASK, dfl, NULL, SPAWN_KERNEL_SIGNALS / 8);
}

/* From here on its descriptors and its limits are nobody's but its own to change. */
static CHILD_CODE void child_say_taken(struct cradle *cradle)
{
        __atomic_store_n(&cradle->has_taken, 1, __ATOMIC_RELEASE);
        (void)CHILD_CALL(SYS_futex, &cradle->has_taken, FUTEX_WAKE_PRIVATE, 1);
}

/* dup2() of each onto 0, 1, 2, none of which is among the sources: the daemon keeps those open. */
static CHILD_CODE void child_descriptors(struct cradle *cradle)
{
        /* Whatever else it does before that it would do to our own. */
        if (cradle->shares &&
                CHILD_CALL(SYS_close_range, cradle->end, ~0U, CLOSE_RANGE_UNSHARE) < 0 &&
                CHILD_CALL(SYS_unshare, CLONE_FILES) < 0)
                child_exit(EXIT_NOT_SPAWNED);
        for (int i = 0; i < CRADLE_STANDARD; i++)
                (void)CHILD_CALL(SYS_dup3, cradle->standard[i], i, 0);
        /* All of ours are close-on-exec as well, for kernels before 5.9. */
        (void)CHILD_CALL(SYS_close_range, 3, ~0U, 0);
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
        long r = 0;

        if (!reason && CHILD_CALL(SYS_setgroups, user->groups_count, user->groups) < 0)
                reason = "Could not set groups of effective user";
        if (!reason && CHILD_CALL(SYS_setresgid, user->gid, user->gid, user->gid) < 0)
                reason = "Could not set group id of effective user";
        if (!reason)
                r = CHILD_CALL(SYS_setresuid, user->uid, user->uid, user->uid);
        if (r < 0)
                reason = error_name(r);
        if (!reason)
                return;
        format_uid(uid, user->uid);
        child_fail("setuid to ", uid, reason);
}

static CHILD_CODE long child_oom_score(const char *score)
{
        long fd =
                CHILD_CALL(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
        long r;

        if (fd < 0)
                return fd;
        r = CHILD_CALL(SYS_write, fd, score, strlen(score));
        (void)CHILD_CALL(SYS_close, fd);
        return r;
}

/* One that cannot be had ends the child where the configuration says so. */
static CHILD_CODE void child_refused(
        const struct limits_of_process *limits, const char *name, long r)
{
        if (r < 0 && limits->is_strict)
                child_fail("set ", name, error_name(r));
}

static CHILD_CODE void child_limits(const struct limits_of_process *limits)
{
        if (limits->oom_score_adj)
                child_refused(limits, "oom_score_adj", child_oom_score(limits->oom_score_adj));
        if (limits->has_nice)
                child_refused(
                        limits, "nice", CHILD_CALL(SYS_setpriority, PRIO_PROCESS, 0, limits->nice));
        if (limits->has_ionice)
                child_refused(limits, "ionice",
                        CHILD_CALL(SYS_ioprio_set, 1 /* a process */, 0, limits->ionice));
        for (size_t i = 0; i < limits->rlimits_count; i++)
                child_refused(limits, limits->rlimits[i].name,
                        CHILD_CALL(SYS_prlimit64, 0, limits->rlimits[i].resource,
                                &limits->rlimits[i].limit, NULL));
}

CHILD_CODE int spawn_child(void *data)
{
        struct cradle *cradle = data;
        const struct spawn_request *r = &cradle->request;
        long failure;

        child_attach(r);
        (void)CHILD_CALL(SYS_setpgid, 0, 0);
        child_descriptors(cradle);
        if (r->files_limit)
                (void)CHILD_CALL(SYS_prlimit64, 0, RLIMIT_NOFILE, r->files_limit, NULL);
        /* A process that shares our memory has a score of its own only while it is waited for
         * (CLONE_VFORK).  Without /proc it stays protected, as the descendants of others are. */
        if (r->is_oom_exposed)
                (void)child_oom_score("0");
        if (r->limits)
                child_limits(r->limits);
        child_say_taken(cradle);
        if (r->user)
                child_user(r->user);
        failure = r->directory ? CHILD_CALL(SYS_chdir, r->directory) : 0;
        if (failure < 0)
                child_fail("chdir to ", r->directory, error_name(failure));
        if (r->umask >= 0)
                (void)CHILD_CALL(SYS_umask, r->umask);
        child_signals(cradle->ignored);
        failure = CHILD_CALL(SYS_execve, r->path, r->argv, r->environ);
        child_fail("exec ", r->argv0, error_name(failure));
}
