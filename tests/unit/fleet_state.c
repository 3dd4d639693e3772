/* See fleet_state.h. */
#include "tests/unit/fleet_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "base/text.h"

uint64_t state_draw(uint64_t *seed, uint64_t limit)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        return *seed % limit;
}

char *state_save(const struct world *w)
{
        CLEANUP(saver_free) struct saver *saver = saver_new(w->now);
        size_t length;

        fleet_save(w->fleet, saver);
        return saver_take(saver, &length);
}

int state_restore(struct world *w, const char *text, usec_t later, struct err *err)
{
        CLEANUP(saved_free) struct saved *saved = NULL;
        struct fleet_options options = w->fleet->options;
        struct fleet *fleet = NULL;
        int r = saved_parse(text, strlen(text), w->now + later, &saved, err);

        options.rules = w->rules;
        if (r >= 0)
                r = fleet_restore(&options, saved, &fleet, err);
        if (r < 0)
                return r;
        fleet_free(w->fleet);
        w->fleet = fleet;
        w->now += later;
        return 0;
}

static void append_told(struct text *t, const struct fleet_effect *fx)
{
        switch (fx->type) {
        case FLEET_FX_LOG:
                text_format(t, " %d %s", fx->log.level, fx->log.text);
                return;
        case FLEET_FX_START:
        case FLEET_FX_STOP:
                text_format(t, " %llu %s", (unsigned long long)fx->order.ticket,
                        fx->order.args ? fx->order.args : "-");
                return;
        case FLEET_FX_FORCE:
                text_format(t, " %d %s %u %llu", fx->force.state, fx->force.reason,
                        fx->force.target, (unsigned long long)fx->force.since);
                return;
        case FLEET_FX_WORK:
                text_format(t, " %llu %d %d %d", (unsigned long long)fx->work.ticket,
                        fx->work.starting, fx->work.stopping, fx->work.conflict);
                return;
        case FLEET_FX_END:
                text_format(t, " %d", fx->end.restart);
                return;
        case FLEET_FX_ANSWER:
                text_format(t, " %llu %d %d %s", (unsigned long long)fx->answer.request,
                        fx->answer.answer->type, fx->answer.answer->fault,
                        fx->answer.answer->text ? fx->answer.answer->text : "-");
                return;
        case FLEET_FX_FORWARD:
                text_format(t, " %llu %s", (unsigned long long)fx->forward->id, fx->forward->name);
                return;
        case FLEET_FX_INSTANCE:
                text_format(t, " %d", fx->state);
                return;
        case FLEET_FX_RECORD:
        case FLEET_FX_PROCESS:
        case FLEET_FX_APPLICATION:
                text_format(t, " %d %u %d %u", fx->deleted, fx->news, fx->forced, fx->target);
                return;
        case FLEET_FX_OWED:
        case FLEET_FX_LOSSES:
        case FLEET_FX_NO_AUTORESTART:
                return;
        }
}

char *state_effects(const struct world *w)
{
        struct text t = {};

        text_append(&t, "effects:\n");
        for (size_t i = 0; i < w->fx.count; i++) {
                const struct fleet_effect *fx = &w->fx.at[i];

                text_format(&t, "%d %u %s %s", fx->type, fx->instance, fx->group ? fx->group : "-",
                        fx->name ? fx->name : "-");
                append_told(&t, fx);
                text_append_char(&t, '\n');
        }
        return text_take(&t);
}

/* The last one has a number, for its sign. */
static const char *const groups[STATE_GROUPS] = { "g0", "g1", "g2", "g-2" };

static void rule_programs(struct world *w)
{
        static const enum running_failure failures[] = { RUNNING_RESTART_PROCESS,
                RUNNING_STOP_APPLICATION, RUNNING_RESTART_APPLICATION, RUNNING_CONTINUE };

        for (unsigned g = 0; g < STATE_GROUPS; g++)
                for (unsigned n = 0; n < STATE_NAMES; n++) {
                        char namespec[16];

                        snprintf(namespec, sizeof(namespec), "%s:p%u", groups[g], n);
                        fake_rules_program(w->rules, namespec,
                                &(struct rules_program){ .start_sequence = n / 2 + (g == 0),
                                        .required = n % 2,
                                        .wait_exit = n == 3,
                                        .wait_exit_max = 20 * USEC_SEC,
                                        .expected_loading = 7 + (int64_t)n,
                                        .running_failure =
                                                g == 3 && n == 3
                                                        ? RUNNING_SHUTDOWN
                                                        : failures[(g + n) % ELEMENTS(failures)],
                                        .starting_failure = (enum starting_failure)(n % 3) },
                                g == 2   ? "#,i1,i2,i3,i4"
                                : n == 1 ? "@,*"
                                : n == 2 ? "#,i2,nobody,i4"
                                         : "*");
                }
}

