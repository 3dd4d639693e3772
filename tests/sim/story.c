/* Stories: what befalls the world, drawn from its seed. */
#include "base/mem.h"
#include "tests/sim/world.h"

enum story {
        STORY_MISFORTUNE, /* draw one */
        STORY_START,
        STORY_CRASH,
        STORY_THAW,
        STORY_HEAL,   /* everything */
        STORY_MEND,   /* from node to peer and back */
        STORY_CALM,   /* the weather is good again */
        STORY_DISK,   /* the disk of the node is quick again */
        STORY_FORGET, /* the second act of an election by peer, whose disk is slow, against node */
        STORY_BETRAY, /* the second act of a plot against node, by peer */
        STORY_BLACKOUT, /* several lose their power */
        STORY_CUT,      /* the node does, and is back at once */
};

static usec_t between(struct world *w, usec_t low, usec_t high)
{
        return low + world_random(w, high - low + 1);
}

/* Mostly about as long as a failure timeout, where the races are; at times much longer. */
static usec_t a_while(struct world *w)
{
        usec_t timeout = w->options.timeout;

        return world_random(w, 3) ? between(w, timeout / 20, 2 * timeout)
                                  : between(w, timeout, 8 * timeout);
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
        later(w, a_while(w), STORY_HEAL, 0, 0);
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
        later(w, a_while(w), STORY_MEND, a, b);
}

static void storm(struct world *w)
{
        w->loss_percent = (unsigned)world_random(w, 50);
        w->twice_percent = (unsigned)world_random(w, 30);
        w->delay_max = w->delay_min + world_random(w, 400 * USEC_MSEC);
        world_tell(w, "a storm: %u %% lost, %u %% doubled, up to %.3f s late", w->loss_percent,
                w->twice_percent, (double)w->delay_max / USEC_SEC);
        later(w, a_while(w), STORY_CALM, 0, 0);
}

static unsigned acting_master(const struct world *w)
{
        unsigned i = 0;

        while (i < w->options.count &&
                !(w->nodes[i].cluster && cluster_status(w->nodes[i].cluster).acting))
                i++;
        return i;
}

/* The master is cut off from all but one, whom the others need for a majority ... */
static void plot(struct world *w)
{
        unsigned count = w->options.count, master = acting_master(w), friend;

        friend = (unsigned)world_random(w, count);
        if (master == count || friend == master)
                return;
        world_tell(w, "a plot against %s, who is left with %s", w->nodes[master].nick,
                w->nodes[friend].nick);
        for (unsigned i = 0; i < count; i++) {
                net_cut(w, i, master, i != friend);
                net_cut(w, master, i, i != friend);
        }
        later(w, between(w, w->options.timeout, 2 * w->options.timeout), STORY_BETRAY, master,
                friend);
        later(w, between(w, 3 * w->options.timeout, 4 * w->options.timeout), STORY_HEAL, 0, 0);
}

/* ... and then from that one too, who may be a newborn that knows of no promise. */
static void betray(struct world *w, unsigned master, unsigned friend)
{
        world_tell(w, "%s leaves %s", w->nodes[friend].nick, w->nodes[master].nick);
        net_cut(w, friend, master, true);
        net_cut(w, master, friend, true);
        if (world_random(w, 2)) {
                world_crash(w, friend);
                later(w, between(w, USEC_MSEC, w->options.timeout / 5), STORY_START, friend, 0);
        }
}

static void cut_off(struct world *w, unsigned node, bool cut)
{
        for (unsigned i = 0; i < w->options.count; i++) {
                net_cut(w, i, node, cut);
                net_cut(w, node, i, cut);
        }
}

/* Among three the master is cut off, and the next one elected by a voter whose disk is slow ... */
static void hasty_election(struct world *w)
{
        unsigned master = acting_master(w), elected = master == 0 ? 1 : 0;
        unsigned voter = 3 - master - elected;

        if (w->options.count != 3 || master == 3)
                return;
        world_tell(w, "%s is to be elected by %s, whose disk is slow", w->nodes[elected].nick,
                w->nodes[voter].nick);
        net_heal(w);
        cut_off(w, master, true);
        w->nodes[voter].disk_delay = 6 * w->options.timeout;
        later(w, between(w, w->options.timeout, 3 * w->options.timeout), STORY_FORGET, elected,
                voter);
        later(w, 8 * w->options.timeout, STORY_DISK, voter, 0);
        later(w, 8 * w->options.timeout, STORY_HEAL, 0, 0);
}

/* ... and then the voter ends before it is written down, and meets the old master alone. */
static void forget(struct world *w, unsigned elected, unsigned voter)
{
        world_tell(w, "%s forgets", w->nodes[voter].nick);
        world_crash(w, voter);
        w->nodes[voter].disk_delay = USEC_MSEC;
        net_heal(w);
        cut_off(w, elected, true);
        world_start(w, voter);
}

