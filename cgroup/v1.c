/* Controllers of v1: see v1.h. */
#include "cgroup/v1.h"

#include <errno.h>
#include <fcntl.h>
#include <libcgroup.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroup/attribute.h"
#include "cgroup/members.h"
#include "cgroup/own.h"

struct v1 {
        unsigned controllers;         /* set */
        int dir[CONTROLLER_COUNT];    /* our group; -1 */
        char *name[CONTROLLER_COUNT]; /* its path below the mount, as libcgroup wants it */
};

unsigned v1_controllers(const struct v1 *v1)
{
        return v1 ? v1->controllers : 0;
}

/* What the kernel calls it in v1. */
static const char *name_of(enum controller c)
{
        return c == CONTROLLER_IO ? "blkio" : controller_names[c];
}

int v1_dir(const struct v1 *v1, enum controller c)
{
        return v1 ? v1->dir[c] : -1;
}

static int from_libcgroup(int error)
{
        switch (error) {
        case 0:
                return 0;
        case ECGOTHER:
                return cgroup_get_last_errno() > 0 ? -cgroup_get_last_errno() : -EIO;
        case ECGROUPNOTALLOWED:
                return -EACCES;
        case ECGROUPNOTEXIST:
                return -ENOENT;
        case ECGNONEMPTY:
                return -EBUSY;
        default: /* numbers of libcgroup's, of which there are some forty */
                return -EIO;
        }
}

static int with_group(const char *path, enum controller c, int (*act)(struct cgroup *))
{
        struct cgroup *group = cgroup_new_cgroup(path);
        int r;

        if (!group)
                return -ENOMEM;
        if (cgroup_add_controller(group, name_of(c)))
                r = act(group);
        else
                r = ECGINVAL;
        cgroup_free(&group);
        return from_libcgroup(r);
}

static int create(struct cgroup *group)
{
        return cgroup_create_cgroup(group, 1); /* 1: leave the owner as it is */
}

static int delete (struct cgroup *group)
{
        return cgroup_delete_cgroup_ext(group, CGFLAG_DELETE_EMPTY_ONLY);
}

/* Where our own group of a controller is, below the mount point that libcgroup found. */
static int find_own(enum controller c, const char *point, struct text *below)
{
        CLEANUP(text_clear) struct text mount = {};
        struct err err;
        int r = own_find(name_of(c), &mount, below, &err);

        if (r < 0)
                return r;
        /* With a hierarchy mounted twice, libcgroup's mount may show another part of it. */
        return strcmp(text_string(&mount), point) == 0 ? 0 : -ENOENT;
}

/* A new one has no processors and no memory nodes, and takes nobody. */
static int inherit_cpuset(int dir, const char *path)
{
        static const char *const files[] = { "cpuset.mems", "cpuset.cpus" };
        char value[4096];

        for (size_t i = 0; i < ELEMENTS(files); i++) {
                CLEANUP(mem_free) char *file = mem_format("%s/%s", path, files[i]);
                CLEANUP(mem_free) char *above = mem_format("%s/../%s", path, files[i]);
                int n = attribute_read(dir, file, value, sizeof(value));

                if (n > 1) /* it has some */
                        continue;
                n = n < 0 ? n : attribute_read(dir, above, value, sizeof(value));
                if (n >= 0)
                        n = attribute_write(dir, file, value);
                if (n < 0)
                        return n;
        }
        return 0;
}

