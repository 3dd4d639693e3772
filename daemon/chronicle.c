/* The chronicle: see chronicle.h. */
#include "daemon/chronicle.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/monotonic.h"
#include "base/saver.h"
#include "base/text.h"
#include "cgroup/unitname.h"
#include "daemon/birth.h"
#include "daemon/daemon.h"
#include "engine/eventtext.h"
#include "loop/slices.h"

static const char run_directory[] = "/run/reeve", file_name[] = "state";

/* When a new snapshot is taken: when there is more to be read behind the last one than in it, for
 * then writing it costs no more than what was written anyway. */
enum { APPENDED_MIN = 1 << 20, APPENDED_MAX = 64 << 20, NAME_LENGTH_MAX = 200 };
#define RETRY_USEC (5 * USEC_SEC)

struct chronicle {
        struct statefile *file;       /* NULL: none */
        char *directory;              /* that we made for it; NULL: none */
        char *missing;                /* the path of one that is not to be had yet; NULL */
        struct statefile_birth aside; /* where births are announced without a file */
        usec_t retry_at;              /* no snapshot before that, after one that failed */
        pid_t writer;                 /* our fork that writes a snapshot; 0: none */
        bool is_dropped;              /* that snapshot is of no use any more */
        struct slices *slices;        /* a snapshot is begun, and what has happened since follows */
        bool is_writing, is_due, has_failed;
        bool is_over; /* there is nobody of whom the file speaks */
};

/*
 * The place.
 */

/* Two instances of one name are told apart by their files. */
static uint32_t hash_of(const struct config *config)
{
        const char *const words[] = { config->here, config->path, config->pidfile };
        uint32_t hash = 2166136261U; /* FNV-1a */

        for (size_t i = 0; i < ELEMENTS(words); i++)
                for (const char *s = words[i] ? words[i] : ""; *s; s++)
                        hash = (hash ^ (unsigned char)*s) * 16777619U;
        return hash;
}

static char *directory_of(const struct config *config, const char *base)
{
        struct text path = {};

        text_format(&path, "%s/", base);
        unitname_escape(&path, config->identifier, NAME_LENGTH_MAX);
        text_format(&path, "-%08x", hash_of(config));
        return text_take(&path);
}

/* A directory of its own, since a file that is replaced needs one that it may be replaced in. */
static int make_directory(const char *base, const char *path, uid_t owner)
{
        CLEANUP(fd_close) int dir = -1;
        struct stat st;

        if (mkdir(base, 0755) < 0 && errno != EEXIST)
                return -errno;
        if (mkdir(path, 0700) < 0 && errno != EEXIST)
                return -errno;
        /* It may be there since the daemon was another user's, who could not take it away. */
        dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (dir < 0 || fstat(dir, &st) < 0)
                return -errno;
        return st.st_uid == owner || fchown(dir, owner, (gid_t)-1) == 0 ? 0 : -errno;
}

static char *find_path(struct chronicle *chronicle, const struct config *config, uid_t owner)
{
        const char *runtime = getenv("XDG_RUNTIME_DIR");
        CLEANUP(mem_free) char *base = NULL;
        CLEANUP(mem_free) char *directory = NULL;

        if (config->state_file)
                return mem_strdup(config->state_file);
        if (geteuid() == 0)
                base = mem_strdup(run_directory);
        else if (runtime && *runtime == '/')
                base = mem_format("%s/reeve", runtime);
        directory = base ? directory_of(config, base) : NULL;
        if (!directory || make_directory(base, directory, owner) < 0)
                return mem_format("%s.%s", config->pidfile, file_name);
        chronicle->directory = TAKE(directory);
        return mem_format("%s/%s", chronicle->directory, file_name);
}

struct chronicle *chronicle_new(void)
{
        return mem_new(sizeof(struct chronicle));
}

void chronicle_open(struct chronicle *chronicle, struct config *config)
{
        uid_t owner = config->has_user ? config->user : geteuid();
        CLEANUP(mem_free) char *path = NULL;
        struct err err = {};

        if (config->state_file && strcmp(config->state_file, "NONE") == 0)
                return;
        path = find_path(chronicle, config, owner);
        if (statefile_open(path, owner, &chronicle->file, &err) < 0)
                config_note(config, LOG_LEVEL_WARN,
                        "after a crash no program could be gone on with: %s", err.text);
        else if (statefile_complaint(chronicle->file))
                config_note(config, LOG_LEVEL_WARN, "%s", statefile_complaint(chronicle->file));
        chronicle->is_over = !chronicle_past(chronicle);
}

