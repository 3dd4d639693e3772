/* The subtree on this machine's own cgroups: slots, members, figures, leftovers.  Skipped where
 * there is no permission to make any. */
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
static const char *name_of(char letter)
{
        static char names[8][32];
        char *name = names[letter - 'a'];

        if (!*name)
                (void)snprintf(
                        name, sizeof(names[0]), "test-%d-%c", (int)getpid(), letter); /* fits */
        return name;
}

static void keep_text(void *context, enum log_level level, const char *text)
{
        struct text *told = context;

        text_format(told, "%d %s\n", (int)level, text);
}

static struct cgroup_tree *open_tree(const char *instance, struct text *told, bool adopt)
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

static struct cgroup_slot *open_slot(
        struct cgroup_tree *tree, const char *group, const char *process)
{
        struct cgroup_slot *slot = NULL;
        struct err err = {};

        if (cgroup_slot_open(tree, group, process, &slot, &err) < 0)
                fail_msg("%s", err.text);
        return slot;
}

/* As fork(), with the child born in the slot, and in its v1 groups when this returns. */
static pid_t spawn(struct cgroup_slot *slot)
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

static pid_t spawn_sleeper(struct cgroup_slot *slot)
{
        pid_t pid = spawn(slot);

        if (pid == 0) {
                (void)pause();
                _exit(0);
        }
        return pid;
}

/* A daemon of old: its parent is gone, and its session is its own.  Returns when it is there. */
static pid_t spawn_escaping(struct cgroup_slot *slot)
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

static int reap(pid_t pid)
{
        int status = -1;

        assert_int_equal(waitpid(pid, &status, 0), pid);
        return status;
}

static bool wait_empty(struct cgroup_slot *slot)
{
        return members_wait(cgroup_slot_fd(slot), WAIT_MSEC) == 1;
}

static void wait_members(struct cgroup_slot *slot, int count)
{
        for (int i = 0; i < WAIT_MSEC && members_count(cgroup_slot_fd(slot)) != count; i++)
                (void)usleep(1000);
        assert_int_equal(members_count(cgroup_slot_fd(slot)), count);
}

/* How many directories there are, in all hierarchies, whose path ends in the subtree of that name
 * and 'rest', a pattern. */
static int directories(char letter, const char *rest)
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
static bool is_at(const struct cgroup_tree *tree, char letter, const char *suffix)
{
        CLEANUP(mem_free) char *end = mem_format("/reeve-%s%s'", name_of(letter), suffix);

        return strstr(cgroup_tree_describe(tree), end) != NULL;
}

static void a_child_is_born_in_its_slot(void **state)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
        CLEANUP(cgroup_slot_close) struct cgroup_slot *slot = open_slot(tree, "my group", "..");
        CLEANUP(text_clear) struct text own = {};
        CLEANUP(mem_free) char *expected = NULL;
        char path[64];
        pid_t pid;

        assert_int_equal(cgroup_slot_populated(slot), 0);
        pid = spawn_sleeper(slot);
        assert_int_equal(cgroup_slot_populated(slot), 1);
        (void)snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
        assert_int_equal(attribute_read_text(AT_FDCWD, path, &own), 0);
        expected = mem_format("/reeve-%s/my\\x20group.slice/\\x2e..scope\n", name_of('a'));
        assert_non_null(strstr(own.data, expected));
        assert_int_equal(cgroup_slot_kill(slot), 0);
        assert_int_equal(reap(pid), SIGKILL);
        assert_true(wait_empty(slot));
}

static void a_process_may_be_put_into_a_slot_after_its_birth(void **state)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
        CLEANUP(cgroup_slot_close) struct cgroup_slot *slot = open_slot(tree, "g", "p");
        CLEANUP(fd_close) int fd = cgroup_slot_procs_fd(slot);
        pid_t pid;

        assert_true(fd >= 0);
        pid = fork();
        if (pid == 0) {
                if (write(fd, "0", 1) != 1)
                        _exit(1);
                (void)pause();
                _exit(0);
        }
        wait_members(slot, 1);
        assert_int_equal(cgroup_slot_signal(slot, SIGTERM), 1);
        assert_int_equal(reap(pid), SIGTERM);
}

