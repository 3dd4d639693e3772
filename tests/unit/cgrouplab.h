/* A subtree on this machine's own cgroups, and children in it: for the tests that need them. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "cgroup/attribute.h"
#include "cgroup/members.h"
#include "cgroup/tree.h"
#include "cgroup/usage.h"

enum { SKIPPED = 77, WAIT_MSEC = 5000 };

/* A name for an instance that no other run of this has, on a machine that is shared. */
static inline const char *name_of(char letter)
{
        static char names[8][32];
        char *name = names[letter - 'a'];

        if (!*name)
                (void)snprintf(
                        name, sizeof(names[0]), "test-%d-%c", (int)getpid(), letter); /* fits */
        return name;
}

static inline void keep_text(void *context, enum log_level level, const char *text)
{
        struct text *told = context;

        text_format(told, "%d %s\n", (int)level, text);
}

static inline struct cgroup_tree *open_tree(const char *instance, struct text *told, bool adopt)
{
        struct cgroup_options options = { .instance = instance,
                .sink = { .write = told ? keep_text : NULL, .context = told },
                .adopt = adopt };
        struct cgroup_tree *tree = NULL;
        struct err err = {};

        if (cgroup_tree_open(&options, &tree, &err) < 0)
                fail_msg("%s", err.text);
        return tree;
}

static inline struct cgroup_slot *open_slot(
        struct cgroup_tree *tree, const char *group, const char *process)
{
        struct cgroup_slot *slot = NULL;
        struct err err = {};

        if (cgroup_slot_open(tree, group, process, &slot, &err) < 0)
                fail_msg("%s", err.text);
        return slot;
}

/* As fork(), with the child born in the slot, and in its v1 groups when this returns. */
static inline pid_t spawn(struct cgroup_slot *slot)
{
        struct clone_args args = { .flags = CLONE_INTO_CGROUP,
                .exit_signal = SIGCHLD,
                .cgroup = (uint64_t)cgroup_slot_fd(slot) };
        int fds[CGROUP_V1_FDS_MAX], count, ready[2];
        char byte;
        pid_t pid;

        count = cgroup_slot_v1_tasks_fds(slot, fds, CGROUP_V1_FDS_MAX);
        assert_true(count >= 0);
        assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
        pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
        assert_true(pid >= 0);
        for (int i = 0; i < count; i++) {
                if (pid == 0 && write(fds[i], "0", 1) != 1)
                        _exit(99);
                (void)fd_close(fds[i]);
        }
        if (pid == 0)
                (void)!write(ready[1], "x", 1);
        (void)fd_close(ready[1]);
        if (pid > 0)
                assert_int_equal(read(ready[0], &byte, 1), 1);
        (void)fd_close(ready[0]);
        return pid;
}

static inline pid_t spawn_sleeper(struct cgroup_slot *slot)
{
        pid_t pid = spawn(slot);

        if (pid == 0) {
                (void)pause();
                _exit(0);
        }
        return pid;
}

/* A daemon of old: its parent is gone, and its session is its own.  Returns when it is there. */
static inline pid_t spawn_escaping(struct cgroup_slot *slot)
{
        int ready[2];
        char byte;
        pid_t pid;

        assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
        pid = spawn(slot);
        if (pid == 0) {
                if (fork() == 0 && setsid() > 0 && fork() == 0) {
                        (void)signal(SIGTERM, SIG_IGN);
                        (void)dup2(ready[1], 0);
                        (void)close_range(3, ~0U, 0); /* as exec would */
                        (void)!write(0, "x", 1);
                        (void)pause();
                }
                _exit(0);
        }
        (void)fd_close(ready[1]);
        assert_int_equal(read(ready[0], &byte, 1), 1);
        (void)fd_close(ready[0]);
        return pid;
}

static inline int reap(pid_t pid)
{
        int status = -1;

        assert_int_equal(waitpid(pid, &status, 0), pid);
        return status;
}

static inline bool wait_empty(struct cgroup_slot *slot)
{
        return members_wait(cgroup_slot_fd(slot), WAIT_MSEC) == 1;
}

static inline void wait_members(struct cgroup_slot *slot, int count)
{
        for (int i = 0; i < WAIT_MSEC && members_count(cgroup_slot_fd(slot)) != count; i++)
                (void)usleep(1000);
        assert_int_equal(members_count(cgroup_slot_fd(slot)), count);
}

/* How many directories there are, in all hierarchies, whose path ends in the subtree of that name
 * and 'rest', a pattern. */
static inline int directories(char letter, const char *rest)
{
        CLEANUP(mem_free)
        char *command =
                mem_format("find /sys/fs/cgroup -type d -path '*/reeve-%s%s' 2>/dev/null | wc -l",
                        name_of(letter), rest);
        FILE *f = popen(command, "re");
        int count = -1;

        assert_non_null(f);
        assert_int_equal(fscanf(f, "%d", &count), 1);
        (void)pclose(f);
        return count;
}

/* Whether the subtree of that name is the one that is described. */
static inline bool is_at(const struct cgroup_tree *tree, char letter, const char *suffix)
{
        CLEANUP(mem_free) char *end = mem_format("/reeve-%s%s'", name_of(letter), suffix);

        return strstr(cgroup_tree_describe(tree), end) != NULL;
}

/* Where no cgroups are to be had here the tests are skipped, with the reason. */
static inline bool has_cgroups(void)
{
        struct cgroup_options options = { .instance = name_of('a') };
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = NULL;
        struct err err = {};

        if (cgroup_tree_open(&options, &tree, &err) >= 0)
                return true;
        printf("skipped: %s\n", err.text);
        return false;
}
