/* The judge: see judge.h. */
#include "tests/sim/judge.h"

#include <stdio.h>
#include <string.h>

#include "tests/sim/host.h"
#include "tests/sim/oracle.h"

struct outstanding { /* an order whose end its master has not seen yet */
        unsigned program, target;
        bool is_stop;
        usec_t since; /* event_time of the record when it was given */
};

struct orders_out { /* of a node */
        struct outstanding *at;
        size_t count, capacity;
};

struct ask {
        uint64_t id;
        unsigned node;
        enum fleet_request_type type;
        char name[16];
};

struct judge {
        struct orders_out *out;
        struct ask *asks;
        size_t asks_count, asks_capacity;
        uint64_t last_ask, orders, conflicts;
        bool ran[SCENARIO_PROGRAMS_MAX]; /* at the instance that is just being lost */
        uint64_t *lives; /* of all nodes at the last start of each application, and 1 */
        bool meddled[5]; /* somebody wanted something of the application to be stopped */
        bool peace;
};

struct judge *judge_new(const struct world *w)
{
        struct judge *j = mem_new(sizeof(*j));

        j->out = mem_new_array(w->options.count, sizeof(*j->out));
        j->lives = mem_new_array(ELEMENTS(j->meddled) * w->options.count, sizeof(*j->lives));
        return j;
}

struct judge *judge_free(struct judge *j)
{
        if (!j)
                return NULL;
        mem_free(j->asks);
        mem_free(j->lives);
        mem_free(j->out);
        return mem_free(j);
}

uint64_t judge_orders(const struct world *w)
{
        return w->judge->orders;
}

uint64_t judge_conflicts(const struct world *w)
{
        return w->judge->conflicts;
}

static void object(struct world *w, unsigned node, unsigned program, const char *words)
{
        const struct scenario_program *p = &w->scenario->programs[program];
        CLEANUP(mem_free)
        char *sentence = mem_format("%s, %s:%s: %s", w->nodes[node].nick, p->group, p->name, words);

        oracle_object(w->oracle, w, sentence);
}

static struct fleet_process *process_of(const struct world *w, unsigned node, unsigned program)
{
        const struct scenario_program *p = &w->scenario->programs[program];
        struct fleet_application *a = fleet_application_find(w->nodes[node].host->fleet, p->group);

        return a ? fleet_process_find(a, p->name) : NULL;
}

static const struct fleet_record *record_of(
        const struct world *w, unsigned node, unsigned program, unsigned target)
{
        const struct fleet_process *process = process_of(w, node, program);

        return process ? fleet_process_record(process, target) : NULL;
}

static unsigned find_program(const struct world *w, const char *group, const char *name)
{
        unsigned i = 0;

        while (strcmp(w->scenario->programs[i].group, group) != 0 ||
                strcmp(w->scenario->programs[i].name, name) != 0)
                i++;
        return i;
}

/*
 * Orders.
 */

static bool is_lost(const struct world *w, unsigned node, const struct outstanding *o)
{
        const struct fleet_record *record = record_of(w, node, o->program, o->target);

        return !record || record->lost ||
               fleet_instance_at(w->nodes[node].host->fleet, o->target)->state != PEERS_RUNNING;
}

static bool is_over(const struct world *w, unsigned node, const struct outstanding *o)
{
        const struct fleet_record *record = record_of(w, node, o->program, o->target);

        if (is_lost(w, node, o))
                return true;
        if (o->is_stop)
                return process_state_is_stopped(record->state);
        if (record->state == RUNNING || record->state == STOPPING)
                return true;
        return process_state_is_stopped(record->state) && record->event_time != o->since;
}

void judge_before(struct world *w, unsigned node, const struct fleet_event *event)
{
        const struct host *h = w->nodes[node].host;
        bool is_idle = !fleet_is_starting(h->fleet) && !fleet_is_stopping(h->fleet);

        if (event->type != FLEET_INSTANCE)
                return;
        for (unsigned i = 0; i < w->scenario->programs_count; i++) {
                const struct fleet_record *record = record_of(w, node, i, event->instance);

                w->judge->ran[i] = is_idle && record && record->state == RUNNING;
        }
}

/* RESTART_PROCESS: what a master at work loses he starts again in the same step, or says why not.
 */
