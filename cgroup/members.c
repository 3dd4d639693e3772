/* Members of a cgroup: see members.h. */
#include "cgroup/members.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/monotonic.h"
#include "cgroup/attribute.h"
#include "cgroup/parse.h"

/* Passes of the substitute for cgroup.kill: with the group frozen nobody forks any more, so the
 * second one is there for those who forked before the freeze took effect. */
enum { KILL_PASSES_MAX = 64 };

static DIR *dir_close(DIR *dir)
{
        if (dir)
                (void)closedir(dir); /* was only read */
        return NULL;
}
DEFINE_CLEANUP(DIR *, dir_close)

int members_each_child(
        int dir, int (*visit)(void *context, int dir, const char *name), void *context)
{
        CLEANUP(fd_close) int own = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CLEANUP(dir_close) DIR *stream = NULL;
        struct dirent *entry;

        if (own < 0)
                return -errno;
        stream = fdopendir(own);
        if (!stream)
                return -errno;
        own = -1; /* the stream's now */
        while ((entry = readdir(stream))) {
                int r;

                if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 ||
                        strcmp(entry->d_name, "..") == 0)
                        continue;
                r = visit(context, dir, entry->d_name);
                if (r != 0)
                        return r;
        }
        return 0;
}

/* One way down: 'each' for every process of every cgroup. */
struct walk {
        const char *file;
        int (*each)(void *context, pid_t pid); /* what it returns is added up */
        void *context;
        int depth;
        int total;
};

static int walk_dir(struct walk *walk, int dir);

static int walk_child(void *context, int dir, const char *name)
{
        struct walk *walk = context;
        CLEANUP(fd_close) int child = attribute_open_dir(dir, name);

        return child < 0 ? 0 : walk_dir(walk, child); /* gone meanwhile: nobody lived there */
}

static int walk_dir(struct walk *walk, int dir)
{
        CLEANUP(text_clear) struct text text = {};
        size_t at = 0;
        pid_t pid;
        int r;

        r = attribute_read_text(dir, walk->file, &text);
        /* Removed meanwhile; or threaded, whose processes are all listed further up. */
        if (r == -ENODEV || r == -ENOENT || r == -EOPNOTSUPP)
                return 0;
        if (r < 0)
                return r;
        while (parse_next_pid(text_string(&text), text.length, &at, &pid))
                walk->total += walk->each(walk->context, pid);
        if (walk->depth >= MEMBERS_DEPTH_MAX)
                return 0;
        walk->depth++;
        r = members_each_child(dir, walk_child, walk);
        walk->depth--;
        return r == -ENOENT || r == -ENODEV ? 0 : r;
}

static int walk(int dir, const char *file, int (*each)(void *context, pid_t pid), void *context)
{
        struct walk walk = { .file = file, .each = each, .context = context };
        int r = walk_dir(&walk, dir);

        return r < 0 ? r : walk.total;
}

static int count_one(void *context, pid_t pid)
{
        return 1;
}

int members_each(int dir, int (*each)(void *context, pid_t pid), void *context)
{
        return walk(dir, "cgroup.procs", each, context);
}

int members_count(int dir)
{
        return walk(dir, "cgroup.procs", count_one, NULL);
}

int members_threads(int dir, uint64_t *ret)
{
        int n = walk(dir, "cgroup.threads", count_one, NULL);

        if (n < 0)
                return n;
        *ret = (uint64_t)n;
        return 0;
}

static int signal_one(void *context, pid_t pid)
{
        const int *signal = context;

        /* 0 is a process that has no number here, and would mean our own process group. */
        return pid > 0 && kill(pid, *signal) == 0;
}

int members_signal(int dir, int signal)
{
        return walk(dir, "cgroup.procs", signal_one, &signal);
}

int members_populated(int dir)
{
        uint64_t populated;
        int r = attribute_keyed(dir, "cgroup.events", "populated", &populated);

        return r < 0 ? r : populated != 0;
}

int members_kill_each(int dir)
{
        int r, thaw, frozen = attribute_write(dir, "cgroup.freeze", "1");

        for (int pass = 0; pass < KILL_PASSES_MAX; pass++) {
                r = members_signal(dir, SIGKILL);
                if (r <= 0)
                        break;
                (void)sched_yield(); /* lets the freeze and the deaths take effect */
        }
        /* Frozen processes die too; thawing is for whoever is put here next. */
        thaw = frozen < 0 ? 0 : attribute_write(dir, "cgroup.freeze", "0");
        return r < 0 ? r : thaw;
}

int members_kill(int dir)
{
        int r = attribute_write(dir, "cgroup.kill", "1");

        /* Not there before Linux 5.14; not for threaded cgroups. */
        return r == -ENOENT || r == -EOPNOTSUPP ? members_kill_each(dir) : r;
}

