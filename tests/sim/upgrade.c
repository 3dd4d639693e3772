/* Upgrades in the simulated world: an instance drains its links, is written as text, is gone, and
 * goes on from the text a moment later; nobody may notice.  And daemons that are killed and come
 * back to programs that run. */
#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "tests/sim/host.h"
#include "tests/sim/judge.h"
#include "tests/sim/oracle.h"
#include "tests/sim/world.h"

#define DRAIN_MAX (200 * USEC_MSEC)
#define PAUSE_MAX (100 * USEC_MSEC)

enum phase { BEGIN, JUMP, GO_ON, KILL, COME_BACK };

static void later(struct world *w, usec_t delay, enum phase phase, unsigned node)
{
        struct world_entry *e = world_push(w, delay, WORLD_UPGRADE, node, phase);

        e->x = w->nodes[node].upgrading;
}

void upgrade_plan(struct world *w, usec_t delay, unsigned node)
{
        later(w, delay, BEGIN, node);
}

void upgrade_plan_kill(struct world *w, usec_t delay, unsigned node)
{
        later(w, delay, KILL, node);
}

/* A service manager starts it again at once. */
static void kill_daemon(struct world *w, unsigned node)
{
        if (!w->nodes[node].cluster || w->nodes[node].frozen)
                return;
        world_kill(w, node);
        later(w, USEC_MSEC + world_random(w, w->options.timeout / 2), COME_BACK, node);
}

static void begin(struct world *w, unsigned node)
{
        struct world_node *n = &w->nodes[node];
        struct cluster_event event = { .type = CLUSTER_PAUSED, .peer = node };

        if (!n->cluster || n->frozen || n->upgrading)
                return;
        world_tell(w, "%s is to be upgraded", n->nick);
        n->upgrading = ++w->versions;
        world_feed(w, node, &event);
        if (n->cluster)
                world_stop_attempts(w, node);
        if (!n->cluster)
                return;
        for (unsigned i = 0; i < w->options.count; i++)
                if (i != node && net_say_bye(w, node, i))
                        host_link_paused(w, node, i);
        later(w, net_has_links(w, node) ? DRAIN_MAX : 0, JUMP, node);
}

void upgrade_link_down(struct world *w, unsigned node)
{
        if (!net_has_links(w, node))
                later(w, 0, JUMP, node);
}

static char *save(const struct world *w, unsigned node, size_t *length)
{
        CLEANUP(saver_free) struct saver *saver = saver_new(0);

        cluster_save(w->nodes[node].cluster, saver);
        host_save(w, node, saver);
        return saver_take(saver, length);
}

static void restore(struct world *w, unsigned node, const char *text, size_t length)
{
        CLEANUP(saved_free) struct saved *saved = NULL;
        CLEANUP(mem_free) char *again = NULL;
        struct err err = {};
        size_t again_length;

        if (saved_parse(text, length, 0, &saved, &err) < 0 ||
                world_restore(w, node, saved, &err) < 0 || host_restore(w, node, saved, &err) < 0) {
                oracle_object(w->oracle, w, err.text);
                return;
        }
        again = save(w, node, &again_length);
        if (again_length != length || memcmp(again, text, length) != 0)
                oracle_object(w->oracle, w, "what was restored is not what was saved");
}

/* It came to nothing: links that have ended are opened again, those that have not are ended. */
static void give_up(struct world *w, unsigned node)
{
        struct world_node *n = &w->nodes[node];

        world_tell(w, "%s is not upgraded after all", n->nick);
        n->upgrading = 0;
        net_close_all(w, node);
        for (unsigned i = 0; i < w->options.count && n->cluster; i++) {
                struct cluster_event event = { .type = CLUSTER_PAUSED, .peer = i };

                if (i == node ||
                        !peers_at(cluster_peers(n->cluster), world_index_at(node, i))->link)
                        continue;
                world_feed(w, node, &event);
                event.type = CLUSTER_LINK_DOWN;
                event.refused = false;
                world_feed(w, node, &event);
        }
}

/* Between two events; what a thread had for the disk is there or not. */
static void jump(struct world *w, unsigned node)
{
        struct world_node *n = &w->nodes[node];
        struct cluster_event event = { .type = CLUSTER_PAUSED, .peer = node };
        CLEANUP(mem_free) char *text = NULL;
        size_t length;

        if (n->frozen) {
                later(w, 10 * USEC_MSEC, JUMP, node);
                return;
        }
        if (world_random(w, 8) == 0) {
                give_up(w, node);
                return;
        }
        world_tell(w, "%s jumps%s", n->nick, net_has_links(w, node) ? ", with links" : "");
        judge_callers_leave(w, node);
        world_feed(w, node, &event);
        if (!n->cluster)
                return;
        text = save(w, node, &length);
        net_close_all(w, node);
        world_stop_disk(w, node);
        n->cluster = cluster_free(n->cluster);
        restore(w, node, text, length);
        if (!n->cluster)
                return;
        n->is_between = true;
        world_freeze(w, node);
        later(w, world_random(w, PAUSE_MAX), GO_ON, node);
}

void upgrade_happen(struct world *w, const struct world_entry *e)
{
        struct world_node *n = &w->nodes[e->node];

        switch ((enum phase)e->peer) {
        case BEGIN:
                begin(w, e->node);
                break;
        case JUMP:
                if (n->upgrading == e->x && n->cluster && !n->is_between)
                        jump(w, e->node);
                break;
        case GO_ON:
                if (n->upgrading != e->x)
                        break;
                n->upgrading = 0;
                n->is_between = false;
                world_thaw(w, e->node);
                break;
        case KILL:
                kill_daemon(w, e->node);
                break;
        case COME_BACK:
                world_start(w, e->node);
                break;
        }
}
