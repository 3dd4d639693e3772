/* Following log files: see follow.h. */
#include "rpc/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/monotonic.h"

/* How often to look without being told: seldom where inotify is at work. */
#define LOOK_WATCHED_USEC   USEC_SEC
#define LOOK_UNWATCHED_USEC (100 * USEC_MSEC)

static const char truncated_line[] = "==> File truncated <==\n";

struct follows {
        int epoll, inotify; /* inotify: -1: there is none here */
        struct follow *first;
        size_t count;
        usec_t looked; /* when all were looked at last */
};

struct follow {
        struct follows *follows;
        struct follow *next;
        char *path;
        int fd;
        int64_t offset;
        const char *line; /* rest of a line of our own that comes first */
        bool is_stream, has_ended;
        bool is_of_one_file; /* and has_ended when there is no more of it */
        bool waiting;
        int file_watch, directory_watch;
        void (*more)(void *context);
        void *context;
};

struct follows *follows_new(void)
{
        struct follows *follows = mem_new(sizeof(*follows));

        struct epoll_event event = { .events = EPOLLIN };

        follows->epoll = epoll_create1(EPOLL_CLOEXEC);
        follows->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (epoll_ctl(follows->epoll, EPOLL_CTL_ADD, follows->inotify, &event) < 0)
                follows->inotify = fd_close(follows->inotify); /* then it is looked more often */
        return follows;
}

struct follows *follows_free(struct follows *follows)
{
        if (!follows)
                return NULL;
        fd_close(follows->inotify);
        fd_close(follows->epoll);
        return mem_free(follows);
}

int follows_fd(const struct follows *follows)
{
        return follows->epoll;
}

size_t follows_count(const struct follows *follows)
{
        return follows->count;
}

static bool all_watched(const struct follows *follows)
{
        for (const struct follow *f = follows->first; f; f = f->next)
                if (!f->is_stream && (f->file_watch < 0 || f->directory_watch < 0))
                        return false;
        return true;
}

static usec_t look_time(const struct follows *follows)
{
        if (!follows->first)
                return USEC_NEVER;
        return usec_add(
                follows->looked, all_watched(follows) ? LOOK_WATCHED_USEC : LOOK_UNWATCHED_USEC);
}

usec_t follows_timeout(const struct follows *follows)
{
        usec_t at = look_time(follows);

        return at == USEC_NEVER ? USEC_NEVER : usec_sub(at, monotonic_now());
}

/* The kernel gives one number for one inode: others may use the same. */
static void unwatch(struct follow *follow, int *watch)
{
        int wd = *watch;

        *watch = -1;
        if (wd < 0)
                return;
        for (const struct follow *f = follow->follows->first; f; f = f->next)
                if (f->file_watch == wd || f->directory_watch == wd)
                        return;
        (void)inotify_rm_watch(follow->follows->inotify, wd); /* gone already is as good */
}

