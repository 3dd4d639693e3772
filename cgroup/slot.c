/* One process slot's group: see tree.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "cgroup/attribute.h"
#include "cgroup/members.h"
#include "cgroup/parse.h"
#include "cgroup/slots.h"
#include "cgroup/unitname.h"

/* Makes a directory below, or finds it, which clears *is_new.  Its open fd, or a negative errno. */
static int make_dir(int parent, const char *name, bool *is_new)
{
        if (mkdirat(parent, name, 0755) < 0) {
                if (errno != EEXIST)
                        return -errno;
                *is_new = false;
        }
        return attribute_open_dir(parent, name);
}

static int make_slice(struct cgroup_tree *tree, const char *path, const char *slash)
{
        CLEANUP(mem_free) char *name = mem_strndup(path, (size_t)(slash - path));
        bool is_new;
        int dir;

        dir = attribute_open_dir(tree->place->dir, name);
        if (dir != -ENOENT)
                return dir;
        dir = make_dir(tree->place->dir, name, &is_new);
        if (dir >= 0)
                /* What a slice refuses its scopes do without: their figures say so. */
                (void)place_enable(dir, tree->place->controllers);
        return dir;
}

static void remove_dirs(struct cgroup_tree *tree, const char *path)
{
        CLEANUP(mem_free) char *slice = mem_strndup(path, (size_t)(strchr(path, '/') - path));

        v1_remove(tree->v1, path);
        v1_remove(tree->v1, slice);
        /* Whoever lives in them keeps them; the next slot of that name finds them again. */
        if (members_remove(tree->place->dir, path) == 0)
                (void)unlinkat(tree->place->dir, slice, AT_REMOVEDIR);
}

static int make_group(struct cgroup_tree *tree, struct cgroup_slot *slot)
{
        const char *slash = strchr(slot->path, '/');
        CLEANUP(fd_close) int slice = make_slice(tree, slot->path, slash);
        bool is_new = true;
        int r;

        if (slice < 0)
                return slice;
        slot->dir = make_dir(slice, slash + 1, &is_new);
        if (slot->dir < 0)
                return slot->dir;
        /* Who knows what an earlier run did in one that was there. */
        if (!is_new)
                cgroup_slot_distrust(slot);
        r = v1_make(tree->v1, slot->path, &is_new);
        slot->is_fresh = is_new;
        if (r < 0)
                remove_dirs(tree, slot->path);
        return r;
}

/* What is there already, as it is: an image of the daemon after the one that made it. */
static int find_group(struct cgroup_tree *tree, struct cgroup_slot *slot)
{
        slot->dir = attribute_open_dir(tree->place->dir, slot->path);
        return slot->dir;
}

static int open_slot(struct cgroup_tree *tree, const char *group, const char *process,
        int (*open)(struct cgroup_tree *, struct cgroup_slot *), struct cgroup_slot **ret,
        struct err *err)
{
        CLEANUP(text_clear) struct text path = {};
        struct cgroup_slot *slot;
        int r;

        unitname_slot(&path, group, process);
        HASH_FIND_STR(tree->slots, text_string(&path), slot);
        if (!slot) {
                slot = mem_new(sizeof(*slot) + path.length + 1);
                memcpy(slot->path, text_string(&path), path.length + 1);
                slot->tree = tree;
                slot->dir = slot->events = -1;
                slot_figures_init(slot);
                r = open(tree, slot);
                if (r < 0) {
                        (void)fd_close(slot->dir);
                        mem_free(slot);
                        return err_errno(err, r, "cannot make cgroup '%s/%s'", tree->place->path,
                                text_string(&path));
                }
                HASH_ADD_STR(tree->slots, path, slot);
        }
        slot->opened++;
        *ret = slot;
        return 0;
}

int cgroup_slot_open(struct cgroup_tree *tree, const char *group, const char *process,
        struct cgroup_slot **ret, struct err *err)
{
        return open_slot(tree, group, process, make_group, ret, err);
}

int cgroup_slot_find(struct cgroup_tree *tree, const char *group, const char *process,
        struct cgroup_slot **ret, struct err *err)
{
        if (open_slot(tree, group, process, find_group, ret, NULL) >= 0)
                return 0;
        return cgroup_slot_open(tree, group, process, ret, err);
}

struct cgroup_slot *cgroup_slot_close(struct cgroup_slot *slot)
{
        if (!slot || --slot->opened)
                return NULL;
        HASH_DEL(slot->tree->slots, slot);
        cgroup_slot_events_done(slot);
        slot_figures_close(slot);
        slot->dir = fd_close(slot->dir);
        remove_dirs(slot->tree, slot->path);
        mem_free(slot->rest);
        return mem_free(slot);
}

int cgroup_slot_fd(const struct cgroup_slot *slot)
{
        return slot->dir;
}

