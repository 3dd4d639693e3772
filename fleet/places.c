/* Places: see places.h. */
#include "fleet/places.h"

#include <string.h>

#define UNKNOWN_MAX 1000

bool places_contain(const unsigned *places, size_t count, unsigned instance)
{
        for (size_t i = 0; i < count; i++)
                if (places[i] == instance)
                        return true;
        return false;
}

static unsigned *room(const struct fleet *fleet)
{
        return mem_new_array(fleet->instances_count + 1, sizeof(unsigned));
}

size_t places_reference(const struct fleet *fleet, const struct rules_places *places, unsigned *ret)
{
        CLEANUP(mem_free) unsigned *found = NULL;
        size_t count = 0;

        if (places->all) {
                if (fleet->order_count)
                        memcpy(ret, fleet->order, fleet->order_count * sizeof(*ret));
                return fleet->order_count;
        }
        found = room(fleet);
        for (size_t i = 0; i < places->count; i++) {
                size_t n = fleet_instances_find(fleet, places->names[i], found);

                for (size_t k = 0; k < n; k++)
                        if (!places_contain(ret, count, found[k]))
                                ret[count++] = found[k];
        }
        return count;
}

unsigned places_spread(const struct fleet *fleet, const struct fleet_application *application)
{
        CLEANUP(mem_free) unsigned *reference = NULL;
        size_t count;

        if (application->node != FLEET_NONE || application->rules->number < 1)
                return application->node;
        reference = room(fleet);
        count = places_reference(fleet, &application->rules->places, reference);
        return count ? reference[(uint64_t)(application->rules->number - 1) % count] : FLEET_NONE;
}

size_t places_of_application(
        const struct fleet *fleet, const struct fleet_application *application, unsigned *ret)
{
        const struct rules_places *places = &application->rules->places;

        if (places->one_each) /* means nothing for an application */
                return 0;
        if (!places->spread)
                return places_reference(fleet, places, ret);
        ret[0] = places_spread(fleet, application);
        return ret[0] != FLEET_NONE;
}

size_t places_of_process(
        const struct fleet *fleet, const struct fleet_process *process, unsigned *ret)
{
        const struct rules_places *places = &process->rules->places;

        if (!places->spread && !places->one_each)
                return places_reference(fleet, places, ret);
        if (!process->is_assigned || process->assigned_count == 0)
                return 0;
        memcpy(ret, process->assigned, process->assigned_count * sizeof(*ret));
        return process->assigned_count;
}

static bool is_told(const struct fleet *fleet, const char *name)
{
        for (size_t i = 0; i < fleet->unknown_count; i++)
                if (strcmp(fleet->unknown[i], name) == 0)
                        return true;
        return false;
}

void places_tell_unknown(
        struct fleet *fleet, const struct rules_places *places, const char *of_whom)
{
        CLEANUP(mem_free) unsigned *found = room(fleet);

        for (size_t i = 0; !places->all && i < places->count; i++) {
                const char *name = places->names[i];

                if (fleet->unknown_count >= UNKNOWN_MAX || is_told(fleet, name) ||
                        fleet_instances_find(fleet, name, found))
                        continue;
                fleet->unknown = mem_grow(fleet->unknown, &fleet->unknown_capacity,
                        fleet->unknown_count + 1, sizeof(char *));
                fleet->unknown[fleet->unknown_count++] = mem_strdup(name);
                fleet_effects_log(fleet->out, LOG_LEVEL_WARN,
                        "%s: identifiers of the rules: '%s' is no known instance", of_whom, name);
        }
}
