/* Whose descendant a process is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "netlink/procs.h"

enum { DAEMON = 1, WEB = 7, DB = 8 };

static void forked(struct lineage *lineage, pid_t parent, pid_t pid)
{
        struct lineage_exit gone;

        assert_false(lineage_feed(lineage,
                &(struct procs_event){ .type = PROCS_FORK, .pid = pid, .parent = parent }, &gone));
}

static void named(struct lineage *lineage, pid_t pid, const char *comm)
{
        struct procs_event event = { .type = PROCS_COMM, .pid = pid };
        struct lineage_exit gone;

        strncpy(event.comm, comm, sizeof(event.comm) - 1);
        assert_false(lineage_feed(lineage, &event, &gone));
}

static bool exited(struct lineage *lineage, pid_t pid, int status, struct lineage_exit *gone)
{
        return lineage_feed(lineage,
                &(struct procs_event){ .type = PROCS_EXIT, .pid = pid, .status = status }, gone);
}

static void children_of_children_belong_to_the_owner(void **state)
{
        CLEANUP(lineage_free) struct lineage *lineage = lineage_new(100);
        struct lineage_exit gone = {};

        lineage_add(lineage, 100, WEB);
        lineage_add(lineage, 200, DB);
        forked(lineage, 100, 101);
        forked(lineage, 101, 102);
        forked(lineage, 200, 201);
        assert_int_equal(lineage_count(lineage, WEB), 3);
        assert_int_equal(lineage_count(lineage, DB), 2);
        assert_true(lineage_has(lineage, 102));
        assert_true(exited(lineage, 102, 0x300, &gone));
        assert_int_equal(gone.owner, WEB);
        assert_int_equal(gone.pid, 102);
        assert_int_equal(gone.status, 0x300);
        assert_false(gone.is_root);
        assert_int_equal(lineage_count(lineage, WEB), 2);
        assert_false(lineage_has(lineage, 102));
}

static void strangers_are_not_followed(void **state)
{
        CLEANUP(lineage_free) struct lineage *lineage = lineage_new(100);
        struct lineage_exit gone;

        lineage_add(lineage, 100, WEB);
        forked(lineage, DAEMON, 300);
        forked(lineage, 300, 301);
        named(lineage, 300, "stranger");
        assert_false(exited(lineage, 301, 0, &gone));
        assert_false(exited(lineage, 300, 0, &gone));
        assert_int_equal(lineage_count(lineage, WEB), 1);
        assert_int_equal(lineage_count(lineage, DB), 0);
}

static void an_orphan_stays_its_owners(void **state)
{
        CLEANUP(lineage_free) struct lineage *lineage = lineage_new(100);
        struct lineage_exit gone;

        lineage_add(lineage, 100, WEB);
        forked(lineage, 100, 101);
        assert_true(exited(lineage, 100, 0, &gone));
        assert_true(gone.is_root);
        assert_int_equal(lineage_count(lineage, WEB), 1);
        forked(lineage, 101, 102);
        assert_int_equal(lineage_count(lineage, WEB), 2);
        assert_true(exited(lineage, 101, 9, &gone));
        assert_int_equal(gone.owner, WEB);
        assert_true(exited(lineage, 102, 9, &gone));
        assert_int_equal(gone.owner, WEB);
        assert_int_equal(lineage_count(lineage, WEB), 0);
}

static void a_name_is_inherited_until_it_changes(void **state)
{
        CLEANUP(lineage_free) struct lineage *lineage = lineage_new(100);
        struct lineage_exit gone;

        lineage_add(lineage, 100, WEB);
        forked(lineage, 100, 101);
        named(lineage, 100, "nginx");
        forked(lineage, 100, 102);
        forked(lineage, 100, 103);
        named(lineage, 103, "worker");
        assert_true(exited(lineage, 101, 0, &gone));
        assert_string_equal(gone.comm, "");
        assert_true(exited(lineage, 102, 0, &gone));
        assert_string_equal(gone.comm, "nginx");
        assert_true(exited(lineage, 103, 0, &gone));
        assert_string_equal(gone.comm, "worker");
}

static void the_fork_of_a_root_that_is_read_late_changes_nothing(void **state)
{
        CLEANUP(lineage_free) struct lineage *lineage = lineage_new(100);
        struct lineage_exit gone;

        lineage_add(lineage, 100, WEB);
        forked(lineage, DAEMON, 100);
        assert_int_equal(lineage_count(lineage, WEB), 1);
        assert_true(exited(lineage, 100, 1, &gone));
        assert_true(gone.is_root);
}

static void a_number_that_is_used_anew_is_no_descendant_any_more(void **state)
{
        CLEANUP(lineage_free) struct lineage *lineage = lineage_new(100);
        struct lineage_exit gone;

        lineage_add(lineage, 100, WEB);
        forked(lineage, DAEMON, 100);
        forked(lineage, 100, 101);
        named(lineage, 101, "old");
        /* The exit of 101 was lost; now a stranger has its number. */
        forked(lineage, DAEMON, 101);
        assert_int_equal(lineage_count(lineage, WEB), 1);
        assert_false(exited(lineage, 101, 0, &gone));
        /* And one that a descendant of another owner's gets is that one's. */
        lineage_add(lineage, 200, DB);
        forked(lineage, 100, 102);
        forked(lineage, 200, 102);
        assert_int_equal(lineage_count(lineage, WEB), 1);
        assert_int_equal(lineage_count(lineage, DB), 2);
        /* A root anew: as when a program is restarted and gets the number of a lost one. */
        lineage_add(lineage, 102, WEB);
        assert_int_equal(lineage_count(lineage, WEB), 2);
        assert_int_equal(lineage_count(lineage, DB), 1);
        assert_true(exited(lineage, 102, 0, &gone));
        assert_true(gone.is_root);
        assert_string_equal(gone.comm, "");
}

