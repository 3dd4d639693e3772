/* Save: the fleet as one item of a state's text, with all that belongs to it; see fleet_save().
 *
 * What follows from something else that is written is not: loads, counts, the synthetic states, who
 * comes before whom. */
#include "fleet/save.h"

#include "base/saver.h"
#include "fleet/allowed.h"
#include "fleet/debts.h"
#include "fleet/losses.h"

void save_instance(struct saver *saver, const char *key, unsigned instance)
{
        if (instance != FLEET_NONE)
                saver_count(saver, key, instance);
}

/* When it was there, and in which lives of its daemon. */
static void save_lives(struct saver *saver, const struct fleet_instance *instance)
{
        char *texts[FLEET_LIVES_MAX + 1] = {};

        if (instance->left)
                saver_time(saver, "left", instance->left);
        if (instance->loaded)
                saver_time(saver, "loaded", instance->loaded);
        if (instance->life)
                saver_count(saver, "life", instance->life);
        for (size_t i = 0; i < FLEET_LIVES_MAX && instance->lives[i]; i++)
                texts[i] = mem_format("%llu", (unsigned long long)instance->lives[i]);
        if (texts[0])
                saver_texts(saver, "lives", texts);
        for (size_t i = 0; i < FLEET_LIVES_MAX; i++)
                mem_free(texts[i]);
}

static void save_one_instance(struct saver *saver, const struct fleet_instance *instance)
{
        saver_item(saver, "instance");
        saver_count(saver, "index", instance->index);
        saver_text(saver, "identifier", instance->identifier);
        saver_text(saver, "nick", instance->nick);
        saver_text(saver, "node", instance->node);
        if (instance->listed != FLEET_NONE)
                saver_count(saver, "listed", instance->listed);
        saver_flag(saver, "core", instance->core);
        saver_text(saver, "state", peers_state_name(instance->state));
        saver_time(saver, "since", instance->since);
        saver_texts(saver, "stereotype", instance->stereotypes);
        saver_time(saver, "kept_until", instance->kept_until);
        saver_flag(saver, "may_return", instance->may_return);
        save_lives(saver, instance);
        saver_time(saver, "obeyed", instance->obeyed);
        saver_rest(saver, instance->rest);
}

static bool runs_there(const struct fleet_process *process, unsigned instance)
{
        for (size_t i = 0; i < process->running_count; i++)
                if (process->running[i] == instance)
                        return true;
        return false;
}

static void save_run(struct saver *saver, const struct fleet_record *record)
{
        saver_text(saver, "state", process_state_name(record->state));
        saver_flag(saver, "expected", record->expected);
        /* Whoever stops it counts as long as it was heard to run before. */
        saver_flag(saver, "runs",
                record->state == STOPPING && runs_there(record->process, record->instance));
        saver_flag(saver, "has_crashed", record->has_crashed);
        saver_flag(saver, "lost", record->lost);
        saver_number(saver, "pid", record->pid);
        saver_number(saver, "run_pid", record->run_pid);
        saver_text(saver, "spawnerr", record->spawnerr);
        saver_text(saver, "description", record->description);
        saver_text(saver, "args", record->extra_args);
        /* By the sender's clocks. */
        saver_count(saver, "start", record->start);
        saver_count(saver, "stop", record->stop);
        saver_count(saver, "start_monotonic", record->start_monotonic);
        saver_count(saver, "stop_monotonic", record->stop_monotonic);
        saver_count(saver, "event_time", record->event_time);
        saver_number(saver, "clock_offset", record->clock_offset);
        saver_time(saver, "received", record->received);
        saver_count(saver, "arrival", record->arrival);
        saver_count(saver, "snapshot", record->snapshot);
}

