/* Placement: see placement.h. */
#include "fleet/placement.h"

#include <string.h>

#include "fleet/allowed.h"

#define NODE_LOAD_MAX 100

static bool is_startable(const struct fleet_process *process, unsigned instance)
{
        const struct fleet_record *record = fleet_process_record(process, instance);

        return record && !record->disabled && !record->obsolete;
}

static bool any_startable(const struct fleet_process *process, const unsigned *places, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (is_startable(process, places[i]))
                        return true;
        return false;
}

static bool any_enabled(const struct fleet_process *process, const unsigned *places, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                const struct fleet_record *record = fleet_process_record(process, places[i]);

                if (record && !record->disabled)
                        return true;
        }
        return false;
}

static bool runs(const struct fleet_process *process)
{
        return process_state_is_running(process->state) && process->running_count > 0;
}

/* Where the application runs: where one process of it runs, the others have to go.  'pinned' by
 * index of instance; for SINGLE_NODE all instances of the node.  False: it runs nowhere. */
static bool find_pinned(const struct fleet *fleet, const struct fleet_application *application,
        const struct fleet_process *but, bool *pinned)
{
        bool any = false;

        memset(pinned, 0, fleet->instances_count * sizeof(*pinned));
        for (size_t i = 0; i < application->processes_count; i++) {
                const struct fleet_process *process = application->processes[i];

                if (process == but || !runs(process))
                        continue;
                any = true;
                for (size_t k = 0; k < process->running_count; k++)
                        pinned[process->running[k]] = true;
        }
        if (!any || application->rules->distribution != SINGLE_NODE)
                return any;
        for (size_t i = 0; i < fleet->order_count; i++) {
                const struct fleet_instance *there = fleet->instances[fleet->order[i]];

                for (size_t k = 0; pinned[there->index] && k < fleet->order_count; k++)
                        pinned[fleet->order[k]] |=
                                fleet->instances[fleet->order[k]]->node_first == there->node_first;
        }
        return true;
}

static size_t keep_pinned(const bool *pinned, unsigned *places, size_t count)
{
        size_t kept = 0;

        for (size_t i = 0; i < count; i++)
                if (pinned[places[i]])
                        places[kept++] = places[i];
        return kept;
}

static size_t allowed_now(
        const struct fleet *fleet, const struct fleet_process *process, unsigned *ret)
{
        const struct fleet_application *application = process->application;
        CLEANUP(mem_free) bool *pinned = NULL;
        size_t count;

        if (application->rules->distribution == ALL_INSTANCES)
                return allowed_for_process(fleet, process, ret);
        count = allowed_for_application(fleet, application, ret);
        pinned = mem_new_array(fleet->instances_count + 1, sizeof(*pinned));
        if (find_pinned(fleet, application, process, pinned))
                count = keep_pinned(pinned, ret, count);
        return count;
}

size_t placement_candidates(
        const struct fleet *fleet, const struct fleet_process *process, unsigned *ret)
{
        size_t count = allowed_now(fleet, process, ret), kept = 0;

        for (size_t i = 0; i < count; i++)
                if (fleet->instances[ret[i]]->state == PEERS_RUNNING &&
                        is_startable(process, ret[i]))
                        ret[kept++] = ret[i];
        return kept;
}

struct weight {
        int64_t first, second;
};

static int64_t node_pending(const struct fleet *fleet, const struct placement_pending *pending,
        const struct fleet_instance *instance)
{
        int64_t sum = 0;

        if (!pending)
                return 0;
        for (size_t i = 0; i < fleet->order_count; i++)
                if (fleet->instances[fleet->order[i]]->node_first == instance->node_first)
                        sum += pending->load[fleet->order[i]];
        return sum;
}

/* False: the node would bear more than it can. */
static bool weigh(const struct fleet *fleet, enum starting_strategy strategy, unsigned candidate,
        int64_t load, const struct placement_pending *pending, struct weight *ret)
{
        const struct fleet_instance *instance = fleet->instances[candidate];
        int64_t node = instance->node_load + node_pending(fleet, pending, instance);
        int64_t own = instance->load + (pending ? pending->load[candidate] : 0);

        if (node + load > NODE_LOAD_MAX)
                return false;
        if (strategy == STARTING_LESS_LOADED_NODE || strategy == STARTING_MOST_LOADED_NODE)
                *ret = (struct weight){ node, own };
        else
                *ret = (struct weight){ own, node };
        return true;
}