static void beyond_the_limit_only_roots_are_followed(void **state)
{
        CLEANUP(lineage_free) struct lineage *lineage = lineage_new(3);
        struct lineage_exit gone;

        lineage_add(lineage, 100, WEB);
        for (pid_t pid = 101; pid < 110; pid++)
                forked(lineage, 100, pid);
        assert_int_equal(lineage_count(lineage, WEB), 3);
        assert_false(exited(lineage, 109, 0, &gone));
        lineage_add(lineage, 200, DB);
        assert_int_equal(lineage_count(lineage, DB), 1);
        forked(lineage, 200, 201);
        assert_int_equal(lineage_count(lineage, DB), 1);
        assert_true(exited(lineage, 101, 0, &gone));
        assert_true(exited(lineage, 102, 0, &gone));
        forked(lineage, 200, 201);
        assert_int_equal(lineage_count(lineage, DB), 2);
}

static void an_owner_is_forgotten_whole(void **state)
{
        CLEANUP(lineage_free) struct lineage *lineage = lineage_new(100);
        struct lineage_exit gone;

        lineage_add(lineage, 100, WEB);
        lineage_add(lineage, 200, DB);
        for (pid_t pid = 101; pid < 120; pid++)
                forked(lineage, 100, pid);
        lineage_forget(lineage, WEB);
        assert_int_equal(lineage_count(lineage, WEB), 0);
        assert_int_equal(lineage_count(lineage, DB), 1);
        assert_false(exited(lineage, 110, 0, &gone));
        lineage_forget(lineage, WEB);
        lineage_forget(lineage, 99);
        assert_true(exited(lineage, 200, 0, &gone));
}

static bool is_even(pid_t pid)
{
        return pid % 2 == 0;
}

static void after_a_loss_those_who_are_gone_are_dropped(void **state)
{
        CLEANUP(lineage_free) struct lineage *lineage = lineage_new(100);
        struct lineage_exit gone;

        lineage_add(lineage, 100, WEB);
        for (pid_t pid = 101; pid < 110; pid++)
                forked(lineage, 100, pid);
        lineage_add(lineage, 201, DB);
        lineage_keep(lineage, is_even);
        assert_int_equal(lineage_count(lineage, WEB), 5);
        assert_int_equal(lineage_count(lineage, DB), 0);
        assert_false(exited(lineage, 103, 0, &gone));
        assert_true(exited(lineage, 104, 0, &gone));
        lineage_rescan(lineage);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(children_of_children_belong_to_the_owner),
                cmocka_unit_test(strangers_are_not_followed),
                cmocka_unit_test(an_orphan_stays_its_owners),
                cmocka_unit_test(a_name_is_inherited_until_it_changes),
                cmocka_unit_test(the_fork_of_a_root_that_is_read_late_changes_nothing),
                cmocka_unit_test(a_number_that_is_used_anew_is_no_descendant_any_more),
                cmocka_unit_test(beyond_the_limit_only_roots_are_followed),
                cmocka_unit_test(an_owner_is_forgotten_whole),
                cmocka_unit_test(after_a_loss_those_who_are_gone_are_dropped),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