static void check_loss(struct world *w, unsigned node, unsigned instance)
{
        const struct host *h = w->nodes[node].host;

        if (h->state != FSM_OPERATION || h->master != 0 || fleet_is_starting(h->fleet) ||
                fleet_is_stopping(h->fleet))
                return;
        for (size_t i = 0; i < h->effects.count; i++)
                if (h->effects.at[i].type == FLEET_FX_FORCE)
                        return;
        for (unsigned i = 0; i < w->scenario->programs_count; i++) {
                const struct fleet_record *record = record_of(w, node, i, instance);

                if (record && record->lost && record->received == host_clock(w, node) &&
                        record->process->running_count == 0 &&
                        record->process->application->rules->managed &&
                        record->process->rules->running_failure == RUNNING_RESTART_PROCESS &&
                        !w->judge->meddled[w->scenario->programs[i].application] &&
                        w->judge->ran[i])
                        object(w, node, i, "it is lost, and nobody cares");
        }
}

void judge_step(struct world *w, unsigned node, const struct fleet_event *event)
{
        struct orders_out *out = &w->judge->out[node];
        size_t kept = 0;

        if (event->type == FLEET_INSTANCE && event->peer.state == PEERS_FAILED)
                check_loss(w, node, event->instance);
        if (event->type == FLEET_STATE && (event->state.abort || !event->state.acting))
                out->count = 0;
        for (size_t i = 0; i < out->count; i++)
                if (!is_over(w, node, &out->at[i]))
                        out->at[kept++] = out->at[i];
        out->count = kept;
}

static void forget(struct world *w, unsigned node, unsigned program)
{
        struct orders_out *out = &w->judge->out[node];
        size_t kept = 0;

        for (size_t i = 0; i < out->count; i++)
                if (out->at[i].program != program)
                        out->at[kept++] = out->at[i];
        out->count = kept;
}

static void check_single(struct world *w, unsigned node, unsigned program)
{
        const struct fleet_process *process = process_of(w, node, program);
        const struct orders_out *out = &w->judge->out[node];

        for (size_t i = 0; i < process->records_count; i++)
                if (!process_state_is_stopped(process->records[i]->state))
                        object(w, node, program, "it is started though it is known to run");
        for (size_t i = 0; i < out->count; i++)
                if (out->at[i].program == program && !out->at[i].is_stop)
                        object(w, node, program, "it is started twice");
}

/* Where a distribution goes to is decided once, before what the end of a partition brings. */
static bool may_be_outdated(const struct world *w, const struct fleet_process *process)
{
        return !w->judge->peace && process->application->rules->distribution != ALL_INSTANCES;
}

static void check_load(struct world *w, unsigned node, unsigned program, unsigned target)
{
        const struct fleet *fleet = w->nodes[node].host->fleet;
        const struct fleet_instance *there = fleet_instance_at(fleet, target);
        const struct orders_out *out = &w->judge->out[node];
        int64_t load = there->node_load + process_of(w, node, program)->rules->expected_loading;

        for (size_t i = 0; i < out->count; i++) {
                const struct fleet_process *process = process_of(w, node, out->at[i].program);
                const struct fleet_instance *other = fleet_instance_at(fleet, out->at[i].target);

                if (!out->at[i].is_stop && process_state_is_stopped(process->state) &&
                        strcmp(other->node, there->node) == 0)
                        load += process->rules->expected_loading;
        }
        if (load > 100 && !may_be_outdated(w, process_of(w, node, program)))
                object(w, node, program, "its start loads a node with more than 100");
}

/* All that is under way of an application has one rank. */
static void check_rank(struct world *w, unsigned node, unsigned program, bool is_stop)
{
        const struct fleet_process *process = process_of(w, node, program);
        const struct orders_out *out = &w->judge->out[node];

        if (!process->application->rules->managed)
                return;
        for (size_t i = 0; i < out->count; i++) {
                const struct fleet_process *other = process_of(w, node, out->at[i].program);

                if (other->application != process->application || out->at[i].is_stop != is_stop)
                        continue;
                if (is_stop ? other->rules->stop_sequence != process->rules->stop_sequence
                            : other->rules->start_sequence != process->rules->start_sequence)
                        object(w, node, program, "it is ordered while another rank is under way");
        }
}

static bool share(const struct world *w, unsigned node, unsigned a, unsigned b, bool by_node)
{
        const struct fleet *fleet = w->nodes[node].host->fleet;

        return a == b || (by_node && strcmp(fleet_instance_at(fleet, a)->node,
                                             fleet_instance_at(fleet, b)->node) == 0);
}

