/* What earlier runs left in our subtree: found, told, ended, cleared away.  See slots.h. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "cgroup/attribute.h"
#include "cgroup/members.h"
#include "cgroup/slots.h"
#include "cgroup/unitname.h"

struct sweep {
        const struct cgroup_tree *tree;
        const char *slice;
        bool spares_open; /* slots that are open are not leftovers */
        bool is_waiting;  /* the second round: see who is still there */
};

static void tell(const struct cgroup_tree *tree, enum log_level level, const char *text)
{
        if (tree->sink.write)
                tree->sink.write(tree->sink.context, level, text);
}

static bool has_suffix(const char *name, const char *suffix)
{
        size_t length = strlen(name);

        return length > strlen(suffix) && strcmp(name + length - strlen(suffix), suffix) == 0;
}

static bool is_open(const struct sweep *sweep, const char *scope)
{
        CLEANUP(mem_free) char *path = mem_format("%s/%s", sweep->slice, scope);
        struct cgroup_slot *slot;

        if (!sweep->spares_open)
                return false;
        HASH_FIND_STR(sweep->tree->slots, path, slot);
        return slot != NULL;
}

static void end_scope(const struct sweep *sweep, int dir, const char *scope)
{
        CLEANUP(text_clear) struct text text = {};
        int count = members_count(dir), r;

        if (sweep->is_waiting) {
                if (members_wait(dir, END_WAIT_MSEC) != 0)
                        return;
                text_append(&text, "processes that an earlier run left in '");
                unitname_namespec(&text, sweep->slice, scope);
                text_append(&text, "' cannot be ended");
                tell(sweep->tree, LOG_LEVEL_WARN, text_string(&text));
                return;
        }
        r = members_kill(dir);
        text_format(&text,
                r < 0 ? "could not end %d process%s that an earlier run left in '"
                      : "ended %d process%s that an earlier run left in '",
                count, count == 1 ? "" : "es");
        unitname_namespec(&text, sweep->slice, scope);
        text_append(&text, "'");
        tell(sweep->tree, LOG_LEVEL_WARN, text_string(&text));
}

static int visit_scope(void *context, int slice, const char *name)
{
        const struct sweep *sweep = context;
        CLEANUP(fd_close) int dir = -1;

        if (is_open(sweep, name))
                return 0;
        dir = attribute_open_dir(slice, name);
        if (dir >= 0 && members_populated(dir) == 1 && !slot_is_spared(dir))
                end_scope(sweep, dir, name);
        return 0;
}

static int clear_scope(void *context, int slice, const char *name)
{
        const struct sweep *sweep = context;

        if (!is_open(sweep, name))
                (void)members_remove(slice, name); /* what lives stays */
        return 0;
}

/* False: that is no slice of ours. */
static bool each_scope(struct sweep *sweep, int base, const char *slice,
        int (*visit)(void *context, int slice, const char *name))
{
        CLEANUP(fd_close) int dir = -1;

        if (!has_suffix(slice, ".slice"))
                return false;
        dir = attribute_open_dir(base, slice);
        if (dir < 0)
                return false;
        sweep->slice = slice;
        (void)members_each_child(dir, visit, sweep); /* each is only tried */
        return true;
}

static int visit_slice(void *context, int base, const char *name)
{
        (void)each_scope(context, base, name, visit_scope); /* others may stand there */
        return 0;
}

static int clear_slice(void *context, int base, const char *name)
{
        if (each_scope(context, base, name, clear_scope))
                (void)unlinkat(base, name, AT_REMOVEDIR); /* if that was the last of it */
        return 0;
}

/* All are killed before any is waited for.  None of these can fail as a whole: each slot is tried,
 * and what could not be done was told. */
static void end_all(const struct cgroup_tree *tree, int base, bool spares_open)
{
        struct sweep sweep = { .tree = tree, .spares_open = spares_open };

        (void)members_each_child(base, visit_slice, &sweep);
        sweep.is_waiting = true;
        (void)members_each_child(base, visit_slice, &sweep);
        (void)members_each_child(base, clear_slice, &sweep);
}

void leftovers_end(const struct cgroup_tree *tree)
{
        end_all(tree, tree->place->dir, true);
}

void leftovers_clear(const struct cgroup_tree *tree)
{
        struct sweep sweep = { .tree = tree, .spares_open = true };

        (void)members_each_child(tree->place->dir, clear_slice, &sweep); /* each is only tried */
}

static int visit_sibling(void *context, int parent, const char *name)
{
        const struct cgroup_tree *tree = context;
        CLEANUP(fd_close) int dir = -1, lock = -1;

        if (!place_is_sibling(tree->place, name) || strcmp(name, tree->place->name) == 0)
                return 0;
        dir = attribute_open_dir(parent, name);
        if (dir < 0)
                return 0;
        lock = place_lock(dir);
        if (lock < 0)
                return 0; /* its owner lives */
        if (place_is_claimed(tree->place, dir))
                return 0; /* its owner comes back */
        end_all(tree, dir, false);
        (void)members_remove(parent, name); /* what could not be ended was told */
        /* Its groups in v1, empty by now: found, and removed with the closing. */
        (void)v1_close(v1_open(name, v1_controllers(tree->v1)));
        return 0;
}

void leftovers_end_siblings(const struct cgroup_tree *tree)
{
        /* Each is only tried. */
        (void)members_each_child(tree->place->parent, visit_sibling, (void *)tree);
}
