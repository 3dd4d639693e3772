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
#include "cgroup/parse.h"

struct v1 {
        unsigned controllers;         /* set */
        int dir[CONTROLLER_COUNT];    /* our group; -1 */
        char *name[CONTROLLER_COUNT]; /* its path below the mount, as libcgroup wants it */
};

unsigned v1_controllers(const struct v1 *v1)
{
        return v1 ? v1->controllers : 0;
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
        if (cgroup_add_controller(group, controller_names[c]))
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
        CLEANUP(text_clear) struct text own = {}, mounts = {}, path = {}, mount = {};
        int r;

        r = attribute_read_text(AT_FDCWD, "/proc/self/cgroup", &own);
        if (r < 0)
                return r;
        r = attribute_read_text(AT_FDCWD, "/proc/self/mountinfo", &mounts);
        if (r < 0)
                return r;
        r = parse_own_path(text_string(&own), own.length, controller_names[c], &path);
        if (r <= 0)
                return r < 0 ? r : -ENOENT;
        if (parse_mount(text_string(&mounts), mounts.length, controller_names[c],
                    text_string(&path), &mount, below) <= 0)
                return -ENOENT;
        /* With a hierarchy mounted twice, libcgroup's mount may show another part of it. */
        return strcmp(text_string(&mount), point) == 0 ? 0 : -ENOENT;
}

static int open_controller(struct v1 *v1, enum controller c, const char *name)
{
        CLEANUP(text_clear) struct text below = {};
        CLEANUP(mem_free) char *point = NULL, *path = NULL;
        struct statfs fs;
        int r;

        if (cgroup_get_subsys_mount_point(controller_names[c], &point) != 0)
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
        if (v1->dir[c] < 0)
                return v1->dir[c];
        v1->name[c] = text_take(&below);
        v1->controllers |= controller_bit(c);
        if (c == CONTROLLER_MEMORY)
                /* Before 5.11 a group does not count what is below it unless asked to; where it
                 * always does, or where its parent does, the write is refused, which is as good. */
                (void)attribute_write(v1->dir[c], "memory.use_hierarchy", "1");
        return 0;
}

struct v1 *v1_open(const char *name, unsigned wanted)
{
        CLEANUP(v1_close) struct v1 *v1 = mem_new(sizeof(*v1));

        for (unsigned c = 0; c < CONTROLLER_COUNT; c++)
                v1->dir[c] = -1;
        if (!wanted || cgroup_init() != 0)
                return NULL;
        for (unsigned c = 0; c < CONTROLLER_COUNT; c++)
                /* A failure means that this controller is not to be had, and the set says so. */
                if (wanted & controller_bit(c) && open_controller(v1, c, name) < 0)
                        v1->dir[c] = -1;
        return v1->controllers ? TAKE(v1) : NULL;
}

/* A slot's group is made and removed as in v2, through the directory: libcgroup looks at every
 * ancestor and at all mounts each time, and a start would be some milliseconds late. */

static int make_below(int dir, const char *path, bool *is_new)
{
        CLEANUP(mem_free) char *slice = mem_strdup(path);
        char *slash = strchr(slice, '/');

        if (slash) {
                *slash = '\0';
                if (mkdirat(dir, slice, 0755) < 0 && errno != EEXIST)
                        return -errno;
        }
        if (mkdirat(dir, path, 0755) == 0)
                return 0;
        if (is_new)
                *is_new = false;
        return errno == EEXIST ? 0 : -errno;
}

int v1_make(struct v1 *v1, const char *path, bool *is_new)
{
        for (unsigned c = 0; v1 && c < CONTROLLER_COUNT; c++) {
                int r = v1->dir[c] >= 0 ? make_below(v1->dir[c], path, is_new) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

void v1_remove(struct v1 *v1, const char *path)
{
        for (unsigned c = 0; v1 && c < CONTROLLER_COUNT; c++)
                if (v1->dir[c] >= 0)
                        (void)unlinkat(v1->dir[c], path,
                                AT_REMOVEDIR); /* not empty: it stays, as promised */
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
                if (v1->name[c])
                        (void)with_group(v1->name[c] + 1, c, delete); /* if it is empty */
                mem_free(v1->name[c]);
        }
        return mem_free(v1);
}
