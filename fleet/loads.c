/* Loads: see loads.h. */
#include "fleet/loads.h"

#include <string.h>

static void add(struct fleet *fleet, const struct fleet_process *process, int64_t load)
{
        for (size_t i = 0; i < process->running_count; i++) {
                struct fleet_instance *there = fleet->instances[process->running[i]];

                there->load += load;
                for (size_t k = 0; k < fleet->order_count; k++) {
                        struct fleet_instance *on_node = fleet->instances[fleet->order[k]];

                        if (on_node->node_first == there->node_first)
                                on_node->node_load += load;
                }
        }
}

void loads_withdraw(struct fleet *fleet, struct fleet_process *process)
{
        if (process->load_each)
                add(fleet, process, -process->load_each);
        process->load_each = 0;
}

void loads_count(struct fleet *fleet, struct fleet_process *process)
{
        if (!process_state_is_running(process->state))
                return;
        process->load_each = process->rules->expected_loading;
        if (process->load_each)
                add(fleet, process, process->load_each);
}

static bool is_same_node(const struct fleet_instance *a, const struct fleet_instance *b)
{
        return a == b || (a->node && b->node && strcmp(a->node, b->node) == 0);
}

static void regroup(struct fleet *fleet, struct fleet_instance *instance)
{
        instance->node_first = FLEET_NONE;
        instance->node_load = 0;
        for (size_t i = 0; i < fleet->instances_count; i++) {
                const struct fleet_instance *other = fleet->instances[i];

                if (!other || !is_same_node(instance, other))
                        continue;
                if (instance->node_first == FLEET_NONE)
                        instance->node_first = (unsigned)i;
                instance->node_load += other->load;
        }
}

void loads_regroup(struct fleet *fleet)
{
        for (size_t i = 0; i < fleet->order_count; i++)
                regroup(fleet, fleet->instances[fleet->order[i]]);
}
