/* Save: what is being started, stopped and healed, and for whom; see save.h. */
#include "base/saver.h"
#include "fleet/save.h"

_Static_assert(FLEET_NONE == PEERS_NONE, "one number stands for no instance");

const char *const save_phases[] = {
        [COMMAND_PLANNED] = "planned",
        [COMMAND_ORDERED] = "ordered",
        [COMMAND_SEEN] = "seen",
        [COMMAND_LASTING] = "lasting",
};
_Static_assert(ELEMENTS(save_phases) == SAVE_PHASES, "each of them has its word");

const char *const save_requests[] = {
        [FLEET_START_APPLICATION] = "start_application",
        [FLEET_STOP_APPLICATION] = "stop_application",
        [FLEET_RESTART_APPLICATION] = "restart_application",
        [FLEET_START_PROCESS] = "start_process",
        [FLEET_START_ANY] = "start_any",
        [FLEET_STOP_PROCESS] = "stop_process",
        [FLEET_RESTART_PROCESS] = "restart_process",
        [FLEET_RESTART_SEQUENCE] = "restart_sequence",
        [FLEET_CONCILIATE] = "conciliate",
        [FLEET_TEST_START_APPLICATION] = "test_start_application",
        [FLEET_TEST_START_PROCESS] = "test_start_process",
};
_Static_assert(ELEMENTS(save_requests) == SAVE_REQUESTS, "each of them has its word");

/* Numbers as a list of texts. */
static void save_list(struct saver *saver, const char *key, const uint64_t *numbers, size_t count)
{
        CLEANUP(mem_free) char **texts = mem_new_array(count + 1, sizeof(*texts));

        for (size_t i = 0; i < count; i++)
                texts[i] = mem_format("%llu", (unsigned long long)numbers[i]);
        saver_texts(saver, key, texts);
        for (size_t i = 0; i < count; i++)
                mem_free(texts[i]);
}

/* Whoever is gone is 0: another may come to have his id. */
static void save_holders(const struct sequencing *s, struct saver *saver, const char *key,
        const struct holders *holders)
{
        CLEANUP(mem_free) uint64_t *ids = mem_new_array(holders->count + 1, sizeof(*ids));

        if (!holders->count)
                return;
        for (size_t i = 0; i < holders->count; i++)
                ids[i] = callers_find(s, holders->at[i]) ? holders->at[i] : 0;
        save_list(saver, key, ids, holders->count);
}

/* Group and name, one after the other. */
static void save_processes(
        struct saver *saver, const char *key, struct fleet_process *const *list, size_t count)
{
        CLEANUP(mem_free) char **names = mem_new_array(2 * count + 1, sizeof(*names));

        if (!count)
                return;
        for (size_t i = 0; i < count; i++) {
                names[2 * i] = list[i]->application->name;
                names[2 * i + 1] = list[i]->name;
        }
        saver_texts(saver, key, names);
}

static void save_caller(struct saver *saver, const struct caller *caller)
{
        CLEANUP(mem_free)
        uint64_t *instances = mem_new_array(caller->instances_count + 1, sizeof(*instances));

        saver_item(saver, "caller");
        saver_count(saver, "id", caller->id);
        saver_text(saver, "type", save_requests[caller->type]);
        saver_flag(saver, "wait", caller->wait);
        saver_flag(saver, "fresh", caller->is_fresh);
        saver_flag(saver, "forwarded", caller->is_forwarded);
        saver_text(saver, "name", caller->name);
        if (caller->application)
                saver_text(saver, "application", caller->application->name);
        save_processes(saver, "process", caller->processes, caller->processes_count);
        save_processes(saver, "failed", caller->failed, caller->failed_count);
        saver_flag(saver, "cancel", caller->is_cancel);
        saver_flag(saver, "stuck", caller->is_stuck);
        for (size_t i = 0; i < caller->instances_count; i++)
                instances[i] = caller->instances[i];
        if (caller->instances)
                save_list(saver, "instance", instances, caller->instances_count);
        saver_rest(saver, caller->rest);
}

