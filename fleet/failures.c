/* Failures: see failures.h. */
#define uthash_malloc(size)  mem_new(size)
#define uthash_free(p, size) mem_free(p)
#define uthash_fatal(text)   __builtin_unreachable() /* memory does not run out: base/mem.h */
#include "fleet/failures.h"

#include <string.h>

#include "fleet/starter.h"
#include "fleet/stopper.h"

static struct trouble *find(const struct fleet *fleet, const struct fleet_application *application)
{
        struct trouble *trouble;

        HASH_FIND_PTR(fleet->sequencing->troubles, &application, trouble);
        return trouble;
}

struct trouble *failures_trouble(struct fleet *fleet, struct fleet_application *application)
{
        struct trouble *trouble = find(fleet, application);

        if (trouble)
                return trouble;
        trouble = mem_new(sizeof(*trouble));
        trouble->application = application;
        HASH_ADD_PTR(fleet->sequencing->troubles, application, trouble);
        return trouble;
}

static void remove_process(struct trouble *trouble, size_t index)
{
        trouble->processes_count--;
        memmove(&trouble->processes[index], &trouble->processes[index + 1],
                (trouble->processes_count - index) * sizeof(struct fleet_process *));
}

static void add_stop(struct trouble *trouble)
{
        trouble->stop = true;
        trouble->restart = false;
        trouble->processes_count = 0;
}

static void add_restart(struct trouble *trouble)
{
        if (trouble->stop)
                return;
        trouble->restart = true;
        for (size_t i = trouble->processes_count; i-- > 0;)
                if (trouble->processes[i]->rules->start_sequence > 0)
                        remove_process(trouble, i);
}

static void add_process(struct trouble *trouble, struct fleet_process *process)
{
        if (trouble->stop || (trouble->restart && process->rules->start_sequence > 0))
                return;
        for (size_t i = 0; i < trouble->processes_count; i++)
                if (trouble->processes[i] == process)
                        return;
        trouble->processes = mem_resize(
                trouble->processes, trouble->processes_count + 1, sizeof(struct fleet_process *));
        trouble->processes[trouble->processes_count++] = process;
}

/* The first one decides whether it is a restart. */
static void end_all(struct fleet *fleet, const struct fleet_process *process, bool restart)
{
        struct sequencing *s = fleet->sequencing;

        if (s->wants_end)
                return;
        fleet_effects_log(fleet->out, LOG_LEVEL_CRITICAL, "the failure of process %s %s everything",
                process->namespec, restart ? "restarts" : "shuts down");
        s->wants_end = true;
        s->wants_restart = restart;
}

static const char *what(const struct fleet_process *process)
{
        return running_failure_name(process->rules->running_failure);
}

void failures_add(struct fleet *fleet, struct fleet_process *process)
{
        struct trouble *trouble = failures_trouble(fleet, process->application);

        fleet_effects_log(fleet->out, LOG_LEVEL_WARN, "process %s has failed: %s",
                process->namespec, what(process));
        trouble->is_new = true;
        switch (process->rules->running_failure) {
        case RUNNING_RESTART_PROCESS:
                add_process(trouble, process);
                return;
        case RUNNING_STOP_APPLICATION:
                add_stop(trouble);
                return;
        case RUNNING_RESTART_APPLICATION:
                add_restart(trouble);
                return;
        case RUNNING_SHUTDOWN:
        case RUNNING_RESTART:
                end_all(fleet, process, process->rules->running_failure == RUNNING_RESTART);
                return;
        case RUNNING_CONTINUE:
        case RUNNING_FAILURES:
                return;
        }
}

/* The first restart comes at once, the others later and later. */
static void slow_down(struct fleet *fleet, struct trouble *trouble)
{
        if (trouble->restart)
                return;
        if (!trouble->crashed || usec_sub(fleet->now, trouble->crashed) >= FAILURES_PEACE)
                trouble->delay = 0;
        else
                trouble->delay = trouble->delay ? usec_min(2 * trouble->delay, FAILURES_DELAY_MAX)
                                                : FAILURES_DELAY_MIN;
        trouble->crashed = fleet->now;
        trouble->not_before = usec_add(fleet->now, trouble->delay);
}

static bool is_being_stopped(const struct fleet *fleet, const struct fleet_application *application)
{
        const struct fleet_job *job = jobs_find(&fleet->sequencing->stops, application);

        return job && job->whole;
}

