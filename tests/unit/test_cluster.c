/* Stories of several instances, told with the world of the simulator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/oracle.h"
#include "tests/sim/world.h"

DEFINE_CLEANUP(struct world *, world_free)

static struct world *make(unsigned count, enum cluster_quorum quorum, unsigned synchro)
{
        return world_new(&(struct world_options){
                .count = count, .seed = 7, .quorum = quorum, .synchro = synchro });
}

static void start_all(struct world *w)
{
        for (unsigned i = 0; i < w->options.count; i++)
                world_start(w, i);
}

static void pass(struct world *w, usec_t time)
{
        (void)world_run(w, w->now + time);
        assert_string_equal(oracle_objection(w->oracle), "");
}

static void settle(struct world *w, usec_t at_most)
{
        usec_t end = w->now + at_most;

        while (!oracle_is_settled(w) && w->now < end)
                pass(w, 10 * USEC_MSEC);
        assert_true(oracle_is_settled(w));
}

static const char *master_of(const struct world *w, unsigned node)
{
        struct cluster_status s = cluster_status(w->nodes[node].cluster);

        return s.master == PEERS_NONE
                       ? "nobody"
                       : peers_at(cluster_peers(w->nodes[node].cluster), s.master)->nick;
}

static enum fsm_state state_of(const struct world *w, unsigned node)
{
        return cluster_status(w->nodes[node].cluster).state;
}

static void isolate(struct world *w, unsigned node, bool cut)
{
        for (unsigned i = 0; i < w->options.count; i++) {
                net_cut(w, node, i, cut);
                net_cut(w, i, node, cut);
        }
}

static void feed(struct world *w, unsigned node, enum cluster_event_type type)
{
        struct cluster_event event = { .type = type, .peer = node };

        world_feed(w, node, &event);
}

static void three_instances_are_in_operation_within_a_second(void **state)
{
        CLEANUP(world_free)
        struct world *w = make(3, CLUSTER_QUORUM_MAJORITY, CLUSTER_STRICT | CLUSTER_TIMEOUT);

        start_all(w);
        settle(w, USEC_SEC);
        assert_string_equal(master_of(w, 2), "n1"); /* the smallest nick */
        assert_true(cluster_may_order(w->nodes[0].cluster, world_clock(w, 0)));
        assert_false(cluster_may_order(w->nodes[1].cluster, world_clock(w, 1)));
}

static void a_dead_master_is_replaced_and_does_not_take_over_when_it_comes_back(void **state)
{
        CLEANUP(world_free) struct world *w = make(3, CLUSTER_QUORUM_NONE, CLUSTER_STRICT);
        uint64_t term;

        start_all(w);
        settle(w, USEC_SEC);
        term = cluster_status(w->nodes[1].cluster).term;
        world_crash(w, 0);
        pass(w, 200 * USEC_MSEC); /* its connections are refused: nobody waits for a timeout */
        assert_string_equal(master_of(w, 2), "n2");
        assert_true(cluster_status(w->nodes[2].cluster).term > term);
        world_start(w, 0);
        settle(w, 2 * USEC_SEC);
        assert_string_equal(master_of(w, 0), "n2");
}

static void a_silent_master_is_replaced_after_the_failure_timeout(void **state)
{
        CLEANUP(world_free) struct world *w = make(5, CLUSTER_QUORUM_MAJORITY, CLUSTER_STRICT);

        start_all(w);
        settle(w, USEC_SEC);
        isolate(w, 0, true);
        pass(w, 700 * USEC_MSEC);
        assert_string_equal(master_of(w, 1), "n1");
        pass(w, 800 * USEC_MSEC);
        for (unsigned i = 1; i < 5; i++)
                assert_string_equal(master_of(w, i), "n2");
        assert_string_equal(master_of(w, 0), "nobody"); /* its lease ran out before */
        assert_int_equal(state_of(w, 0), FSM_ELECTION);
        isolate(w, 0, false);
        settle(w, 5 * USEC_SEC);
        assert_string_equal(master_of(w, 0), "n2");
}

