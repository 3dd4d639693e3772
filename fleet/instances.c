/* Instances: see instances.h.
 *
 * When we were absent ourselves, we do not know what has become of the others: their records are
 * kept until they tell them anew.  Who has not come back after a while, or is not there when a
 * master distributes, is lost all the same.
 *
 * When a daemon died its programs may live, and the next one goes on with them: a second copy of
 * them would be a mistake.  So they are kept for a moment, too, whoever distributes meanwhile; what
 * the next one then does not run any more is lost. */
#include "fleet/instances.h"

#include <string.h>

#include "base/text.h"
#include "fleet/loads.h"
#include "fleet/processes.h"
#include "fleet/records.h"
#include "fleet/state.h"

static bool is_active(enum peers_state state)
{
        return state == PEERS_CHECKING || state == PEERS_CHECKED || state == PEERS_RUNNING;
}

static void free_names(char **names)
{
        for (char **name = names; name && *name; name++)
                mem_free(*name);
        mem_free(names);
}

/* The value may be the text itself. */
static void set_text(char **text, const char *value)
{
        char *before = *text;

        *text = value ? mem_strdup(value) : NULL;
        mem_free(before);
}

static void set_stereotypes(struct fleet_instance *instance, const char *const *names, size_t count)
{
        char **before = instance->stereotypes;

        instance->stereotypes = mem_new_array(count + 1, sizeof(char *));
        for (size_t i = 0; i < count; i++)
                instance->stereotypes[i] = mem_strdup(names[i]);
        free_names(before);
}

struct fleet_instance *instances_add(struct fleet *fleet, unsigned index)
{
        struct fleet_instance *instance = mem_new(sizeof(*instance));

        if (index >= fleet->instances_count) {
                fleet->instances = mem_resize(
                        fleet->instances, (size_t)index + 1, sizeof(struct fleet_instance *));
                for (size_t i = fleet->instances_count; i < index; i++)
                        fleet->instances[i] = NULL;
                fleet->instances_count = (size_t)index + 1;
        }
        fleet->instances[index] = instance;
        instance->index = index;
        instance->since = fleet->now;
        instance->state = PEERS_STOPPED;
        fleet->order = mem_resize(fleet->order, fleet->order_count + 1, sizeof(*fleet->order));
        fleet->order[fleet->order_count++] = index;
        return instance;
}

static bool comes_before(const struct fleet_instance *a, const struct fleet_instance *b)
{
        int order;

        if (a->listed != b->listed)
                return a->listed < b->listed;
        order = strcmp(a->nick, b->nick);
        return order ? order < 0 : strcmp(a->identifier, b->identifier) < 0;
}

/* Records and whereabouts are sorted by it. */
void instances_sort(struct fleet *fleet)
{
        bool moved = false;

        for (size_t i = 1; i < fleet->order_count; i++) {
                unsigned index = fleet->order[i];
                size_t k = i;

                for (; k > 0 && comes_before(fleet->instances[index],
                                        fleet->instances[fleet->order[k - 1]]);
                        k--)
                        fleet->order[k] = fleet->order[k - 1];
                fleet->order[k] = index;
                moved |= k != i;
        }
        for (size_t i = 0; i < fleet->order_count; i++)
                fleet->instances[fleet->order[i]]->place = (unsigned)i;
        if (!moved)
                return;
        for (size_t i = 0; i < fleet->applications_count; i++)
                for (size_t k = 0; k < fleet->applications[i]->processes_count; k++)
                        processes_sort(fleet, fleet->applications[i]->processes[k]);
}

static void describe(
        struct fleet *fleet, struct fleet_instance *instance, const struct fleet_event *event)
{
        bool moved = !instance->nick || !text_equal(instance->nick, event->peer.nick) ||
                     instance->listed != event->peer.listed;
        bool regrouped = !instance->identifier || !text_equal(instance->node, event->peer.node);

        set_text(&instance->identifier, event->peer.identifier);
        set_text(&instance->nick, event->peer.nick);
        set_text(&instance->node, event->peer.node);
        instance->listed = event->peer.listed;
        instance->core = event->peer.core;
        if (event->peer.life)
                instance->life = event->peer.life;
        set_stereotypes(instance, event->peer.stereotypes, event->peer.stereotypes_count);
        if (moved)
                instances_sort(fleet);
        if (regrouped)
                loads_regroup(fleet);
}

