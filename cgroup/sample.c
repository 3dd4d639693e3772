/* Samples: see sample.h. */
#include "cgroup/sample.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroup/attribute.h"
#include "cgroup/members.h"
#include "cgroup/parse.h"
#include "cgroup/slots.h"

enum {
        SLICE_WORTH = 4,    /* slots from which on the reading of their group pays */
        MEMORY_ROUNDS = 10, /* for which that of a program that has not run may hold */
};

struct slice_sample { /* a group, and how often its slots are in use here */
        unsigned users;
        int fd; /* its cpu.stat; -1 */
        uint64_t usage, round;
        bool has_run; /* since the round before */
        UT_hash_handle hh;
        char name[];
};

/* The others need descriptors too: for a quarter of them at most. */
static bool may_keep_open(const struct cgroup_tree *tree)
{
        struct rlimit limit;

        return getrlimit(RLIMIT_NOFILE, &limit) == 0 && tree->sampled < limit.rlim_cur / 4;
}

static void close_kept(struct cgroup_tree *tree, int *fd)
{
        tree->sampled -= *fd >= 0;
        *fd = fd_close(*fd);
}

/* Through a descriptor that stays open where there may be one more, at a tenth of the cost. */
static ssize_t read_kept(
        struct cgroup_tree *tree, int *fd, int dir, const char *path, char *buffer, size_t size)
{
        ssize_t n;

        if (*fd < 0 && may_keep_open(tree)) {
                *fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
                tree->sampled += *fd >= 0;
        }
        if (*fd < 0)
                return attribute_read(dir, path, buffer, size);
        n = pread(*fd, buffer, size - 1, 0);
        if (n < 0) {
                close_kept(tree, fd); /* somebody removed the group, and may make it again */
                return attribute_read(dir, path, buffer, size);
        }
        return n;
}

static int read_cpu(struct cgroup_tree *tree, int *fd, int dir, const char *path, uint64_t *ret)
{
        char buffer[1024];
        ssize_t n = read_kept(tree, fd, dir, path, buffer, sizeof(buffer));

        if (n < 0)
                return (int)n;
        return parse_keyed(buffer, (size_t)n, "usage_usec", ret) ? 0 : -EBADMSG;
}

/*
 * Groups.
 */

static struct slice_sample *slice_of(struct cgroup_slot *slot)
{
        struct cgroup_tree *tree = slot->tree;
        size_t length = strcspn(slot->path, "/");

        if (slot->slice)
                return slot->slice;
        HASH_FIND(hh, tree->slices, slot->path, length, slot->slice);
        if (!slot->slice) {
                slot->slice = mem_new(sizeof(*slot->slice) + length + 1);
                slot->slice->fd = -1;
                memcpy(slot->slice->name, slot->path, length);
                HASH_ADD(hh, tree->slices, name, length, slot->slice);
        }
        slot->slice->users++;
        return slot->slice;
}

static void leave_slice(struct cgroup_slot *slot)
{
        struct slice_sample *slice = slot->slice;

        slot->slice = NULL;
        if (!slice || --slice->users)
                return;
        HASH_DEL(slot->tree->slices, slice);
        close_kept(slot->tree, &slice->fd);
        mem_free(slice);
}

/* Read before its slots, so what runs in between is seen in the next round at the latest. */
static bool has_run(struct cgroup_tree *tree, struct slice_sample *slice)
{
        CLEANUP(mem_free) char *path = NULL;
        uint64_t usage, before = slice->round;

        if (slice->round == tree->round)
                return slice->has_run;
        slice->round = tree->round;
        slice->has_run = true;
        if (slice->users < SLICE_WORTH) {
                slice->round = 0; /* when it pays again there is nothing to compare with */
                return true;
        }
        path = mem_format("%s/cpu.stat", slice->name);
        if (read_cpu(tree, &slice->fd, tree->place->dir, path, &usage) < 0) {
                slice->round = 0;
                return true;
        }
        slice->has_run = before == 0 || before + 1 != tree->round || usage != slice->usage;
        slice->usage = usage;
        return slice->has_run;
}

/*
 * Slots.
 */

static int read_memory(struct cgroup_slot *slot, struct cgroup_sample *sample)
{
        CLEANUP(mem_free) char *path = NULL;
        struct cgroup_tree *tree = slot->tree;
        int v1 = v1_dir(tree->v1, CONTROLLER_MEMORY);
        int *fd = &slot->sampled[SAMPLED_MEMORY];
        char buffer[64];
        ssize_t n = -ENOENT;

        if (tree->place->controllers & controller_bit(CONTROLLER_MEMORY)) {
                sample->memory_source = FIGURE_FROM_V2;
                n = read_kept(tree, fd, slot->dir, "memory.current", buffer, sizeof(buffer));
        } else if (v1 >= 0) {
                sample->memory_source = FIGURE_FROM_V1;
                if (*fd < 0)
                        path = mem_format("%s/memory.usage_in_bytes", slot->path);
                n = read_kept(tree, fd, v1, path, buffer, sizeof(buffer));
        }
        if (n >= 0 && parse_number(buffer, (size_t)n, &sample->memory))
                return 0;
        sample->memory_source = FIGURE_FROM_PROC;
        return members_resident(slot->dir, &sample->memory);
}

/* Of one of which it is not known that it has not run. */
static int take_cpu(struct cgroup_slot *slot, struct cgroup_sample *sample, bool *ret_has_run)
{
        int r = read_cpu(
                slot->tree, &slot->sampled[SAMPLED_CPU], slot->dir, "cpu.stat", &sample->cpu_usec);

        *ret_has_run = slot->sampled_in == 0 || sample->cpu_usec != slot->last.cpu_usec;
        return r;
}

static int take(struct cgroup_slot *slot, bool may_have_run)
{
        struct cgroup_tree *tree = slot->tree;
        struct cgroup_sample sample = slot->last;
        bool has_run = false;
        int r = may_have_run ? take_cpu(slot, &sample, &has_run) : 0;

        if (r < 0)
                return r;
        if (has_run || tree->round - slot->memory_in >= MEMORY_ROUNDS) {
                r = read_memory(slot, &sample);
                if (r < 0)
                        return r;
                slot->memory_in = tree->round;
        }
        slot->last = sample;
        return 0;
}

int cgroup_sample_slot(struct cgroup_slot *slot, struct cgroup_sample *ret)
{
        struct cgroup_tree *tree = slot->tree;
        bool may_have_run = has_run(tree, slice_of(slot)) || slot->sampled_in == 0 ||
                            slot->sampled_in + 1 != tree->round;
        int r = take(slot, may_have_run);

        slot->sampled_in = r < 0 ? 0 : tree->round;
        if (r < 0)
                return r;
        *ret = slot->last;
        return 0;
}

void cgroup_sample_round(struct cgroup_tree *tree)
{
        tree->round++;
}

void slot_sample_close(struct cgroup_slot *slot)
{
        for (unsigned i = 0; i < SLOT_SAMPLED; i++)
                close_kept(slot->tree, &slot->sampled[i]);
        slot->sampled_in = 0;
        leave_slice(slot);
}