static void a_kill_leaves_nobody_who_escaped(void **state)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
        CLEANUP(cgroup_slot_close) struct cgroup_slot *slot = open_slot(tree, "g", "p");

        for (int i = 0; i < 3; i++)
                assert_int_equal(reap(spawn_escaping(slot)), 0);
        wait_members(slot, 3);
        assert_int_equal(cgroup_slot_populated(slot), 1);
        assert_int_equal(cgroup_slot_kill(slot), 0);
        assert_true(wait_empty(slot));
        assert_int_equal(members_count(cgroup_slot_fd(slot)), 0);
}

/* Always a new process, so that whoever is on a list of them is gone when the signal comes. */
static void hop(void) __attribute__((noreturn));
static void hop(void)
{
        for (;;) {
                if (fork() > 0)
                        _exit(0);
                (void)usleep(200); /* so that init of a slow machine buries them as fast */
        }
}

static void the_substitute_for_cgroup_kill_ends_hoppers_and_those_below(void **state)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
        CLEANUP(cgroup_slot_close) struct cgroup_slot *slot = open_slot(tree, "g", "p");
        int dir = cgroup_slot_fd(slot);
        pid_t hoppers[4], sitter;

        assert_int_equal(mkdirat(dir, "inner", 0755), 0);
        for (size_t i = 0; i < ELEMENTS(hoppers); i++) {
                hoppers[i] = spawn(slot);
                if (hoppers[i] == 0) {
                        if (i % 2)
                                (void)attribute_write(dir, "inner/cgroup.procs", "0");
                        hop();
                }
        }
        sitter = spawn_sleeper(slot);
        (void)usleep(20000);
        assert_true(members_count(dir) > 1);
        assert_int_equal(members_kill_each(dir), 0);
        assert_true(wait_empty(slot));
        assert_int_equal(cgroup_slot_frozen(slot), 0);
        assert_int_equal(reap(sitter), SIGKILL);
        for (size_t i = 0; i < ELEMENTS(hoppers); i++)
                (void)waitpid(hoppers[i], NULL, 0); /* ended by itself long ago, most likely */
}

static void the_events_fd_tells_when_the_last_one_is_gone(void **state)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
        CLEANUP(cgroup_slot_close) struct cgroup_slot *slot = open_slot(tree, "g", "p");
        struct pollfd p = { .fd = cgroup_slot_events_fd(slot), .events = POLLPRI };
        pid_t pid = spawn_sleeper(slot);

        assert_true(p.fd >= 0);
        assert_int_equal(p.fd, cgroup_slot_events_fd(slot));
        assert_int_equal(cgroup_slot_populated(slot), 1);
        assert_int_equal(cgroup_slot_kill(slot), 0);
        do
                assert_int_equal(poll(&p, 1, WAIT_MSEC), 1);
        while (cgroup_slot_populated(slot) == 1);
        assert_int_equal(cgroup_slot_populated(slot), 0);
        cgroup_slot_events_done(slot);
        assert_int_equal(reap(pid), SIGKILL);
}

static void a_frozen_slot_is_seen_whoever_froze_it(void **state)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
        CLEANUP(cgroup_slot_close) struct cgroup_slot *slot = open_slot(tree, "g", "p");
        int dir = cgroup_slot_fd(slot);

        assert_int_equal(cgroup_slot_frozen(slot), 0);
        assert_int_equal(attribute_write(dir, "cgroup.freeze", "1"), 0);
        assert_int_equal(cgroup_slot_frozen(slot), 1);
        assert_int_equal(attribute_write(dir, "cgroup.freeze", "0"), 0);
        assert_int_equal(cgroup_slot_frozen(slot), 0);
        assert_int_equal(attribute_write(dir, "../cgroup.freeze", "1"), 0);
        assert_int_equal(cgroup_slot_frozen(slot), 1);
        assert_int_equal(attribute_write(dir, "../cgroup.freeze", "0"), 0);
        assert_int_equal(cgroup_slot_frozen(slot), 0);
        assert_int_equal(attribute_write(dir, "../../cgroup.freeze", "1"), 0);
        assert_int_equal(cgroup_slot_frozen(slot), 1);
        assert_int_equal(attribute_write(dir, "../../cgroup.freeze", "0"), 0);
        assert_int_equal(cgroup_slot_frozen(slot), 0);
}

