/* The state machine of the cluster: its whole table, and what each fact makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cluster/cluster_effects.h"
#include "cluster/fsm.h"

static const char whole_table[] = "OFF: local ready > SYNCHRONIZATION\n"
                                  "SYNCHRONIZATION: local lost > OFF\n"
                                  "SYNCHRONIZATION: synchronized > ELECTION\n"
                                  "SYNCHRONIZATION: restart > RESTARTING\n"
                                  "SYNCHRONIZATION: shutdown > SHUTTING_DOWN\n"
                                  "ELECTION: local lost > OFF\n"
                                  "ELECTION: resync > SYNCHRONIZATION\n"
                                  "ELECTION: elected > DISTRIBUTION\n"
                                  "ELECTION: restart > RESTARTING\n"
                                  "ELECTION: shutdown > SHUTTING_DOWN\n"
                                  "DISTRIBUTION: local lost > OFF\n"
                                  "DISTRIBUTION: resync > SYNCHRONIZATION\n"
                                  "DISTRIBUTION: master lost > ELECTION\n"
                                  "DISTRIBUTION: started > OPERATION\n"
                                  "DISTRIBUTION: restart > RESTARTING\n"
                                  "DISTRIBUTION: shutdown > SHUTTING_DOWN\n"
                                  "OPERATION: local lost > OFF\n"
                                  "OPERATION: resync > SYNCHRONIZATION\n"
                                  "OPERATION: master lost > ELECTION\n"
                                  "OPERATION: newcomer > ELECTION\n"
                                  "OPERATION: conflict > CONCILIATION\n"
                                  "OPERATION: restart > RESTARTING\n"
                                  "OPERATION: shutdown > SHUTTING_DOWN\n"
                                  "CONCILIATION: local lost > OFF\n"
                                  "CONCILIATION: resync > SYNCHRONIZATION\n"
                                  "CONCILIATION: master lost > ELECTION\n"
                                  "CONCILIATION: newcomer > ELECTION\n"
                                  "CONCILIATION: conciliated > OPERATION\n"
                                  "CONCILIATION: restart > RESTARTING\n"
                                  "CONCILIATION: shutdown > SHUTTING_DOWN\n"
                                  "RESTARTING: local lost > FINAL\n"
                                  "RESTARTING: master lost > FINAL\n"
                                  "RESTARTING: ended > FINAL\n"
                                  "SHUTTING_DOWN: local lost > FINAL\n"
                                  "SHUTTING_DOWN: master lost > FINAL\n"
                                  "SHUTTING_DOWN: ended > FINAL\n";

static void the_whole_table(void **state)
{
        CLEANUP(text_clear) struct text printed = {};

        for (unsigned s = 0; s < FSM_STATES; s++)
                for (unsigned i = 0; i < FSM_INPUTS; i++) {
                        enum fsm_state to = fsm_next((enum fsm_state)s, (enum fsm_input)i);

                        if (to != (enum fsm_state)FSM_SAME)
                                text_format(&printed, "%s: %s > %s\n",
                                        fsm_state_name((enum fsm_state)s),
                                        fsm_input_name((enum fsm_input)i), fsm_state_name(to));
                }
        assert_string_equal(text_string(&printed), whole_table);
}

/* One instance's machine with everything it is told, and everything it said. */
struct scene {
        struct fsm fsm;
        struct cluster_options options;
        struct fsm_facts facts;
        struct cluster_effects fx;
};

static struct scene scene(unsigned synchro, enum cluster_failure failure)
{
        struct scene s = {
                .options = { .synchro = synchro,
                        .failure_strategy = failure,
                        .synchro_timeout = 15 * USEC_SEC,
                        .core_wait = 15 * USEC_SEC,
                        .failure_timeout = USEC_SEC },
                .facts = { .local_running = true,
                        .listed = 3,
                        .listed_running = 3,
                        .known = 3,
                        .running = 3 },
        };

        fsm_start(&s.fsm, 0);
        return s;
}

static void end_scene(struct scene *s)
{
        cluster_effects_clear(&s->fx);
}

static void play(struct scene *s)
{
        cluster_effects_reset(&s->fx);
        while (fsm_step(&s->fsm, &s->options, &s->facts, &s->fx))
                s->facts.lost = false;
}

static void assert_state(struct scene *s, enum fsm_state state)
{
        play(s);
        assert_string_equal(fsm_state_name(s->fsm.state), fsm_state_name(state));
}