static int compare(struct weight a, struct weight b)
{
        if (a.first != b.first)
                return a.first < b.first ? -1 : 1;
        return a.second == b.second ? 0 : a.second < b.second ? -1 : 1;
}

/* Whether the later candidate is taken instead: of equal ones the first for the least loaded, the
 * last for the most loaded. */
static bool is_better(enum starting_strategy strategy, struct weight later, struct weight best)
{
        switch (strategy) {
        case STARTING_LESS_LOADED:
        case STARTING_LESS_LOADED_NODE:
                return compare(later, best) < 0;
        case STARTING_MOST_LOADED:
        case STARTING_MOST_LOADED_NODE:
                return compare(later, best) >= 0;
        case STARTING_CONFIG:
        case STARTING_LOCAL:
        case STARTING_STRATEGIES:
                break;
        }
        return false;
}

unsigned placement_choose(const struct fleet *fleet, enum starting_strategy strategy,
        const unsigned *candidates, size_t count, int64_t load,
        const struct placement_pending *pending, unsigned local)
{
        unsigned best = FLEET_NONE;
        struct weight best_weight = {}, weight;

        for (size_t i = 0; i < count; i++) {
                if (strategy == STARTING_LOCAL && candidates[i] != local)
                        continue;
                if (!weigh(fleet, strategy, candidates[i], load, pending, &weight))
                        continue;
                if (best != FLEET_NONE && !is_better(strategy, weight, best_weight))
                        continue;
                best = candidates[i];
                best_weight = weight;
        }
        return best;
}

/* One distribution that is being worked out. */
struct plan {
        const struct fleet *fleet;
        const struct fleet_application *application;
        enum starting_strategy strategy;
        struct fleet_process *const *processes;
        size_t count;
        struct placement_pending pending; /* a copy: what the plan itself adds counts, too */
        unsigned local;
        unsigned *places; /* where the application may be */
        size_t places_count;
        bool *pinned; /* and has to be, because it is there already; NULL: nowhere */
};

static void plan_free(struct plan *plan)
{
        mem_free(plan->pending.load);
        mem_free(plan->places);
        mem_free(plan->pinned);
}

static int64_t load_of_all(const struct plan *plan)
{
        int64_t load = 0;

        for (size_t i = 0; i < plan->count; i++)
                if (!runs(plan->processes[i]))
                        load += plan->processes[i]->rules->expected_loading;
        return load;
}

/* For every process of the list a place among the given ones where it could be started; and where
 * nothing of the application runs yet, one for each of the others where it is known and not
 * disabled, so that it may follow. */
static bool all_fit(const struct plan *plan, const unsigned *places, size_t count)
{
        for (size_t i = 0; i < plan->count; i++)
                if (!runs(plan->processes[i]) && !any_startable(plan->processes[i], places, count))
                        return false;
        for (size_t i = 0; !plan->pinned && i < plan->application->processes_count; i++)
                if (!any_enabled(plan->application->processes[i], places, count))
                        return false;
        return true;
}

/* Those of the plan's places that share the node with the instance; its own included. */
static size_t on_node(const struct plan *plan, unsigned instance, unsigned *ret)
{
        const struct fleet *fleet = plan->fleet;
        size_t count = 0;

        for (size_t i = 0; i < plan->places_count; i++)
                if (fleet->instances[plan->places[i]]->node_first ==
                        fleet->instances[instance]->node_first)
                        ret[count++] = plan->places[i];
        return count;
}

/* The same for all instances of a node. */
static bool node_fits(const struct plan *plan, size_t i, const unsigned *fitting, size_t count)
{
        const struct fleet *fleet = plan->fleet;
        unsigned first = fleet->instances[plan->places[i]]->node_first;
        CLEANUP(mem_free) unsigned *node = NULL;

        for (size_t k = 0; k < i; k++)
                if (fleet->instances[plan->places[k]]->node_first == first)
                        return allowed_contain(fitting, count, plan->places[k]);
        node = mem_new_array(plan->places_count, sizeof(*node));
        return all_fit(plan, node, on_node(plan, plan->places[i], node));
}