static void burn(unsigned msec)
{
        struct timespec start, now;

        (void)clock_gettime(CLOCK_MONOTONIC, &start);
        do
                (void)clock_gettime(CLOCK_MONOTONIC, &now);
        while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < msec);
}

static void processor_time_of_short_lived_children_is_exact(void **state)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
        CLEANUP(cgroup_slot_close) struct cgroup_slot *slot = open_slot(tree, "g", "p");
        struct cgroup_usage before = {}, after = {};
        uint64_t counted, expected;
        struct rusage usage;
        int status;
        pid_t pid;

        assert_int_equal(cgroup_slot_usage(slot, &before), 0);
        assert_int_equal(before.cpu_source, CGROUP_FROM_V2);
        pid = spawn(slot);
        if (pid == 0) {
                for (int i = 0; i < 100; i++) {
                        pid_t child = fork();

                        if (child == 0) {
                                burn(2);
                                _exit(0);
                        }
                        (void)waitpid(child, NULL, 0);
                }
                _exit(0);
        }
        assert_int_equal(wait4(pid, &status, 0, &usage), pid);
        assert_int_equal(cgroup_slot_usage(slot, &after), 0);
        expected = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000U +
                   (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
        counted = after.cpu_usec - before.cpu_usec;
        /* Within 1 %, and what the parent spent between its birth and the first figure. */
        assert_true(counted * 100 >= expected * 99);
        assert_true(counted * 100 <= expected * 101 + 100 * 5000);
        assert_true(after.cpu_user_usec + after.cpu_system_usec <= after.cpu_usec + 1);
}

static void memory_and_tasks_are_counted_and_their_source_is_told(void **state)
{
        enum { SIZE = 64 * 1024 * 1024 };
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
        CLEANUP(cgroup_slot_close) struct cgroup_slot *slot = open_slot(tree, "g", "p");
        struct cgroup_usage usage = {};
        int ready[2];
        char byte;
        pid_t pid;

        assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
        pid = spawn(slot);
        if (pid == 0) {
                char *p;

                /* A new memory of its own, as after exec: what the parent had stays the parent's.
                 */
                p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                if (p == MAP_FAILED)
                        _exit(1);
                memset(p, 1, SIZE);
                if (fork() == 0)
                        (void)pause();
                (void)!write(ready[1], "x", 1);
                (void)pause();
                _exit(0);
        }
        assert_int_equal(read(ready[0], &byte, 1), 1);
        assert_int_equal(cgroup_slot_usage(slot, &usage), 0);
        print_message("memory %llu bytes (%s), tasks %llu (%s)\n",
                (unsigned long long)usage.memory_bytes, cgroup_source_name(usage.memory_source),
                (unsigned long long)usage.pids, cgroup_source_name(usage.pids_source));
        assert_int_not_equal(usage.memory_source, CGROUP_UNKNOWN);
        assert_true(usage.memory_bytes >= SIZE);
        assert_true(usage.memory_bytes < SIZE + 16 * 1024 * 1024);
        assert_int_not_equal(usage.pids_source, CGROUP_UNKNOWN);
        assert_int_equal(usage.pids, 2);
        if (usage.oom_source != CGROUP_UNKNOWN)
                assert_int_equal(usage.oom_kills, 0);
        {
                uint64_t summed = 0, threads = 0;

                /* What would stand in for the controllers comes to the same. */
                assert_int_equal(members_memory(cgroup_slot_fd(slot), &summed), 0);
                assert_true(summed >= SIZE && summed < SIZE + 32 * 1024 * 1024);
                assert_int_equal(members_threads(cgroup_slot_fd(slot), &threads), 0);
                assert_int_equal(threads, 2);
        }
        assert_int_equal(cgroup_slot_kill(slot), 0);
        assert_int_equal(reap(pid), SIGKILL);
        assert_true(wait_empty(slot));
        (void)fd_close(ready[0]);
        (void)fd_close(ready[1]);
}

