/* Signs: '#' and '@' of the rules come to instances, for good; see placement.h.
 *
 * The unit is the homogeneous group: the processes of an application that have the same program and
 * a sign.  Processes of that program whose rules name instances outright are left as they are. */
#include <stdlib.h>
#include <string.h>

#include "fleet/allowed.h"
#include "fleet/placement.h"

struct member {
        struct fleet_process *process;
        size_t discovered; /* place among the application's processes */
};

static const char *program_of(const struct fleet_process *process)
{
        return process->records_count ? process->records[0]->program_name : process->name;
}

static unsigned index_of(const struct fleet_process *process)
{
        return process->records_count ? process->records[0]->process_index : 0;
}

static int by_program_and_index(const void *left, const void *right)
{
        const struct member *a = left, *b = right;
        int order = strcmp(program_of(a->process), program_of(b->process));
        unsigned x = index_of(a->process), y = index_of(b->process);

        if (order)
                return order;
        if (x != y)
                return x < y ? -1 : 1;
        return a->discovered < b->discovered ? -1 : 1;
}

static bool places_equal(const struct rules_places *a, const struct rules_places *b)
{
        if (a->all != b->all || a->one_each != b->one_each || a->count != b->count)
                return false;
        for (size_t i = 0; i < a->count; i++)
                if (strcmp(a->names[i], b->names[i]) != 0)
                        return false;
        return true;
}

/* The rules of the last one that was added hold for the group. */
static const struct rules_places *places_of_group(
        struct fleet *fleet, const struct member *members, size_t count)
{
        const struct member *last = &members[0];
        bool differ = false;

        for (size_t i = 1; i < count; i++) {
                differ |= !places_equal(
                        &members[i].process->rules->places, &last->process->rules->places);
                if (members[i].discovered > last->discovered)
                        last = &members[i];
        }
        if (differ)
                fleet_effects_log(fleet->out, LOG_LEVEL_ERROR,
                        "application %s: the rules of program %s name different identifiers: those "
                        "of %s are taken for all",
                        last->process->application->name, program_of(last->process),
                        last->process->name);
        return &last->process->rules->places;
}

static void assign(struct fleet_process *process, unsigned instance)
{
        mem_free(process->assigned);
        process->assigned = mem_new_array(1, sizeof(*process->assigned));
        process->assigned[0] = instance;
        process->assigned_count = 1;
        process->is_assigned = true;
}

static void count_assigned(const struct member *members, size_t count, unsigned *counts)
{
        for (size_t i = 0; i < count; i++)
                if (members[i].process->is_assigned && members[i].process->assigned_count)
                        counts[members[i].process->assigned[0]]++;
}

static unsigned fewest(const unsigned *reference, size_t count, const unsigned *counts)
{
        unsigned found = reference[0];

        for (size_t i = 1; i < count; i++)
                if (counts[reference[i]] < counts[found])
                        found = reference[i];
        return found;
}

static bool any_unassigned(const struct member *members, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (!members[i].process->is_assigned)
                        return true;
        return false;
}

static void resolve_group(struct fleet *fleet, const struct member *members, size_t count)
{
        CLEANUP(mem_free) unsigned *reference = NULL, *counts = NULL;
        const struct rules_places *places;
        size_t reference_count, next = 0;

        if (!any_unassigned(members, count))
                return;
        places = places_of_group(fleet, members, count);
        reference = mem_new_array(fleet->instances_count + 1, sizeof(*reference));
        counts = mem_new_array(fleet->instances_count + 1, sizeof(*counts));
        reference_count = allowed_reference(fleet, places, reference);
        count_assigned(members, count, counts);
        for (size_t i = 0; i < count && reference_count; i++) {
                if (members[i].process->is_assigned)
                        continue;
                if (!places->one_each) {
                        unsigned instance = fewest(reference, reference_count, counts);

                        counts[instance]++;
                        assign(members[i].process, instance);
                        continue;
                }
                while (next < reference_count && counts[reference[next]])
                        next++;
                if (next == reference_count)
                        return;
                assign(members[i].process, reference[next++]);
        }
}

static void resolve_programs(struct fleet *fleet, const struct fleet_application *application)
{
        CLEANUP(mem_free)
        struct member *members = mem_new_array(application->processes_count + 1, sizeof(*members));
        size_t count = 0, end;

        for (size_t i = 0; i < application->processes_count; i++) {
                struct fleet_process *process = application->processes[i];

                if (process->rules->places.spread || process->rules->places.one_each)
                        members[count++] = (struct member){ process, i };
        }
        if (count > 1)
                qsort(members, count, sizeof(*members), by_program_and_index);
        for (size_t i = 0; i < count; i = end) {
                end = i + 1;
                while (end < count && strcmp(program_of(members[i].process),
                                              program_of(members[end].process)) == 0)
                        end++;
                resolve_group(fleet, &members[i], end - i);
        }
}

void placement_resolve(struct fleet *fleet, struct fleet_application *application)
{
        bool whole = application->rules->distribution != ALL_INSTANCES;

        if (whole)
                allowed_tell_unknown(fleet, &application->rules->places, application->name);
        for (size_t i = 0; !whole && i < application->processes_count; i++)
                allowed_tell_unknown(fleet, &application->processes[i]->rules->places,
                        application->processes[i]->namespec);
        if (whole && application->rules->places.spread)
                application->node = allowed_spread(fleet, application);
        resolve_programs(fleet, application);
}