/* Waits for it to be gone, which is not long. */
static void drop_writer(struct chronicle *chronicle)
{
        if (chronicle->file)
                statefile_renewal_abandon(chronicle->file);
        if (!chronicle->writer)
                return;
        (void)kill(chronicle->writer, SIGKILL);
        (void)waitpid(chronicle->writer, NULL, 0);
        chronicle->writer = 0;
        chronicle->is_due = true;
}

void chronicle_leave_loop(struct chronicle *chronicle)
{
        chronicle->slices = slices_free(chronicle->slices);
        drop_writer(chronicle);
}

void chronicle_save(struct chronicle *chronicle, struct saver *saver)
{
        const char *path = chronicle->file ? statefile_path(chronicle->file) : chronicle->missing;

        drop_writer(chronicle); /* the next image has other children */
        if (!path)
                return;
        saver_text(saver, "state_file", path);
        saver_text(saver, "state_directory", chronicle->directory);
}

int chronicle_restore(struct chronicle *chronicle, struct saved_item *item, struct err *err)
{
        const char *path = saved_text(item, "state_file");
        const char *directory = saved_text(item, "state_directory");
        int r = path ? statefile_open(path, geteuid(), &chronicle->file, err) : 0;

        chronicle->directory = directory ? mem_strdup(directory) : NULL;
        if (r < 0)
                chronicle->missing = mem_strdup(path);
        else if (chronicle->file)
                statefile_forget(chronicle->file);
        return r;
}

int chronicle_restore_again(struct daemon *d, struct err *err)
{
        struct chronicle *chronicle = d->chronicle;
        int r;

        if (!chronicle->missing)
                return 0;
        r = statefile_try_open(chronicle->missing, geteuid(), &chronicle->file, err);
        if (r < 0)
                return r;
        chronicle->missing = mem_free(chronicle->missing);
        statefile_forget(chronicle->file);
        if (!chronicle->is_over)
                chronicle_begin(d, false);
        return 1;
}

struct chronicle *chronicle_free(struct chronicle *chronicle)
{
        if (!chronicle)
                return NULL;
        if (chronicle->file && chronicle->is_over) {
                statefile_remove(chronicle->file);
                if (chronicle->directory)
                        (void)rmdir(chronicle->directory); /* only if it is empty */
        }
        drop_writer(chronicle);
        chronicle->file = statefile_close(chronicle->file);
        mem_free(chronicle->directory);
        mem_free(chronicle->missing);
        return mem_free(chronicle);
}

void chronicle_be_alive(struct chronicle *chronicle, usec_t now)
{
        if (chronicle && chronicle->file)
                statefile_be_alive(chronicle->file, now);
}

void chronicle_take_along(struct chronicle *chronicle, bool is_taken)
{
        if (chronicle && chronicle->file)
                statefile_take_along(chronicle->file, is_taken);
}

const char *chronicle_path(const struct chronicle *chronicle)
{
        return chronicle->file ? statefile_path(chronicle->file) : NULL;
}

struct statefile *chronicle_past(struct chronicle *chronicle)
{
        struct statefile_record record;
        bool has_any = chronicle->file && statefile_next(chronicle->file, &record);

        if (has_any)
                statefile_rewind(chronicle->file);
        return has_any ? chronicle->file : NULL;
}

/*
 * Writing.
 */

bool chronicle_is_kept(const struct chronicle *chronicle)
{
        return chronicle && chronicle->is_writing;
}

void chronicle_finish(struct chronicle *chronicle)
{
        drop_writer(chronicle);
        chronicle->is_writing = chronicle->is_due = false;
        chronicle->is_over = true;
        if (chronicle->file) /* where that fails it is removed all the same */
                (void)!statefile_renew(chronicle->file, NULL, 0);
}

/* From the first record that is missing on, what follows would be read wrongly: nothing is written
 * until a snapshot says everything anew. */
static void append(struct chronicle *chronicle, char type, const char *data, size_t length)
{
        if (!chronicle->is_writing)
                return;
        if (statefile_append(chronicle->file, type, data, length) < 0) {
                chronicle->is_writing = false;
                chronicle->is_due = chronicle->is_dropped = true;
                statefile_renewal_abandon(chronicle->file);
                if (chronicle->writer)
                        (void)kill(chronicle->writer, SIGKILL);
        } else if (statefile_appended(chronicle->file) >
                   APPENDED_MIN + statefile_renewed(chronicle->file)) {
                chronicle->is_due = true;
        }
}

static void append_saver(struct chronicle *chronicle, char type, struct saver *saver)
{
        size_t length;
        CLEANUP(mem_free) char *data = saver_take(saver, &length);

        append(chronicle, type, data, length);
}

