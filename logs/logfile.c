/* Log files: see logfile.h.
 *
 * A file is not opened with O_APPEND, because splice(2) refuses such a file; instead each write is
 * an appending one (RWF_APPEND), and each splice goes to where the file ends now.  Between asking
 * and splicing somebody else's bytes could be overwritten, so as soon as a file proves to have
 * another writer it is written to and no longer spliced into.  A file that became shorter was
 * truncated by a log rotator and is simply gone on with from there. */
#include "logs/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <uthash.h>

#include "base/clock.h"
#include "base/fd.h"
#include "logs/logtarget.h"
#include "logs/logtrouble.h"
#include "loop/thread.h"

enum {
        PIPES_MAX = 64,           /* that may be enlarged at one time */
        BACKUPS_SWEEP_MAX = 1000, /* beyond it the sweep stops at the first gap */
        DISCARD_UNIT = 65536,
        LARGE_SIZE = 4 << 20, /* to free the pages of a file of that size takes a while */
};

struct logfile {
        struct logfiles *table;
        unsigned references;
        char *path;
        bool adopted; /* there is no path to open again */
        int64_t bytes_max;
        int64_t backups;
        mode_t mode;
        struct logtarget target; /* fd -1: could not be opened, tried again at each write */
        bool can_splice;
        int64_t size;      /* where it ended when we last looked, of a regular file */
        int64_t rotate_at; /* size that starts the next rotation; INT64_MAX: never */
        struct logtrouble *trouble;
        UT_hash_handle by_path;
        UT_hash_handle by_id; /* regular files only */
};

struct logfiles {
        struct logfile *paths;
        struct logfile *ids;
        struct logtroubles *troubles;
        struct log_sink sink;
        int null_fd;
        unsigned pipes;
};

struct logfiles *logfiles_new(void)
{
        struct logfiles *t = mem_new(sizeof(*t));

        t->troubles = logtroubles_new();
        /* Without it, output that nobody wants is read instead. */
        t->null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        return t;
}

struct logfiles *logfiles_free(struct logfiles *t)
{
        if (!t)
                return NULL;
        fd_close(t->null_fd);
        logtroubles_free(t->troubles);
        return mem_free(t);
}

void logfiles_set_sink(struct logfiles *t, struct log_sink sink)
{
        t->sink = sink;
        logtroubles_set_sink(t->troubles, sink);
}

const struct logtrouble *logfiles_trouble(const struct logfiles *t, const char *path)
{
        return logtroubles_find(t->troubles, path);
}

bool logfiles_take_pipe(struct logfiles *t)
{
        if (t->pipes >= PIPES_MAX)
                return false;
        t->pipes++;
        return true;
}

void logfiles_return_pipe(struct logfiles *t)
{
        t->pipes--;
}