static void save_record(struct saver *saver, const struct fleet_record *record)
{
        saver_item(saver, "record");
        saver_count(saver, "instance", record->instance);
        save_run(saver, record);
        saver_text(saver, "program", record->program_name);
        saver_count(saver, "index", record->process_index);
        saver_number(saver, "startsecs", record->startsecs);
        saver_number(saver, "stopwaitsecs", record->stopwaitsecs);
        saver_flag(saver, "disabled", record->disabled);
        saver_flag(saver, "obsolete", record->obsolete);
        saver_flag(saver, "stdout", record->has_stdout);
        saver_flag(saver, "stderr", record->has_stderr);
        saver_flag(saver, "autorestart", record->autorestart);
        saver_flag(saver, "no_autorestart", record->no_autorestart);
        saver_rest(saver, record->rest);
}

/* Where its signs have brought it, and which signs these were. */
static void save_assignment(struct saver *saver, const struct fleet_process *process)
{
        const struct rules_places *places = &process->rules->places;
        CLEANUP(mem_free) char **names = mem_new_array(places->count + 1, sizeof(*names));

        if (!process->is_assigned)
                return;
        for (size_t i = 0; i < places->count; i++)
                names[i] = places->names[i];
        saver_count(saver, "assigned", process->assigned[0]);
        saver_flag(saver, "places_all", places->all);
        saver_flag(saver, "places_spread", places->spread);
        saver_flag(saver, "places_one_each", places->one_each);
        saver_texts(saver, "places", names);
}

static void save_process(struct saver *saver, const struct fleet_process *process)
{
        saver_item(saver, "process");
        saver_text(saver, "name", process->name);
        saver_flag(saver, "expected", process->expected);
        saver_time(saver, "updated", process->updated);
        if (process->forced) {
                saver_text(saver, "forced", process_state_name(process->forced_state));
                saver_text(saver, "reason", process->forced_reason);
        }
        saver_text(saver, "args", process->extra_args);
        saver_flag(saver, "lost", process->lost);
        save_instance(saver, "lost_at", process->lost_at);
        if (process->lost_life)
                saver_count(saver, "lost_life", process->lost_life);
        save_assignment(saver, process);
        saver_rest(saver, process->rest);
        saver_inner(saver);
        for (size_t i = 0; i < process->records_count; i++)
                save_record(saver, process->records[i]);
        saver_outer(saver);
}

static void save_application(struct saver *saver, const struct fleet_application *application)
{
        saver_item(saver, "application");
        saver_text(saver, "name", application->name);
        saver_text(saver, "state", application_state_name(application->state));
        saver_flag(saver, "major", application->major_failure);
        saver_flag(saver, "minor", application->minor_failure);
        save_instance(saver, "node", application->node);
        saver_flag(saver, "told", application->told);
        saver_flag(saver, "managed", application->was_managed);
        saver_text(saver, "formula_error", application->formula_error);
        saver_rest(saver, application->rest);
        saver_inner(saver);
        for (size_t i = 0; i < application->processes_count; i++)
                save_process(saver, application->processes[i]);
        saver_outer(saver);
}

static void save_cluster(const struct fleet *fleet, struct saver *saver)
{
        saver_text(saver, "state", fsm_state_name(fleet->state));
        save_instance(saver, "master", fleet->master);
        saver_flag(saver, "acting", fleet->acting);
        saver_count(saver, "mastership", fleet->mastership);
}

void fleet_save(const struct fleet *fleet, struct saver *saver)
{
        saver_item(saver, "fleet");
        saver_time(saver, "now", fleet->now);
        saver_count(saver, "rules", rules_hash(fleet->rules));
        saver_flag(saver, "ruled_anew", fleet->is_ruled_anew);
        saver_count(saver, "arrivals", fleet->arrivals);
        saver_count(saver, "snapshots", fleet->snapshots);
        saver_flag(saver, "full", fleet->full_told);
        allowed_told_save(fleet->told, saver);
        save_cluster(fleet, saver);
        saver_rest(saver, fleet->rest);
        saver_inner(saver);
        for (size_t i = 0; i < fleet->order_count; i++)
                save_one_instance(saver, fleet->instances[fleet->order[i]]);
        for (size_t i = 0; i < fleet->applications_count; i++)
                save_application(saver, fleet->applications[i]);
        losses_save(fleet->losses, saver);
        debts_save(fleet->debts, saver);
        save_sequencing(fleet->sequencing, saver);
        saver_outer(saver);
}