static const struct cluster_effect *last(const struct scene *s, enum cluster_effect_type type)
{
        for (size_t i = s->fx.count; i > 0; i--)
                if (s->fx.at[i - 1].type == type)
                        return &s->fx.at[i - 1];
        return NULL;
}

static void become_master(struct scene *s)
{
        s->facts.master_known = s->facts.acting = true;
        s->facts.mastership++;
}

static void follow_master(struct scene *s, enum fsm_state there)
{
        s->facts.master_known = true;
        s->facts.acting = false;
        s->facts.mastership++;
        s->facts.master_state = there;
}

static void lose_master(struct scene *s)
{
        s->facts.master_known = s->facts.acting = false;
        s->facts.mastership++;
}

static void report(struct scene *s, bool busy, bool conflict)
{
        fsm_report(&s->fsm, s->fsm.ticket, busy, false, conflict);
}

/* A master in OPERATION, nothing to do. */
static struct scene operation(unsigned synchro, enum cluster_failure failure)
{
        struct scene s = scene(synchro, failure);

        become_master(&s);
        s.facts.now = 20 * USEC_SEC;
        play(&s);
        report(&s, false, false);
        assert_state(&s, FSM_OPERATION);
        return s;
}

static void strict_waits_for_all_that_are_listed(void **state)
{
        struct scene s = scene(CLUSTER_STRICT, CLUSTER_CONTINUE);

        s.facts.listed_running = 2;
        s.facts.now = 1000 * USEC_SEC;
        assert_state(&s, FSM_SYNCHRONIZATION);
        assert_true(s.fsm.degraded);
        s.facts.listed_running = 3;
        assert_state(&s, FSM_ELECTION);
        assert_false(s.fsm.degraded);
        end_scene(&s);
}

static void list_waits_for_all_that_could_run(void **state)
{
        struct scene s = scene(CLUSTER_LIST, CLUSTER_CONTINUE);

        s.facts.known = 4;
        assert_state(&s, FSM_SYNCHRONIZATION);
        s.facts.known = 3; /* the fourth was isolated */
        assert_state(&s, FSM_ELECTION);
        end_scene(&s);
}

static void timeout_is_counted_from_off(void **state)
{
        struct scene s = scene(CLUSTER_TIMEOUT, CLUSTER_CONTINUE);

        s.facts.now = 15 * USEC_SEC - 1;
        assert_state(&s, FSM_SYNCHRONIZATION);
        assert_true(fsm_deadline(&s.fsm, &s.options, s.facts.now) == 15 * USEC_SEC);
        s.facts.now++;
        assert_state(&s, FSM_ELECTION);
        assert_false(s.fsm.degraded); /* TIMEOUT alone never degrades */
        end_scene(&s);
}

static void core_waits_for_the_core_and_for_its_time(void **state)
{
        struct scene s = scene(CLUSTER_CORE, CLUSTER_CONTINUE);

        s.facts.core = s.facts.core_running = 2;
        assert_state(&s, FSM_SYNCHRONIZATION);
        s.facts.now = 15 * USEC_SEC;
        s.facts.core_running = 1;
        assert_state(&s, FSM_SYNCHRONIZATION);
        assert_true(s.fsm.degraded);
        s.facts.core_running = 2;
        assert_state(&s, FSM_ELECTION);
        end_scene(&s);
}

static void user_waits_for_a_choice_or_adopts_a_master(void **state)
{
        struct scene s = scene(CLUSTER_USER, CLUSTER_CONTINUE);

        s.facts.now = 1000 * USEC_SEC;
        assert_state(&s, FSM_SYNCHRONIZATION);
        s.facts.nominee_running = true;
        assert_state(&s, FSM_ELECTION);
        end_scene(&s);
        s = scene(CLUSTER_USER, CLUSTER_CONTINUE);
        follow_master(&s, FSM_ELECTION);
        assert_state(&s, FSM_ELECTION);
        end_scene(&s);
}

static void a_latecomer_does_not_wait_where_others_work_already(void **state)
{
        struct scene s = scene(CLUSTER_STRICT | CLUSTER_TIMEOUT, CLUSTER_CONTINUE);

        s.facts.listed_running = 2;
        assert_state(&s, FSM_SYNCHRONIZATION);
        follow_master(&s, FSM_CONCILIATION);
        assert_state(&s, FSM_CONCILIATION);
        end_scene(&s);
}