static void tell(struct logfiles *t, enum log_level level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static void tell(struct logfiles *t, enum log_level level, const char *format, ...)
{
        CLEANUP(mem_free) char *text = NULL;
        va_list ap;

        if (!t->sink.write)
                return;
        va_start(ap, format);
        text = mem_vformat(format, ap);
        va_end(ap);
        t->sink.write(t->sink.context, level, text);
}

static int64_t size_now(const struct logfile *f)
{
        struct stat st;

        return fstat(f->target.stream.fd, &st) < 0 ? f->size : (int64_t)st.st_size;
}

static void set_rotate_at(struct logfile *f)
{
        f->rotate_at = f->bytes_max > 0 && f->target.regular && !f->target.fixed ? f->bytes_max
                                                                                 : INT64_MAX;
}

/* Puts the target in place of the old one, which is closed. */
static void take_target(struct logfile *f, const struct logtarget *new)
{
        if (f->target.stream.fd >= 0 && f->target.regular)
                HASH_DELETE(by_id, f->table->ids, f);
        stream_close(&f->target.stream);
        f->target = *new;
        if (new->regular &&new->stream.fd >= 0)
                HASH_ADD(by_id, f->table->ids, target.id, sizeof(f->target.id), f);
        f->can_splice = new->regular;
        f->size = new->regular &&new->stream.fd >= 0 ? size_now(f) : 0;
        set_rotate_at(f);
}

static void drop_target(struct logfile *f)
{
        struct logtarget none = f->target;

        none.stream.fd = -1;
        take_target(f, &none);
}

/* With the options of every opener the file stays within the smallest of their limits. */
static void merge_options(struct logfile *f, const struct logfile_options *options)
{
        if (options->bytes_max <= 0)
                return;
        if (f->bytes_max > 0 && f->bytes_max < options->bytes_max)
                return;
        if (f->bytes_max != options->bytes_max || options->backups > f->backups)
                f->backups = options->backups;
        f->bytes_max = options->bytes_max;
        set_rotate_at(f);
}

/* Somebody may have moved the file away since it was opened: a new opener wants the path. */
static void refresh(struct logfile *f)
{
        struct stat st;

        if (f->adopted || f->target.fixed || !f->target.regular)
                return;
        if (f->target.stream.fd < 0 || stat(f->path, &st) < 0 || st.st_dev != f->target.id.device ||
                st.st_ino != f->target.id.inode)
                (void)logfile_reopen(f, NULL); /* when it fails the old one does */
}

static struct logfile *add(
        struct logfiles *table, const char *path, const char *owner, const struct logtarget *target)
{
        struct logfile *f = mem_new(sizeof(*f));

        f->table = table;
        f->references = 1;
        f->path = mem_strdup(path);
        f->trouble = logtrouble_open(table->troubles, path, owner);
        f->target.stream.fd = -1;
        take_target(f, target);
        return f;
}

static struct logfile *ref(struct logfile *f)
{
        f->references++;
        return f;
}

int logfile_open(struct logfiles *table, const struct logfile_options *options,
        struct logfile **ret, struct err *err)
{
        mode_t mode = options->mode ? options->mode : 0666;
        struct logtarget target;
        struct logfile *f;
        int r;

        HASH_FIND(by_path, table->paths, options->path, strlen(options->path), f);
        if (f) {
                refresh(f);
                merge_options(f, options);
                *ret = ref(f);
                return 0;
        }
        r = logtarget_open(options->path, mode, 0, &target, err);
        if (r < 0 && !options->is_patient)
                return r;
        if (r < 0)
                target = (struct logtarget){ .stream = { .fd = -1 } };
        if (target.regular)
                HASH_FIND(by_id, table->ids, &target.id, sizeof(target.id), f);
        if (f) { /* the same file by another name */
                stream_close(&target.stream);
                merge_options(f, options);
                *ret = ref(f);
                return 0;
        }
        f = add(table, options->path, options->owner, &target);
        f->bytes_max = options->bytes_max;
        f->backups = options->backups;
        f->mode = mode;
        set_rotate_at(f);
        HASH_ADD_KEYPTR(by_path, table->paths, f->path, strlen(f->path), f);
        if (r < 0)
                logtrouble_lost(f->trouble, r, 0);
        *ret = f;
        return 0;
}

int logfile_adopt(
        struct logfiles *table, const char *name, int fd, struct logfile **ret, struct err *err)
{
        struct logtarget target = { .fixed = true };
        int r = stream_adopt(fd, &target.stream);

        if (r < 0)
                return err_errno(err, r, "cannot write to '%s'", name);
        *ret = add(table, name, NULL, &target);
        (*ret)->adopted = true;
        return 0;
}

struct logfile *logfile_unref(struct logfile *f)
{
        if (!f || --f->references)
                return NULL;
        drop_target(f);
        if (!f->adopted)
                HASH_DELETE(by_path, f->table->paths, f);
        logtrouble_close(f->trouble);
        mem_free(f->path);
        return mem_free(f);
}

/* Opens by the path what an earlier failure left closed.  Returns 0 or a negative errno. */
static int ensure_open(struct logfile *f)
{
        struct logtarget target;
        int r;

        if (f->target.stream.fd >= 0)
                return 0;
        if (f->adopted)
                return -EBADF;
        r = logtarget_open(f->path, f->mode, 0, &target, NULL);
        if (r < 0)
                return r;
        take_target(f, &target);
        return 0;
}

/* Where the sweep begins: all of the backups, or up to the first gap when there may be very many.
 */
static int64_t oldest_backup(const struct logfile *f)
{
        if (f->backups <= BACKUPS_SWEEP_MAX)
                return f->backups - 1;
        for (int64_t i = 1; i < f->backups; i++) {
                CLEANUP(mem_free) char *name = mem_format("%s.%" PRId64, f->path, i);

                if (access(name, F_OK) < 0)
                        return i - 1;
        }
        return f->backups - 1;
}

static int open_backup(const struct logfile *f, int64_t number)
{
        CLEANUP(mem_free) char *path = mem_format("%s.%" PRId64, f->path, number);

        return open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC); /* -1: it is not there */
}

