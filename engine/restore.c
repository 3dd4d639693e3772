/* An engine from the text of its state: see engine.h.
 *
 * Everything is built as far as the text lets it, and thrown away at the end when something was
 * wrong with it.  No effect is made. */
#include "engine/engine.h"

#include <errno.h>
#include <string.h>

#include "base/saved.h"
#include "engine/abilities.h"
#include "engine/engine_state.h"
#include "engine/groups.h"
#include "engine/lifecycle.h"
#include "engine/pool.h"
#include "engine/pools.h"
#include "engine/pools_state.h"
#include "engine/process_state.h"
#include "engine/program_state.h"
#include "engine/work_state.h"

struct restoring {
        struct engine *engine;
        struct program_group **configs; /* by their number, from 1; a reference each */
        size_t count, capacity;
        struct pools_notices notices;
};

/*
 * What is shared.
 */

static void restore_configs(struct saved_item *outer, struct restoring *r)
{
        struct program_set *pending = &r->engine->pending;
        size_t capacity = 0;

        for (struct saved_item *item = saved_inner(outer, "config"); item;
                item = saved_next(item)) {
                bool is_pending = saved_flag(item, "is_pending");
                struct program_group *config = program_state_restore(item);

                r->configs = mem_grow(
                        r->configs, &r->capacity, r->count + 1, sizeof(struct program_group *));
                r->configs[r->count++] = config;
                if (!is_pending)
                        continue;
                pending->groups = mem_grow(pending->groups, &capacity, pending->count + 1,
                        sizeof(struct program_group *));
                pending->groups[pending->count++] = program_group_ref(config);
        }
}

static struct program_group *find_config(struct saved_item *item, const struct restoring *r)
{
        uint64_t number = saved_count(item, "config", r->count, 0);

        if (number == 0) {
                saved_fail(item, "config", "there is none of that number");
                return NULL;
        }
        return r->configs[number - 1];
}

static void clear(struct restoring *r)
{
        for (size_t i = 0; i < r->count; i++)
                program_group_unref(r->configs[i]);
        mem_free(r->configs);
        pools_state_clear_notices(&r->notices);
}

/*
 * Groups and their processes.
 */

static bool is_free(struct saved_item *item, const struct restoring *r, const struct group *group,
        uint32_t id, const struct program *program)
{
        struct slot *other;

        if (id == 0 || id > r->engine->last_process) {
                saved_fail(item, "id", "not one that was given");
                return false;
        }
        if (groups_find_process(r->engine, id)) {
                saved_fail(item, "id", "there are two of it");
                return false;
        }
        HASH_FIND(by_name, group->by_name, program->name, strlen(program->name), other);
        if (other)
                saved_fail(item, "program", "there are two processes '%s'", program->name);
        return !other;
}

static struct slot *restore_slot(struct saved_item *item, struct restoring *r, struct group *group,
        struct program_group *config, const struct program *program, uint32_t id)
{
        struct slot *slot = groups_place_process(r->engine, group, program, id);

        if (config != group->config)
                slot->expanded = program_group_ref(config);
        process_state_restore(item, slot);
        group->unstopped += !process_state_is_stopped(slot->process.state);
        return slot;
}

/* NULL: it is none. */
static struct slot *restore_process(
        struct saved_item *item, struct restoring *r, struct group *group)
{
        struct program_group *config =
                saved_has(item, "config") ? find_config(item, r) : group->config;
        uint64_t place = saved_count(item, "program", UINT32_MAX, UINT32_MAX);
        uint32_t id = (uint32_t)saved_count(item, "id", UINT32_MAX, 0);

        if (!config)
                return NULL;
        if (place >= config->programs_count) {
                saved_fail(item, "program", "'%s' has %zu", config->name, config->programs_count);
                return NULL;
        }
        if (!is_free(item, r, group, id, config->programs[place]))
                return NULL;
        return restore_slot(item, r, group, config, config->programs[place], id);
}

/* What is known of them only as members of their group; then nothing more is asked. */
static void restore_member(
        struct saved_item *item, struct slot *slot, const struct pools_notices *notices)
{
        struct saved_item *listener = slot->member ? fields_item(item, "listener") : NULL;

        if (listener)
                pools_state_restore_member(listener, slot, notices);
        slot->rest = saved_rest(item);
}

