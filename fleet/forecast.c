/* The forecast: see forecast.h. */
#include "fleet/forecast.h"

#include <stdlib.h>
#include <string.h>

#include "fleet/processes.h"
#include "fleet/starter.h"

/* The copy owns what a step may change; names, texts of records and rules stay with the fleet. */
static struct fleet_process *copy_process(
        const struct fleet_process *from, struct fleet_application *application)
{
        struct fleet_process *process = mem_copy(from, sizeof(*from));

        process->application = application;
        process->records = mem_new_array(from->records_count + 1, sizeof(struct fleet_record *));
        for (size_t i = 0; i < from->records_count; i++) {
                process->records[i] = mem_copy(from->records[i], sizeof(*from->records[i]));
                process->records[i]->process = process;
        }
        process->running = mem_new_array(from->running_count + 1, sizeof(*from->running));
        for (size_t i = 0; i < from->running_count; i++)
                process->running[i] = from->running[i];
        if (from->assigned)
                process->assigned =
                        mem_new_array(from->assigned_count + 1, sizeof(*from->assigned));
        for (size_t i = 0; i < from->assigned_count; i++)
                process->assigned[i] = from->assigned[i];
        process->forced_reason = from->forced_reason ? mem_strdup(from->forced_reason) : NULL;
        return process;
}

static void free_process(struct fleet_process *process)
{
        for (size_t i = 0; i < process->records_count; i++)
                mem_free(process->records[i]);
        mem_free(process->records);
        mem_free(process->running);
        mem_free(process->assigned);
        mem_free(process->forced_reason);
        mem_free(process);
}

static struct fleet_application *copy_application(const struct fleet_application *from)
{
        struct fleet_application *application = mem_copy(from, sizeof(*from));

        application->processes =
                mem_new_array(from->processes_count + 1, sizeof(struct fleet_process *));
        application->by_name = NULL;
        application->dirty = false;
        for (size_t i = 0; i < from->processes_count; i++)
                application->processes[i] = copy_process(from->processes[i], application);
        return application;
}

/* Only the application concerned: the others are looked at through the loads. */
static void copy_fleet(struct fleet *copy, const struct fleet *from,
        struct fleet_application *application, struct fleet_effects *out)
{
        *copy = *from;
        copy->out = out;
        copy->instances = mem_new_array(from->instances_count + 1, sizeof(struct fleet_instance *));
        for (size_t i = 0; i < from->instances_count; i++)
                if (from->instances[i])
                        copy->instances[i] =
                                mem_copy(from->instances[i], sizeof(*from->instances[i]));
        copy->applications = mem_copy(&application, sizeof(struct fleet_application *));
        copy->applications_count = copy->applications_capacity = 1;
        copy->by_name = NULL;
        copy->told = NULL;
        copy->dirty = NULL;
        copy->dirty_count = copy->dirty_capacity = 0;
        copy->sequencing = sequencing_new();
        copy->sequencing->beneath = from->sequencing;
}

static void release_fleet(struct fleet *copy)
{
        struct fleet_application *application = copy->applications[0];

        copy->sequencing = sequencing_free(copy->sequencing);
        for (size_t i = 0; i < application->processes_count; i++)
                free_process(application->processes[i]);
        mem_free(application->processes);
        mem_free(application);
        mem_free(copy->applications);
        mem_free(copy->dirty);
        for (size_t i = 0; i < copy->instances_count; i++)
                mem_free(copy->instances[i]);
        mem_free(copy->instances);
}

static struct fleet_process *find(const struct fleet *copy, const char *name)
{
        const struct fleet_application *application = copy->applications[0];

        for (size_t i = 0; i < application->processes_count; i++)
                if (strcmp(application->processes[i]->name, name) == 0)
                        return application->processes[i];
        return NULL;
}

static void become(struct fleet *copy, struct fleet_process *process, unsigned instance,
        enum process_state state)
{
        struct fleet_record *record = fleet_process_record(process, instance);