/* rename(2) takes the place of an older target by itself.  Returns 0 or a negative errno; a missing
 * file is none. */
static int rename_backup(const struct logfile *f, int64_t from)
{
        CLEANUP(mem_free) char *target = mem_format("%s.%" PRId64, f->path, from + 1);
        CLEANUP(mem_free) char *source = NULL;

        source = from > 0 ? mem_format("%s.%" PRId64, f->path, from) : mem_strdup(f->path);
        return rename(source, target) < 0 && errno != ENOENT ? -errno : 0;
}

/* When the file cannot be moved it is not truncated either: it goes on growing, and that is said.
 */
static void rotate(struct logfile *f)
{
        int64_t oldest = f->backups > 0 ? oldest_backup(f) : -1;
        struct logtarget target;
        int last, r = 0;

        /* Which is about to be replaced, and whose pages are many. */
        last = oldest >= 0 && f->size >= LARGE_SIZE ? open_backup(f, oldest + 1) : -1;
        for (int64_t i = oldest; i >= 0; i--)
                r = rename_backup(f, i);
        thread_close(last);
        if (r < 0) {
                f->rotate_at =
                        f->size > INT64_MAX - f->bytes_max ? INT64_MAX : f->size + f->bytes_max;
                tell(f->table, LOG_LEVEL_WARN,
                        "cannot rotate log file '%s': %s; it goes on growing", f->path,
                        strerrordesc_np(-r));
                return;
        }
        drop_target(f); /* first, so that a descriptor is free for the new one */
        r = logtarget_open(f->path, f->mode, O_TRUNC, &target, NULL);
        if (r < 0)
                logtrouble_lost(f->trouble, r, 0);
        else
                take_target(f, &target);
}

static void grown_to(struct logfile *f, int64_t size)
{
        f->size = size;
        if (size >= f->rotate_at)
                rotate(f);
}

/* One appending write; the fallback is for file systems that do not know the flag. */
static ssize_t append_once(struct logfile *f, const void *data, size_t length)
{
        struct iovec iov = { (void *)data, length };
        ssize_t n = pwritev2(f->target.stream.fd, &iov, 1, 0, RWF_APPEND);

        if (n < 0 && (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL))
                n = pwrite(f->target.stream.fd, data, length, size_now(f));
        return n;
}

static void write_regular(struct logfile *f, const char *data, size_t length)
{
        size_t done = 0;

        while (done < length) {
                ssize_t n = append_once(f, data + done, length - done);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0) {
                        logtrouble_lost(f->trouble, n < 0 ? -errno : -EIO, length - done);
                        break;
                }
                done += (size_t)n;
        }
        if (done == length)
                logtrouble_written(f->trouble);
        grown_to(f, size_now(f));
}

void logfile_write(struct logfile *f, const void *data, size_t length)
{
        ssize_t n = ensure_open(f);

        if (length == 0)
                return;
        if (n < 0) {
                logtrouble_lost(f->trouble, (int)n, length);
                return;
        }
        if (f->target.regular) {
                write_regular(f, data, length);
                return;
        }
        n = stream_write(&f->target.stream, data, length);
        if (n == (ssize_t)length)
                logtrouble_written(f->trouble);
        else
                logtrouble_lost(
                        f->trouble, n < 0 ? (int)n : -EAGAIN, length - (n < 0 ? 0 : (size_t)n));
}

