/* A daemon that is no more than the scope, the cgroups and one program in them: what tests/vm
 * drives on a machine with systemd.
 *
 *      probe serve INSTANCE COMMAND    a service of Type=notify.  USR1: say the figures; USR2: kill
 *                                      what is in the slot; HUP: an orderly end, with the program
 *                                      and the scope; TERM: end as a crash would, with neither. */
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroup/members.h"
#include "cgroup/tree.h"
#include "cgroup/usage.h"
#include "daemon/scope.h"

enum { WAIT_MSEC = 20000 };

static void say(void *context, enum log_level level, const char *text)
{
        printf("%s: %s\n", log_level_name(level), text);
}

static int start_program(struct cgroup_slot *slot, const char *command)
{
        struct clone_args args = { .flags = CLONE_INTO_CGROUP,
                .exit_signal = SIGCHLD,
                .cgroup = (uint64_t)cgroup_slot_fd(slot) };
        long pid = syscall(SYS_clone3, &args, sizeof(args));
        sigset_t none;

        if (pid == 0) {
                (void)sigemptyset(&none);
                (void)sigprocmask(SIG_SETMASK, &none, NULL);
                (void)signal(SIGCHLD, SIG_DFL);
                (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
                _exit(127);
        }
        return pid < 0 ? -errno : 0;
}

static void say_figures(const struct cgroup_slot *slot)
{
        struct figures u = {};
        int r = cgroup_slot_usage(slot, USAGE_ALL, &u);

        printf("figures: %d members %d cpu %s %llu memory %s %llu tasks %s %llu oom %s %llu\n", r,
                members_count(cgroup_slot_fd(slot)), figures_source_name(u.source[FIGURE_CPU]),
                (unsigned long long)u.value[FIGURE_CPU],
                figures_source_name(u.source[FIGURE_MEMORY]),
                (unsigned long long)u.value[FIGURE_MEMORY],
                figures_source_name(u.source[FIGURE_PIDS]),
                (unsigned long long)u.value[FIGURE_PIDS],
                figures_source_name(u.source[FIGURE_OOM_KILLS]),
                (unsigned long long)u.value[FIGURE_OOM_KILLS]);
}

static void kill_all(struct cgroup_slot *slot)
{
        int r = cgroup_slot_kill(slot);
        int is_empty = members_wait(cgroup_slot_fd(slot), WAIT_MSEC);
        int left = members_count(cgroup_slot_fd(slot));

        printf("killed: %d, empty: %d, members left: %d\n", r, is_empty, left);
}

/* True for an orderly end. */
static bool serve_signals(const sigset_t *set, struct cgroup_slot *slot)
{
        for (;;) {
                int signal = 0;

                (void)fflush(stdout);
                if (sigwait(set, &signal) != 0 || signal == SIGTERM)
                        return false;
                if (signal == SIGUSR1)
                        say_figures(slot);
                else if (signal == SIGUSR2)
                        kill_all(slot);
                else
                        return true;
        }
}

static int serve(const char *instance, const char *command)
{
        struct cgroup_options options = {
                .instance = instance, .sink = { say, NULL }, .adopt = true
        };
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = NULL;
        struct cgroup_slot *slot = NULL;
        CLEANUP(mem_free) char *scope = NULL;
        struct err err = {};
        sigset_t set;
        int r;

        (void)sigemptyset(&set);
        for (size_t i = 0; i < 4; i++)
                (void)sigaddset(&set, (int[]){ SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 }[i]);
        (void)sigprocmask(SIG_BLOCK, &set, NULL);
        (void)signal(SIGCHLD, SIG_IGN); /* nobody is waited for */
        r = scope_obtain(instance, &scope, &err);
        printf(r < 0 ? "no scope: %s\n" : "scope: %s\n", r < 0 ? err.text : scope);
        options.root = scope;
        if (cgroup_tree_open(&options, &tree, &err) < 0 ||
                cgroup_slot_open(tree, "group", "program", &slot, &err) < 0) {
                printf("failed: %s\n", err.text);
                return EXIT_FAILURE;
        }
        printf("tree: %s\n", cgroup_tree_describe(tree));
        if (cgroup_slot_populated(slot) == 1)
                printf("adopted\n");
        else
                printf("started: %d\n", start_program(slot, command));
        cgroup_tree_sweep(tree);
        (void)fflush(stdout);
        (void)sd_notify(0, "READY=1"); /* nobody waits for it outside of a service */
        if (!serve_signals(&set, slot))
                _exit(0); /* as a crash: nothing is put in order */
        kill_all(slot);
        slot = cgroup_slot_close(slot);
        tree = cgroup_tree_close(tree);
        scope_release(scope);
        return EXIT_SUCCESS;
}

int main(int argc, char *argv[])
{
        if (argc == 4 && strcmp(argv[1], "serve") == 0)
                return serve(argv[2], argv[3]);
        (void)fprintf(stderr, "usage: probe serve INSTANCE COMMAND\n");
        return EXIT_FAILURE;
}
