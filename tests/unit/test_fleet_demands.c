/* What callers ask: checks, forwarding, answers, forecasts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/fleet_lead.h"

#define STATE_TEXT "BAD_SUPVISORS_STATE: invalid Supvisors state=%s - state expected in %s"

static struct world *one_process(void)
{
        struct world *w = world_new(2);
        struct rules_program p = lead_rank(1);

        lead_rules(w, "a", 0);
        fake_rules_program(w->rules, "a:p", &p, NULL);
        world_tell(w, 0, "a:p=STOPPED");
        return w;
}

static void every_request_has_its_states(void **state)
{
        static const struct {
                enum fleet_request_type type;
                const char *expected;
        } gates[] = {
                { FLEET_START_APPLICATION, "['OPERATION']" },
                { FLEET_STOP_APPLICATION, "['OPERATION', 'CONCILIATION']" },
                { FLEET_RESTART_APPLICATION, "['OPERATION']" },
                { FLEET_START_PROCESS, "['OPERATION']" },
                { FLEET_START_ANY, "['OPERATION']" },
                { FLEET_STOP_PROCESS, "['OPERATION', 'CONCILIATION']" },
                { FLEET_RESTART_PROCESS, "['OPERATION']" },
                { FLEET_RESTART_SEQUENCE, "['OPERATION']" },
                { FLEET_CONCILIATE, "['CONCILIATION']" },
                { FLEET_TEST_START_APPLICATION, "['OPERATION']" },
                { FLEET_TEST_START_PROCESS, "['OPERATION']" },
        };
        CLEANUP(world_free) struct world *w = one_process();

        (void)state;
        world_state(w, FSM_ELECTION, true);
        for (size_t i = 0; i < ELEMENTS(gates); i++) {
                CLEANUP(mem_free)
                char *text = mem_format(STATE_TEXT, "ELECTION", gates[i].expected);

                lead_ask(w, i + 1, gates[i].type, "nobody", true);
                assert_string_equal(lead_answer(w, i + 1), text);
        }
}

static void a_request_elsewhere_is_forwarded_as_it_is(void **state)
{
        CLEANUP(world_free) struct world *w = one_process();
        unsigned there = 1;
        const struct fleet_effect *effect;
        struct answer *answer = answer_new(ANSWER_TRUE);

        (void)state;
        world_state(w, FSM_OPERATION, false);
        world_step(w, &(struct fleet_event){ .type = FLEET_REQUEST,
                              .request = { .id = 2,
                                      .type = FLEET_STOP_PROCESS,
                                      .name = "a:p",
                                      .wait = true,
                                      .instances = &there,
                                      .instances_count = 1 } });
        effect = world_effect(w, FLEET_FX_FORWARD, NULL);
        assert_non_null(effect);
        assert_int_equal(effect->forward->id, 2);
        assert_string_equal(effect->forward->name, "a:p");
        assert_int_equal(effect->forward->instances[0], 1);
        assert_null(lead_answer(w, 2));
        world_step(w, &(struct fleet_event){ .type = FLEET_FORWARDED, .forwarded = { 2, answer } });
        assert_string_equal(lead_answer(w, 2), "true");
        world_step(w, &(struct fleet_event){ .type = FLEET_FORWARDED,
                              .forwarded = { 2, answer_new(ANSWER_TRUE) } });
        assert_null(lead_answer(w, 2));
}

static void a_request_that_was_forwarded_is_not_forwarded_again(void **state)
{
        CLEANUP(world_free) struct world *w = one_process();

        (void)state;
        world_state(w, FSM_OPERATION, false);
        world_step(w, &(struct fleet_event){ .type = FLEET_REQUEST,
                              .request = { .id = 2,
                                      .type = FLEET_STOP_PROCESS,
                                      .origin = 1,
                                      .name = "a:p" } });
        assert_null(world_effect(w, FLEET_FX_FORWARD, NULL));
        assert_string_equal(lead_answer(w, 2), "BAD_SUPVISORS_STATE: this is not the Master");
}

static void only_another_master_ends_the_waiting_for_one(void **state)
{
        CLEANUP(world_free) struct world *w = one_process();
        struct fleet_event end = { .type = FLEET_STATE,
                .state = {
                        .state = FSM_SHUTTING_DOWN, .master = 1, .mastership = 1, .abort = true } };

        (void)state;
        world_state(w, FSM_OPERATION, false);
        lead_ask(w, 1, FLEET_START_APPLICATION, "a", true);
        assert_int_equal(world_count(w, FLEET_FX_FORWARD, NULL), 1);
        world_step(w, &end);
        assert_null(lead_answer(w, 1));
        end.state.mastership = 2;
        world_step(w, &end);
        assert_string_equal(
                lead_answer(w, 1), "ABNORMAL_TERMINATION: given up, the Master has changed");
}

static void every_caller_gets_exactly_one_answer(void **state)
{
        CLEANUP(world_free) struct world *w = one_process();

        (void)state;
        lead(w);
        lead_ask(w, 1, FLEET_START_PROCESS, "a:p", true);
        assert_null(lead_answer(w, 1));
        lead_ask(w, 1, FLEET_START_PROCESS, "a:p", true); /* the same one, while he waits */
        assert_null(lead_answer(w, 1));
        world_tell(w, 0, "a:p=STARTING");
        assert_null(lead_answer(w, 1));
        world_tell(w, 0, "a:p=RUNNING");
        assert_string_equal(lead_answer(w, 1), "true");
        world_tell(w, 0, "a:p=STOPPING a:p=STOPPED");
        assert_null(lead_answer(w, 1));
}

