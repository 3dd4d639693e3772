/* Everything at random: processes that obey late or otherwise, instances that come and go, callers,
 * masters that change.  Nobody is started where he runs, every caller is answered once, and when
 * the world behaves again all work ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/fleet_lead.h"

#define INSTANCES 3
#define GROUPS    3
#define NAMES     4
#define SEEDS     60
#define STEPS     400
#define ORDERS    512
#define CALLERS   1024

struct order {
        unsigned instance;
        char namespec[16];
        bool is_stop;
};

struct play {
        struct world *w;
        uint64_t seed, mastership, ticket, caller;
        enum fsm_state state;
        bool acting, behaves;
        bool up[INSTANCES];
        enum process_state really[INSTANCES][GROUPS * NAMES];
        struct order orders[ORDERS];
        size_t orders_count;
        unsigned answers[CALLERS];
        bool idle, conflict; /* as reported for the present ticket */
};

static uint64_t draw(struct play *p, uint64_t limit)
{
        p->seed ^= p->seed << 13;
        p->seed ^= p->seed >> 7;
        p->seed ^= p->seed << 17;
        return p->seed % limit;
}

static const char *namespec(unsigned index)
{
        static char text[16];

        snprintf(text, sizeof(text), "g%u:p%u", index / NAMES, index % NAMES);
        return text;
}

static unsigned index_of(const char *text)
{
        return (unsigned)(text[1] - '0') * NAMES + (unsigned)(text[4] - '0');
}

static void note_order(struct play *p, const struct fleet_effect *effect)
{
        struct order *order = &p->orders[p->orders_count];

        assert_true(p->orders_count < ORDERS);
        assert_true(p->acting);
        p->orders_count++;
        order->instance = effect->instance;
        order->is_stop = effect->type == FLEET_FX_STOP;
        snprintf(order->namespec, sizeof(order->namespec), "%s:%s", effect->group, effect->name);
        if (!order->is_stop)
                assert_true(process_state_is_stopped(world_process(p->w, order->namespec)->state));
}

/* What the step has brought; forced states come back to us. */
static void digest(struct play *p)
{
        struct fleet_effects fx = p->w->fx;

        p->w->fx = (struct fleet_effects){};
        for (size_t i = 0; i < fx.count; i++) {
                const struct fleet_effect *effect = &fx.at[i];
                CLEANUP(mem_free) char *full = NULL;

                if (effect->type == FLEET_FX_START || effect->type == FLEET_FX_STOP)
                        note_order(p, effect);
                if (effect->type == FLEET_FX_ANSWER) {
                        p->answers[effect->answer.request]++;
                        assert_int_equal(p->answers[effect->answer.request], 1);
                }
                if (effect->type == FLEET_FX_WORK) {
                        p->idle = effect->work.ticket == p->ticket && !effect->work.starting &&
                                  !effect->work.stopping;
                        p->conflict = effect->work.conflict;
                }
                if (effect->type == FLEET_FX_FORCE) {
                        full = mem_format("%s:%s", effect->group, effect->name);
                        world_force(p->w, full, effect->force.state, effect->force.reason,
                                effect->force.target, effect->force.since);
                        digest(p);
                }
        }
        fleet_effects_clear(&fx);
}

static void tell(struct play *p, unsigned instance, const char *name, enum process_state state,
        bool expected)
{
        CLEANUP(mem_free)
        char *text = mem_format("%s=%s%s/stop=%d", name, process_state_name(state),
                expected ? "" : "!", process_state_is_stopped(state) ? 7 : 0);

        p->really[instance][index_of(name)] = state;
        p->w->now++;
        world_tell(p->w, instance, text);
        digest(p);
}

static void set_state(struct play *p, enum fsm_state state, bool abort)
{
        p->state = state;
        world_step(p->w, &(struct fleet_event){ .type = FLEET_STATE,
                                 .state = { .state = state,
                                         .master = p->acting ? 0 : 1,
                                         .acting = p->acting,
                                         .mastership = p->mastership,
                                         .abort = abort,
                                         .took_over_jobs = abort && draw(p, 2) } });
        digest(p);
}

static void work(struct play *p, enum fsm_work kind)
{
        p->ticket++;
        p->idle = false;
        lead_work(p->w, kind, p->ticket);
        digest(p);
}

