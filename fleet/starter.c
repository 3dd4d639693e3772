/* The starter: see starter.h.
 *
 * A job holds the processes of one application.  The lowest rank of it is ordered at once, the next
 * one when nothing of this is left.  The jobs that we give ourselves come one after the other by
 * the rank of their applications; what callers ask for waits for no other application. */
#include "fleet/starter.h"

#include "fleet/callers.h"
#include "fleet/placing.h"
#include "fleet/stopper.h"

static struct jobs *starts(struct fleet *fleet)
{
        return &fleet->sequencing->starts;
}

struct wish starter_wish(const struct fleet_application *application)
{
        return (struct wish){ .strategy = application->rules->starting_strategy };
}

static struct fleet_job *take_job(
        struct fleet *fleet, struct fleet_application *application, const struct wish *wish)
{
        struct fleet_job *job = jobs_find(starts(fleet), application);

        if (!job)
                job = jobs_add(fleet->sequencing, starts(fleet), application,
                        application->rules->start_sequence, wish->batch);
        else if (!job->begun)
                job->batch = wish->batch;
        if (job->is_cut) { /* what has been ordered is welcome again */
                job->is_cut = false;
                job->stops_after = false;
        }
        job->is_placed = false;
        return job;
}

static void add_command(struct fleet *fleet, struct fleet_job *job, struct fleet_process *process,
        const struct wish *wish, int64_t rank, bool waits_exit)
{
        struct command *command = command_find(job, process, FLEET_NONE);

        if (!command || command->phase == COMMAND_PLANNED) {
                if (!command)
                        command = command_add(fleet->sequencing, job, process, rank);
                command->strategy = wish->strategy;
                command->local = wish->local;
                command->waits_exit = waits_exit;
                if (wish->args) {
                        mem_free(command->args);
                        command->args = mem_strdup(wish->args);
                }
        }
        if (wish->holders)
                holders_merge(fleet->sequencing, &command->holders, wish->holders);
        process->lost = false;
}

bool starter_add_application(
        struct fleet *fleet, struct fleet_application *application, const struct wish *wish)
{
        struct fleet_job *job = NULL;

        for (size_t i = 0; i < application->processes_count; i++) {
                struct fleet_process *process = application->processes[i];

                if (process->rules->start_sequence <= 0 || !application->rules->managed)
                        continue;
                if (!job)
                        job = take_job(fleet, application, wish);
                add_command(fleet, job, process, wish, process->rules->start_sequence,
                        process->rules->wait_exit);
        }
        if (job)
                placement_resolve(fleet, application);
        else
                fleet_effects_log(fleet->out, LOG_LEVEL_WARN,
                        "application %s has no process with a start_sequence", application->name);
        return job;
}

void starter_add_process(
        struct fleet *fleet, struct fleet_process *process, const struct wish *wish)
{
        struct fleet_job *job = take_job(fleet, process->application, wish);

        add_command(fleet, job, process, wish, wish->alone ? -1 : process->rules->start_sequence,
                false);
}

static void drop_planned(struct fleet *fleet, struct fleet_job *job)
{
        for (size_t i = job->commands_count; i-- > 0;)
                if (job->commands[i]->phase == COMMAND_PLANNED)
                        command_remove(fleet->sequencing, job, job->commands[i]);
}

bool starter_cut_short(
        struct fleet *fleet, struct fleet_application *application, const struct holders *stop_for)
{
        struct fleet_job *job = jobs_find(starts(fleet), application);
        bool pending = false;

        if (!job)
                return false;
        drop_planned(fleet, job);
        for (size_t i = job->commands_count; i-- > 0;) {
                struct command *command = job->commands[i];

                pending = pending || command->phase == COMMAND_ORDERED;
                /* What runs will be stopped now, which is no failure of its start. */
                if (command->phase != COMMAND_ORDERED)
                        command_remove(fleet->sequencing, job, command);
        }
        if (!pending) {
                jobs_remove(fleet->sequencing, starts(fleet), job);
                return false;
        }
        job->stops_after = true;
        job->is_cut = true;
        if (stop_for)
                holders_merge(fleet->sequencing, &job->stop_for, stop_for);
        return true;
}