static void a_slot_opened_twice_is_one_and_lives_until_the_second_close(void **state)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
        struct cgroup_slot *one = open_slot(tree, "g", "p"), *two = open_slot(tree, "g", "p");

        assert_ptr_equal(one, two);
        (void)cgroup_slot_close(one);
        assert_int_equal(cgroup_slot_populated(two), 0);
        (void)cgroup_slot_close(two);
        assert_int_equal(directories('a', "/*p.scope"), 0);
}

static void a_populated_slot_survives_its_closing(void **state)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
        struct cgroup_slot *slot = open_slot(tree, "g", "p");
        pid_t pid = spawn_sleeper(slot);

        (void)cgroup_slot_close(slot);
        slot = open_slot(tree, "g", "p");
        assert_int_equal(cgroup_slot_populated(slot), 1);
        assert_int_equal(cgroup_slot_kill(slot), 0);
        assert_int_equal(reap(pid), SIGKILL);
        assert_true(wait_empty(slot));
        (void)cgroup_slot_close(slot);
}

static void a_group_that_was_killed_is_made_anew_for_the_next_birth(void **state)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
        CLEANUP(cgroup_slot_close) struct cgroup_slot *slot = open_slot(tree, "g", "p");

        for (int i = 0; i < 3; i++) {
                pid_t pid;

                assert_int_equal(cgroup_slot_renew(slot), 0);
                pid = spawn_sleeper(slot);
                assert_int_equal(cgroup_slot_populated(slot), 1);
                if (i < 2) {
                        assert_int_equal(cgroup_slot_kill(slot), 0);
                        assert_int_equal(
                                cgroup_slot_renew(slot) < 0, cgroup_slot_populated(slot) == 1);
                } else { /* by somebody else, which shows only by how the process ended */
                        assert_int_equal(
                                attribute_write(cgroup_slot_fd(slot), "cgroup.kill", "1"), 0);
                        cgroup_slot_distrust(slot);
                }
                assert_int_equal(reap(pid), SIGKILL);
                assert_true(wait_empty(slot));
        }
        assert_int_equal(cgroup_slot_renew(slot), 0);
        assert_int_equal(reap(spawn_escaping(slot)), 0);
        assert_int_equal(cgroup_slot_renew(slot), 0); /* nothing was distrusted, nobody was lost */
        assert_int_equal(cgroup_slot_populated(slot), 1);
        assert_int_equal(cgroup_slot_kill(slot), 0);
        assert_true(wait_empty(slot));
}

/* From Linux 6.14 on: births are compared with the count of kills of the parent's group. */
static void a_daemon_whose_own_group_was_killed_attaches(void **state)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *outer = open_tree(name_of('g'), NULL, false);
        CLEANUP(cgroup_slot_close) struct cgroup_slot *home = open_slot(outer, "g", "home");
        CLEANUP(fd_close) int fd = cgroup_slot_procs_fd(home);
        pid_t pid;

        assert_int_equal(attribute_write(cgroup_slot_fd(home), "cgroup.kill", "1"), 0);
        pid = fork();
        if (pid == 0) {
                struct cgroup_tree *tree;
                struct cgroup_slot *slot;
                bool is_told;

                if (write(fd, "0", 1) != 1)
                        _exit(99);
                tree = open_tree(name_of('h'), NULL, false);
                slot = open_slot(tree, "g", "p");
                is_told = strstr(cgroup_tree_describe(tree), "attached after their birth");
                if ((cgroup_slot_renew(slot) == -EOPNOTSUPP) != is_told)
                        _exit(1);
                if (!is_told && reap(spawn_escaping(slot)) != 0)
                        _exit(2);
                (void)cgroup_slot_kill(slot);
                (void)wait_empty(slot);
                (void)cgroup_slot_close(slot);
                (void)cgroup_tree_close(tree);
                _exit(is_told ? 10 : 11);
        }
        pid = reap(pid);
        assert_true(WEXITSTATUS(pid) == 10 || WEXITSTATUS(pid) == 11);
        print_message("births %s\n", WEXITSTATUS(pid) == 10 ? "do not survive" : "survive");
        assert_true(wait_empty(home));
}