/* Its application is stopped in order to be started, and it with it. */
static bool is_about_to_start(const struct fleet *fleet, const struct fleet_process *process)
{
        const struct fleet_job *job = jobs_find(&fleet->sequencing->stops, process->application);

        for (size_t i = 0; job && i < job->deferrals_count; i++)
                if (!job->deferrals[i].process && process->rules->start_sequence > 0)
                        return true;
        return false;
}

/* The instance restarts it on its own: it has crashed for good when it is FATAL. */
static bool is_restarted_there(const struct fleet_record *record)
{
        return record->state == EXITED && record->autorestart && !record->disabled &&
               !record->obsolete;
}

void failures_crashed(struct fleet *fleet, struct fleet_record *record)
{
        struct fleet_process *process = record->process;
        struct fleet_application *application = process->application;
        const struct fleet_job *job = jobs_find(&fleet->sequencing->starts, application);
        const struct command *command = command_find(job, process, record->instance);
        bool is_start = command && command->phase != COMMAND_LASTING;

        if (!fleet_process_crashed(process) || is_being_stopped(fleet, application))
                return;
        switch (process->rules->running_failure) {
        /* With these two, autorestart is switched off. */
        case RUNNING_RESTART_APPLICATION:
                if (is_about_to_start(fleet, process))
                        return;
                slow_down(fleet, failures_trouble(fleet, application));
                failures_add(fleet, process);
                return;
        case RUNNING_STOP_APPLICATION:
                failures_add(fleet, process);
                return;
        case RUNNING_SHUTDOWN:
        case RUNNING_RESTART:
                if (!is_start && !is_restarted_there(record))
                        failures_add(fleet, process);
                return;
        case RUNNING_CONTINUE:
        case RUNNING_RESTART_PROCESS: /* autorestart has done what can be done there */
        case RUNNING_FAILURES:
                return;
        }
}

void failures_collect(struct fleet *fleet)
{
        if (!fleet->sequencing->has_lost)
                return;
        fleet->sequencing->has_lost = false;
        for (size_t i = 0; i < fleet_applications_count(fleet); i++) {
                struct fleet_application *application = fleet_application_at(fleet, i);

                for (size_t j = 0; j < application->processes_count; j++) {
                        struct fleet_process *process = application->processes[j];

                        if (!process->lost)
                                continue;
                        process->lost = false;
                        failures_add(fleet, process);
                }
        }
}

static bool waits(const struct trouble *trouble)
{
        return trouble->stop || trouble->restart || trouble->processes_count;
}

bool failures_concern(const struct fleet *fleet, const struct fleet_application *application)
{
        const struct trouble *trouble = find(fleet, application);

        return trouble && (trouble->is_new || waits(trouble));
}

bool failures_wait(const struct fleet *fleet, const struct fleet_application *application)
{
        const struct trouble *trouble = find(fleet, application);

        return trouble && waits(trouble);
}

void failures_complete(struct fleet *fleet, struct fleet_application *application)
{
        struct trouble *trouble = find(fleet, application);

        if (!trouble || !trouble->processes_count)
                return;
        for (size_t i = 0; i < application->processes_count; i++) {
                struct fleet_process *process = application->processes[i];

                if (process->rules->required && process->rules->start_sequence > 0 &&
                        fleet_process_shown(process) == STOPPED)
                        add_process(trouble, process);
        }
}

void failures_forget_news(struct fleet *fleet)
{
        struct trouble *trouble;

        for (trouble = fleet->sequencing->troubles; trouble; trouble = trouble->hh.next)
                trouble->is_new = false;
}

static void forget(struct trouble *trouble)
{
        trouble->stop = false;
        trouble->restart = false;
        trouble->processes_count = 0;
}

/* Nothing is left of the application: it begins anew, in its order. */
static void promote(struct trouble *trouble)
{
        const struct fleet_application *application = trouble->application;

        if (application->state != APPLICATION_STOPPED || !application->rules->managed)
                return;
        for (size_t i = 0; i < trouble->processes_count; i++)
                if (trouble->processes[i]->rules->start_sequence > 0) {
                        add_restart(trouble);
                        return;
                }
}

static void act(struct fleet *fleet, struct trouble *trouble)
{
        struct wish wish = starter_wish(trouble->application);

        if (trouble->stop)
                stopper_stop_application(fleet, trouble->application, 0, NULL);
        if (trouble->restart)
                stopper_restart_application(fleet, trouble->application, &wish);
        for (size_t i = 0; i < trouble->processes_count; i++)
                starter_add_process(fleet, trouble->processes[i], &wish);
        forget(trouble);
}

