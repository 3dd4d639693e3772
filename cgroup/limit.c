/* Limits of a slot: see limit.h. */
#include "cgroup/limit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cgroup/attribute.h"
#include "cgroup/members.h"
#include "cgroup/own.h"
#include "cgroup/slots.h"

struct target { /* a group of v1: of a slot, or of the slice of its group */
        const struct cgroup_slot *slot;
        int dir;
        const char *group;
        const char *file; /* as v1 calls it */
};

static int write_same(const struct target *, const char *value);
static int write_memory(const struct target *, const char *value);
static int write_soft(const struct target *, const char *value);
static int write_swap(const struct target *, const char *value);
static int write_quota(const struct target *, const char *value);
static int write_shares(const struct target *, const char *value);
static int write_cpus(const struct target *, const char *value);
static int write_weight(const struct target *, const char *value);
static int write_rates(const struct target *, const char *value);

static const struct file {
        const char *name;
        enum controller controller;
        const char *none;    /* the value that limits nothing */
        const char *v1_name; /* NULL: v1 has none */
        int (*write_v1)(const struct target *, const char *value);
} files[] = {
        { "cpu.max", CONTROLLER_CPU, "max", "cpu.cfs_quota_us", write_quota },
        { "cpu.weight", CONTROLLER_CPU, "100", "cpu.shares", write_shares },
        { "cpuset.cpus", CONTROLLER_CPUSET, "\n", "cpuset.cpus", write_cpus },
        { "memory.max", CONTROLLER_MEMORY, "max", "memory.limit_in_bytes", write_memory },
        { "memory.high", CONTROLLER_MEMORY, "max", "memory.soft_limit_in_bytes", write_soft },
        { "memory.swap.max", CONTROLLER_MEMORY, "max", "memory.memsw.limit_in_bytes", write_swap },
        { "memory.oom.group", CONTROLLER_MEMORY, "0", NULL, NULL },
        { "io.weight", CONTROLLER_IO, "default 100", "blkio.bfq.weight", write_weight },
        { "io.weight", CONTROLLER_IO, "default 100", "blkio.weight", write_weight },
        { "io.max", CONTROLLER_IO, "", "blkio.throttle.read_bps_device", write_rates },
        { "pids.max", CONTROLLER_PIDS, "max", "pids.max", write_same },
};

static const struct file *find(const char *name)
{
        for (size_t i = 0; i < ELEMENTS(files); i++)
                if (strcmp(files[i].name, name) == 0)
                        return &files[i];
        return NULL;
}

unsigned limit_controller(const char *name)
{
        const struct file *file = find(name);

        return file ? controller_bit(file->controller) : 0;
}

/* What our group of v1 has of it: some have several names there.  NULL: nothing. */
static const struct file *find_v1(const struct cgroup_tree *tree, const char *name)
{
        for (size_t i = 0; i < ELEMENTS(files); i++) {
                int dir = v1_dir(tree->v1, files[i].controller);

                if (strcmp(files[i].name, name) == 0 && dir >= 0 && files[i].v1_name &&
                        faccessat(dir, files[i].v1_name, F_OK, 0) == 0)
                        return &files[i];
        }
        return NULL;
}

/* Everybody who lives already has to be put into the groups of one that is taken that late. */
static int join(void *context, pid_t pid)
{
        CLEANUP(mem_free) char *text = mem_format("%d", (int)pid);
        const struct target *target = context;

        if (pid > 0 && attribute_write(target->dir, target->file, text) < 0)
                return 1; /* gone, or it stays without the limit, as the writing of it will show */
        return 0;
}

static void join_all(struct cgroup_tree *tree, enum controller c)
{
        struct cgroup_slot *slot, *next;

        HASH_ITER (hh, tree->slots, slot, next) {
                CLEANUP(mem_free) char *file = mem_format("%s/cgroup.procs", slot->path);
                struct target target = { slot, v1_dir(tree->v1, c), slot->path, file };

                if (v1_make(tree->v1, slot->path, NULL) == 0)
                        (void)members_each(slot->dir, join, &target);
        }
}

