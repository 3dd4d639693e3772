/* Slots on this machine's own cgroups: births, members, deaths, figures. */

#include "tests/unit/cgrouplab.h"

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
        struct figures before = {}, after = {};
        uint64_t counted, expected;
        struct rusage usage;
        int status;
        pid_t pid;

        assert_int_equal(cgroup_slot_usage(slot, USAGE_ALL, &before), 0);
        assert_int_equal(before.source[FIGURE_CPU], FIGURE_FROM_V2);
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
        assert_int_equal(cgroup_slot_usage(slot, USAGE_ALL, &after), 0);
        expected = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000U +
                   (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
        counted = after.value[FIGURE_CPU] - before.value[FIGURE_CPU];
        /* Within 1 %, and what the parent spent between its birth and the first figure. */
        assert_true(counted * 100 >= expected * 99);
        assert_true(counted * 100 <= expected * 101 + 100 * 5000);
        assert_true(after.value[FIGURE_CPU_USER] + after.value[FIGURE_CPU_SYSTEM] <=
                    after.value[FIGURE_CPU] + 1);
}

static void memory_and_tasks_are_counted_and_their_source_is_told(void **state)
{
        enum { SIZE = 64 * 1024 * 1024 };
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
        CLEANUP(cgroup_slot_close) struct cgroup_slot *slot = open_slot(tree, "g", "p");
        struct figures usage = {};
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
        assert_int_equal(cgroup_slot_usage(slot, USAGE_ALL, &usage), 0);
        print_message("memory %llu bytes (%s), tasks %llu (%s)\n",
                (unsigned long long)usage.value[FIGURE_MEMORY],
                figures_source_name(usage.source[FIGURE_MEMORY]),
                (unsigned long long)usage.value[FIGURE_PIDS],
                figures_source_name(usage.source[FIGURE_PIDS]));
        assert_int_not_equal(usage.source[FIGURE_MEMORY], FIGURE_UNKNOWN);
        assert_true(usage.value[FIGURE_MEMORY] >= SIZE);
        assert_true(usage.value[FIGURE_MEMORY] < SIZE + 16 * 1024 * 1024);
        assert_int_not_equal(usage.source[FIGURE_PIDS], FIGURE_UNKNOWN);
        assert_int_equal(usage.value[FIGURE_PIDS], 2);
        if (usage.source[FIGURE_OOM_KILLS] != FIGURE_UNKNOWN)
                assert_int_equal(usage.value[FIGURE_OOM_KILLS], 0);
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
        };

        return has_cgroups() ? cmocka_run_group_tests(tests, NULL, NULL) : SKIPPED;
}
