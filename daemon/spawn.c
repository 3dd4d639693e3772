/* Starting a process: see spawn.h. */
#include "daemon/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "daemon/cradle.h"
#include "daemon/spawn_child.h"

enum {
        CRADLES = 8,       /* so many children may be on their way to their exec */
        LOW_END_MAX = 256, /* above that nothing is gained */
        /* A child takes its descriptors within some fifty microseconds, if it is let run. */
        TAKING_USEC = 500,
        ROOM_TRIES_MAX = 5000, /* each of a millisecond */
};

enum method {
        METHOD_CLONE3, /* straight into the cgroup */
        METHOD_ATTACH, /* clone(2), then the child attaches itself before it execs */
};

struct spawner {
        enum method method;
        struct cradle *cradles[CRADLES]; /* made when needed */
        struct cradle *borrower; /* whose child has not taken its descriptors yet; NULL: none */
        bool knows_ignored;
        uint64_t ignored; /* signals that we ignore, as bits from that of signal 1 */
        /* Three low numbers that nobody else gets, for what becomes a child's 0, 1 and 2, and
         * what stands there between two starts: see lend().  -1: they are not to be had. */
        int low[CRADLE_STANDARD];
        int nothing;
};

struct spawner *spawner_free(struct spawner *s)
{
        if (!s)
                return NULL;
        for (size_t i = 0; i < CRADLE_STANDARD; i++)
                s->low[i] = fd_close(s->low[i]);
        s->nothing = fd_close(s->nothing);
        for (size_t i = 0; i < CRADLES; i++)
                s->cradles[i] = cradle_free(s->cradles[i]);
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
        for (size_t i = 0; i < CRADLE_STANDARD; i++)
                s->low[i] = s->nothing < 0 ? -1 : fcntl(s->nothing, F_DUPFD_CLOEXEC, 3);
}

struct spawner *spawner_new(void)
{
        struct spawner *s = mem_new(sizeof(*s));

        s->method = has_clone3() ? METHOD_CLONE3 : METHOD_ATTACH;
        reserve(s);
        return s;
}

/* The kernel gives all who share a memory the same score, but for one that is waited for.  And
 * where memory runs out in the cgroup of one who is not, it may pick him, by the size of our
 * memory, and then it ends all who share that. */
static bool must_be_waited_for(const struct spawn_request *request)
{
        return request->is_oom_exposed || request->is_memory_limited ||
               (request->limits && request->limits->oom_score_adj);
}

/* We go on while it is on its way to its exec; the kernel says in 'tid' when it has left. */
static int start_clone3(struct cradle *cradle, pid_t *ret_pid, int *ret_pidfd)
{
        int pidfd = -1;
        struct clone_args args = {
                .flags = CLONE_VM | CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID |
                         (cradle->shares ? CLONE_FILES : 0) |
                         (must_be_waited_for(&cradle->request) ? CLONE_VFORK : 0),
                .pidfd = (uintptr_t)&pidfd,
                .parent_tid = (uintptr_t)cradle->request.pid,
                .child_tid = (uintptr_t)&cradle->tid,
                .exit_signal = SIGCHLD,
                .stack = (uintptr_t)cradle->stack,
                .stack_size = CRADLE_STACK_SIZE,
        };
        long r;

        if (cradle->request.cgroup_fd >= 0) {
                args.flags |= CLONE_INTO_CGROUP;
                args.cgroup = (uint64_t)cradle->request.cgroup_fd;
        }
        cradle->tid = 1;
        r = clone3_call(&args, spawn_child, cradle);
        if (r < 0) {
                cradle->tid = 0;
                return (int)r;
        }
        /* Whoever signals its group may come before the child itself does the same. */
        (void)setpgid((pid_t)r, (pid_t)r);
        *ret_pid = (pid_t)r;
        *ret_pidfd = pidfd;
        return 0;
}

static int start_clone(struct cradle *cradle, pid_t *ret_pid, int *ret_pidfd)
{
        int pidfd = -1;
        /* The parent's word is taken by the pidfd here; the child's is written by itself, on its
         * way out of the kernel. */
        int pid = clone(spawn_child, cradle->stack + CRADLE_STACK_SIZE,
                CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CHILD_SETTID | SIGCHLD |
                        (cradle->shares ? CLONE_FILES : 0),
                cradle, &pidfd, NULL, cradle->request.pid);

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
        for (size_t i = 0; i < CRADLE_STANDARD; i++)
                (void)dup3(s->nothing, s->low[i], O_CLOEXEC); /* onto one that is open: succeeds */
}

static bool lend(const struct spawner *s, struct cradle *cradle)
{
        cradle->end = 0;
        for (size_t i = 0; i < CRADLE_STANDARD; i++) {
                if (s->low[i] < 0 || s->low[i] >= LOW_END_MAX)
                        return false;
                if (cradle->end <= (unsigned)s->low[i])
                        cradle->end = (unsigned)s->low[i] + 1;
        }
        for (size_t i = 0; i < CRADLE_STANDARD; i++)
                if (dup3(cradle->standard[i], s->low[i], O_CLOEXEC) < 0) {
                        take_back(s);
                        return false;
                }
        memcpy(cradle->standard, s->low, sizeof(s->low));
        return true;
}