static void the_master_distributes_and_operates(void **state)
{
        struct scene s = scene(CLUSTER_STRICT, CLUSTER_CONTINUE);

        assert_state(&s, FSM_ELECTION);
        become_master(&s);
        assert_state(&s, FSM_DISTRIBUTION);
        assert_int_equal(last(&s, CLUSTER_FX_WORK)->work.kind, FSM_WORK_DISTRIBUTE);
        assert_state(&s, FSM_DISTRIBUTION); /* nobody has said yet that it is done */
        fsm_report(&s.fsm, s.fsm.ticket - 1, false, false, false);
        assert_state(&s, FSM_DISTRIBUTION); /* this was about something older */
        report(&s, true, false);
        assert_state(&s, FSM_DISTRIBUTION);
        report(&s, false, false);
        assert_state(&s, FSM_OPERATION);
        end_scene(&s);
}

static void conflicts_are_conciliated_until_none_is_left(void **state)
{
        struct scene s = operation(CLUSTER_STRICT, CLUSTER_CONTINUE);
        uint64_t first;

        report(&s, true, true);
        assert_state(&s, FSM_OPERATION); /* first what is under way */
        report(&s, false, true);
        assert_state(&s, FSM_CONCILIATION);
        first = last(&s, CLUSTER_FX_WORK)->work.ticket;
        report(&s, true, true);
        assert_state(&s, FSM_CONCILIATION);
        report(&s, false, true);
        assert_state(&s, FSM_CONCILIATION);
        assert_true(last(&s, CLUSTER_FX_WORK)->work.ticket > first); /* once more */
        report(&s, false, true);
        assert_state(&s, FSM_CONCILIATION);
        assert_null(last(&s, CLUSTER_FX_WORK)); /* nothing was done: it is the user's turn */
        report(&s, false, false);
        assert_state(&s, FSM_OPERATION);
        end_scene(&s);
}

static void nothing_is_conciliated_while_somebody_follows_another_master(void **state)
{
        struct scene s = operation(CLUSTER_STRICT, CLUSTER_CONTINUE);

        s.facts.contested = true;
        report(&s, false, true);
        assert_state(&s, FSM_OPERATION);
        assert_null(last(&s, CLUSTER_FX_WORK));
        s.facts.contested = false;
        report(&s, false, true);
        assert_state(&s, FSM_CONCILIATION);
        report(&s, true, true);
        s.facts.contested = true;
        report(&s, false, true);
        assert_state(&s, FSM_CONCILIATION);
        assert_null(last(&s, CLUSTER_FX_WORK)); /* nor once more */
        report(&s, false, false);
        assert_state(&s, FSM_OPERATION);
        end_scene(&s);
}

static void a_newcomer_is_distributed_over_when_the_master_is_idle(void **state)
{
        struct scene s = operation(CLUSTER_STRICT, CLUSTER_CONTINUE);

        report(&s, true, false);
        s.facts.newcomer = true;
        assert_state(&s, FSM_OPERATION);
        report(&s, false, false);
        assert_state(&s, FSM_DISTRIBUTION); /* through ELECTION, where the master stays */
        for (size_t i = 0; i < s.fx.count; i++)
                if (s.fx.at[i].type == CLUSTER_FX_STATE)
                        assert_false(s.fx.at[i].state.abort);
        end_scene(&s);
}

static void a_lost_master_is_looked_for_from_everywhere(void **state)
{
        const enum fsm_state states[] = { FSM_DISTRIBUTION, FSM_OPERATION, FSM_CONCILIATION };

        for (size_t i = 0; i < ELEMENTS(states); i++) {
                struct scene s = scene(CLUSTER_STRICT, CLUSTER_CONTINUE);

                follow_master(&s, states[i]);
                assert_state(&s, states[i]);
                lose_master(&s);
                assert_state(&s, FSM_ELECTION);
                assert_true(last(&s, CLUSTER_FX_STATE)->state.abort);
                end_scene(&s);
        }
}

static void another_master_is_followed_through_an_election(void **state)
{
        struct scene s = operation(CLUSTER_STRICT, CLUSTER_CONTINUE);

        follow_master(&s, FSM_OPERATION);
        assert_state(&s, FSM_OPERATION);
        assert_int_equal(s.fx.at[0].state.to, FSM_ELECTION);
        assert_true(s.fx.at[0].state.abort);
        end_scene(&s);
}

