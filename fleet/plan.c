/* The plan: see plan.h. */
#include "fleet/plan.h"

#include "fleet/failures.h"
#include "fleet/starter.h"
#include "fleet/stopper.h"

static bool was_never_started(const struct fleet_application *application)
{
        for (size_t i = 0; i < application->processes_count; i++) {
                const struct fleet_process *process = application->processes[i];

                for (size_t j = 0; j < process->records_count; j++)
                        if (process->records[j]->state != STOPPED || process->records[j]->stop)
                                return false;
        }
        return true;
}

/* Nothing of it has failed: whoever stopped it meant it, whatever a formula says. */
static bool was_left_stopped(const struct fleet_application *application)
{
        if (application->state != APPLICATION_STOPPED)
                return false;
        for (size_t i = 0; i < application->processes_count; i++) {
                const struct fleet_process *process = application->processes[i];
                enum process_state shown = fleet_process_shown(process);

                if (shown != STOPPED && (shown != EXITED || !process->expected))
                        return false;
        }
        return true;
}

static bool has_lost(const struct fleet_application *application)
{
        for (size_t i = 0; i < application->processes_count; i++)
                if (application->processes[i]->lost)
                        return true;
        return false;
}

/* Some of its sequence stands still while others of it run, or did until their instance was
 * lost. */
static bool is_half_started(const struct fleet_application *application)
{
        if (application->state == APPLICATION_STOPPED && !has_lost(application))
                return false;
        for (size_t i = 0; i < application->processes_count; i++) {
                const struct fleet_process *process = application->processes[i];

                if (process->rules->start_sequence > 0 && fleet_process_shown(process) == STOPPED)
                        return true;
        }
        return false;
}

/* What is still being stopped beside what was lost is the first half of a restart, and whoever was
 * to do the second half does it no more. */
static void restart_stopping(struct fleet *fleet, struct fleet_application *application)
{
        struct wish wish = starter_wish(application);

        if (!has_lost(application))
                return;
        for (size_t i = 0; i < application->processes_count; i++) {
                struct fleet_process *process = application->processes[i];

                if (process->rules->start_sequence > 0 && fleet_process_shown(process) == STOPPING)
                        stopper_restart_process(fleet, process, &wish);
        }
}

static void add(struct fleet *fleet, struct fleet_application *application, unsigned local,
        const struct holders *holders)
{
        struct wish wish = starter_wish(application);

        wish.local = local;
        wish.holders = holders;
        starter_add_application(fleet, application, &wish);
}

bool plan_sequence(struct fleet *fleet, bool resume, unsigned local, const struct holders *holders)
{
        struct sequencing *s = fleet->sequencing;

        for (size_t i = 0; resume && i < fleet_applications_count(fleet); i++) {
                struct fleet_application *application = fleet_application_at(fleet, i);

                if (!application->rules->managed || application->rules->start_sequence <= 0)
                        continue;
                restart_stopping(fleet, application);
                if (is_half_started(application))
                        add(fleet, application, local, holders);
        }
        failures_collect(fleet);
        for (size_t i = 0; i < fleet_applications_count(fleet); i++) {
                struct fleet_application *application = fleet_application_at(fleet, i);

                if (!application->rules->managed || application->rules->start_sequence <= 0)
                        continue;
                failures_complete(fleet, application);
                if (jobs_find(&s->starts, application) || failures_concern(fleet, application))
                        continue;
                if (!was_never_started(application) &&
                        (was_left_stopped(application) ||
                                (!application->major_failure && !application->minor_failure)))
                        continue;
                add(fleet, application, local, holders);
        }
        return s->starts.first;
}
