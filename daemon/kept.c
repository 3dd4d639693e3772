/* Kept: see kept.h. */
#include "daemon/kept.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "cgroup/unitname.h"
#include "daemon/daemon.h"
#include "daemon/fdstore.h"
#include "daemon/sockets.h"

static const char run_prefix[] = "reeve-run-", socket_prefix[] = "reeve-fcgi-";

enum { HANDED_MAX = 65536, NAME_LENGTH = 24, GROUP_LENGTH = 48 };

struct kept_fd {
        int fd; /* -1: it was taken, or is none of ours */
        char *name;
        bool is_adopted;
};

struct kept {
        struct kept_fd *fds;
        size_t count;
};

/*
 * What was handed over.
 */

static bool is_ours(const char *name)
{
        return text_starts(name, run_prefix) || text_starts(name, socket_prefix);
}

/* Of which run; 0: of none. */
static pid_t pid_of(const char *name)
{
        return text_starts(name, run_prefix) ? (pid_t)strtol(name + strlen(run_prefix), NULL, 10)
                                             : 0;
}

/* How many, under consecutive numbers; 0: none, or they are not meant for this process. */
static size_t count_handed(void)
{
        const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
        long n = count ? strtol(count, NULL, 10) : 0;

        if (!pid || strtol(pid, NULL, 10) != getpid() || n < 0 || n > HANDED_MAX)
                return 0;
        return (size_t)n;
}

/* Those of others move to the lowest numbers, where they are looked for. */
static bool swap(struct kept_fd *one, struct kept_fd *other)
{
        CLEANUP(fd_close) int copy = fcntl(one->fd, F_DUPFD_CLOEXEC, SOCKETS_HANDED_FIRST);
        char *name = one->name;

        if (copy < 0 || dup3(other->fd, one->fd, O_CLOEXEC) < 0 ||
                dup3(copy, other->fd, O_CLOEXEC) < 0)
                return false;
        one->name = other->name;
        other->name = name;
        return true;
}

/* The variables are written where they are: every copy of the environment means the same strings,
 * and there is less to say than before. */
static void tell_rest(const struct kept *kept, size_t rest)
{
        char *count = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");

        (void)snprintf(count, strlen(count) + 1, "%zu", rest); /* fits */
        while (rest > 0 && !*kept->fds[rest - 1].name)         /* there were fewer names */
                rest--;
        for (size_t i = 0; i < rest; i++) {
                if (i > 0)
                        *names++ = ':';
                names = stpcpy(names, kept->fds[i].name);
        }
        *names = '\0';
}

/* True: ours are behind the others, of which there are so many. */
static bool sort_out(struct kept *kept, size_t *ret_rest)
{
        size_t rest = 0;

        for (size_t i = 0; i < kept->count; i++) {
                if (is_ours(kept->fds[i].name))
                        continue;
                if (i != rest && !swap(&kept->fds[rest], &kept->fds[i]))
                        return false;
                rest++;
        }
        *ret_rest = rest;
        return true;
}

struct kept *kept_open(void)
{
        struct kept *kept = mem_new(sizeof(*kept));
        const char *name = getenv("LISTEN_FDNAMES");
        size_t rest = 0;

        if (!name)
                return kept;
        kept->count = count_handed();
        kept->fds = mem_new_array(kept->count, sizeof(*kept->fds));
        for (size_t i = 0; i < kept->count; i++) {
                size_t length = strcspn(name, ":");

                kept->fds[i].fd = SOCKETS_HANDED_FIRST + (int)i;
                kept->fds[i].name = mem_strndup(name, length);
                name += length + (name[length] == ':');
        }
        if (!sort_out(kept, &rest)) /* no descriptor is left: then nothing is gone on with */
                rest = kept->count;
        if (rest < kept->count)
                tell_rest(kept, rest);
        for (size_t i = 0; i < rest; i++)
                kept->fds[i].fd = -1;
        return kept;
}

static struct kept *kept_free(struct kept *kept)
{
        for (size_t i = 0; i < kept->count; i++) {
                (void)fd_close(kept->fds[i].fd);
                mem_free(kept->fds[i].name);
        }
        mem_free(kept->fds);
        return mem_free(kept);
}

struct kept *kept_close(struct kept *kept, struct daemon *d)
{
        const char *last = "";

        if (!kept)
                return NULL;
        for (size_t i = 0; i < kept->count; i++) {
                const struct kept_fd *one = &kept->fds[i];

                if (one->is_adopted || !is_ours(one->name) || strcmp(one->name, last) == 0)
                        continue;
                fdstore_remove(d->fdstore, one->name, 0);
                last = one->name;
        }
        return kept_free(kept);
}

/*
 * Finding again.
 */

static uint64_t inode_of(int fd, bool is_pipe)
{
        struct stat st;

        return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) == is_pipe ? (uint64_t)st.st_ino : 0;
}

static int take(struct kept *kept, pid_t pid, uint64_t inode, bool is_pipe)
{
        for (size_t i = 0; kept && inode && i < kept->count; i++)
                if (kept->fds[i].fd >= 0 && pid_of(kept->fds[i].name) == pid &&
                        inode_of(kept->fds[i].fd, is_pipe) == inode)
                        return TAKE_FD(kept->fds[i].fd);
        return -1;
}

int kept_take_pipe(struct kept *kept, pid_t pid, uint64_t inode)
{
        return take(kept, pid, inode, true);
}

int kept_take_pidfd(struct kept *kept, pid_t pid, uint64_t inode)
{
        return take(kept, pid, inode, false);
}

