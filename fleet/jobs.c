/* Jobs: see jobs.h. */
#define uthash_malloc(size)  mem_new(size)
#define uthash_free(p, size) mem_free(p)
#define uthash_fatal(text)   __builtin_unreachable() /* memory does not run out: base/mem.h */
#include "fleet/jobs.h"

#include <string.h>

#include "fleet/callers.h"

void holders_add(struct sequencing *s, struct holders *h, uint64_t caller)
{
        if (!callers_hold(s, caller))
                return;
        h->at = mem_resize(h->at, h->count + 1, sizeof(*h->at));
        h->at[h->count++] = caller;
}

void holders_merge(struct sequencing *s, struct holders *into, const struct holders *from)
{
        for (size_t i = 0; i < from->count; i++)
                holders_add(s, into, from->at[i]);
}

void holders_drop(struct sequencing *s, struct holders *h)
{
        for (size_t i = 0; i < h->count; i++)
                callers_release(s, h->at[i]);
        mem_free(h->at);
        *h = (struct holders){};
}

struct fleet_job *jobs_find(const struct jobs *jobs, const struct fleet_application *application)
{
        struct fleet_job *job;

        HASH_FIND_PTR(jobs->first, &application, job);
        return job;
}

struct fleet_job *jobs_add(struct sequencing *s, struct jobs *jobs,
        struct fleet_application *application, int64_t rank, uint64_t batch)
{
        struct fleet_job *job = mem_new(sizeof(*job));

        s->is_moved = true;
        job->application = application;
        job->rank = rank;
        job->batch = batch;
        HASH_ADD_PTR(jobs->first, application, job);
        return job;
}

void jobs_remove(struct sequencing *s, struct jobs *jobs, struct fleet_job *job)
{
        HASH_DEL(jobs->first, job);
        s->is_moved = true;
        while (job->commands_count)
                command_remove(s, job, job->commands[job->commands_count - 1]);
        while (job->deferrals_count)
                deferral_remove(s, job, job->deferrals_count - 1);
        holders_drop(s, &job->stop_for);
        mem_free(job->rest);
        mem_free(job->commands);
        mem_free(job->deferrals);
        mem_free(job);
}

void jobs_clear(struct sequencing *s, struct jobs *jobs)
{
        while (jobs->first)
                jobs_remove(s, jobs, jobs->first);
}

bool job_is_under_way(const struct fleet_job *job)
{
        for (size_t i = 0; i < job->commands_count; i++)
                if (job->commands[i]->phase != COMMAND_PLANNED)
                        return true;
        return false;
}

struct command *command_find(
        const struct fleet_job *job, const struct fleet_process *process, unsigned target)
{
        for (size_t i = 0; job && i < job->commands_count; i++)
                if (job->commands[i]->process == process &&
                        (target == FLEET_NONE || job->commands[i]->target == target))
                        return job->commands[i];
        return NULL;
}

struct command *command_add(
        struct sequencing *s, struct fleet_job *job, struct fleet_process *process, int64_t rank)
{
        struct command *command = mem_new(sizeof(*command));

        s->is_moved = true;
        command->process = process;
        command->rank = rank;
        command->target = FLEET_NONE;
        command->deadline = USEC_NEVER;
        job->commands = mem_grow(job->commands, &job->commands_capacity, job->commands_count + 1,
                sizeof(struct command *));
        job->commands[job->commands_count++] = command;
        return command;
}

void command_set_deadline(struct sequencing *s, struct command *command, usec_t deadline)
{
        command->deadline = deadline;
        s->is_retimed = true;
}

void command_remove(struct sequencing *s, struct fleet_job *job, struct command *command)
{
        size_t i = 0;

        while (job->commands[i] != command)
                i++;
        memmove(&job->commands[i], &job->commands[i + 1],
                (job->commands_count - i - 1) * sizeof(struct command *));
        job->commands_count--;
        s->is_moved = s->is_retimed = true;
        holders_drop(s, &command->holders);
        mem_free(command->args);
        mem_free(command->rest);
        mem_free(command);
}

struct deferral *deferral_add(struct fleet_job *job, struct fleet_process *process)
{
        struct deferral *deferral;

        job->deferrals =
                mem_resize(job->deferrals, job->deferrals_count + 1, sizeof(*job->deferrals));
        deferral = &job->deferrals[job->deferrals_count++];
        *deferral = (struct deferral){ .process = process };
        return deferral;
}

void deferral_remove(struct sequencing *s, struct fleet_job *job, size_t index)
{
        struct deferral *deferral = &job->deferrals[index];

        holders_drop(s, &deferral->holders);
        mem_free(deferral->args);
        mem_free(deferral->rest);
        memmove(deferral, deferral + 1,
                (job->deferrals_count - index - 1) * sizeof(*job->deferrals));
        job->deferrals_count--;
}