bool logfile_can_splice(const struct logfile *f)
{
        return f->can_splice;
}

ssize_t logfiles_discard(struct logfiles *t, int pipe_fd, size_t max)
{
        char buffer[DISCARD_UNIT];
        ssize_t n;

        do {
                if (t->null_fd >= 0)
                        n = splice(pipe_fd, NULL, t->null_fd, NULL, max, SPLICE_F_NONBLOCK);
                else
                        n = read(pipe_fd, buffer, max < sizeof(buffer) ? max : sizeof(buffer));
        } while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
}

/* What a full disk does not take leaves the pipe all the same: the child must not wait for it. */
static ssize_t discard_lost(struct logfile *f, int code, int pipe_fd, size_t max)
{
        ssize_t n = logfiles_discard(f->table, pipe_fd, max);

        if (n > 0)
                logtrouble_lost(f->trouble, code, (size_t)n);
        return n;
}

ssize_t logfile_splice(struct logfile *f, int pipe_fd, size_t max)
{
        int r = ensure_open(f);
        loff_t offset;
        ssize_t n;

        if (r < 0)
                return discard_lost(f, r, pipe_fd, max);
        if (!f->can_splice)
                return -EOPNOTSUPP;
        offset = size_now(f);
        if (offset > f->size) {
                f->can_splice = false; /* somebody else appends to it too */
                return -EOPNOTSUPP;
        }
        if (f->rotate_at != INT64_MAX) {
                int64_t room = f->rotate_at - offset;

                room = room > LOGFILE_UNIT_MAX ? room : LOGFILE_UNIT_MAX;
                max = (uint64_t)room < max ? (size_t)room : max;
        }
        do
                n = splice(pipe_fd, NULL, f->target.stream.fd, &offset, max, SPLICE_F_NONBLOCK);
        while (n < 0 && errno == EINTR);
        if (n < 0 && errno == EAGAIN)
                return -EAGAIN;
        if (n < 0 && (errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS)) {
                f->can_splice = false;
                return -EOPNOTSUPP;
        }
        if (n < 0)
                return discard_lost(f, -errno, pipe_fd, max);
        if (n > 0 && !logtrouble_is_settled(f->trouble)) {
                logtrouble_written(f->trouble); /* may have written here itself */
                offset = size_now(f);
        }
        if (n > 0)
                grown_to(f, offset);
        return n;
}

int logfile_reopen(struct logfile *f, struct err *err)
{
        struct logtarget target;
        int r;

        if (f->adopted)
                return 0;
        r = logtarget_open(f->path, f->mode, 0, &target, err);
        if (r < 0)
                return r;
        take_target(f, &target);
        return 0;
}

void logfiles_reopen(struct logfiles *t)
{
        struct logfile *f, *next;
        struct err err;

        HASH_ITER (by_path, t->paths, f, next)
                if (logfile_reopen(f, &err) < 0)
                        tell(t, LOG_LEVEL_WARN, "%s", err.text);
}

int logfile_clear(struct logfile *f, struct err *err)
{
        struct logtarget target;
        int r;

        if (f->adopted || f->target.fixed || !f->target.regular)
                return 0;
        if (unlink(f->path) < 0 && errno != ENOENT)
                return err_errno(err, -errno, "cannot remove log file '%s'", f->path);
        r = logtarget_open(f->path, f->mode, 0, &target, err);
        if (r < 0) {
                drop_target(f); /* it is tried again at each write */
                return r;
        }
        take_target(f, &target);
        return 0;
}

int logfile_stream_fd(const struct logfile *f)
{
        return f->adopted ? f->target.stream.fd : -1;
}

const char *logfile_path(const struct logfile *f)
{
        return f->path;
}

uint64_t logfile_bytes_lost(const struct logfile *f)
{
        return logtrouble_bytes_lost(f->trouble);
}

int logfile_error(const struct logfile *f)
{
        return logtrouble_error(f->trouble);
}
