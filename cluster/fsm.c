/* The cluster's state machine: see fsm.h.
 *
 * Beyond Supvisors' transitions there are those whose lack left an instance stuck: CONCILIATION to
 * ELECTION, DISTRIBUTION to SYNCHRONIZATION, and the way to the end from every state in which a
 * master is followed. */
#include "cluster/fsm.h"

#include "cluster/cluster_effects.h"
#include "cluster/cluster_options.h"

/* Shifted by one, so that what is absent is 0 and not OFF. */
#define TO(state) ((unsigned char)(FSM_##state + 1))

#define AND_ON                                                      \
        [FSM_LOCAL_LOST] = TO(OFF), [FSM_RESTART] = TO(RESTARTING), \
        [FSM_SHUTDOWN] = TO(SHUTTING_DOWN)
#define AND_AT_WORK     [FSM_RESYNC] = TO(SYNCHRONIZATION), AND_ON
#define AND_WITH_MASTER [FSM_MASTER_LOST] = TO(ELECTION), AND_AT_WORK

static const unsigned char next_state[FSM_STATES][FSM_INPUTS] = {
        [FSM_OFF] = { [FSM_LOCAL_READY] = TO(SYNCHRONIZATION) },
        [FSM_SYNCHRONIZATION] = { [FSM_SYNCHRONIZED] = TO(ELECTION), AND_ON },
        [FSM_ELECTION] = { [FSM_ELECTED] = TO(DISTRIBUTION), AND_AT_WORK },
        [FSM_DISTRIBUTION] = { [FSM_STARTED] = TO(OPERATION), AND_WITH_MASTER },
        [FSM_OPERATION] = { [FSM_CONFLICT] = TO(CONCILIATION),
                [FSM_NEWCOMER] = TO(ELECTION),
                AND_WITH_MASTER },
        [FSM_CONCILIATION] = { [FSM_CONCILIATED] = TO(OPERATION),
                [FSM_NEWCOMER] = TO(ELECTION),
                AND_WITH_MASTER },
        [FSM_RESTARTING] = { [FSM_ENDED] = TO(FINAL),
                [FSM_LOCAL_LOST] = TO(FINAL),
                [FSM_MASTER_LOST] = TO(FINAL) },
        [FSM_SHUTTING_DOWN] = { [FSM_ENDED] = TO(FINAL),
                [FSM_LOCAL_LOST] = TO(FINAL),
                [FSM_MASTER_LOST] = TO(FINAL) },
};

/* The next step of the way from the own state (row) to that of the master (column).  It is walked
 * to its end at once, so that a master's state that came and went unseen leaves nobody behind.
 * LOCAL_READY, which is 0, stands for: stay. */
static const unsigned char toward[FSM_STATES][FSM_STATES] = {
        [FSM_SYNCHRONIZATION] = { [FSM_RESTARTING] = FSM_RESTART,
                [FSM_SHUTTING_DOWN] = FSM_SHUTDOWN },
        [FSM_ELECTION] = { [FSM_DISTRIBUTION] = FSM_ELECTED,
                [FSM_OPERATION] = FSM_ELECTED,
                [FSM_CONCILIATION] = FSM_ELECTED,
                [FSM_RESTARTING] = FSM_RESTART,
                [FSM_SHUTTING_DOWN] = FSM_SHUTDOWN },
        [FSM_DISTRIBUTION] = { [FSM_OPERATION] = FSM_STARTED,
                [FSM_CONCILIATION] = FSM_STARTED,
                [FSM_RESTARTING] = FSM_RESTART,
                [FSM_SHUTTING_DOWN] = FSM_SHUTDOWN },
        [FSM_OPERATION] = { [FSM_DISTRIBUTION] = FSM_NEWCOMER,
                [FSM_CONCILIATION] = FSM_CONFLICT,
                [FSM_RESTARTING] = FSM_RESTART,
                [FSM_SHUTTING_DOWN] = FSM_SHUTDOWN },
        [FSM_CONCILIATION] = { [FSM_DISTRIBUTION] = FSM_NEWCOMER,
                [FSM_OPERATION] = FSM_CONCILIATED,
                [FSM_RESTARTING] = FSM_RESTART,
                [FSM_SHUTTING_DOWN] = FSM_SHUTDOWN },
};

enum fsm_state fsm_next(enum fsm_state state, enum fsm_input input)
{
        unsigned char to = next_state[state][input];

