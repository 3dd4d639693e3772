/* Relays of daemons before us: see old_relays.h. */
#include "daemon/old_relays.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroup/attribute.h"
#include "daemon/channels_inner.h"
#include "daemon/daemon.h"
#include "daemon/kept.h"
#include "daemon/stranger.h"
#include "logs/relay.h"

enum { PATH_SIZE = 64, NAME_SIZE = 32 };

struct old_relay {
        struct old_relay *next;
        struct daemon *daemon;
        pid_t pid;
        sd_event_source *gone;
};

struct wanted { /* a pipe of an adopted program */
        struct channel *channel;
        ino_t inode;
        int fd;       /* which it is of the program */
        pid_t reader; /* 0: none is found */
};

struct search {
        struct daemon *daemon;
        struct wanted *wanted;
        size_t count, capacity;
        pid_t closed; /* a relay into which we may not look; 0: none */
};

static bool is_relay(pid_t pid)
{
        char path[PATH_SIZE], name[NAME_SIZE];

        (void)snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid); /* fits */
        if (attribute_read(AT_FDCWD, path, name, sizeof(name)) < 0)
                return false;
        name[strcspn(name, "\n")] = '\0';
        return strcmp(name, RELAY_NAME) == 0;
}

/*
 * The watch.
 */

static struct old_relay *find(const struct daemon *d, pid_t pid)
{
        struct old_relay *relay = d->old_relays;

        while (relay && relay->pid != pid)
                relay = relay->next;
        return relay;
}

static void forget(struct daemon *d, struct old_relay *gone)
{
        struct old_relay **p = &d->old_relays;

        while (*p != gone)
                p = &(*p)->next;
        *p = gone->next;
        (void)sd_event_source_disable_unref(gone->gone);
        mem_free(gone);
}

struct loss {
        struct daemon *daemon;
        pid_t reader;
        size_t count;
};

static void hand_on(void *context, const struct child *seen)
{
        struct loss *loss = context;
        struct child *child = children_find(loss->daemon, seen->id);
        const struct process *process = engine_process(loss->daemon->engine, seen->id);

        if (process)
                loss->count += channels_lose_reader(&child->channels, process, loss->reader);
}

/* It goes by itself when the last of its pipes is at its end: then nothing is left to be done. */
static void lose(struct daemon *d, pid_t pid)
{
        struct loss loss = { .daemon = d, .reader = pid };

        children_each(d, hand_on, &loss);
        if (loss.count > 0)
                daemon_log(d, LOG_LEVEL_WARN, NULL,
                        "the relay to the journal of an earlier daemon is gone, another one goes "
                        "on with %zu pipe%s",
                        loss.count, loss.count == 1 ? "" : "s");
}

static int on_gone(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        struct old_relay *relay = context;
        struct daemon *d = relay->daemon;
        pid_t pid = relay->pid;

        forget(d, relay);
        lose(d, pid);
        return 0;
}

/* False: it is gone. */
static bool watch(struct daemon *d, pid_t pid)
{
        CLEANUP(fd_close) int pidfd = -1;
        struct old_relay *relay;

        if (find(d, pid))
                return true;
        pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
        if (pidfd < 0 || !is_relay(pid))
                return false;
        relay = mem_new(sizeof(*relay));
        relay->daemon = d;
        relay->pid = pid;
        if (sd_event_add_io(d->loop, &relay->gone, pidfd, EPOLLIN, on_gone, relay) >= 0 &&
                sd_event_source_set_io_fd_own(relay->gone, true) >= 0)
                TAKE_FD(pidfd);
        relay->next = d->old_relays;
        d->old_relays = relay;
        return true;
}

void old_relays_leave_loop(struct daemon *d)
{
        while (d->old_relays)
                forget(d, d->old_relays);
}

/*
 * The search.
 */

static void want(struct search *search, struct channel *channel, const struct process *process)
{
        bool is_stderr = channel == &channel->child->channels.err;
        int fd = is_stderr ? STDERR_FILENO : STDOUT_FILENO;
        char path[PATH_SIZE];
        struct stat st;

        if (channel->output || channel->relayed ||
                channels_log_options(channel, process->program)->kind != LOGFILE_JOURNAL ||
                (is_stderr && process->program->redirect_stderr))
                return;
        (void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", channel->child->pid, fd); /* fits */
        if (stat(path, &st) < 0 || !S_ISFIFO(st.st_mode))
                return;
        search->wanted = mem_grow(
                search->wanted, &search->capacity, search->count + 1, sizeof(*search->wanted));
        search->wanted[search->count++] =
                (struct wanted){ .channel = channel, .inode = st.st_ino, .fd = fd };
}

static void want_both(void *context, const struct child *seen)
{
        struct search *search = context;
        struct child *child = children_find(search->daemon, seen->id);
        const struct process *process = engine_process(search->daemon->engine, seen->id);

        if (!process || !child->pid || !child->is_stranger)
                return;
        want(search, &child->channels.out, process);
        want(search, &child->channels.err, process);
}

static void look_into(struct search *search, pid_t pid)
{
        char path[PATH_SIZE];
        struct dirent *entry;
        struct stat st;
        DIR *dir;

        (void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid); /* fits */
        dir = opendir(path);
        if (!dir) {
                if (errno == EACCES)
                        search->closed = pid;
                return;
        }
        while ((entry = readdir(dir))) {
                if (fstatat(dirfd(dir), entry->d_name, &st, 0) < 0 || !S_ISFIFO(st.st_mode))
                        continue;
                for (size_t i = 0; i < search->count; i++)
                        if (search->wanted[i].inode == st.st_ino)
                                search->wanted[i].reader = pid;
        }
        (void)closedir(dir);
}

static void look_at_all(struct search *search)
{
        DIR *dir = opendir("/proc");
        struct dirent *entry;

        if (!dir)
                return;
        while ((entry = readdir(dir))) {
                pid_t pid = isdigit((unsigned char)*entry->d_name)
                                    ? (pid_t)strtol(entry->d_name, NULL, 10)
                                    : 0;

                if (pid > 0 && is_relay(pid))
                        look_into(search, pid);
        }
        (void)closedir(dir);
}

/* Of what a program has at this place only that is ours which a relay reads, or which was kept. */
static void settle(struct daemon *d, const struct wanted *wanted, pid_t closed)
{
        struct channel *channel = wanted->channel;
        pid_t pid = channel->child->pid;
        pid_t reader = wanted->reader ? wanted->reader : closed;
        int fd = kept_take_pipe(d->kept, pid, wanted->inode);

        if (fd < 0 && wanted->reader)
                fd = stranger_pipe(pid, wanted->fd, wanted->inode, O_RDONLY);
        if (fd < 0)
                return;
        channel->relayed = fd;
        channel->reader = reader;
        if (!reader || !watch(d, reader))
                channel->reader = -1; /* nobody reads it */
}

void old_relays_find(struct daemon *d)
{
        struct search search = { .daemon = d };

        children_each(d, want_both, &search);
        if (search.count > 0)
                look_at_all(&search);
        for (size_t i = 0; i < search.count; i++)
                settle(d, &search.wanted[i], search.closed);
        mem_free(search.wanted);
        lose(d, -1);
}

static void rejoin(void *context, const struct child *child)
{
        const pid_t readers[] = { child->channels.out.reader, child->channels.err.reader };

        for (size_t i = 0; i < ELEMENTS(readers); i++)
                if (readers[i] && !watch(context, readers[i]))
                        lose(context, readers[i]);
}

void old_relays_rejoin(struct daemon *d)
{
        children_each(d, rejoin, d);
}