/* What the child needed until it had descriptors of its own. */
static void end_taking(struct spawner *s, struct cradle *cradle)
{
        struct spawn_request *request = &cradle->request;

        if (cradle->shares)
                take_back(s);
        request->cgroup_procs_fd = fd_close(request->cgroup_procs_fd);
        while (request->v1_tasks_fds_count > 0)
                (void)fd_close(request->v1_tasks_fds[--request->v1_tasks_fds_count]);
        s->borrower = NULL;
}

/* It may have been killed before. */
static bool has_taken(const struct cradle *cradle)
{
        return __atomic_load_n(&cradle->has_taken, __ATOMIC_ACQUIRE) || cradle_is_free(cradle);
}

/* One that is free, NULL: none. */
static struct cradle *find_cradle(struct spawner *s)
{
        for (size_t i = 0; i < CRADLES; i++) {
                if (!s->cradles[i])
                        s->cradles[i] = cradle_new();
                if (s->cradles[i] && cradle_is_free(s->cradles[i]))
                        return s->cradles[i];
        }
        return NULL;
}

bool spawner_is_left(const struct spawner *s)
{
        for (size_t i = 0; i < CRADLES; i++)
                if (s->cradles[i] && !cradle_is_free(s->cradles[i]))
                        return false;
        return true;
}

static void wait_for(uint32_t *futex, uint32_t value, int operation, usec_t patience)
{
        struct timespec timeout = { .tv_sec = (time_t)(patience / USEC_SEC),
                .tv_nsec = (long)(patience % USEC_SEC) * 1000 };

        if (patience > 0)
                (void)syscall(SYS_futex, futex, operation, value, &timeout, NULL, 0);
}

bool spawner_is_busy(struct spawner *s, usec_t patience)
{
        if (s->borrower && !has_taken(s->borrower))
                wait_for(&s->borrower->has_taken, 0, FUTEX_WAIT_PRIVATE, patience);
        if (s->borrower && has_taken(s->borrower))
                end_taking(s, s->borrower);
        if (s->borrower)
                return true;
        if (find_cradle(s))
                return false;
        if (s->cradles[0]) /* the kernel does not say which of them have left */
                wait_for(&s->cradles[0]->tid, 1, FUTEX_WAIT, patience);
        return !find_cradle(s);
}

/* Whoever started us may have had some ignored, two among them that the library keeps to itself:
 * hence the bare call. */
static uint64_t find_ignored(void)
{
        unsigned long old[4]; /* the kernel's struct sigaction, its handler first */
        uint64_t ignored = 0;

        for (int i = 1; i <= SPAWN_KERNEL_SIGNALS; i++)
                if (syscall(SYS_rt_sigaction, i, NULL, old, SPAWN_KERNEL_SIGNALS / 8) == 0 &&
                        old[0] == (unsigned long)SIG_IGN)
                        ignored |= UINT64_C(1) << (i - 1);
        return ignored;
}

static int clone_child(struct spawner *s, struct cradle *cradle, pid_t *ret_pid, int *ret_pidfd)
{
        sigset_t all, old;
        int r = -EINVAL;

        /* A handler must not run in the child, on our memory. */
        (void)sigfillset(&all);
        (void)sigprocmask(SIG_BLOCK, &all, &old);
        switch (s->method) {
        case METHOD_CLONE3:
                r = start_clone3(cradle, ret_pid, ret_pidfd);
                break;
        case METHOD_ATTACH:
                r = start_clone(cradle, ret_pid, ret_pidfd);
                break;
        }
        (void)sigprocmask(SIG_SETMASK, &old, NULL);
        return r;
}

/* For who has not asked whether there is any. */
static struct cradle *wait_for_cradle(struct spawner *s)
{
        for (int i = 0; i < ROOM_TRIES_MAX && spawner_is_busy(s, USEC_MSEC); i++)
                ;
        return s->borrower ? NULL : find_cradle(s);
}

int spawner_start(struct spawner *s, struct spawn_request *request, pid_t *ret_pid, int *ret_pidfd)
{
        struct cradle *cradle = wait_for_cradle(s);
        int r;

        if (!cradle)
                return -EAGAIN;
        /* Not before the first start: what the daemon ignores it does from then on. */
        if (!s->knows_ignored)
                s->ignored = find_ignored();
        s->knows_ignored = true;
        cradle_fill(cradle, request);
        cradle->ignored = s->ignored;
        cradle->standard[0] = request->in;
        cradle->standard[1] = request->out;
        cradle->standard[2] = request->err;
        cradle->shares = lend(s, cradle);
        r = clone_child(s, cradle, ret_pid, ret_pidfd);
        if (r < 0) {
                if (cradle->shares)
                        take_back(s);
                return r;
        }
        request->cgroup_procs_fd = -1;
        request->v1_tasks_fds_count = 0;
        s->borrower = cradle;
        if (!cradle->shares) /* it has copies of all of ours */
                end_taking(s, cradle);
        (void)spawner_is_busy(s, TAKING_USEC);
        return 0;
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