static void lose(struct fleet *fleet, struct fleet_instance *instance)
{
        instance->kept_until = 0;
        instance->may_return = false;
        records_lose(fleet, instance->index);
}

/* How long what ran there is kept; 0: it is lost now. */
static usec_t patience_of(const struct fleet *fleet, enum peers_why why)
{
        if (why == PEERS_REFUSED || why == PEERS_RESTARTED)
                return fleet->options.return_usec_max;
        return peers_why_is_loss(why) ? 0 : FLEET_KEPT_USEC_MAX;
}

static bool is_overdue(const struct fleet *fleet, const struct fleet_instance *instance)
{
        return instance->kept_until && !is_active(instance->state) &&
               fleet->now >= instance->kept_until;
}

enum instances_news instances_update(struct fleet *fleet, const struct fleet_event *event)
{
        struct fleet_instance *instance =
                event->instance < fleet->instances_count ? fleet->instances[event->instance] : NULL;
        enum peers_state before;

        if (!instance)
                instance = instances_add(fleet, event->instance);
        describe(fleet, instance, event);
        before = instance->state;
        if (before == event->peer.state)
                return INSTANCES_SAME;
        instance->state = event->peer.state;
        instance->since = fleet->now;
        state_tell_instance(fleet, instance);
        if (is_active(before) && !is_active(instance->state)) {
                usec_t patience = patience_of(fleet, event->peer.why);

                instance->left = fleet->now;
                instance->loaded = 0;
                if (instance->index && !patience) {
                        lose(fleet, instance);
                        return INSTANCES_LOST;
                }
                if (instance->index && !instance->kept_until &&
                        (peers_why_is_loss(event->peer.why) ||
                                records_run_on(fleet, instance->index))) {
                        instance->kept_until = usec_add(fleet->now, patience);
                        instance->may_return = peers_why_is_loss(event->peer.why);
                }
        }
        if (is_overdue(fleet, instance)) {
                lose(fleet, instance);
                return INSTANCES_LOST;
        }
        return instance->state == PEERS_RUNNING ? INSTANCES_JOINED : INSTANCES_SAME;
}

unsigned instances_lose_kept(struct fleet *fleet, bool at_once)
{
        for (size_t i = 0; i < fleet->order_count; i++) {
                struct fleet_instance *instance = fleet->instances[fleet->order[i]];

                if (!is_overdue(fleet, instance) &&
                        !(at_once && instance->kept_until && !instance->may_return &&
                                !is_active(instance->state)))
                        continue;
                lose(fleet, instance);
                return instance->index;
        }
        return FLEET_NONE;
}

usec_t instances_deadline(const struct fleet *fleet)
{
        usec_t deadline = USEC_NEVER;

        for (size_t i = 0; i < fleet->order_count; i++) {
                const struct fleet_instance *instance = fleet->instances[fleet->order[i]];

                if (instance->kept_until && !is_active(instance->state))
                        deadline = usec_min(deadline, instance->kept_until);
        }
        return deadline;
}

bool instances_is_loaded(const struct fleet_instance *instance)
{
        return is_active(instance->state) && instance->loaded &&
               instance->lives[0] == instance->life;
}

bool instances_is_reborn(const struct fleet_instance *instance)
{
        return instance->lives[0] && instance->lives[0] != instance->life;
}

static void add_life(struct fleet_instance *instance)
{
        if (instance->lives[0] == instance->life)
                return;
        memmove(&instance->lives[1], &instance->lives[0],
                (FLEET_LIVES_MAX - 1) * sizeof(instance->lives[0]));
        instance->lives[0] = instance->life;
}

void instances_snapshot_taken(struct fleet *fleet, unsigned index)
{
        struct fleet_instance *instance = fleet->instances[index];

        instance->kept_until = 0;
        instance->may_return = false;
        instance->loaded = fleet->now;
        add_life(instance);
}

void instances_release(struct fleet *fleet)
{
        for (size_t i = 0; i < fleet->order_count; i++) {
                struct fleet_instance *instance = fleet->instances[fleet->order[i]];

                free_names(instance->stereotypes);
                mem_free(instance->identifier);
                mem_free(instance->nick);
                mem_free(instance->node);
                mem_free(instance->rest);
                mem_free(instance);
        }
        mem_free(fleet->instances);
        mem_free(fleet->order);
}