/* v2 has it not: from v1, if that can be had. */
static void take_from_v1(struct cgroup_tree *tree, enum controller c)
{
        if (v1_dir(tree->v1, c) < 0 && v1_add(&tree->v1, tree->place->name, c) == 0)
                join_all(tree, c);
}

int cgroup_limit_check(struct cgroup_tree *tree, const char *name, struct err *err)
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
        if (file)
                take_from_v1(tree, file->controller);
        if (file && find_v1(tree, name))
                return 0;
        if (file && v1_dir(tree->v1, file->controller) >= 0)
                return err_set(err, -EOPNOTSUPP,
                        "the %s controller is one of cgroup v1 here, which has no %s", controller,
                        file->v1_name ? file->v1_name : name);
        return err_set(err, -EOPNOTSUPP, "the %s controller is not available here", controller);
}

int cgroup_limit_offered(const char *name, struct err *err)
{
        const struct file *file = find(name);
        CLEANUP(text_clear) struct text path = {}, below = {};
        struct err why = {};
        int r;

        if (!file)
                return err_set(err, -EOPNOTSUPP, "there is no limit '%s'", name);
        r = own_find(NULL, &path, &below, &why);
        text_append(&path, "/cgroup.controllers");
        if (r >= 0 && attribute_has_word(
                              AT_FDCWD, text_string(&path), controller_names[file->controller]))
                return 0;
        if (file->v1_name && v1_has(file->controller))
                return 0;
        return err_set(err, -EOPNOTSUPP, "this machine offers no %s controller%s%s%s",
                controller_names[file->controller], file->v1_name ? "" : " of cgroup v2",
                r < 0 ? ": " : "", why.text);
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

/*
 * The words of v2 in those of v1.
 */

static int write_to(const struct target *target, const char *file, const char *value)
{
        CLEANUP(mem_free) char *path = mem_format("%s/%s", target->group, file);

        return attribute_write(target->dir, path, value);
}

static int write_same(const struct target *target, const char *value)
{
        return write_to(target, target->file, value);
}

static int write_soft(const struct target *target, const char *value)
{
        return write_same(target, strcmp(value, "max") == 0 ? "-1" : value);
}

static int write_memory(const struct target *target, const char *value)
{
        /* It may not be below the new one; a kernel that does not count swap has none. */
        (void)write_to(target, "memory.memsw.limit_in_bytes", "-1");
        return write_soft(target, value);
}

/* What v1 limits is memory and swap together.  It gets a page more: newer kernels do not count the
 * failures against this limit, and those against that of the memory are what proves an OOM kill. */
static int write_swap(const struct target *target, const char *value)
{
        CLEANUP(mem_free) char *memory = mem_format("%s/memory.limit_in_bytes", target->group);
        CLEANUP(mem_free) char *sum = NULL;
        uint64_t limit;
        int r;

        if (strcmp(value, "max") == 0)
                return write_same(target, "-1");
        r = attribute_number(target->dir, memory, &limit);
        if (r < 0)
                return r;
        /* Without a limit of the memory it is some 8 EiB, and the sum is cut there. */
        if (__builtin_add_overflow(limit, strtoull(value, NULL, 10), &limit) ||
                limit > INT64_MAX - (uint64_t)getpagesize())
                return -EDOM;
        sum = mem_format("%llu", (unsigned long long)limit + (unsigned)getpagesize());
        return write_same(target, sum);
}

/* Of a quota of any size each period is good, so it is lifted before the period is set. */
static int write_quota(const struct target *target, const char *value)
{
        const char *period = strchr(value, ' ');
        CLEANUP(mem_free) char *quota = mem_strndup(value, strcspn(value, " "));
        int r = write_same(target, "-1");

        if (r < 0 || strcmp(quota, "max") == 0)
                return r;
        r = write_to(target, "cpu.cfs_period_us", period ? period + 1 : "100000");
        return r < 0 ? r : write_same(target, quota);
}

/* 100 is what 1024 is there. */
static int write_shares(const struct target *target, const char *value)
{
        CLEANUP(mem_free)
        char *shares = mem_format("%llu", (strtoull(value, NULL, 10) * 1024 + 50) / 100);

        return write_same(target, shares);
}

static int write_cpus(const struct target *target, const char *value)
{
        return v1_set_cpus(target->slot->tree->v1, target->group, *value == '\n' ? NULL : value);
}

/* "default 100" is the middle of v2's 1 to 10000; here it ends at 1000, and CFQ's middle is 500. */
static int write_weight(const struct target *target, const char *value)
{
        const char *number = strrchr(value, ' ');
        unsigned long weight = strtoul(number ? number : value, NULL, 10);
        bool is_bfq = strcmp(target->file, "blkio.bfq.weight") == 0;
        CLEANUP(mem_free) char *text = NULL;

        weight = is_bfq ? weight : weight * 5;
        if (!is_bfq && weight < 10)
                weight = 10;
        text = mem_format("%lu", weight < 1000 ? weight : 1000);
        return write_same(target, text);
}

static const struct {
        const char *key, *file;
} rates[] = {
        { "rbps=", "blkio.throttle.read_bps_device" },
        { "wbps=", "blkio.throttle.write_bps_device" },
        { "riops=", "blkio.throttle.read_iops_device" },
        { "wiops=", "blkio.throttle.write_iops_device" },
};

static int write_rate(const struct target *target, const char *file, int device_length,
        const char *device, const char *rate)
{
        CLEANUP(mem_free)
        char *line = mem_format("%.*s %.*s", device_length, device, (int)strcspn(rate, " \n"),
                strncmp(rate, "max", 3) == 0 ? "0" : rate);

        return write_to(target, file, line);
}

/* Lines "8:0 0" lift what there is. */
static void lift_rates(const struct target *target, const char *file)
{
        CLEANUP(mem_free) char *path = mem_format("%s/%s", target->group, file);
        CLEANUP(text_clear) struct text old = {};
        char *rest, *line;

        if (attribute_read_text(target->dir, path, &old) < 0)
                return;
        text_append_char(&old, '\0');
        for (rest = old.data; (line = strsep(&rest, "\n"));)
                if (*line) /* the device may be gone */
                        (void)write_rate(target, file, (int)strcspn(line, " "), line, "0");
}

static int write_rates(const struct target *target, const char *value)
{
        CLEANUP(mem_free) char *lines = mem_strdup(value);
        char *rest, *line;

        for (size_t i = 0; i < ELEMENTS(rates); i++)
                lift_rates(target, rates[i].file);
        for (rest = lines; (line = strsep(&rest, "\n"));)
                for (size_t i = 0; i < ELEMENTS(rates); i++) {
                        const char *rate = strstr(line, rates[i].key);
                        int r;

                        /* Not the one in "wbps" or "wiops" that begins a letter later. */
                        if (!rate || rate == line || rate[-1] != ' ')
                                continue;
                        r = write_rate(target, rates[i].file, (int)strcspn(line, " "), line,
                                rate + strlen(rates[i].key));
                        if (r < 0)
                                return r;
                }
        return 0;
}

static int write_v1(
        const struct cgroup_slot *slot, const char *group, const char *name, const char *value)
{
        const struct file *file = find_v1(slot->tree, name);
        CLEANUP(mem_free) char *path = NULL;
        struct target target = { .slot = slot, .group = group };

        if (!file) /* it was there when it was looked for */
                return -ENOENT;
        target.dir = v1_dir(slot->tree->v1, file->controller);
        target.file = file->v1_name;
        path = mem_format("%s/%s", group, file->v1_name);
        /* Somebody may have removed it while it was empty. */
        if (faccessat(target.dir, path, F_OK, 0) < 0)
                (void)v1_make(slot->tree->v1, slot->path, NULL); /* else the write will say so */
        return file->write_v1(&target, value);
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
                r = write_v1(slot, group, name, value);
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