static void a_minority_has_no_master_and_a_pair_needs_both(void **state)
{
        CLEANUP(world_free) struct world *w = make(2, CLUSTER_QUORUM_MAJORITY, CLUSTER_TIMEOUT);

        world_start(w, 0);
        pass(w, 30 * USEC_SEC);
        assert_int_equal(state_of(w, 0), FSM_ELECTION);
        assert_string_equal(master_of(w, 0), "nobody");
        world_start(w, 1);
        settle(w, 20 * USEC_SEC);
}

static void without_a_quorum_both_sides_have_a_master_and_the_later_term_wins(void **state)
{
        CLEANUP(world_free) struct world *w = make(4, CLUSTER_QUORUM_NONE, CLUSTER_STRICT);

        start_all(w);
        settle(w, USEC_SEC);
        for (unsigned i = 0; i < 4; i++)
                for (unsigned k = 0; k < 4; k++)
                        net_cut(w, i, k, i / 2 != k / 2);
        pass(w, 3 * USEC_SEC);
        assert_string_equal(master_of(w, 1), "n1");
        assert_string_equal(master_of(w, 2), "n3");
        net_heal(w);
        settle(w, 8 * USEC_SEC);
        assert_string_equal(master_of(w, 0), "n3");
}

static void an_order_of_the_old_master_is_refused(void **state)
{
        CLEANUP(world_free) struct world *w = make(3, CLUSTER_QUORUM_NONE, CLUSTER_STRICT);
        const struct peers *peers;
        uint64_t old_term, new_term;

        start_all(w);
        settle(w, USEC_SEC);
        old_term = cluster_order_term(w->nodes[0].cluster);
        peers = cluster_peers(w->nodes[2].cluster);
        assert_true(cluster_obeys(w->nodes[2].cluster, peers_find(peers, "n1"), old_term));
        assert_false(cluster_obeys(w->nodes[2].cluster, peers_find(peers, "n2"), old_term));
        world_crash(w, 0);
        pass(w, 500 * USEC_MSEC);
        new_term = cluster_order_term(w->nodes[1].cluster);
        assert_true(new_term > old_term);
        assert_true(cluster_obeys(w->nodes[2].cluster, peers_find(peers, "n2"), new_term));
        assert_false(cluster_obeys(w->nodes[2].cluster, peers_find(peers, "n1"), old_term));
        assert_false(cluster_obeys(w->nodes[2].cluster, peers_find(peers, "n2"), old_term));
}

static void a_frozen_master_doubts_itself_when_it_wakes_up(void **state)
{
        CLEANUP(world_free) struct world *w = make(3, CLUSTER_QUORUM_NONE, CLUSTER_STRICT);

        start_all(w);
        settle(w, USEC_SEC);
        world_freeze(w, 0);
        pass(w, 5 * USEC_SEC);
        assert_string_equal(master_of(w, 1), "n2");
        world_thaw(w, 0);
        assert_false(cluster_may_order(w->nodes[0].cluster, world_clock(w, 0)));
        assert_int_equal(cluster_status(w->nodes[0].cluster).absences, 1);
        settle(w, 3 * USEC_SEC);
        assert_string_equal(master_of(w, 0), "n2");
}

static void a_newcomer_is_taken_in_without_changing_the_master(void **state)
{
        CLEANUP(world_free)
        struct world *w = make(3, CLUSTER_QUORUM_MAJORITY, CLUSTER_STRICT | CLUSTER_TIMEOUT);
        uint64_t term;

        world_start(w, 1);
        world_start(w, 2);
        pass(w, 16 * USEC_SEC);
        assert_string_equal(master_of(w, 2), "n2");
        assert_true(cluster_status(w->nodes[1].cluster).degraded);
        term = cluster_status(w->nodes[1].cluster).term;
        world_start(w, 0);
        settle(w, 2 * USEC_SEC); /* it does not wait for its own synchro_timeout */
        assert_string_equal(master_of(w, 0), "n2");
        assert_true(cluster_status(w->nodes[0].cluster).term == term);
        assert_false(cluster_status(w->nodes[1].cluster).degraded);
}

static void where_not_all_see_all_the_one_who_does_is_master(void **state)
{
        CLEANUP(world_free) struct world *w = make(3, CLUSTER_QUORUM_MAJORITY, CLUSTER_TIMEOUT);

        net_cut(w, 0, 1, true);
        net_cut(w, 1, 0, true);
        start_all(w);
        pass(w, 22 * USEC_SEC);
        for (unsigned i = 0; i < 3; i++) {
                assert_string_equal(master_of(w, i), "n3");
                assert_int_equal(state_of(w, i), FSM_OPERATION);
        }
}

