/* Processes: see processes.h. */
#define uthash_malloc(size)  mem_new(size)
#define uthash_free(p, size) mem_free(p)
#define uthash_fatal(text)   __builtin_unreachable() /* memory does not run out: base/mem.h */
#include "fleet/processes.h"

#include <string.h>

#include "base/text.h"
#include "fleet/applications.h"
#include "fleet/loads.h"
#include "fleet/sequencing.h"

static bool places_equal(const struct rules_places *a, const struct rules_places *b)
{
        if (a->all != b->all || a->spread != b->spread || a->one_each != b->one_each ||
                a->count != b->count)
                return false;
        for (size_t i = 0; i < a->count; i++)
                if (strcmp(a->names[i], b->names[i]) != 0)
                        return false;
        return true;
}

/* An assignment is final, but for other signs than those it was made by. */
void processes_rule(struct fleet *fleet, struct fleet_process *process)
{
        CLEANUP(rules_program_free) struct rules_program *before = process->rules;
        struct rules_notes notes = {};

        loads_withdraw(fleet, process);
        process->rules = rules_for_process(fleet->rules, process->application->name,
                process->application->rules, process->name, &notes);
        applications_log_notes(fleet, &notes);
        if (before && !places_equal(&before->places, &process->rules->places)) {
                process->assigned = mem_free(process->assigned);
                process->assigned_count = 0;
                process->is_assigned = false;
        }
        if (process->records_count)
                processes_settle(fleet, process);
}

static char *namespec(const char *group, const char *name)
{
        return strcmp(group, name) == 0 ? mem_strdup(name) : mem_format("%s:%s", group, name);
}

struct fleet_process *processes_add(
        struct fleet *fleet, struct fleet_application *application, const char *name)
{
        struct fleet_process *process = mem_new(sizeof(*process));

        process->name = mem_strdup(name);
        process->namespec = namespec(application->name, name);
        process->application = application;
        process->expected = true;
        process->lost_at = FLEET_NONE;
        process->extra_args = mem_strdup("");
        process->updated = fleet->now;
        application->processes = mem_grow(application->processes, &application->processes_capacity,
                application->processes_count + 1, sizeof(struct fleet_process *));
        application->processes[application->processes_count++] = process;
        HASH_ADD_KEYPTR(
                by_name, application->by_name, process->name, strlen(process->name), process);
        fleet->processes_count++;
        processes_rule(fleet, process);
        return process;
}

void processes_record_free(struct fleet_record *record)
{
        mem_free(record->spawnerr);
        mem_free(record->description);
        mem_free(record->extra_args);
        mem_free(record->program_name);
        mem_free(record->rest);
        mem_free(record);
}

void processes_release(struct fleet *fleet, struct fleet_process *process)
{
        HASH_DELETE(by_name, process->application->by_name, process);
        fleet->processes_count--;
        for (size_t i = 0; i < process->records_count; i++)
                processes_record_free(process->records[i]);
        mem_free(process->records);
        rules_program_free(process->rules);
        mem_free(process->assigned);
        mem_free(process->running);
        mem_free(process->forced_reason);
        mem_free(process->extra_args);
        mem_free(process->rest);
        mem_free(process->namespec);
        mem_free(process->name);
        mem_free(process);
}

void processes_remove(struct fleet *fleet, struct fleet_process *process)
{
        struct fleet_application *application = process->application;
        size_t i = application->processes_count;

        sequencing_forget_process(fleet, process);
        state_tell_process(fleet, FLEET_FX_PROCESS, process)->deleted = true;
        applications_discount(fleet, process);
        while (application->processes[--i] != process)
                ;
        memmove(&application->processes[i], &application->processes[i + 1],
                (--application->processes_count - i) * sizeof(struct fleet_process *));
        processes_release(fleet, process);
        if (application->processes_count == 0)
                applications_remove(fleet, application);
}

