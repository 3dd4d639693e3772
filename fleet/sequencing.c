/* Sequencing: see sequencing.h.  What the model tells is handed to those whom it concerns; they
 * act, and the callers and the cluster hear of it, at the end of the step. */
#include "fleet/sequencing.h"

#include "fleet/callers.h"
#include "fleet/conciliation.h"
#include "fleet/debts.h"
#include "fleet/demands.h"
#include "fleet/failures.h"
#include "fleet/plan.h"
#include "fleet/starter.h"
#include "fleet/stopper.h"

struct sequencing *sequencing_new(void)
{
        struct sequencing *s = mem_new(sizeof(*s));

        s->deadline = USEC_NEVER;
        return s;
}

struct sequencing *sequencing_free(struct sequencing *s)
{
        if (!s)
                return NULL;
        jobs_clear(s, &s->starts);
        jobs_clear(s, &s->stops);
        failures_clear(s);
        while (s->callers)
                callers_remove(s, s->callers);
        mem_free(s->rest);
        return mem_free(s);
}

static bool has_jobs(const struct sequencing *s)
{
        return s->starts.first || s->stops.first;
}

/* Failures are decided about from the beginning of a mastership's distribution on, and not while
 * the next one is awaited. */
static bool may_heal(const struct fleet *fleet)
{
        return fleet->acting && fleet->sequencing->is_distributed &&
               (fleet->state == FSM_DISTRIBUTION || fleet->state == FSM_OPERATION ||
                       fleet->state == FSM_CONCILIATION);
}

void sequencing_record(struct fleet *fleet, struct fleet_record *record, enum process_state before)
{
        bool is_new = before == record->state;

        if (!fleet->acting)
                return;
        if (fleet->sequencing->stops_all && process_state_is_running(record->state))
                stopper_add_process(fleet, record->process, &record->instance, 1, 0, NULL);
        if (is_new && process_state_is_stopped(record->state))
                return;
        /* What ends FATAL after it was that already has only been told again. */
        if (before != FATAL && before != UNKNOWN && process_state_is_stopped(record->state) &&
                fsm_is_working(fleet->state))
                failures_crashed(fleet, record);
        starter_record(fleet, record);
        stopper_record(fleet, record);
}

void sequencing_forced(struct fleet *fleet, struct fleet_process *process)
{
        /* It is shown, and that is all: whoever forced it has drawn his conclusions. */
        (void)fleet, (void)process;
}

void sequencing_lost(struct fleet *fleet, unsigned instance)
{
        fleet->sequencing->has_lost = true;
        fleet->sequencing->lost_since = fleet->now;
        starter_lost(fleet, instance);
        stopper_lost(fleet, instance);
}

bool sequencing_is_new(const struct fleet *fleet)
{
        return !fleet->sequencing->has_worked;
}

void sequencing_note_loss(struct fleet *fleet)
{
        fleet->sequencing->has_lost = true;
        fleet->sequencing->lost_since = fleet->now;
}

bool sequencing_is_to_start(const struct fleet *fleet, const struct fleet_process *process)
{
        return command_find(jobs_find(&fleet->sequencing->starts, process->application), process,
                       FLEET_NONE) != NULL;
}

void sequencing_joined(struct fleet *fleet, unsigned instance)
{
        /* The cluster asks for a distribution when it is time for one. */
        (void)fleet, (void)instance;
}

void sequencing_forget_record(struct fleet *fleet, struct fleet_record *record)
{
        starter_forget(fleet, record->process, record->instance);
        stopper_forget(fleet, record->process, record->instance);
}

void sequencing_forget_process(struct fleet *fleet, struct fleet_process *process)
{
        starter_forget(fleet, process, FLEET_NONE);
        stopper_forget(fleet, process, FLEET_NONE);
        failures_forget_process(fleet, process);
        debts_forget_process(fleet, process);
        callers_forget_process(fleet->sequencing, process);
}

void sequencing_forget_application(struct fleet *fleet, struct fleet_application *application)
{
        struct sequencing *s = fleet->sequencing;
        struct fleet_job *job = jobs_find(&s->starts, application);

        if (job)
                jobs_remove(s, &s->starts, job);
        job = jobs_find(&s->stops, application);
        if (job)
                jobs_remove(s, &s->stops, job);
        failures_forget_application(fleet, application);
        callers_forget_application(s, application);
}

static void give_up(struct fleet *fleet, bool other_master)
{
        struct sequencing *s = fleet->sequencing;
        CLEANUP(mem_free)
        char *why = other_master ? mem_strdup("given up, the Master has changed")
                                 : mem_format("given up, Supvisors state=%s",
                                           fsm_state_name(fleet->state));

        s->took_over = s->took_over || (has_jobs(s) && !fsm_is_ending(fleet->state));
        s->stops_all = false;
        if (!fsm_is_ending(fleet->state) && fleet->state != FSM_FINAL)
                failures_suspend(fleet);
        callers_abort(fleet, other_master, why);
        jobs_clear(s, &s->starts);
        jobs_clear(s, &s->stops);
        failures_abort(fleet);
}

void sequencing_state(struct fleet *fleet, const struct fleet_event *event)
{
        struct sequencing *s = fleet->sequencing;
        bool other_master =
                event->state.mastership != s->mastership || event->state.master == PEERS_NONE;

        if (event->state.abort || other_master || event->state.acting != s->acting)
                give_up(fleet, other_master);
        if (event->state.state != s->state)
                s->state_since = fleet->now;
        if (other_master || event->state.acting != s->acting)
                s->is_new = true;
        if (s->is_new || (event->state.state != s->state && event->state.state == FSM_DISTRIBUTION))
                s->is_distributed = false;
        if (event->state.acting && event->state.took_over_jobs && s->is_new)
                s->took_over = true;
        /* Another master has seen to it. */
        if (!event->state.acting && event->state.master != PEERS_NONE &&
                event->state.state == FSM_OPERATION)
                s->took_over = false;
        if (event->state.state == FSM_OPERATION)
                s->has_worked = true;
        s->acting = event->state.acting;
        s->mastership = event->state.mastership;
        s->state = event->state.state;
}

