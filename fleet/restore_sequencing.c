/* Restore: what is being started, stopped and healed, and for whom; see restore.h. */
#include <errno.h>
#include <stdlib.h>

#include "base/saved.h"
#include "fleet/restore.h"
#include "fleet/save.h"

static void free_texts(char **texts)
{
        for (char **at = texts; at && *at; at++)
                mem_free(*at);
        mem_free(texts);
}

/* The caller owns it; NULL where the field is not there. */
static uint64_t *numbers(struct saved_item *item, const char *key, uint64_t max, size_t *ret_count)
{
        char **texts = saved_texts(item, key);
        uint64_t *list = NULL;
        size_t count = 0;

        while (texts && texts[count])
                count++;
        if (texts)
                list = mem_new_array(count + 1, sizeof(*list));
        for (size_t i = 0; i < count; i++) {
                char *end;

                errno = 0;
                list[i] = strtoull(texts[i], &end, 10);
                if (*texts[i] < '0' || *texts[i] > '9' || *end || errno || list[i] > max) {
                        saved_fail(item, key, "'%s' is no number up to %llu", texts[i],
                                (unsigned long long)max);
                        list[i] = 0;
                }
        }
        free_texts(texts);
        *ret_count = count;
        return list;
}

static void holders(
        struct sequencing *s, struct saved_item *item, const char *key, struct holders *ret)
{
        *ret = (struct holders){};
        ret->at = numbers(item, key, UINT64_MAX, &ret->count);
        for (size_t i = 0; i < ret->count; i++)
                (void)callers_hold(s, ret->at[i]); /* who is gone holds nothing */
}

static struct fleet_process **processes(
        const struct fleet *fleet, struct saved_item *item, const char *key, size_t *ret_count)
{
        char **names = saved_texts(item, key);
        struct fleet_process **list = NULL;
        size_t count = 0;

        while (names && names[count])
                count++;
        *ret_count = 0;
        if (count % 2)
                saved_fail(item, key, "a group without a name");
        if (count)
                list = mem_new_array(count, sizeof(struct fleet_process *));
        for (size_t i = 0; i + 1 < count; i += 2) {
                struct fleet_application *a = fleet_application_find(fleet, names[i]);
                struct fleet_process *p = a ? fleet_process_find(a, names[i + 1]) : NULL;

                if (p)
                        list[(*ret_count)++] = p;
                else
                        saved_fail(item, key, "there is no process %s:%s", names[i], names[i + 1]);
        }
        free_texts(names);
        return list;
}

static enum starting_strategy strategy(struct saved_item *item)
{
        const char *names[STARTING_STRATEGIES];

        for (unsigned i = 0; i < STARTING_STRATEGIES; i++)
                names[i] = starting_strategy_name((enum starting_strategy)i);
        return (enum starting_strategy)saved_name(
                item, "strategy", names, STARTING_STRATEGIES, STARTING_CONFIG);
}

static char *args(struct saved_item *item)
{
        return saved_has(item, "args") ? restore_text(item, "args") : NULL;
}

/* It is only compared with those that there are. */
static unsigned local(struct saved_item *item)
{
        return (unsigned)saved_count(item, "local", FLEET_NONE, 0);
}

/*
 * Callers.
 */

static void caller_instances(struct saved_item *item, struct caller *caller)
{
        size_t count = 0;
        CLEANUP(mem_free) uint64_t *list = numbers(item, "instance", FLEET_NONE, &count);

        if (!list)
                return;
        caller->instances = mem_new_array(count + 1, sizeof(*caller->instances));
        caller->instances_count = count;
        for (size_t i = 0; i < count; i++)
                caller->instances[i] = (unsigned)list[i];
}

