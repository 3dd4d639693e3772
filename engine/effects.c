/* Effects: see effects.h. */
#include "engine/effects.h"

#include <stdarg.h>

static void release(struct effect *effect)
{
        switch (effect->type) {
        case FX_LOG:
                mem_free(effect->log.text);
                return;
        case FX_GROUP_ADDED:
        case FX_GROUP_REMOVED:
                mem_free(effect->group.name);
                return;
        case FX_CHECK_COMMAND:
                mem_free(effect->check.args);
                return;
        case FX_CHECK_GROUP:
                mem_free(effect->check_group.name);
                return;
        case FX_EXPAND_PROGRAM:
                mem_free(effect->expand.program);
                return;
        case FX_PROGRAM_ABILITY:
                mem_free(effect->ability.program);
                return;
        case FX_SEND_EVENT:
                notice_unref(effect->send.notice);
                mem_free(effect->send.pool);
                return;
        case FX_ANSWER:
                answer_free(effect->answer.answer);
                return;
        case FX_STATE:
                mem_free(effect->state.spawnerr);
                return;
        case FX_PROCESS_ADDED:
        case FX_PROCESS_REMOVED:
        case FX_SPAWN:
        case FX_SIGNAL:
        case FX_KILL_ALL:
        case FX_THAW:
        case FX_LIMITS:
        case FX_READ_CONFIG:
        case FX_ABILITY:
        case FX_EXTRA_ARGS:
        case FX_OBSOLETE:
        case FX_MOOD:
        case FX_FINISHED:
                return;
        }
}

void effects_reset(struct effects *fx)
{
        for (size_t i = 0; i < fx->count; i++)
                release(&fx->at[i]);
        fx->count = 0;
}

void effects_clear(struct effects *fx)
{
        effects_reset(fx);
        mem_free(fx->at);
        *fx = (struct effects){};
}

struct effect *effects_add(struct effects *fx, enum effect_type type, uint32_t process)
{
        fx->at = mem_grow(fx->at, &fx->capacity, fx->count + 1, sizeof(*fx->at));
        fx->at[fx->count] = (struct effect){ .type = type, .process = process };
        return &fx->at[fx->count++];
}

void effects_log(
        struct effects *fx, enum log_level level, uint32_t process, const char *format, ...)
{
        struct effect *effect = effects_add(fx, FX_LOG, process);
        va_list ap;

        effect->log.level = level;
        va_start(ap, format);
        effect->log.text = mem_vformat(format, ap);
        va_end(ap);
}

void effects_log_is(struct effects *fx, enum message message)
{
        fx->at[fx->count - 1].log.message = message;
}