int cgroup_slot_procs_fd(const struct cgroup_slot *slot)
{
        int fd = openat(slot->dir, "cgroup.procs", O_WRONLY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

int cgroup_slot_v1_tasks_fds(const struct cgroup_slot *slot, int *fds, size_t max)
{
        size_t count = 0;

        for (unsigned c = 0; c < CONTROLLER_COUNT && count < max; c++) {
                int dir = v1_dir(slot->tree->v1, c);
                CLEANUP(mem_free) char *path = NULL;

                if (dir < 0)
                        continue;
                /* Not cgroup.procs: a task that moves itself by "tasks" takes no lock on all
                 * forks of the machine, which would cost a grace period of RCU, some 10 ms. */
                path = mem_format("%s/tasks", slot->path);
                fds[count] = openat(dir, path, O_WRONLY | O_CLOEXEC);
                /* Somebody may have removed it while it was empty. */
                if (fds[count] < 0 && errno == ENOENT &&
                        v1_make(slot->tree->v1, slot->path, NULL) == 0)
                        fds[count] = openat(dir, path, O_WRONLY | O_CLOEXEC);
                if (fds[count] < 0) {
                        int r = -errno;

                        while (count--)
                                fds[count] = fd_close(fds[count]);
                        return r;
                }
                count++;
        }
        return (int)count;
}

int cgroup_slot_events_fd(struct cgroup_slot *slot)
{
        if (slot->events < 0)
                slot->events = openat(slot->dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
        return slot->events < 0 ? -errno : slot->events;
}

void cgroup_slot_events_done(struct cgroup_slot *slot)
{
        slot->events = fd_close(slot->events);
}

int cgroup_slot_populated(const struct cgroup_slot *slot)
{
        char buffer[256];
        uint64_t populated;
        ssize_t n;

        if (slot->events < 0)
                return members_populated(slot->dir);
        /* Through this very fd, as reading it is what takes EPOLLPRI back. */
        n = pread(slot->events, buffer, sizeof(buffer), 0);
        if (n < 0)
                return -errno;
        if (!parse_keyed(buffer, (size_t)n, "populated", &populated))
                return -EBADMSG;
        return populated != 0;
}

/* Whether a freeze was asked for here or anywhere above, up to the root, which has no such file. */
static bool is_freeze_wanted(const struct cgroup_slot *slot)
{
        CLEANUP(text_clear) struct text path = {};
        uint64_t wanted = 0;

        for (int up = 0; up < MEMBERS_DEPTH_MAX && !wanted; up++) {
                size_t length = path.length;

                text_append(&path, "cgroup.freeze");
                if (attribute_number(slot->dir, text_string(&path), &wanted) < 0)
                        return false;
                text_truncate(&path, length);
                text_append(&path, "../");
        }
        return wanted != 0;
}

int cgroup_slot_frozen(const struct cgroup_slot *slot)
{
        uint64_t frozen;
        /* What has come about, whoever above wished it; it holds for empty groups too. */
        int r = attribute_keyed(slot->dir, "cgroup.events", "frozen", &frozen);

        if (r == -EBADMSG) /* not told: a kernel before 5.2 cannot freeze */
                return 0;
        if (r < 0 || !frozen)
                return r < 0 ? r : 0;
        /* It may go on being told of a group whose last member died while it was thawed, until the
         * next one comes. */
        return is_freeze_wanted(slot);
}

int cgroup_slot_kill(struct cgroup_slot *slot)
{
        cgroup_slot_distrust(slot);
        return members_kill(slot->dir);
}

int cgroup_slot_clear(struct cgroup_slot *slot)
{
        int r = cgroup_slot_kill(slot);

        if (r < 0)
                return r;
        return members_wait(slot->dir, END_WAIT_MSEC) ? 0 : -EBUSY;
}

void cgroup_slot_distrust(struct cgroup_slot *slot)
{
        slot->is_distrusted = true;
}

/* Whether somebody removed it, while it was empty. */
static bool is_gone(const struct cgroup_slot *slot)
{
        return faccessat(slot->dir, "cgroup.procs", F_OK, 0) < 0 &&
               (errno == ENOENT || errno == ENODEV);
}

static int make_again(struct cgroup_slot *slot)
{
        int r;

        cgroup_slot_events_done(slot);
        slot_figures_close(slot);
        slot->dir = fd_close(slot->dir);
        r = make_group(slot->tree, slot);
        slot->is_distrusted = r < 0;
        return r;
}

int cgroup_slot_renew(struct cgroup_slot *slot)
{
        bool is_new;
        int r;

        if (is_gone(slot)) {
                r = make_again(slot);
                if (r < 0)
                        return r;
        }
        if (slot->tree->kills_births)
                return -EOPNOTSUPP;
        if (!slot->is_distrusted)
                return 0;
        r = members_remove(slot->tree->place->dir, slot->path);
        if (r < 0)
                return r;
        cgroup_slot_events_done(slot);
        slot_figures_close(slot);
        slot->dir = fd_close(slot->dir);
        slot->dir = make_dir(slot->tree->place->dir, slot->path, &is_new);
        if (slot->dir < 0)
                return slot->dir;
        slot->is_distrusted = false;
        return 0;
}

/* The kernel keeps the former for root, the latter for others. */
static const char *const spared_attributes[] = { "trusted.reeve.spared", "user.reeve.spared" };

void cgroup_slot_spare(const struct cgroup_slot *slot, bool spared)
{
        for (size_t i = 0; i < ELEMENTS(spared_attributes); i++)
                if (spared ? fsetxattr(slot->dir, spared_attributes[i], "1", 1, 0) == 0
                           : fremovexattr(slot->dir, spared_attributes[i]) == 0)
                        return;
}

bool slot_is_spared(int dir)
{
        char mark;

        for (size_t i = 0; i < ELEMENTS(spared_attributes); i++)
                if (fgetxattr(dir, spared_attributes[i], &mark, sizeof(mark)) == 1)
                        return true;
        return false;
}

int cgroup_slot_signal(const struct cgroup_slot *slot, int signal)
{
        return members_signal(slot->dir, signal);
}

int cgroup_slot_each(
        const struct cgroup_slot *slot, int (*each)(void *context, pid_t pid), void *context)
{
        return members_each(slot->dir, each, context);
}
