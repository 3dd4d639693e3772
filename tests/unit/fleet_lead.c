/* See fleet_lead.h. */
#include "tests/unit/fleet_lead.h"

#include <stdio.h>
#include <string.h>

void lead_state(struct world *w, enum fsm_state state, uint64_t mastership, bool abort)
{
        world_step(w, &(struct fleet_event){ .type = FLEET_STATE,
                              .state = { .state = state,
                                      .master = 0,
                                      .acting = true,
                                      .mastership = mastership,
                                      .abort = abort } });
}

void lead_work(struct world *w, enum fsm_work kind, uint64_t ticket)
{
        world_step(w, &(struct fleet_event){ .type = FLEET_WORK, .work = { kind, ticket } });
}

void lead(struct world *w)
{
        lead_state(w, FSM_DISTRIBUTION, 1, false);
        lead_work(w, FSM_WORK_DISTRIBUTE, 1);
        if (!fleet_is_starting(w->fleet) && !fleet_is_stopping(w->fleet))
                lead_state(w, FSM_OPERATION, 1, false);
}

void lead_ask(
        struct world *w, uint64_t id, enum fleet_request_type type, const char *name, bool wait)
{
        world_step(w,
                &(struct fleet_event){ .type = FLEET_REQUEST,
                        .request = {
                                .id = id, .type = type, .name = name, .args = "", .wait = wait } });
}

const char *lead_answer(const struct world *w, uint64_t id)
{
        for (size_t i = 0; i < w->fx.count; i++) {
                const struct fleet_effect *effect = &w->fx.at[i];

                if (effect->type != FLEET_FX_ANSWER || effect->answer.request != id)
                        continue;
                if (effect->answer.answer->text)
                        return effect->answer.answer->text;
                return effect->answer.answer->type == ANSWER_TRUE ? "true" : "false";
        }
        return NULL;
}

const char *lead_orders(const struct world *w)
{
        static char text[4096];
        size_t length = 0;

        text[0] = '\0';
        for (size_t i = 0; i < w->fx.count; i++) {
                const struct fleet_effect *effect = &w->fx.at[i];

                if (effect->type == FLEET_FX_FORCE)
                        length += (size_t)snprintf(text + length, sizeof(text) - length,
                                "%sforce %s:%s", length ? ", " : "", effect->group, effect->name);
                if (effect->type == FLEET_FX_START || effect->type == FLEET_FX_STOP)
                        length += (size_t)snprintf(text + length, sizeof(text) - length,
                                "%s%s %s:%s i%u", length ? ", " : "",
                                effect->type == FLEET_FX_START ? "start" : "stop", effect->group,
                                effect->name, effect->instance + 1);
        }
        return text;
}

const char *lead_report(const struct world *w)
{
        static char text[128];
        const struct fleet_effect *effect = world_effect(w, FLEET_FX_WORK, NULL);

        if (!effect)
                return "";
        snprintf(text, sizeof(text), "%llu%s%s%s%s", (unsigned long long)effect->work.ticket,
                effect->work.starting ? " starting" : "", effect->work.stopping ? " stopping" : "",
                effect->work.conflict ? " conflict" : "",
                effect->work.starting || effect->work.stopping ? "" : " idle");
        return text;
}

struct rules_program lead_rank(int64_t start_sequence)
{
        return (struct rules_program){ .start_sequence = start_sequence };
}

void lead_rules(struct world *w, const char *application, int64_t start_sequence)
{
        struct rules_application rules = { .start_sequence = start_sequence };

        fake_rules_application(w->rules, application, &rules, NULL);
}