/* Whoever stops what was not to stay: it cannot be started before that is over. */
static bool is_stopping(const struct trouble *trouble)
{
        for (size_t i = 0; i < trouble->processes_count; i++)
                if (trouble->processes[i]->state == STOPPING)
                        return true;
        return false;
}

bool failures_advance(struct fleet *fleet)
{
        struct sequencing *s = fleet->sequencing;
        struct trouble *trouble;
        bool any = false;

        if (s->wants_end)
                fleet_effects_add(fleet->out, FLEET_FX_END)->end.restart = s->wants_restart;
        s->wants_end = false;
        for (trouble = s->troubles; trouble; trouble = trouble->hh.next) {
                if (!waits(trouble) || jobs_find(&s->starts, trouble->application) ||
                        jobs_find(&s->stops, trouble->application))
                        continue;
                if ((trouble->restart && trouble->not_before > fleet->now) || is_stopping(trouble))
                        continue;
                promote(trouble);
                act(fleet, trouble);
                any = true;
        }
        return any;
}

void failures_cancel(struct fleet *fleet, struct fleet_application *application)
{
        struct trouble *trouble = find(fleet, application);

        if (trouble)
                forget(trouble);
}

static void mark(struct fleet *fleet, struct fleet_process *process)
{
        process->lost = true;
        sequencing_note_loss(fleet);
}

/* One that has this strategy and does not run stands for its application. */
static void mark_one(struct fleet *fleet, const struct fleet_application *application,
        enum running_failure strategy)
{
        for (size_t i = 0; i < application->processes_count; i++) {
                struct fleet_process *process = application->processes[i];

                if (process->rules->running_failure == strategy && process->running_count == 0) {
                        mark(fleet, process);
                        return;
                }
        }
}

static void suspend_job(struct fleet *fleet, const struct fleet_job *job)
{
        for (size_t i = 0; i < job->deferrals_count; i++) {
                const struct deferral *deferral = &job->deferrals[i];

                if (deferral->batch || deferral->holders.count)
                        continue; /* a caller's, who is told that it was given up */
                if (deferral->process)
                        mark(fleet, deferral->process);
                else
                        mark_one(fleet, job->application, RUNNING_RESTART_APPLICATION);
        }
}

void failures_suspend(struct fleet *fleet)
{
        const struct trouble *trouble;

        for (trouble = fleet->sequencing->troubles; trouble; trouble = trouble->hh.next) {
                if (trouble->restart)
                        mark_one(fleet, trouble->application, RUNNING_RESTART_APPLICATION);
                if (trouble->stop)
                        mark_one(fleet, trouble->application, RUNNING_STOP_APPLICATION);
                for (size_t i = 0; i < trouble->processes_count; i++)
                        if (trouble->processes[i]->running_count == 0)
                                mark(fleet, trouble->processes[i]);
        }
        for (const struct fleet_job *job = fleet->sequencing->stops.first; job; job = job->hh.next)
                suspend_job(fleet, job);
}

void failures_abort(struct fleet *fleet)
{
        struct trouble *trouble;

        for (trouble = fleet->sequencing->troubles; trouble; trouble = trouble->hh.next)
                forget(trouble);
        fleet->sequencing->wants_end = false;
}

void failures_forget_process(struct fleet *fleet, struct fleet_process *process)
{
        struct trouble *trouble = find(fleet, process->application);

        for (size_t i = trouble ? trouble->processes_count : 0; i-- > 0;)
                if (trouble->processes[i] == process)
                        remove_process(trouble, i);
}

static void release(struct sequencing *s, struct trouble *trouble)
{
        HASH_DEL(s->troubles, trouble);
        mem_free(trouble->processes);
        mem_free(trouble->rest);
        mem_free(trouble);
}

void failures_forget_application(struct fleet *fleet, struct fleet_application *application)
{
        struct trouble *trouble = find(fleet, application);

        if (trouble)
                release(fleet->sequencing, trouble);
}

void failures_clear(struct sequencing *s)
{
        while (s->troubles)
                release(s, s->troubles);
}

usec_t failures_deadline(const struct fleet *fleet)
{
        const struct trouble *trouble;
        usec_t at = USEC_NEVER;

        for (trouble = fleet->sequencing->troubles; trouble; trouble = trouble->hh.next)
                if (trouble->restart && trouble->not_before > fleet->now)
                        at = usec_min(at, trouble->not_before);
        return at;
}