unsigned starter_find_place(
        struct fleet *fleet, struct fleet_process *process, const struct wish *wish)
{
        struct command command = {
                .process = process,
                .target = FLEET_NONE,
                .strategy = wish->strategy,
                .local = wish->local,
        };
        struct command *commands[] = { &command };
        struct fleet_job job = {
                .application = process->application,
                .commands = commands,
                .commands_count = 1,
        };
        struct placement_pending pending = placing_pending(fleet);
        unsigned target = placing_choose(fleet, &job, &command, &pending);

        mem_free(pending.load);
        return target;
}

void starter_force(struct fleet *fleet, struct fleet_process *process, enum process_state state,
        const char *reason, unsigned target)
{
        const struct fleet_record *record =
                target == FLEET_NONE ? NULL : fleet_process_record(process, target);
        struct fleet_effect *effect = fleet_effects_add(fleet->out, FLEET_FX_FORCE);

        effect->group = mem_strdup(process->application->name);
        effect->name = mem_strdup(process->name);
        effect->force.state = state;
        effect->force.reason = mem_strdup(reason);
        effect->force.target = target;
        effect->force.since = record ? record->event_time : 0;
}

/* The strategy of the process says what its failure means for the rest. */
static void fail(struct fleet *fleet, struct fleet_job *job, struct command *command)
{
        const struct fleet_process *process = command->process;
        struct sequencing *s = fleet->sequencing;

        fleet_effects_log(fleet->out, LOG_LEVEL_WARN, "process %s was not started%s%s",
                process->namespec, process->rules->required ? ", which is required: " : "",
                process->rules->required ? starting_failure_name(process->rules->starting_failure)
                                         : "");
        if (process->rules->required) {
                switch (process->rules->starting_failure) {
                case FAILURE_STOP:
                        job->stops_after = true;
                        for (size_t i = 0; i < job->commands_count; i++)
                                holders_merge(s, &job->stop_for, &job->commands[i]->holders);
                        drop_planned(fleet, job);
                        break;
                case FAILURE_ABORT:
                        drop_planned(fleet, job);
                        break;
                case FAILURE_CONTINUE:
                case STARTING_FAILURES:
                        break;
                }
        }
}

static void fail_and_remove(struct fleet *fleet, struct fleet_job *job, struct command *command)
{
        /* It must not be dropped with the planned ones while it is looked at. */
        command->phase = COMMAND_LASTING;
        fail(fleet, job, command);
        command_remove(fleet->sequencing, job, command);
}

static void order(struct fleet *fleet, struct command *command, unsigned target)
{
        const struct fleet_process *process = command->process;
        struct fleet_effect *effect = fleet_effects_add(fleet->out, FLEET_FX_START);

        command->target = target;
        command->phase = COMMAND_ORDERED;
        command->ticket = ++fleet->sequencing->ticket;
        command_set_deadline(
                fleet->sequencing, command, usec_add(fleet->now, fleet->options.order_usec_max));
        effect->instance = target;
        effect->group = mem_strdup(process->application->name);
        effect->name = mem_strdup(process->name);
        effect->order.ticket = command->ticket;
        effect->order.args = mem_strdup(command->args         ? command->args
                                        : process->extra_args ? process->extra_args
                                                              : "");
        fleet_effects_log(fleet->out, LOG_LEVEL_INFO, "process %s is to start on %s",
                process->namespec, fleet_instance_at(fleet, target)->nick);
}

/* Its turn has come. */
static void turn(struct fleet *fleet, struct fleet_job *job, struct command *command,
        struct placement_pending *pending)
{
        struct fleet_process *process = command->process;
        unsigned target;

        if (!process_state_is_stopped(process->state)) {
                command_remove(fleet->sequencing, job, command);
                return;
        }
        target = placing_choose(fleet, job, command, pending);
        if (target == FLEET_NONE) {
                starter_force(fleet, process, FATAL, "No resource available", FLEET_NONE);
                fail_and_remove(fleet, job, command);
                return;
        }
        if (command->target == FLEET_NONE)
                pending->load[target] += process->rules->expected_loading;
        order(fleet, command, target);
}

/* The lowest rank of what we do by ourselves. */
static int64_t front(struct fleet *fleet)
{
        const struct fleet_job *job;
        int64_t rank = INT64_MAX;

        for (job = starts(fleet)->first; job; job = job->hh.next)
                if (!job->batch && job->rank < rank)
                        rank = job->rank;
        return rank;
}