        return to ? (enum fsm_state)(to - 1) : (enum fsm_state)FSM_SAME;
}

const char *fsm_state_name(enum fsm_state state)
{
        static const char *const names[FSM_STATES] = {
                [FSM_OFF] = "OFF",
                [FSM_SYNCHRONIZATION] = "SYNCHRONIZATION",
                [FSM_ELECTION] = "ELECTION",
                [FSM_DISTRIBUTION] = "DISTRIBUTION",
                [FSM_OPERATION] = "OPERATION",
                [FSM_CONCILIATION] = "CONCILIATION",
                [FSM_RESTARTING] = "RESTARTING",
                [FSM_SHUTTING_DOWN] = "SHUTTING_DOWN",
                [FSM_FINAL] = "FINAL",
        };

        return names[state];
}

const char *fsm_input_name(enum fsm_input input)
{
        static const char *const names[FSM_INPUTS] = {
                [FSM_LOCAL_READY] = "local ready",
                [FSM_LOCAL_LOST] = "local lost",
                [FSM_SYNCHRONIZED] = "synchronized",
                [FSM_RESYNC] = "resync",
                [FSM_MASTER_LOST] = "master lost",
                [FSM_NEWCOMER] = "newcomer",
                [FSM_ELECTED] = "elected",
                [FSM_STARTED] = "started",
                [FSM_CONFLICT] = "conflict",
                [FSM_CONCILIATED] = "conciliated",
                [FSM_RESTART] = "restart",
                [FSM_SHUTDOWN] = "shutdown",
                [FSM_ENDED] = "ended",
        };

        return names[input];
}

bool fsm_is_working(enum fsm_state state)
{
        return state >= FSM_ELECTION && state <= FSM_CONCILIATION;
}

bool fsm_is_ending(enum fsm_state state)
{
        return state == FSM_RESTARTING || state == FSM_SHUTTING_DOWN;
}

void fsm_start(struct fsm *f, usec_t now)
{
        *f = (struct fsm){ .state = FSM_OFF, .since = now, .uptime_from = now };
}

void fsm_report(struct fsm *f, uint64_t ticket, bool starting, bool stopping, bool conflict)
{
        f->ticket_done = ticket;
        f->starting = starting;
        f->stopping = stopping;
        f->conflict = conflict;
        f->was_busy = f->was_busy || starting || stopping;
}

static bool is_idle(const struct fsm *f)
{
        return f->ticket_done == f->ticket && !f->starting && !f->stopping;
}

static void ask(struct fsm *f, enum fsm_work kind, struct cluster_effects *fx)
{
        struct cluster_effect *effect = cluster_effects_add(fx, CLUSTER_FX_WORK, 0);

        effect->work.kind = kind;
        effect->work.ticket = ++f->ticket;
        f->was_busy = false;
}

static void move(struct fsm *f, enum fsm_state to, enum fsm_input input,
        const struct fsm_facts *facts, struct cluster_effects *fx)
{
        struct cluster_effect *effect = cluster_effects_add(fx, CLUSTER_FX_STATE, 0);
        bool ended = fsm_is_ending(f->state);

        effect->state.from = f->state;
        effect->state.to = to;
        /* A newcomer is no reason to drop what the present mastership is doing. */
        effect->state.abort = to == FSM_OFF || to == FSM_SYNCHRONIZATION ||
                              (to == FSM_ELECTION && input == FSM_MASTER_LOST) || fsm_is_ending(to);
        f->state = to;
        f->since = facts->now;
        f->mastership = facts->mastership;
        f->end_seen = false;
        if (to == FSM_OFF)
                f->uptime_from = facts->now;
        if (to == FSM_SYNCHRONIZATION)
                f->resync = input == FSM_RESYNC;
        if (to == FSM_RESTARTING || to == FSM_SHUTTING_DOWN)
                f->restart = to == FSM_RESTARTING;
        if (ended)
                cluster_effects_add(fx, CLUSTER_FX_EXIT, 0)->exit.restart = f->restart;
        if (!facts->acting)
                return;
        if (to == FSM_DISTRIBUTION)
                ask(f, FSM_WORK_DISTRIBUTE, fx);
        else if (to == FSM_CONCILIATION)
                ask(f, FSM_WORK_CONCILIATE, fx);
        else if (fsm_is_ending(to))
                ask(f, FSM_WORK_STOP, fx);
}

