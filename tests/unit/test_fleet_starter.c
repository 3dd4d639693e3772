/* The starter: what is ordered when, and what becomes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/fleet_lead.h"

/* Application a of rank 1: p at 1, q at 2, r not started by itself; on two instances. */
static struct world *two_ranks(const struct rules_program *first)
{
        struct world *w = world_new(2);
        struct rules_program p = *first, q = lead_rank(2);

        lead_rules(w, "a", 1);
        fake_rules_program(w->rules, "a:p", &p, NULL);
        fake_rules_program(w->rules, "a:q", &q, NULL);
        world_tell(w, 0, "a:p=STOPPED a:q=STOPPED a:r=STOPPED");
        world_tell(w, 1, "a:p=STOPPED a:q=STOPPED a:r=STOPPED");
        return w;
}

static void the_next_rank_is_ordered_in_the_step_that_ends_this_one(void **state)
{
        struct rules_program first = lead_rank(1);
        CLEANUP(world_free) struct world *w = two_ranks(&first);

        (void)state;
        lead(w);
        assert_string_equal(lead_orders(w), "start a:p i1");
        assert_string_equal(lead_report(w), "1 starting");
        world_tell(w, 0, "a:p=STARTING");
        assert_string_equal(lead_orders(w), "");
        assert_string_equal(lead_report(w), "");
        world_tell(w, 0, "a:p=RUNNING");
        assert_string_equal(lead_orders(w), "start a:q i1");
        world_tell(w, 0, "a:q=STARTING a:q=RUNNING");
        assert_string_equal(lead_report(w), "1 idle");
        assert_false(fleet_is_starting(w->fleet));
        assert_true(fleet_deadline(w->fleet) == USEC_NEVER);
}

static void what_is_told_by_another_instance_does_not_end_an_order(void **state)
{
        struct rules_program first = lead_rank(1);
        CLEANUP(world_free) struct world *w = two_ranks(&first);

        (void)state;
        lead(w);
        world_tell(w, 1, "a:p=STARTING a:p=RUNNING");
        assert_string_equal(lead_orders(w), "");
        assert_true(fleet_is_starting(w->fleet));
}

static void nothing_is_polled_between_an_order_and_its_time_out(void **state)
{
        struct rules_program first = lead_rank(1);
        CLEANUP(world_free) struct world *w = two_ranks(&first);
        usec_t ordered = w->now;

        (void)state;
        lead(w);
        assert_true(fleet_deadline(w->fleet) == ordered + 10 * USEC_SEC);
        w->now += 3 * USEC_SEC;
        world_tell(w, 0, "a:p=STARTING/startsecs=4");
        assert_true(fleet_deadline(w->fleet) == w->now + 14 * USEC_SEC);
        world_tell(w, 0, "a:p=BACKOFF");
        assert_true(fleet_deadline(w->fleet) == USEC_NEVER);
        world_tell(w, 0, "a:p=FATAL");
        assert_string_equal(lead_orders(w), "start a:q i1");
}

static void an_instance_that_works_off_its_orders_has_time_for_the_last_of_them(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(1);
        struct rules_program same = lead_rank(1);
        static const char *const names[] = { "a:p", "a:q", "a:r" };

        (void)state;
        lead_rules(w, "a", 1);
        for (size_t i = 0; i < ELEMENTS(names); i++)
                fake_rules_program(w->rules, names[i], &same, NULL);
        world_tell(w, 0, "a:p=STOPPED a:q=STOPPED a:r=STOPPED");
        lead(w);
        assert_string_equal(lead_orders(w), "start a:p i1, start a:q i1, start a:r i1");
        world_wait(w, 8 * USEC_SEC);
        world_tell(w, 0, "a:p=STARTING");
        world_wait(w, 8 * USEC_SEC);
        world_tell(w, 0, "a:q=STARTING");
        world_wait(w, 8 * USEC_SEC);
        assert_null(world_effect(w, FLEET_FX_FORCE, NULL));
        world_tell(w, 0, "a:p=RUNNING");
        world_wait(w, 8 * USEC_SEC);
        assert_null(world_effect(w, FLEET_FX_FORCE, NULL));
        world_wait(w, 2 * USEC_SEC);
        assert_non_null(world_effect(w, FLEET_FX_FORCE, "a:r"));
}

static void a_forced_state_names_what_it_is_based_on(void **state)
{
        struct rules_program first = lead_rank(1);
        CLEANUP(world_free) struct world *w = two_ranks(&first);
        const struct fleet_effect *force;

        (void)state;
        first.required = true;
        lead(w);
        world_wait(w, 10 * USEC_SEC);
        force = world_effect(w, FLEET_FX_FORCE, "a:p");
        assert_non_null(force);
        assert_int_equal(force->force.state, FATAL);
        assert_int_equal(force->force.target, 0);
        assert_true(force->force.since == world_record(w, 0, "a:p")->event_time);
        assert_string_equal(force->force.reason, "process STARTING event not received in time");
}

