/* Restore: a fleet that goes on from a state's text; see fleet_restore().
 *
 * The model is built as it would have been by events, whose effects nobody hears of, so that
 * whatever follows from something else is as it should be; then it gets what was written. */
#include "fleet/restore.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/saved.h"
#include "cluster/cluster_options.h"
#include "fleet/allowed.h"
#include "fleet/applications.h"
#include "fleet/debts.h"
#include "fleet/instances.h"
#include "fleet/loads.h"
#include "fleet/losses.h"
#include "fleet/processes.h"

unsigned restore_instance(const struct fleet *fleet, struct saved_item *item, const char *key)
{
        uint64_t index;

        if (!saved_has(item, key))
                return FLEET_NONE;
        index = saved_count(item, key, CLUSTER_INSTANCES_MAX, CLUSTER_INSTANCES_MAX);
        if (index < fleet->instances_count && fleet->instances[index])
                return (unsigned)index;
        saved_fail(item, key, "there is no such instance");
        return FLEET_NONE;
}

struct fleet_application *restore_application(
        const struct fleet *fleet, struct saved_item *item, const char *key)
{
        const char *name = saved_text(item, key);
        struct fleet_application *application = name ? fleet_application_find(fleet, name) : NULL;

        if (name && !application)
                saved_fail(item, key, "there is no such application");
        return application;
}

struct fleet_process *restore_process(
        const struct fleet_application *application, struct saved_item *item, const char *key)
{
        const char *name = saved_text(item, key);
        struct fleet_process *process = name ? fleet_process_find(application, name) : NULL;

        if (name && !process)
                saved_fail(item, key, "application %s has no such process", application->name);
        return process;
}

char *restore_text(struct saved_item *item, const char *key)
{
        const char *text = saved_text(item, key);

        return mem_strdup(text ? text : "");
}

static char *optional(struct saved_item *item, const char *key)
{
        return saved_has(item, key) ? restore_text(item, key) : NULL;
}

enum fsm_state restore_fsm(struct saved_item *item, const char *key)
{
        const char *names[FSM_STATES];

        for (unsigned i = 0; i < FSM_STATES; i++)
                names[i] = fsm_state_name((enum fsm_state)i);
        return (enum fsm_state)saved_name(item, key, names, FSM_STATES, FSM_OFF);
}

static enum process_state process_state(struct saved_item *item, const char *key)
{
        const char *names[PROCESS_STATES];

        for (unsigned i = 0; i < PROCESS_STATES; i++)
                names[i] = process_state_name((enum process_state)i);
        return (enum process_state)saved_name(item, key, names, PROCESS_STATES, STOPPED);
}

static enum peers_state peers_state(struct saved_item *item, const char *key)
{
        const char *names[PEERS_STATES];

        for (unsigned i = 0; i < PEERS_STATES; i++)
                names[i] = peers_state_name((enum peers_state)i);
        return (enum peers_state)saved_name(item, key, names, PEERS_STATES, PEERS_STOPPED);
}

static enum application_state application_state(struct saved_item *item, const char *key)
{
        const char *names[APPLICATION_DELETED];

        for (unsigned i = 0; i < APPLICATION_DELETED; i++)
                names[i] = application_state_name((enum application_state)i);
        return (enum application_state)saved_name(
                item, key, names, APPLICATION_DELETED, APPLICATION_STOPPED);
}

/*
 * Instances.
 */

static void restore_lives(struct fleet_instance *i, struct saved_item *item)
{
        char **texts = saved_texts(item, "lives");

        for (size_t k = 0; texts && texts[k]; k++) {
                char *end = NULL;
                uint64_t life = strtoull(texts[k], &end, 10);

                if (k == FLEET_LIVES_MAX || *end || !life || life > INT64_MAX)
                        saved_fail(item, "lives", "too many, or none of a daemon");
                else
                        i->lives[k] = life;
        }
        for (size_t k = 0; texts && texts[k]; k++)
                mem_free(texts[k]);
        mem_free(texts);
}

static void instance(struct fleet *fleet, struct saved_item *item)
{
        uint64_t index = saved_count(item, "index", CLUSTER_INSTANCES_MAX - 1, 0);
        struct fleet_instance *i;

        if (!saved_has(item, "index") || !saved_has(item, "identifier") ||
                !saved_has(item, "nick")) {
                saved_fail(item, "index", "an instance without index, identifier or nick");
                return;
        }
        if (index < fleet->instances_count && fleet->instances[index]) {
                saved_fail(item, "index", "it is there twice");
                return;
        }
        i = instances_add(fleet, (unsigned)index);
        i->identifier = restore_text(item, "identifier");
        i->nick = restore_text(item, "nick");
        i->node = optional(item, "node");
        i->listed = (unsigned)saved_count(item, "listed", FLEET_NONE, FLEET_NONE);
        i->core = saved_flag(item, "core");
        i->state = peers_state(item, "state");
        i->since = saved_time(item, "since", i->since);
        i->stereotypes = saved_texts(item, "stereotype");
        if (!i->stereotypes)
                i->stereotypes = mem_new_array(1, sizeof(char *));
        i->kept_until = saved_time(item, "kept_until", 0);
        i->may_return = saved_flag(item, "may_return");
        i->left = saved_time(item, "left", 0);
        i->loaded = saved_time(item, "loaded", 0);
        i->life = saved_count(item, "life", INT64_MAX, 0);
        restore_lives(i, item);
        i->obeyed = saved_time(item, "obeyed", 0);
        i->rest = saved_rest(item);
}