static bool is_degraded(const struct cluster_options *o, const struct fsm_facts *facts)
{
        return (o->synchro & CLUSTER_CORE && facts->core_running < facts->core) ||
               (o->synchro & CLUSTER_STRICT && facts->listed_running < facts->listed) ||
               (o->synchro & CLUSTER_LIST && facts->running < facts->known);
}

/* The first selected condition, in this order, gives the verdict.  Only presence counts: the time
 * that CORE waits, and newcomers under examination, are no failures. */
static bool has_failed(const struct cluster_options *o, const struct fsm_facts *facts, bool lost)
{
        if (o->synchro & CLUSTER_USER)
                return lost;
        if (o->synchro & CLUSTER_CORE)
                return facts->core_running < facts->core;
        if (o->synchro & CLUSTER_STRICT)
                return facts->listed_running < facts->listed;
        if (o->synchro & CLUSTER_LIST)
                return facts->running < facts->known;
        return false;
}

/* Whoever is still to be discovered is heard within this time: an instance that knows nobody yet
 * is not alone before. */
static usec_t discovery_until(const struct fsm *f, const struct cluster_options *o)
{
        return o->discovery ? usec_add(f->uptime_from, o->failure_timeout) : 0;
}

static bool is_list_complete(
        const struct fsm *f, const struct cluster_options *o, const struct fsm_facts *facts)
{
        return facts->running >= facts->known &&
               (facts->known > 1 || facts->now >= discovery_until(f, o));
}

static bool is_synchronized(
        const struct fsm *f, const struct cluster_options *o, const struct fsm_facts *facts)
{
        usec_t uptime = usec_sub(facts->now, f->uptime_from);

        /* Sent back by the failure strategy: another condition would let us out, and it would send
         * us back, for ever. */
        if (f->resync && o->failure_strategy == CLUSTER_RESYNC && has_failed(o, facts, false))
                return false;
        return (o->synchro & CLUSTER_STRICT && facts->listed_running == facts->listed) ||
               (o->synchro & CLUSTER_LIST && is_list_complete(f, o, facts)) ||
               (o->synchro & CLUSTER_TIMEOUT && uptime >= o->synchro_timeout) ||
               (o->synchro & CLUSTER_CORE && facts->core_running == facts->core &&
                       uptime >= o->core_wait) ||
               (o->synchro & CLUSTER_USER && (facts->nominee_running || facts->master_known));
}

static enum fsm_input follow(const struct fsm *f, const struct fsm_facts *facts)
{
        enum fsm_state there = facts->master_state;

        if (there == FSM_FINAL)
                there = facts->master_restarts ? FSM_RESTARTING : FSM_SHUTTING_DOWN;
        return (enum fsm_input)toward[f->state][there];
}

static enum fsm_input decide_synchronization(
        const struct fsm *f, const struct cluster_options *o, const struct fsm_facts *facts)
{
        bool followed = facts->master_known && !facts->acting;
        enum fsm_input input = followed ? follow(f, facts) : FSM_LOCAL_READY;

        if (input != FSM_LOCAL_READY)
                return input;
        /* There is nobody to wait for where the others are at work already. */
        if (followed && !f->resync && facts->master_state >= FSM_DISTRIBUTION)
                return FSM_SYNCHRONIZED;
        return is_synchronized(f, o, facts) ? FSM_SYNCHRONIZED : FSM_LOCAL_READY;
}

/* DISTRIBUTION, OPERATION, CONCILIATION as the master. */
static enum fsm_input decide_as_master(
        struct fsm *f, const struct fsm_facts *facts, struct cluster_effects *fx)
{
        if (!is_idle(f))
                return FSM_LOCAL_READY;
        if (f->state == FSM_DISTRIBUTION)
                return FSM_STARTED;
        if (facts->newcomer)
                return FSM_NEWCOMER;
        if (f->state == FSM_CONCILIATION && !f->conflict)
                return FSM_CONCILIATED;
        /* Who does not follow us refuses our orders: after a partition one copy would be stopped,
         * the other not, and nobody could tell any more that there was a conflict. */
        if (facts->contested)
                return FSM_LOCAL_READY;
        if (f->state == FSM_OPERATION)
                return f->conflict ? FSM_CONFLICT : FSM_LOCAL_READY;
        /* Conflicts are left after something was done about them.  When nothing was done, which is
         * the strategy USER, asking again would not help. */
        if (f->was_busy)
                ask(f, FSM_WORK_CONCILIATE, fx);
        return FSM_LOCAL_READY;
}

