/* State: the effects by which watchers hear of the model; see state.h. */
#include "fleet/state.h"

struct fleet_effect *state_tell_process(
        struct fleet *fleet, enum fleet_effect_type type, const struct fleet_process *process)
{
        struct fleet_effect *effect = fleet_effects_add(fleet->out, type);

        effect->group = mem_strdup(process->application->name);
        effect->name = mem_strdup(process->name);
        return effect;
}

struct fleet_effect *state_tell_record(
        struct fleet *fleet, enum fleet_effect_type type, const struct fleet_record *record)
{
        struct fleet_effect *effect = state_tell_process(fleet, type, record->process);

        effect->instance = record->instance;
        return effect;
}

struct fleet_effect *state_tell_application(
        struct fleet *fleet, const struct fleet_application *application)
{
        struct fleet_effect *effect = fleet_effects_add(fleet->out, FLEET_FX_APPLICATION);

        effect->group = mem_strdup(application->name);
        return effect;
}

void state_tell_instance(struct fleet *fleet, const struct fleet_instance *instance)
{
        struct fleet_effect *effect = fleet_effects_add(fleet->out, FLEET_FX_INSTANCE);

        effect->instance = instance->index;
        effect->state = instance->state;
}