struct world *state_world(void)
{
        struct world *w = world_new(STATE_INSTANCES);

        w->fleet->options.return_usec_max = 3 * USEC_SEC;
        w->fleet->options.conciliation_strategy = CONCILIATION_SENICIDE;
        for (unsigned i = 0; i < STATE_INSTANCES; i++)
                world_node(w, i, i < 2 ? "m" : "n");
        world_stereotype(w, 1, "blue");
        w->fleet->instances[3]->core = true;
        fake_rules_application(
                w->rules, "g0", &(struct rules_application){ .start_sequence = 1 }, NULL);
        fake_rules_application(w->rules, "g1",
                &(struct rules_application){ .start_sequence = 2,
                        .distribution = SINGLE_NODE,
                        .formula = fake_formula_new("p1") },
                NULL);
        fake_rules_application(w->rules, "g-2",
                &(struct rules_application){ .start_sequence = 1,
                        .distribution = SINGLE_INSTANCE,
                        .formula = fake_formula_new("!odd") },
                "#,i1,i3");
        rule_programs(w);
        return w;
}

static const char *any_process(uint64_t *seed, char *text, size_t size)
{
        snprintf(text, size, "%s:p%u", groups[state_draw(seed, STATE_GROUPS)],
                (unsigned)state_draw(seed, STATE_NAMES));
        return text;
}

static void any_report(uint64_t *seed, char *text, size_t size)
{
        static const enum process_state states[] = { STOPPED, STARTING, RUNNING, RUNNING, BACKOFF,
                STOPPING, EXITED, FATAL, UNKNOWN };
        static const char *const options[] = { "", "", "/args=x", "/disabled", "/same", "!",
                "/autorestart", "/program=q/index=3",
                "/obsolete/spawnerr=why/text=words/start=900/stop=950",
                "/startsecs=3/stopwaitsecs=0", "/pid=77/output/ahead=-5000" };
        char name[16];

        any_process(seed, name, sizeof(name));
        snprintf(text, size, "%s=%s%s ", name,
                process_state_name(states[state_draw(seed, ELEMENTS(states))]),
                options[state_draw(seed, ELEMENTS(options))]);
}

static void any_snapshot(struct world *w, uint64_t *seed, unsigned instance)
{
        char text[1024];
        size_t length = 0;

        text[0] = '\0';
        for (uint64_t i = state_draw(seed, 8); i > 0; i--) {
                any_report(seed, text + length, sizeof(text) - length);
                length = strlen(text);
        }
        world_snapshot(w, instance, text);
}

static void any_state(struct world *w, uint64_t *seed)
{
        static const enum fsm_state states[] = { FSM_ELECTION, FSM_DISTRIBUTION, FSM_OPERATION,
                FSM_OPERATION, FSM_CONCILIATION, FSM_SHUTTING_DOWN };
        bool acting = state_draw(seed, 4) != 0;

        world_step(w, &(struct fleet_event){ .type = FLEET_STATE,
                              .state = {
                                      .state = states[state_draw(seed, ELEMENTS(states))],
                                      .master = acting ? 0 : 1,
                                      .acting = acting,
                                      .mastership = 1 + (state_draw(seed, 8) == 0) + !acting,
                                      .abort = state_draw(seed, 16) == 0,
                                      .took_over_jobs = state_draw(seed, 4) == 0,
                              } });
}

static void any_work(struct world *w, uint64_t *seed)
{
        static const enum fsm_work works[] = { FSM_WORK_DISTRIBUTE, FSM_WORK_DISTRIBUTE,
                FSM_WORK_CONCILIATE, FSM_WORK_CONCILIATE, FSM_WORK_STOP };

        lead_work(w, works[state_draw(seed, ELEMENTS(works))], 1 + state_draw(seed, 50));
}

