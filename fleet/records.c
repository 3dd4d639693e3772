/* Records: see records.h. */
#include "fleet/records.h"

#include <string.h>

#include "fleet/applications.h"
#include "fleet/instances.h"
#include "fleet/losses.h"
#include "fleet/processes.h"
#include "fleet/sequencing.h"
#include "fleet/stopper.h"

static bool is_crashed(const struct fleet_record *record)
{
        return record->state == FATAL || (record->state == EXITED && !record->expected);
}

static bool set_text(char **text, const char *value)
{
        if (!value)
                value = "";
        if (*text && strcmp(*text, value) == 0)
                return false;
        mem_free(*text);
        *text = mem_strdup(value);
        return true;
}

/* What somebody may see of a run. */
static bool take_run(struct fleet_record *record, const struct fleet_report *report)
{
        bool news = record->state != report->state || record->expected != report->expected ||
                    record->pid != report->pid || record->start != report->start ||
                    record->stop != report->stop ||
                    record->start_monotonic != report->start_monotonic ||
                    record->stop_monotonic != report->stop_monotonic ||
                    record->event_time != report->event_time;

        record->state = report->state;
        record->expected = report->expected;
        record->pid = report->pid;
        record->run_pid = report->run_pid;
        record->start = report->start;
        record->stop = report->stop;
        record->start_monotonic = report->start_monotonic;
        record->stop_monotonic = report->stop_monotonic;
        record->event_time = report->event_time;
        news |= set_text(&record->spawnerr, report->spawnerr);
        news |= set_text(&record->extra_args, report->extra_args);
        return news;
}

/* What its configuration and its users make of it. */
static bool take_settings(struct fleet_record *record, const struct fleet_report *report)
{
        bool news = record->disabled != report->disabled || record->obsolete != report->obsolete ||
                    record->has_stdout != report->has_stdout ||
                    record->has_stderr != report->has_stderr ||
                    record->autorestart != report->autorestart ||
                    record->process_index != report->process_index ||
                    record->startsecs != report->startsecs ||
                    record->stopwaitsecs != report->stopwaitsecs;

        record->disabled = report->disabled;
        record->obsolete = report->obsolete;
        record->has_stdout = report->has_stdout;
        record->has_stderr = report->has_stderr;
        record->autorestart = report->autorestart;
        record->process_index = report->process_index;
        record->startsecs = report->startsecs;
        record->stopwaitsecs = report->stopwaitsecs;
        return set_text(&record->program_name, report->program_name) || news;
}

static void received(struct fleet *fleet, struct fleet_record *record)
{
        record->received = fleet->now;
        record->arrival = ++fleet->arrivals;
        record->process->updated = fleet->now;
}

static void remember(struct fleet *fleet, struct fleet_record *record, enum process_state before)
{
        struct fleet_change *change;

        fleet->changes = mem_grow(fleet->changes, &fleet->changes_capacity,
                fleet->changes_count + 1, sizeof(*fleet->changes));
        change = &fleet->changes[fleet->changes_count++];
        *change = (struct fleet_change){ .record = record, .before = before };
}

/* Where the fleet restarts what has failed, the instance must not do it on its own. */
static void forbid_autorestart(struct fleet *fleet, struct fleet_record *record)
{
        enum running_failure strategy = record->process->rules->running_failure;

        if (record->instance != 0 || !record->autorestart || record->no_autorestart ||
                (strategy != RUNNING_STOP_APPLICATION && strategy != RUNNING_RESTART_APPLICATION))
                return;
        record->no_autorestart = true;
        state_tell_process(fleet, FLEET_FX_NO_AUTORESTART, record->process);
        fleet_effects_log(fleet->out, LOG_LEVEL_WARN,
                "process %s: autorestart is switched off, because its running_failure_strategy is "
                "%s",
                record->process->namespec, running_failure_name(strategy));
}

/* What a run brings: where the process runs, and what it was given.  A loaded record tells how
 * things stand, which is less than an event: arguments that others run with survive it, and so does
 * what is shown in place of a mere STOPPED. */
static void take_event(
        struct fleet *fleet, struct fleet_record *record, bool loaded, enum process_state before)
{
        struct fleet_process *process = record->process;
        bool is_first = process->records_count == 1;
        bool is_active = !process_state_is_stopped(record->state);

        received(fleet, record);
        record->has_crashed |= is_crashed(record);
        if (!loaded || is_active || is_first)
                processes_set_args(process, record->extra_args);
        if (!loaded || record->state != STOPPED)
                processes_unforce(process);
        if (record->state != before)
                process->news = true;
        processes_follow(fleet, record);
}

static void count_crash(struct fleet *fleet, struct fleet_record *record, bool before)
{
        struct fleet_instance *instance = fleet->instances[record->instance];

        instance->crashes += is_crashed(record);
        instance->crashes -= before;
}