/* The one instance, or one of the node, that everything goes to; FLEET_NONE: none. */
static unsigned choose_whole(const struct plan *plan)
{
        bool by_node = plan->application->rules->distribution == SINGLE_NODE;
        CLEANUP(mem_free)
        unsigned *fitting = mem_new_array(plan->places_count + 1, sizeof(*fitting));
        size_t count = 0;

        for (size_t i = 0; i < plan->places_count; i++)
                if (by_node ? node_fits(plan, i, fitting, count)
                            : all_fit(plan, &plan->places[i], 1))
                        fitting[count++] = plan->places[i];
        return placement_choose(plan->fleet, plan->strategy, fitting, count, load_of_all(plan),
                &plan->pending, plan->local);
}

/* 'whole' is FLEET_NONE only where all of them run. */
static bool place_each(struct plan *plan, unsigned whole, unsigned *ret)
{
        bool by_node = plan->application->rules->distribution == SINGLE_NODE;
        CLEANUP(mem_free) unsigned *node = mem_new_array(plan->places_count + 1, sizeof(*node));
        CLEANUP(mem_free) unsigned *able = mem_new_array(plan->places_count + 1, sizeof(*able));
        size_t count = 1;

        node[0] = whole;
        if (by_node && whole != FLEET_NONE)
                count = on_node(plan, whole, node);
        for (size_t i = 0; i < plan->count; i++) {
                const struct fleet_process *process = plan->processes[i];
                size_t able_count = 0;

                if (runs(process)) {
                        ret[i] = process->running[0];
                        continue;
                }
                for (size_t k = 0; k < count; k++)
                        if (is_startable(process, node[k]))
                                able[able_count++] = node[k];
                ret[i] = placement_choose(plan->fleet, plan->strategy, able, able_count,
                        process->rules->expected_loading, &plan->pending, plan->local);
                if (ret[i] == FLEET_NONE)
                        return false;
                plan->pending.load[ret[i]] += process->rules->expected_loading;
        }
        return true;
}

static void prepare(struct plan *plan, const struct placement_pending *pending)
{
        const struct fleet *fleet = plan->fleet;
        size_t room = fleet->instances_count + 1, kept = 0;

        plan->pending.load = mem_new_array(room, sizeof(*plan->pending.load));
        if (pending)
                memcpy(plan->pending.load, pending->load,
                        fleet->instances_count * sizeof(*plan->pending.load));
        plan->places = mem_new_array(room, sizeof(*plan->places));
        plan->places_count = allowed_for_application(fleet, plan->application, plan->places);
        plan->pinned = mem_new_array(room, sizeof(*plan->pinned));
        if (find_pinned(fleet, plan->application, NULL, plan->pinned))
                plan->places_count = keep_pinned(plan->pinned, plan->places, plan->places_count);
        else
                plan->pinned = mem_free(plan->pinned);
        for (size_t i = 0; i < plan->places_count; i++)
                if (fleet->instances[plan->places[i]]->state == PEERS_RUNNING)
                        plan->places[kept++] = plan->places[i];
        plan->places_count = kept;
}

static bool all_run(const struct plan *plan)
{
        for (size_t i = 0; i < plan->count; i++)
                if (!runs(plan->processes[i]))
                        return false;
        return true;
}

bool placement_distribute(const struct fleet *fleet, const struct fleet_application *application,
        enum starting_strategy strategy, struct fleet_process *const *processes, size_t count,
        const struct placement_pending *pending, unsigned local, unsigned *ret)
{
        struct plan plan = {
                .fleet = fleet,
                .application = application,
                .strategy = strategy,
                .processes = processes,
                .count = count,
                .local = local,
        };
        unsigned whole = FLEET_NONE;
        bool solved;

        prepare(&plan, pending);
        solved = all_run(&plan);
        if (!solved)
                whole = choose_whole(&plan);
        if (solved || whole != FLEET_NONE)
                solved = place_each(&plan, whole, ret);
        plan_free(&plan);
        return solved;
}
