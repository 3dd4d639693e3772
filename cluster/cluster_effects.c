/* Effects of the cluster: see cluster_effects.h. */
#include "cluster/cluster_effects.h"

#include <string.h>

#include "base/mem.h"

struct cluster_effect *cluster_effects_add(
        struct cluster_effects *fx, enum cluster_effect_type type, unsigned peer)
{
        struct cluster_effect *effect;

        fx->at = mem_grow(fx->at, &fx->capacity, fx->count + 1, sizeof(*fx->at));
        effect = &fx->at[fx->count++];
        memset(effect, 0, sizeof(*effect));
        effect->type = type;
        effect->peer = peer;
        return effect;
}

void cluster_effects_reset(struct cluster_effects *fx)
{
        fx->count = 0;
}

void cluster_effects_clear(struct cluster_effects *fx)
{
        mem_free(fx->at);
        *fx = (struct cluster_effects){};
}
