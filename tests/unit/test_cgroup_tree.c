/* The subtree on this machine's own cgroups: what it leaves, what it finds, where it may be. */
#include "tests/unit/cgrouplab.h"

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

        return has_cgroups() ? cmocka_run_group_tests(tests, NULL, NULL) : SKIPPED;
}
