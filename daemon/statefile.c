/* The state file: see statefile.h. */
#include "daemon/statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "cgroup/attribute.h"

/* A killed daemon's child may hold its lock until it has exec'ed: not long. */
enum { LOCK_TRIES_MAX = 100, LOCK_WAIT_NSEC = 10 * 1000 * 1000 };
enum { HEAD_SIZE = 4096, RECORD_HEAD_MAX = 32, FOLLOW_SIZE = 16 << 10 };
#define STATEFILE_SIZE_MAX ((off_t)512 << 20) /* ten times what a large configuration needs */

struct head {
        char magic[16];
        char world[80]; /* the boot and the pid namespace that pids and times are of */
        volatile uint32_t attempts;
        struct statefile_birth birth;
        volatile uint64_t alive; /* CLOCK_BOOTTIME; 0: it was not told */
};

static const char magic[16] = "reeve-state 1\n";

struct renewal { /* the new file under its temporary name */
        int fd;  /* -1: there is none */
        struct head *head;
        off_t followed;   /* up to here the present file is in it */
        off_t added_size; /* without what has followed; 0: it is not known yet */
};

struct statefile {
        char *path;
        char world[80];
        int fd;
        struct head *head; /* mapped */
        off_t size, renewed_size;
        char *read; /* what was in it at the opening, behind the head */
        size_t read_length, read_at;
        struct statefile_birth last_birth;
        usec_t last_alive;
        char *complaint;
        struct renewal renewal;
};

void statefile_be_alive(struct statefile *file, usec_t now)
{
        file->head->alive = now;
}

usec_t statefile_last_alive(const struct statefile *file)
{
        return file->last_alive;
}

void statefile_take_along(struct statefile *file, bool is_taken)
{
        /* Fails for no mapping that there is. */
        (void)madvise(file->head, HEAD_SIZE, is_taken ? MADV_DOFORK : MADV_DONTFORK);
}

struct statefile *statefile_close(struct statefile *file)
{
        if (!file)
                return NULL;
        statefile_renewal_abandon(file);
        if (file->head)
                (void)munmap(file->head, HEAD_SIZE);
        file->fd = fd_close(file->fd);
        mem_free(file->read);
        mem_free(file->path);
        mem_free(file->complaint);
        return mem_free(file);
}

void statefile_remove(struct statefile *file)
{
        (void)unlink(
                file->path); /* what is left of it says that its boot, or its end, was another */
}

const char *statefile_path(const struct statefile *file)
{
        return file->path;
}

/*
 * Opening.
 */

static void find_world(char *ret, size_t size)
{
        char boot[40] = "";
        struct stat st = {};

        (void)attribute_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
        (void)stat("/proc/self/ns/pid", &st); /* without /proc nobody is found either */
        boot[strcspn(boot, "\n")] = '\0';
        (void)snprintf(ret, size, "%s %ju", boot, (uintmax_t)st.st_ino); /* fits */
}

static int lock(int fd, const char *path, int tries_max, struct err *err)
{
        for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
                if (errno != EWOULDBLOCK && errno != EINTR)
                        return err_errno(err, -errno, "cannot lock '%s'", path);
                if (i >= tries_max)
                        return err_set(err, -EBUSY, "'%s' belongs to a daemon that is alive", path);
                (void)nanosleep(&(struct timespec){ .tv_nsec = LOCK_WAIT_NSEC }, NULL);
        }
        return 0;
}

/* What anybody else can write is no state of ours, and what he can read is none of his business. */
static int check_owner(int fd, const char *path, uid_t owner, struct err *err)
{
        struct stat st;
        bool is_alone;

        if (fstat(fd, &st) < 0)
                return err_errno(err, -errno, "cannot look at '%s'", path);
        /* In a directory of the owner's a second name may be that of any file of ours. */
        is_alone = S_ISREG(st.st_mode) && !(st.st_mode & 077) && st.st_nlink == 1;
        if (is_alone && st.st_size == 0 && st.st_uid == geteuid() && owner != geteuid() &&
                fchown(fd, owner, (gid_t)-1) == 0)
                st.st_uid = owner; /* it was made just now */
        if (!is_alone || st.st_uid != owner)
                return err_set(err, -EPERM, "'%s' is not a file of ours alone", path);
        return 0;
}

/* Its fd, locked, and still the one that is there: its last owner may have put another in place
 * between our opening and our locking. */
