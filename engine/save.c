/* The state of the engine as text: see engine.h.
 *
 * One item, "engine", holds all others, so that their types are nobody else's.  What several owners
 * share (a group's configuration, a notice) comes before them and is meant by its number. */
#include "engine/engine.h"

#include "base/saver.h"
#include "engine/engine_state.h"
#include "engine/fields.h"
#include "engine/numbering.h"
#include "engine/pools_state.h"
#include "engine/process_state.h"
#include "engine/program_state.h"
#include "engine/work_state.h"

static void save_texts(struct saver *saver, const char *key, char **texts, size_t count)
{
        CLEANUP(mem_free) char **ended = mem_new_array(count + 1, sizeof(*ended));

        for (size_t i = 0; i < count; i++)
                ended[i] = texts[i];
        saver_texts(saver, key, ended);
}

static void save_disabilities(const struct engine *engine, struct saver *saver)
{
        size_t count = HASH_COUNT(engine->disabilities);
        CLEANUP(mem_free) char **names = mem_new_array(count, sizeof(*names));
        size_t i = 0;

        for (const struct disability *d = engine->disabilities; d; d = d->hh.next)
                names[i++] = d->program;
        save_texts(saver, "disabled", names, count);
}

static void save_stopping(const struct engine *engine, struct saver *saver)
{
        CLEANUP(mem_free) char **names = mem_new_array(engine->stopping_count, sizeof(*names));

        for (size_t i = 0; i < engine->stopping_count; i++)
                names[i] = engine->stopping[i]->config->name;
        save_texts(saver, "stopping", names, engine->stopping_count);
}

static void save_ticks(const struct engine *engine, struct saver *saver)
{
        for (size_t i = 0; i < TICKS; i++)
                if (engine->ticks[i].is_counted)
                        saver_count(saver, engine_state_ticks[i], engine->ticks[i].number);
}

static void save_config(struct program_group *config, bool is_pending, struct numbering *numbering,
        struct saver *saver)
{
        if (!config || !numbering_add(numbering, config))
                return;
        saver_item(saver, "config");
        saver_flag(saver, "is_pending", is_pending);
        program_state_save(config, saver);
}

static void save_configs(
        const struct engine *engine, struct numbering *numbering, struct saver *saver)
{
        for (size_t i = 0; i < engine->pending.count; i++)
                save_config(engine->pending.groups[i], true, numbering, saver);
        for (size_t i = 0; i < engine->groups_count; i++) {
                const struct group *group = engine->groups[i];

                save_config(group->config, false, numbering, saver);
                for (size_t j = 0; j < group->count; j++)
                        save_config(
                                slot_of(group->processes[j])->expanded, false, numbering, saver);
        }
}

struct saving {
        struct saver *saver;
        struct numbering *configs, *notices;
};

/* Where the program is in its configuration; mostly right after the last one. */
static size_t place_of(
        const struct program_group *config, const struct program *program, size_t last)
{
        size_t count = config->programs_count;

        for (size_t i = 1; i <= count; i++)
                if (config->programs[(last + i) % count] == program)
                        return (last + i) % count;
        return count;
}

static void save_group(const struct group *group, const struct saving *s)
{
        size_t last = group->config->programs_count - 1;

        saver_item(s->saver, "group");
        saver_count(s->saver, "config", numbering_of(s->configs, group->config));
        saver_rest(s->saver, group->rest);
        saver_inner(s->saver);
        pools_state_save(group, s->notices, s->saver);
        for (size_t i = 0; i < group->count; i++) {
                const struct slot *slot = slot_of(group->processes[i]);
                const struct program_group *config =
                        slot->expanded ? slot->expanded : group->config;

                saver_item(s->saver, "process");
                last = place_of(config, slot->process.program, last);
                if (slot->expanded)
                        saver_count(s->saver, "config", numbering_of(s->configs, config));
                saver_count(s->saver, "program", last);
                process_state_save(slot, s->saver);
                saver_inner(s->saver);
                process_state_save_exits(slot, s->saver);
                pools_state_save_member(slot, s->notices, s->saver);
                saver_outer(s->saver);
        }
        saver_outer(s->saver);
}

void engine_save(const struct engine *engine, struct saver *saver)
{
        CLEANUP(numbering_free) struct numbering *configs = numbering_new();
        CLEANUP(numbering_free) struct numbering *notices = numbering_new();
        const struct saving saving = { saver, configs, notices };

        saver_item(saver, "engine");
        saver_number(saver, "mood", engine->mood);
        fields_save(saver, engine, engine_state_fields, ENGINE_STATE_FIELDS);
        save_ticks(engine, saver);
        save_disabilities(engine, saver);
        if (engine->stopping)
                save_stopping(engine, saver);
        saver_rest(saver, engine->rest);
        saver_inner(saver);
        save_configs(engine, configs, saver);
        pools_state_save_notices(engine, notices, saver);
        for (size_t i = 0; i < engine->groups_count; i++)
                save_group(engine->groups[i], &saving);
        work_state_save(engine, saver);
        saver_outer(saver);
}