/* SINGLE_*: to where the others run, if there is one place where they do. */
static void check_together(struct world *w, unsigned node, unsigned program, unsigned target)
{
        const struct fleet_process *process = process_of(w, node, program);
        const struct fleet_application *a = process->application;
        bool any = false, near = false;

        if (a->rules->distribution == ALL_INSTANCES || may_be_outdated(w, process))
                return;
        for (size_t i = 0; i < a->processes_count; i++) {
                const struct fleet_process *other = a->processes[i];

                for (size_t k = 0; k < other->running_count && other != process; k++) {
                        any = any || process_state_is_running(other->state);
                        near = near || share(w, node, target, other->running[k],
                                               a->rules->distribution == SINGLE_NODE);
                }
        }
        if (any && !near)
                object(w, node, program, "it is started away from the rest of its application");
}

/* SENICIDE, INFANTICIDE: one copy is kept. */
static void check_kept(struct world *w, unsigned node, unsigned program)
{
        const struct fleet_process *process = process_of(w, node, program);
        const struct scenario *s = w->scenario;
        enum running_failure strategy = process->rules->running_failure;

        if (w->nodes[node].host->state != FSM_CONCILIATION || process->running_count < 2 ||
                (s->conciliation != CONCILIATION_SENICIDE &&
                        s->conciliation != CONCILIATION_INFANTICIDE) ||
                strategy == RUNNING_STOP_APPLICATION || strategy == RUNNING_RESTART_APPLICATION ||
                w->judge->meddled[s->programs[program].application])
                return;
        for (size_t i = 0; i < process->running_count; i++) {
                const struct orders_out *out = &w->judge->out[node];
                size_t k = 0;

                while (k < out->count &&
                        (out->at[k].program != program || out->at[k].target != process->running[i]))
                        k++;
                if (k == out->count &&
                        fleet_process_record(process, process->running[i])->state != STOPPING)
                        return;
        }
        object(w, node, program, "no copy of it is kept");
}

/* A stop cuts short what is being started of the application. */
static void forget_starts(struct world *w, unsigned node, unsigned application)
{
        struct orders_out *out = &w->judge->out[node];
        size_t kept = 0;

        for (size_t i = 0; i < out->count; i++)
                if (out->at[i].is_stop ||
                        w->scenario->programs[out->at[i].program].application != application)
                        out->at[kept++] = out->at[i];
        out->count = kept;
}

static uint64_t *lives_of(const struct world *w, unsigned application)
{
        return &w->judge->lives[(size_t)application * w->options.count];
}

static void note_lives(struct world *w, unsigned application)
{
        for (unsigned i = 0; i < w->options.count; i++)
                lives_of(w, application)[i] = w->nodes[i].life + 1;
}

/* Every daemon that knew how far its start had come has died since; what of it has ended, or was
 * never begun, looks as if somebody had stopped it. */
static bool is_forgotten(const struct world *w, unsigned application)
{
        const uint64_t *lives = lives_of(w, application);
        unsigned i = 0;

        while (i < w->options.count && lives[i] && lives[i] != w->nodes[i].life + 1)
                i++;
        return i == w->options.count;
}

static void check_order(struct world *w, unsigned node, const struct fleet_effect *fx)
{
        unsigned program = find_program(w, fx->group, fx->name);
        bool is_stop = fx->type == FLEET_FX_STOP;
        struct orders_out *out = &w->judge->out[node];
        const struct fleet_record *record = record_of(w, node, program, fx->instance);
        struct outstanding o = { program, fx->instance, is_stop, record ? record->event_time : 0 };

        world_tell(w, "%s orders: %s %s:%s at %s", w->nodes[node].nick, is_stop ? "stop" : "start",
                fx->group, fx->name, w->nodes[world_node_at(node, fx->instance)].nick);
        w->judge->orders++;
        if (is_stop)
                forget_starts(w, node, w->scenario->programs[program].application);
        check_rank(w, node, program, is_stop);
        if (!is_stop) {
                note_lives(w, w->scenario->programs[program].application);
                check_single(w, node, program);
                check_load(w, node, program, fx->instance);
                check_together(w, node, program, fx->instance);
                if (!record)
                        object(w, node, program, "it is started where it is not configured");
        }
        out->at = mem_grow(out->at, &out->capacity, out->count + 1, sizeof(*out->at));
        out->at[out->count++] = o;
        if (is_stop)
                check_kept(w, node, program);
}

void judge_effect(struct world *w, unsigned node, const struct fleet_effect *fx)
{
        if (fx->type == FLEET_FX_START || fx->type == FLEET_FX_STOP) {
                check_order(w, node, fx);
        } else if (fx->type == FLEET_FX_FORCE) {
                world_tell(w, "%s forces %s:%s to %s: %s", w->nodes[node].nick, fx->group, fx->name,
                        process_state_name(fx->force.state), fx->force.reason);
                forget(w, node, find_program(w, fx->group, fx->name));
        } else if (fx->type == FLEET_FX_WORK && fx->work.conflict) {
                w->judge->conflicts++;
        }
}

