/* Whether processes can be born into our cgroups: see slots.h and cgroup_slot_renew(). */
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup/slots.h"

bool births_survive(int dir)
{
        struct clone_args args = {
                .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)dir
        };
        pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args)), reaped;
        int status = 0;

        if (pid == 0)
                _exit(0);
        if (pid < 0)
                return true; /* refused in words, which the one who starts processes reads */
        do
                reaped = waitpid(pid, &status, 0);
        while (reaped < 0 && errno == EINTR);
        return reaped < 0 || !WIFSIGNALED(status);
}