static enum fsm_input decide_end(
        struct fsm *f, const struct cluster_options *o, const struct fsm_facts *facts)
{
        usec_t patience = usec_add(f->since, 2 * o->failure_timeout);

        if (facts->mastership != f->mastership || !facts->master_known)
                return FSM_MASTER_LOST;
        /* Who ended before the others have heard of it would only seem to have gone. */
        if (facts->acting)
                return is_idle(f) && (!facts->unfollowed || facts->now >= patience)
                               ? FSM_ENDED
                               : FSM_LOCAL_READY;
        if (facts->master_state == f->state)
                f->end_seen = true;
        else if (f->end_seen || facts->now >= patience)
                return FSM_ENDED;
        return FSM_LOCAL_READY;
}

static enum fsm_input decide(struct fsm *f, const struct cluster_options *o,
        const struct fsm_facts *facts, struct cluster_effects *fx)
{
        if (!facts->local_running)
                return FSM_LOCAL_LOST;
        if (fsm_is_working(f->state) && o->failure_strategy != CLUSTER_CONTINUE &&
                has_failed(o, facts, facts->lost))
                return o->failure_strategy == CLUSTER_RESYNC ? FSM_RESYNC : FSM_SHUTDOWN;
        switch (f->state) {
        case FSM_OFF:
                return FSM_LOCAL_READY;
        case FSM_SYNCHRONIZATION:
                return decide_synchronization(f, o, facts);
        case FSM_ELECTION:
                if (!facts->master_known)
                        return FSM_LOCAL_READY;
                return facts->acting ? FSM_ELECTED : follow(f, facts);
        case FSM_DISTRIBUTION:
        case FSM_OPERATION:
        case FSM_CONCILIATION:
                if (!facts->master_known || facts->mastership != f->mastership)
                        return FSM_MASTER_LOST;
                return facts->acting ? decide_as_master(f, facts, fx) : follow(f, facts);
        case FSM_RESTARTING:
        case FSM_SHUTTING_DOWN:
                return decide_end(f, o, facts);
        case FSM_FINAL:
                break;
        }
        return FSM_LOCAL_READY;
}

bool fsm_step(struct fsm *f, const struct cluster_options *o, const struct fsm_facts *facts,
        struct cluster_effects *fx)
{
        bool degraded = is_degraded(o, facts);
        enum fsm_input input;
        enum fsm_state to;

        if (degraded != f->degraded) {
                f->degraded = degraded;
                cluster_effects_add(fx, CLUSTER_FX_MODES, 0);
        }
        input = decide(f, o, facts, fx);
        to = fsm_next(f->state, input);
        if (to == (enum fsm_state)FSM_SAME)
                return false;
        move(f, to, input, facts, fx);
        return true;
}

bool fsm_end(struct fsm *f, bool restart, bool acting, usec_t now, struct cluster_effects *fx)
{
        const struct fsm_facts facts = {
                .now = now, .acting = acting, .mastership = f->mastership
        };
        enum fsm_input input = restart ? FSM_RESTART : FSM_SHUTDOWN;

        if (fsm_is_ending(f->state))
                return true;
        if (f->state != FSM_DISTRIBUTION && f->state != FSM_OPERATION &&
                f->state != FSM_CONCILIATION)
                return false;
        move(f, fsm_next(f->state, input), input, &facts, fx);
        return true;
}

usec_t fsm_deadline(const struct fsm *f, const struct cluster_options *o, usec_t now)
{
        usec_t at = USEC_NEVER;
        usec_t timeout = usec_add(f->uptime_from, o->synchro_timeout);
        usec_t core = usec_add(f->uptime_from, o->core_wait);
        usec_t end = usec_add(f->since, 2 * o->failure_timeout);

        if (f->state == FSM_SYNCHRONIZATION && o->synchro & CLUSTER_TIMEOUT && timeout > now)
                at = usec_min(at, timeout);
        if (f->state == FSM_SYNCHRONIZATION && o->synchro & CLUSTER_CORE && core > now)
                at = usec_min(at, core);
        if (f->state == FSM_SYNCHRONIZATION && o->synchro & CLUSTER_LIST &&
                discovery_until(f, o) > now)
                at = usec_min(at, discovery_until(f, o));
        if (fsm_is_ending(f->state) && end > now)
                at = usec_min(at, end);
        return at;
}
