/* The engine of a simulated instance: programs that start, run, exit, crash and stop by lot. */
#include <stdio.h>
#include <string.h>

#include "tests/sim/host.h"
#include "tests/sim/judge.h"

#define TRIES_MAX 2

static struct host *host_of(const struct world *w, unsigned node)
{
        return w->nodes[node].host;
}

static const struct scenario_program *program_of(const struct world *w, unsigned program)
{
        return &w->scenario->programs[program];
}

bool programs_is_there(const struct world *w, unsigned program, unsigned node)
{
        uint32_t where = program_of(w, program)->where;

        return where >> (node % 32) & 1;
}

bool programs_runs(const struct world *w, unsigned node, unsigned program)
{
        const struct world_node *n = &w->nodes[node];
        const struct slot *slots = n->host ? n->host->slots : n->orphans;

        return slots && !process_state_is_stopped(slots[program].state);
}

static void later(struct host *h, unsigned program, usec_t delay)
{
        struct slot *slot = &h->slots[program];
        struct world_entry *e = world_push(h->w, delay, WORLD_PROGRAM, h->node, program);

        slot->version = e->x = ++h->w->versions;
}

static void become(struct host *h, unsigned program, enum process_state state, bool expected)
{
        struct slot *slot = &h->slots[program];
        usec_t now = host_clock(h->w, h->node);

        slot->state = state;
        slot->expected = expected;
        slot->version = 0;
        slot->changed = now > slot->changed ? now : slot->changed + 1;
        if (state == STARTING)
                slot->start = now;
        if (process_state_is_stopped(state))
                slot->stop = now;
        world_tell(h->w, "%s: %s:%s is %s", h->w->nodes[h->node].nick,
                program_of(h->w, program)->group, program_of(h->w, program)->name,
                process_state_name(state));
}

static void start(struct host *h, unsigned program)
{
        become(h, program, STARTING, true);
        later(h, program,
                (usec_t)program_of(h->w, program)->startsecs * USEC_SEC +
                        world_random(h->w, 20 * USEC_MSEC));
        host_tell(h, program);
}

static bool has_bad_luck(struct host *h, unsigned program)
{
        return program_of(h->w, program)->habit == SCENARIO_WEAK && !h->w->is_tame &&
               world_random(h->w, 3) == 0;
}

static void come_up(struct host *h, unsigned program)
{
        enum scenario_habit habit = program_of(h->w, program)->habit;

        if (has_bad_luck(h, program)) {
                become(h, program, BACKOFF, true);
                later(h, program, USEC_SEC);
                host_tell(h, program);
                return;
        }
        h->slots[program].tries = 0;
        become(h, program, RUNNING, true);
        if (habit == SCENARIO_WORKER)
                later(h, program, USEC_SEC / 10 + world_random(h->w, 2 * USEC_SEC));
        else if (habit == SCENARIO_FRAIL)
                later(h, program, USEC_SEC / 2 + world_random(h->w, 10 * USEC_SEC));
        host_tell(h, program);
}

static void retry(struct host *h, unsigned program)
{
        if (++h->slots[program].tries < TRIES_MAX) {
                start(h, program);
                return;
        }
        h->slots[program].tries = 0;
        become(h, program, FATAL, false);
        host_tell(h, program);
}

static void come_down(struct host *h, unsigned program)
{
        const struct scenario_program *p = program_of(h->w, program);
        bool worker = p->habit == SCENARIO_WORKER;

        if (!worker && h->w->is_tame)
                return;
        become(h, program, EXITED, worker);
        host_tell(h, program);
        if (!worker && p->autorestart && !h->slots[program].no_autorestart &&
                h->slots[program].state == EXITED)
                start(h, program);
}

static void on_timer(struct world *w, unsigned node, unsigned program, uint64_t version)
{
        struct host *h = host_of(w, node);

        if (!h || h->slots[program].version != version)
                return;
        h->slots[program].version = 0;
        switch (h->slots[program].state) {
        case STARTING:
                come_up(h, program);
                return;
        case BACKOFF:
                retry(h, program);
                return;
        case RUNNING:
                come_down(h, program);
                return;
        case STOPPING:
                become(h, program, STOPPED, true);
                host_tell(h, program);
                return;
        case STOPPED:
        case EXITED:
        case FATAL:
        case UNKNOWN:
        case PROCESS_STATES:
                return;
        }
}

