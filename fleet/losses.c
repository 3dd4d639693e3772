/* Losses: see losses.h. */
#define uthash_malloc(size)  mem_new(size)
#define uthash_free(p, size) mem_free(p)
#define uthash_fatal(text)   __builtin_unreachable() /* memory does not run out: base/mem.h */
#include "fleet/losses.h"

#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "cluster/cluster_options.h"
#include "fleet/debts.h"
#include "fleet/instances.h"
#include "fleet/restore.h"
#include "fleet/save.h"
#include "fleet/sequencing.h"

#define CLAIMS_MAX FLEET_PROCESSES_MAX

struct claim {     /* what another one has told, and cannot be decided yet */
        char *key; /* of the table: both names */
        char *group, *name;
        unsigned instance;
        uint64_t life;
        bool is_awaited;
        usec_t until;
        char *rest; /* saved_rest() of a later build; NULL: nothing */
        UT_hash_handle hh;
};

struct losses {
        struct claim *claims;
        usec_t deadline;
        bool is_news;      /* something was noted in this step */
        usec_t news_since; /* who was heard of by us before that has seen it as well */
};

struct losses *losses_new(void)
{
        struct losses *l = mem_new(sizeof(*l));

        l->deadline = USEC_NEVER;
        l->news_since = USEC_NEVER;
        return l;
}

static void drop(struct losses *l, struct claim *claim)
{
        HASH_DEL(l->claims, claim);
        mem_free(claim->key);
        mem_free(claim->group);
        mem_free(claim->name);
        mem_free(claim->rest);
        mem_free(claim);
}

struct losses *losses_free(struct losses *l)
{
        if (!l)
                return NULL;
        while (l->claims)
                drop(l, l->claims);
        return mem_free(l);
}

/*
 * What is lost.
 */

static void note(struct fleet *fleet, struct fleet_process *process, unsigned instance,
        uint64_t life, usec_t since)
{
        struct losses *l = fleet->losses;

        process->lost = true;
        process->lost_at = instance;
        process->lost_life = life;
        l->is_news = true;
        l->news_since = usec_min(l->news_since, since);
        sequencing_note_loss(fleet);
}

void losses_note(struct fleet *fleet, struct fleet_process *process, unsigned instance)
{
        const struct fleet_instance *there = fleet->instances[instance];

        note(fleet, process, instance, there->lives[0], there->left);
}

static const struct fleet_instance *whom_it_awaits(
        const struct fleet *fleet, const struct fleet_process *process)
{
        for (size_t i = 0; i < process->running_count; i++)
                if (fleet_process_awaits(fleet, process, process->running[i]))
                        return fleet->instances[process->running[i]];
        return NULL;
}

static bool tell(const struct fleet *fleet, const struct fleet_process *process, bool is_certain,
        struct fleet_loss *ret)
{
        const struct fleet_instance *awaited = whom_it_awaits(fleet, process);

        if (!is_certain && !awaited)
                return false;
        *ret = (struct fleet_loss){
                .group = process->application->name,
                .name = process->name,
                .instance = is_certain ? process->lost_at : awaited->index,
                .life = is_certain ? process->lost_life : awaited->lives[0],
                .is_awaited = !is_certain,
        };
        return true;
}

size_t fleet_losses(const struct fleet *fleet, struct fleet_loss **ret)
{
        struct fleet_loss *list = NULL;
        size_t count = 0, capacity = 0;

        for (size_t i = 0; i < fleet->applications_count; i++) {
                const struct fleet_application *application = fleet->applications[i];

                for (size_t k = 0; k < application->processes_count; k++) {
                        const struct fleet_process *process = application->processes[k];

                        list = mem_grow(list, &capacity, count + 1, sizeof(*list));
                        count += tell(fleet, process, process->lost, &list[count]);
                }
        }
        debts_tell(fleet, &list, &count, &capacity);
        *ret = list;
        return count;
}

/*
 * What others tell.
 */

/* We were told by itself what ran there, so we have seen its end. */
static bool is_known(const struct fleet *fleet, unsigned instance, uint64_t life)
{
        if (instance >= fleet->instances_count || !fleet->instances[instance])
                return false;
        for (size_t i = 0; i < FLEET_LIVES_MAX; i++)
                if (life && fleet->instances[instance]->lives[i] == life)
                        return true;
        return false;
}

/* It runs, it is about to, or it was seen to already. */
static bool is_settled(
        const struct fleet *fleet, const struct fleet_process *process, const struct claim *claim)
{
        if (process->running_count || !process_state_is_stopped(process->state) || process->lost)
                return true;
        if (claim->life ? process->lost_life == claim->life : !sequencing_is_new(fleet))
                return true;
        return sequencing_is_to_start(fleet, process);
}

/* Whether the next life goes on with it, or tells of its end, is not known as long as that has not
 * told anything. */
static bool is_open(const struct fleet *fleet, const struct claim *claim)
{
        const struct fleet_instance *there =
                claim->instance < fleet->instances_count ? fleet->instances[claim->instance] : NULL;

        if (!claim->is_awaited || (there && instances_is_loaded(there)))
                return false;
        return fleet->now < claim->until;
}

static bool has_end_of_its_own(const struct fleet_process *process, const struct claim *claim)
{
        const struct fleet_record *record =
                claim->instance == FLEET_NONE ? NULL
                                              : fleet_process_record(process, claim->instance);

        return claim->is_awaited && record && !record->lost && record->state != STOPPED;
}