static void closing_leaves_no_directory_of_any_hierarchy(void **state)
{
        {
                CLEANUP(cgroup_tree_close)
                struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
                CLEANUP(cgroup_slot_close) struct cgroup_slot *one = open_slot(tree, "g", "p");
                CLEANUP(cgroup_slot_close) struct cgroup_slot *two = open_slot(tree, "g", "q");
                CLEANUP(cgroup_slot_close) struct cgroup_slot *three = open_slot(tree, "h", "p");

                assert_ptr_not_equal(two, three);
                assert_int_equal(mkdirat(cgroup_slot_fd(one), "made-by-program", 0755), 0);
                assert_true(directories('a', "*") >= 1);
                assert_true(is_at(tree, 'a', ""));
                print_message("%s\n", cgroup_tree_describe(tree));
        }
        assert_int_equal(directories('a', "*"), 0);
}

/* A run that ends without a word: what it started lives on. */
static void crash_with(const char *instance, const char *process, int hold)
{
        int ready[2];
        char byte;
        pid_t pid;

        assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
        pid = fork();
        if (pid == 0) {
                struct cgroup_tree *tree = open_tree(instance, NULL, false);
                struct cgroup_slot *slot = open_slot(tree, "g", process);
                pid_t child = spawn_escaping(slot);

                (void)waitpid(child, NULL, 0);
                (void)waitpid(spawn_escaping(slot), NULL, 0);
                wait_members(slot, 2);
                (void)!write(ready[1], "x", 1);
                if (hold >= 0)
                        (void)!read(hold, &byte, 1);
                _exit(0);
        }
        assert_int_equal(read(ready[0], &byte, 1), 1);
        (void)fd_close(ready[0]);
        (void)fd_close(ready[1]);
        if (hold < 0)
                (void)reap(pid);
        else
                assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
}

static void what_a_crashed_run_left_is_ended_and_told(void **state)
{
        CLEANUP(text_clear) struct text told = {};

        crash_with(name_of('b'), "left over", -1);
        {
                CLEANUP(cgroup_tree_close)
                struct cgroup_tree *tree = open_tree(name_of('b'), &told, false);

                assert_non_null(tree);
                assert_string_equal(text_string(&told),
                        "30 ended 2 processes that an earlier run left in 'g:left over'\n");
                assert_int_equal(directories('b', "/*left*over.scope"), 0);
        }
        assert_int_equal(directories('b', "*"), 0);
}

static void what_is_adopted_is_kept_and_the_rest_is_swept(void **state)
{
        CLEANUP(text_clear) struct text told = {};

        crash_with(name_of('b'), "kept", -1);
        {
                CLEANUP(cgroup_tree_close)
                struct cgroup_tree *tree = open_tree(name_of('b'), &told, true);
                CLEANUP(cgroup_slot_close) struct cgroup_slot *slot = open_slot(tree, "g", "kept");

                assert_int_equal(members_count(cgroup_slot_fd(slot)), 2);
                cgroup_tree_sweep(tree);
                assert_int_equal(members_count(cgroup_slot_fd(slot)), 2);
                assert_string_equal(text_string(&told), "");
                assert_int_equal(cgroup_slot_populated(slot), 1);
        }
        {
                CLEANUP(cgroup_tree_close)
                struct cgroup_tree *tree = open_tree(name_of('b'), &told, true);

                cgroup_tree_sweep(tree);
                assert_string_equal(text_string(&told),
                        "30 ended 2 processes that an earlier run left in 'g:kept'\n");
        }
        assert_int_equal(directories('b', "*"), 0);
}

