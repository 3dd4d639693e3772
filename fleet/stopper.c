/* The stopper: see stopper.h. */
#include "fleet/stopper.h"

#include "fleet/callers.h"
#include "fleet/losses.h"
#include "fleet/starter.h"

static struct jobs *stops(struct fleet *fleet)
{
        return &fleet->sequencing->stops;
}

static struct fleet_job *take_job(
        struct fleet *fleet, struct fleet_application *application, uint64_t batch)
{
        struct fleet_job *job = jobs_find(stops(fleet), application);

        if (!job)
                job = jobs_add(fleet->sequencing, stops(fleet), application,
                        application->rules->managed ? application->rules->stop_sequence : 0, batch);
        else if (!job->begun)
                job->batch = batch;
        return job;
}

static bool is_wanted(unsigned instance, const unsigned *instances, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (instances[i] == instance)
                        return true;
        return !instances;
}

bool stopper_add_process(struct fleet *fleet, struct fleet_process *process,
        const unsigned *instances, size_t count, uint64_t batch, const struct holders *holders)
{
        struct fleet_job *job;
        bool any = false;

        for (size_t i = 0; i < process->running_count; i++) {
                unsigned target = process->running[i];
                struct command *command;

                if (!is_wanted(target, instances, count))
                        continue;
                job = take_job(fleet, process->application, batch);
                command = command_find(job, process, target);
                if (!command) {
                        command = command_add(
                                fleet->sequencing, job, process, process->rules->stop_sequence);
                        command->target = target;
                }
                command->kept = FLEET_NONE; /* it is to end in any case now */
                command->is_kept_lost = false;
                if (holders)
                        holders_merge(fleet->sequencing, &command->holders, holders);
                any = true;
        }
        return any;
}

bool stopper_ends(const struct fleet *fleet, const struct fleet_record *record)
{
        const struct fleet_job *job =
                jobs_find(&fleet->sequencing->stops, record->process->application);

        return record->state == STOPPING ||
               (job && command_find(job, record->process, record->instance));
}

bool stopper_add_application(struct fleet *fleet, struct fleet_application *application,
        uint64_t batch, const struct holders *holders)
{
        bool any = false;

        for (size_t i = 0; i < application->processes_count; i++)
                any = stopper_add_process(
                              fleet, application->processes[i], NULL, 0, batch, holders) ||
                      any;
        if (any)
                jobs_find(stops(fleet), application)->whole = true;
        return any;
}

void stopper_add_spare(struct fleet *fleet, struct fleet_process *process, unsigned kept)
{
        for (size_t i = 0; i < process->running_count; i++) {
                unsigned target = process->running[i];
                struct fleet_job *job;
                struct command *command;

                if (target == kept)
                        continue;
                job = take_job(fleet, process->application, 0);
                if (command_find(job, process, target))
                        continue;
                command =
                        command_add(fleet->sequencing, job, process, process->rules->stop_sequence);
                command->target = target;
                command->kept = kept;
        }
}

static void drop_deferrals(struct fleet *fleet, struct fleet_job *job)
{
        while (job && job->deferrals_count)
                deferral_remove(fleet->sequencing, job, job->deferrals_count - 1);
}

bool stopper_stop_application(struct fleet *fleet, struct fleet_application *application,
        uint64_t batch, const struct holders *holders)
{
        bool any;

        drop_deferrals(fleet, jobs_find(stops(fleet), application));
        any = starter_cut_short(fleet, application, holders);
        return stopper_add_application(fleet, application, batch, holders) || any;
}

static void defer(struct fleet *fleet, struct fleet_job *job, struct fleet_process *process,
        const struct wish *wish)
{
        struct deferral *deferral = NULL;

        for (size_t i = 0; i < job->deferrals_count; i++)
                if (job->deferrals[i].process == process)
                        deferral = &job->deferrals[i];
        if (!deferral)
                deferral = deferral_add(job, process);
        deferral->strategy = wish->strategy;
        deferral->local = wish->local;
        deferral->batch = wish->batch;
        mem_free(deferral->args);
        deferral->args = wish->args ? mem_strdup(wish->args) : NULL;
        if (wish->holders)
                holders_merge(fleet->sequencing, &deferral->holders, wish->holders);
}

void stopper_restart_application(
        struct fleet *fleet, struct fleet_application *application, const struct wish *wish)
{
        struct fleet_job *job;

