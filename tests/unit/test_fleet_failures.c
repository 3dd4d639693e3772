/* Running failures and conciliation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/fleet_lead.h"

/* Application a of rank 0: p, with this strategy, runs on i2, q on i1; p is known to i1 as well. */
static struct world *with_strategy(enum running_failure strategy)
{
        struct world *w = world_new(2);
        struct rules_program p = { .start_sequence = 1, .running_failure = strategy };
        struct rules_program q = lead_rank(2);

        lead_rules(w, "a", 0);
        fake_rules_program(w->rules, "a:p", &p, NULL);
        fake_rules_program(w->rules, "a:q", &q, NULL);
        world_tell(w, 0, "a:p=STOPPED a:q=RUNNING");
        world_tell(w, 1, "a:p=RUNNING");
        return w;
}

static void losses_are_remembered_until_somebody_who_may_decides(void **state)
{
        CLEANUP(world_free) struct world *w = with_strategy(RUNNING_RESTART_PROCESS);

        (void)state;
        world_state(w, FSM_OPERATION, false);
        world_peer(w, 1, PEERS_STOPPED, PEERS_SILENT);
        assert_true(world_process(w, "a:p")->lost);
        world_wait(w, 9 * USEC_SEC);
        lead_state(w, FSM_ELECTION, 2, true);
        assert_string_equal(lead_orders(w), "");
        lead_state(w, FSM_DISTRIBUTION, 2, false);
        assert_string_equal(lead_orders(w), "");
        lead_work(w, FSM_WORK_DISTRIBUTE, 2);
        assert_string_equal(lead_orders(w), "start a:p i1");
        assert_false(world_process(w, "a:p")->lost);
}

static void losses_that_another_master_has_had_time_for_are_forgotten(void **state)
{
        CLEANUP(world_free) struct world *w = with_strategy(RUNNING_RESTART_PROCESS);

        (void)state;
        world_state(w, FSM_OPERATION, false);
        world_peer(w, 1, PEERS_STOPPED, PEERS_SILENT);
        world_wait(w, 10 * USEC_SEC);
        assert_false(world_process(w, "a:p")->lost);
        assert_true(fleet_deadline(w->fleet) == USEC_NEVER);
}

/* The daemon of i2 dies, and the master waits a second for the next one. */
static struct world *with_dead_daemon(enum running_failure strategy)
{
        struct world *w = with_strategy(strategy);

        w->fleet->options.return_usec_max = USEC_SEC;
        lead(w);
        world_peer(w, 1, PEERS_STOPPED, PEERS_REFUSED);
        assert_string_equal(lead_orders(w), "");
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i2");
        return w;
}

/* With these reports. */
static void come_back(struct world *w, const char *reports)
{
        world_wait(w, 900 * USEC_MSEC);
        world_peer(w, 1, PEERS_CHECKING, PEERS_HEARD);
        world_wait(w, 200 * USEC_MSEC);
        assert_string_equal(lead_orders(w), "");
        world_snapshot(w, 1, reports);
}

static void no_second_copy_is_started_of_what_the_next_daemon_goes_on_with(void **state)
{
        CLEANUP(world_free) struct world *w = with_dead_daemon(RUNNING_RESTART_PROCESS);

        (void)state;
        come_back(w, "a:p=RUNNING");
        world_peer(w, 1, PEERS_RUNNING, PEERS_ACTIVATED);
        lead_state(w, FSM_DISTRIBUTION, 1, false);
        lead_work(w, FSM_WORK_DISTRIBUTE, 2);
        world_wait(w, 20 * USEC_SEC);
        assert_string_equal(lead_orders(w), "");
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i2");
        assert_false(fleet_has_conflict(w->fleet));
        assert_false(world_process(w, "a:p")->lost);
        assert_true(fleet_deadline(w->fleet) == USEC_NEVER);
        assert_int_equal(fleet_instance_at(w->fleet, 1)->crashes, 0);
}

static void whoever_becomes_master_meanwhile_starts_no_second_copy_either(void **state)
{
        CLEANUP(world_free) struct world *w = with_strategy(RUNNING_RESTART_PROCESS);

        (void)state;
        w->fleet->options.return_usec_max = USEC_SEC;
        world_state(w, FSM_OPERATION, false); /* i2 is the master */
        world_peer(w, 1, PEERS_STOPPED, PEERS_REFUSED);
        lead_state(w, FSM_DISTRIBUTION, 2, false);
        lead_work(w, FSM_WORK_DISTRIBUTE, 2);
        assert_string_equal(lead_orders(w), "");
        come_back(w, "a:p=RUNNING");
        assert_string_equal(lead_orders(w), "");
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i2");
}