static void caller(struct fleet *fleet, struct saved_item *item)
{
        struct sequencing *s = fleet->sequencing;
        const struct fleet_request request = {
                .id = saved_count(item, "id", UINT64_MAX, 0),
                .type = (enum fleet_request_type)saved_name(
                        item, "type", save_requests, SAVE_REQUESTS, FLEET_CONCILIATE),
                .wait = saved_flag(item, "wait"),
        };
        struct caller *c;

        if (request.id == 0 || callers_find(s, request.id)) {
                saved_fail(item, "id", "a caller without an id, or a second one");
                return;
        }
        if (HASH_COUNT(s->callers) >= CALLERS_MAX) {
                saved_fail(item, "id", "more than %d callers", CALLERS_MAX);
                return;
        }
        c = callers_add(s, &request, saved_text(item, "name"));
        c->is_fresh = saved_flag(item, "fresh");
        c->is_forwarded = saved_flag(item, "forwarded");
        c->application = restore_application(fleet, item, "application");
        c->processes = processes(fleet, item, "process", &c->processes_count);
        c->failed = processes(fleet, item, "failed", &c->failed_count);
        c->is_cancel = saved_flag(item, "cancel");
        c->is_stuck = saved_flag(item, "stuck");
        caller_instances(item, c);
        c->rest = saved_rest(item);
}

/*
 * Jobs.
 */

static bool has_command(
        const struct fleet_job *job, const struct fleet_process *process, unsigned target)
{
        for (size_t i = 0; i < job->commands_count; i++)
                if (job->commands[i]->process == process && job->commands[i]->target == target)
                        return true;
        return false;
}

static void command(
        struct fleet *fleet, struct fleet_job *job, bool is_stop, struct saved_item *item)
{
        struct sequencing *s = fleet->sequencing;
        struct fleet_process *process = restore_process(job->application, item, "process");
        enum command_phase phase = (enum command_phase)saved_name(
                item, "phase", save_phases, SAVE_PHASES, COMMAND_PLANNED);
        unsigned target = restore_instance(fleet, item, "target");
        struct command *c;

        if (!process || (target == FLEET_NONE && (is_stop || phase != COMMAND_PLANNED)) ||
                (is_stop ? has_command(job, process, target)
                         : command_find(job, process, FLEET_NONE) != NULL)) {
                saved_fail(item, "process", "a command of nothing, for nobody, or a second one");
                return;
        }
        c = command_add(s, job, process, saved_number(item, "rank", INT64_MIN, INT64_MAX, 0));
        c->phase = phase;
        c->target = target;
        c->ticket = saved_count(item, "ticket", UINT64_MAX, 0);
        c->deadline = saved_time(item, "deadline", USEC_NEVER);
        if (phase != COMMAND_PLANNED)
                s->deadline = usec_min(s->deadline, c->deadline);
        c->kept = restore_instance(fleet, item, "kept");
        c->is_kept_lost = saved_flag(item, "kept_lost");
        c->strategy = strategy(item);
        c->local = local(item);
        c->waits_exit = saved_flag(item, "waits_exit");
        c->args = args(item);
        holders(s, item, "holder", &c->holders);
        c->rest = saved_rest(item);
}

static void deferral(struct fleet *fleet, struct fleet_job *job, struct saved_item *item)
{
        struct fleet_process *process = restore_process(job->application, item, "process");
        struct deferral *d = deferral_add(job, process);

        d->strategy = strategy(item);
        d->local = local(item);
        d->batch = saved_count(item, "batch", UINT64_MAX, 0);
        d->args = args(item);
        holders(fleet->sequencing, item, "holder", &d->holders);
        d->rest = saved_rest(item);
}