static void save_command(
        const struct sequencing *s, struct saver *saver, const struct command *command)
{
        saver_item(saver, "command");
        saver_text(saver, "process", command->process->name);
        saver_text(saver, "phase", save_phases[command->phase]);
        saver_number(saver, "rank", command->rank);
        save_instance(saver, "target", command->target);
        saver_count(saver, "ticket", command->ticket);
        saver_time(saver, "deadline", command->deadline);
        save_instance(saver, "kept", command->kept);
        saver_flag(saver, "kept_lost", command->is_kept_lost);
        saver_text(saver, "strategy", starting_strategy_name(command->strategy));
        saver_count(saver, "local", command->local);
        saver_flag(saver, "waits_exit", command->waits_exit);
        saver_text(saver, "args", command->args);
        save_holders(s, saver, "holder", &command->holders);
        saver_rest(saver, command->rest);
}

static void save_deferral(
        const struct sequencing *s, struct saver *saver, const struct deferral *deferral)
{
        saver_item(saver, "deferral");
        if (deferral->process)
                saver_text(saver, "process", deferral->process->name);
        saver_text(saver, "strategy", starting_strategy_name(deferral->strategy));
        saver_count(saver, "local", deferral->local);
        saver_count(saver, "batch", deferral->batch);
        saver_text(saver, "args", deferral->args);
        save_holders(s, saver, "holder", &deferral->holders);
        saver_rest(saver, deferral->rest);
}

static void save_jobs(
        const struct sequencing *s, struct saver *saver, const char *type, const struct jobs *jobs)
{
        for (const struct fleet_job *job = jobs->first; job; job = job->hh.next) {
                saver_item(saver, type);
                saver_text(saver, "application", job->application->name);
                saver_count(saver, "batch", job->batch);
                saver_number(saver, "rank", job->rank);
                saver_flag(saver, "begun", job->begun);
                saver_flag(saver, "whole", job->whole);
                saver_flag(saver, "placed", job->is_placed);
                saver_flag(saver, "stops_after", job->stops_after);
                saver_flag(saver, "cut", job->is_cut);
                save_holders(s, saver, "stop_for", &job->stop_for);
                saver_rest(saver, job->rest);
                saver_inner(saver);
                for (size_t i = 0; i < job->commands_count; i++)
                        save_command(s, saver, job->commands[i]);
                for (size_t i = 0; i < job->deferrals_count; i++)
                        save_deferral(s, saver, &job->deferrals[i]);
                saver_outer(saver);
        }
}

static void save_troubles(const struct sequencing *s, struct saver *saver)
{
        for (const struct trouble *t = s->troubles; t; t = t->hh.next) {
                saver_item(saver, "trouble");
                saver_text(saver, "application", t->application->name);
                saver_flag(saver, "stop", t->stop);
                saver_flag(saver, "restart", t->restart);
                save_processes(saver, "process", t->processes, t->processes_count);
                saver_flag(saver, "new", t->is_new);
                saver_time(saver, "crashed", t->crashed);
                saver_count(saver, "delay", t->delay);
                saver_time(saver, "not_before", t->not_before);
                saver_rest(saver, t->rest);
        }
}

static void save_course(const struct sequencing *s, struct saver *saver)
{
        saver_item(saver, "sequencing");
        saver_count(saver, "ticket", s->ticket);
        saver_count(saver, "work", s->work);
        saver_count(saver, "report", s->report.ticket);
        saver_flag(saver, "report_starting", s->report.starting);
        saver_flag(saver, "report_stopping", s->report.stopping);
        saver_flag(saver, "report_conflict", s->report.conflict);
        saver_flag(saver, "acting", s->acting);
        saver_count(saver, "mastership", s->mastership);
        saver_text(saver, "state", fsm_state_name(s->state));
        saver_time(saver, "state_since", s->state_since);
        saver_flag(saver, "took_over", s->took_over);
        saver_flag(saver, "new", s->is_new);
        saver_flag(saver, "distributed", s->is_distributed);
        saver_flag(saver, "wants_end", s->wants_end);
        saver_flag(saver, "wants_restart", s->wants_restart);
        saver_flag(saver, "stops_all", s->stops_all);
        saver_flag(saver, "has_lost", s->has_lost);
        saver_time(saver, "lost_since", s->lost_since);
        saver_flag(saver, "has_worked", s->has_worked);
        saver_rest(saver, s->rest);
}

void save_sequencing(const struct sequencing *s, struct saver *saver)
{
        save_course(s, saver);
        for (const struct caller *caller = s->callers; caller; caller = caller->hh.next)
                save_caller(saver, caller);
        save_troubles(s, saver);
        save_jobs(s, saver, "starts", &s->starts);
        save_jobs(s, saver, "stops", &s->stops);
}
