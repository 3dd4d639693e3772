/* The stage of a case: see stage.h. */
#include "tests/cases/stage.h"

#include <stdio.h>
#include <string.h>

#define ROUNDS_MAX 2000

static void tell_state(struct stage *stage, bool abort);

void stage_open(struct stage *stage, struct text *seen)
{
        *stage = (struct stage){
                .options = { .starting_strategy = STARTING_CONFIG,
                        .conciliation_strategy = CONCILIATION_USER,
                        .order_usec_max = 10 * USEC_SEC },
                .now = 1000000 * USEC_SEC,
                .master = PEERS_NONE,
                .seen = seen,
        };
        fsm_start(&stage->fsm, stage->now);
        stage->fsm.state = FSM_ELECTION;
}

void stage_close(struct stage *stage)
{
        fleet_free(stage->fleet);
        fleet_effects_clear(&stage->fx);
        for (size_t i = 0; i < stage->places_count; i++) {
                mem_free(stage->places[i].name);
                mem_free(stage->places[i].node);
                mem_free(stage->places[i].stereotypes);
        }
        for (size_t i = 0; i < stage->slots_count; i++) {
                mem_free(stage->slots[i].group);
                mem_free(stage->slots[i].name);
                mem_free(stage->slots[i].program);
                mem_free(stage->slots[i].args);
        }
        mem_free(stage->places);
        mem_free(stage->slots);
        mem_free(stage->reactions);
}

static const char *name_of(const struct stage *stage, unsigned instance)
{
        return instance < stage->places_count ? stage->places[instance].name : "nowhere";
}

unsigned stage_find_place(const struct stage *stage, const char *name)
{
        for (size_t i = 0; i < stage->places_count; i++)
                if (strcmp(stage->places[i].name, name) == 0)
                        return (unsigned)i;
        return FLEET_NONE;
}

struct slot *stage_find_slot(
        struct stage *stage, unsigned instance, const char *group, const char *name)
{
        for (size_t i = 0; i < stage->slots_count; i++) {
                struct slot *slot = &stage->slots[i];

                if (slot->instance == instance && !slot->is_gone &&
                        strcmp(slot->group, group) == 0 && strcmp(slot->name, name) == 0)
                        return slot;
        }
        return NULL;
}

static struct fleet_report report_of(const struct stage *stage, const struct slot *slot)
{
        return (struct fleet_report){
                .group = slot->group,
                .name = slot->name,
                .program_name = slot->program,
                .state = slot->state,
                .expected = slot->expected,
                .disabled = slot->disabled,
                .autorestart = slot->autorestart,
                .spawnerr = "",
                .description = "",
                .extra_args = slot->args,
                .process_index = slot->index,
                .startsecs = slot->startsecs,
                .stopwaitsecs = slot->stopwaitsecs,
                .start = slot->start,
                .stop = slot->stop,
                .start_monotonic = slot->start,
                .stop_monotonic = slot->stop,
                .event_time = slot->changed,
                .now_monotonic = stage->now,
        };
}

void stage_add_place(struct stage *stage, const struct place *taken)
{
        stage->places = mem_resize(stage->places, stage->places_count + 1, sizeof(*stage->places));
        stage->places[stage->places_count++] = *taken;
        stage->places[stage->places_count - 1].life = stage->places_count * 100 + 1;
        stage_peer(stage, (unsigned)stage->places_count - 1,
                taken->is_up ? PEERS_RUNNING : PEERS_STOPPED, PEERS_ACTIVATED);
}

struct slot *stage_add_slot(struct stage *stage, const struct slot *taken)
{
        struct slot *slot;

        stage->slots = mem_resize(stage->slots, stage->slots_count + 1, sizeof(*stage->slots));
        slot = &stage->slots[stage->slots_count++];
        *slot = *taken;
        if (stage->places[slot->instance].is_up)
                stage_tell(stage, slot, slot->state, slot->expected);
        return slot;
}

void stage_tell(struct stage *stage, struct slot *slot, enum process_state state, bool expected)
{
        struct fleet_report report;

        stage->now++;
        if (slot->state != state) {
                if (state == STARTING)
                        slot->start = stage->now;
                if (process_state_is_stopped(state))
                        slot->stop = stage->now;
        }
        slot->changed = stage->now;
        slot->state = state;
        slot->expected = expected;
        report = report_of(stage, slot);
        stage_step(stage,
                &(struct fleet_event){
                        .type = FLEET_REPORT, .instance = slot->instance, .report = &report });
}