int members_wait(int dir, unsigned msec)
{
        CLEANUP(fd_close) int fd = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
        const usec_t start = monotonic_now();
        usec_t passed;
        struct pollfd p = { .fd = fd, .events = POLLPRI };
        int r;

        if (fd < 0)
                return -errno;
        for (;;) {
                r = members_populated(dir);
                if (r <= 0)
                        return r < 0 ? r : 1;
                passed = (monotonic_now() - start) / USEC_MSEC;
                if (passed >= msec)
                        return 0;
                /* Ended by time too, in case a notification is held back or was before poll(). */
                (void)poll(&p, 1, msec - passed > 50 ? 50 : (int)(msec - passed));
                if (p.revents & POLLERR) {
                        char drain[256];

                        /* Reading is what takes the notification back. */
                        (void)!pread(fd, drain, sizeof(drain), 0);
                }
        }
}

static int add_resident(void *context, pid_t pid)
{
        uint64_t *total = context;
        unsigned long long size, resident;
        char path[48], buffer[256];
        int n;

        if (pid <= 0)
                return 1;
        (void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
        n = attribute_read(AT_FDCWD, path, buffer, sizeof(buffer));
        if (n == -ENOENT || n == -ESRCH)
                return 0; /* gone, and uses none */
        if (n <= 0 || sscanf(buffer, "%llu %llu", &size, &resident) != 2)
                return 1;
        *total += resident * (uint64_t)sysconf(_SC_PAGESIZE);
        return 0;
}

static int add_memory(void *context, pid_t pid)
{
        uint64_t *total = context;
        unsigned long long size;
        char path[48], buffer[2048];
        int n;

        if (pid <= 0)
                return 1;
        (void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
        n = attribute_read(AT_FDCWD, path, buffer, sizeof(buffer));
        if (n > 0) {
                const char *pss = strstr(buffer, "\nPss:");

                if (pss && sscanf(pss, " Pss: %llu kB", &size) == 1) {
                        *total += (uint64_t)size * 1024;
                        return 0;
                }
        }
        return add_resident(context, pid);
}

int members_memory_of(pid_t pid, uint64_t *total)
{
        return add_memory(total, pid) == 0 ? 0 : -ENODATA;
}

static int sum(int dir, int (*add)(void *context, pid_t pid), uint64_t *ret)
{
        uint64_t total = 0;
        int unknown = walk(dir, "cgroup.procs", add, &total);

        if (unknown < 0)
                return unknown;
        if (unknown > 0)
                return -ENODATA;
        *ret = total;
        return 0;
}

int members_memory(int dir, uint64_t *ret)
{
        return sum(dir, add_memory, ret);
}

int members_resident(int dir, uint64_t *ret)
{
        return sum(dir, add_resident, ret);
}

struct io {
        uint64_t in, out;
};

static int add_io(void *context, pid_t pid)
{
        struct io *io = context;
        uint64_t in, out;
        char path[48], buffer[512];
        int n;

        if (pid <= 0)
                return 1;
        (void)snprintf(path, sizeof(path), "/proc/%d/io", (int)pid);
        n = attribute_read(AT_FDCWD, path, buffer, sizeof(buffer));
        if (n == -ENOENT || n == -ESRCH)
                return 0;
        if (n < 0 || !parse_keyed(buffer, (size_t)n, "read_bytes:", &in) ||
                !parse_keyed(buffer, (size_t)n, "write_bytes:", &out))
                return 1;
        io->in += in;
        io->out += out;
        return 0;
}

int members_io(int dir, uint64_t *ret_read, uint64_t *ret_written)
{
        struct io io = {};
        int unknown = walk(dir, "cgroup.procs", add_io, &io);

        if (unknown < 0)
                return unknown;
        if (unknown > 0)
                return -ENODATA;
        *ret_read = io.in;
        *ret_written = io.out;
        return 0;
}

struct removal {
        int depth;
        int result;
};

static int remove_child(void *context, int parent, const char *name)
{
        struct removal *removal = context;
        int dir;

        if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
                return 0;
        dir = removal->depth < MEMBERS_DEPTH_MAX ? attribute_open_dir(parent, name) : -EBUSY;
        if (dir >= 0) {
                removal->depth++;
                (void)members_each_child(dir, remove_child, removal); /* the result is inside */
                removal->depth--;
                (void)fd_close(dir);
        }
        if (unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
                removal->result = -errno;
        return 0;
}

int members_remove(int parent, const char *name)
{
        struct removal removal = {};

        (void)remove_child(&removal, parent, name); /* always 0 */
        return removal.result;
}