void kept_adopt(struct kept *kept, pid_t pid, struct child *child)
{
        for (size_t i = 0; kept && i < kept->count; i++) {
                struct kept_fd *one = &kept->fds[i];

                if (pid_of(one->name) != pid ||
                        (child->kept_as && strcmp(child->kept_as, one->name)))
                        continue;
                if (!child->kept_as)
                        child->kept_as = mem_strdup(one->name);
                one->is_adopted = true;
                child->kept_count++;
                fdstore_count(child->daemon->fdstore, one->name, 1);
        }
}

/* FNV-1a; a group that is made anew may have another address. */
static char *name_of_socket(const char *group, const char *address)
{
        struct text name = {};
        uint32_t hash = 2166136261U;

        for (const char *s = address; *s; s++)
                hash = (hash ^ (unsigned char)*s) * 16777619U;
        text_append(&name, socket_prefix);
        unitname_escape(&name, group, GROUP_LENGTH);
        text_format(&name, "-%08x", hash);
        return text_take(&name);
}

int kept_take_socket(struct kept *kept, const char *group, const char *address)
{
        CLEANUP(mem_free) char *name = name_of_socket(group, address);
        int listens = 0;
        socklen_t length = sizeof(listens);

        for (size_t i = 0; kept && i < kept->count; i++) {
                struct kept_fd *one = &kept->fds[i];

                if (one->fd < 0 || strcmp(one->name, name) != 0 ||
                        getsockopt(one->fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) < 0 ||
                        !listens)
                        continue;
                one->is_adopted = true;
                return TAKE_FD(one->fd);
        }
        return -1;
}

/*
 * Keeping.
 */

static void append_fd(int *fds, size_t *count, int fd)
{
        if (fd >= 0)
                fds[(*count)++] = fd;
}

static size_t fds_of(const struct child *child, int fds[static FDSTORE_TOGETHER_MAX])
{
        const struct channels *channels = &child->channels;
        const struct channel *outputs[] = { &channels->out, &channels->err };
        size_t count = 0;

        for (size_t i = 0; i < ELEMENTS(outputs); i++) {
                if (outputs[i]->output)
                        append_fd(fds, &count, output_fd(outputs[i]->output));
                if (outputs[i]->relayed)
                        append_fd(fds, &count, outputs[i]->relayed);
        }
        if (channels->input)
                append_fd(fds, &count, input_fd(channels->input));
        append_fd(fds, &count, child->pidfd);
        return count;
}

static void tell_full(struct daemon *d, const struct process *process)
{
        size_t room = fdstore_room(d->fdstore);

        if (d->is_told_of_fdstore || room == 0)
                return;
        d->is_told_of_fdstore = true;
        daemon_log(d, LOG_LEVEL_WARN, process,
                "the service manager has no room for the pipes of '%s', and of others maybe (%zu "
                "descriptors, by FileDescriptorStoreMax= and LimitNOFILE= of our service): what "
                "such a program writes and then ends, while there is no daemon, is lost",
                process->program->name, room);
}

void kept_run(struct daemon *d, struct child *child)
{
        const struct process *process = engine_process(d->engine, child->id);
        CLEANUP(text_clear) struct text name = {};
        int fds[FDSTORE_TOGETHER_MAX];
        size_t count;

        if (!d->fdstore || child->kept_as || !child->pid || !process)
                return;
        count = fds_of(child, fds);
        text_format(&name, "%s%d", run_prefix, child->pid);
        if (fdstore_is_roomy(d->fdstore)) {
                text_append_char(&name, '-');
                unitname_escape(&name, process->program->name, NAME_LENGTH);
        }
        if (!fdstore_put(d->fdstore, text_string(&name), fds, count)) {
                tell_full(d, process);
                return;
        }
        child->kept_as = text_take(&name);
        child->kept_count = count;
}

static void keep_one(void *context, const struct child *seen)
{
        struct child *child = children_find(context, seen->id);

        /* A build that knew nothing of this has started it again since. */
        if (child->pid && child->kept_as && pid_of(child->kept_as) != child->pid)
                kept_over(child);
        kept_run(context, child);
}

void kept_all(struct daemon *d)
{
        children_each(d, keep_one, d);
}

void kept_over(struct child *child)
{
        if (!child->kept_as)
                return;
        fdstore_remove(child->daemon->fdstore, child->kept_as, child->kept_count);
        child->kept_as = mem_free(child->kept_as);
        child->kept_count = 0;
}

void kept_socket(struct daemon *d, const char *group, const char *address, int fd)
{
        CLEANUP(mem_free) char *name = name_of_socket(group, address);

        (void)fdstore_put(d->fdstore, name, &fd, 1); /* else it is got from those who have it */
}

void kept_socket_again(struct daemon *d, const char *group, const char *address)
{
        CLEANUP(mem_free) char *name = name_of_socket(group, address);

        fdstore_count(d->fdstore, name, 1);
}

void kept_socket_over(struct daemon *d, const char *group, const char *address)
{
        CLEANUP(mem_free) char *name = name_of_socket(group, address);

        fdstore_remove(d->fdstore, name, 1);
}

/*
 * From one image to the next.
 */

void kept_save(const struct child *child, struct saver *saver)
{
        /* What the manager was not told yet the next image tells it anew. */
        if (!child->kept_as || !fdstore_is_sent(child->daemon->fdstore, child->kept_as))
                return;
        saver_text(saver, "kept_as", child->kept_as);
        saver_count(saver, "kept_count", child->kept_count);
}

void kept_restore(struct child *child, struct saved_item *item)
{
        const char *name = saved_text(item, "kept_as");
        size_t count = (size_t)saved_count(item, "kept_count", FDSTORE_TOGETHER_MAX, 0);

        if (!name || strlen(name) > FDSTORE_NAME_MAX)
                return;
        child->kept_as = mem_strdup(name);
        child->kept_count = count;
        fdstore_count(child->daemon->fdstore, name, count);
}