static void a_second_live_instance_of_a_name_gets_a_tree_of_its_own(void **state)
{
        CLEANUP(text_clear) struct text told = {};
        int hold[2];

        assert_int_equal(pipe2(hold, O_CLOEXEC), 0);
        crash_with(name_of('c'), "first", hold[0]);
        {
                CLEANUP(cgroup_tree_close)
                struct cgroup_tree *tree = open_tree(name_of('c'), &told, false);
                CLEANUP(mem_free) char *name = mem_format("+%d", (int)getpid());

                assert_true(is_at(tree, 'c', name));
                assert_string_equal(text_string(&told), "");
                assert_int_equal(directories('c', "/*first.scope") > 0, true);
        }
        assert_int_equal(write(hold[1], "x", 1), 1);
        assert_true(waitpid(-1, NULL, 0) > 0);
        {
                CLEANUP(cgroup_tree_close)
                struct cgroup_tree *tree = open_tree(name_of('c'), &told, false);

                assert_non_null(tree);
                assert_non_null(strstr(text_string(&told), "'g:first'"));
        }
        assert_int_equal(directories('c', "*"), 0);
        (void)fd_close(hold[0]);
        (void)fd_close(hold[1]);
}

static void leftovers_of_an_instance_called_after_its_pid_are_ended_too(void **state)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *held = open_tree(name_of('d'), NULL, false);
        CLEANUP(text_clear) struct text told = {};

        crash_with(name_of('d'), "second", -1); /* it found the name taken */
        assert_true(directories('d', "+[0-9]*") >= 1);
        held = cgroup_tree_close(held);
        held = open_tree(name_of('d'), &told, false);
        assert_non_null(strstr(text_string(&told), "'g:second'"));
        assert_int_equal(directories('d', "+[0-9]*"), 0);
}

static void a_given_root_is_used_and_stays(void **state)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *outer = open_tree(name_of('e'), NULL, false);
        struct cgroup_slot *slot = open_slot(outer, "g", "root");
        CLEANUP(mem_free) char *path = mem_format("/proc/self/fd/%d", cgroup_slot_fd(slot));
        CLEANUP(mem_free) char *root = realpath(path, NULL);
        struct cgroup_options options = { .root = root, .instance = "inner" };
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = NULL;
        struct cgroup_slot *inner = NULL;
        struct err err = {};

        assert_int_equal(cgroup_tree_open(&options, &tree, &err), 0);
        assert_int_equal(cgroup_slot_open(tree, "a", "b", &inner, &err), 0);
        assert_int_equal(faccessat(cgroup_slot_fd(slot), "a.slice/b.scope", F_OK, 0), 0);
        (void)cgroup_slot_close(inner);
        tree = cgroup_tree_close(tree);
        assert_int_equal(faccessat(cgroup_slot_fd(slot), ".", F_OK, 0), 0);
        assert_int_equal(faccessat(cgroup_slot_fd(slot), "a.slice", F_OK, 0), -1);
        assert_int_equal(faccessat(cgroup_slot_fd(slot), "lock", F_OK, 0), -1);
        (void)cgroup_slot_close(slot);
}

static void a_root_that_is_no_cgroup_is_refused_with_a_sentence(void **state)
{
        struct cgroup_tree *tree = NULL;
        struct err err = {};

        assert_int_equal(
                cgroup_tree_open(
                        &(struct cgroup_options){ .root = "/tmp", .instance = "x" }, &tree, &err),
                -EINVAL);
        assert_string_equal(err.text, "'/tmp' is not a cgroup of version 2");
        assert_int_equal(
                cgroup_tree_open(
                        &(struct cgroup_options){ .root = "/none", .instance = "x" }, &tree, &err),
                -ENOENT);
        assert_string_equal(err.text, "cannot open cgroup '/none': No such file or directory");
        assert_null(tree);
}

