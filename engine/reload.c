/* Reload: see reload.h. */
#include "engine/reload.h"

#include <string.h>

#include "engine/groups.h"

void reload_set_pending(struct engine *engine, const struct program_set *set)
{
        struct program_set copy = {
                .groups = mem_new_array(set->count, sizeof(struct program_group *)),
                .count = set->count,
        };

        for (size_t i = 0; i < set->count; i++)
                copy.groups[i] = program_group_ref(set->groups[i]);
        program_set_clear(&engine->pending);
        engine->pending = copy;
}

/* The names of a reading.  Two sections may have made groups of one name, of which the first
 * counts. */
struct name {
        const struct program_group *config;
        UT_hash_handle hh;
};

static struct name *index_names(const struct program_set *set, struct name *names)
{
        struct name *by_name = NULL, *found;

        for (size_t i = 0; i < set->count; i++) {
                const char *name = set->groups[i]->name;

                HASH_FIND_STR(by_name, name, found);
                if (found)
                        continue;
                names[i].config = set->groups[i];
                HASH_ADD_KEYPTR(hh, by_name, name, strlen(name), &names[i]);
        }
        return by_name;
}

struct answer *reload_diff(const struct engine *engine)
{
        const struct program_set *set = &engine->pending;
        struct answer *diff = answer_new(ANSWER_DIFF);
        CLEANUP(mem_free) struct name *names = mem_new_array(set->count, sizeof(*names));
        struct name *by_name = index_names(set, names), *found;

        for (size_t i = 0; i < set->count; i++) {
                const struct group *active;

                if (!names[i].config)
                        continue;
                active = groups_find(engine, names[i].config->name);
                if (!active)
                        answer_names_add(&diff->added, names[i].config->name);
                else if (!program_group_equal(active->config, names[i].config))
                        answer_names_add(&diff->changed, names[i].config->name);
        }
        for (size_t i = 0; i < engine->groups_count; i++) {
                const char *name = engine->groups[i]->config->name;

                HASH_FIND_STR(by_name, name, found);
                if (!found)
                        answer_names_add(&diff->removed, name);
        }
        HASH_CLEAR(hh, by_name);
        return diff;
}
