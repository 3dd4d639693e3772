/* Handing the subtree to the user that the daemon is about to become: see give.h. */
#include "cgroup/give.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroup/attribute.h"

/* cgroup-v2.rst, "Model of Delegation": the directory and just these files; of v1 there are two. */
static const char *const delegated[] = {
        "cgroup.procs",
        "cgroup.threads",
        "cgroup.subtree_control",
        "tasks",
};

static int give_dir(int dir, uid_t uid, gid_t gid)
{
        if (fchown(dir, uid, gid) < 0)
                return -errno;
        for (size_t i = 0; i < ELEMENTS(delegated); i++)
                if (fchownat(dir, delegated[i], uid, gid, 0) < 0 && errno != ENOENT)
                        return -errno;
        return 0;
}

/* A process is put into a group only by who may write to the nearest group above both where it is
 * and where it goes: so the daemon has to live in the subtree itself. */
static int move_in(int tree, uid_t uid, gid_t gid)
{
        CLEANUP(fd_close) int leaf = -1;
        int r;

        if (mkdirat(tree, CGROUP_DAEMON_LEAF, 0755) < 0 && errno != EEXIST)
                return -errno;
        leaf = attribute_open_dir(tree, CGROUP_DAEMON_LEAF);
        if (leaf < 0)
                return leaf;
        r = give_dir(leaf, uid, gid);
        return r < 0 ? r : attribute_write(leaf, "cgroup.procs", "0");
}

static int give_all(struct cgroup_tree *tree, uid_t uid, gid_t gid)
{
        int r = 0;

        for (unsigned c = 0; r >= 0 && c < CONTROLLER_COUNT; c++)
                if (v1_dir(tree->v1, (enum controller)c) >= 0)
                        r = give_dir(v1_dir(tree->v1, (enum controller)c), uid, gid);
        return r < 0 ? r : give_dir(tree->place->dir, uid, gid);
}

int give_take_back(struct cgroup_tree *tree)
{
        struct stat st;

        (void)unlinkat(
                tree->place->dir, CGROUP_DAEMON_LEAF, AT_REMOVEDIR); /* most often there is none */
        if (fstat(tree->place->dir, &st) < 0)
                return -errno;
        return st.st_uid == geteuid() ? 0 : give_all(tree, geteuid(), getegid());
}

int cgroup_tree_give(struct cgroup_tree *tree, uid_t uid, gid_t gid, struct err *err)
{
        int r;

        if (tree->place->is_root)
                return err_set(err, -EPERM,
                        "the delegated scope belongs to root, and the daemon is not in it");
        r = give_all(tree, uid, gid);
        if (r >= 0)
                r = move_in(tree->place->dir, uid, gid);
        return r < 0 ? err_errno(err, r, "cannot hand '%s' over", tree->place->path) : 0;
}