static void restore_group(struct saved_item *item, struct restoring *r)
{
        struct program_group *config = find_config(item, r);
        struct saved_item *pool = fields_item(item, "pool");
        CLEANUP(mem_free) struct slot **slots = NULL; /* of its processes, in their order */
        size_t count = 0, capacity = 0;
        struct group *group;

        if (!config)
                return;
        if (groups_find(r->engine, config->name)) {
                saved_fail(item, "config", "there are two groups '%s'", config->name);
                return;
        }
        group = groups_place(r->engine, config);
        for (struct saved_item *process = saved_inner(item, "process"); process;
                process = saved_next(process)) {
                slots = mem_grow(slots, &capacity, count + 1, sizeof(*slots));
                slots[count++] = restore_process(process, r, group);
        }
        pools_add(r->engine, group);
        if (group->pool && pool)
                pools_state_restore(pool, group, &r->notices);
        count = 0;
        for (struct saved_item *process = saved_inner(item, "process"); process;
                process = saved_next(process), count++)
                if (slots[count])
                        restore_member(process, slots[count], &r->notices);
        group->rest = saved_rest(item);
}

static int compare_ids(const struct slot *a, const struct slot *b)
{
        return a->process.id < b->process.id ? -1 : 1;
}

static void restore_groups(struct saved_item *outer, struct restoring *r)
{
        struct engine *engine = r->engine;

        for (struct saved_item *item = saved_inner(outer, "group"); item; item = saved_next(item))
                restore_group(item, r);
        /* As if they had been added one after the other, which those who walk along them see. */
        HASH_SRT(by_id, engine->slots, compare_ids);
        for (struct slot *slot = engine->slots; slot; slot = slot->by_id.next)
                lifecycle_rearm(engine, slot);
}

/*
 * The engine itself.
 */

static void restore_disabilities(struct saved_item *item, struct engine *engine)
{
        char **names = saved_texts(item, "disabled");

        for (char **name = names; name && *name; name++) {
                abilities_remember(engine, *name);
                mem_free(*name);
        }
        mem_free(names);
}

static void restore_stopping(struct saved_item *item, struct engine *engine)
{
        char **names = saved_texts(item, "stopping");

        for (char **name = names; name && *name; name++) {
                struct group *group = groups_find(engine, *name);
                size_t count = engine->stopping_count++;

                engine->stopping = mem_resize(
                        engine->stopping, engine->stopping_count, sizeof(struct group *));
                engine->stopping[count] = group;
                if (!group)
                        saved_fail(item, "stopping", "there is no group '%s'", *name);
                mem_free(*name);
        }
        mem_free(names);
        if ((engine->mood != MOOD_RUNNING && !engine->finished) != (engine->stopping_count > 0))
                saved_fail(item, "stopping", "%zu groups, which does not fit the mood",
                        engine->stopping_count);
}

static void restore_itself(struct saved_item *item, struct engine *engine)
{
        engine->mood =
                (enum mood)saved_number(item, "mood", MOOD_SHUTDOWN, MOOD_RUNNING, MOOD_RUNNING);
        fields_restore(item, engine, engine_state_fields, ENGINE_STATE_FIELDS);
        for (size_t i = 0; i < TICKS; i++) {
                engine->ticks[i].is_counted = saved_has(item, engine_state_ticks[i]);
                engine->ticks[i].number = saved_count(item, engine_state_ticks[i], UINT64_MAX, 0);
        }
        restore_disabilities(item, engine);
}

int engine_restore(struct saved *saved, struct engine **ret, struct err *err)
{
        CLEANUP(engine_free) struct engine *engine = engine_new();
        struct restoring restoring = { .engine = engine };
        struct saved_item *item = saved_first(saved, "engine");
        int r;

        if (!item)
                return err_set(err, -EBADMSG, "there is no engine in it");
        restore_itself(item, engine);
        restore_configs(item, &restoring);
        pools_state_restore_notices(item, &restoring.notices);
        restore_groups(item, &restoring);
        restore_stopping(item, engine);
        work_state_restore(item, engine);
        engine->rest = saved_rest(item);
        clear(&restoring);
        r = saved_status(saved, err);
        if (r < 0)
                return r;
        *ret = TAKE(engine);
        return 0;
}
