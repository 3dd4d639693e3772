/* Applications: see applications.h. */
#define uthash_malloc(size)  mem_new(size)
#define uthash_free(p, size) mem_free(p)
#define uthash_fatal(text)   __builtin_unreachable() /* memory does not run out: base/mem.h */
#include "fleet/applications.h"

#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "fleet/sequencing.h"
#include "rules/formula.h"

void applications_log_notes(struct fleet *fleet, struct rules_notes *notes)
{
        for (size_t i = 0; i < notes->count; i++)
                fleet_effects_log(fleet->out, notes->at[i].level, "%s", notes->at[i].text);
        rules_notes_clear(notes);
}

static void touch(struct fleet *fleet, struct fleet_application *application)
{
        if (application->dirty)
                return;
        application->dirty = true;
        fleet->dirty = mem_grow(fleet->dirty, &fleet->dirty_capacity, fleet->dirty_count + 1,
                sizeof(struct fleet_application *));
        fleet->dirty[fleet->dirty_count++] = application;
}

void applications_rule(struct fleet *fleet, struct fleet_application *application)
{
        struct rules_notes notes = {};

        rules_application_free(application->rules);
        application->rules = rules_for_application(
                fleet->rules, application->name, fleet->options.starting_strategy, &notes);
        application->node = FLEET_NONE;
        application->formula_error = mem_free(application->formula_error);
        applications_log_notes(fleet, &notes);
        touch(fleet, application);
}

struct fleet_application *applications_add(struct fleet *fleet, const char *name)
{
        struct fleet_application *application = mem_new(sizeof(*application));

        application->name = mem_strdup(name);
        applications_rule(fleet, application);
        fleet->applications = mem_grow(fleet->applications, &fleet->applications_capacity,
                fleet->applications_count + 1, sizeof(struct fleet_application *));
        fleet->applications[fleet->applications_count++] = application;
        HASH_ADD_KEYPTR(
                hh, fleet->by_name, application->name, strlen(application->name), application);
        return application;
}

void applications_release(struct fleet *fleet, struct fleet_application *application)
{
        HASH_DELETE(hh, fleet->by_name, application);
        rules_application_free(application->rules);
        mem_free(application->formula_error);
        mem_free(application->rest);
        mem_free(application->processes);
        mem_free(application->name);
        mem_free(application);
}

void applications_remove(struct fleet *fleet, struct fleet_application *application)
{
        size_t i = 0;

        sequencing_forget_application(fleet, application);
        state_tell_application(fleet, application)->deleted = true;
        while (fleet->applications[i] != application)
                i++;
        memmove(&fleet->applications[i], &fleet->applications[i + 1],
                (--fleet->applications_count - i) * sizeof(struct fleet_application *));
        for (size_t k = 0; k < fleet->dirty_count; k++)
                if (fleet->dirty[k] == application)
                        fleet->dirty[k] = fleet->dirty[--fleet->dirty_count];
        applications_release(fleet, application);
}

static bool is_failing(const struct fleet_process *process)
{
        enum process_state shown = fleet_process_shown(process);

        return shown == FATAL || shown == UNKNOWN || (shown == EXITED && !process->expected);
}

static void add(struct fleet_application *application, const struct fleet_process *process,
        size_t difference)
{
        application->shown[process->counted_state] += difference;
        if (process->counted_failing && process->counted_required)
                application->required_failing += difference;
        else if (process->counted_failing)
                application->others_failing += difference;
        if (process->counted_state == STOPPED && process->counted_required)
                application->required_stopped += difference;
}

void applications_discount(struct fleet *fleet, struct fleet_process *process)
{
        if (!process->counted)
                return;
        add(process->application, process, (size_t)-1);
        process->counted = false;
        touch(fleet, process->application);
}

void applications_count(struct fleet *fleet, struct fleet_process *process)
{
        enum process_state shown = fleet_process_shown(process);
        bool failing = is_failing(process), required = process->rules->required;

        if (process->counted && process->counted_state == shown &&
                process->counted_failing == failing && process->counted_required == required)
                return;
        applications_discount(fleet, process);
        process->counted = true;
        process->counted_state = shown;
        process->counted_failing = failing;
        process->counted_required = required;
        add(process->application, process, 1);
        touch(fleet, process->application);
}

static enum application_state state_of(const struct fleet_application *application)
{
        if (application->shown[STOPPING])
                return APPLICATION_STOPPING;
        if (application->shown[STARTING] || application->shown[BACKOFF])
                return APPLICATION_STARTING;
        return application->shown[RUNNING] ? APPLICATION_RUNNING : APPLICATION_STOPPED;
}

/* An error is logged when it is another one than before: it will be there at every evaluation until
 * processes come or go. */
static bool evaluate(struct fleet *fleet, struct fleet_application *application)
{
        CLEANUP(mem_free)
        struct formula_fact *facts = mem_new_array(application->processes_count, sizeof(*facts));
        struct err err = {};
        bool holds = false;

        for (size_t i = 0; i < application->processes_count; i++) {
                const struct fleet_process *process = application->processes[i];
                enum process_state shown = fleet_process_shown(process);

                facts[i] = (struct formula_fact){
                        .name = process->name,
                        .ok = process_state_is_running(shown) ||
                              (shown == EXITED && process->expected),
                };
        }
        if (formula_evaluate(application->rules->formula, facts, application->processes_count,
                    &holds, &err) >= 0) {
                application->formula_error = mem_free(application->formula_error);
                return holds;
        }
        if (!text_equal(application->formula_error, err.text)) {
                mem_free(application->formula_error);
                application->formula_error = mem_strdup(err.text);
                fleet_effects_log(fleet->out, LOG_LEVEL_ERROR,
                        "application %s: its operational_status fails: %s", application->name,
                        err.text);
        }
        return false;
}

static void refresh(struct fleet *fleet, struct fleet_application *application)
{
        const struct rules_application *rules = application->rules;
        enum application_state state = state_of(application);
        bool failing = application->required_failing || application->others_failing;
        bool major, minor;

        if (rules->formula) {
                major = !evaluate(fleet, application);
                minor = rules->managed && failing;
        } else {
                major = application->required_failing ||
                        (application->required_stopped && state != APPLICATION_STOPPED);
                minor = rules->managed && application->others_failing;
        }
        minor = minor && !major;
        if (state == application->state && major == application->major_failure &&
                minor == application->minor_failure && rules->managed == application->was_managed &&
                application->told)
                return;
        application->state = state;
        application->major_failure = major;
        application->minor_failure = minor;
        application->was_managed = rules->managed;
        application->told = true;
        state_tell_application(fleet, application);
}

void applications_refresh(struct fleet *fleet)
{
        for (size_t i = 0; i < fleet->dirty_count; i++) {
                fleet->dirty[i]->dirty = false;
                refresh(fleet, fleet->dirty[i]);
        }
        fleet->dirty_count = 0;
}