static void any_request(struct world *w, uint64_t *seed)
{
        static const unsigned instances[] = { 1, 2 };
        enum fleet_request_type type =
                (enum fleet_request_type)state_draw(seed, FLEET_TEST_START_PROCESS + 1);
        bool is_process = type == FLEET_START_PROCESS || type == FLEET_STOP_PROCESS ||
                          type == FLEET_RESTART_PROCESS || type == FLEET_TEST_START_PROCESS;
        bool is_there = state_draw(seed, 3) == 0;
        char name[16];

        any_process(seed, name, sizeof(name));
        if (!is_process || state_draw(seed, 4) == 0)
                *strchr(name, ':') = '\0';
        if (is_process && !strchr(name, ':'))
                memcpy(name + strlen(name), ":*", 3);
        world_step(w, &(struct fleet_event){ .type = FLEET_REQUEST,
                              .request = {
                                      .id = ++w->asked,
                                      .type = type,
                                      .origin = (unsigned)state_draw(seed, 2),
                                      .name = name,
                                      .args = state_draw(seed, 2) ? "-v" : "",
                                      .strategy = (unsigned)state_draw(seed, 5),
                                      .wait = state_draw(seed, 4) != 0,
                                      .instances = is_there ? instances : NULL,
                                      .instances_count = is_there ? 2 : 0,
                              } });
}

static void any_result(struct world *w, uint64_t *seed)
{
        struct fleet_event event = { .type = FLEET_DROPPED };

        switch (state_draw(seed, 3)) {
        case 0:
                event.dropped = usec_sub(w->asked, state_draw(seed, 20));
                break;
        case 1:
                event.type = FLEET_FORWARDED;
                event.forwarded.request = usec_sub(w->asked, state_draw(seed, 20));
                event.forwarded.answer = answer_new(ANSWER_TRUE);
                break;
        default:
                event.type = FLEET_ORDERED;
                event.ordered.ticket = 1 + state_draw(seed, 300);
                event.ordered.fault = state_draw(seed, 2) ? FAULT_FAILED : FAULT_NONE;
                event.ordered.text = "no";
        }
        world_step(w, &event);
}

/* What was ordered last is done, or begun. */
static void obey(struct world *w, uint64_t *seed)
{
        char text[64] = "";
        unsigned instance = 0;

        for (size_t i = 0; i < w->fx.count; i++) {
                const struct fleet_effect *fx = &w->fx.at[i];

                if (fx->type != FLEET_FX_START && fx->type != FLEET_FX_STOP)
                        continue;
                snprintf(text, sizeof(text), "%s:%s=%s", fx->group, fx->name,
                        fx->type == FLEET_FX_START ? state_draw(seed, 2) ? "STARTING" : "RUNNING"
                        : state_draw(seed, 2)      ? "STOPPING"
                                                   : "STOPPED");
                instance = fx->instance;
        }
        if (*text)
                world_tell(w, instance, text);
}

static void change_instance(struct world *w, uint64_t *seed, unsigned instance)
{
        static const enum peers_why whys[] = { PEERS_SILENT, PEERS_ABSENT, PEERS_LEFT,
                PEERS_REFUSED };

        if (state_draw(seed, 3))
                world_peer(w, instance, PEERS_RUNNING, PEERS_ACTIVATED);
        else
                world_peer(w, instance, PEERS_STOPPED, whys[state_draw(seed, ELEMENTS(whys))]);
}

void state_do(struct world *w, uint64_t *seed)
{
        unsigned instance = (unsigned)state_draw(seed, STATE_INSTANCES);
        char text[128];

        switch (state_draw(seed, 24)) {
        case 0:
                any_snapshot(w, seed, instance);
                return;
        case 1:
                any_process(seed, text, sizeof(text));
                if (state_draw(seed, 6) == 0)
                        strchr(text, ':')[1] = '\0'; /* the group */
                world_remove(w, instance, text);
                return;
        case 2:
                change_instance(w, seed, instance);
                return;
        case 3:
                world_force(w, any_process(seed, text, sizeof(text)),
                        state_draw(seed, 2) ? FATAL : STOPPED, "forced", instance, 0);
                return;
        case 4:
                w->now += state_draw(seed, 6) * USEC_SEC;
                world_step(w, &(struct fleet_event){ .type = FLEET_TIMER });
                return;
        case 5:
                any_state(w, seed);
                return;
        case 6:
        case 7:
                any_work(w, seed);
                return;
        case 8:
        case 9:
        case 10:
                any_request(w, seed);
                return;
        case 11:
                any_result(w, seed);
                return;
        case 12:
        case 13:
        case 14:
        case 15:
        case 16:
                obey(w, seed);
                return;
        default:
                any_report(seed, text, sizeof(text));
                world_tell(w, instance, text);
        }
}