static void no_more_callers_wait_than_the_limit(void **state)
{
        CLEANUP(world_free) struct world *w = one_process();
        uint64_t id = 1;

        (void)state;
        lead(w);
        do
                lead_ask(w, id++, FLEET_RESTART_PROCESS, "a:p", true);
        while (!lead_answer(w, id - 1) && id < 100000);
        assert_string_equal(lead_answer(w, id - 1), "FAILED: too many requests are under way");
        world_tell(w, 0, "a:p=STARTING a:p=RUNNING");
        assert_int_equal(world_count(w, FLEET_FX_ANSWER, NULL), id - 2);
}

static void a_forecast_leaves_no_trace(void **state)
{
        CLEANUP(world_free) struct world *w = one_process();
        const struct answer *answer;

        (void)state;
        lead(w);
        lead_ask(w, 1, FLEET_TEST_START_APPLICATION, "a", true);
        assert_int_equal(w->fx.count, 1);
        answer = w->fx.at[0].answer.answer;
        assert_int_equal(answer->type, ANSWER_FORECAST);
        assert_int_equal(answer->forecasts_count, 1);
        assert_int_equal(answer->forecasts[0].state, RUNNING);
        assert_string_equal(answer->forecasts[0].identifiers[0], "i1:1");
        assert_string_equal(world_shown(w, "a:p"), "STOPPED");
        assert_int_equal(world_record(w, 0, "a:p")->state, STOPPED);
        assert_false(fleet_is_starting(w->fleet));
}

static void a_forecast_of_nothing_is_empty(void **state)
{
        CLEANUP(world_free) struct world *w = one_process();

        (void)state;
        lead_rules(w, "b", 0);
        world_tell(w, 0, "b:x=STOPPED");
        lead(w);
        lead_ask(w, 1, FLEET_TEST_START_APPLICATION, "b", true);
        assert_int_equal(world_effect(w, FLEET_FX_ANSWER, NULL)->answer.answer->forecasts_count, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_request_has_its_states),
                cmocka_unit_test(a_request_elsewhere_is_forwarded_as_it_is),
                cmocka_unit_test(a_request_that_was_forwarded_is_not_forwarded_again),
                cmocka_unit_test(only_another_master_ends_the_waiting_for_one),
                cmocka_unit_test(every_caller_gets_exactly_one_answer),
                cmocka_unit_test(no_more_callers_wait_than_the_limit),
                cmocka_unit_test(a_forecast_leaves_no_trace),
                cmocka_unit_test(a_forecast_of_nothing_is_empty),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
