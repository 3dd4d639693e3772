/* The stopper, and what waits for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/fleet_lead.h"

/* Application a: p at 1 and q at 2 run on i2. */
static struct world *running(void)
{
        struct world *w = world_new(2);
        struct rules_program p = lead_rank(1), q = lead_rank(2);

        lead_rules(w, "a", 0);
        fake_rules_program(w->rules, "a:p", &p, NULL);
        fake_rules_program(w->rules, "a:q", &q, NULL);
        world_tell(w, 1, "a:p=RUNNING a:q=RUNNING");
        lead(w);
        return w;
}

static void a_stop_waits_for_stopping_and_then_for_stopwaitsecs(void **state)
{
        CLEANUP(world_free) struct world *w = running();

        (void)state;
        lead_ask(w, 1, FLEET_STOP_APPLICATION, "a", true);
        assert_string_equal(lead_orders(w), "stop a:q i2");
        assert_true(fleet_deadline(w->fleet) == w->now + 10 * USEC_SEC);
        world_tell(w, 1, "a:q=STOPPING/stopwaitsecs=30");
        assert_true(fleet_deadline(w->fleet) == w->now + 40 * USEC_SEC);
        world_tell(w, 1, "a:q=STOPPED");
        assert_string_equal(lead_orders(w), "stop a:p i2");
        assert_null(lead_answer(w, 1));
        world_tell(w, 1, "a:p=STOPPING a:p=STOPPED");
        assert_string_equal(lead_answer(w, 1), "true");
        assert_true(fleet_deadline(w->fleet) == USEC_NEVER);
}

static void what_stops_by_itself_is_not_ordered_to(void **state)
{
        CLEANUP(world_free) struct world *w = running();

        (void)state;
        lead_ask(w, 1, FLEET_STOP_APPLICATION, "a", false);
        world_tell(w, 1, "a:p=EXITED");
        world_tell(w, 1, "a:q=STOPPING a:q=STOPPED");
        assert_string_equal(lead_orders(w), "");
        assert_false(fleet_is_stopping(w->fleet));
}

static void a_second_caller_waits_for_the_same_stop(void **state)
{
        CLEANUP(world_free) struct world *w = running();

        (void)state;
        lead_ask(w, 1, FLEET_STOP_PROCESS, "a:p", true);
        lead_ask(w, 2, FLEET_STOP_PROCESS, "a:p", true);
        assert_string_equal(lead_orders(w), "");
        world_tell(w, 1, "a:p=STOPPED");
        assert_string_equal(lead_answer(w, 1), "true");
        assert_string_equal(lead_answer(w, 2), "true");
}

static void the_loss_of_the_instance_ends_a_stop_and_restarts_nothing(void **state)
{
        struct rules_program p = { .start_sequence = 1,
                .running_failure = RUNNING_RESTART_PROCESS };
        CLEANUP(world_free) struct world *w = running();

        (void)state;
        fake_rules_program(w->rules, "a:*", &p, NULL);
        world_reload(w);
        world_tell(w, 0, "a:p=STOPPED a:q=STOPPED");
        lead_ask(w, 1, FLEET_STOP_APPLICATION, "a", true);
        world_peer(w, 1, PEERS_STOPPED, PEERS_SILENT);
        assert_string_equal(lead_orders(w), "");
        assert_string_equal(lead_answer(w, 1), "true");
}

static void a_deferred_start_dies_with_the_mastership(void **state)
{
        CLEANUP(world_free) struct world *w = running();

        (void)state;
        lead_ask(w, 1, FLEET_RESTART_APPLICATION, "a", true);
        lead_state(w, FSM_ELECTION, 2, true);
        assert_string_equal(
                lead_answer(w, 1), "ABNORMAL_TERMINATION: given up, the Master has changed");
        world_tell(w, 1, "a:q=STOPPED a:p=STOPPED");
        lead_state(w, FSM_DISTRIBUTION, 2, false);
        lead_work(w, FSM_WORK_DISTRIBUTE, 2);
        assert_string_equal(lead_orders(w), "");
        assert_string_equal(lead_report(w), "2 idle");
}

static void a_stop_of_all_is_reported_when_the_last_one_is_gone(void **state)
{
        CLEANUP(world_free) struct world *w = running();

        (void)state;
        world_tell(w, 0, "free:x=RUNNING");
        lead_state(w, FSM_SHUTTING_DOWN, 1, true);
        lead_work(w, FSM_WORK_STOP, 9);
        assert_string_equal(lead_report(w), "9 stopping");
        assert_string_equal(lead_orders(w), "stop a:q i2, stop free:x i1");
        world_tell(w, 0, "free:x=STOPPED");
        world_tell(w, 1, "a:q=STOPPED");
        world_tell(w, 1, "a:p=STOPPED");
        assert_string_equal(lead_report(w), "9 idle");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_stop_waits_for_stopping_and_then_for_stopwaitsecs),
                cmocka_unit_test(what_stops_by_itself_is_not_ordered_to),
                cmocka_unit_test(a_second_caller_waits_for_the_same_stop),
                cmocka_unit_test(the_loss_of_the_instance_ends_a_stop_and_restarts_nothing),
                cmocka_unit_test(a_deferred_start_dies_with_the_mastership),
                cmocka_unit_test(a_stop_of_all_is_reported_when_the_last_one_is_gone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
