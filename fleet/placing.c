/* Placing: see placing.h. */
#include "fleet/placing.h"

/* Its load is not yet in that of its target. */
static bool is_pending(const struct command *command)
{
        return command->target != FLEET_NONE && process_state_is_stopped(command->process->state);
}

static void add_jobs(const struct jobs *jobs, struct placement_pending *pending)
{
        const struct fleet_job *job;

        for (job = jobs->first; job; job = job->hh.next)
                for (size_t i = 0; i < job->commands_count; i++) {
                        const struct command *command = job->commands[i];

                        if (is_pending(command))
                                pending->load[command->target] +=
                                        command->process->rules->expected_loading;
                }
}

struct placement_pending placing_pending(const struct fleet *fleet)
{
        struct placement_pending pending = {
                .load = mem_new_array(fleet_instances_count(fleet) + 1, sizeof(*pending.load)),
        };

        add_jobs(&fleet->sequencing->starts, &pending);
        if (fleet->sequencing->beneath)
                add_jobs(&fleet->sequencing->beneath->starts, &pending);
        return pending;
}

static void clear_targets(struct fleet_job *job, struct placement_pending *pending)
{
        for (size_t i = 0; i < job->commands_count; i++) {
                struct command *command = job->commands[i];

                if (command->phase != COMMAND_PLANNED || command->target == FLEET_NONE)
                        continue;
                if (is_pending(command))
                        pending->load[command->target] -= command->process->rules->expected_loading;
                command->target = FLEET_NONE;
        }
}

/* SINGLE_INSTANCE, SINGLE_NODE: the planned ones, near what runs of the application. */
static void place_together(struct fleet *fleet, struct fleet_job *job,
        const struct command *decisive, struct placement_pending *pending)
{
        struct fleet_application *application = job->application;
        CLEANUP(mem_free)
        struct fleet_process **list =
                mem_new_array(application->processes_count + 1, sizeof(struct fleet_process *));
        CLEANUP(mem_free)
        unsigned *targets = mem_new_array(application->processes_count + 1, sizeof(*targets));
        size_t count = 0;

        job->is_placed = true;
        clear_targets(job, pending);
        for (size_t i = 0; i < application->processes_count; i++) {
                struct fleet_process *process = application->processes[i];

                if (process->running_count || command_find(job, process, FLEET_NONE))
                        list[count++] = process;
        }
        if (!placement_distribute(fleet, application, decisive->strategy, list, count, pending,
                    decisive->local, targets))
                count = 0;
        for (size_t i = 0; i < count; i++) {
                struct command *command = command_find(job, list[i], FLEET_NONE);

                if (!command || command->phase != COMMAND_PLANNED || targets[i] == FLEET_NONE)
                        continue;
                command->target = targets[i];
                if (is_pending(command))
                        pending->load[command->target] += list[i]->rules->expected_loading;
        }
}

unsigned placing_choose(struct fleet *fleet, struct fleet_job *job, struct command *command,
        struct placement_pending *pending)
{
        const struct fleet_application *application = job->application;
        CLEANUP(mem_free) unsigned *candidates = NULL;
        size_t count;

        if (application->rules->distribution != ALL_INSTANCES) {
                if (!job->is_placed)
                        place_together(fleet, job, command, pending);
                return command->target;
        }
        candidates = mem_new_array(fleet_instances_count(fleet) + 1, sizeof(*candidates));
        count = placement_candidates(fleet, command->process, candidates);
        return placement_choose(fleet, command->strategy, candidates, count,
                command->process->rules->expected_loading, pending, command->local);
}
