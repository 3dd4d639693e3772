/* Descriptors: see descriptors.h. */
#include "base/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"

enum { SPARE = 64 }; /* of who restores */

struct entry {
        int fd;
        int copy; /* of it, while it may have to be put back; -1 */
        bool is_taken;
};

struct descriptors {
        struct entry *at;
        size_t count, capacity;
        bool pretend;
};

struct descriptors *descriptors_new(void)
{
        return mem_new(sizeof(struct descriptors));
}

struct descriptors *descriptors_free(struct descriptors *ds)
{
        if (!ds)
                return NULL;
        descriptors_settle(ds);
        mem_free(ds->at);
        return mem_free(ds);
}

void descriptors_add(struct descriptors *ds, int fd)
{
        if (!ds || fd < 0)
                return;
        ds->at = mem_grow(ds->at, &ds->capacity, ds->count + 1, sizeof(*ds->at));
        ds->at[ds->count++] = (struct entry){ .fd = fd, .copy = -1 };
}

void descriptors_save(struct descriptors *ds, struct saver *saver, const char *key, int fd)
{
        if (!ds || fd < 0)
                return;
        saver_number(saver, key, fd);
        descriptors_add(ds, fd);
}

static int compare(const void *a, const void *b)
{
        const struct entry *x = a, *y = b;

        return x->fd < y->fd ? -1 : x->fd > y->fd;
}

/* Sorted, each once, whoever has named it. */
void descriptors_write(struct descriptors *ds, struct saver *saver)
{
        CLEANUP(text_clear) struct text list = {};

        if (ds->count)
                qsort(ds->at, ds->count, sizeof(*ds->at), compare);
        for (size_t i = 0; i < ds->count; i++)
                if (i == 0 || ds->at[i].fd != ds->at[i - 1].fd)
                        text_format(&list, "%s%d", i ? " " : "", ds->at[i].fd);
        saver_item(saver, "descriptors");
        saver_text(saver, "list", text_string(&list));
}

void descriptors_pass_on(const struct descriptors *from, struct descriptors *to)
{
        for (size_t i = 0; from && to && i < from->count; i++)
                if (!from->at[i].is_taken)
                        descriptors_add(to, from->at[i].fd);
}

/*
 * Reading.
 */

/* A copy of each, by which it can be put back. */
static int hold(struct descriptors *ds, struct err *err)
{
        for (size_t i = 0; i < ds->count; i++) {
                ds->at[i].copy = fcntl(ds->at[i].fd, F_DUPFD_CLOEXEC, 3);
                if (ds->at[i].copy < 0)
                        return err_errno(err, -errno, "descriptor %d cannot be had", ds->at[i].fd);
        }
        return 0;
}

static int check(struct descriptors *ds, struct err *err)
{
        if (ds->count)
                qsort(ds->at, ds->count, sizeof(*ds->at), compare);
        for (size_t i = 1; i < ds->count; i++)
                if (ds->at[i].fd == ds->at[i - 1].fd)
                        return err_set(
                                err, -EBADMSG, "descriptor %d is listed twice", ds->at[i].fd);
        return ds->pretend ? 0 : hold(ds, err);
}

int descriptors_read(struct saved *saved, bool pretend, struct descriptors **ret, struct err *err)
{
        CLEANUP(descriptors_free) struct descriptors *ds = descriptors_new();
        struct saved_item *item = saved_first(saved, "descriptors");
        const char *list = item ? saved_text(item, "list") : NULL;
        int r;

        ds->pretend = pretend;
        while (list && *list) {
                char *end;
                long fd = strtol(list, &end, 10);

                if (end == list || fd <= 2 || fd > INT_MAX || (*end && *end != ' '))
                        return err_set(err, -EBADMSG, "the list of descriptors is none");
                descriptors_add(ds, (int)fd);
                list = *end ? end + 1 : end;
        }
        r = check(ds, err);
        if (r < 0)
                return r;
        *ret = TAKE(ds);
        return 0;
}

static struct entry *find(const struct descriptors *ds, int fd)
{
        const struct entry wanted = { .fd = fd };

        if (ds->count == 0)
                return NULL;
        return bsearch(&wanted, ds->at, ds->count, sizeof(*ds->at), compare);
}

void descriptors_claim(struct descriptors *ds, int fd)
{
        struct entry *entry = ds ? find(ds, fd) : NULL;

        if (entry)
                entry->is_taken = true;
}

int descriptors_take(struct descriptors *ds, struct saved_item *item, const char *key)
{
        int fd = (int)saved_number(item, key, 3, INT_MAX, -1);
        struct entry *entry;

        if (fd < 0 || !ds)
                return -1;
        entry = find(ds, fd);
        if (!entry || entry->is_taken) {
                saved_fail(item, key, entry ? "taken before" : "not in the list of descriptors");
                return -1;
        }
        entry->is_taken = true;
        if (!ds->pretend)
                return entry->fd;
        fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (fd < 0)
                saved_fail(item, key, "no descriptor can be had for a look at it: %s",
                        strerrordesc_np(errno));
        return fd;
}

/*
 * The way through an exec.
 */

uint64_t descriptors_needed(const struct descriptors *ds)
{
        DIR *dir = opendir("/proc/self/fd");
        uint64_t count = ds->count + SPARE;

        while (dir && readdir(dir))
                count++;
        if (dir)
                (void)closedir(dir);
        return count;
}

static int set_cloexec(int fd, bool on) /* the only flag that there is */
{
        return fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0) < 0 ? -errno : 0;
}

void descriptors_keep(const struct descriptors *ds)
{
        for (size_t i = 0; i < ds->count; i++)
                (void)set_cloexec(ds->at[i].fd, true); /* one that is closed needs it no more */
}

int descriptors_bequeath(const struct descriptors *ds)
{
        for (size_t i = 0; i < ds->count; i++) {
                int r = set_cloexec(ds->at[i].fd, false);

                if (r < 0) {
                        descriptors_keep(ds);
                        return r;
                }
        }
        return 0;
}

int descriptors_put_back(const struct descriptors *ds)
{
        for (size_t i = 0; i < ds->count; i++) {
                const struct entry *entry = &ds->at[i];

                if (entry->copy < 0 ? set_cloexec(entry->fd, false) < 0
                                    : dup2(entry->copy, entry->fd) < 0)
                        return -errno;
        }
        return 0;
}

void descriptors_settle(struct descriptors *ds)
{
        for (size_t i = 0; i < ds->count; i++)
                ds->at[i].copy = fd_close(ds->at[i].copy);
}