static void a_cut_between_two_followers_changes_nothing_for_the_master(void **state)
{
        CLEANUP(world_free) struct world *w = make(3, CLUSTER_QUORUM_NONE, CLUSTER_STRICT);
        uint64_t term;

        start_all(w);
        settle(w, USEC_SEC);
        term = cluster_status(w->nodes[0].cluster).term;
        for (unsigned i = 0; i < 4; i++) {
                net_cut(w, 1, 2, true);
                net_cut(w, 2, 1, true);
                pass(w, 2 * USEC_SEC);
                assert_int_equal(state_of(w, 2), FSM_OPERATION);
                net_heal(w);
                pass(w, 5 * USEC_SEC);
        }
        settle(w, USEC_SEC);
        assert_true(cluster_status(w->nodes[2].cluster).term == term);
}

static void a_vote_waits_for_the_disk(void **state)
{
        CLEANUP(world_free) struct world *w = make(3, CLUSTER_QUORUM_MAJORITY, CLUSTER_STRICT);

        start_all(w);
        pass(w, 5 * USEC_MSEC); /* the incarnations are written */
        for (unsigned i = 0; i < 3; i++)
                w->nodes[i].disk_delay = USEC_SEC;
        pass(w, 500 * USEC_MSEC);
        assert_string_equal(master_of(w, 0), "nobody");
        settle(w, 15 * USEC_SEC);
}

static void a_user_chooses_the_master(void **state)
{
        CLEANUP(world_free) struct world *w = make(3, CLUSTER_QUORUM_NONE, CLUSTER_USER);
        struct cluster_event event = { .type = CLUSTER_END_SYNC, .peer = 2 };

        start_all(w);
        pass(w, 20 * USEC_SEC);
        assert_int_equal(state_of(w, 1), FSM_SYNCHRONIZATION);
        world_feed(w, 1, &event);
        assert_int_equal(w->nodes[1].answer, CLUSTER_OK);
        settle(w, 2 * USEC_SEC);
        assert_string_equal(master_of(w, 0), "n3");
        world_feed(w, 1, &event);
        assert_int_equal(w->nodes[1].answer, CLUSTER_BAD_STATE);
}

static void a_choice_needs_the_option_and_a_running_instance(void **state)
{
        CLEANUP(world_free) struct world *w = make(3, CLUSTER_QUORUM_NONE, CLUSTER_USER);
        CLEANUP(world_free) struct world *strict = make(3, CLUSTER_QUORUM_NONE, CLUSTER_STRICT);
        struct cluster_event event = { .type = CLUSTER_END_SYNC, .peer = 2 };

        world_start(w, 0);
        pass(w, USEC_SEC);
        world_feed(w, 0, &event);
        assert_int_equal(w->nodes[0].answer, CLUSTER_BAD_PEER);
        event.peer = PEERS_NONE;
        world_feed(w, 0, &event);
        assert_int_equal(w->nodes[0].answer, CLUSTER_OK);
        pass(w, USEC_SEC);
        assert_string_equal(master_of(w, 0), "n1");
        world_start(strict, 0);
        pass(strict, USEC_SEC);
        world_feed(strict, 0, &event);
        assert_int_equal(strict->nodes[0].answer, CLUSTER_NOT_SELECTED);
}

static void the_whole_is_ended_through_any_instance(void **state)
{
        CLEANUP(world_free) struct world *w = make(4, CLUSTER_QUORUM_MAJORITY, CLUSTER_STRICT);
        struct cluster_event event = { .type = CLUSTER_END, .peer = 3 };

        event.request.restart = true;
        start_all(w);
        world_feed(w, 3, &event);
        assert_int_equal(w->nodes[3].answer, CLUSTER_BAD_STATE);
        settle(w, USEC_SEC);
        world_feed(w, 3, &event);
        assert_int_equal(w->nodes[3].answer, CLUSTER_OK);
        pass(w, 2 * USEC_SEC);
        for (unsigned i = 0; i < 4; i++) {
                assert_null(w->nodes[i].cluster);
                assert_true(w->nodes[i].exited && w->nodes[i].exited_to_restart);
        }
}