/*
 * Records.
 */

static void run(struct saved_item *item, struct fleet_record *r)
{
        r->state = process_state(item, "state");
        r->expected = saved_flag(item, "expected");
        r->has_crashed = saved_flag(item, "has_crashed");
        r->lost = saved_flag(item, "lost");
        r->pid = (pid_t)saved_number(item, "pid", INT_MIN, INT_MAX, 0);
        r->run_pid = (pid_t)saved_number(item, "run_pid", INT_MIN, INT_MAX, 0);
        r->spawnerr = restore_text(item, "spawnerr");
        r->description = restore_text(item, "description");
        r->extra_args = restore_text(item, "args");
        r->start = saved_count(item, "start", USEC_NEVER, 0);
        r->stop = saved_count(item, "stop", USEC_NEVER, 0);
        r->start_monotonic = saved_count(item, "start_monotonic", USEC_NEVER, 0);
        r->stop_monotonic = saved_count(item, "stop_monotonic", USEC_NEVER, 0);
        r->event_time = saved_count(item, "event_time", USEC_NEVER, 0);
        r->clock_offset = saved_number(item, "clock_offset", -INT64_MAX, INT64_MAX, 0);
        r->received = saved_time(item, "received", 0);
        r->arrival = saved_count(item, "arrival", UINT64_MAX, 0);
        r->snapshot = saved_count(item, "snapshot", UINT64_MAX, 0);
}

static void settings(struct saved_item *item, struct fleet_record *r)
{
        r->program_name = restore_text(item, "program");
        r->process_index = (unsigned)saved_count(item, "index", UINT_MAX, 0);
        r->startsecs = saved_number(item, "startsecs", INT64_MIN, INT64_MAX, 0);
        r->stopwaitsecs = saved_number(item, "stopwaitsecs", INT64_MIN, INT64_MAX, 0);
        r->disabled = saved_flag(item, "disabled");
        r->obsolete = saved_flag(item, "obsolete");
        r->has_stdout = saved_flag(item, "stdout");
        r->has_stderr = saved_flag(item, "stderr");
        r->autorestart = saved_flag(item, "autorestart");
        r->no_autorestart = saved_flag(item, "no_autorestart");
}

static bool has_crashed(const struct fleet_record *r)
{
        return r->state == FATAL || (r->state == EXITED && !r->expected);
}

static void record(struct fleet *fleet, struct fleet_process *process, struct saved_item *item)
{
        unsigned index = restore_instance(fleet, item, "instance");
        struct fleet_record *r;

        if (index == FLEET_NONE || fleet_process_record(process, index)) {
                saved_fail(item, "instance", "a record of no instance, or a second one");
                return;
        }
        r = mem_new(sizeof(*r));
        r->instance = index;
        run(item, r);
        settings(item, r);
        processes_attach(fleet, process, r);
        fleet->instances[index]->crashes += has_crashed(r);
        if (process_state_is_running(r->state) ||
                (saved_flag(item, "runs") && r->state == STOPPING))
                processes_enter(fleet, process, index);
        r->rest = saved_rest(item);
}

/*
 * Processes.
 */

static bool is_same_list(char *const *names, const struct rules_places *places)
{
        size_t i = 0;

        while (names && names[i] && i < places->count && strcmp(names[i], places->names[i]) == 0)
                i++;
        return i == places->count && (!names || !names[i]);
}

/* An assignment is final, but for other signs than those it was made by. */
static void assignment(const struct fleet *fleet, struct fleet_process *p, struct saved_item *item)
{
        const struct rules_places *places = &p->rules->places;
        char **names = saved_texts(item, "places");
        unsigned index = restore_instance(fleet, item, "assigned");
        bool holds = saved_flag(item, "places_all") == places->all;

        holds = saved_flag(item, "places_spread") == places->spread && holds;
        holds = saved_flag(item, "places_one_each") == places->one_each && holds;
        if (index != FLEET_NONE && holds && is_same_list(names, places)) {
                p->assigned = mem_new_array(1, sizeof(*p->assigned));
                p->assigned[0] = index;
                p->assigned_count = 1;
                p->is_assigned = true;
        }
        for (size_t i = 0; names && names[i]; i++)
                mem_free(names[i]);
        mem_free(names);
}

static void shown(struct fleet_process *p, struct saved_item *item)
{
        p->expected = saved_flag(item, "expected");
        p->forced = saved_has(item, "forced");
        p->forced_state = p->forced ? process_state(item, "forced") : STOPPED;
        p->forced_reason = p->forced ? restore_text(item, "reason") : NULL;
        mem_free(p->extra_args);
        p->extra_args = restore_text(item, "args");
}

