/* Lives: see lives.h. */
#include "daemon/lives.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define uthash_malloc(size)  mem_new(size)
#define uthash_free(p, size) mem_free(p)
#include <uthash.h>

#include "base/fd.h"
#include "base/monotonic.h"
#include "base/text.h"
#include "cgroup/handover.h"
#include "daemon/daemon.h"
#include "daemon/fcgi.h"
#include "daemon/kept.h"

struct entry {
        uint32_t process;
        UT_hash_handle hh;
        struct life life;
        int pidfd; /* while it is being ended */
};

/* Of a SIGKILL. */
#define END_USEC_MAX (1 * USEC_SEC)

struct lives {
        struct entry *entries;
};

struct lives *lives_new(void)
{
        return mem_new(sizeof(struct lives));
}

static void entry_free(struct lives *lives, struct entry *entry)
{
        HASH_DEL(lives->entries, entry);
        entry->life.document = saved_free(entry->life.document);
        mem_free(entry);
}

struct lives *lives_free(struct lives *lives)
{
        struct entry *entry, *next;

        if (!lives)
                return NULL;
        HASH_ITER (hh, lives->entries, entry, next)
                entry_free(lives, entry);
        return mem_free(lives);
}

static struct entry *find(const struct lives *lives, uint32_t process)
{
        struct entry *entry;

        HASH_FIND(hh, lives->entries, &process, sizeof(process), entry);
        return entry;
}

struct life *lives_find(const struct lives *lives, uint32_t process)
{
        struct entry *entry = find(lives, process);

        return entry ? &entry->life : NULL;
}

static void put(struct lives *lives, uint32_t process, const struct life *life)
{
        struct entry *entry = find(lives, process);

        if (entry)
                entry_free(lives, entry);
        entry = mem_new(sizeof(*entry));
        entry->process = process;
        entry->life = *life;
        HASH_ADD(hh, lives->entries, process, sizeof(entry->process), entry);
}

uint32_t lives_add(struct lives *lives, const struct statefile_record *record)
{
        CLEANUP(saved_free) struct saved *document = NULL;
        struct life life = {};
        struct saved_item *item;
        uint32_t process;

        if (saved_parse(record->data, record->length, 0, &document, NULL) < 0)
                return 0;
        item = saved_first(document, "birth");
        if (!item)
                return 0;
        birth_restore(item, &life.birth, &process, &life.pid);
        if (saved_status(document, NULL) < 0 || !process || life.pid <= 0)
                return 0;
        life.document = TAKE(document);
        put(lives, process, &life);
        return process;
}

void lives_add_bare(
        struct lives *lives, uint32_t process, pid_t pid, const struct stranger_birth *time)
{
        put(lives, process, &(struct life){ .pid = pid, .birth.time = *time });
}

static void wait_for_end(int pidfd, usec_t until)
{
        struct pollfd fd = { .fd = pidfd, .events = POLLIN };
        usec_t left = usec_sub(until, monotonic_now());

        (void)poll(&fd, 1, (int)(left / USEC_MSEC)); /* or it ends while others are started */
}

unsigned lives_end(struct lives *lives)
{
        usec_t until = monotonic_now() + END_USEC_MAX;
        struct entry *entry, *next;
        unsigned count = 0;

        /* It was made the leader of a group before it was anything else. */
        HASH_ITER (hh, lives->entries, entry, next) {
                entry->pidfd = stranger_open(entry->life.pid, &entry->life.birth.time);
                count += entry->pidfd >= 0 && (kill(-entry->life.pid, SIGKILL) == 0 ||
                                                      kill(entry->life.pid, SIGKILL) == 0);
        }
        HASH_ITER (hh, lives->entries, entry, next) {
                if (entry->pidfd >= 0)
                        wait_for_end(entry->pidfd, until);
                entry->pidfd = fd_close(entry->pidfd);
        }
        return count;
}

/*
 * Settling.
 */

static struct saved_item *inner(const struct life *life, const char *type)
{
        struct saved_item *birth = life->document ? saved_first(life->document, "birth") : NULL;

        return birth ? saved_inner(birth, type) : NULL;
}

struct saved_item *lives_channels(const struct life *life)
{
        return inner(life, "channels");
}

static void settle_slot(const struct life *life, struct child *child, const struct process *process)
{
        struct saved_item *item = inner(life, "cgroup_slot");

        children_open_slot(child, process);
        if (child->slot && item)
                cgroup_slot_restore(child->slot, item, NULL);
}