static void a_master_s_state_that_came_and_went_is_made_up_for(void **state)
{
        struct scene s = scene(CLUSTER_STRICT, CLUSTER_CONTINUE);

        assert_state(&s, FSM_ELECTION);
        follow_master(&s, FSM_OPERATION); /* his DISTRIBUTION was too short to be seen */
        assert_state(&s, FSM_OPERATION);
        s.facts.master_state = FSM_DISTRIBUTION;
        assert_state(&s, FSM_DISTRIBUTION);
        s.facts.master_state = FSM_CONCILIATION;
        assert_state(&s, FSM_CONCILIATION);
        end_scene(&s);
}

static void resync_waits_for_what_is_missing(void **state)
{
        const enum fsm_state states[] = { FSM_DISTRIBUTION, FSM_OPERATION, FSM_CONCILIATION };

        for (size_t i = 0; i < ELEMENTS(states); i++) {
                struct scene s = scene(CLUSTER_STRICT | CLUSTER_LIST, CLUSTER_RESYNC);

                follow_master(&s, states[i]);
                assert_state(&s, states[i]);
                s.facts.listed_running = s.facts.running = 2;
                s.facts.known = 2; /* LIST would let it out, and STRICT send it back */
                assert_state(&s, FSM_SYNCHRONIZATION);
                s.facts.listed_running = 3;
                assert_state(&s, states[i]);
                end_scene(&s);
        }
}

static void a_newcomer_under_examination_is_no_failure(void **state)
{
        struct scene s = operation(CLUSTER_STRICT, CLUSTER_SHUTDOWN);

        s.facts.known = 4; /* CHECKING, and not listed */
        assert_state(&s, FSM_OPERATION);
        end_scene(&s);
}

static void shutdown_strategy_stops_everything_before_the_end(void **state)
{
        struct scene s = operation(CLUSTER_STRICT, CLUSTER_SHUTDOWN);

        s.facts.listed_running = 2;
        assert_state(&s, FSM_SHUTTING_DOWN);
        assert_int_equal(last(&s, CLUSTER_FX_WORK)->work.kind, FSM_WORK_STOP);
        assert_state(&s, FSM_SHUTTING_DOWN); /* the condition still fails, and is not the end */
        fsm_report(&s.fsm, s.fsm.ticket, false, true, false);
        assert_state(&s, FSM_SHUTTING_DOWN);
        report(&s, false, false);
        assert_state(&s, FSM_FINAL);
        assert_false(last(&s, CLUSTER_FX_EXIT)->exit.restart);
        end_scene(&s);
}

static void with_user_any_loss_is_a_failure_once(void **state)
{
        struct scene s = operation(CLUSTER_USER, CLUSTER_RESYNC);

        s.facts.lost = true;
        play(&s);
        assert_int_equal(s.fx.at[0].state.to, FSM_SYNCHRONIZATION);
        assert_int_equal(
                s.fsm.state, FSM_DISTRIBUTION); /* the master survived: out again at once */
        end_scene(&s);
}

static void the_whole_restarts_as_the_master_does(void **state)
{
        struct scene s = operation(CLUSTER_STRICT, CLUSTER_CONTINUE);

        cluster_effects_reset(&s.fx);
        assert_true(fsm_end(&s.fsm, true, true, s.facts.now, &s.fx));
        assert_int_equal(s.fsm.state, FSM_RESTARTING);
        assert_int_equal(last(&s, CLUSTER_FX_WORK)->work.kind, FSM_WORK_STOP);
        report(&s, false, false);
        assert_state(&s, FSM_FINAL);
        assert_true(last(&s, CLUSTER_FX_EXIT)->exit.restart);
        end_scene(&s);
}

static void the_master_ends_when_all_have_followed_or_had_the_time(void **state)
{
        struct scene s = operation(CLUSTER_STRICT, CLUSTER_CONTINUE);

        assert_true(fsm_end(&s.fsm, false, true, s.facts.now, &s.fx));
        s.facts.unfollowed = true;
        report(&s, false, false);
        assert_state(&s, FSM_SHUTTING_DOWN);
        s.facts.unfollowed = false;
        assert_state(&s, FSM_FINAL);
        end_scene(&s);
        s = operation(CLUSTER_STRICT, CLUSTER_CONTINUE);
        assert_true(fsm_end(&s.fsm, false, true, s.facts.now, &s.fx));
        s.facts.unfollowed = true;
        report(&s, false, false);
        s.facts.now += 2 * USEC_SEC;
        assert_state(&s, FSM_FINAL);
        end_scene(&s);
}