static void a_daemon_that_does_not_come_back_in_time_is_lost(void **state)
{
        CLEANUP(world_free) struct world *w = with_dead_daemon(RUNNING_RESTART_PROCESS);

        (void)state;
        assert_true(fleet_deadline(w->fleet) == w->now + USEC_SEC);
        world_wait(w, USEC_SEC - 1);
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i2");
        world_wait(w, 1);
        assert_string_equal(world_shown(w, "a:p"), "FATAL");
        assert_string_equal(lead_orders(w), "start a:p i1");
        world_tell(w, 0, "a:p=STARTING a:p=RUNNING");
        /* It comes too late: both run, and that is settled. */
        world_peer(w, 1, PEERS_CHECKING, PEERS_HEARD);
        world_snapshot(w, 1, "a:p=RUNNING");
        assert_true(fleet_has_conflict(w->fleet));
        assert_false(world_record(w, 1, "a:p")->lost);
}

static void what_the_next_daemon_does_not_go_on_with_is_lost(void **state)
{
        CLEANUP(world_free) struct world *w = with_dead_daemon(RUNNING_RESTART_PROCESS);

        (void)state;
        come_back(w, "a:p=STOPPED");
        assert_string_equal(lead_orders(w), "start a:p i1");
}

static void what_ended_while_no_daemon_was_there_has_ended(void **state)
{
        CLEANUP(world_free) struct world *w = with_dead_daemon(RUNNING_RESTART_PROCESS);

        (void)state;
        come_back(w, "a:p=EXITED");
        assert_string_equal(lead_orders(w), "");
        assert_string_equal(world_shown(w, "a:p"), "EXITED");
        assert_false(world_process(w, "a:p")->lost);
}

static void what_was_to_stop_when_the_daemon_died_is_not_started_again(void **state)
{
        CLEANUP(world_free) struct world *w = with_strategy(RUNNING_RESTART_PROCESS);

        (void)state;
        w->fleet->options.return_usec_max = USEC_SEC;
        lead(w);
        lead_ask(w, 1, FLEET_STOP_PROCESS, "a:p", true);
        assert_string_equal(lead_orders(w), "stop a:p i2");
        world_peer(w, 1, PEERS_STOPPED, PEERS_RESTARTED);
        world_peer(w, 1, PEERS_CHECKING, PEERS_HEARD);
        world_snapshot(w, 1, "a:p=STOPPED");
        assert_string_equal(lead_orders(w), "");
        assert_string_equal(lead_answer(w, 1), "true");
}

static void a_stop_that_finds_no_daemon_is_ordered_of_the_next_one(void **state)
{
        CLEANUP(world_free) struct world *w = with_dead_daemon(RUNNING_RESTART_PROCESS);

        (void)state;
        lead_ask(w, 1, FLEET_STOP_PROCESS, "a:p", true);
        assert_string_equal(lead_orders(w), "stop a:p i2");
        come_back(w, "a:p=RUNNING");
        assert_string_equal(lead_orders(w), "stop a:p i2");
        world_peer(w, 1, PEERS_RUNNING, PEERS_ACTIVATED);
        world_snapshot(w, 1, "a:p=RUNNING"); /* for what has gone astray */
        assert_string_equal(lead_orders(w), "");
        world_wait(w, 9 * USEC_SEC); /* its patience begins with the order that may arrive */
        world_tell(w, 1, "a:p=STOPPING a:p=STOPPED");
        assert_string_equal(lead_orders(w), "");
        assert_string_equal(lead_answer(w, 1), "true");
        assert_string_equal(world_shown(w, "a:p"), "STOPPED");
}

static void what_a_daemon_that_died_ran_alone_is_told_to_the_next_one_only(void **state)
{
        CLEANUP(world_free) struct world *w = with_dead_daemon(RUNNING_RESTART_PROCESS);
        const struct fleet_process *p = world_process(w, "a:p"), *q = world_process(w, "a:q");

        (void)state;
        assert_true(fleet_process_awaits(w->fleet, p, 1));
        assert_false(fleet_process_awaits(w->fleet, p, 0));
        assert_false(fleet_process_awaits(w->fleet, q, 1));
        world_tell(w, 0, "a:p=RUNNING");
        assert_false(fleet_process_awaits(w->fleet, p, 1)); /* something of it is left */
        world_tell(w, 0, "a:p=STOPPED");
        world_peer(w, 1, PEERS_CHECKING, PEERS_HEARD);
        assert_true(fleet_process_awaits(w->fleet, p, 1));
        world_snapshot(w, 1, "a:p=RUNNING");
        assert_false(fleet_process_awaits(w->fleet, p, 1));
}