/* The lowest rank that is planned. */
static void advance_rank(
        struct fleet *fleet, struct fleet_job *job, struct placement_pending *pending)
{
        int64_t rank = job->commands[0]->rank;

        for (size_t i = 1; i < job->commands_count; i++)
                if (job->commands[i]->rank < rank)
                        rank = job->commands[i]->rank;
        /* A failure may take others of the list with it, hence the search from its beginning. */
        for (size_t i = 0; i < job->commands_count;) {
                struct command *command = job->commands[i];

                if (command->phase != COMMAND_PLANNED || command->rank != rank) {
                        i++;
                        continue;
                }
                turn(fleet, job, command, pending);
                i = 0;
        }
}

static void finish(struct fleet *fleet, struct fleet_job *job)
{
        struct fleet_application *application = job->application;

        if (job->stops_after)
                stopper_add_application(fleet, application, 0, &job->stop_for);
        jobs_remove(fleet->sequencing, starts(fleet), job);
}

static bool advance_job(
        struct fleet *fleet, struct fleet_job *job, int64_t rank, struct placement_pending *pending)
{
        bool changed = false;

        if (!job->begun && !job->batch && job->rank > rank)
                return false;
        job->begun = true;
        while (job->commands_count && !job_is_under_way(job)) {
                advance_rank(fleet, job, pending);
                changed = true;
        }
        if (job->commands_count)
                return changed;
        finish(fleet, job);
        return true;
}

bool starter_advance(struct fleet *fleet)
{
        struct placement_pending pending;
        struct fleet_job *job, *next;
        bool changed, any = false;

        if (!starts(fleet)->first)
                return false;
        pending = placing_pending(fleet);
        do {
                int64_t rank = front(fleet);

                changed = false;
                for (job = starts(fleet)->first; job; job = next) {
                        next = job->hh.next;
                        changed = advance_job(fleet, job, rank, &pending) || changed;
                }
                any = any || changed;
        } while (changed);
        mem_free(pending.load);
        return any;
}

static void seen(struct fleet *fleet, struct fleet_job *job, struct command *command,
        const struct fleet_record *record)
{
        usec_t patience =
                usec_add(usec_from_secs(record->startsecs), fleet->options.order_usec_max);

        if (job->is_cut) { /* it can be stopped now */
                command_remove(fleet->sequencing, job, command);
                return;
        }
        command->phase = COMMAND_SEEN;
        /* While the target retries it knows better when to give up. */
        command_set_deadline(fleet->sequencing, command,
                record->state == BACKOFF ? USEC_NEVER : usec_add(fleet->now, patience));
}

static void runs(struct fleet *fleet, struct fleet_job *job, struct command *command)
{
        usec_t patience = command->process->rules->wait_exit_max;

        if (!command->waits_exit) {
                command_remove(fleet->sequencing, job, command);
                return;
        }
        command->phase = COMMAND_LASTING;
        command_set_deadline(
                fleet->sequencing, command, patience ? usec_add(fleet->now, patience) : USEC_NEVER);
}

/* Many that are ordered at once are started one after the other; each of them tells this twice, so
 * it comes to an end. */
static void note_progress(
        struct fleet *fleet, const struct command *command, const struct fleet_record *record)
{
        if (command->phase == COMMAND_ORDERED || record->state == RUNNING)
                fleet->instances[record->instance]->obeyed = fleet->now;
}

void starter_record(struct fleet *fleet, struct fleet_record *record)
{
        struct fleet_process *process = record->process;
        struct fleet_job *job = jobs_find(starts(fleet), process->application);
        struct command *command = command_find(job, process, record->instance);

        if (!command || command->phase == COMMAND_PLANNED)
                return;
        note_progress(fleet, command, record);
        switch (record->state) {
        case STARTING:
        case BACKOFF:
                seen(fleet, job, command, record);
                return;
        case RUNNING:
                runs(fleet, job, command);
                return;
        case EXITED:
                if (process->rules->wait_exit && record->expected)
                        command_remove(fleet->sequencing, job, command);
                else
                        fail_and_remove(fleet, job, command);
                return;
        case FATAL:
        case STOPPED:
        case STOPPING:
        case UNKNOWN:
        case PROCESS_STATES:
                fail_and_remove(fleet, job, command);
                return;
        }
}