void stage_peer(struct stage *stage, unsigned instance, enum peers_state state, enum peers_why why)
{
        struct place *place = &stage->places[instance];
        const char *stereotypes[] = { place->stereotypes };

        place->is_up = state == PEERS_RUNNING;
        stage_step(stage, &(struct fleet_event){ .type = FLEET_INSTANCE,
                                  .instance = instance,
                                  .peer = { .identifier = place->name,
                                          .nick = place->name,
                                          .node = place->node,
                                          .listed = instance,
                                          .core = place->core,
                                          .state = state,
                                          .why = why,
                                          .life = place->life,
                                          .stereotypes = stereotypes,
                                          .stereotypes_count = place->stereotypes ? 1 : 0 } });
}

void stage_load(struct stage *stage, unsigned instance)
{
        CLEANUP(mem_free)
        struct fleet_report *all = mem_new_array(stage->slots_count + 1, sizeof(*all));
        size_t count = 0;

        for (size_t i = 0; i < stage->slots_count; i++)
                if (stage->slots[i].instance == instance && !stage->slots[i].is_gone)
                        all[count++] = report_of(stage, &stage->slots[i]);
        stage_step(stage, &(struct fleet_event){ .type = FLEET_SNAPSHOT,
                                  .instance = instance,
                                  .snapshot = { .at = all, .count = count } });
}

static void see_answer(struct stage *stage, const struct answer *answer)
{
        switch (answer->type) {
        case ANSWER_TRUE:
        case ANSWER_FALSE:
                text_format(stage->seen, "> answer %s\n",
                        answer->type == ANSWER_TRUE ? "true" : "false");
                return;
        case ANSWER_FAULT:
                text_format(stage->seen, "> fault %d %s\n", (int)answer->fault, answer->text);
                return;
        case ANSWER_TEXT:
                text_format(stage->seen, "> answer %s\n", answer->text);
                return;
        case ANSWER_FORECAST:
                text_append(stage->seen, "> forecast\n");
                break;
        case ANSWER_ENTRIES:
        case ANSWER_DIFF:
        case ANSWER_LOG:
                text_append(stage->seen, "> an answer of the wrong type\n");
                return;
        }
        for (size_t i = 0; i < answer->forecasts_count; i++) {
                const struct answer_forecast *f = &answer->forecasts[i];

                text_format(stage->seen, "> . %s:%s %s", f->application, f->process,
                        process_state_name(f->state));
                for (char **at = f->identifiers; *at; at++)
                        text_format(stage->seen, "%s%s", at == f->identifiers ? " on " : ",", *at);
                text_format(stage->seen, "%s%s\n", *f->reason ? ": " : "", f->reason);
        }
}

static void react(struct stage *stage, const struct fleet_effect *effect)
{
        bool is_stop = effect->type == FLEET_FX_STOP;
        struct slot *slot = stage_find_slot(stage, effect->instance, effect->group, effect->name);

        if (!slot || !stage->places[effect->instance].is_up)
                return;
        if (slot->habit == HABIT_REFUSES) {
                stage_step(stage, &(struct fleet_event){ .type = FLEET_ORDERED,
                                          .ordered = { .ticket = effect->order.ticket,
                                                  .fault = FAULT_BAD_NAME,
                                                  .text = "BAD_NAME: refused" } });
                return;
        }
        if (!is_stop) {
                mem_free(slot->args);
                slot->args = mem_strdup(effect->order.args);
        }
        if (stage->is_manual)
                return;
        stage->reactions =
                mem_resize(stage->reactions, stage->reactions_count + 1, sizeof(*stage->reactions));
        stage->reactions[stage->reactions_count++] =
                (struct reaction){ .slot = (size_t)(slot - stage->slots), .is_stop = is_stop };
}

static void see_order(struct stage *stage, const struct fleet_effect *effect)
{
        bool is_stop = effect->type == FLEET_FX_STOP;

        text_format(stage->seen, "> %s %s:%s on %s", is_stop ? "stop" : "start", effect->group,
                effect->name, name_of(stage, effect->instance));
        if (!is_stop && *effect->order.args)
                text_format(stage->seen, " args=%s", effect->order.args);
        text_append(stage->seen, "\n");
}

static void forced(struct stage *stage, const struct fleet_effect *effect)
{
        text_format(stage->seen, "> force %s:%s %s: %s\n", effect->group, effect->name,
                process_state_name(effect->force.state), effect->force.reason);
        stage_step(stage, &(struct fleet_event){ .type = FLEET_FORCED,
                                  .forced = { .group = effect->group,
                                          .name = effect->name,
                                          .state = effect->force.state,
                                          .reason = effect->force.reason,
                                          .target = effect->force.target,
                                          .since = effect->force.since } });
}

