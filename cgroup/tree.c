/* The subtree: see tree.h. */
#include "cgroup/tree.h"

#include <errno.h>

#include "base/text.h"
#include "cgroup/give.h"
#include "cgroup/limit.h"
#include "cgroup/slots.h"

/* These give figures that v2 has not; the others come with limits. */
static unsigned v1_wanted(const struct place *place, const struct cgroup_options *options)
{
        unsigned wanted = controller_bit(CONTROLLER_MEMORY) | controller_bit(CONTROLLER_PIDS) |
                          controller_bit(CONTROLLER_IO);

        for (const char *const *limit = options->limits; limit && *limit; limit++)
                wanted |= limit_controller(*limit);
        return wanted & ~place->controllers;
}

static unsigned v1_offered(const struct cgroup_tree *tree)
{
        unsigned offered = 0;

        for (unsigned c = 0; c < CONTROLLER_COUNT; c++)
                if (!(tree->place->controllers & controller_bit(c)) && v1_dir(tree->v1, c) < 0 &&
                        v1_has(c))
                        offered |= controller_bit(c);
        return offered;
}

static void append_list(struct text *text, unsigned controllers)
{
        const char *separator = "";

        for (unsigned c = 0; c < CONTROLLER_COUNT; c++)
                if (controllers & controller_bit(c)) {
                        text_format(text, "%s%s", separator, controller_names[c]);
                        separator = ", ";
                }
}

static unsigned missing(const struct cgroup_tree *tree)
{
        return ((1U << CONTROLLER_COUNT) - 1) & ~tree->place->controllers &
               ~v1_controllers(tree->v1) & ~v1_offered(tree);
}

bool cgroup_tree_is_complete(const struct cgroup_tree *tree)
{
        return missing(tree) == 0;
}

static char *describe(const struct cgroup_tree *tree)
{
        unsigned v2 = tree->place->controllers, v1 = v1_controllers(tree->v1);
        unsigned offered = v1_offered(tree);
        unsigned none = missing(tree);
        struct text text = {};

        text_format(&text, "programs run in cgroups of their own under '%s', controllers: ",
                tree->place->path);
        if (v2) {
                append_list(&text, v2);
                text_append(&text, " of version 2");
        }
        if (v1) {
                text_append(&text, v2 ? "; " : "");
                append_list(&text, v1);
                text_append(&text, " of version 1");
        }
        if (offered) {
                text_append(&text, v1 | v2 ? "; " : "");
                append_list(&text, offered);
                text_append(&text, " of version 1 where a limit asks for it");
        }
        if (none) {
                text_append(&text, v1 | v2 | offered ? "; " : "");
                append_list(&text, none);
                text_append(&text, " not available");
                if (tree->place->why_not)
                        text_format(&text, " (%s)", tree->place->why_not);
        }
        if (tree->kills_births)
                text_append(&text, "; processes are attached after their birth, since cgroup.kill "
                                   "was used in the daemon's own cgroup");
        return text_take(&text);
}

int cgroup_tree_open(
        const struct cgroup_options *options, struct cgroup_tree **ret, struct err *err)
{
        CLEANUP(cgroup_tree_close) struct cgroup_tree *tree = mem_new(sizeof(*tree));
        int r;

        tree->sink = options->sink;
        r = place_find(options, &tree->place, err);
        if (r < 0)
                return r;
        /* "lock" is a cgroup of ours in which nobody lives. */
        tree->kills_births = !births_survive(tree->place->lock);
        tree->v1 = v1_open(tree->place->name, v1_wanted(tree->place, options));
        if (!tree->place->is_root)
                (void)give_take_back(tree); /* what remains another's is still ours to use */
        if (options->adopt)
                leftovers_clear(tree);
        else {
                leftovers_end(tree);
                leftovers_end_siblings(tree);
                v1_clear(tree->v1);
        }
        tree->description = describe(tree);
        *ret = TAKE(tree);
        return 0;
}

struct cgroup_tree *cgroup_tree_close(struct cgroup_tree *tree)
{
        if (!tree)
                return NULL;
        if (tree->place)
                leftovers_clear(tree);
        tree->v1 = v1_close(tree->v1);
        tree->place = place_leave(tree->place);
        mem_free(tree->description);
        mem_free(tree->rest);
        return mem_free(tree);
}

const char *cgroup_tree_describe(const struct cgroup_tree *tree)
{
        return tree->description;
}

const char *cgroup_tree_name(const struct cgroup_tree *tree)
{
        return tree->place->name;
}

void cgroup_tree_sweep(struct cgroup_tree *tree)
{
        leftovers_end(tree);
        leftovers_end_siblings(tree);
}
