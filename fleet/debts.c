/* Debts: see debts.h. */
#define uthash_malloc(size)  mem_new(size)
#define uthash_free(p, size) mem_free(p)
#define uthash_fatal(text)   __builtin_unreachable() /* memory does not run out: base/mem.h */
#include "fleet/debts.h"

#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "fleet/failures.h"
#include "fleet/restore.h"
#include "fleet/sequencing.h"
#include "fleet/starter.h"
#include "fleet/stopper.h"

#define DEBTS_MAX FLEET_PROCESSES_MAX
/* Whoever was to start it again and was not heard of for so long has thought otherwise. */
#define DEBTS_USEC (120 * USEC_SEC)

struct debt {      /* of another one */
        char *key; /* both names */
        char *group, *name;
        usec_t until;
        char *rest; /* saved_rest() of a later build; NULL: nothing */
        UT_hash_handle hh;
};

struct debts {
        struct debt *of_others;
        struct fleet_process **ours; /* as others were told */
        size_t count, capacity;
};

struct debts *debts_new(void)
{
        return mem_new(sizeof(struct debts));
}

static void drop(struct debts *d, struct debt *debt)
{
        HASH_DEL(d->of_others, debt);
        mem_free(debt->key);
        mem_free(debt->group);
        mem_free(debt->name);
        mem_free(debt->rest);
        mem_free(debt);
}

struct debts *debts_free(struct debts *d)
{
        if (!d)
                return NULL;
        while (d->of_others)
                drop(d, d->of_others);
        mem_free(d->ours);
        return mem_free(d);
}

/*
 * Those of others.
 */

static struct debt *find(const struct debts *d, const char *group, const char *name)
{
        CLEANUP(mem_free) char *key = mem_format("%s:%s", group, name);
        struct debt *debt;

        HASH_FIND_STR(d->of_others, key, debt);
        return debt;
}

static struct debt *add(struct debts *d, const char *group, const char *name)
{
        struct debt *debt = mem_new(sizeof(*debt));

        debt->group = mem_strdup(group);
        debt->name = mem_strdup(name);
        debt->key = mem_format("%s:%s", group, name);
        HASH_ADD_KEYPTR(hh, d->of_others, debt->key, strlen(debt->key), debt);
        return debt;
}

void debts_told(struct fleet *fleet, const struct fleet_loss *told)
{
        struct debts *d = fleet->debts;
        struct debt *debt = find(d, told->group, told->name);

        if (told->is_paid) {
                if (debt)
                        drop(d, debt);
                return;
        }
        if (fleet->acting || (!debt && HASH_COUNT(d->of_others) >= DEBTS_MAX))
                return;
        if (!debt)
                debt = add(d, told->group, told->name);
        debt->until = usec_add(fleet->now, DEBTS_USEC);
}

static void append(struct fleet_loss **list, size_t *count, size_t *capacity, const char *group,
        const char *name)
{
        *list = mem_grow(*list, capacity, *count + 1, sizeof(**list));
        (*list)[(*count)++] = (struct fleet_loss){
                .group = group, .name = name, .instance = FLEET_NONE, .is_owed = true
        };
}

void debts_tell(
        const struct fleet *fleet, struct fleet_loss **list, size_t *count, size_t *capacity)
{
        const struct debts *d = fleet->debts;

        for (size_t i = 0; i < d->count; i++)
                append(list, count, capacity, d->ours[i]->application->name, d->ours[i]->name);
        for (const struct debt *debt = d->of_others; debt; debt = debt->hh.next)
                if (fleet->now < debt->until)
                        append(list, count, capacity, debt->group, debt->name);
}

/*
 * Ours.
 */

static void remember(struct fleet *fleet, struct fleet_process *process)
{
        struct debts *d = fleet->debts;

        process->owed = true;
        d->ours = mem_grow(d->ours, &d->capacity, d->count + 1, sizeof(struct fleet_process *));
        d->ours[d->count++] = process;
}

static void tell_all(struct fleet *fleet, const struct fleet_process *process)
{
        state_tell_process(fleet, FLEET_FX_OWED, process)->owed.is_paid = !process->owed;
}

static bool runs(const struct fleet_process *process)
{
        for (size_t i = 0; i < process->records_count; i++)
                if (process_state_is_running(process->records[i]->state))
                        return true;
        return false;
}