static void run_effect(struct stage *stage, const struct fleet_effect *effect)
{
        switch (effect->type) {
        case FLEET_FX_START:
        case FLEET_FX_STOP:
                see_order(stage, effect);
                react(stage, effect);
                return;
        case FLEET_FX_FORCE:
                forced(stage, effect);
                return;
        case FLEET_FX_WORK:
                fsm_report(&stage->fsm, effect->work.ticket, effect->work.starting,
                        effect->work.stopping, effect->work.conflict);
                return;
        case FLEET_FX_END:
                text_format(
                        stage->seen, "> end: %s\n", effect->end.restart ? "restart" : "shutdown");
                stage_end(stage, effect->end.restart);
                return;
        case FLEET_FX_ANSWER:
                see_answer(stage, effect->answer.answer);
                return;
        case FLEET_FX_FORWARD:
                stage->forwarded = effect->forward->id;
                text_format(stage->seen, "> forward to %s\n", name_of(stage, stage->master));
                return;
        case FLEET_FX_OWED:
        case FLEET_FX_LOSSES:
        case FLEET_FX_NO_AUTORESTART:
        case FLEET_FX_LOG:
        case FLEET_FX_INSTANCE:
        case FLEET_FX_RECORD:
        case FLEET_FX_PROCESS:
        case FLEET_FX_APPLICATION:
                return;
        }
}

/* What comes of an effect comes after all the others of its step. */
void stage_step(struct stage *stage, struct fleet_event *event)
{
        event->now = stage->now;
        event->wall = stage->now;
        fleet_step(stage->fleet, event, &stage->fx);
        if (stage->is_draining)
                return;
        stage->is_draining = true;
        for (size_t i = 0; i < stage->fx.count; i++) {
                struct fleet_effect effect = stage->fx.at[i]; /* the array may move */

                run_effect(stage, &effect);
        }
        stage->is_draining = false;
        fleet_effects_reset(&stage->fx);
}

static bool is_acting(const struct stage *stage)
{
        return stage->master == 0;
}

static void tell_state(struct stage *stage, bool abort)
{
        stage_step(stage, &(struct fleet_event){ .type = FLEET_STATE,
                                  .state = { .state = stage->fsm.state,
                                          .master = stage->master,
                                          .acting = is_acting(stage),
                                          .mastership = stage->mastership,
                                          .abort = abort,
                                          .took_over_jobs = stage->took_over } });
}

static void run_wish(struct stage *stage, const struct cluster_effect *wish)
{
        if (wish->type == CLUSTER_FX_STATE) {
                text_format(stage->seen, "> state %s\n", fsm_state_name(wish->state.to));
                if (wish->state.to == FSM_DISTRIBUTION)
                        stage->has_newcomer = false;
                tell_state(stage, wish->state.abort);
        } else if (wish->type == CLUSTER_FX_WORK) {
                stage_step(stage,
                        &(struct fleet_event){ .type = FLEET_WORK,
                                .work = { .kind = wish->work.kind, .ticket = wish->work.ticket } });
        }
}

static bool move(struct stage *stage)
{
        const struct fsm_facts facts = {
                .now = stage->now,
                .local_running = true,
                .master_known = stage->master != PEERS_NONE,
                .acting = is_acting(stage),
                .newcomer = stage->has_newcomer,
                .mastership = stage->mastership,
                .master_state = stage->master_state,
        };
        struct cluster_effects wishes = {};
        bool moved = fsm_step(&stage->fsm, &stage->cluster, &facts, &wishes);

        moved = moved || wishes.count;
        for (size_t i = 0; i < wishes.count; i++)
                run_wish(stage, &wishes.at[i]);
        cluster_effects_clear(&wishes);
        return moved;
}

void stage_elect(struct stage *stage, unsigned master, bool took_over)
{
        stage->master = master;
        stage->mastership++;
        stage->master_state = FSM_OPERATION;
        stage->took_over = took_over;
        tell_state(stage, false);
        stage_settle(stage);
        stage->took_over = false;
}

void stage_end(struct stage *stage, bool restart)
{
        struct cluster_effects wishes = {};

        (void)fsm_end(&stage->fsm, restart, is_acting(stage), stage->now, &wishes); /* is seen */
        for (size_t i = 0; i < wishes.count; i++)
                run_wish(stage, &wishes.at[i]);
        cluster_effects_clear(&wishes);
}