void chronicle_pushed(struct chronicle *chronicle, const struct event *ev)
{
        CLEANUP(saver_free) struct saver *saver = NULL;

        if (!chronicle->is_writing)
                return;
        saver = saver_new(0);
        eventtext_save(saver, ev);
        append_saver(chronicle, STATEFILE_EVENT, saver);
}

void chronicle_stepped(struct chronicle *chronicle, usec_t at, usec_t wall)
{
        char line[48];
        int n;

        if (!chronicle->is_writing)
                return;
        n = snprintf(line, sizeof(line), "%ju %ju", (uintmax_t)at, (uintmax_t)wall); /* fits */
        append(chronicle, STATEFILE_STEP, line, (size_t)n);
}

/*
 * Births.
 */

volatile pid_t *chronicle_birth(struct chronicle *chronicle, uint32_t process)
{
        struct statefile_birth *birth =
                chronicle->is_writing ? statefile_birth(chronicle->file) : &chronicle->aside;

        birth->process = 0;
        birth->pid = 0;
        birth->since = stranger_now();
        birth->process = process;
        return &birth->pid;
}

void chronicle_born(struct chronicle *chronicle, struct child *child)
{
        struct statefile_birth *birth =
                chronicle->is_writing ? statefile_birth(chronicle->file) : &chronicle->aside;

        birth_take_down(child, birth->since);
        if (chronicle->is_writing) {
                CLEANUP(saver_free) struct saver *saver = saver_new(0);

                birth_save(child, saver);
                append_saver(chronicle, STATEFILE_BIRTH, saver);
        }
        birth->process = 0;
}

void chronicle_stillborn(struct chronicle *chronicle)
{
        struct statefile_birth *birth =
                chronicle->is_writing ? statefile_birth(chronicle->file) : &chronicle->aside;

        birth->process = 0;
}

/*
 * Snapshots.
 */

struct snapshot {
        struct statefile *file;
        int result;
};

static void add(struct snapshot *snapshot, char type, struct saver *saver)
{
        size_t length;
        CLEANUP(mem_free) char *text = saver_take(saver, &length);

        if (snapshot->result >= 0)
                snapshot->result = statefile_renewal_add(
                        snapshot->file, &(struct statefile_record){ type, text, length });
}

static void add_birth(void *context, const struct child *child)
{
        CLEANUP(saver_free) struct saver *saver = NULL;

        if (!child->pid)
                return;
        saver = saver_new(0);
        birth_save(child, saver);
        add(context, STATEFILE_BIRTH, saver);
}

/* The names of its files, some of which were made up. */
static void add_files(void *context, const struct child *child)
{
        struct saver *saver = context;

        if (child->pid)
                return; /* its birth tells */
        saver_item(saver, "slot");
        saver_count(saver, "process", child->id);
        saver_inner(saver);
        channels_save(&child->channels, saver);
        saver_outer(saver);
}

/* All that there is, into the new file: 0, or a negative errno. */
static int fill(struct daemon *d)
{
        struct snapshot snapshot = { .file = d->chronicle->file };
        usec_t at = monotonic_now();
        CLEANUP(saver_free) struct saver *saver = saver_new(at);
        char time[24];
        int n = snprintf(time, sizeof(time), "%ju", (uintmax_t)at); /* fits */

        snapshot.result = statefile_renewal_add(
                snapshot.file, &(struct statefile_record){ STATEFILE_TIME, time, (size_t)n });
        saver_item(saver, "reeve");
        saver_text(saver, "version", PACKAGE_VERSION);
        saver_text(saver, "cgroup", d->tree ? cgroup_tree_name(d->tree) : NULL);
        engine_save(d->engine, saver);
        children_each(d, add_files, saver);
        add(&snapshot, STATEFILE_SNAPSHOT, saver);
        children_each(d, add_birth, &snapshot);
        return snapshot.result;
}

static void tell(struct daemon *d, int r)
{
        struct chronicle *chronicle = d->chronicle;
        const char *path = statefile_path(chronicle->file);

        if (r < 0 && !chronicle->has_failed)
                daemon_log(d, LOG_LEVEL_ERROR, NULL, "cannot write the state to '%s': %s; %s", path,
                        strerrordesc_np(-r),
                        chronicle->is_writing ? "the file grows until that can be done"
                                              : "after a crash now, the next daemon would know "
                                                "only what was written before");
        if (r >= 0 && chronicle->has_failed)
                daemon_log(d, LOG_LEVEL_INFO, NULL, "the state is written to '%s' again", path);
        chronicle->has_failed = r < 0;
}