/*
 * Who asks.
 */

static const char *name_of_type(enum fleet_request_type type)
{
        return payload_request_name(type);
}

static void draw_request(struct world *w, unsigned node, struct fleet_request *ret, char *name)
{
        static const enum fleet_request_type types[] = { FLEET_START_APPLICATION,
                FLEET_STOP_APPLICATION, FLEET_RESTART_APPLICATION, FLEET_START_PROCESS,
                FLEET_STOP_PROCESS, FLEET_RESTART_PROCESS, FLEET_START_ANY, FLEET_RESTART_SEQUENCE,
                FLEET_CONCILIATE, FLEET_TEST_START_APPLICATION };
        const struct scenario *s = w->scenario;
        const struct scenario_program *p = &s->programs[world_random(w, s->programs_count)];
        enum fleet_request_type type = types[world_random(w, ELEMENTS(types))];

        *ret = (struct fleet_request){ .type = type,
                .name = name,
                .args = world_random(w, 2) ? "" : "-x",
                .strategy = (unsigned)world_random(w, STARTING_STRATEGIES),
                .wait = world_random(w, 2) };
        if (type == FLEET_CONCILIATE)
                ret->strategy = CONCILIATION_SENICIDE;
        if (!s->applications[p->application].touchable && type != FLEET_START_ANY)
                ret->type = FLEET_START_APPLICATION;
        if (ret->type == FLEET_START_APPLICATION || ret->type == FLEET_STOP_APPLICATION ||
                ret->type == FLEET_RESTART_APPLICATION || ret->type == FLEET_TEST_START_APPLICATION)
                (void)snprintf(name, 16, "%s", p->group);
        else
                (void)snprintf(name, 16, "%s:%s", p->group, p->name);
        (void)node;
        if (s->applications[p->application].touchable)
                w->judge->meddled[p->application] = true;
}

void judge_ask(struct world *w, unsigned node)
{
        struct judge *j = w->judge;
        struct fleet_request request;
        struct ask ask = { .id = ++j->last_ask, .node = node };

        if (!w->is_asking)
                return;
        world_push(w, USEC_SEC / 10 + world_random(w, 3 * USEC_SEC), WORLD_ASK,
                (unsigned)world_random(w, w->options.count), 0);
        if (!w->nodes[node].host)
                return;
        draw_request(w, node, &request, ask.name);
        request.id = ask.id;
        ask.type = request.type;
        j->asks = mem_grow(j->asks, &j->asks_capacity, j->asks_count + 1, sizeof(*j->asks));
        j->asks[j->asks_count++] = ask;
        world_tell(w, "%s is asked: %s %s, number %llu%s", w->nodes[node].nick,
                name_of_type(ask.type), ask.name, (unsigned long long)ask.id,
                request.wait ? ", waiting" : "");
        host_ask(w, node, &request);
}

void judge_answered(struct world *w, unsigned node, uint64_t request, const struct answer *answer)
{
        struct judge *j = w->judge;

        world_tell(w, "%s answers number %llu: %s", w->nodes[node].nick,
                (unsigned long long)request, answer->type == ANSWER_FAULT ? answer->text : "good");
        for (size_t i = 0; i < j->asks_count; i++)
                if (j->asks[i].id == request && j->asks[i].node == node) {
                        j->asks[i] = j->asks[--j->asks_count];
                        return;
                }
        oracle_object(w->oracle, w, "an answer that nobody waits for");
}

void judge_callers_leave(struct world *w, unsigned node)
{
        struct judge *j = w->judge;
        size_t i = 0;

        while (j && i < j->asks_count) {
                uint64_t id = j->asks[i].id;

                if (j->asks[i].node != node) {
                        i++;
                        continue;
                }
                j->asks[i] = j->asks[--j->asks_count];
                host_drop(w, node, id);
        }
}

void judge_life_ends(struct world *w, unsigned node)
{
        struct judge *j = w->judge;
        size_t kept = 0;

        for (size_t i = 0; i < j->asks_count; i++)
                if (j->asks[i].node != node)
                        j->asks[kept++] = j->asks[i];
        j->asks_count = kept;
        j->out[node].at = mem_free(j->out[node].at);
        j->out[node] = (struct orders_out){};
}

/*
 * What is true.
 */