/* All disks are slow, and instances end at the worst of times. */
static void power_trouble(struct world *w)
{
        usec_t at = 0;

        world_tell(w, "slow disks and a bad power supply");
        for (unsigned i = 0; i < w->options.count; i++) {
                w->nodes[i].disk_delay = between(w, USEC_MSEC, w->options.timeout / 4);
                later(w, 4 * w->options.timeout, STORY_DISK, i, 0);
        }
        for (unsigned i = 0; i < 4; i++) {
                at += between(w, USEC_MSEC, w->options.timeout);
                later(w, at, STORY_CRASH, (unsigned)world_random(w, w->options.count), 0);
        }
}

static void crash(struct world *w, unsigned node)
{
        world_crash(w, node);
        later(w, a_while(w) / (1 + world_random(w, 8)), STORY_START, node, 0);
}

/* Several at once, mostly the master too, lose their power, and are back before anybody can know
 * that they were gone: with nothing of what they ran, and no memory of it. */
void story_black_out(struct world *w)
{
        unsigned count = 2 + (unsigned)world_random(w, w->options.count - 1);
        unsigned master = acting_master(w);
        usec_t timeout = w->options.timeout, at = 0;

        world_tell(w, "a blackout of up to %u", count);
        w->ended = false;
        for (unsigned i = 0; i < count; i++) {
                unsigned node = i == 0 && master < w->options.count && world_random(w, 4)
                                        ? master
                                        : (unsigned)world_random(w, w->options.count);

                at += world_random(w, 4) ? world_random(w, 5 * USEC_MSEC)
                                         : world_random(w, timeout);
                later(w, at, STORY_CUT, node, 0);
        }
}

static void cut_power(struct world *w, unsigned node)
{
        usec_t timeout = w->options.timeout;

        if (!w->nodes[node].cluster)
                return;
        world_crash(w, node);
        later(w, between(w, USEC_MSEC, world_random(w, 4) ? timeout / 2 : 2 * timeout), STORY_START,
                node, 0);
}

static void misfortune(struct world *w)
{
        unsigned node = (unsigned)world_random(w, w->options.count);

        switch (world_random(w, 13)) {
        case 0:
        case 1:
                crash(w, node);
                break;
        case 2:
                world_freeze(w, node);
                later(w, a_while(w), STORY_THAW, node, 0);
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
                later(w, a_while(w), STORY_DISK, node, 0);
                break;
        case 8:
                world_jump(w, node, a_while(w));
                break;
        case 9:
                w->nodes[node].conflict = true;
                break;
        case 10:
                plot(w);
                break;
        case 11:
                power_trouble(w);
                break;
        case 12:
                hasty_election(w);
                break;
        }
}

void story_plan(struct world *w, usec_t length)
{
        usec_t at = between(w, 0, 4 * USEC_SEC);
        usec_t pace = between(w, USEC_SEC / 20, world_random(w, 2) ? USEC_SEC / 2 : 4 * USEC_SEC);

        for (unsigned i = 0; i < w->options.count; i++) {
                usec_t start = world_random(w, 4) ? world_random(w, USEC_SEC / 2)
                                                  : world_random(w, length);

                later(w, start, STORY_START, i, 0);
        }
        if (w->scenario && world_random(w, 3)) {
                w->is_asking = true;
                world_push(w, at, WORLD_ASK, 0, 0);
        }
        while (at < length && !(w->options.blackouts && w->options.seed % 2)) {
                later(w, at, STORY_MISFORTUNE, 0, 0);
                at += world_random(w, 2 * pace);
        }
        for (at = 0; w->options.upgrades && at < length; at += world_random(w, 2 * USEC_SEC))
                (world_random(w, 3) ? upgrade_plan : upgrade_plan_kill)(
                        w, at, (unsigned)world_random(w, w->options.count));
        for (at = USEC_SEC; w->options.blackouts && at < length;
                at += 4 * w->options.timeout + world_random(w, 8 * USEC_SEC))
                later(w, at, STORY_BLACKOUT, 0, 0);
}

static void calm(struct world *w)
{
        w->loss_percent = w->twice_percent = 0;
        w->delay_max = 1000;
}

void story_end(struct world *w)
{
        world_tell(w, "all is whole and still");
        w->ended = true;
        w->is_tame = true;
        w->is_asking = false;
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
        if (w->ended)
                return;
        switch ((enum story)e->x) {
        case STORY_MISFORTUNE:
                misfortune(w);
                break;
        case STORY_START:
                world_start(w, e->node);
                break;
        case STORY_CRASH:
                crash(w, e->node);
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
        case STORY_FORGET:
                forget(w, e->node, e->peer);
                break;
        case STORY_BLACKOUT:
                story_black_out(w);
                break;
        case STORY_CUT:
                cut_power(w, e->node);
                break;
        case STORY_BETRAY:
                betray(w, e->node, e->peer);
                break;
        }
}