static void add_record(struct fleet *fleet, struct fleet_process *process, unsigned instance,
        const struct fleet_report *report, bool loaded)
{
        struct fleet_record *record = mem_new(sizeof(*record));

        record->instance = instance;
        processes_attach(fleet, process, record);
        (void)take_run(record, report); /* it is new anyway */
        (void)take_settings(record, report);
        (void)set_text(&record->description, report->description);
        record->clock_offset = (int64_t)(report->now_monotonic - fleet->now);
        record->snapshot = fleet->snapshots;
        count_crash(fleet, record, false);
        take_event(fleet, record, true, record->state);
        /* Who was not there when it ran hears by this that it does until it has stopped. */
        if (loaded && record->state == STOPPING)
                processes_enter(fleet, process, instance);
        state_tell_record(fleet, FLEET_FX_RECORD, record)->news = FLEET_NEWS_ADDED;
        process->news |= process->records_count == 1;
        processes_settle(fleet, process);
        forbid_autorestart(fleet, record);
        remember(fleet, record, record->state);
}

static void update_record(struct fleet *fleet, struct fleet_record *record,
        const struct fleet_report *report, bool loaded)
{
        enum process_state before = record->state;
        usec_t start = record->start_monotonic;
        bool crashed = is_crashed(record), disabled = record->disabled, run, settings;
        unsigned news;

        if (record->lost)
                record->has_crashed = false;
        record->lost = false;
        run = take_run(record, report);
        settings = take_settings(record, report);
        (void)set_text(&record->description, report->description); /* an uptime is no news */
        record->clock_offset = (int64_t)(report->now_monotonic - fleet->now);
        record->snapshot = fleet->snapshots;
        count_crash(fleet, record, crashed);
        if (run)
                take_event(fleet, record, loaded, before);
        news = record->state != before || record->start_monotonic != start ? FLEET_NEWS_STATE : 0;
        if (record->disabled != disabled)
                news |= FLEET_NEWS_ABILITY;
        if (run || settings)
                state_tell_record(fleet, FLEET_FX_RECORD, record)->news =
                        news ? news : FLEET_NEWS_SETTINGS;
        if (run)
                processes_settle(fleet, record->process);
        forbid_autorestart(fleet, record);
        if (record->state != before)
                remember(fleet, record, before);
}

void records_rule(struct fleet *fleet, struct fleet_process *process)
{
        for (size_t i = 0; i < process->records_count; i++)
                forbid_autorestart(fleet, process->records[i]);
}

static bool is_full(struct fleet *fleet)
{
        if (fleet->processes_count < FLEET_PROCESSES_MAX)
                return false;
        if (!fleet->full_told)
                fleet_effects_log(fleet->out, LOG_LEVEL_ERROR,
                        "more than %d processes are reported: the others are not regarded",
                        FLEET_PROCESSES_MAX);
        fleet->full_told = true;
        return true;
}

static void take(
        struct fleet *fleet, unsigned instance, const struct fleet_report *report, bool loaded)
{
        struct fleet_application *application = fleet_application_find(fleet, report->group);
        struct fleet_process *process =
                application ? fleet_process_find(application, report->name) : NULL;
        struct fleet_record *record = process ? fleet_process_record(process, instance) : NULL;

        if (record) {
                update_record(fleet, record, report, loaded);
                return;
        }
        if (!process && (!*report->group || !*report->name || is_full(fleet)))
                return;
        if (!application)
                application = applications_add(fleet, report->group);
        if (!process)
                process = processes_add(fleet, application, report->name);
        add_record(fleet, process, instance, report, loaded);
}

void records_report(struct fleet *fleet, unsigned instance, const struct fleet_report *report)
{
        take(fleet, instance, report, false);
}

/* The process, and the application, may go along. */
static void remove_record(struct fleet *fleet, struct fleet_record *record)
{
        struct fleet_process *process = record->process;
        struct fleet_effect *effect;

        processes_detach(fleet, record);
        if (process->records_count)
                processes_settle(fleet, process);
        fleet->instances[record->instance]->crashes -= is_crashed(record);
        effect = state_tell_record(fleet, FLEET_FX_RECORD, record);
        effect->deleted = true;
        effect->news = FLEET_NEWS_GONE;
        sequencing_forget_record(fleet, record);
        processes_record_free(record);
        if (process->records_count == 0)
                processes_remove(fleet, process);
}

/* Backwards, because processes and applications go on the way. */
static void remove_older(struct fleet *fleet, unsigned instance,
        struct fleet_application *application, uint64_t snapshot)
{
        for (size_t i = application->processes_count; i-- > 0;) {
                struct fleet_record *record =
                        fleet_process_record(application->processes[i], instance);

                if (record && record->snapshot < snapshot)
                        remove_record(fleet, record);
        }
}