static unsigned copies(const struct world *w, unsigned program)
{
        unsigned count = 0;

        for (unsigned i = 0; i < w->options.count; i++)
                count += programs_runs(w, i, program);
        return count;
}

void judge_expect_peace(struct world *w)
{
        w->judge->peace = true;
}

void judge_program(struct world *w, unsigned node, unsigned program)
{
        const struct scenario *s = w->scenario;

        if (w->judge->peace && s->applications[s->programs[program].application].managed &&
                copies(w, program) > 1)
                object(w, node, program, "a second copy starts in peace");
}

bool judge_is_idle(const struct world *w)
{
        for (unsigned i = 0; i < w->options.count; i++) {
                const struct host *h = w->nodes[i].host;

                /* Whom he follows nobody says before it is on his disk. */
                if (!h || fleet_is_starting(h->fleet) || fleet_is_stopping(h->fleet) ||
                        w->nodes[i].disk_free > w->now)
                        return false;
                for (unsigned p = 0; p < w->scenario->programs_count; p++)
                        if (h->slots[p].version)
                                return false;
        }
        return w->judge->asks_count == 0;
}

static unsigned acting_node(const struct world *w)
{
        unsigned i = 0;

        while (i < w->options.count && !cluster_status(w->nodes[i].cluster).acting)
                i++;
        return i;
}

/* What a node knows of a program at another one. */
static void check_record(struct world *w, unsigned node, unsigned other, unsigned program)
{
        const struct fleet_record *record =
                record_of(w, node, program, world_index_at(node, other));
        const struct slot *slot = &w->nodes[other].host->slots[program];

        if (!programs_is_there(w, program, other)) {
                if (record)
                        object(w, node, program, "a record of what is not configured there");
        } else if (!record || record->state != slot->state || record->lost ||
                   record->expected != slot->expected) {
                object(w, node, program, "what is known of it is not true");
                world_tell(w, "at %s it is %s, known as %s", w->nodes[other].nick,
                        process_state_name(slot->state),
                        record ? process_state_name(record->state) : "nothing");
        }
}

static bool is_weak(const struct scenario_program *p)
{
        return p->habit == SCENARIO_FRAIL || p->habit == SCENARIO_WEAK;
}

/* What is wrong with it may be by intention, by lot or for lack of room. */
static bool is_excused(const struct world *w, const struct scenario_program *program,
        const struct fleet_application *a)
{
        const struct scenario *s = w->scenario;

        if (w->judge->meddled[program->application] || s->is_heavy || s->is_uneven)
                return true;
        if (a->rules->starting_strategy == STARTING_LOCAL ||
                a->rules->running_failure == RUNNING_STOP_APPLICATION ||
                a->rules->running_failure == RUNNING_CONTINUE)
                return true;
        if (s->conciliation == CONCILIATION_STOP)
                return true;
        for (unsigned i = 0; i < s->programs_count; i++)
                if (s->programs[i].application == program->application && is_weak(&s->programs[i]))
                        return true;
        return false;
}

static void check_program(struct world *w, unsigned master, unsigned program)
{
        const struct scenario_program *p = &w->scenario->programs[program];
        const struct fleet_process *process = process_of(w, master, program);
        const struct fleet_application *a;
        bool failed;

        if (!process || !w->scenario->applications[p->application].managed)
                return;
        a = process->application;
        if (copies(w, program) > 1) {
                object(w, master, program, "it runs more than once when all is idle");
                world_tell(w, "its master knows of %zu copies", process->running_count);
        }
        if (a->rules->start_sequence <= 0 || process->rules->start_sequence <= 0 ||
                copies(w, program) == 1)
                return;
        if (p->habit == SCENARIO_WORKER || is_forgotten(w, p->application))
                return; /* it has done its work; or that of an instance heard of later has not */
        failed = fleet_process_shown(process) == FATAL || fleet_process_shown(process) == EXITED ||
                 a->major_failure || a->minor_failure || a->state == APPLICATION_STOPPED ||
                 !process->rules->required;
        if (!is_excused(w, p, a))
                object(w, master, program, "it does not run, though nothing speaks against it");
        else if (!failed && !w->judge->meddled[p->application])
                object(w, master, program, "it does not run, and nobody says that it has failed");
}

void judge_look(struct world *w)
{
        unsigned master = acting_node(w);

        for (unsigned i = 0; i < w->options.count; i++)
                for (unsigned k = 0; k < w->options.count; k++)
                        for (unsigned p = 0; p < w->scenario->programs_count; p++)
                                check_record(w, i, k, p);
        for (unsigned p = 0; p < w->scenario->programs_count; p++)
                check_program(w, master, p);
}