/* The states that an order leads to, one after the other; PROCESS_STATES: that was all. */
static enum process_state next_state(const struct slot *slot, bool is_stop, unsigned step)
{
        static const enum process_state starts[HABITS][3] = {
                [HABIT_OBEYS] = { STARTING, RUNNING, PROCESS_STATES },
                [HABIT_EXITS] = { STARTING, RUNNING, EXITED },
                [HABIT_CRASHES] = { STARTING, RUNNING, EXITED },
                [HABIT_DIES] = { STARTING, BACKOFF, FATAL },
                [HABIT_HANGS] = { STARTING, PROCESS_STATES, PROCESS_STATES },
                [HABIT_DEAF] = { PROCESS_STATES, PROCESS_STATES, PROCESS_STATES },
                [HABIT_REFUSES] = { PROCESS_STATES, PROCESS_STATES, PROCESS_STATES },
                [HABIT_CLINGS] = { STARTING, RUNNING, PROCESS_STATES },
                [HABIT_IMMUNE] = { STARTING, RUNNING, PROCESS_STATES },
        };

        if (!is_stop)
                return step < 3 ? starts[slot->habit][step] : PROCESS_STATES;
        if (slot->habit == HABIT_IMMUNE || step > 1 || (slot->habit == HABIT_CLINGS && step > 0))
                return PROCESS_STATES;
        return step == 0 ? STOPPING : STOPPED;
}

static void see_state(struct stage *stage, const struct slot *slot)
{
        if (slot->state == STARTING || slot->state == STOPPING || slot->state == BACKOFF)
                return;
        text_format(stage->seen, "> . %s:%s %s%s on %s\n", slot->group, slot->name,
                process_state_name(slot->state),
                slot->state == EXITED && !slot->expected ? " unexpectedly" : "",
                name_of(stage, slot->instance));
}

/* One step of everything that was ordered before. */
static bool play(struct stage *stage)
{
        size_t count = stage->reactions_count, kept = 0;

        for (size_t i = 0; i < count; i++) {
                struct reaction *reaction = &stage->reactions[i];
                struct slot *slot = &stage->slots[reaction->slot];
                enum process_state state = next_state(slot, reaction->is_stop, reaction->step++);

                if (slot->is_gone || !stage->places[slot->instance].is_up)
                        state = PROCESS_STATES;
                if (state == PROCESS_STATES) {
                        reaction->step = UINT32_MAX;
                        continue;
                }
                slot->state = state;
                slot->expected = state != FATAL && slot->habit != HABIT_CRASHES;
                see_state(stage, slot);
                if (state == STARTING)
                        slot->start = stage->now + 1;
                if (process_state_is_stopped(state))
                        slot->stop = stage->now + 1;
                stage_tell(stage, slot, state, slot->expected);
        }
        for (size_t i = 0; i < stage->reactions_count; i++)
                if (stage->reactions[i].step != UINT32_MAX)
                        stage->reactions[kept++] = stage->reactions[i];
        stage->reactions_count = kept;
        return count;
}

void stage_settle(struct stage *stage)
{
        for (size_t round = 0; round < ROUNDS_MAX; round++)
                if (!move(stage) && !play(stage))
                        return;
        text_append(stage->seen, "> it does not come to rest\n");
}

void stage_wait(struct stage *stage, usec_t time)
{
        usec_t end = stage->now + time;

        stage_settle(stage);
        for (size_t round = 0; round < ROUNDS_MAX && stage->fleet; round++) {
                usec_t due = fleet_deadline(stage->fleet);

                if (due > end)
                        break;
                if (due > stage->now)
                        stage->now = due;
                stage_step(stage, &(struct fleet_event){ .type = FLEET_TIMER });
                stage_settle(stage);
        }
        if (stage->now < end)
                stage->now = end;
}

static void show_process(struct stage *stage, const struct fleet_process *process)
{
        text_format(stage->seen, "> . %s:%s %s%s", process->application->name, process->name,
                process_state_name(fleet_process_shown(process)),
                fleet_process_shown(process) == EXITED && !process->expected ? " unexpectedly"
                                                                             : "");
        for (size_t i = 0; i < process->running_count; i++)
                text_format(
                        stage->seen, "%s%s", i ? "," : " on ", name_of(stage, process->running[i]));
        if (process->forced)
                text_format(stage->seen, ": %s", process->forced_reason);
        text_append(stage->seen, "\n");
}

void stage_show(struct stage *stage, const char *name)
{
        for (size_t i = 0; i < fleet_applications_count(stage->fleet); i++) {
                const struct fleet_application *application = fleet_application_at(stage->fleet, i);

                if (name && strcmp(application->name, name) != 0)
                        continue;
                text_format(stage->seen, "> %s %s%s%s\n", application->name,
                        application_state_name(application->state),
                        application->major_failure ? " major" : "",
                        application->minor_failure ? " minor" : "");
                for (size_t j = 0; j < application->processes_count; j++)
                        show_process(stage, application->processes[j]);
        }
}