void sequencing_work(struct fleet *fleet, enum fsm_work kind, uint64_t ticket)
{
        struct sequencing *s = fleet->sequencing;

        s->work = ticket;
        if (!fleet->acting)
                return;
        switch (kind) {
        case FSM_WORK_NONE:
                return;
        case FSM_WORK_DISTRIBUTE:
                s->is_distributed = true;
                s->is_new = false;
                debts_inherit(fleet);
                (void)plan_sequence(fleet, s->took_over, 0, NULL);
                s->took_over = false;
                return;
        case FSM_WORK_CONCILIATE:
                conciliation_apply(fleet, fleet->options.conciliation_strategy);
                return;
        case FSM_WORK_STOP:
                s->stops_all = true;
                stopper_stop_all(fleet);
                return;
        }
}

void sequencing_ordered(struct fleet *fleet, uint64_t ticket, enum fault fault, const char *text)
{
        /* A stop that is refused is seen not to happen, in time. */
        if (fault != FAULT_NONE)
                starter_refused(fleet, ticket, fault, text);
}

void sequencing_request(struct fleet *fleet, const struct fleet_request *request)
{
        demands_take(fleet, request);
}

void sequencing_dropped(struct fleet *fleet, uint64_t request)
{
        struct caller *caller = callers_find(fleet->sequencing, request);

        if (caller)
                callers_remove(fleet->sequencing, caller);
}

void sequencing_forwarded(struct fleet *fleet, uint64_t request, struct answer *taken)
{
        demands_forwarded(fleet, request, taken);
}

void sequencing_timer(struct fleet *fleet)
{
        starter_timer(fleet);
        stopper_timer(fleet);
}

/* When what is marked as lost has been another master's business for so long that he has decided
 * about it; before that he may be lost himself, and we may be the next. */
static usec_t settled_elsewhere(const struct fleet *fleet)
{
        const struct sequencing *s = fleet->sequencing;
        usec_t since = s->lost_since > s->state_since ? s->lost_since : s->state_since;

        if (!s->has_lost || fleet->acting || fleet->master == PEERS_NONE ||
                (fleet->state != FSM_OPERATION && fleet->state != FSM_CONCILIATION))
                return USEC_NEVER;
        return usec_add(since, fleet->options.order_usec_max);
}

static void forget_lost(struct fleet *fleet)
{
        fleet->sequencing->has_lost = false;
        for (size_t i = 0; i < fleet_applications_count(fleet); i++) {
                struct fleet_application *application = fleet_application_at(fleet, i);

                for (size_t j = 0; j < application->processes_count; j++)
                        application->processes[j]->lost = false;
        }
}

static void report(struct fleet *fleet)
{
        struct sequencing *s = fleet->sequencing;
        bool starting = s->starts.first, stopping = s->stops.first;
        bool conflict = fleet->acting && fleet_has_conflict(fleet);
        struct fleet_effect *effect;

        if (s->report.ticket == s->work && s->report.starting == starting &&
                s->report.stopping == stopping && s->report.conflict == conflict)
                return;
        s->report.ticket = s->work;
        s->report.starting = starting;
        s->report.stopping = stopping;
        s->report.conflict = conflict;
        effect = fleet_effects_add(fleet->out, FLEET_FX_WORK);
        effect->work.ticket = s->work;
        effect->work.starting = starting;
        effect->work.stopping = stopping;
        effect->work.conflict = conflict;
}

static usec_t deadline_of(const struct jobs *jobs)
{
        const struct fleet_job *job;
        usec_t at = USEC_NEVER;

        for (job = jobs->first; job; job = job->hh.next)
                for (size_t i = 0; i < job->commands_count; i++)
                        if (job->commands[i]->phase != COMMAND_PLANNED)
                                at = usec_min(at, job->commands[i]->deadline);
        return at;
}

void sequencing_settle(struct fleet *fleet)
{
        struct sequencing *s = fleet->sequencing;

        if (may_heal(fleet))
                failures_collect(fleet);
        else if (fleet->now >= settled_elsewhere(fleet))
                forget_lost(fleet);
        if (may_heal(fleet))
                failures_advance(fleet);
        while (s->is_moved) {
                s->is_moved = false;
                stopper_advance(fleet);
                starter_advance(fleet);
                if (may_heal(fleet))
                        failures_advance(fleet);
        }
        if (s->is_retimed) {
                s->is_retimed = false;
                s->deadline = usec_min(deadline_of(&s->starts), deadline_of(&s->stops));
        }
        failures_forget_news(fleet);
        callers_settle(fleet);
        report(fleet);
}

usec_t sequencing_deadline(const struct fleet *fleet)
{
        const struct sequencing *s = fleet->sequencing;
        usec_t at = s->deadline;

        if (may_heal(fleet))
                at = usec_min(at, failures_deadline(fleet));
        return usec_min(at, settled_elsewhere(fleet));
}

bool fleet_is_starting(const struct fleet *fleet)
{
        return fleet->sequencing->starts.first;
}

bool fleet_is_stopping(const struct fleet *fleet)
{
        return fleet->sequencing->stops.first;
}