/* Asks it to end the whole, and nobody hears what it says then.  The ticket of the work. */
static uint64_t end_unheard(struct world *w, unsigned node, bool restart)
{
        CLEANUP(cluster_effects_clear) struct cluster_effects fx = {};
        struct cluster_event event = {
                .type = CLUSTER_END, .now = world_clock(w, node), .request = { .restart = restart }
        };

        cluster_step(w->nodes[node].cluster, &event, &fx);
        for (size_t i = 0; i < fx.count; i++)
                if (fx.at[i].type == CLUSTER_FX_WORK)
                        return fx.at[i].work.ticket;
        fail();
        return 0;
}

static void the_whole_is_ended_though_its_beginning_was_not_heard(void **state)
{
        CLEANUP(world_free) struct world *w = make(3, CLUSTER_QUORUM_NONE, CLUSTER_STRICT);
        struct cluster_event work = { .type = CLUSTER_WORK };

        start_all(w);
        settle(w, USEC_SEC);
        assert_string_equal(master_of(w, 1), "n1");
        work.work.ticket = end_unheard(w, 0, true);
        world_feed(w, 0, &work);
        pass(w, USEC_SEC);
        for (unsigned i = 0; i < 3; i++) {
                assert_null(w->nodes[i].cluster);
                assert_true(w->nodes[i].exited && w->nodes[i].exited_to_restart);
        }
}

/* The master has nothing to do before he ends; that he ends must reach the others all the same. */
static void the_whole_is_ended_though_nothing_is_to_be_stopped(void **state)
{
        CLEANUP(world_free) struct world *w = make(4, CLUSTER_QUORUM_NONE, CLUSTER_STRICT);
        struct cluster_event event = { .type = CLUSTER_END };

        w->options.idle = true;
        start_all(w);
        settle(w, USEC_SEC);
        world_feed(w, 0, &event);
        assert_int_equal(w->nodes[0].answer, CLUSTER_OK);
        pass(w, USEC_SEC / 2);
        for (unsigned i = 0; i < 4; i++)
                assert_true(w->nodes[i].exited);
}

static void an_orderly_end_of_one_is_noticed_at_once(void **state)
{
        CLEANUP(world_free) struct world *w = make(3, CLUSTER_QUORUM_MAJORITY, CLUSTER_STRICT);

        start_all(w);
        settle(w, USEC_SEC);
        feed(w, 0, CLUSTER_LEAVE);
        isolate(w, 0, true); /* nothing but its last words tells it */
        pass(w, 150 * USEC_MSEC);
        assert_string_equal(master_of(w, 1), "n2");
        assert_string_equal(master_of(w, 2), "n2");
        assert_int_equal(peers_at(cluster_peers(w->nodes[1].cluster), 1)->why, PEERS_LEFT);
}

static void who_resigns_is_not_chosen_again(void **state)
{
        CLEANUP(world_free) struct world *w = make(3, CLUSTER_QUORUM_MAJORITY, CLUSTER_STRICT);

        start_all(w);
        settle(w, USEC_SEC);
        feed(w, 0, CLUSTER_RESIGN);
        pass(w, 500 * USEC_MSEC);
        assert_string_equal(master_of(w, 0), "n2");
        world_crash(w, 1);
        pass(w, 2 * USEC_SEC);
        assert_string_equal(master_of(w, 0), "n3");
}

static void fenced_instances_stay_out_until_they_restart(void **state)
{
        CLEANUP(world_free)
        struct world *w = world_new(&(struct world_options){
                .count = 3, .seed = 3, .synchro = CLUSTER_STRICT, .auto_fence = true });

        start_all(w);
        settle(w, USEC_SEC);
        isolate(w, 0, true); /* the master: who fences it has no master at that moment */
        pass(w, 3 * USEC_SEC);
        isolate(w, 0, false);
        pass(w, 5 * USEC_SEC);
        for (unsigned i = 1; i < 3; i++)
                assert_int_equal(
                        peers_at(cluster_peers(w->nodes[i].cluster), 1)->state, PEERS_ISOLATED);
        assert_string_equal(master_of(w, 2), "n2");
        world_crash(w, 0);
        pass(w, USEC_SEC);
        world_start(w, 0);
        settle(w, 5 * USEC_SEC);
}