void starter_forget(struct fleet *fleet, struct fleet_process *process, unsigned instance)
{
        struct fleet_job *job = jobs_find(starts(fleet), process->application);
        struct command *command = command_find(job, process, instance);

        if (!command)
                return;
        if (instance == FLEET_NONE) {
                command_remove(fleet->sequencing, job, command);
        } else if (command->phase == COMMAND_PLANNED) {
                job->is_placed = false;
        } else {
                fail_and_remove(fleet, job, command);
        }
}

/* It is shown until somebody starts it, also when the instance is back, and knows nothing of it,
 * before the others have come together to distribute. */
static void show_loss(struct fleet *fleet, const struct command *command)
{
        CLEANUP(mem_free)
        char *reason =
                mem_format("Supervisor %s lost", fleet->instances[command->target]->identifier);

        starter_force(fleet, command->process, FATAL, reason, command->target);
}

void starter_lost(struct fleet *fleet, unsigned instance)
{
        struct fleet_job *job;

        for (job = starts(fleet)->first; job; job = job->hh.next)
                for (size_t i = 0; i < job->commands_count;) {
                        struct command *command = job->commands[i];

                        if (command->phase == COMMAND_PLANNED || command->target == instance)
                                command->process->lost = false;
                        if (command->target == instance)
                                job->is_placed = false;
                        if (command->phase == COMMAND_PLANNED || command->target != instance) {
                                i++;
                                continue;
                        }
                        show_loss(fleet, command);
                        fail_and_remove(fleet, job, command);
                        i = 0;
                }
}

static void give_up(
        struct fleet *fleet, struct fleet_job *job, struct command *command, const char *reason)
{
        callers_note(fleet->sequencing, &command->holders, command->process, false);
        starter_force(fleet, command->process, FATAL, reason, command->target);
        fail_and_remove(fleet, job, command);
}

void starter_refused(struct fleet *fleet, uint64_t ticket, enum fault fault, const char *text)
{
        struct fleet_job *job;

        /* Of these the target tells by the states of the process as well. */
        if (fault == FAULT_NO_FILE || fault == FAULT_NOT_EXECUTABLE || fault == FAULT_SPAWN_ERROR ||
                fault == FAULT_ALREADY_STARTED || fault == FAULT_ABNORMAL_TERMINATION)
                return;
        for (job = starts(fleet)->first; job; job = job->hh.next)
                for (size_t i = 0; i < job->commands_count; i++) {
                        struct command *command = job->commands[i];

                        if (command->ticket != ticket || command->phase != COMMAND_ORDERED)
                                continue;
                        give_up(fleet, job, command, text ? text : fault_name(fault));
                        return;
                }
}

static void time_out(struct fleet *fleet, struct fleet_job *job, struct command *command)
{
        switch (command->phase) {
        case COMMAND_PLANNED:
                return;
        case COMMAND_ORDERED:
                give_up(fleet, job, command, "process STARTING event not received in time");
                return;
        case COMMAND_SEEN:
                give_up(fleet, job, command, "process RUNNING event not received in time");
                return;
        case COMMAND_LASTING:
                /* It runs, and is shown so. */
                fleet_effects_log(fleet->out, LOG_LEVEL_WARN,
                        "process %s has not exited within wait_exit_timeout",
                        command->process->namespec);
                fail_and_remove(fleet, job, command);
                return;
        }
}

/* While its target works off what was ordered it has its turn yet to come. */
static bool has_time(struct fleet *fleet, struct command *command)
{
        usec_t until;

        if (command->deadline > fleet->now)
                return true;
        if (command->phase != COMMAND_ORDERED && command->phase != COMMAND_SEEN)
                return false;
        until = usec_add(fleet->instances[command->target]->obeyed, fleet->options.order_usec_max);
        if (until <= fleet->now)
                return false;
        command_set_deadline(fleet->sequencing, command, until);
        return true;
}

void starter_timer(struct fleet *fleet)
{
        struct fleet_job *job;

        for (job = starts(fleet)->first; job; job = job->hh.next)
                for (size_t i = 0; i < job->commands_count;) {
                        struct command *command = job->commands[i];

                        if (command->phase == COMMAND_PLANNED || has_time(fleet, command)) {
                                i++;
                                continue;
                        }
                        time_out(fleet, job, command);
                        i = 0;
                }
}
