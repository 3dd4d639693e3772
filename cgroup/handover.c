/* Handover: see handover.h. */
#include "cgroup/handover.h"

#include <errno.h>

#include "base/fd.h"
#include "cgroup/slots.h"

void cgroup_tree_save(
        const struct cgroup_tree *tree, struct saver *saver, struct descriptors *descriptors)
{
        const struct place *place = tree->place;

        saver_item(saver, "cgroup_tree");
        descriptors_save(descriptors, saver, "parent_fd", place->parent);
        descriptors_save(descriptors, saver, "fd", place->dir);
        descriptors_save(descriptors, saver, "lock_fd", place->lock);
        saver_text(saver, "parent_path", place->parent_path);
        saver_text(saver, "path", place->path);
        saver_text(saver, "stem", place->stem);
        saver_text(saver, "name", place->name);
        saver_flag(saver, "is_root", place->is_root);
        saver_flag(saver, "moved", place->moved);
        saver_count(saver, "parent_turned_on", place->parent_turned_on);
        saver_count(saver, "controllers", place->controllers);
        saver_flag(saver, "kills_births", tree->kills_births);
        saver_text(saver, "description", tree->description);
        saver_rest(saver, tree->rest);
        v1_save(tree->v1, saver, descriptors);
}

static char *take_text(struct saved_item *item, const char *key)
{
        const char *text = saved_text(item, key);

        if (!text)
                saved_fail(item, key, "missing");
        return mem_strdup(text ? text : "");
}

static struct place *restore_place(struct saved_item *item, struct descriptors *descriptors)
{
        struct place *place = mem_new(sizeof(*place));
        const uint64_t all = (1U << CONTROLLER_COUNT) - 1;

        place->parent = descriptors_take(descriptors, item, "parent_fd");
        place->dir = descriptors_take(descriptors, item, "fd");
        place->lock = descriptors_take(descriptors, item, "lock_fd");
        if (place->parent < 0 || place->dir < 0 || place->lock < 0)
                saved_fail(item, "fd", "a directory is missing");
        place->parent_path = take_text(item, "parent_path");
        place->path = take_text(item, "path");
        place->stem = take_text(item, "stem");
        place->name = take_text(item, "name");
        place->is_root = saved_flag(item, "is_root");
        place->moved = saved_flag(item, "moved");
        place->parent_turned_on = (unsigned)saved_count(item, "parent_turned_on", all, 0);
        place->controllers = (unsigned)saved_count(item, "controllers", all, 0);
        return place;
}

/* In place of the closing, which would take away what is another image's. */
static void forget(struct cgroup_tree *tree)
{
        tree->v1 = v1_forget(tree->v1);
        place_forget(tree->place);
        mem_free(tree->description);
        mem_free(tree->rest);
        mem_free(tree);
}

int cgroup_tree_restore(struct saved_item *item, struct descriptors *descriptors,
        struct log_sink sink, struct cgroup_tree **ret, struct err *err)
{
        struct cgroup_tree *tree = mem_new(sizeof(*tree));
        int r;

        tree->sink = sink;
        tree->place = restore_place(item, descriptors);
        tree->v1 = v1_restore(item, descriptors);
        tree->kills_births = saved_flag(item, "kills_births");
        tree->description = take_text(item, "description");
        tree->rest = saved_rest(item);
        r = saved_status(saved_of(item), err);
        if (r < 0) {
                forget(tree);
                return r;
        }
        *ret = tree;
        return 0;
}

void cgroup_slot_save(
        const struct cgroup_slot *slot, struct saver *saver, struct descriptors *descriptors)
{
        saver_item(saver, "cgroup_slot");
        saver_flag(saver, "distrusted", slot->is_distrusted);
        /* The peak of the run is known to who reads through this very descriptor. */
        descriptors_save(descriptors, saver, "peak_fd", slot->peak);
        saver_flag(saver, "has_begun", slot->is_before_known);
        figures_save(&slot->before, saver);
        saver_rest(saver, slot->rest);
}

void cgroup_slot_restore(
        struct cgroup_slot *slot, struct saved_item *item, struct descriptors *descriptors)
{
        slot->is_distrusted = saved_flag(item, "distrusted");
        slot->peak = fd_close(slot->peak);
        slot->peak = descriptors_take(descriptors, item, "peak_fd");
        slot->is_before_known = saved_flag(item, "has_begun");
        figures_restore(&slot->before, item);
        mem_free(slot->rest);
        slot->rest = saved_rest(item);
}
