/* Effects of the fleet: see fleet_effects.h. */
#include "fleet/fleet_effects.h"

#include <stdarg.h>

static void release_request(struct fleet_request *request)
{
        if (!request)
                return;
        mem_free((void *)request->name);
        mem_free((void *)request->args);
        mem_free((void *)request->instances);
        mem_free(request);
}

static void release(struct fleet_effect *effect)
{
        mem_free(effect->group);
        mem_free(effect->name);
        switch (effect->type) {
        case FLEET_FX_LOG:
                mem_free(effect->log.text);
                return;
        case FLEET_FX_START:
                mem_free(effect->order.args);
                return;
        case FLEET_FX_FORCE:
                mem_free(effect->force.reason);
                return;
        case FLEET_FX_ANSWER:
                answer_free(effect->answer.answer);
                return;
        case FLEET_FX_FORWARD:
                release_request(effect->forward);
                return;
        case FLEET_FX_STOP:
        case FLEET_FX_WORK:
        case FLEET_FX_END:
        case FLEET_FX_OWED:
        case FLEET_FX_LOSSES:
        case FLEET_FX_NO_AUTORESTART:
        case FLEET_FX_INSTANCE:
        case FLEET_FX_RECORD:
        case FLEET_FX_PROCESS:
        case FLEET_FX_APPLICATION:
                return;
        }
}

struct fleet_effect *fleet_effects_add(struct fleet_effects *fx, enum fleet_effect_type type)
{
        struct fleet_effect *effect;

        fx->at = mem_grow(fx->at, &fx->capacity, fx->count + 1, sizeof(*fx->at));
        effect = &fx->at[fx->count++];
        *effect = (struct fleet_effect){ .type = type };
        return effect;
}

void fleet_effects_log(struct fleet_effects *fx, enum log_level level, const char *format, ...)
{
        struct fleet_effect *effect = fleet_effects_add(fx, FLEET_FX_LOG);
        va_list ap;

        va_start(ap, format);
        effect->log.level = level;
        effect->log.text = mem_vformat(format, ap);
        va_end(ap);
}

void fleet_effects_reset(struct fleet_effects *fx)
{
        for (size_t i = 0; i < fx->count; i++)
                release(&fx->at[i]);
        fx->count = 0;
}

void fleet_effects_clear(struct fleet_effects *fx)
{
        fleet_effects_reset(fx);
        mem_free(fx->at);
        *fx = (struct fleet_effects){};
}
