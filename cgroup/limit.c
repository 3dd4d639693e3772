/* Limits of a slot: see limit.h. */
#include "cgroup/limit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "cgroup/attribute.h"
#include "cgroup/slots.h"

static const struct file {
        const char *name;
        enum controller controller;
        const char *none;    /* the value that limits nothing */
        const char *v1_name; /* NULL: v1 has none */
} files[] = {
        { "cpu.max", CONTROLLER_CPU, "max", NULL },
        { "cpu.weight", CONTROLLER_CPU, "100", NULL },
        { "cpuset.cpus", CONTROLLER_CPUSET, "\n", NULL },
        { "memory.max", CONTROLLER_MEMORY, "max", "memory.limit_in_bytes" },
        { "memory.high", CONTROLLER_MEMORY, "max", NULL },
        { "memory.swap.max", CONTROLLER_MEMORY, "max", "memory.memsw.limit_in_bytes" },
        { "io.weight", CONTROLLER_IO, "default 100", NULL },
        { "io.max", CONTROLLER_IO, "", NULL },
        { "pids.max", CONTROLLER_PIDS, "max", "pids.max" },
};

static const struct file *find(const char *name)
{
        for (size_t i = 0; i < ELEMENTS(files); i++)
                if (strcmp(files[i].name, name) == 0)
                        return &files[i];
        return NULL;
}

int cgroup_limit_check(const struct cgroup_tree *tree, const char *name, struct err *err)
{
        const struct file *file = find(name);
        const char *controller = file ? controller_names[file->controller] : "?";

        if (!tree)
                return err_set(err, -EOPNOTSUPP, "there are no cgroups to be had here");
        if (file && tree->place->controllers & controller_bit(file->controller)) {
                if (faccessat(tree->place->dir, name, F_OK, 0) == 0)
                        return 0;
                return err_set(err, -EOPNOTSUPP, "this kernel has no %s", name);
        }
        if (file && v1_dir(tree->v1, file->controller) >= 0) {
                if (file->v1_name &&
                        faccessat(v1_dir(tree->v1, file->controller), file->v1_name, F_OK, 0) == 0)
                        return 0;
                return err_set(err, -EOPNOTSUPP,
                        "the %s controller is one of cgroup v1 here, which has no %s", controller,
                        name);
        }
        return err_set(err, -EOPNOTSUPP, "the %s controller of cgroup v2 is not available here",
                controller);
}

/* A line for each device, each written by itself; those that are not named are limited no more. */
static int write_io_max(int dir, const char *path, const char *value)
{
        CLEANUP(text_clear) struct text old = {};
        CLEANUP(mem_free) char *lines = mem_strdup(value);
        char *rest, *line;
        int r = attribute_read_text(dir, path, &old);

        if (r < 0)
                return r;
        text_append_char(&old, '\0');
        for (rest = old.data; (line = strsep(&rest, "\n"));) {
                CLEANUP(mem_free) char *reset = NULL;

                if (!*line)
                        continue;
                reset = mem_format("%.*s rbps=max wbps=max riops=max wiops=max",
                        (int)strcspn(line, " "), line);
                (void)attribute_write(dir, path, reset); /* the device may be gone */
        }
        for (rest = lines; (line = strsep(&rest, "\n"));) {
                r = *line ? attribute_write(dir, path, line) : 0;
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Where somebody lives the list cannot be emptied: all processors that the group above has. */
static int write_all_cpus(int dir, const char *path, const char *above)
{
        CLEANUP(mem_free) char *source = mem_format("%s../cpuset.cpus.effective", above);
        char cpus[4096];
        int r = attribute_read(dir, source, cpus, sizeof(cpus));

        return r < 0 ? r : attribute_write(dir, path, cpus);
}

static int write_v2(const struct cgroup_slot *slot, const char *above, const struct file *file,
        const char *value)
{
        CLEANUP(mem_free) char *path = mem_format("%s%s", above, file->name);
        int r;

        if (strcmp(file->name, "io.max") == 0)
                return write_io_max(slot->dir, path, value);
        r = attribute_write(slot->dir, path, value);
        if (r == -ENOSPC && file->controller == CONTROLLER_CPUSET && value == file->none)
                r = write_all_cpus(slot->dir, path, above);
        return r;
}

/* What v1 limits is memory and swap together.  It gets a page more: newer kernels do not count the
 * failures against this limit, and those against that of the memory are what proves an OOM kill. */
static int write_swap(int dir, const char *group, const char *path, const char *value)
{
        CLEANUP(mem_free) char *memory = mem_format("%s/memory.limit_in_bytes", group);
        CLEANUP(mem_free) char *sum = NULL;
        uint64_t limit;
        int r;

        if (strcmp(value, "max") == 0)
                return attribute_write(dir, path, "-1");
        r = attribute_number(dir, memory, &limit);
        if (r < 0)
                return r;
        /* Without a limit of the memory it is some 8 EiB, and the sum is cut there. */
        if (__builtin_add_overflow(limit, strtoull(value, NULL, 10), &limit) ||
                limit > INT64_MAX - (uint64_t)getpagesize())
                return -EDOM;
        sum = mem_format("%llu", (unsigned long long)limit + (unsigned)getpagesize());
        return attribute_write(dir, path, sum);
}

static int write_v1(const struct cgroup_slot *slot, const char *group, const struct file *file,
        const char *value)
{
        CLEANUP(mem_free) char *path = mem_format("%s/%s", group, file->v1_name);
        int dir = v1_dir(slot->tree->v1, file->controller);

        /* Somebody may have removed it while it was empty. */
        if (faccessat(dir, path, F_OK, 0) < 0)
                (void)v1_make(slot->tree->v1, slot->path, NULL); /* else the write will say so */
        if (strcmp(file->name, "memory.swap.max") == 0)
                return write_swap(dir, group, path, value);
        if (strcmp(file->name, "memory.max") == 0) {
                CLEANUP(mem_free) char *both = mem_format("%s/memory.memsw.limit_in_bytes", group);

                /* It may not be below the new one; a kernel that does not count swap has none. */
                (void)attribute_write(dir, both, "-1");
                value = strcmp(value, "max") == 0 ? "-1" : value;
        }
        return attribute_write(dir, path, value);
}

static int set(const struct cgroup_slot *slot, const char *above, const char *group,
        const char *name, const char *value, struct err *err)
{
        const struct file *file = find(name);
        int r = cgroup_limit_check(slot->tree, name, err);

        if (r < 0)
                return r;
        value = value ? value : file->none;
        if (slot->tree->place->controllers & controller_bit(file->controller))
                r = write_v2(slot, above, file, value);
        else
                r = write_v1(slot, group, file, value);
        return r < 0 ? err_errno(
                               err, r, "cannot write '%s' to %s of cgroup '%s'", value, name, group)
                     : 0;
}

int cgroup_limit_slot(
        const struct cgroup_slot *slot, const char *file, const char *value, struct err *err)
{
        return set(slot, "", slot->path, file, value, err);
}

int cgroup_limit_group(
        const struct cgroup_slot *slot, const char *file, const char *value, struct err *err)
{
        CLEANUP(mem_free)
        char *slice = mem_strndup(slot->path, (size_t)(strchr(slot->path, '/') - slot->path));

        return set(slot, "../", slice, file, value, err);
}

int cgroup_slot_freeze(const struct cgroup_slot *slot, bool frozen)
{
        int r = attribute_write(slot->dir, "cgroup.freeze", frozen ? "1" : "0");

        return r == -ENOENT ? -EOPNOTSUPP : r;
}
