/* Stories: what befalls the world, drawn from its seed. */
#include "base/mem.h"
#include "tests/sim/world.h"

enum story {
        STORY_MISFORTUNE, /* draw one */
        STORY_START,
        STORY_THAW,
        STORY_HEAL,     /* everything */
        STORY_MEND,     /* from node to peer and back */
        STORY_CALM,     /* the weather is good again */
        STORY_DISK,     /* the disk of the node is quick again */
        STORY_END_CONFLICT,
};

static usec_t between(struct world *w, usec_t low, usec_t high)
{
        return low + world_random(w, high - low + 1);
}

static void later(struct world *w, usec_t delay, enum story what, unsigned node, unsigned peer)
{
        world_push(w, delay, WORLD_STORY, node, peer)->x = what;
}

static void partition(struct world *w)
{
        unsigned count = w->options.count;
        CLEANUP(mem_free) bool *side = mem_new_array(count, sizeof(bool));

        for (unsigned i = 0; i < count; i++)
                side[i] = world_random(w, 2);
        for (unsigned i = 0; i < count; i++)
                for (unsigned k = 0; k < count; k++)
                        if (side[i] != side[k])
                                net_cut(w, i, k, true);
        world_tell(w, "the network falls into two parts");
        later(w, between(w, USEC_SEC / 5, 8 * USEC_SEC), STORY_HEAL, 0, 0);
}

static void cut_pair(struct world *w, bool both)
{
        unsigned a = (unsigned)world_random(w, w->options.count);
        unsigned b = (unsigned)world_random(w, w->options.count);

        if (a == b)
                return;
        net_cut(w, a, b, true);
        if (both)
                net_cut(w, b, a, true);
        world_tell(w, "%s does not hear %s%s", w->nodes[b].nick, w->nodes[a].nick,
                both ? ", nor the other way round" : " any more");
        later(w, between(w, USEC_SEC / 5, 10 * USEC_SEC), STORY_MEND, a, b);
}

static void storm(struct world *w)
{
        w->loss_percent = (unsigned)world_random(w, 50);
        w->twice_percent = (unsigned)world_random(w, 30);
        w->delay_max = w->delay_min + world_random(w, 400 * USEC_MSEC);
        world_tell(w, "a storm: %u %% lost, %u %% doubled, up to %.3f s late", w->loss_percent,
                w->twice_percent, (double)w->delay_max / USEC_SEC);
        later(w, between(w, USEC_SEC, 6 * USEC_SEC), STORY_CALM, 0, 0);
}

static void misfortune(struct world *w)
{
        unsigned node = (unsigned)world_random(w, w->options.count);

        switch (world_random(w, 10)) {
        case 0:
        case 1:
                world_crash(w, node);
                later(w, between(w, 20 * USEC_MSEC, 6 * USEC_SEC), STORY_START, node, 0);
                break;
        case 2:
                world_freeze(w, node);
                later(w, between(w, USEC_SEC / 10, 5 * USEC_SEC), STORY_THAW, node, 0);
                break;
        case 3:
                partition(w);
                break;
        case 4:
                cut_pair(w, false);
                break;
        case 5:
                cut_pair(w, true);
                break;
        case 6:
                storm(w);
                break;
        case 7:
                w->nodes[node].disk_delay = between(w, USEC_SEC / 10, 2 * USEC_SEC);
                world_tell(w, "the disk of %s is slow", w->nodes[node].nick);
                later(w, between(w, USEC_SEC, 8 * USEC_SEC), STORY_DISK, node, 0);
                break;
        case 8:
                world_jump(w, node, between(w, USEC_SEC / 10, 20 * USEC_SEC));
                break;
        case 9:
                w->nodes[node].conflict = true;
                break;
        }
}

void story_plan(struct world *w, usec_t length)
{
        usec_t at = between(w, 0, 4 * USEC_SEC);
        usec_t pace = between(w, USEC_SEC / 4, 4 * USEC_SEC);

        for (unsigned i = 0; i < w->options.count; i++) {
                usec_t start = world_random(w, 4) ? world_random(w, USEC_SEC / 2)
                                                  : world_random(w, length);

                later(w, start, STORY_START, i, 0);
        }
        while (at < length) {
                later(w, at, STORY_MISFORTUNE, 0, 0);
                at += world_random(w, 2 * pace);
        }
}

static void calm(struct world *w)
{
        w->loss_percent = w->twice_percent = 0;
        w->delay_max = 1000;
}

void story_end(struct world *w)
{
        world_tell(w, "all is whole and still");
        calm(w);
        net_heal(w);
        for (unsigned i = 0; i < w->options.count; i++) {
                w->nodes[i].disk_delay = 2 * USEC_MSEC;
                w->nodes[i].conflict = false;
                world_thaw(w, i);
                world_start(w, i);
        }
}

void story_happen(struct world *w, const struct world_entry *e)
{
        switch ((enum story)e->x) {
        case STORY_MISFORTUNE:
                misfortune(w);
                break;
        case STORY_START:
                world_start(w, e->node);
                break;
        case STORY_THAW:
                world_thaw(w, e->node);
                break;
        case STORY_HEAL:
                world_tell(w, "the network heals");
                net_heal(w);
                break;
        case STORY_MEND:
                net_cut(w, e->node, e->peer, false);
                net_cut(w, e->peer, e->node, false);
                break;
        case STORY_CALM:
                calm(w);
                break;
        case STORY_DISK:
                w->nodes[e->node].disk_delay = 2 * USEC_MSEC;
                break;
        case STORY_END_CONFLICT:
                w->nodes[e->node].conflict = false;
                break;
        }
}