static void watch_file(struct follow *follow)
{
        char name[64];

        unwatch(follow, &follow->file_watch);
        /* Just the file that is open, whatever its path means by now. */
        (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", follow->fd); /* it fits */
        follow->file_watch = inotify_add_watch(follow->follows->inotify, name,
                IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF);
}

static void watch_directory(struct follow *follow)
{
        const char *slash = strrchr(follow->path, '/');
        CLEANUP(mem_free)
        char *directory = slash == follow->path ? mem_strdup("/")
                          : slash ? mem_strndup(follow->path, (size_t)(slash - follow->path))
                                  : mem_strdup(".");

        unwatch(follow, &follow->directory_watch);
        follow->directory_watch = inotify_add_watch(
                follow->follows->inotify, directory, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
}

static int open_file(const char *path, struct stat *ret)
{
        CLEANUP(fd_close) int fd = -1;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return -errno;
        if (fstat(fd, ret) < 0)
                return -errno;
        return S_ISREG(ret->st_mode) ? TAKE_FD(fd) : -EINVAL;
}

static void add(struct follows *follows, struct follow *follow)
{
        if (!follows->first)
                follows->looked = monotonic_now();
        follow->next = follows->first;
        follows->first = follow;
        follows->count++;
}

static int64_t tail_of(const struct stat *st)
{
        return st->st_size >= FOLLOW_TAIL_BYTES ? st->st_size - FOLLOW_TAIL_BYTES : 0;
}

static struct follow *begin(struct follows *follows, const char *path, int fd, int64_t offset,
        void (*more)(void *context), void *context)
{
        struct follow *follow = mem_new(sizeof(*follow));

        *follow = (struct follow){ .follows = follows,
                .path = mem_strdup(path),
                .fd = fd,
                .offset = offset,
                .file_watch = -1,
                .directory_watch = -1,
                .more = more,
                .context = context };
        add(follows, follow);
        watch_directory(follow);
        watch_file(follow);
        return follow;
}

int follow_new(struct follows *follows, const char *path, void (*more)(void *context),
        void *context, struct follow **ret)
{
        struct stat st;
        int fd = open_file(path, &st);

        if (fd < 0)
                return fd;
        *ret = begin(follows, path, fd, tail_of(&st), more, context);
        return 0;
}

int follow_new_at(struct follows *follows, const char *path, const struct logplace *from,
        void (*more)(void *context), void *context, struct follow **ret, struct logplace *ret_place,
        enum logplace_gap *ret_gap)
{
        CLEANUP(fd_close) int fd = -1;
        struct stat st;
        int r;

        *ret_gap = LOGPLACE_NO_GAP;
        if (from) {
                *ret_place = *from;
                fd = logplace_open(path, ret_place, ret_gap);
        } else {
                fd = open_file(path, &st);
        }
        if (fd < 0)
                return fd;
        r = from ? 0 : logplace_of(fd, tail_of(&st), ret_place);
        if (r < 0)
                return r;
        *ret = begin(follows, path, TAKE_FD(fd), ret_place->offset, more, context);
        (*ret)->is_of_one_file = true;
        return 0;
}

/* Edges, because what a slow reader leaves there is no reason to wake again and again. */
struct follow *follow_new_stream(
        struct follows *follows, int fd, void (*more)(void *context), void *context)
{
        struct epoll_event event = { .events = EPOLLIN | EPOLLET };
        struct follow *follow = mem_new(sizeof(*follow));

        *follow = (struct follow){ .follows = follows,
                .path = mem_strdup(""),
                .fd = fd,
                .is_stream = true,
                .file_watch = -1,
                .directory_watch = -1,
                .more = more,
                .context = context };
        add(follows, follow);
        (void)epoll_ctl(
                follows->epoll, EPOLL_CTL_ADD, fd, &event); /* or it is looked at at times */
        return follow;
}

struct follow *follow_free(struct follow *follow)
{
        struct follow **at;

        if (!follow)
                return NULL;
        for (at = &follow->follows->first; *at != follow; at = &(*at)->next)
                ;
        *at = follow->next;
        follow->follows->count--;
        unwatch(follow, &follow->file_watch);
        unwatch(follow, &follow->directory_watch);
        fd_close(follow->fd);
        mem_free(follow->path);
        return mem_free(follow);
}

time_t follow_modified(const struct follow *follow)
{
        struct stat st;

        if (follow->is_stream)
                return time(NULL);
        return fstat(follow->fd, &st) < 0 ? 0 : st.st_mtime;
}

/* Whether the path means another file by now; a file that is gone is still followed. */
static bool is_replaced(const struct follow *follow)
{
        struct stat here, there;

        return stat(follow->path, &there) == 0 && fstat(follow->fd, &here) == 0 &&
               S_ISREG(there.st_mode) &&
               (here.st_ino != there.st_ino || here.st_dev != there.st_dev);
}

static bool has_more(const struct follow *follow)
{
        struct pollfd stream = { .fd = follow->fd, .events = POLLIN };
        struct stat st;

        if (follow->is_stream)
                return !follow->has_ended && poll(&stream, 1, 0) > 0 && stream.revents & POLLIN;
        if (follow->line || is_replaced(follow))
                return true;
        return fstat(follow->fd, &st) == 0 && st.st_size != follow->offset;
}

/* A file that is gone was read to its end: then nothing is lost. */
bool follow_is_over(const struct follow *follow, struct logplace *ret, enum logplace_gap *ret_gap)
{
        CLEANUP(fd_close) int next = -1;
        struct logplace place;
        enum logplace_gap gap;
        struct stat st;

        *ret_gap = LOGPLACE_NO_GAP;
        if (!follow->is_of_one_file || !follow->has_ended ||
                logplace_of(follow->fd, follow->offset, ret) < 0)
                return false;
        if (fstat(follow->fd, &st) == 0 && st.st_size < follow->offset) {
                *ret_gap = LOGPLACE_TRUNCATED;
                ret->offset = 0;
                return true;
        }
        place = *ret;
        next = logplace_open(follow->path, &place, &gap);
        if (next >= 0)
                *ret = place;
        return true;
}

static bool switch_file(struct follow *follow)
{
        struct stat st;
        int fd;

        if (!is_replaced(follow))
                return false;
        fd = open_file(follow->path, &st);
        if (fd < 0)
                return false;
        fd_close(follow->fd);
        follow->fd = fd;
        follow->offset = 0;
        watch_directory(follow); /* it may be a new one as well */
        watch_file(follow);
        return true;
}

static size_t read_line(struct follow *follow, char *buffer, size_t size)
{
        size_t length = strlen(follow->line);

        if (length > size)
                length = size;
        memcpy(buffer, follow->line, length);
        follow->line += length;
        if (!*follow->line)
                follow->line = NULL;
        return length;
}

static size_t read_stream(struct follow *follow, char *buffer, size_t size)
{
        ssize_t n = read(follow->fd, buffer, size);

        follow->waiting = n <= 0;
        follow->has_ended =
                n == 0; /* its reader may look at what there was for as long as it likes */
        return n > 0 ? (size_t)n : 0;
}

static size_t read_one_file(struct follow *follow, char *buffer, size_t size)
{
        bool is_last = is_replaced(follow); /* before it is read: then this is all of it */
        struct stat st;
        ssize_t n = pread(follow->fd, buffer, size, follow->offset);

        if (n > 0) {
                follow->offset += n;
                return (size_t)n;
        }
        follow->has_ended = is_last || (fstat(follow->fd, &st) == 0 && st.st_size < follow->offset);
        follow->waiting = !follow->has_ended;
        return 0;
}

/* What the old file holds is read to its end before the new one is looked at. */
size_t follow_read(struct follow *follow, char *buffer, size_t size)
{
        if (follow->is_stream)
                return read_stream(follow, buffer, size);
        follow->waiting = false;
        if (follow->is_of_one_file)
                return read_one_file(follow, buffer, size);
        do {
                struct stat st;
                ssize_t n;

                if (follow->line)
                        return read_line(follow, buffer, size);
                if (fstat(follow->fd, &st) == 0 && st.st_size < follow->offset) {
                        follow->offset = 0;
                        follow->line = truncated_line;
                        return read_line(follow, buffer, size);
                }
                n = pread(follow->fd, buffer, size, follow->offset);
                if (n > 0) {
                        follow->offset += n;
                        return (size_t)n;
                }
        } while (switch_file(follow));
        follow->waiting = true;
        return 0;
}

void follows_run(struct follows *follows)
{
        char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
        struct epoll_event streams[64];
        int n = epoll_wait(follows->epoll, streams, ELEMENTS(streams), 0);
        bool look = n > 0 || monotonic_now() >= look_time(follows);

        /* What they say does not matter: looking at every file that somebody waits for is cheap. */
        for (unsigned i = 0; i < 64 && read(follows->inotify, events, sizeof(events)) > 0; i++)
                look = true;
        if (!look)
                return;
        follows->looked = monotonic_now();
        for (struct follow *f = follows->first; f; f = f->next)
                if (f->waiting && has_more(f))
                        f->more(f->context);
}