/* The cluster's machine, as far as it matters here. */
static void evaluate(struct play *p)
{
        if (!p->acting || !p->idle)
                return;
        if (p->state == FSM_DISTRIBUTION) {
                set_state(p, FSM_OPERATION, false);
        } else if (p->state == FSM_OPERATION && p->conflict) {
                set_state(p, FSM_CONCILIATION, false);
                work(p, FSM_WORK_CONCILIATE);
        } else if (p->state == FSM_CONCILIATION && !p->conflict) {
                set_state(p, FSM_OPERATION, false);
        }
}

static void elect(struct play *p, bool acting)
{
        p->mastership++;
        p->acting = acting;
        set_state(p, FSM_ELECTION, true);
        set_state(p, acting ? FSM_DISTRIBUTION : FSM_OPERATION, false);
        if (acting)
                work(p, FSM_WORK_DISTRIBUTE);
}

static void obey(struct play *p, size_t which)
{
        struct order order = p->orders[which];
        unsigned instance = order.instance, index = index_of(order.namespec);
        enum process_state now = p->really[instance][index];
        unsigned luck = p->behaves ? 0 : (unsigned)draw(p, 8);

        p->orders[which] = p->orders[--p->orders_count];
        if (!p->up[instance] || luck == 7)
                return;
        if (order.is_stop && process_state_is_stopped(now))
                return;
        if (!order.is_stop && !process_state_is_stopped(now))
                return;
        if (order.is_stop) {
                tell(p, instance, order.namespec, STOPPING, true);
                if (luck != 6)
                        tell(p, instance, order.namespec, STOPPED, true);
                return;
        }
        tell(p, instance, order.namespec, STARTING, true);
        if (luck == 6)
                return;
        if (luck == 5) {
                tell(p, instance, order.namespec, BACKOFF, true);
                tell(p, instance, order.namespec, FATAL, false);
                return;
        }
        tell(p, instance, order.namespec, RUNNING, true);
        if (index % NAMES == 3) /* wait_exit */
                tell(p, instance, order.namespec, EXITED, true);
}

static void lose(struct play *p, unsigned instance)
{
        p->up[instance] = false;
        for (unsigned i = 0; i < GROUPS * NAMES; i++)
                p->really[instance][i] = STOPPED;
        world_peer(p->w, instance, PEERS_STOPPED, PEERS_SILENT);
        digest(p);
}

static void join(struct play *p, unsigned instance)
{
        p->up[instance] = true;
        world_peer(p->w, instance, PEERS_CHECKED, PEERS_AUTHORIZED);
        digest(p);
        for (unsigned i = 0; i < GROUPS * NAMES; i++)
                if ((i + instance) % 5)
                        tell(p, instance, namespec(i), p->really[instance][i], true);
        world_peer(p->w, instance, PEERS_RUNNING, PEERS_ACTIVATED);
        digest(p);
        if (p->acting) {
                set_state(p, FSM_ELECTION, false);
                set_state(p, FSM_DISTRIBUTION, false);
                work(p, FSM_WORK_DISTRIBUTE);
        }
}

/* Time, one deadline after the other: world_wait() would lose what the first ones bring. */
static void pass(struct play *p, usec_t duration)
{
        usec_t until = p->w->now + duration;

        while (fleet_deadline(p->w->fleet) <= until) {
                if (fleet_deadline(p->w->fleet) > p->w->now)
                        p->w->now = fleet_deadline(p->w->fleet);
                world_step(p->w, &(struct fleet_event){ .type = FLEET_TIMER });
                digest(p);
        }
        p->w->now = until;
}

static void ask(struct play *p)
{
        static const enum fleet_request_type types[] = { FLEET_START_APPLICATION,
                FLEET_STOP_APPLICATION, FLEET_RESTART_APPLICATION, FLEET_START_PROCESS,
                FLEET_START_ANY, FLEET_STOP_PROCESS, FLEET_RESTART_PROCESS, FLEET_RESTART_SEQUENCE,
                FLEET_CONCILIATE, FLEET_TEST_START_APPLICATION, FLEET_TEST_START_PROCESS };
        enum fleet_request_type type = types[draw(p, ELEMENTS(types))];
        char name[16];

        if (p->caller + 1 >= CALLERS)
                return;
        if (type == FLEET_START_PROCESS || type == FLEET_STOP_PROCESS ||
                type == FLEET_RESTART_PROCESS || type == FLEET_TEST_START_PROCESS)
                snprintf(name, sizeof(name), "g%u:%s", (unsigned)draw(p, GROUPS),
                        draw(p, 3) ? "p1" : "*");
        else
                snprintf(name, sizeof(name), "g%u", (unsigned)draw(p, GROUPS));
        world_step(p->w, &(struct fleet_event){ .type = FLEET_REQUEST,
                                 .request = { .id = ++p->caller,
                                         .type = type,
                                         .name = name,
                                         .args = "",
                                         .strategy = (unsigned)draw(p, 6),
                                         .wait = draw(p, 2) } });
        digest(p);
}

