/* Abilities: see abilities.h.
 *
 * What is remembered are names, because a program that is gone may come back. */
#include "engine/abilities.h"

#include <string.h>

#include "engine/announce.h"
#include "engine/groups.h"
#include "engine/lifecycle.h"
#include "engine/operations.h"
#include "engine/work.h"

static struct disability *find(const struct engine *engine, const char *program)
{
        struct disability *disability;

        HASH_FIND_STR(engine->disabilities, program, disability);
        return disability;
}

void abilities_remember(struct engine *engine, const char *program)
{
        struct disability *disability;

        if (find(engine, program))
                return;
        disability = mem_new(sizeof(*disability));
        disability->program = mem_strdup(program);
        HASH_ADD_KEYPTR(hh, engine->disabilities, disability->program, strlen(disability->program),
                disability);
}

static void forget(struct engine *engine, struct disability *disability)
{
        HASH_DEL(engine->disabilities, disability);
        mem_free(disability->program);
        mem_free(disability);
}

bool abilities_is_disabled(const struct engine *engine, const struct program *program)
{
        return find(engine, program_label(program)) != NULL;
}

void abilities_free_all(struct engine *engine)
{
        while (engine->disabilities)
                forget(engine, engine->disabilities);
}

static void set_program(struct engine *engine, const char *program, bool disabled)
{
        struct disability *known = find(engine, program);
        struct effect *effect;

        if ((known != NULL) == disabled)
                return;
        if (known)
                forget(engine, known);
        else
                abilities_remember(engine, program);
        effect = effects_add(engine->out, FX_PROGRAM_ABILITY, 0);
        effect->ability.program = mem_strdup(program);
        effect->ability.disabled = disabled;
}

static void set_process(struct engine *engine, struct slot *slot, bool disabled)
{
        struct process *process = &slot->process;

        if (process->disabled == disabled)
                return;
        process->disabled = disabled;
        effects_add(engine->out, FX_ABILITY, process->id);
        announce_process(
                engine, disabled ? TOPIC_PROCESS_DISABLED : TOPIC_PROCESS_ENABLED, process);
}

static void enable(struct engine *engine, const struct request *request)
{
        size_t count;
        CLEANUP(mem_free)
        struct slot **members = groups_members_of_program(engine, request->name, &count);

        for (size_t i = 0; i < count; i++)
                set_process(engine, members[i], false);
        for (size_t i = 0; i < count; i++)
                lifecycle_begin_anew(engine, members[i]);
        work_reply(engine, request, answer_new(ANSWER_TRUE));
}

static void disable(struct engine *engine, const struct request *request)
{
        size_t count;
        CLEANUP(mem_free)
        struct slot **members = groups_members_of_program(engine, request->name, &count);
        struct work *work = work_new(engine, request, count);

        for (size_t i = 0; i < count; i++)
                set_process(engine, members[i], true);
        for (size_t i = 0; i < count; i++)
                if (!process_state_is_stopped(members[i]->process.state))
                        work_add(work, members[i], NULL);
        operations_run(engine, work);
}

void abilities_take(struct engine *engine, const struct request *request)
{
        bool disabled = request->type == REQUEST_DISABLE;

        if (!groups_hold_program(engine, request->name)) {
                CLEANUP(mem_free)
                char *text = mem_format("program=%s unknown to Supvisors", request->name);

                work_refuse(engine, request, FAULT_BAD_NAME, text);
                return;
        }
        set_program(engine, request->name, disabled);
        if (disabled)
                disable(engine, request);
        else
                enable(engine, request);
}