static void process(
        struct fleet *fleet, struct fleet_application *application, struct saved_item *item)
{
        const char *name = saved_text(item, "name");
        struct fleet_process *p;

        if (!name || fleet_process_find(application, name)) {
                saved_fail(item, "name", "a process without a name, or a second one");
                return;
        }
        if (fleet->processes_count == FLEET_PROCESSES_MAX) {
                saved_fail(item, "name", "more than %d processes", FLEET_PROCESSES_MAX);
                return;
        }
        p = processes_add(fleet, application, name);
        for (struct saved_item *at = saved_inner(item, "record"); at; at = saved_next(at))
                record(fleet, p, at);
        if (!p->records_count) {
                saved_fail(item, "name", "a process that no instance knows");
                processes_remove(fleet, p); /* perhaps with its application */
                return;
        }
        shown(p, item);
        processes_settle(fleet, p);
        p->lost = saved_flag(item, "lost");
        p->lost_at = restore_instance(fleet, item, "lost_at");
        p->lost_life = saved_count(item, "lost_life", INT64_MAX, 0);
        p->updated = saved_time(item, "updated", 0);
        assignment(fleet, p, item);
        p->rest = saved_rest(item);
}

/*
 * Applications.
 */

static void application(struct fleet *fleet, struct saved_item *item)
{
        const char *name = saved_text(item, "name");
        struct fleet_application *a;

        if (!name || fleet_application_find(fleet, name)) {
                saved_fail(item, "name", "an application without a name, or a second one");
                return;
        }
        if (!saved_inner(item, "process")) {
                saved_fail(item, "name", "an application without a process");
                return;
        }
        applications_add(fleet, name);
        for (struct saved_item *at = saved_inner(item, "process"); at; at = saved_next(at)) {
                a = fleet_application_find(fleet, name);
                process(fleet, a ? a : applications_add(fleet, name), at);
        }
        a = fleet_application_find(fleet, name);
        if (!a)
                return; /* it has been told that none of its processes is one */
        a->dirty = false;
        a->state = application_state(item, "state");
        a->major_failure = saved_flag(item, "major");
        a->minor_failure = saved_flag(item, "minor");
        a->node = restore_instance(fleet, item, "node");
        a->told = saved_flag(item, "told");
        a->was_managed = saved_flag(item, "managed");
        a->formula_error = optional(item, "formula_error");
        a->rest = saved_rest(item);
}

/*
 * The whole.
 */

static void cluster(struct fleet *fleet, struct saved_item *item)
{
        fleet->state = restore_fsm(item, "state");
        /* Whoever it is, also one that was not told of yet. */
        fleet->master = (unsigned)saved_count(item, "master", FLEET_NONE, FLEET_NONE);
        fleet->acting = saved_flag(item, "acting");
        fleet->mastership = saved_count(item, "mastership", UINT64_MAX, 0);
}

static void all(struct fleet *fleet, struct saved_item *item)
{
        fleet->now = saved_time(item, "now", 1);
        fleet->is_ruled_anew = saved_flag(item, "ruled_anew");
        if (saved_count(item, "rules", UINT64_MAX, 0) != rules_hash(fleet->rules))
                fleet->is_ruled_anew = true;
        fleet->arrivals = saved_count(item, "arrivals", UINT64_MAX, 0);
        fleet->snapshots = saved_count(item, "snapshots", UINT64_MAX, 0);
        fleet->full_told = saved_flag(item, "full");
        allowed_told_restore(fleet->told, item);
        for (struct saved_item *at = saved_inner(item, "instance"); at; at = saved_next(at))
                instance(fleet, at);
        instances_sort(fleet);
        loads_regroup(fleet);
        cluster(fleet, item);
        for (struct saved_item *at = saved_inner(item, "application"); at; at = saved_next(at)) {
                application(fleet, at);
                fleet_effects_reset(fleet->out);
        }
        fleet->dirty_count = 0;
        losses_restore(fleet, item);
        debts_restore(fleet, item);
        restore_sequencing(fleet, item);
        fleet->rest = saved_rest(item);
}

int fleet_restore(const struct fleet_options *options, struct saved *saved, struct fleet **ret,
        struct err *err)
{
        CLEANUP(fleet_free) struct fleet *fleet = fleet_new(options, 0);
        CLEANUP(fleet_effects_clear) struct fleet_effects unheard = {};
        struct saved_item *item = saved_first(saved, "fleet");
        int r;

        if (!item)
                return err_set(err, -EBADMSG, "the state has no fleet in it");
        if (saved_next(item))
                saved_fail(item, "now", "it is there twice");
        fleet->out = &unheard;
        all(fleet, item);
        fleet->out = NULL;
        r = saved_status(saved, err);
        if (r < 0)
                return r;
        *ret = TAKE(fleet);
        return 0;
}
