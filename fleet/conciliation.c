/* Conciliation: see conciliation.h. */
#include "fleet/conciliation.h"

#include "fleet/failures.h"
#include "fleet/starter.h"
#include "fleet/stopper.h"

/* What the sender's own clock shows now.  Its distance to ours is as large as it says. */
static usec_t now_there(const struct fleet *fleet, const struct fleet_record *record)
{
        return record->clock_offset < 0 ? usec_sub(fleet->now, -(uint64_t)record->clock_offset)
                                        : usec_add(fleet->now, (uint64_t)record->clock_offset);
}

/* By the sender's own clock, so that those of different hosts compare. */
static usec_t uptime(const struct fleet *fleet, const struct fleet_record *record)
{
        if (record->state != RUNNING && record->state != STOPPING)
                return 0;
        return usec_sub(now_there(fleet, record), record->start_monotonic);
}

/* It is being stopped, or is to be; or its daemon died, and it may have died with that. */
static bool is_leaving(const struct fleet *fleet, const struct fleet_record *record)
{
        return fleet_instance_at(fleet, record->instance)->may_return ||
               stopper_ends(fleet, record);
}

/* The instance to be kept.  One that is being stopped already, or is to be, is not, where there is
 * another: an earlier conciliation may have decided otherwise, and both together would keep none.
 * Of equals it is the first in the list's order. */
static unsigned keep(const struct fleet *fleet, const struct fleet_process *process, bool oldest)
{
        const struct fleet_record *best = NULL;

        for (size_t i = 0; i < process->running_count; i++) {
                const struct fleet_record *record =
                        fleet_process_record(process, process->running[i]);
                bool better;

                if (!record)
                        continue;
                if (!best || is_leaving(fleet, best) != is_leaving(fleet, record))
                        better = !best || is_leaving(fleet, best);
                else
                        better = oldest ? uptime(fleet, record) > uptime(fleet, best)
                                        : uptime(fleet, record) < uptime(fleet, best);
                if (better)
                        best = record;
        }
        return best ? best->instance : FLEET_NONE;
}

static void apply(
        struct fleet *fleet, struct fleet_process *process, enum conciliation_strategy strategy)
{
        struct wish wish = starter_wish(process->application);

        switch (strategy) {
        case CONCILIATION_SENICIDE:
        case CONCILIATION_INFANTICIDE:
                stopper_add_spare(
                        fleet, process, keep(fleet, process, strategy == CONCILIATION_INFANTICIDE));
                return;
        case CONCILIATION_STOP:
                stopper_add_process(fleet, process, NULL, 0, 0, NULL);
                return;
        case CONCILIATION_RESTART:
                stopper_restart_process(fleet, process, &wish);
                return;
        case CONCILIATION_RUNNING_FAILURE:
                stopper_add_process(fleet, process, NULL, 0, 0, NULL);
                failures_add(fleet, process);
                return;
        case CONCILIATION_USER:
        case CONCILIATION_STRATEGIES:
                return;
        }
}

void conciliation_apply(struct fleet *fleet, enum conciliation_strategy strategy)
{
        for (size_t i = 0; i < fleet_applications_count(fleet); i++) {
                struct fleet_application *application = fleet_application_at(fleet, i);

                for (size_t j = 0; j < application->processes_count; j++) {
                        struct fleet_process *process = application->processes[j];

                        if (!fleet_process_conflicts(process))
                                continue;
                        fleet_effects_log(fleet->out, LOG_LEVEL_WARN,
                                "process %s runs %zu times: %s", process->namespec,
                                process->running_count, conciliation_strategy_name(strategy));
                        apply(fleet, process, strategy);
                }
        }
}