/* Ours died when it ran a:p; i2 tells so, and we become the master. */
static struct world *with_dead_predecessor(const char *ours)
{
        CLEANUP(world_free) struct world *w = with_strategy(RUNNING_RESTART_PROCESS);

        world_tell(w, 0, ours);
        world_snapshot(w, 0, ours);
        world_snapshot(w, 1, "a:p=STOPPED");
        world_loss(w, 1, "a:p", 0, 77, true);
        lead(w);
        return TAKE(w);
}

static void who_finds_nothing_of_what_he_ran_has_lost_it(void **state)
{
        CLEANUP(world_free) struct world *w = with_dead_predecessor("a:p=STOPPED");

        (void)state;
        assert_string_equal(lead_orders(w), "start a:p i1");
}

static void who_finds_that_it_has_ended_has_not_lost_it(void **state)
{
        CLEANUP(world_free) struct world *w = with_dead_predecessor("a:p=EXITED");

        (void)state;
        assert_string_equal(lead_orders(w), "");
        assert_string_equal(world_shown(w, "a:p"), "EXITED");
}

/* i1 is master of three and has just come; i3 tells of what i2 ran in life 77. */
static struct world *with_witness(void)
{
        CLEANUP(world_free) struct world *w = world_new(3);
        struct rules_program p = { .start_sequence = 1,
                .running_failure = RUNNING_RESTART_PROCESS };

        w->fleet->options.return_usec_max = USEC_SEC;
        lead_rules(w, "a", 0);
        fake_rules_program(w->rules, "a:p", &p, NULL);
        world_snapshot(w, 0, "a:p=STOPPED");
        world_snapshot(w, 2, "a:p=STOPPED");
        lead(w);
        return TAKE(w);
}

static void a_loss_is_taken_from_its_witness_at_any_time_and_once(void **state)
{
        CLEANUP(world_free) struct world *w = with_witness();

        (void)state;
        world_wait(w, 60 * USEC_SEC);
        world_loss(w, 2, "a:p", 1, 77, false);
        assert_string_equal(lead_orders(w), "start a:p i1");
        world_loss(w, 2, "a:p", 1, 77, false); /* it is on its way */
        world_tell(w, 0, "a:p=STARTING a:p=RUNNING");
        lead_ask(w, 1, FLEET_STOP_PROCESS, "a:p", true);
        world_tell(w, 0, "a:p=STOPPING a:p=STOPPED");
        world_loss(w, 2, "a:p", 1, 77, false); /* and that was decided */
        assert_string_equal(lead_orders(w), "");
        world_loss(w, 2, "a:p", 1, 78, false);
        assert_string_equal(lead_orders(w), "start a:p i1");
}

static void who_has_seen_the_end_himself_takes_no_loss_of_it(void **state)
{
        CLEANUP(world_free) struct world *w = with_witness();

        (void)state;
        w->lives[1] = 77;
        world_peer(w, 1, PEERS_CHECKING, PEERS_HEARD);
        world_snapshot(w, 1, "a:p=RUNNING");
        world_tell(w, 1, "a:p=STOPPING a:p=STOPPED");
        world_peer(w, 1, PEERS_STOPPED, PEERS_SILENT);
        world_loss(w, 2, "a:p", 1, 77, false);
        assert_string_equal(lead_orders(w), "");
        assert_false(world_process(w, "a:p")->lost);
}

static void those_who_have_come_since_are_told_of_what_is_noted(void **state)
{
        CLEANUP(world_free) struct world *w = with_witness();

        (void)state;
        world_peer(w, 1, PEERS_CHECKING, PEERS_HEARD);
        world_snapshot(w, 1, "a:p=RUNNING");
        world_wait(w, USEC_SEC);
        world_peer(w, 1, PEERS_STOPPED, PEERS_REFUSED);
        world_wait(w, USEC_SEC / 2);
        world_peer(w, 2, PEERS_STOPPED, PEERS_RESTARTED);
        w->lives[2] = 99;
        world_peer(w, 2, PEERS_CHECKING, PEERS_HEARD);
        world_snapshot(w, 2, "a:p=STOPPED");
        assert_int_equal(world_count(w, FLEET_FX_LOSSES, NULL), 0); /* it may come back */
        world_wait(w, USEC_SEC / 2);
        assert_int_equal(world_count(w, FLEET_FX_LOSSES, NULL), 1);
        assert_int_equal(world_effect(w, FLEET_FX_LOSSES, NULL)->instance, 2);
}

