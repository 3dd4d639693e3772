/* Children while they run: what is done to them and asked of them.  See children.h. */
#include <errno.h>
#include <signal.h>
#include <sys/types.h>

#include "cgroup/limit.h"
#include "cgroup/proctree.h"
#include "cgroup/sample.h"
#include "cgroup/tree.h"
#include "cgroup/usage.h"
#include "daemon/adoption.h"
#include "daemon/children_table.h"
#include "daemon/daemon.h"

int children_signal(struct daemon *d, uint32_t id, int signal, enum signal_scope scope)
{
        const struct child *child = children_find(d, id);
        int r = 0;

        if (!child)
                return -ESRCH;
        switch (scope) {
        case SIGNAL_PROCESS:
        case SIGNAL_GROUP:
                /* Whoever is not ours to reap may have been reaped, and his pid be another's. */
                if (!child->pid || (child->is_stranger && adoption_has_ended(child)))
                        return -ESRCH;
                r = kill(scope == SIGNAL_GROUP ? -child->pid : child->pid, signal);
                break;
        case SIGNAL_LEFTOVERS:
                if (!child->slot)
                        return -ESRCH;
                r = cgroup_slot_signal(child->slot, signal); /* how many got it */
                return r < 0 ? r : 0;
        }
        return r < 0 ? -errno : 0;
}

void children_kill_all(struct daemon *d, uint32_t id)
{
        struct child *child = children_find(d, id);
        int r = child && child->slot ? cgroup_slot_kill(child->slot) : 0;

        if (r < 0)
                daemon_log(d, LOG_LEVEL_ERROR, engine_process(d->engine, id),
                        "cannot kill the cgroup of slot %u: %s", id, strerrordesc_np(-r));
}

const char *children_log_path(struct daemon *d, uint32_t id, bool is_stderr)
{
        const struct child *child = children_find(d, id);

        if (!child)
                return NULL;
        return is_stderr ? child->channels.err.path : child->channels.out.path;
}

int children_clear_logs(struct daemon *d, uint32_t id)
{
        struct child *child = children_find(d, id);

        return child ? channels_clear_logs(&child->channels) : 0;
}

void children_write_journal_again(struct daemon *d)
{
        struct child *child, *next;

        HASH_ITER (by_id, d->children->by_id, child, next) {
                const struct process *process = engine_process(d->engine, child->id);

                if (process)
                        channels_write_journal_again(&child->channels, process);
        }
}

void children_hear_logs(struct daemon *d)
{
        struct child *child, *next;

        HASH_ITER (by_pid, d->children->by_pid, child, next) {
                const struct process *process = engine_process(d->engine, child->id);

                if (process)
                        channels_hear_logs(&child->channels, process->program);
        }
}

void children_strip_ansi(struct daemon *d)
{
        struct child *child, *next;

        HASH_ITER (by_pid, d->children->by_pid, child, next)
                channels_strip_ansi(&child->channels, d->config->strip_ansi);
}

int children_write_stdin(struct daemon *d, uint32_t id, const char *data, size_t length)
{
        struct child *child = children_find(d, id);

        return child ? channels_write(&child->channels, data, length) : -EPIPE;
}

struct rescan {
        struct descendants *descendants;
        uint32_t id;
};

int children_sample(const struct daemon *d, uint32_t id, struct cgroup_sample *ret)
{
        const struct child *child = children_find(d, id);
        struct figures figures;
        int r;

        if (!child || !child->pid)
                return -ENOENT;
        if (child->slot)
                return cgroup_sample_slot(child->slot, ret);
        r = proctree_usage(child->pid, &figures);
        if (r >= 0 && !figures_knows(&figures, FIGURE_MEMORY))
                r = -ENODATA;
        if (r >= 0)
                *ret = (struct cgroup_sample){ figures.value[FIGURE_CPU],
                        figures.value[FIGURE_MEMORY], FIGURE_FROM_PROC };
        return r;
}

int children_usage(const struct daemon *d, uint32_t id, uint32_t wanted, struct figures *ret)
{
        const struct child *child = children_find(d, id);

        if (!child || !child->pid)
                return -ENOENT;
        if (child->slot)
                return cgroup_slot_run(child->slot, wanted, ret);
        return proctree_usage(child->pid, ret);
}

int children_freeze(struct daemon *d, uint32_t id, bool frozen)
{
        const struct child *child = children_find(d, id);

        return child && child->slot ? cgroup_slot_freeze(child->slot, frozen) : -EOPNOTSUPP;
}

bool children_is_frozen(const struct daemon *d, uint32_t id)
{
        const struct child *child = children_find(d, id);

        return child && child->slot && child->pid && cgroup_slot_frozen(child->slot) == 1;
}

int children_change_limits(struct daemon *d, uint32_t id, struct err *err)
{
        struct child *child = children_find(d, id);
        const struct process *process = engine_process(d->engine, id);

        return child && child->pid && process ? limits_change(d, child, process, err) : 0;
}

static int join_member(void *context, pid_t pid)
{
        const struct rescan *rescan = context;

        descendants_join(rescan->descendants, pid, rescan->id);
        return 1;
}

void children_rescan(struct daemon *d, struct descendants *descendants)
{
        struct child *child, *next;

        HASH_ITER (by_pid, d->children->by_pid, child, next) {
                struct rescan rescan = { .descendants = descendants, .id = child->id };

                if (child->slot) /* a failure means that nobody is there */
                        (void)cgroup_slot_each(child->slot, join_member, &rescan);
        }
}

void children_introduce(struct daemon *d, struct descendants *descendants)
{
        struct child *child, *next;

        HASH_ITER (by_pid, d->children->by_pid, child, next) {
                descendants_add(descendants, child->pid, child->id);
                if (child->is_stranger)
                        descendants_attend(descendants, true);
        }
        children_rescan(d, descendants);
}