static void conflicts_after_a_partition_are_conciliated(void **state)
{
        CLEANUP(world_free) struct world *w = make(3, CLUSTER_QUORUM_NONE, CLUSTER_STRICT);
        bool seen = false;

        start_all(w);
        settle(w, USEC_SEC);
        isolate(w, 2, true);
        pass(w, 3 * USEC_SEC);
        for (unsigned i = 0; i < 3; i++)
                w->nodes[i].conflict = true;
        isolate(w, 2, false);
        for (unsigned i = 0; i < 400; i++) {
                pass(w, 10 * USEC_MSEC);
                seen = seen || state_of(w, 1) == FSM_CONCILIATION;
        }
        assert_true(seen);
        settle(w, 5 * USEC_SEC);
}

static void halve(struct world *w, bool cut)
{
        for (unsigned i = 0; i < 2; i++)
                for (unsigned k = 2; k < 4; k++) {
                        net_cut(w, i, k, cut);
                        net_cut(w, k, i, cut);
                }
}

/* Whether the node, as a master who distributes, sees all four. */
static bool distributes_over_all(const struct world *w, unsigned node)
{
        const struct peers *peers = cluster_peers(w->nodes[node].cluster);

        for (unsigned i = 0; i < peers_count(peers); i++)
                if (peers_at(peers, i)->state != PEERS_RUNNING)
                        return false;
        return true;
}

static void who_comes_back_together_is_distributed_over_together(void **state)
{
        for (uint64_t seed = 1; seed <= 20; seed++) {
                CLEANUP(world_free)
                struct world *w = world_new(&(struct world_options){
                        .count = 4, .seed = seed, .synchro = CLUSTER_STRICT });
                unsigned distributions = 0;

                start_all(w);
                settle(w, USEC_SEC);
                halve(w, true);
                pass(w, 3 * USEC_SEC);
                halve(w, false);
                for (usec_t end = w->now + 3 * USEC_SEC; w->now < end;) {
                        pass(w, USEC_MSEC / 2);
                        for (unsigned i = 0; i < 4; i++)
                                if (cluster_status(w->nodes[i].cluster).acting &&
                                        state_of(w, i) == FSM_DISTRIBUTION) {
                                        assert_true(distributes_over_all(w, i));
                                        distributions++;
                                }
                }
                assert_true(distributions > 0);
                settle(w, USEC_SEC);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(who_comes_back_together_is_distributed_over_together),
                cmocka_unit_test(three_instances_are_in_operation_within_a_second),
                cmocka_unit_test(
                        a_dead_master_is_replaced_and_does_not_take_over_when_it_comes_back),
                cmocka_unit_test(a_silent_master_is_replaced_after_the_failure_timeout),
                cmocka_unit_test(a_minority_has_no_master_and_a_pair_needs_both),
                cmocka_unit_test(without_a_quorum_both_sides_have_a_master_and_the_later_term_wins),
                cmocka_unit_test(an_order_of_the_old_master_is_refused),
                cmocka_unit_test(a_frozen_master_doubts_itself_when_it_wakes_up),
                cmocka_unit_test(a_newcomer_is_taken_in_without_changing_the_master),
                cmocka_unit_test(where_not_all_see_all_the_one_who_does_is_master),
                cmocka_unit_test(a_cut_between_two_followers_changes_nothing_for_the_master),
                cmocka_unit_test(a_vote_waits_for_the_disk),
                cmocka_unit_test(a_user_chooses_the_master),
                cmocka_unit_test(a_choice_needs_the_option_and_a_running_instance),
                cmocka_unit_test(the_whole_is_ended_through_any_instance),
                cmocka_unit_test(the_whole_is_ended_though_its_beginning_was_not_heard),
                cmocka_unit_test(the_whole_is_ended_though_nothing_is_to_be_stopped),
                cmocka_unit_test(an_orderly_end_of_one_is_noticed_at_once),
                cmocka_unit_test(who_resigns_is_not_chosen_again),
                cmocka_unit_test(fenced_instances_stay_out_until_they_restart),
                cmocka_unit_test(conflicts_after_a_partition_are_conciliated),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