/* Both run a:p, and the daemon of i2, whose copy is to stay, dies. */
static struct world *with_dead_keeper(void)
{
        CLEANUP(world_free) struct world *w = with_strategy(RUNNING_RESTART_PROCESS);

        w->fleet->options.return_usec_max = USEC_SEC;
        w->fleet->options.conciliation_strategy = CONCILIATION_INFANTICIDE;
        lead(w);
        world_tell(w, 0, "a:p=STARTING a:p=RUNNING");
        world_tell(w, 1, "a:p=RUNNING/ahead=5000000"); /* has run for longer */
        lead_state(w, FSM_CONCILIATION, 1, false);
        lead_work(w, FSM_WORK_CONCILIATE, 2);
        assert_string_equal(lead_orders(w), "stop a:p i1");
        world_peer(w, 1, PEERS_STOPPED, PEERS_REFUSED);
        return TAKE(w);
}

static void where_the_next_daemon_has_not_the_copy_that_was_to_stay_it_is_lost(void **state)
{
        CLEANUP(world_free) struct world *w = with_dead_keeper();

        (void)state;
        come_back(w, "a:p=STOPPED");
        assert_string_equal(lead_orders(w), "");
        world_tell(w, 0, "a:p=STOPPING a:p=STOPPED");
        assert_string_equal(lead_orders(w), "start a:p i1");
}

static void where_the_next_daemon_has_the_copy_that_was_to_stay_it_stays(void **state)
{
        CLEANUP(world_free) struct world *w = with_dead_keeper();

        (void)state;
        come_back(w, "a:p=RUNNING");
        world_tell(w, 0, "a:p=STOPPING a:p=STOPPED");
        assert_string_equal(lead_orders(w), "");
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i2");
}

static void a_crash_that_is_told_again_is_none(void **state)
{
        CLEANUP(world_free) struct world *w = with_strategy(RUNNING_STOP_APPLICATION);

        (void)state;
        lead(w);
        world_tell(w, 1, "a:p=FATAL");
        assert_string_equal(lead_orders(w), "stop a:q i1");
        world_tell(w, 0, "a:q=STOPPED");
        world_tell(w, 0, "a:q=STARTING a:q=RUNNING");
        world_tell(w, 1, "a:p=FATAL");
        assert_string_equal(lead_orders(w), "");
}

static void a_record_that_is_new_has_not_crashed(void **state)
{
        CLEANUP(world_free) struct world *w = with_strategy(RUNNING_SHUTDOWN);

        (void)state;
        world_remove(w, 1, "a:p");
        lead(w);
        world_tell(w, 1, "a:p=EXITED!");
        assert_int_equal(world_count(w, FLEET_FX_END, NULL), 0);
        world_tell(w, 1, "a:p=STARTING a:p=RUNNING a:p=EXITED!");
        assert_int_equal(world_count(w, FLEET_FX_END, NULL), 1);
}

static void the_end_of_all_is_asked_for_once_and_when_it_can_be(void **state)
{
        CLEANUP(world_free) struct world *w = with_strategy(RUNNING_RESTART);

        (void)state;
        lead(w);
        lead_state(w, FSM_ELECTION, 1, false);
        lead_state(w, FSM_DISTRIBUTION, 1, false);
        world_tell(w, 1, "a:p=EXITED!");
        assert_int_equal(world_count(w, FLEET_FX_END, NULL), 0);
        world_tell(w, 1, "a:p=RUNNING");
        world_tell(w, 1, "a:p=EXITED!");
        lead_work(w, FSM_WORK_DISTRIBUTE, 2);
        assert_int_equal(world_count(w, FLEET_FX_END, NULL), 1);
        assert_true(world_effect(w, FLEET_FX_END, NULL)->end.restart);
        world_tell(w, 0, "a:q=STOPPED");
        assert_int_equal(world_count(w, FLEET_FX_END, NULL), 0);
}

static void what_does_not_act_orders_nothing(void **state)
{
        CLEANUP(world_free) struct world *w = with_strategy(RUNNING_RESTART);

        (void)state;
        world_state(w, FSM_OPERATION, false);
        world_tell(w, 1, "a:p=EXITED!");
        assert_int_equal(world_count(w, FLEET_FX_END, NULL), 0);
        world_peer(w, 1, PEERS_STOPPED, PEERS_SILENT);
        assert_string_equal(lead_orders(w), "");
}