/* What ran there, and was not to end, when the daemon died; its length goes to ret_count. */
static struct fleet_process **list_running(
        const struct fleet *fleet, unsigned instance, size_t *ret_count)
{
        struct fleet_process **list =
                mem_new_array(fleet->processes_count + 1, sizeof(struct fleet_process *));

        *ret_count = 0;
        for (size_t i = 0; i < fleet->applications_count; i++) {
                const struct fleet_application *application = fleet->applications[i];

                for (size_t k = 0; k < application->processes_count; k++) {
                        struct fleet_process *process = application->processes[k];
                        const struct fleet_record *record = fleet_process_record(process, instance);

                        if (record && process_state_is_running(record->state) &&
                                !stopper_ends(fleet, record))
                                list[(*ret_count)++] = process;
                }
        }
        return list;
}

/* What is being stopped there does not count: nothing that is to stay is left then. */
static bool runs_anywhere(const struct fleet_process *process)
{
        for (size_t i = 0; i < process->running_count; i++)
                if (process_state_is_running(
                            fleet_process_record(process, process->running[i])->state))
                        return true;
        return false;
}

/* The next daemon did not go on with it, nor has it anything to tell of its end: it was lost. */
static void lose_unadopted(struct fleet *fleet, unsigned instance, struct fleet_process **list,
        size_t count, uint64_t snapshot)
{
        for (size_t i = 0; i < count; i++) {
                const struct fleet_record *record = fleet_process_record(list[i], instance);

                if (record->snapshot != snapshot || record->state != STOPPED)
                        continue;
                stopper_lost_kept(fleet, list[i], instance);
                if (runs_anywhere(list[i]))
                        continue;
                losses_note(fleet, list[i], instance);
        }
}

void records_snapshot(
        struct fleet *fleet, unsigned instance, const struct fleet_report *reports, size_t count)
{
        uint64_t snapshot = ++fleet->snapshots;
        CLEANUP(mem_free) struct fleet_process **ran = NULL;
        size_t ran_count = 0;
        bool has_returned = fleet->instances[instance]->may_return ||
                            instances_is_reborn(fleet->instances[instance]);

        if (has_returned)
                ran = list_running(fleet, instance, &ran_count);
        for (size_t i = 0; i < count; i++)
                take(fleet, instance, &reports[i], true);
        lose_unadopted(fleet, instance, ran, ran_count, snapshot);
        if (has_returned)
                stopper_returned(fleet, instance);
        for (size_t i = fleet->applications_count; i-- > 0;)
                remove_older(fleet, instance, fleet->applications[i], snapshot);
}

void records_removed(struct fleet *fleet, unsigned instance, const char *group, const char *name)
{
        struct fleet_application *application = fleet_application_find(fleet, group);
        struct fleet_process *process;
        struct fleet_record *record;

        if (!application)
                return;
        if (!name) {
                remove_older(fleet, instance, application, UINT64_MAX);
                return;
        }
        process = fleet_process_find(application, name);
        record = process ? fleet_process_record(process, instance) : NULL;
        if (record)
                remove_record(fleet, record);
}

static void lose(struct fleet *fleet, struct fleet_record *record)
{
        struct fleet_process *process = record->process;
        const char *identifier = fleet->instances[record->instance]->identifier;
        bool ran = fleet_process_runs_on(process, record->instance) &&
                   process_state_is_running(record->state);

        record->state = FATAL;
        record->expected = false;
        record->lost = true;
        record->pid = record->run_pid = 0;
        mem_free(record->spawnerr);
        record->spawnerr = mem_format("Supervisor %s lost", identifier);
        (void)set_text(&record->description, record->spawnerr);
        count_crash(fleet, record, false);
        received(fleet, record);
        processes_unforce(process);
        processes_follow(fleet, record);
        process->news = true;
        state_tell_record(fleet, FLEET_FX_RECORD, record)->news = FLEET_NEWS_LOST;
        processes_settle(fleet, process);
        if (ran && !runs_anywhere(process))
                losses_note(fleet, process, record->instance);
}

static bool is_there(const struct fleet_process *process, unsigned instance)
{
        const struct fleet_record *record = fleet_process_record(process, instance);

        return record && !process_state_is_stopped(record->state);
}

void records_lose(struct fleet *fleet, unsigned instance)
{
        for (size_t i = 0; i < fleet->applications_count; i++) {
                const struct fleet_application *application = fleet->applications[i];

                for (size_t k = 0; k < application->processes_count; k++)
                        if (is_there(application->processes[k], instance))
                                lose(fleet,
                                        fleet_process_record(application->processes[k], instance));
        }
}

bool records_run_on(const struct fleet *fleet, unsigned instance)
{
        for (size_t i = 0; i < fleet->applications_count; i++) {
                const struct fleet_application *application = fleet->applications[i];

                for (size_t k = 0; k < application->processes_count; k++)
                        if (is_there(application->processes[k], instance))
                                return true;
        }
        return false;
}