        record->state = state;
        record->expected = true;
        record->arrival = ++copy->arrivals;
        processes_unforce(process);
        processes_follow(copy, record);
        processes_settle(copy, process);
        starter_record(copy, record);
}

static void show(struct fleet *copy, struct fleet_process *process, enum process_state state,
        const char *reason)
{
        mem_free(process->forced_reason);
        process->forced = true;
        process->forced_state = state;
        process->forced_reason = mem_strdup(reason);
        processes_settle(copy, process);
}

/* What the orders of the starter would lead to, if all went well. */
static void play(
        struct fleet *copy, const struct fleet_effects *orders, const struct fleet_request *request)
{
        for (size_t i = 0; i < orders->count; i++) {
                const struct fleet_effect *order = &orders->at[i];
                struct fleet_process *process;

                if (order->type == FLEET_FX_START) {
                        process = find(copy, order->name);
                        become(copy, process, order->instance, STARTING);
                        become(copy, process, order->instance, RUNNING);
                        if (request->type == FLEET_TEST_START_APPLICATION &&
                                process->rules->wait_exit)
                                become(copy, process, order->instance, EXITED);
                } else if (order->type == FLEET_FX_FORCE) {
                        show(copy, find(copy, order->name), order->force.state,
                                order->force.reason);
                }
        }
}

static void run(struct fleet *copy, const struct fleet_request *request)
{
        while (starter_advance(copy)) {
                CLEANUP(fleet_effects_clear) struct fleet_effects orders = *copy->out;

                *copy->out = (struct fleet_effects){};
                play(copy, &orders, request);
                fleet_effects_reset(copy->out); /* what watchers would hear */
        }
}

static void plan(
        struct fleet *copy, const struct fleet_request *request, const struct subject *subject)
{
        struct wish wish = {
                .strategy = (enum starting_strategy)request->strategy,
                .local = request->origin,
        };

        if (request->type == FLEET_TEST_START_APPLICATION) {
                starter_add_application(copy, copy->applications[0], &wish);
                return;
        }
        for (size_t i = 0; i < subject->count; i++) {
                wish.alone = subject->is_group && i == 0;
                starter_add_process(copy, find(copy, subject->processes[i]->name), &wish);
        }
}

static void report(
        struct answer *answer, const struct fleet *copy, const struct fleet_process *process)
{
        struct answer_forecast *forecast = answer_add_forecast(answer);

        forecast->application = mem_strdup(process->application->name);
        forecast->process = mem_strdup(process->name);
        forecast->state = fleet_process_shown(process);
        forecast->reason = mem_strdup(process->forced ? process->forced_reason : "");
        forecast->identifiers = mem_new_array(process->running_count + 1, sizeof(char *));
        for (size_t i = 0; i < process->running_count; i++)
                forecast->identifiers[i] =
                        mem_strdup(copy->instances[process->running[i]]->identifier);
}

static int by_name(const void *a, const void *b)
{
        return strcmp(((const struct answer_forecast *)a)->process,
                ((const struct answer_forecast *)b)->process);
}

struct answer *forecast_make(
        struct fleet *fleet, const struct fleet_request *request, const struct subject *subject)
{
        CLEANUP(fleet_effects_clear) struct fleet_effects out = {};
        CLEANUP(answer_free) struct answer *answer = answer_new(ANSWER_FORECAST);
        const struct fleet_job *job;
        struct fleet_process **concerned;
        size_t count = 0;
        struct fleet copy;

        copy_fleet(&copy, fleet, copy_application(subject->application), &out);
        plan(&copy, request, subject);
        job = jobs_find(&copy.sequencing->starts, copy.applications[0]);
        concerned =
                mem_new_array((job ? job->commands_count : 0) + 1, sizeof(struct fleet_process *));
        for (; job && count < job->commands_count; count++)
                concerned[count] = job->commands[count]->process;
        run(&copy, request);
        for (size_t i = 0; i < count; i++)
                report(answer, &copy, concerned[i]);
        if (count)
                qsort(answer->forecasts, count, sizeof(*answer->forecasts), by_name);
        mem_free(concerned);
        release_fleet(&copy);
        return TAKE(answer);
}