static unsigned place(const struct fleet *fleet, unsigned instance)
{
        return fleet->instances[instance]->place;
}

void processes_attach(
        struct fleet *fleet, struct fleet_process *process, struct fleet_record *record)
{
        size_t i = process->records_count++;

        record->process = process;
        process->records = mem_resize(process->records, i + 1, sizeof(struct fleet_record *));
        for (; i > 0; i--) {
                struct fleet_record *other = process->records[i - 1];

                if (place(fleet, other->instance) < place(fleet, record->instance))
                        break;
                process->records[i] = other;
        }
        process->records[i] = record;
}

static size_t running_index(const struct fleet_process *process, unsigned instance)
{
        size_t i = 0;

        while (i < process->running_count && process->running[i] != instance)
                i++;
        return i;
}

static void leave(struct fleet_process *process, unsigned instance)
{
        size_t i = running_index(process, instance);

        if (i == process->running_count)
                return;
        memmove(&process->running[i], &process->running[i + 1],
                (--process->running_count - i) * sizeof(*process->running));
        process->news = true;
}

void processes_enter(struct fleet *fleet, struct fleet_process *process, unsigned instance)
{
        size_t i;

        if (running_index(process, instance) < process->running_count)
                return;
        i = process->running_count++;
        process->running = mem_resize(process->running, i + 1, sizeof(*process->running));
        for (; i > 0 && place(fleet, process->running[i - 1]) > place(fleet, instance); i--)
                process->running[i] = process->running[i - 1];
        process->running[i] = instance;
        process->news = true;
}

void processes_detach(struct fleet *fleet, struct fleet_record *record)
{
        struct fleet_process *process = record->process;
        size_t i = 0;

        loads_withdraw(fleet, process);
        leave(process, record->instance);
        while (process->records[i] != record)
                i++;
        memmove(&process->records[i], &process->records[i + 1],
                (--process->records_count - i) * sizeof(struct fleet_record *));
}

/* Somebody who stops it keeps it among those that run it until it has stopped. */
void processes_follow(struct fleet *fleet, const struct fleet_record *record)
{
        struct fleet_process *process = record->process;

        loads_withdraw(fleet, process);
        if (process_state_is_running(record->state))
                processes_enter(fleet, process, record->instance);
        else if (process_state_is_stopped(record->state))
                leave(process, record->instance);
}

static bool any_record_is(const struct fleet_process *process, enum process_state state)
{
        for (size_t i = 0; i < process->records_count; i++)
                if (process->records[i]->state == state)
                        return true;
        return false;
}

static enum process_state conflicting_state(const struct fleet_process *process)
{
        static const enum process_state order[] = { RUNNING, BACKOFF, STARTING, STOPPING };

        for (size_t k = 0; k < ELEMENTS(order); k++)
                for (size_t i = 0; i < process->running_count; i++)
                        if (fleet_process_record(process, process->running[i])->state == order[k])
                                return order[k];
        return UNKNOWN;
}

/* It has run there, or was meant to. */
static bool has_history(const struct fleet_record *record)
{
        return record->state != STOPPED || record->start || record->stop;
}

/* What was heard last, where it runs nowhere.  Who has never run it knows nothing of its end: were
 * his word taken, a program that has done its work would be started again whenever an instance
 * joins. */
static const struct fleet_record *latest(const struct fleet_process *process)
{
        const struct fleet_record *found = process->records[0];

        for (size_t i = 1; i < process->records_count; i++) {
                const struct fleet_record *record = process->records[i];

                if (has_history(record) == has_history(found) ? record->arrival > found->arrival
                                                              : has_history(record))
                        found = record;
        }
        return found;
}

static enum process_state synthesize(const struct fleet_process *process, bool *expected)
{
        if (process->running_count > 1)
                return conflicting_state(process);
        *expected = true;
        if (process->running_count == 1)
                return fleet_process_record(process, process->running[0])->state;
        if (any_record_is(process, STOPPING))
                return STOPPING;
        *expected = latest(process)->expected;
        return latest(process)->state;
}