static int open_locked(const char *path, uid_t owner, int tries_max, struct err *err)
{
        for (int i = 0; i < LOCK_TRIES_MAX; i++) {
                CLEANUP(fd_close)
                int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
                struct stat held, there;
                int r;

                if (fd < 0)
                        return err_errno(err, -errno, "cannot open '%s'", path);
                r = check_owner(fd, path, owner, err);
                if (r == -EPERM && fstat(fd, &held) == 0 && held.st_nlink == 0)
                        continue;
                if (r >= 0)
                        r = lock(fd, path, tries_max, err);
                if (r < 0)
                        return r;
                if (fstat(fd, &held) == 0 && lstat(path, &there) == 0 &&
                        held.st_ino == there.st_ino && held.st_dev == there.st_dev)
                        return TAKE_FD(fd);
        }
        return err_set(err, -EBUSY, "'%s' changes all the time", path);
}

/* Room is taken for the page, so that a full file system is told here and never by a SIGBUS.  A
 * mapping holds the lock as much as a descriptor does, so none is to be in what we fork and what
 * outlives us. */
static int map_head(int fd, struct head **ret)
{
        void *p;
        int r = posix_fallocate(fd, 0, HEAD_SIZE);

        if (r > 0)
                return -r;
        p = mmap(NULL, HEAD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (p == MAP_FAILED)
                return -errno;
        if (madvise(p, HEAD_SIZE, MADV_DONTFORK) < 0) {
                r = -errno;
                (void)munmap(p, HEAD_SIZE);
                return r;
        }
        *ret = p;
        return 0;
}

static int read_content(struct statefile *file, struct err *err)
{
        struct stat st;
        ssize_t n;

        if (fstat(file->fd, &st) < 0)
                return err_errno(err, -errno, "cannot look at '%s'", file->path);
        file->size = file->renewed_size = st.st_size;
        if (st.st_size <= HEAD_SIZE)
                return 0;
        if (st.st_size > STATEFILE_SIZE_MAX)
                return err_set(err, -EFBIG, "'%s' is too large to be a state", file->path);
        file->read = mem_new((size_t)st.st_size - HEAD_SIZE);
        while (file->read_length < (size_t)st.st_size - HEAD_SIZE) {
                n = pread(file->fd, file->read + file->read_length,
                        (size_t)st.st_size - HEAD_SIZE - file->read_length,
                        HEAD_SIZE + (off_t)file->read_length);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return err_errno(err, -errno, "cannot read '%s'", file->path);
                if (n == 0)
                        break;
                file->read_length += (size_t)n;
        }
        return 0;
}

char *statefile_set_aside(const struct statefile *file)
{
        CLEANUP(mem_free) char *name = mem_format("%s.bad", file->path);

        return rename(file->path, name) < 0 ? NULL : TAKE(name);
}

/* What is wrong with what was found; NULL: nothing, or there is nothing. */
static const char *judge(struct statefile *file)
{
        struct statefile_record record;
        struct head found = {};
        ssize_t n = pread(file->fd, &found, sizeof(found), 0);
        const char *end = memchr(file->world, ' ', sizeof(file->world));
        bool is_whole;

        if (n <= 0 || (memcmp(found.magic, (char[sizeof(magic)]){}, sizeof(magic)) == 0 &&
                              file->read_length == 0)) /* of who got no further than to make it */
                return NULL;
        if (n < (ssize_t)sizeof(found) || memcmp(found.magic, magic, sizeof(magic)) != 0)
                return text_starts(found.magic, "reeve-state ")
                               ? "it is of a form that another build of reeved writes"
                               : "it is no state of reeved";
        if (strncmp(found.world, file->world, sizeof(file->world)) != 0)
                return end && strncmp(found.world, file->world, (size_t)(end - file->world)) == 0
                               ? "it is of a daemon in another pid namespace"
                               : NULL;
        is_whole = file->read_length == 0 || statefile_next(file, &record);
        statefile_rewind(file);
        return is_whole ? NULL : "what it begins with is damaged";
}

static int open_with(
        const char *path, uid_t owner, int tries_max, struct statefile **ret, struct err *err);

/* Another one in its place. */
static int open_instead(struct statefile *file, const char *why, uid_t owner, int tries_max,
        struct statefile **ret, struct err *err)
{
        CLEANUP(mem_free) char *name = statefile_set_aside(file);
        int r;

        if (!name)
                return err_set(err, -errno,
                        "'%s' cannot be used, for %s, and cannot be put aside: %s", file->path, why,
                        strerrordesc_np(errno));
        r = open_with(file->path, owner, tries_max, ret, err);
        if (r >= 0)
                (*ret)->complaint = mem_format("what was found in '%s' is not gone on from: %s; it "
                                               "is kept as '%s'",
                        file->path, why, name);
        return r;
}

static int open_with(
        const char *path, uid_t owner, int tries_max, struct statefile **ret, struct err *err)
{
        const char *why;
        CLEANUP(statefile_close) struct statefile *file = mem_new(sizeof(*file));
        int r;

        file->renewal.fd = -1;
        file->path = mem_strdup(path);
        find_world(file->world, sizeof(file->world));
        file->fd = open_locked(path, owner, tries_max, err);
        if (file->fd < 0)
                return file->fd;
        r = read_content(file, err);
        if (r < 0)
                return r;
        why = judge(file);
        if (why)
                return open_instead(file, why, owner, tries_max, ret, err);
        r = map_head(file->fd, &file->head);
        if (r < 0)
                return err_errno(err, r, "cannot map '%s'", path);
        if (memcmp(file->head->magic, magic, sizeof(magic)) == 0 &&
                strncmp(file->head->world, file->world, sizeof(file->world)) == 0) {
                file->last_birth = file->head->birth;
                file->last_alive = file->head->alive;
        } else {
                file->read_length = 0; /* of another world, of another kind, or of nobody */
        }
        *ret = TAKE(file);
        return 0;
}

int statefile_open(const char *path, uid_t owner, struct statefile **ret, struct err *err)
{
        return open_with(path, owner, LOCK_TRIES_MAX, ret, err);
}

int statefile_try_open(const char *path, uid_t owner, struct statefile **ret, struct err *err)
{
        return open_with(path, owner, 0, ret, err);
}

const char *statefile_complaint(const struct statefile *file)
{
        return file->complaint;
}

/*
 * What was in it.
 */

/* "<type> <length>\n", the bytes, "\n". */
bool statefile_next(struct statefile *file, struct statefile_record *ret)
{
        const char *at = file->read + file->read_at;
        size_t left = file->read_length - file->read_at, length = 0, i = 2;

        if (left < 4 || at[1] != ' ')
                return false;
        for (; i < left && at[i] >= '0' && at[i] <= '9' && length < STATEFILE_SIZE_MAX; i++)
                length = length * 10 + (size_t)(at[i] - '0');
        if (i == 2 || i >= left || at[i] != '\n' || left - i - 1 < length + 1 ||
                at[i + 1 + length] != '\n')
                return false;
        *ret = (struct statefile_record){ at[0], at + i + 1, length };
        file->read_at += i + length + 2;
        return true;
}

void statefile_rewind(struct statefile *file)
{
        file->read_at = 0;
}

const struct statefile_birth *statefile_last_birth(const struct statefile *file)
{
        return &file->last_birth;
}

unsigned statefile_count_attempt(struct statefile *file)
{
        return ++file->head->attempts;
}

void statefile_forget(struct statefile *file)
{
        file->read = mem_free(file->read);
        file->read_length = file->read_at = 0;
}

/*
 * Writing.
 */

static int write_whole(int fd, struct iovec *parts, int count, off_t at)
{
        while (count > 0) {
                ssize_t n = pwritev(fd, parts, count, at);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : -ENOSPC;
                at += n;
                for (; count > 0 && (size_t)n >= parts->iov_len; parts++, count--)
                        n -= (ssize_t)parts->iov_len;
                if (count > 0) {
                        parts->iov_base = (char *)parts->iov_base + n;
                        parts->iov_len -= (size_t)n;
                }
        }
        return 0;
}

/* How many bytes, or a negative errno. */
static ssize_t write_record(int fd, off_t at, char type, const char *data, size_t length)
{
        char head[RECORD_HEAD_MAX];
        int n = snprintf(head, sizeof(head), "%c %zu\n", type, length); /* fits */
        struct iovec parts[] = { { head, (size_t)n }, { (void *)data, length },
                { (void *)"\n", 1 } };
        int r = write_whole(fd, parts, ELEMENTS(parts), at);

        return r < 0 ? r : (ssize_t)((size_t)n + length + 1);
}

int statefile_append(struct statefile *file, char type, const char *data, size_t length)
{
        ssize_t n = write_record(file->fd, file->size, type, data, length);

        if (n < 0) {
                (void)ftruncate(file->fd, file->size); /* a record that is cut off is none */
                return (int)n;
        }
        file->size += n;
        return 0;
}

size_t statefile_appended(const struct statefile *file)
{
        return (size_t)(file->size - file->renewed_size);
}

struct statefile_birth *statefile_birth(struct statefile *file)
{
        return &file->head->birth;
}

/*
 * The new file.
 */

static char *temporary_of(const struct statefile *file)
{
        return mem_format("%s.new", file->path);
}

int statefile_renewal_begin(struct statefile *file)
{
        CLEANUP(mem_free) char *name = temporary_of(file);
        CLEANUP(fd_close) int fd = -1;
        int r;

        statefile_renewal_abandon(file);
        (void)unlink(name); /* of a daemon that was killed while it wrote */
        fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        r = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : map_head(fd, &file->renewal.head);
        if (r < 0) {
                (void)unlink(name);
                return r;
        }
        file->renewal.fd = TAKE_FD(fd);
        file->renewal.followed = file->size;
        file->renewal.added_size = 0;
        return 0;
}

void statefile_renewal_abandon(struct statefile *file)
{
        CLEANUP(mem_free) char *name = NULL;

        if (file->renewal.fd < 0)
                return;
        name = temporary_of(file);
        (void)unlink(name); /* or the next one does */
        (void)munmap(file->renewal.head, HEAD_SIZE);
        file->renewal = (struct renewal){ .fd = fd_close(file->renewal.fd) };
}

int statefile_renewal_fd(const struct statefile *file)
{
        return file->renewal.fd;
}

int statefile_renewal_add(struct statefile *file, const struct statefile_record *record)
{
        /* Who has added is perhaps another process: the file itself says how far it is. */
        off_t at = lseek(file->renewal.fd, 0, SEEK_END);
        ssize_t n = at < 0 ? -errno
                           : write_record(file->renewal.fd, at, record->type, record->data,
                                     record->length);

        return n < 0 ? (int)n : 0;
}

int statefile_renewal_follow(struct statefile *file)
{
        struct renewal *renewal = &file->renewal;
        char bytes[FOLLOW_SIZE];
        off_t left = file->size - renewal->followed, at = lseek(renewal->fd, 0, SEEK_END);
        ssize_t n;
        int r;

        if (at < 0)
                return -errno;
        if (renewal->added_size == 0)
                renewal->added_size = at;
        if (left == 0)
                return 0;
        n = pread(file->fd, bytes, left < FOLLOW_SIZE ? (size_t)left : FOLLOW_SIZE,
                renewal->followed);
        if (n <= 0)
                return n < 0 ? -errno : -EIO;
        r = write_whole(renewal->fd, &(struct iovec){ bytes, (size_t)n }, 1, at);
        if (r < 0)
                return r;
        renewal->followed += n;
        return renewal->followed < file->size;
}

int statefile_renewal_end(struct statefile *file)
{
        CLEANUP(mem_free) char *name = temporary_of(file);
        struct renewal *renewal = &file->renewal;
        off_t size = lseek(renewal->fd, 0, SEEK_END);

        if (size < 0)
                return -errno;
        if (renewal->followed != file->size)
                return -EAGAIN;
        memcpy(renewal->head->world, file->world, sizeof(file->world));
        memcpy(renewal->head->magic, magic, sizeof(magic));
        renewal->head->alive = file->head->alive;
        if (rename(name, file->path) < 0)
                return -errno;
        (void)munmap(file->head, HEAD_SIZE);
        (void)fd_close(file->fd);
        file->fd = renewal->fd;
        file->head = renewal->head;
        file->size = size;
        file->renewed_size = renewal->added_size > 0 ? renewal->added_size : size;
        *renewal = (struct renewal){ .fd = -1 };
        return 0;
}

int statefile_renew(struct statefile *file, const struct statefile_record *records, size_t count)
{
        int r = statefile_renewal_begin(file);

        for (size_t i = 0; i < count && r >= 0; i++)
                r = statefile_renewal_add(file, &records[i]);
        if (r >= 0)
                r = statefile_renewal_end(file);
        if (r < 0)
                statefile_renewal_abandon(file);
        return r;
}

size_t statefile_renewed(const struct statefile *file)
{
        return (size_t)file->renewed_size;
}