static void followers_end_with_the_master_from_every_state(void **state)
{
        const enum fsm_state states[] = { FSM_SYNCHRONIZATION, FSM_ELECTION, FSM_DISTRIBUTION,
                FSM_OPERATION, FSM_CONCILIATION };

        for (size_t i = 0; i < ELEMENTS(states); i++) {
                struct scene s = scene(CLUSTER_STRICT, CLUSTER_CONTINUE);

                s.facts.listed_running = states[i] == FSM_SYNCHRONIZATION ? 2 : 3;
                follow_master(&s, states[i]);
                assert_state(&s, states[i]);
                s.facts.master_state = FSM_SHUTTING_DOWN;
                assert_state(&s, FSM_SHUTTING_DOWN);
                assert_null(last(&s, CLUSTER_FX_WORK));
                assert_state(&s, FSM_SHUTTING_DOWN);
                s.facts.master_state = FSM_FINAL;
                assert_state(&s, FSM_FINAL);
                assert_non_null(last(&s, CLUSTER_FX_EXIT));
                end_scene(&s);
        }
}

static void an_end_that_was_missed_is_made_up_for(void **state)
{
        struct scene s = scene(CLUSTER_STRICT, CLUSTER_CONTINUE);

        follow_master(&s, FSM_OPERATION);
        assert_state(&s, FSM_OPERATION);
        s.facts.master_state = FSM_FINAL;
        s.facts.master_restarts = true;
        assert_state(&s, FSM_RESTARTING);
        s.facts.now += 2 * USEC_SEC;
        assert_state(&s, FSM_FINAL);
        assert_true(last(&s, CLUSTER_FX_EXIT)->exit.restart);
        end_scene(&s);
}

static void an_end_is_not_begun_too_early(void **state)
{
        struct scene s = scene(CLUSTER_STRICT, CLUSTER_CONTINUE);

        assert_state(&s, FSM_ELECTION);
        assert_false(fsm_end(&s.fsm, false, true, 0, &s.fx));
        assert_int_equal(s.fsm.state, FSM_ELECTION);
        end_scene(&s);
}

static void an_absent_instance_begins_again(void **state)
{
        struct scene s = operation(CLUSTER_STRICT, CLUSTER_CONTINUE);

        s.facts.local_running = false;
        s.facts.now = 500 * USEC_SEC;
        assert_state(&s, FSM_OFF);
        assert_true(s.fsm.uptime_from == 500 * USEC_SEC);
        end_scene(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_whole_table),
                cmocka_unit_test(strict_waits_for_all_that_are_listed),
                cmocka_unit_test(list_waits_for_all_that_could_run),
                cmocka_unit_test(timeout_is_counted_from_off),
                cmocka_unit_test(core_waits_for_the_core_and_for_its_time),
                cmocka_unit_test(user_waits_for_a_choice_or_adopts_a_master),
                cmocka_unit_test(a_latecomer_does_not_wait_where_others_work_already),
                cmocka_unit_test(the_master_distributes_and_operates),
                cmocka_unit_test(conflicts_are_conciliated_until_none_is_left),
                cmocka_unit_test(nothing_is_conciliated_while_somebody_follows_another_master),
                cmocka_unit_test(a_newcomer_is_distributed_over_when_the_master_is_idle),
                cmocka_unit_test(a_lost_master_is_looked_for_from_everywhere),
                cmocka_unit_test(another_master_is_followed_through_an_election),
                cmocka_unit_test(a_master_s_state_that_came_and_went_is_made_up_for),
                cmocka_unit_test(resync_waits_for_what_is_missing),
                cmocka_unit_test(a_newcomer_under_examination_is_no_failure),
                cmocka_unit_test(shutdown_strategy_stops_everything_before_the_end),
                cmocka_unit_test(with_user_any_loss_is_a_failure_once),
                cmocka_unit_test(the_whole_restarts_as_the_master_does),
                cmocka_unit_test(the_master_ends_when_all_have_followed_or_had_the_time),
                cmocka_unit_test(followers_end_with_the_master_from_every_state),
                cmocka_unit_test(an_end_that_was_missed_is_made_up_for),
                cmocka_unit_test(an_end_is_not_begun_too_early),
                cmocka_unit_test(an_absent_instance_begins_again),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