static void an_ordinary_user_is_told_that_there_is_no_permission(void **state)
{
        int status;
        pid_t pid;

        if (geteuid() != 0)
                skip();
        pid = fork();
        if (pid == 0) {
                struct cgroup_tree *tree = NULL;
                struct err err = {};
                int r;

                if (setresuid(65534, 65534, 65534) < 0)
                        _exit(1);
                r = cgroup_tree_open(
                        &(struct cgroup_options){ .instance = name_of('f') }, &tree, &err);
                _exit(r == -EACCES && strstr(err.text, "no permission to make cgroups in '") ? 0
                                                                                             : 2);
        }
        status = reap(pid);
        assert_int_equal(status, 0);
}

static int entries_in(const char *path)
{
        DIR *dir = opendir(path);
        int count = 0;

        assert_non_null(dir);
        while (readdir(dir))
                count++;
        (void)closedir(dir);
        return count;
}

static void idle_slots_hold_one_fd_each(void **state)
{
        enum { COUNT = 300 };
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
        struct cgroup_slot *slots[COUNT];
        struct timespec start, end;
        int first = entries_in("/proc/self/fd");

        (void)clock_gettime(CLOCK_MONOTONIC, &start);
        for (int i = 0; i < COUNT; i++) {
                CLEANUP(mem_free) char *name = mem_format("p%d", i);

                slots[i] = open_slot(tree, "g", name);
        }
        (void)clock_gettime(CLOCK_MONOTONIC, &end);
        assert_int_equal(entries_in("/proc/self/fd") - first, COUNT);
        print_message("%.0f us a slot\n", ((double)(end.tv_sec - start.tv_sec) * 1e6 +
                                                  (double)(end.tv_nsec - start.tv_nsec) / 1e3) /
                                                  COUNT);
        for (int i = 0; i < COUNT; i++)
                (void)cgroup_slot_close(slots[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_child_is_born_in_its_slot),
                cmocka_unit_test(a_process_may_be_put_into_a_slot_after_its_birth),
                cmocka_unit_test(a_kill_leaves_nobody_who_escaped),
                cmocka_unit_test(the_substitute_for_cgroup_kill_ends_hoppers_and_those_below),
                cmocka_unit_test(the_events_fd_tells_when_the_last_one_is_gone),
                cmocka_unit_test(a_frozen_slot_is_seen_whoever_froze_it),
                cmocka_unit_test(processor_time_of_short_lived_children_is_exact),
                cmocka_unit_test(memory_and_tasks_are_counted_and_their_source_is_told),
                cmocka_unit_test(a_slot_opened_twice_is_one_and_lives_until_the_second_close),
                cmocka_unit_test(a_populated_slot_survives_its_closing),
                cmocka_unit_test(a_group_that_was_killed_is_made_anew_for_the_next_birth),
                cmocka_unit_test(a_daemon_whose_own_group_was_killed_attaches),
                cmocka_unit_test(closing_leaves_no_directory_of_any_hierarchy),
                cmocka_unit_test(what_a_crashed_run_left_is_ended_and_told),
                cmocka_unit_test(what_is_adopted_is_kept_and_the_rest_is_swept),
                cmocka_unit_test(a_second_live_instance_of_a_name_gets_a_tree_of_its_own),
                cmocka_unit_test(leftovers_of_an_instance_called_after_its_pid_are_ended_too),
                cmocka_unit_test(a_given_root_is_used_and_stays),
                cmocka_unit_test(a_root_that_is_no_cgroup_is_refused_with_a_sentence),
                cmocka_unit_test(an_ordinary_user_is_told_that_there_is_no_permission),
                cmocka_unit_test(idle_slots_hold_one_fd_each),
        };
        struct cgroup_options options = { .instance = name_of('a') };
        struct cgroup_tree *tree = NULL;
        struct err err = {};

        if (cgroup_tree_open(&options, &tree, &err) < 0) {
                printf("skipped: %s\n", err.text);
                return SKIPPED;
        }
        (void)cgroup_tree_close(tree);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