static void settle(struct daemon *d, int r)
{
        struct chronicle *chronicle = d->chronicle;

        if (r < 0)
                statefile_renewal_abandon(chronicle->file);
        chronicle->is_due = r < 0;
        chronicle->retry_at = r < 0 ? usec_add(monotonic_now(), RETRY_USEC) : 0;
        tell(d, r);
}

/* In one go, however long that takes. */
static void renew_now(struct daemon *d)
{
        struct chronicle *chronicle = d->chronicle;
        int r = statefile_renewal_begin(chronicle->file);

        if (r >= 0)
                r = fill(d);
        if (r >= 0)
                r = statefile_renewal_end(chronicle->file);
        chronicle->is_writing = r >= 0;
        settle(d, r);
}

/*
 * Snapshots beside the loop.  With a thousand programs one is some megabytes of text, of one moment
 * all of it: so a fork of ours writes it, whose memory stays as it was while we go on.  We only
 * pay for the pages that we change meanwhile.
 */

/* In the fork.  Whoever comes after a daemon that is killed now is not to find its sockets, pipes
 * and locks in use.  A thread of ours may have held any lock but that of malloc(). */
static void write_beside(struct daemon *d) __attribute__((noreturn));
static void write_beside(struct daemon *d)
{
        unsigned fd = (unsigned)statefile_renewal_fd(d->chronicle->file);

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)syscall(SYS_close_range, STDERR_FILENO + 1, fd - 1, 0); /* kernels before 5.9: not */
        (void)syscall(SYS_close_range, fd + 1, ~0U, 0);
        _exit(-fill(d));
}

static bool follow(struct daemon *d)
{
        struct statefile *file = d->chronicle->file;
        int r;

        r = statefile_renewal_follow(file);
        if (r > 0)
                return true;
        if (r == 0)
                r = statefile_renewal_end(file);
        settle(d, r);
        return false;
}

static int renew_beside(struct daemon *d)
{
        struct chronicle *chronicle = d->chronicle;
        pid_t pid;
        int r;

        if (!chronicle->slices)
                return -ENOENT;
        r = statefile_renewal_begin(chronicle->file);
        if (r < 0)
                return r;
        pid = fork();
        if (pid == 0)
                write_beside(d);
        if (pid < 0) {
                r = -errno;
                statefile_renewal_abandon(chronicle->file);
                return r;
        }
        chronicle->writer = pid;
        chronicle->is_dropped = chronicle->is_due = false;
        return 0;
}

bool chronicle_reap(struct daemon *d, pid_t pid)
{
        struct chronicle *chronicle = d->chronicle;
        int status;

        if (!pid || pid != chronicle->writer || waitpid(pid, &status, WNOHANG) != pid)
                return false;
        chronicle->writer = 0;
        if (chronicle->is_dropped)
                return true;
        if (!WIFEXITED(status))
                settle(d, -EINTR);
        else if (WEXITSTATUS(status) > 0)
                settle(d, -WEXITSTATUS(status));
        else
                slices_begin(chronicle->slices);
        return true;
}

static bool may_renew(const struct chronicle *chronicle)
{
        return chronicle->is_due && !chronicle->writer &&
               (!chronicle->retry_at || monotonic_now() >= chronicle->retry_at);
}

static void renew(struct daemon *d)
{
        struct chronicle *chronicle = d->chronicle;

        if (!chronicle->is_writing || statefile_appended(chronicle->file) > APPENDED_MAX ||
                renew_beside(d) < 0)
                renew_now(d);
}

/* In turns of their own, since a fork takes its time. */
static bool on_slice(void *context)
{
        struct daemon *d = context;
        struct chronicle *chronicle = d->chronicle;

        if (statefile_renewal_fd(chronicle->file) >= 0)
                return !chronicle->writer && follow(d);
        if (may_renew(chronicle) && !d->feeding) /* or it is asked for again when all is done */
                renew(d);
        return false;
}

void chronicle_begin(struct daemon *d, bool goes_on)
{
        struct chronicle *chronicle = d->chronicle;

        if (!chronicle->file)
                return;
        if (slices_new(d->loop, on_slice, d, &chronicle->slices) < 0)
                chronicle->slices = NULL; /* then each snapshot is written in one go */
        if (!goes_on)
                renew_now(d);
        chronicle->is_writing = goes_on || chronicle->is_writing;
        chronicle->is_due = true;
        chronicle->is_over = false;
}

void chronicle_rest(struct daemon *d)
{
        struct chronicle *chronicle = d->chronicle;

        append(chronicle, STATEFILE_DONE, "", 0);
        if (!may_renew(chronicle))
                return;
        if (chronicle->slices)
                slices_begin(chronicle->slices);
        else
                renew(d);
}
