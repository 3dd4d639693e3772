/* The subtree and its slots go from one image of the daemon to the next. */
#include "cgroup/handover.h"
#include "cgroup/usage.h"
#include "tests/unit/cgrouplab.h"

/* The text of both, in which the next image has other numbers for what it only pretends. */
static char *write_text(
        const struct cgroup_tree *tree, const struct cgroup_slot *slot, bool has_descriptors)
{
        CLEANUP(saver_free) struct saver *saver = saver_new(0);
        CLEANUP(descriptors_free)
        struct descriptors *ds = has_descriptors ? descriptors_new() : NULL;
        size_t length;

        cgroup_tree_save(tree, saver, ds);
        cgroup_slot_save(slot, saver, ds);
        if (ds)
                descriptors_write(ds, saver);
        return saver_take(saver, &length);
}

static void the_text_of_what_was_restored_is_the_same(void **state)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
        CLEANUP(cgroup_slot_close) struct cgroup_slot *slot = open_slot(tree, "g", "p");
        CLEANUP(cgroup_slot_close) struct cgroup_slot *other = open_slot(tree, "g", "q");
        CLEANUP(mem_free) char *whole = NULL, *before = NULL, *after = NULL;
        CLEANUP(descriptors_free) struct descriptors *ds = NULL;
        CLEANUP(saved_free) struct saved *saved = NULL;
        struct cgroup_tree *restored = NULL;
        struct err err = {};

        cgroup_slot_begin(slot);
        cgroup_slot_distrust(slot);
        whole = write_text(tree, slot, true);
        before = write_text(tree, slot, false);
        assert_int_equal(saved_parse(whole, strlen(whole), 0, &saved, &err), 0);
        assert_int_equal(descriptors_read(saved, true, &ds, &err), 0);
        if (cgroup_tree_restore(saved_first(saved, "cgroup_tree"), ds, (struct log_sink){},
                    &restored, &err) < 0)
                fail_msg("%s", err.text);
        cgroup_slot_restore(other, saved_first(saved, "cgroup_slot"), ds);
        assert_int_equal(saved_status(saved, &err), 0);
        after = write_text(restored, other, false);
        assert_string_equal(before, after);
        assert_string_equal(cgroup_tree_describe(restored), cgroup_tree_describe(tree));
        cgroup_tree_close(restored);
}

static void a_slot_that_is_there_is_found_and_one_that_is_not_is_made(void **state)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = open_tree(name_of('a'), NULL, false);
        CLEANUP(cgroup_slot_close) struct cgroup_slot *found = NULL, *made = NULL;
        struct err err = {};

        assert_int_equal(cgroup_slot_find(tree, "g", "new", &made, &err), 0);
        assert_true(cgroup_slot_fd(made) >= 0);
        assert_int_equal(cgroup_slot_find(tree, "g", "new", &found, &err), 0);
        assert_ptr_equal(found, made);
}

static void a_tree_without_its_directories_is_refused(void **state)
{
        static const char text[] = "reeve-state 1\n[cgroup_tree]\npath=/x\n[]\n";
        CLEANUP(saved_free) struct saved *saved = NULL;
        struct cgroup_tree *tree = NULL;
        struct err err = {};

        assert_int_equal(saved_parse(text, sizeof(text) - 1, 0, &saved, &err), 0);
        assert_int_equal(cgroup_tree_restore(saved_first(saved, "cgroup_tree"), NULL,
                                 (struct log_sink){}, &tree, &err),
                -EBADMSG);
        assert_null(tree);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_text_of_what_was_restored_is_the_same),
                cmocka_unit_test(a_slot_that_is_there_is_found_and_one_that_is_not_is_made),
                cmocka_unit_test(a_tree_without_its_directories_is_refused),
        };

        return has_cgroups() ? cmocka_run_group_tests(tests, NULL, NULL) : SKIPPED;
}