        starter_cut_short(fleet, application, NULL);
        if (!stopper_add_application(fleet, application, wish->batch, wish->holders)) {
                starter_add_application(fleet, application, wish);
                return;
        }
        job = jobs_find(stops(fleet), application);
        job->whole = false; /* what it loses meanwhile is started again all the same */
        defer(fleet, job, NULL, wish);
}

void stopper_restart_process(
        struct fleet *fleet, struct fleet_process *process, const struct wish *wish)
{
        if (stopper_add_process(fleet, process, NULL, 0, wish->batch, wish->holders))
                defer(fleet, jobs_find(stops(fleet), process->application), process, wish);
        else
                starter_add_process(fleet, process, wish);
}

void stopper_stop_all(struct fleet *fleet)
{
        for (size_t i = 0; i < fleet_applications_count(fleet); i++)
                stopper_add_application(fleet, fleet_application_at(fleet, i), 0, NULL);
}

static void wait_for_end(
        struct fleet *fleet, struct command *command, const struct fleet_record *record)
{
        command->phase = COMMAND_SEEN;
        command_set_deadline(fleet->sequencing, command,
                usec_add(fleet->now, usec_add(usec_from_secs(record->stopwaitsecs),
                                             fleet->options.order_usec_max)));
}

static void order(struct fleet *fleet, struct command *command)
{
        const struct fleet_process *process = command->process;
        struct fleet_effect *effect = fleet_effects_add(fleet->out, FLEET_FX_STOP);

        effect->instance = command->target;
        effect->group = mem_strdup(process->application->name);
        effect->name = mem_strdup(process->name);
        effect->order.ticket = ++fleet->sequencing->ticket;
        command->ticket = effect->order.ticket;
        fleet_effects_log(fleet->out, LOG_LEVEL_INFO, "process %s is to stop on %s",
                process->namespec, fleet_instance_at(fleet, command->target)->nick);
        command->phase = COMMAND_ORDERED;
        command_set_deadline(
                fleet->sequencing, command, usec_add(fleet->now, fleet->options.order_usec_max));
}

static void turn(struct fleet *fleet, struct fleet_job *job, struct command *command)
{
        const struct fleet_record *record = fleet_process_record(command->process, command->target);

        if (!record || process_state_is_stopped(record->state) || command->is_kept_lost) {
                command_remove(fleet->sequencing, job, command);
                return;
        }
        if (record->state == STOPPING) {
                wait_for_end(fleet, command, record);
                return;
        }
        order(fleet, command);
}

/* The highest rank of what we do by ourselves. */
static int64_t front(struct fleet *fleet)
{
        const struct fleet_job *job;
        int64_t rank = INT64_MIN;

        for (job = stops(fleet)->first; job; job = job->hh.next)
                if (!job->batch && job->rank > rank)
                        rank = job->rank;
        return rank;
}

static void advance_rank(struct fleet *fleet, struct fleet_job *job)
{
        int64_t rank = job->commands[0]->rank;

        for (size_t i = 1; i < job->commands_count; i++)
                if (job->commands[i]->rank > rank)
                        rank = job->commands[i]->rank;
        for (size_t i = 0; i < job->commands_count;) {
                struct command *command = job->commands[i];

                if (command->rank == rank)
                        turn(fleet, job, command);
                if (i < job->commands_count && job->commands[i] == command)
                        i++;
        }
}

static void start_again(
        struct fleet *fleet, struct fleet_application *application, const struct deferral *deferral)
{
        struct wish wish = {
                .strategy = deferral->strategy,
                .local = deferral->local,
                .batch = deferral->batch,
                .args = deferral->args,
                .holders = &deferral->holders,
        };

        if (deferral->process)
                starter_add_process(fleet, deferral->process, &wish);
        else
                starter_add_application(fleet, application, &wish);
}

static bool advance_job(struct fleet *fleet, struct fleet_job *job, int64_t rank)
{
        bool changed = false;

        if (!job->begun && !job->batch && job->rank < rank)
                return false;
        job->begun = true;
        while (job->commands_count && !job_is_under_way(job)) {
                advance_rank(fleet, job);
                changed = true;
        }
        if (job->commands_count)
                return changed;
        for (size_t i = 0; i < job->deferrals_count; i++)
                start_again(fleet, job->application, &job->deferrals[i]);
        jobs_remove(fleet->sequencing, stops(fleet), job);
        return true;
}