/* Its pipe may have got no number yet when it was written down. */
static int open_output(struct kept *kept, const struct life *life, int fd, uint64_t inode,
        bool is_piped, int *ret_lost)
{
        int end;

        *ret_lost = 0;
        if (!inode) {
                *ret_lost = is_piped && !life->document ? -ENODATA : 0;
                return -1;
        }
        end = kept_take_pipe(kept, life->pid, inode);
        if (end < 0)
                end = stranger_pipe(life->pid, fd, inode, O_RDONLY);
        if (end < 0)
                *ret_lost = end;
        return end < 0 ? -1 : end;
}

static void open_ends(struct kept *kept, struct life *life, const struct program *program,
        struct channel_ends *ret)
{
        const struct birth *birth = &life->birth;
        int in = kept_take_pipe(kept, life->pid, birth->in);

        if (in < 0 && birth->in)
                in = stranger_pipe(life->pid, STDIN_FILENO, birth->in, O_WRONLY);
        ret->in = in < 0 ? -1 : in;
        ret->out = open_output(kept, life, STDOUT_FILENO, birth->out,
                program->out.kind != LOGFILE_JOURNAL, &life->out_lost);
        ret->err = open_output(kept, life, STDERR_FILENO, birth->err,
                program->err.kind != LOGFILE_JOURNAL && !program->redirect_stderr, &life->err_lost);
}

static int settle_channels(
        struct life *life, struct child *child, const struct process *process, struct err *err)
{
        struct channel_ends ends;

        open_ends(child->daemon->kept, life, process->program, &ends);
        channels_clear(&child->channels);
        return channels_restore(&child->channels, child, process, lives_channels(life), &ends, err);
}

static const char *why_lost(int error)
{
        if (error == -ENODATA)
                return "it was just being started";
        if (error == -ENOENT)
                return "it has closed it";
        return error == -EBADF ? "it has put another file there" : strerrordesc_np(-error);
}

static const char *what_follows(enum orphan orphan)
{
        switch (orphan) {
        case ORPHAN_ADOPT:
                return "it runs on, though what it writes there is not heard, and once such a pipe "
                       "is full it waits for ever";
        case ORPHAN_RESTART:
                return "it is stopped and started again";
        case ORPHAN_KILL:
                return "it is killed, and what follows is what follows from any exit of it";
        }
        return "";
}

static void tell_lost(
        struct life *life, struct child *child, const struct process *process, int pidfd)
{
        const int lost[] = { life->out_lost, life->err_lost };
        static const char *const names[] = { "stdout", "stderr" };
        CLEANUP(text_clear) struct text why = {};
        struct pollfd end = { .fd = pidfd, .events = POLLIN };
        enum orphan orphan = process->program->on_orphan;

        if (poll(&end, 1, 0) > 0) { /* it has ended just now, and its files with it */
                life->out_lost = life->err_lost = 0;
                return;
        }
        for (size_t i = 0; i < ELEMENTS(lost); i++)
                if (lost[i])
                        text_format(&why, ", %s: %s", names[i], why_lost(lost[i]));
        daemon_log(child->daemon, LOG_LEVEL_WARN, process,
                "the pipes of '%s' (pid %d) cannot be had again%s; on_orphan=%s: %s",
                process->program->name, life->pid, text_string(&why), program_orphan_name(orphan),
                what_follows(orphan));
}

int lives_settle(
        struct life *life, struct child *child, const struct process *process, struct err *err)
{
        int pidfd = stranger_open(life->pid, &life->birth.time);
        struct kept *kept = child->daemon->kept;
        CLEANUP(fd_close)
        int kept_pidfd = kept_take_pidfd(kept, life->pid, life->birth.pidfd);
        int r;

        child->birth = life->birth;
        kept_adopt(kept, life->pid, child);
        settle_slot(life, child, process);
        r = settle_channels(life, child, process, err);
        if (r < 0)
                daemon_log(child->daemon, LOG_LEVEL_WARN, process, "the output of '%s': %s",
                        process->program->name, err->text);
        if (pidfd < 0) {
                life->has_status =
                        stranger_status(kept_pidfd, life->pid, &life->birth.time, &life->status);
                return 0;
        }
        if (fcgi_acquire(child->daemon, process->group_name, &child->socket, err) < 0)
                child->socket = NULL; /* it was open, so there is no such failure */
        if (life->out_lost || life->err_lost)
                tell_lost(life, child, process, pidfd);
        r = children_adopt(child, life->pid, pidfd);
        return r < 0 ? err_errno(err, r, "its pidfd") : 0;
}