void debts_inherit(struct fleet *fleet)
{
        struct debts *d = fleet->debts;
        struct debt *debt, *next;

        for (debt = d->of_others; debt; debt = next) {
                struct fleet_application *application = fleet_application_find(fleet, debt->group);
                struct fleet_process *process =
                        application ? fleet_process_find(application, debt->name) : NULL;
                bool is_due = process && fleet->now < debt->until && !runs(process);
                struct wish wish;

                next = debt->hh.next;
                drop(d, debt);
                if (!is_due)
                        continue;
                wish = starter_wish(application);
                stopper_restart_process(fleet, process, &wish);
                if (!process->owed)
                        remember(fleet, process);
        }
}

static void owe(struct fleet *fleet, struct fleet_process *process)
{
        process->owes = true;
        if (process->owed)
                return;
        remember(fleet, process);
        tell_all(fleet, process);
}

static void owe_application(struct fleet *fleet, struct fleet_application *application)
{
        for (size_t i = 0; i < application->processes_count; i++)
                if (application->processes[i]->rules->start_sequence > 0)
                        owe(fleet, application->processes[i]);
}

/* Callers are told when it comes to nothing, and ask again. */
static void owe_job(struct fleet *fleet, const struct fleet_job *job)
{
        for (size_t i = 0; i < job->deferrals_count; i++) {
                const struct deferral *deferral = &job->deferrals[i];

                if (deferral->batch || deferral->holders.count)
                        continue;
                if (deferral->process)
                        owe(fleet, deferral->process);
                else
                        owe_application(fleet, job->application);
        }
}

static void owe_trouble(struct fleet *fleet, const struct trouble *trouble)
{
        if (trouble->restart)
                owe_application(fleet, trouble->application);
        for (size_t i = 0; i < trouble->processes_count; i++)
                owe(fleet, trouble->processes[i]);
}

static void owe_all(struct fleet *fleet)
{
        const struct trouble *trouble;

        for (const struct fleet_job *job = fleet->sequencing->stops.first; job; job = job->hh.next)
                owe_job(fleet, job);
        for (trouble = fleet->sequencing->troubles; trouble; trouble = trouble->hh.next)
                owe_trouble(fleet, trouble);
}

/* Until they run. */
void debts_settle(struct fleet *fleet)
{
        struct debts *d = fleet->debts;
        size_t kept = 0;

        if (fleet->acting)
                owe_all(fleet);
        for (size_t i = 0; i < d->count; i++) {
                struct fleet_process *process = d->ours[i];
                bool owes = process->owes || sequencing_is_to_start(fleet, process);

                process->owes = false;
                if (owes && fleet->acting) {
                        d->ours[kept++] = process;
                        continue;
                }
                process->owed = false;
                if (fleet->acting) /* else the next master decides */
                        tell_all(fleet, process);
        }
        d->count = kept;
}

void debts_forget_process(struct fleet *fleet, struct fleet_process *process)
{
        struct debts *d = fleet->debts;
        size_t kept = 0;

        for (size_t i = 0; i < d->count; i++)
                if (d->ours[i] != process)
                        d->ours[kept++] = d->ours[i];
        d->count = kept;
}

/*
 * As text.
 */

void debts_save(const struct debts *d, struct saver *saver)
{
        for (size_t i = 0; i < d->count; i++) {
                saver_item(saver, "owed");
                saver_text(saver, "group", d->ours[i]->application->name);
                saver_text(saver, "name", d->ours[i]->name);
        }
        for (const struct debt *debt = d->of_others; debt; debt = debt->hh.next) {
                saver_item(saver, "debt");
                saver_text(saver, "group", debt->group);
                saver_text(saver, "name", debt->name);
                saver_time(saver, "until", debt->until);
                saver_rest(saver, debt->rest);
        }
}

static void restore_ours(struct fleet *fleet, struct saved_item *item)
{
        struct fleet_application *application = restore_application(fleet, item, "group");
        struct fleet_process *process =
                application ? restore_process(application, item, "name") : NULL;

        if (!process || process->owed)
                saved_fail(item, "name", "no process is owed by this, or twice");
        else
                remember(fleet, process);
}

static void restore_other(struct fleet *fleet, struct saved_item *item)
{
        const char *group = saved_text(item, "group"), *name = saved_text(item, "name");
        struct debt *debt;

        if (!group || !name || find(fleet->debts, group, name)) {
                saved_fail(item, "name", "a debt about no process, or a second one");
                return;
        }
        debt = add(fleet->debts, group, name);
        debt->until = saved_time(item, "until", 0);
        debt->rest = saved_rest(item);
}

void debts_restore(struct fleet *fleet, struct saved_item *fleet_item)
{
        for (struct saved_item *at = saved_inner(fleet_item, "owed"); at; at = saved_next(at))
                restore_ours(fleet, at);
        for (struct saved_item *at = saved_inner(fleet_item, "debt"); at; at = saved_next(at))
                restore_other(fleet, at);
}
