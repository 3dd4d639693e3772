/* Children, from one image of the daemon to the next: see children.h. */
#include <errno.h>
#include <limits.h>

#include "base/fd.h"
#include "cgroup/handover.h"
#include "daemon/children_table.h"
#include "daemon/daemon.h"
#include "daemon/fcgi.h"
#include "daemon/kept.h"
#include "daemon/survival.h"

/*
 * Writing.
 */

static void add_descriptor(void *context, int fd)
{
        descriptors_add(context, fd);
}

static void save_child(
        const struct child *child, struct saver *saver, struct descriptors *descriptors)
{
        const struct process *process = engine_process(child->daemon->engine, child->id);

        saver_item(saver, "child");
        saver_count(saver, "id", child->id);
        if (process) { /* for who finds it again after a crash */
                saver_text(saver, "group", process->group_name);
                saver_text(saver, "process", process->program->name);
        }
        saver_number(saver, "pid", child->pid);
        descriptors_save(descriptors, saver, "pidfd", child->pidfd);
        saver_flag(saver, "drains", child->empty_source);
        saver_flag(saver, "has_tried_cgroup", child->slot_tried);
        saver_count(saver, "limits", child->applied.slot);
        saver_count(saver, "group_limits", child->applied.group);
        saver_flag(saver, "is_told_of_limits", child->applied.is_told);
        birth_save_fields(&child->birth, saver);
        saver_flag(saver, "is_stranger", child->is_stranger);
        if (child->has_heard)
                saver_number(saver, "heard", child->heard);
        if (child->socket)
                saver_number(saver, "fcgi", fcgi_fd(child->socket));
        kept_save(child, saver);
        saver_rest(saver, child->rest);
        saver_inner(saver);
        if (child->slot)
                cgroup_slot_save(child->slot, saver, descriptors);
        channels_save(&child->channels, saver);
        channels_each_fd(&child->channels, add_descriptor, descriptors);
        saver_outer(saver);
}

/* A socket that only those who run with it know: written by the first of them. */
static bool is_first_user(const struct child *child)
{
        const struct child *other = child->daemon->children->by_id;

        while (other->socket != child->socket)
                other = other->by_id.next;
        return other == child;
}

void children_save(const struct daemon *d, struct saver *saver, struct descriptors *descriptors)
{
        const struct child *child;

        fcgi_save_all(d, saver, descriptors);
        for (child = d->children->by_id; child; child = child->by_id.next)
                if (child->socket && !fcgi_is_listed(child->socket) && is_first_user(child))
                        fcgi_save_one(child->socket, saver, descriptors);
        for (child = d->children->by_id; child; child = child->by_id.next)
                save_child(child, saver, descriptors);
}

/*
 * Reading.
 */

static void restore_slot(struct child *child, const struct process *process,
        struct saved_item *item, struct descriptors *descriptors)
{
        struct saved_item *inner = saved_inner(item, "cgroup_slot");
        struct daemon *d = child->daemon;
        struct err err = {};

        child->slot_tried = saved_flag(item, "has_tried_cgroup");
        if (!inner || !d->tree)
                return;
        if (cgroup_slot_find(
                    d->tree, process->group_name, process->program->name, &child->slot, &err) < 0)
                saved_fail(inner, "peak_fd", "%s", err.text);
        else
                cgroup_slot_restore(child->slot, inner, descriptors);
}

static void restore_fields(struct child *child, struct saved_item *item)
{
        child->applied.slot = (uint32_t)saved_count(item, "limits", UINT32_MAX, 0);
        child->applied.group = (uint32_t)saved_count(item, "group_limits", UINT32_MAX, 0);
        child->applied.is_told = saved_flag(item, "is_told_of_limits");
        birth_restore_fields(item, &child->birth);
        child->is_stranger = saved_flag(item, "is_stranger");
        child->has_heard = saved_has(item, "heard");
        child->heard = (int)saved_number(item, "heard", INT_MIN, INT_MAX, 0);
        if (!saved_has(item, "fcgi"))
                return;
        child->socket =
                fcgi_restored(child->daemon, (int)saved_number(item, "fcgi", 0, INT_MAX, -1));
        if (!child->socket)
                saved_fail(item, "fcgi", "there is no such socket");
}

static int restore_run(
        struct child *child, struct saved_item *item, struct descriptors *descriptors)
{
        struct child *other;

        child->pid = (pid_t)saved_number(item, "pid", 0, INT_MAX, 0);
        child->pidfd = descriptors_take(descriptors, item, "pidfd");
        if (saved_flag(item, "drains") && child->slot) {
                int r = children_watch_empty(child);

                if (r < 0)
                        return r;
        }
        if (!child->pid)
                return 0;
        HASH_FIND(by_pid, child->daemon->children->by_pid, &child->pid, sizeof(child->pid), other);
        if (other || child->pidfd < 0) {
                child->pid = 0;
                saved_fail(item, "pid", other ? "there twice" : "without a descriptor");
                return 0;
        }
        return children_watch(child);
}

static void claim_descriptor(void *context, int fd)
{
        descriptors_claim(context, fd);
}

static int restore_channels(struct child *child, const struct process *process,
        struct saved_item *item, struct descriptors *descriptors, struct err *err)
{
        const struct channel_ends none = { -1, -1, -1 };
        bool is_check = survival_is_check(child->daemon->survival);
        int r = channels_restore(
                &child->channels, child, process, item, is_check ? &none : NULL, err);

        channels_each_fd(&child->channels, claim_descriptor, descriptors);
        return r;
}

static int restore_child(
        struct daemon *d, struct saved_item *item, struct descriptors *descriptors, struct err *err)
{
        uint32_t id = (uint32_t)saved_count(item, "id", UINT32_MAX, 0);
        const struct process *process = engine_process(d->engine, id);
        struct child *child;
        int r;

        if (!process || children_find(d, id)) {
                saved_fail(item, "id", process ? "there twice" : "no such process");
                return 0;
        }
        child = children_new_child(d, id);
        /* For other builds, and for other ways to go on from this. */
        (void)saved_has(item, "group");
        (void)saved_has(item, "process");
        restore_slot(child, process, item, descriptors);
        restore_fields(child, item);
        kept_restore(child, item);
        r = restore_channels(child, process, saved_inner(item, "channels"), descriptors, err);
        if (r >= 0) {
                r = restore_run(child, item, descriptors);
                if (r < 0)
                        (void)err_errno(err, r, "cannot watch pid %d", child->pid);
        }
        child->rest = saved_rest(item);
        return r;
}

/* Who was made by a build that did not write it: as if it came now. */
static void add_missing(struct daemon *d)
{
        for (size_t i = 0; i < engine_groups_count(d->engine); i++) {
                struct engine_group group = engine_group_at(d->engine, i);

                for (size_t j = 0; j < group.processes_count; j++)
                        if (!children_find(d, group.processes[j]->id))
                                children_add(d, group.processes[j]->id);
        }
}

int children_restore(
        struct daemon *d, struct saved *saved, struct descriptors *descriptors, struct err *err)
{
        struct saved_item *item;
        int r = 0;

        fcgi_restore(d, saved, descriptors);
        for (item = saved_first(saved, "child"); item && r >= 0; item = saved_next(item))
                r = restore_child(d, item, descriptors, err);
        fcgi_restore_end(d);
        if (r >= 0)
                r = saved_status(saved, err);
        if (r >= 0 && !survival_is_check(d->survival))
                add_missing(d);
        return r;
}