static struct fleet_process *find_process(const struct fleet *fleet, const struct claim *claim)
{
        struct fleet_application *application = fleet_application_find(fleet, claim->group);

        return application ? fleet_process_find(application, claim->name) : NULL;
}

/* True: it is done with. */
static bool decide(struct fleet *fleet, const struct claim *claim)
{
        struct fleet_process *process = find_process(fleet, claim);

        if (!process) /* nobody who could run it has come yet */
                return fleet->now >= claim->until;
        if (is_known(fleet, claim->instance, claim->life) || is_settled(fleet, process, claim))
                return true;
        if (is_open(fleet, claim))
                return false;
        if (!has_end_of_its_own(process, claim))
                note(fleet, process, claim->instance, claim->life, 0);
        return true;
}

void losses_review(struct fleet *fleet)
{
        struct losses *l = fleet->losses;
        struct claim *claim, *next;

        l->deadline = USEC_NEVER;
        for (claim = l->claims; claim; claim = next) {
                next = claim->hh.next;
                if (decide(fleet, claim))
                        drop(l, claim);
                else
                        l->deadline = usec_min(l->deadline, claim->until);
        }
}

static void claim_it(struct fleet *fleet, const struct fleet_loss *loss)
{
        struct losses *l = fleet->losses;
        CLEANUP(mem_free) char *key = mem_format("%s:%s", loss->group, loss->name);
        struct claim *claim;

        HASH_FIND_STR(l->claims, key, claim);
        if (claim && (loss->is_awaited || !claim->is_awaited))
                return;
        if (!claim && HASH_COUNT(l->claims) >= CLAIMS_MAX)
                return;
        if (!claim) {
                claim = mem_new(sizeof(*claim));
                claim->group = mem_strdup(loss->group);
                claim->name = mem_strdup(loss->name);
                claim->key = TAKE(key);
                HASH_ADD_KEYPTR(hh, l->claims, claim->key, strlen(claim->key), claim);
        }
        claim->instance = loss->instance;
        claim->life = loss->life;
        claim->is_awaited = loss->is_awaited;
        claim->until = usec_add(fleet->now,
                loss->is_awaited ? fleet->options.return_usec_max : FLEET_KEPT_USEC_MAX);
}

void losses_told(struct fleet *fleet, const struct fleet_loss *losses, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (losses[i].is_owed || losses[i].is_paid)
                        debts_told(fleet, &losses[i]);
                else if (!is_known(fleet, losses[i].instance, losses[i].life))
                        claim_it(fleet, &losses[i]);
        losses_review(fleet);
}

usec_t losses_deadline(const struct fleet *fleet)
{
        return fleet->losses->deadline;
}

/* Those who have come since then.  They may know it already, and then it means nothing to them. */
void losses_settle(struct fleet *fleet)
{
        struct losses *l = fleet->losses;

        if (!l->is_news)
                return;
        for (size_t i = 0; i < fleet->order_count; i++) {
                const struct fleet_instance *instance = fleet->instances[fleet->order[i]];

                if (instance->index && instances_is_loaded(instance) &&
                        instance->loaded >= l->news_since)
                        fleet_effects_add(fleet->out, FLEET_FX_LOSSES)->instance = instance->index;
        }
        l->is_news = false;
        l->news_since = USEC_NEVER;
}

/*
 * As text.
 */

void losses_save(const struct losses *l, struct saver *saver)
{
        for (const struct claim *claim = l->claims; claim; claim = claim->hh.next) {
                saver_item(saver, "claim");
                saver_text(saver, "group", claim->group);
                saver_text(saver, "name", claim->name);
                save_instance(saver, "instance", claim->instance);
                saver_count(saver, "life", claim->life);
                saver_flag(saver, "awaited", claim->is_awaited);
                saver_time(saver, "until", claim->until);
                saver_rest(saver, claim->rest);
        }
}

static void restore_one(struct fleet *fleet, struct saved_item *item)
{
        const char *group = saved_text(item, "group"), *name = saved_text(item, "name");
        struct claim *claim;
        char *key;

        if (!group || !name) {
                saved_fail(item, "group", "a claim about no process");
                return;
        }
        key = mem_format("%s:%s", group, name);
        HASH_FIND_STR(fleet->losses->claims, key, claim);
        if (claim) {
                saved_fail(item, "name", "a second claim about it");
                mem_free(key);
                return;
        }
        claim = mem_new(sizeof(*claim));
        claim->key = key;
        claim->group = mem_strdup(group);
        claim->name = mem_strdup(name);
        claim->instance = restore_instance(fleet, item, "instance");
        claim->life = saved_count(item, "life", INT64_MAX, 0);
        claim->is_awaited = saved_flag(item, "awaited");
        claim->until = saved_time(item, "until", 0);
        claim->rest = saved_rest(item);
        HASH_ADD_KEYPTR(hh, fleet->losses->claims, claim->key, strlen(claim->key), claim);
        fleet->losses->deadline = usec_min(fleet->losses->deadline, claim->until);
}

void losses_restore(struct fleet *fleet, struct saved_item *fleet_item)
{
        for (struct saved_item *at = saved_inner(fleet_item, "claim"); at; at = saved_next(at))
                restore_one(fleet, at);
}