void programs_orphan(struct world *w, unsigned node)
{
        struct world_node *n = &w->nodes[node];

        if (n->host)
                n->orphans = mem_copy(n->host->slots, sizeof(n->host->slots));
}

/* What has become of it meanwhile; the next daemon finds out by the end, or by what is alive. */
static void go_on(struct host *h, unsigned program, const struct slot *orphan)
{
        const struct scenario_program *p = program_of(h->w, program);
        struct slot *slot = &h->slots[program];

        *slot = *orphan;
        slot->version = 0;
        switch (orphan->state) {
        case STARTING:
                later(h, program, (usec_t)p->startsecs * USEC_SEC);
                break;
        case RUNNING:
                if (p->habit == SCENARIO_WORKER)
                        later(h, program, world_random(h->w, 2 * USEC_SEC));
                else if (p->habit == SCENARIO_FRAIL)
                        later(h, program, world_random(h->w, 10 * USEC_SEC));
                break;
        case BACKOFF:
                later(h, program, USEC_SEC);
                break;
        case STOPPING:
                later(h, program, world_random(h->w, (usec_t)p->stopwaitsecs * USEC_SEC));
                break;
        case STOPPED:
        case EXITED:
        case FATAL:
        case UNKNOWN:
        case PROCESS_STATES:
                break;
        }
}

void programs_adopt(struct host *h)
{
        struct world_node *n = &h->w->nodes[h->node];
        CLEANUP(mem_free) struct slot *orphans = TAKE(n->orphans);

        for (unsigned i = 0; orphans && i < h->w->scenario->programs_count; i++)
                if (programs_is_there(h->w, i, h->node))
                        go_on(h, i, &orphans[i]);
}

static unsigned find(const struct host *h, const char *namespec)
{
        for (unsigned i = 0; i < h->w->scenario->programs_count; i++) {
                const struct scenario_program *p = program_of(h->w, i);
                char name[32];

                (void)snprintf(name, sizeof(name), "%s:%s", p->group, p->name);
                if (strcmp(name, namespec) == 0 && programs_is_there(h->w, i, h->node))
                        return i;
        }
        return SCENARIO_PROGRAMS_MAX;
}

static enum fault obey(struct host *h, const struct request *request)
{
        unsigned program = find(h, request->name);
        struct slot *slot = &h->slots[program];

        if (program == SCENARIO_PROGRAMS_MAX)
                return FAULT_BAD_NAME;
        if (request->type == REQUEST_START) {
                if (!process_state_is_stopped(slot->state))
                        return FAULT_ALREADY_STARTED;
                (void)snprintf(
                        slot->args, sizeof(slot->args), "%s", request->args ? request->args : "");
                slot->tries = 0;
                start(h, program);
                return FAULT_NONE;
        }
        if (process_state_is_stopped(slot->state))
                return FAULT_NOT_RUNNING;
        if (slot->state == STOPPING)
                return FAULT_NONE;
        become(h, program, slot->state == BACKOFF ? STOPPED : STOPPING, true);
        if (slot->state == STOPPING)
                later(h, program,
                        world_random(
                                h->w, (usec_t)program_of(h->w, program)->stopwaitsecs * USEC_SEC));
        host_tell(h, program);
        return FAULT_NONE;
}

void programs_ask(struct host *h, const struct request *request)
{
        enum fault fault = obey(h, request);

        orders_engine_answer(h->orders, request->id,
                fault == FAULT_NONE ? answer_new(ANSWER_TRUE) : answer_new_fault(fault, NULL));
}

void programs_happen(struct world *w, const struct world_entry *e)
{
        if (e->kind == WORLD_FLEET)
                host_timer(w, e->node, e->x);
        else if (e->kind == WORLD_PROGRAM)
                on_timer(w, e->node, e->peer, e->x);
        else
                judge_ask(w, e->node);
}
