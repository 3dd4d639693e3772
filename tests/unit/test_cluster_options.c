/* The options of the cluster: defaults, cross-checks, what no instance could work with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "cluster/cluster_options.h"

static const struct identity list[] = {
        { .identifier = "a:1", .nick = "a" },
        { .identifier = "b:1", .nick = "b" },
        { .identifier = "c:1", .nick = "c" },
};
static const char *const core[] = { "a" };

static struct cluster_options sample(void)
{
        return (struct cluster_options){
                .name = "x",
                .self = { { { 1 } }, "a:1", "a" },
                .list = list,
                .list_count = ELEMENTS(list),
                .synchro = CLUSTER_STRICT | CLUSTER_TIMEOUT | CLUSTER_CORE,
        };
}

static void defaults_fill_what_is_not_said(void **state)
{
        struct cluster_options o = sample();

        assert_int_equal(cluster_options_complete(&o, NULL), 0);
        assert_true(o.heartbeat_interval == 200 * USEC_MSEC);
        assert_true(o.failure_timeout == USEC_SEC);
        assert_true(o.synchro_timeout == 15 * USEC_SEC && o.core_wait == 15 * USEC_SEC);
        assert_int_equal(o.stretch_from, 64);
        assert_int_equal(o.instances_max, 1024);
}

static void conditions_that_cannot_be_met_are_dropped(void **state)
{
        struct cluster_options o = sample();

        assert_int_equal(cluster_options_complete(&o, NULL), 0);
        assert_int_equal(o.synchro, CLUSTER_STRICT | CLUSTER_TIMEOUT); /* no core identifiers */
        o = sample();
        o.list_count = 0;
        assert_int_equal(cluster_options_complete(&o, NULL), 0);
        assert_int_equal(o.synchro, CLUSTER_TIMEOUT);
        o = sample();
        o.core = core;
        o.core_count = 1;
        assert_int_equal(cluster_options_complete(&o, NULL), 0);
        assert_true(o.synchro & CLUSTER_CORE);
}

static void timeout_forces_continue(void **state)
{
        struct cluster_options o = sample();

        o.failure_strategy = CLUSTER_SHUTDOWN;
        assert_int_equal(cluster_options_complete(&o, NULL), 0);
        assert_int_equal(o.failure_strategy, CLUSTER_CONTINUE);
        o = sample();
        o.synchro = CLUSTER_STRICT;
        o.failure_strategy = CLUSTER_SHUTDOWN;
        assert_int_equal(cluster_options_complete(&o, NULL), 0);
        assert_int_equal(o.failure_strategy, CLUSTER_SHUTDOWN);
}

static void assert_refused(struct cluster_options o, const char *words)
{
        struct err err = {};

        assert_int_equal(cluster_options_complete(&o, &err), -EINVAL);
        assert_non_null(strstr(err.text, words));
}

#define REFUSED_WITH(words, change)                  \
        do {                                         \
                struct cluster_options o = sample(); \
                change;                              \
                assert_refused(o, words);            \
        } while (0)

static void what_cannot_work_is_refused_with_its_reason(void **state)
{
        REFUSED_WITH("synchro_options shall not be empty", o.synchro = CLUSTER_CORE);
        REFUSED_WITH("no name", o.name = "");
        REFUSED_WITH("no id", memset(&o.self.id, 0, sizeof(o.self.id)));
        REFUSED_WITH("identifier", o.self.identifier = "a b");
        REFUSED_WITH("nick", o.self.nick = "<");
        REFUSED_WITH("not in the list", o.self.identifier = "d:1");
        REFUSED_WITH("heartbeat_interval", o.heartbeat_interval = 1);
        REFUSED_WITH("failure_timeout", o.failure_timeout = 300 * USEC_MSEC);
        REFUSED_WITH("are listed", o.instances_max = 2);
        REFUSED_WITH(
                "expects 2 instances but 3", (o.quorum = CLUSTER_QUORUM_MAJORITY, o.expected = 2));
        REFUSED_WITH(
                "quorum = majority needs", (o.quorum = CLUSTER_QUORUM_MAJORITY, o.list_count = 0));
}

static void the_list_is_enforced_only_where_a_quorum_is_counted_in_it(void **state)
{
        struct cluster_options a = sample(), b = sample();
        struct cluster_enforced x, y;

        b.list_count = 2;
        assert_int_equal(cluster_options_complete(&a, NULL), 0);
        assert_int_equal(cluster_options_complete(&b, NULL), 0);
        x = cluster_options_enforced(&a);
        y = cluster_options_enforced(&b);
        assert_true(cluster_options_equal(&x, &y));
        a.quorum = b.quorum = CLUSTER_QUORUM_MAJORITY;
        assert_int_equal(cluster_options_complete(&a, NULL), 0);
        assert_int_equal(cluster_options_complete(&b, NULL), 0);
        assert_int_equal(a.expected, 3);
        x = cluster_options_enforced(&a);
        y = cluster_options_enforced(&b);
        assert_false(cluster_options_equal(&x, &y));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(defaults_fill_what_is_not_said),
                cmocka_unit_test(conditions_that_cannot_be_met_are_dropped),
                cmocka_unit_test(timeout_forces_continue),
                cmocka_unit_test(what_cannot_work_is_refused_with_its_reason),
                cmocka_unit_test(the_list_is_enforced_only_where_a_quorum_is_counted_in_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