static void a_restart_that_is_slowed_down_has_a_deadline_and_gives_way_to_users(void **state)
{
        CLEANUP(world_free) struct world *w = with_strategy(RUNNING_RESTART_APPLICATION);

        (void)state;
        lead(w);
        world_tell(w, 1, "a:p=EXITED!");
        assert_string_equal(lead_orders(w), "stop a:q i1");
        world_tell(w, 0, "a:q=STOPPED");
        assert_string_equal(lead_orders(w), "start a:p i1");
        world_tell(w, 0, "a:p=STARTING a:p=RUNNING a:q=STARTING a:q=RUNNING a:p=EXITED!");
        assert_string_equal(lead_orders(w), "");
        assert_true(fleet_deadline(w->fleet) == w->now + USEC_SEC);
        lead_ask(w, 1, FLEET_STOP_APPLICATION, "a", false);
        assert_string_equal(lead_orders(w), "stop a:q i1");
        world_tell(w, 0, "a:q=STOPPED");
        assert_true(fleet_deadline(w->fleet) == USEC_NEVER);
        world_wait(w, 100 * USEC_SEC);
        assert_false(fleet_is_starting(w->fleet));
}

static void conflicts_are_reported_and_worked_off(void **state)
{
        CLEANUP(world_free) struct world *w = with_strategy(RUNNING_CONTINUE);

        (void)state;
        lead(w);
        world_tell(w, 0, "a:p=STARTING");
        assert_string_equal(lead_report(w), "1 conflict idle");
        lead_state(w, FSM_CONCILIATION, 1, false);
        lead_work(w, FSM_WORK_CONCILIATE, 2);
        assert_string_equal(lead_orders(w), ""); /* USER */
        assert_string_equal(lead_report(w), "2 conflict idle");
        world_step(w, &(struct fleet_event){ .type = FLEET_REQUEST,
                              .request = { .id = 4,
                                      .type = FLEET_CONCILIATE,
                                      .name = "",
                                      .strategy = CONCILIATION_SENICIDE } });
        assert_string_equal(lead_orders(w), "stop a:p i2");
        assert_string_equal(lead_answer(w, 4), "true");
        world_tell(w, 1, "a:p=STOPPING");
        assert_string_equal(lead_report(w), "");
        world_tell(w, 1, "a:p=STOPPED");
        assert_string_equal(lead_report(w), "2 idle");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(no_second_copy_is_started_of_what_the_next_daemon_goes_on_with),
                cmocka_unit_test(whoever_becomes_master_meanwhile_starts_no_second_copy_either),
                cmocka_unit_test(a_daemon_that_does_not_come_back_in_time_is_lost),
                cmocka_unit_test(what_the_next_daemon_does_not_go_on_with_is_lost),
                cmocka_unit_test(what_ended_while_no_daemon_was_there_has_ended),
                cmocka_unit_test(what_was_to_stop_when_the_daemon_died_is_not_started_again),
                cmocka_unit_test(a_stop_that_finds_no_daemon_is_ordered_of_the_next_one),
                cmocka_unit_test(what_a_daemon_that_died_ran_alone_is_told_to_the_next_one_only),
                cmocka_unit_test(who_finds_nothing_of_what_he_ran_has_lost_it),
                cmocka_unit_test(who_finds_that_it_has_ended_has_not_lost_it),
                cmocka_unit_test(a_loss_is_taken_from_its_witness_at_any_time_and_once),
                cmocka_unit_test(who_has_seen_the_end_himself_takes_no_loss_of_it),
                cmocka_unit_test(those_who_have_come_since_are_told_of_what_is_noted),
                cmocka_unit_test(
                        where_the_next_daemon_has_not_the_copy_that_was_to_stay_it_is_lost),
                cmocka_unit_test(where_the_next_daemon_has_the_copy_that_was_to_stay_it_stays),
                cmocka_unit_test(losses_are_remembered_until_somebody_who_may_decides),
                cmocka_unit_test(losses_that_another_master_has_had_time_for_are_forgotten),
                cmocka_unit_test(a_crash_that_is_told_again_is_none),
                cmocka_unit_test(a_record_that_is_new_has_not_crashed),
                cmocka_unit_test(the_end_of_all_is_asked_for_once_and_when_it_can_be),
                cmocka_unit_test(what_does_not_act_orders_nothing),
                cmocka_unit_test(
                        a_restart_that_is_slowed_down_has_a_deadline_and_gives_way_to_users),
                cmocka_unit_test(conflicts_are_reported_and_worked_off),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
