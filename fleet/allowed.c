/* Allowed: see allowed.h. */
#include "fleet/allowed.h"

#include <string.h>

#include "base/saved.h"
#include "base/saver.h"

#define TOLD_MAX 1000

struct allowed_told {
        char **names;
        size_t count, capacity;
};

struct allowed_told *allowed_told_new(void)
{
        return mem_new(sizeof(struct allowed_told));
}

struct allowed_told *allowed_told_free(struct allowed_told *told)
{
        if (!told)
                return NULL;
        for (size_t i = 0; i < told->count; i++)
                mem_free(told->names[i]);
        mem_free(told->names);
        return mem_free(told);
}

void allowed_told_save(const struct allowed_told *told, struct saver *saver)
{
        CLEANUP(mem_free) char **names = mem_new_array(told->count + 1, sizeof(*names));

        for (size_t i = 0; i < told->count; i++)
                names[i] = told->names[i];
        saver_texts(saver, "told", told->count ? names : NULL);
}

void allowed_told_restore(struct allowed_told *told, struct saved_item *item)
{
        char **names = saved_texts(item, "told");
        size_t count = 0;

        while (names && names[count])
                count++;
        if (count > TOLD_MAX)
                saved_fail(item, "told", "more than %d", TOLD_MAX);
        told->names = names;
        told->count = told->capacity = count;
}

bool allowed_contain(const unsigned *places, size_t count, unsigned instance)
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

size_t allowed_reference(
        const struct fleet *fleet, const struct rules_places *places, unsigned *ret)
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
                        if (!allowed_contain(ret, count, found[k]))
                                ret[count++] = found[k];
        }
        return count;
}

unsigned allowed_spread(const struct fleet *fleet, const struct fleet_application *application)
{
        CLEANUP(mem_free) unsigned *reference = NULL;
        size_t count;

        if (application->node != FLEET_NONE || application->rules->number < 1)
                return application->node;
        reference = room(fleet);
        count = allowed_reference(fleet, &application->rules->places, reference);
        return count ? reference[(uint64_t)(application->rules->number - 1) % count] : FLEET_NONE;
}

size_t allowed_for_application(
        const struct fleet *fleet, const struct fleet_application *application, unsigned *ret)
{
        const struct rules_places *places = &application->rules->places;

        if (places->one_each) /* means nothing for an application */
                return 0;
        if (!places->spread)
                return allowed_reference(fleet, places, ret);
        ret[0] = allowed_spread(fleet, application);
        return ret[0] != FLEET_NONE;
}

size_t allowed_for_process(
        const struct fleet *fleet, const struct fleet_process *process, unsigned *ret)
{
        const struct rules_places *places = &process->rules->places;

        if (!places->spread && !places->one_each)
                return allowed_reference(fleet, places, ret);
        if (!process->is_assigned || process->assigned_count == 0)
                return 0;
        memcpy(ret, process->assigned, process->assigned_count * sizeof(*ret));
        return process->assigned_count;
}

static bool is_told(const struct allowed_told *told, const char *name)
{
        for (size_t i = 0; i < told->count; i++)
                if (strcmp(told->names[i], name) == 0)
                        return true;
        return false;
}

void allowed_tell_unknown(
        struct fleet *fleet, const struct rules_places *places, const char *of_whom)
{
        struct allowed_told *told = fleet->told;
        CLEANUP(mem_free) unsigned *found = NULL;

        if (places->all || !told)
                return;
        found = room(fleet);
        for (size_t i = 0; i < places->count && told->count < TOLD_MAX; i++) {
                const char *name = places->names[i];

                if (is_told(told, name) || fleet_instances_find(fleet, name, found))
                        continue;
                told->names =
                        mem_grow(told->names, &told->capacity, told->count + 1, sizeof(char *));
                told->names[told->count++] = mem_strdup(name);
                fleet_effects_log(fleet->out, LOG_LEVEL_WARN,
                        "%s: identifiers of the rules: '%s' is no known instance", of_whom, name);
        }
}