/* What watchers are told; NULL: nothing that is shown has changed. */
static struct fleet_effect *settle(struct fleet *fleet, struct fleet_process *process)
{
        struct fleet_effect *told = NULL;
        bool expected = process->expected, conflicts;
        enum process_state state;

        loads_withdraw(fleet, process);
        state = synthesize(process, &expected);
        if (state != process->state || expected != process->expected)
                process->news = true;
        process->state = state;
        process->expected = expected;
        if (process_state_is_running(state))
                process->lost = false;
        loads_count(fleet, process);
        conflicts = fleet_process_conflicts(process);
        fleet->conflicts += conflicts;
        fleet->conflicts -= process->conflicts;
        process->conflicts = conflicts;
        applications_count(fleet, process);
        if (process->news)
                told = state_tell_process(fleet, FLEET_FX_PROCESS, process);
        process->news = false;
        return told;
}

void processes_settle(struct fleet *fleet, struct fleet_process *process)
{
        (void)settle(fleet, process); /* nothing is to be added to what was told */
}

void processes_sort(struct fleet *fleet, struct fleet_process *process)
{
        struct fleet_record **records = process->records;
        unsigned *running = process->running;

        for (size_t i = 1; i < process->records_count; i++) {
                struct fleet_record *record = records[i];
                size_t k = i;

                for (; k > 0 &&
                        place(fleet, records[k - 1]->instance) > place(fleet, record->instance);
                        k--)
                        records[k] = records[k - 1];
                records[k] = record;
        }
        for (size_t i = 1; i < process->running_count; i++) {
                unsigned instance = running[i];
                size_t k = i;

                for (; k > 0 && place(fleet, running[k - 1]) > place(fleet, instance); k--)
                        running[k] = running[k - 1];
                running[k] = instance;
        }
}

void processes_unforce(struct fleet_process *process)
{
        if (!process->forced)
                return;
        process->forced = false;
        process->forced_reason = mem_free(process->forced_reason);
        process->news = true;
}

/* A start that failed is none of those that have come up somewhere else, in another part of a
 * network that was split. */
static bool runs_beside(const struct fleet_process *process, unsigned target)
{
        for (size_t i = 0; i < process->records_count; i++)
                if (process->records[i]->instance != target &&
                        process_state_is_running(process->records[i]->state))
                        return true;
        return false;
}

struct fleet_process *processes_force(struct fleet *fleet, const struct fleet_event *event)
{
        struct fleet_application *application = fleet_application_find(fleet, event->forced.group);
        struct fleet_process *process =
                application ? fleet_process_find(application, event->forced.name) : NULL;
        const struct fleet_record *record;
        struct fleet_effect *told;
        const char *reason;

        if (!process)
                return NULL;
        record = event->forced.target == FLEET_NONE
                         ? NULL
                         : fleet_process_record(process, event->forced.target);
        if (record && event->forced.since && record->event_time > event->forced.since)
                return NULL;
        if (event->forced.state == FATAL && runs_beside(process, event->forced.target))
                return NULL;
        reason = event->forced.reason ? event->forced.reason : "";
        process->news = !event->forced.repeated || !process->forced ||
                        process->forced_state != event->forced.state ||
                        strcmp(process->forced_reason, reason) != 0;
        mem_free(process->forced_reason);
        process->forced = true;
        process->forced_state = event->forced.state;
        process->forced_reason = mem_strdup(reason);
        process->updated = fleet->now;
        told = settle(fleet, process);
        if (told) {
                told->forced = true;
                told->target = event->forced.target;
        }
        return process;
}

void processes_set_args(struct fleet_process *process, const char *extra_args)
{
        if (strcmp(process->extra_args, extra_args) == 0)
                return;
        mem_free(process->extra_args);
        process->extra_args = mem_strdup(extra_args);
        process->news = true;
}