static void a_time_out_of_a_required_process_aborts(void **state)
{
        struct rules_program first = { .start_sequence = 1, .required = true };
        CLEANUP(world_free) struct world *w = two_ranks(&first);

        (void)state;
        lead(w);
        world_wait(w, 10 * USEC_SEC);
        assert_string_equal(lead_orders(w), "force a:p");
        assert_string_equal(lead_report(w), "1 idle");
}

static void an_order_that_is_refused_is_a_failed_start(void **state)
{
        struct rules_program first = lead_rank(1);
        CLEANUP(world_free) struct world *w = two_ranks(&first);
        uint64_t ticket;

        (void)state;
        lead(w);
        ticket = world_effect(w, FLEET_FX_START, "a:p")->order.ticket;
        world_step(w, &(struct fleet_event){ .type = FLEET_ORDERED, .ordered = { ticket } });
        assert_string_equal(lead_orders(w), "");
        world_step(w, &(struct fleet_event){ .type = FLEET_ORDERED,
                              .ordered = { ticket, FAULT_NO_FILE, "NO_FILE: x" } });
        assert_string_equal(lead_orders(w), ""); /* FATAL will follow */
        world_step(w, &(struct fleet_event){ .type = FLEET_ORDERED,
                              .ordered = { ticket, FAULT_FAILED, "FAILED: no link" } });
        assert_string_equal(lead_orders(w), "force a:p, start a:q i1");
}

static void what_was_planned_for_a_lost_instance_goes_elsewhere(void **state)
{
        struct rules_application rules = { .start_sequence = 1, .distribution = SINGLE_INSTANCE };
        struct rules_program p = lead_rank(1), q = lead_rank(2), r = lead_rank(3);
        CLEANUP(world_free) struct world *w = world_new(3);

        (void)state;
        fake_rules_application(w->rules, "a", &rules, "i2,i3");
        fake_rules_program(w->rules, "a:p", &p, NULL);
        fake_rules_program(w->rules, "a:q", &q, NULL);
        fake_rules_program(w->rules, "a:r", &r, NULL);
        for (unsigned i = 1; i < 3; i++)
                world_tell(w, i, "a:p=STOPPED a:q=STOPPED a:r=STOPPED");
        lead(w);
        assert_string_equal(lead_orders(w), "start a:p i2");
        world_peer(w, 1, PEERS_STOPPED, PEERS_SILENT);
        assert_string_equal(lead_orders(w), "force a:p, start a:q i3");
        world_tell(w, 2, "a:q=STARTING a:q=RUNNING");
        assert_string_equal(lead_orders(w), "start a:r i3");
}

static void arguments_are_kept_unless_others_are_given(void **state)
{
        struct rules_program first = lead_rank(1);
        CLEANUP(world_free) struct world *w = two_ranks(&first);

        (void)state;
        world_tell(w, 0, "a:p=RUNNING/args=-x");
        world_tell(w, 0, "a:p=STOPPED/args=-x/stop=5");
        lead(w);
        lead_ask(w, 1, FLEET_RESTART_APPLICATION, "a", false);
        assert_string_equal(world_effect(w, FLEET_FX_START, "a:p")->order.args, "-x");
        assert_string_equal(lead_answer(w, 1), "true");
        world_tell(w, 0, "a:p=STARTING a:p=RUNNING a:q=STARTING a:q=RUNNING");
        world_tell(w, 0, "a:p=STOPPING/args=-x");
        world_tell(w, 0, "a:p=STOPPED/args=-x");
        lead_ask(w, 2, FLEET_START_PROCESS, "a:p", false);
        assert_string_equal(world_effect(w, FLEET_FX_START, "a:p")->order.args, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_next_rank_is_ordered_in_the_step_that_ends_this_one),
                cmocka_unit_test(what_is_told_by_another_instance_does_not_end_an_order),
                cmocka_unit_test(nothing_is_polled_between_an_order_and_its_time_out),
                cmocka_unit_test(
                        an_instance_that_works_off_its_orders_has_time_for_the_last_of_them),
                cmocka_unit_test(a_forced_state_names_what_it_is_based_on),
                cmocka_unit_test(a_time_out_of_a_required_process_aborts),
                cmocka_unit_test(an_order_that_is_refused_is_a_failed_start),
                cmocka_unit_test(what_was_planned_for_a_lost_instance_goes_elsewhere),
                cmocka_unit_test(arguments_are_kept_unless_others_are_given),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