static void anything(struct play *p)
{
        unsigned instance = (unsigned)draw(p, INSTANCES), i = (unsigned)draw(p, GROUPS * NAMES);

        switch (draw(p, 12)) {
        case 0:
                if (instance && p->up[instance])
                        lose(p, instance);
                else if (instance)
                        join(p, instance);
                return;
        case 1:
                elect(p, draw(p, 3));
                return;
        case 2:
                if (p->up[instance] && process_state_is_running(p->really[instance][i]))
                        tell(p, instance, namespec(i), EXITED, draw(p, 2));
                return;
        case 3:
                if (p->up[instance] && (i + instance) % 5)
                        tell(p, instance, namespec(i), STARTING, true);
                return;
        case 4:
        case 5:
                pass(p, draw(p, 4) * USEC_SEC);
                return;
        case 6:
        case 7:
                ask(p);
                return;
        case 8:
                if (p->up[instance] && draw(p, 8) == 0) {
                        world_remove(p->w, instance, namespec(i));
                        p->really[instance][i] = STOPPED;
                        digest(p);
                }
                return;
        default:
                if (p->orders_count)
                        obey(p, draw(p, p->orders_count));
                return;
        }
}

static void state_rules(struct play *p)
{
        for (unsigned g = 0; g < GROUPS; g++) {
                struct rules_application rules = {
                        .start_sequence = (int64_t)draw(p, 3),
                        .distribution = (enum distribution)draw(p, DISTRIBUTIONS),
                        .starting_strategy = (enum starting_strategy)draw(p, STARTING_STRATEGIES),
                };
                char name[8];

                snprintf(name, sizeof(name), "g%u", g);
                fake_rules_application(p->w->rules, name, &rules, NULL);
                for (unsigned n = 0; n < NAMES; n++) {
                        struct rules_program program = {
                                .start_sequence = (int64_t)draw(p, 3),
                                .required = draw(p, 2),
                                .wait_exit = n == 3,
                                .wait_exit_max = 20 * USEC_SEC,
                                .expected_loading = (int64_t)draw(p, 30),
                                .starting_failure =
                                        (enum starting_failure)draw(p, STARTING_FAILURES),
                                .running_failure = (enum running_failure)draw(p, RUNNING_SHUTDOWN),
                        };

                        fake_rules_program(p->w->rules, namespec(g * NAMES + n), &program, NULL);
                }
        }
}

/* Everything obeys at once, and time passes: all work has to end. */
static void come_to_rest(struct play *p)
{
        p->behaves = true;
        for (unsigned i = 1; i < INSTANCES; i++)
                if (!p->up[i])
                        join(p, i);
        for (unsigned round = 0; round < 400; round++) {
                while (p->orders_count)
                        obey(p, 0);
                evaluate(p);
                /* What was left hanging goes on. */
                for (unsigned i = 0; i < INSTANCES; i++)
                        for (unsigned k = 0; k < GROUPS * NAMES; k++) {
                                if (p->really[i][k] == STOPPING)
                                        tell(p, i, namespec(k), STOPPED, true);
                                if (p->really[i][k] == STARTING)
                                        tell(p, i, namespec(k), RUNNING, true);
                        }
                if (!p->orders_count) {
                        pass(p, USEC_SEC);
                }
        }
        assert_false(fleet_is_starting(p->w->fleet));
        assert_false(fleet_is_stopping(p->w->fleet));
        for (uint64_t i = 1; i <= p->caller; i++)
                if (p->acting && p->answers[i] != 1)
                        fail_msg(
                                "caller %llu has %u answers", (unsigned long long)i, p->answers[i]);
}

static void whatever_happens_all_work_ends(void **state)
{
        (void)state;
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
                CLEANUP(world_free) struct world *w = world_new(INSTANCES);
                CLEANUP(mem_free) struct play *p = mem_new(sizeof(*p));

                p->w = w;
                p->seed = seed * 0x9E3779B97F4A7C15;
                state_rules(p);
                for (unsigned i = 0; i < INSTANCES; i++)
                        join(p, i);
                elect(p, true);
                for (unsigned step = 0; step < STEPS; step++) {
                        anything(p);
                        evaluate(p);
                }
                if (!p->acting)
                        elect(p, true);
                come_to_rest(p);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(whatever_happens_all_work_ends),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
