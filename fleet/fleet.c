/* The fleet: see fleet.h.
 *
 * A step takes the event over into the model first, then lets sequencing hear of it, and at last
 * lets it settle.  So whatever sequencing reads is complete. */
#include "fleet/fleet.h"

#include "fleet/allowed.h"
#include "fleet/applications.h"
#include "fleet/debts.h"
#include "fleet/instances.h"
#include "fleet/losses.h"
#include "fleet/processes.h"
#include "fleet/records.h"
#include "fleet/sequencing.h"
#include "fleet/state.h"

struct fleet *fleet_new(const struct fleet_options *options, usec_t now)
{
        struct fleet *fleet = mem_new(sizeof(*fleet));

        fleet->options = *options;
        fleet->rules = rules_ref(options->rules);
        fleet->options.rules = NULL; /* fleet->rules owns */
        fleet->master = PEERS_NONE;
        fleet->now = now;
        fleet->told = allowed_told_new();
        fleet->sequencing = sequencing_new();
        fleet->losses = losses_new();
        fleet->debts = debts_new();
        return fleet;
}

struct fleet *fleet_free(struct fleet *fleet)
{
        if (!fleet)
                return NULL;
        fleet->sequencing = sequencing_free(fleet->sequencing);
        fleet->losses = losses_free(fleet->losses);
        fleet->debts = debts_free(fleet->debts);
        for (size_t i = 0; i < fleet->applications_count; i++) {
                struct fleet_application *application = fleet->applications[i];

                for (size_t k = 0; k < application->processes_count; k++)
                        processes_release(fleet, application->processes[k]);
                applications_release(fleet, application);
        }
        mem_free(fleet->applications);
        instances_release(fleet);
        allowed_told_free(fleet->told);
        mem_free(fleet->changes);
        mem_free(fleet->dirty);
        mem_free(fleet->rest);
        rules_unref(fleet->rules);
        return mem_free(fleet);
}

static void rule_again(struct fleet *fleet, struct rules *rules)
{
        struct rules *before = fleet->rules;

        fleet->rules = rules_ref(rules);
        rules_unref(before);
        allowed_told_free(fleet->told);
        fleet->told = allowed_told_new();
        for (size_t i = 0; i < fleet->applications_count; i++) {
                struct fleet_application *application = fleet->applications[i];

                applications_rule(fleet, application);
                for (size_t k = 0; k < application->processes_count; k++) {
                        processes_rule(fleet, application->processes[k]);
                        records_rule(fleet, application->processes[k]);
                }
        }
}

static void lose(struct fleet *fleet, unsigned instance)
{
        applications_refresh(fleet);
        sequencing_lost(fleet, instance);
}

/* Those whose records were kept, and in vain. */
static void lose_kept(struct fleet *fleet, bool at_once)
{
        unsigned instance;

        while ((instance = instances_lose_kept(fleet, at_once)) != FLEET_NONE)
                lose(fleet, instance);
}

static void take_instance(struct fleet *fleet, const struct fleet_event *event)
{
        switch (instances_update(fleet, event)) {
        case INSTANCES_SAME:
                return;
        case INSTANCES_LOST:
                lose(fleet, event->instance);
                return;
        case INSTANCES_JOINED:
                sequencing_joined(fleet, event->instance);
                return;
        }
}

/* Who is fenced off, or nobody that we know, has nothing to tell. */
static bool may_tell(const struct fleet *fleet, unsigned instance)
{
        return instance < fleet->instances_count && fleet->instances[instance] &&
               fleet->instances[instance]->state != PEERS_ISOLATED;
}

static void take_records(struct fleet *fleet, const struct fleet_event *event)
{
        if (!may_tell(fleet, event->instance))
                return;
        if (event->type == FLEET_SNAPSHOT) {
                records_snapshot(fleet, event->instance, event->snapshot.at, event->snapshot.count);
                instances_snapshot_taken(fleet, event->instance);
                losses_review(fleet);
        } else if (event->type == FLEET_LOSSES) {
                losses_told(fleet, event->losses.at, event->losses.count);
        } else if (event->type == FLEET_REPORT) {
                records_report(fleet, event->instance, event->report);
        } else {
                records_removed(fleet, event->instance, event->removed.group, event->removed.name);
        }
        applications_refresh(fleet);
        for (size_t i = 0; i < fleet->changes_count; i++)
                sequencing_record(fleet, fleet->changes[i].record, fleet->changes[i].before);
        fleet->changes_count = 0;
}

static void take_forced(struct fleet *fleet, const struct fleet_event *event)
{
        struct fleet_process *process = processes_force(fleet, event);

        if (!process)
                return;
        applications_refresh(fleet);
        sequencing_forced(fleet, process);
}

static void take_state(struct fleet *fleet, const struct fleet_event *event)
{
        fleet->state = event->state.state;
        fleet->master = event->state.master;
        fleet->acting = event->state.acting;
        fleet->mastership = event->state.mastership;
        sequencing_state(fleet, event);
}

/* All who are here agree on who is here before a master distributes. */
static void take_work(struct fleet *fleet, const struct fleet_event *event)
{
        if (event->work.kind == FSM_WORK_DISTRIBUTE)
                lose_kept(fleet, true);
        sequencing_work(fleet, event->work.kind, event->work.ticket);
}

static void take(struct fleet *fleet, const struct fleet_event *event)
{
        switch (event->type) {
        case FLEET_TIMER:
                lose_kept(fleet, false);
                losses_review(fleet);
                sequencing_timer(fleet);
                return;
        case FLEET_INSTANCE:
                take_instance(fleet, event);
                return;
        case FLEET_SNAPSHOT:
        case FLEET_LOSSES:
        case FLEET_REPORT:
        case FLEET_REMOVED:
                take_records(fleet, event);
                return;
        case FLEET_FORCED:
                take_forced(fleet, event);
                return;
        case FLEET_STATE:
                take_state(fleet, event);
                return;
        case FLEET_WORK:
                take_work(fleet, event);
                return;
        case FLEET_ORDERED:
                sequencing_ordered(
                        fleet, event->ordered.ticket, event->ordered.fault, event->ordered.text);
                return;
        case FLEET_REQUEST:
                sequencing_request(fleet, &event->request);
                return;
        case FLEET_DROPPED:
                sequencing_dropped(fleet, event->dropped);
                return;
        case FLEET_FORWARDED:
                sequencing_forwarded(fleet, event->forwarded.request, event->forwarded.answer);
                return;
        case FLEET_RULES:
                rule_again(fleet, event->rules);
                applications_refresh(fleet);
                return;
        }
}

void fleet_step(struct fleet *fleet, const struct fleet_event *event, struct fleet_effects *out)
{
        fleet->now = event->now;
        fleet->wall = event->wall;
        fleet->out = out;
        if (fleet->is_ruled_anew) {
                fleet->is_ruled_anew = false;
                rule_again(fleet, fleet->rules);
                applications_refresh(fleet);
        }
        take(fleet, event);
        sequencing_settle(fleet);
        debts_settle(fleet);
        losses_settle(fleet);
        fleet->out = NULL;
}

usec_t fleet_deadline(const struct fleet *fleet)
{
        if (fleet->is_ruled_anew)
                return fleet->now;
        return usec_min(usec_min(sequencing_deadline(fleet), instances_deadline(fleet)),
                losses_deadline(fleet));
}

const struct rules *fleet_rules(const struct fleet *fleet)
{
        return fleet->rules;
}