static void job(struct fleet *fleet, struct jobs *jobs, bool is_stop, struct saved_item *item)
{
        struct sequencing *s = fleet->sequencing;
        struct fleet_application *application = restore_application(fleet, item, "application");
        struct fleet_job *j;

        if (!application || jobs_find(jobs, application)) {
                saved_fail(item, "application", "jobs of no application, or twice of one");
                return;
        }
        j = jobs_add(s, jobs, application, saved_number(item, "rank", INT64_MIN, INT64_MAX, 0),
                saved_count(item, "batch", UINT64_MAX, 0));
        j->begun = saved_flag(item, "begun");
        j->whole = saved_flag(item, "whole");
        j->is_placed = saved_flag(item, "placed");
        j->stops_after = saved_flag(item, "stops_after");
        j->is_cut = saved_flag(item, "cut");
        holders(s, item, "stop_for", &j->stop_for);
        for (struct saved_item *at = saved_inner(item, "command"); at; at = saved_next(at))
                command(fleet, j, is_stop, at);
        for (struct saved_item *at = saved_inner(item, "deferral"); at; at = saved_next(at))
                deferral(fleet, j, at);
        j->rest = saved_rest(item);
}

/*
 * The course of things.
 */

static void trouble(struct fleet *fleet, struct saved_item *item)
{
        struct fleet_application *application = restore_application(fleet, item, "application");
        struct trouble *t;

        if (!application) {
                saved_fail(item, "application", "failures of no application");
                return;
        }
        t = failures_trouble(fleet, application);
        if (t->processes || t->rest) {
                saved_fail(item, "application", "its failures are there twice");
                return;
        }
        t->stop = saved_flag(item, "stop");
        t->restart = saved_flag(item, "restart");
        t->processes = processes(fleet, item, "process", &t->processes_count);
        t->is_new = saved_flag(item, "new");
        t->crashed = saved_time(item, "crashed", 0);
        t->delay = saved_count(item, "delay", FAILURES_DELAY_MAX, 0);
        t->not_before = saved_time(item, "not_before", 0);
        t->rest = saved_rest(item);
        for (size_t i = 0; i < t->processes_count; i++)
                if (t->processes[i]->application != application)
                        saved_fail(item, "application", "a process of another one");
}

static void course(struct sequencing *s, struct saved_item *item)
{
        s->ticket = saved_count(item, "ticket", UINT64_MAX, 0);
        s->work = saved_count(item, "work", UINT64_MAX, 0);
        s->report.ticket = saved_count(item, "report", UINT64_MAX, 0);
        s->report.starting = saved_flag(item, "report_starting");
        s->report.stopping = saved_flag(item, "report_stopping");
        s->report.conflict = saved_flag(item, "report_conflict");
        s->acting = saved_flag(item, "acting");
        s->mastership = saved_count(item, "mastership", UINT64_MAX, 0);
        s->state = restore_fsm(item, "state");
        s->state_since = saved_time(item, "state_since", 0);
        s->took_over = saved_flag(item, "took_over");
        s->is_new = saved_flag(item, "new");
        s->is_distributed = saved_flag(item, "distributed");
        s->wants_end = saved_flag(item, "wants_end");
        s->wants_restart = saved_flag(item, "wants_restart");
        s->stops_all = saved_flag(item, "stops_all");
        s->has_lost = saved_flag(item, "has_lost");
        s->lost_since = saved_time(item, "lost_since", 0);
        s->has_worked = saved_flag(item, "has_worked");
        s->rest = saved_rest(item);
}

void restore_sequencing(struct fleet *fleet, struct saved_item *item)
{
        struct sequencing *s = fleet->sequencing;
        struct saved_item *at = saved_inner(item, "sequencing");

        if (at)
                course(s, at);
        if (at && saved_next(at))
                saved_fail(at, "ticket", "it is there twice");
        for (at = saved_inner(item, "caller"); at; at = saved_next(at))
                caller(fleet, at);
        for (at = saved_inner(item, "trouble"); at; at = saved_next(at))
                trouble(fleet, at);
        for (at = saved_inner(item, "starts"); at; at = saved_next(at))
                job(fleet, &s->starts, false, at);
        for (at = saved_inner(item, "stops"); at; at = saved_next(at))
                job(fleet, &s->stops, true, at);
        /* Whatever was due has been done before it was written. */
        s->is_moved = s->is_retimed = false;
}