static int open_controller(struct v1 *v1, enum controller c, const char *name)
{
        CLEANUP(text_clear) struct text below = {};
        CLEANUP(mem_free) char *point = NULL, *path = NULL;
        struct statfs fs;
        int r;

        if (cgroup_get_subsys_mount_point(name_of(c), &point) != 0)
                return -ENOENT;
        if (statfs(point, &fs) < 0 || fs.f_type != CGROUP_SUPER_MAGIC)
                return -ENOENT;
        r = find_own(c, point, &below);
        if (r < 0)
                return r;
        text_format(&below, "/%s", name);
        r = with_group(text_string(&below) + 1, c, create);
        if (r < 0)
                return r;
        path = mem_format("%s%s", point, text_string(&below));
        v1->dir[c] = attribute_open_dir(AT_FDCWD, path);
        if (v1->dir[c] >= 0 && c == CONTROLLER_CPUSET) {
                r = inherit_cpuset(v1->dir[c], ".");
                if (r < 0)
                        v1->dir[c] = fd_close(v1->dir[c]);
        }
        if (v1->dir[c] < 0)
                return r < 0 ? r : v1->dir[c];
        v1->name[c] = text_take(&below);
        v1->controllers |= controller_bit(c);
        if (c == CONTROLLER_MEMORY)
                /* Before 5.11 a group does not count what is below it unless asked to; where it
                 * always does, or where its parent does, the write is refused, which is as good. */
                (void)attribute_write(v1->dir[c], "memory.use_hierarchy", "1");
        return 0;
}

static struct v1 *v1_new(void)
{
        struct v1 *v1 = mem_new(sizeof(*v1));

        for (unsigned c = 0; c < CONTROLLER_COUNT; c++)
                v1->dir[c] = -1;
        return v1;
}

struct v1 *v1_open(const char *name, unsigned wanted)
{
        struct v1 *v1 = NULL;

        for (unsigned c = 0; c < CONTROLLER_COUNT; c++)
                if (wanted & controller_bit(c))
                        /* A failure means that this one is not to be had, and the set says so. */
                        (void)!v1_add(&v1, name, c);
        return v1;
}

int v1_add(struct v1 **v1, const char *name, enum controller c)
{
        struct v1 *ours = *v1 ? *v1 : v1_new();
        int r = ours->dir[c] >= 0 ? 0 : -ENOENT;

        if (r < 0 && cgroup_init() == 0)
                r = open_controller(ours, c, name);
        if (r < 0)
                ours->dir[c] = -1;
        *v1 = ours->controllers ? ours : v1_close(ours);
        return r;
}

bool v1_has(enum controller c)
{
        CLEANUP(mem_free) char *point = NULL;
        struct statfs fs;

        return cgroup_init() == 0 && cgroup_get_subsys_mount_point(name_of(c), &point) == 0 &&
               statfs(point, &fs) == 0 && fs.f_type == CGROUP_SUPER_MAGIC;
}

/* A slot's group is made and removed as in v2, through the directory: libcgroup looks at every
 * ancestor and at all mounts each time, and a start would be some milliseconds late. */

static int make_one(int dir, enum controller c, const char *path, bool *is_new)
{
        if (mkdirat(dir, path, 0755) < 0) {
                if (errno != EEXIST)
                        return -errno;
                if (is_new)
                        *is_new = false;
        }
        return c == CONTROLLER_CPUSET ? inherit_cpuset(dir, path) : 0;
}

static int make_below(int dir, enum controller c, const char *path, bool *is_new)
{
        const char *slash = strchr(path, '/');
        CLEANUP(mem_free) char *slice = NULL;
        int r = make_one(dir, c, path, is_new); /* mostly the slice is there */

        if (r != -ENOENT || !slash)
                return r;
        slice = mem_strndup(path, (size_t)(slash - path));
        r = make_one(dir, c, slice, NULL);
        return r < 0 ? r : make_one(dir, c, path, is_new);
}