bool stopper_advance(struct fleet *fleet)
{
        struct fleet_job *job, *next;
        bool changed, any = false;

        do {
                int64_t rank = front(fleet);

                changed = false;
                for (job = stops(fleet)->first; job; job = next) {
                        next = job->hh.next;
                        changed = advance_job(fleet, job, rank) || changed;
                }
                any = any || changed;
        } while (changed);
        return any;
}

void stopper_record(struct fleet *fleet, struct fleet_record *record)
{
        struct fleet_job *job = jobs_find(stops(fleet), record->process->application);
        struct command *command = command_find(job, record->process, record->instance);

        /* Somebody else has it stopped, a master before us most likely, who meant to keep what we
         * are just ending. */
        if (!command && record->state == STOPPED)
                stopper_lost_kept(fleet, record->process, record->instance);
        if (!command)
                return;
        if (process_state_is_stopped(record->state)) {
                if (command->is_kept_lost && record->process->running_count == 0) {
                        losses_note(fleet, record->process, command->kept);
                }
                command_remove(fleet->sequencing, job, command);
        } else if (record->state == STOPPING) {
                wait_for_end(fleet, command, record);
        }
}

void stopper_forget(struct fleet *fleet, struct fleet_process *process, unsigned instance)
{
        struct fleet_job *job = jobs_find(stops(fleet), process->application);
        struct command *command;

        while ((command = command_find(job, process, instance)))
                command_remove(fleet->sequencing, job, command);
        for (size_t i = job && instance == FLEET_NONE ? job->deferrals_count : 0; i-- > 0;)
                if (job->deferrals[i].process == process)
                        deferral_remove(fleet->sequencing, job, i);
}

void stopper_lost(struct fleet *fleet, unsigned instance)
{
        struct fleet_job *job;

        for (job = stops(fleet)->first; job; job = job->hh.next)
                for (size_t i = job->commands_count; i-- > 0;) {
                        struct command *command = job->commands[i];

                        if (command->kept == instance)
                                command->is_kept_lost = true;
                        if (command->target != instance)
                                continue;
                        /* It was meant to end, unless the one that was to stay is gone, too. */
                        if (!command->is_kept_lost)
                                command->process->lost = false;
                        command_remove(fleet->sequencing, job, command);
                }
}

void stopper_lost_kept(struct fleet *fleet, struct fleet_process *process, unsigned instance)
{
        struct fleet_job *job = jobs_find(stops(fleet), process->application);

        for (size_t i = 0; job && i < job->commands_count; i++)
                if (job->commands[i]->process == process && job->commands[i]->kept == instance)
                        job->commands[i]->is_kept_lost = true;
}

void stopper_returned(struct fleet *fleet, unsigned instance)
{
        struct fleet_job *job;

        for (job = stops(fleet)->first; job; job = job->hh.next)
                for (size_t i = 0; i < job->commands_count; i++) {
                        struct command *command = job->commands[i];
                        const struct fleet_record *record =
                                fleet_process_record(command->process, command->target);

                        if (command->target == instance && command->phase == COMMAND_ORDERED &&
                                record && process_state_is_running(record->state))
                                order(fleet, command);
                }
}

/* Who waits for it to be started again waits in vain. */
static void give_up(struct fleet *fleet, struct fleet_job *job, struct command *command)
{
        for (size_t i = 0; i < job->deferrals_count; i++)
                if (!job->deferrals[i].process || job->deferrals[i].process == command->process)
                        callers_note(fleet->sequencing, &job->deferrals[i].holders,
                                command->process, true);
        starter_force(fleet, command->process, STOPPED,
                command->phase == COMMAND_ORDERED ? "process STOPPING event not received in time"
                                                  : "process STOPPED event not received in time",
                command->target);
        command_remove(fleet->sequencing, job, command);
}

void stopper_timer(struct fleet *fleet)
{
        struct fleet_job *job;

        for (job = stops(fleet)->first; job; job = job->hh.next)
                for (size_t i = job->commands_count; i-- > 0;) {
                        struct command *command = job->commands[i];

                        if (command->phase == COMMAND_PLANNED || command->deadline > fleet->now)
                                continue;
                        give_up(fleet, job, command);
                }
}