int v1_make(struct v1 *v1, const char *path, bool *is_new)
{
        for (unsigned c = 0; v1 && c < CONTROLLER_COUNT; c++) {
                int r = v1->dir[c] >= 0 ? make_below(v1->dir[c], c, path, is_new) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

/* All below, from the top down when they get more, from the bottom up when they lose some: what is
 * below may have nothing that is not above. */
static int set_cpus_below(void *context, int dir, const char *name)
{
        CLEANUP(mem_free) char *file = mem_format("%s/cpuset.cpus", name);
        CLEANUP(fd_close) int below = attribute_open_dir(dir, name);

        if (below >= 0)
                (void)members_each_child(below, set_cpus_below, context); /* or it is said above */
        (void)attribute_write(dir, file, context);
        return 0;
}

int v1_set_cpus(const struct v1 *v1, const char *path, const char *list)
{
        int dir = v1_dir(v1, CONTROLLER_CPUSET);
        CLEANUP(mem_free) char *file = mem_format("%s/cpuset.cpus", path);
        CLEANUP(mem_free) char *above = mem_format("%s/../cpuset.cpus", path);
        CLEANUP(fd_close) int group = -1;
        char all[4096];
        int r = list ? 0 : attribute_read(dir, above, all, sizeof(all));

        if (r < 0)
                return r;
        list = list ? list : all;
        r = attribute_write(dir, file, list);
        if (r != -EBUSY)
                return r;
        group = attribute_open_dir(dir, path);
        if (group >= 0)
                (void)members_each_child(group, set_cpus_below, (void *)list);
        return attribute_write(dir, file, list);
}

void v1_remove(struct v1 *v1, const char *path)
{
        for (unsigned c = 0; v1 && c < CONTROLLER_COUNT; c++)
                if (v1->dir[c] >= 0)
                        (void)unlinkat(v1->dir[c], path,
                                AT_REMOVEDIR); /* not empty: it stays, as promised */
}

void v1_save(const struct v1 *v1, struct saver *saver, struct descriptors *descriptors)
{
        saver_inner(saver);
        for (unsigned c = 0; v1 && c < CONTROLLER_COUNT; c++) {
                if (v1->dir[c] < 0)
                        continue;
                saver_item(saver, "v1");
                saver_text(saver, "controller", controller_names[c]);
                saver_text(saver, "name", v1->name[c]);
                descriptors_save(descriptors, saver, "fd", v1->dir[c]);
        }
        saver_outer(saver);
}

static void restore_controller(
        struct v1 *v1, struct saved_item *item, struct descriptors *descriptors)
{
        unsigned c = saved_name(
                item, "controller", controller_names, CONTROLLER_COUNT, CONTROLLER_COUNT);
        const char *name = saved_text(item, "name");

        if (c == CONTROLLER_COUNT || v1->dir[c] >= 0 || !name || *name != '/') {
                saved_fail(item, "controller", "missing, there twice or without a group");
                return;
        }
        v1->dir[c] = descriptors_take(descriptors, item, "fd");
        v1->name[c] = mem_strdup(name);
        if (v1->dir[c] >= 0)
                v1->controllers |= controller_bit(c);
}

struct v1 *v1_restore(struct saved_item *tree, struct descriptors *descriptors)
{
        struct saved_item *item = saved_inner(tree, "v1");
        struct v1 *v1;

        if (!item)
                return NULL;
        v1 = v1_new();
        for (; item; item = saved_next(item))
                restore_controller(v1, item, descriptors);
        return v1;
}

struct v1 *v1_forget(struct v1 *v1)
{
        for (unsigned c = 0; v1 && c < CONTROLLER_COUNT; c++) {
                v1->dir[c] = fd_close(v1->dir[c]);
                mem_free(v1->name[c]);
        }
        return mem_free(v1);
}

static int clear_child(void *context, int dir, const char *name)
{
        (void)members_remove(dir, name); /* what lives stays */
        return 0;
}

void v1_clear(struct v1 *v1)
{
        for (unsigned c = 0; v1 && c < CONTROLLER_COUNT; c++)
                if (v1->dir[c] >= 0)
                        /* Removing is an attempt in all its parts. */
                        (void)members_each_child(v1->dir[c], clear_child, NULL);
}

struct v1 *v1_close(struct v1 *v1)
{
        if (!v1)
                return NULL;
        v1_clear(v1);
        for (unsigned c = 0; c < CONTROLLER_COUNT; c++) {
                v1->dir[c] = fd_close(v1->dir[c]);
                /* One that was handed over to us has not asked libcgroup for anything yet. */
                if (v1->name[c] && cgroup_init() == 0)
                        (void)with_group(v1->name[c] + 1, c, delete); /* if it is empty */
                mem_free(v1->name[c]);
        }
        return mem_free(v1);
}
