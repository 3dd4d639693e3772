/* The channels of a process in the text of the daemon's state: see channels.h. */
#include "daemon/channels.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/saved.h"
#include "base/saver.h"
#include "daemon/channels_inner.h"
#include "daemon/children.h"
#include "daemon/daemon.h"

/*
 * Saving.
 */

static void save_fd(struct saver *saver, const char *key, int fd)
{
        if (fd >= 0)
                saver_number(saver, key, fd);
}

static void save_channel(const struct channel *ch, const char *type, struct saver *saver)
{
        saver_item(saver, type);
        saver_text(saver, "path", ch->path);
        if (ch->relayed)
                save_fd(saver, "relayed", ch->relayed);
        if (ch->reader)
                saver_number(saver, "reader", ch->reader);
        if (!ch->output)
                return;
        save_fd(saver, "pipe", output_fd(ch->output));
        save_fd(saver, "stream", output_stream_fd(ch->output));
        output_save(ch->output, saver);
}

void channels_save(const struct channels *channels, struct saver *saver)
{
        saver_item(saver, "channels");
        if (channels->input && !input_is_closed(channels->input)) {
                save_fd(saver, "input", input_fd(channels->input));
                input_save(channels->input, saver);
        }
        saver_inner(saver);
        save_channel(&channels->out, "out", saver);
        save_channel(&channels->err, "err", saver);
        saver_outer(saver);
}

void channels_each_fd(
        const struct channels *channels, void (*each)(void *context, int fd), void *context)
{
        const struct channel *all[] = { &channels->out, &channels->err };

        if (channels->input && !input_is_closed(channels->input))
                each(context, input_fd(channels->input));
        for (size_t i = 0; i < ELEMENTS(all); i++) {
                if (all[i]->relayed)
                        each(context, all[i]->relayed);
                if (!all[i]->output)
                        continue;
                each(context, output_fd(all[i]->output));
                if (output_stream_fd(all[i]->output) >= 0)
                        each(context, output_stream_fd(all[i]->output));
        }
}

/*
 * Restoring.
 */

struct inherited { /* descriptors of an earlier daemon; -1: none */
        int pipe, stream, relayed;
        pid_t reader;
};

static void close_inherited(struct inherited *fds)
{
        fds->pipe = fd_close(fds->pipe);
        fds->stream = fd_close(fds->stream);
        fds->relayed = fd_close(fds->relayed);
}

/* What is not open under that number was lost on the way. */
static int find_fd(
        struct saved_item *item, const char *key, bool is_pipe, int *ret, struct err *err)
{
        int fd = item ? (int)saved_number(item, key, 3, INT_MAX, -1) : -1;
        struct stat st;

        *ret = -1;
        if (fd < 0)
                return 0;
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fstat(fd, &st) < 0)
                return err_set(err, -EBADF, "%s: descriptor %d is not open", key, fd);
        if (is_pipe && !S_ISFIFO(st.st_mode))
                return err_set(err, -EBADF, "%s: descriptor %d is no pipe", key, fd);
        *ret = fd;
        return 0;
}

static int find_inherited(struct saved_item *item, struct inherited *fds, struct err *err)
{
        int r = find_fd(item, "pipe", true, &fds->pipe, err);

        if (r >= 0)
                r = find_fd(item, "stream", false, &fds->stream, err);
        fds->reader = item ? (pid_t)saved_number(item, "reader", 0, INT_MAX, 0) : 0;
        return r < 0 ? r : find_fd(item, "relayed", true, &fds->relayed, err);
}

/* Where its bytes go; none where that cannot be had at all. */
static int restore_target(struct channel *ch, const struct process *process, int *stream_fd,
        struct logfile **ret, struct err *err)
{
        const struct log_options *log = channels_log_options(ch, process->program);
        struct daemon *d = ch->child->daemon;

        *ret = NULL;
        if (*stream_fd < 0 && log->kind == LOGFILE_JOURNAL) {
                *stream_fd = channels_open_journal(ch, process, err);
                if (*stream_fd < 0)
                        daemon_log(d, LOG_LEVEL_ERROR, process, "%s_logfile=journal of '%s': %s",
                                channels_name(ch), process->program->name, err->text);
        }
        if (*stream_fd < 0)
                return channels_open_file(ch, process->program, true, ret);
        return logfile_adopt(d->logfiles, "journal", TAKE_FD(*stream_fd), ret, err);
}

/* Takes the descriptors. */
static int restore_channel(struct channel *ch, const struct process *process, struct inherited *fds,
        struct saved_item *item, struct err *err)
{
        struct logfile *file;
        int r;

        if (fds->relayed >= 0)
                ch->relayed = TAKE_FD(fds->relayed);
        if (ch->relayed)
                ch->reader = fds->reader;
        if (fds->pipe < 0)
                return 0;
        r = restore_target(ch, process, &fds->stream, &file, err);
        if (r >= 0)
                r = channels_attach(ch, process, file, TAKE_FD(fds->pipe));
        if (r >= 0 && item)
                output_restore(ch->output, item);
        return r < 0 ? err_errno(err, r, "cannot go on with its %s", channels_name(ch)) : 0;
}

static int restore_input(
        struct channels *channels, int *pipe_fd, struct saved_item *item, struct err *err)
{
        int r;

        if (*pipe_fd < 0)
                return 0;
        channels->input = input_new(TAKE_FD(*pipe_fd), INPUT_QUEUE_MAX);
        if (item)
                input_restore(channels->input, item);
        r = channels_watch_input(channels);
        return r < 0 ? err_errno(err, r, "cannot go on with its stdin") : 0;
}

int channels_restore(struct channels *channels, struct child *child, const struct process *process,
        struct saved_item *item, const struct channel_ends *ours, struct err *err)
{
        struct channel *all[] = { &channels->out, &channels->err };
        struct saved_item *items[] = { item ? saved_inner(item, "out") : NULL,
                item ? saved_inner(item, "err") : NULL };
        struct inherited fds[] = { { -1, -1, -1, 0 }, { -1, -1, -1, 0 } };
        int in = -1, r = 0;

        for (size_t i = 0; i < ELEMENTS(all); i++)
                channels_init_channel(
                        all[i], child, process, items[i] ? saved_text(items[i], "path") : NULL);
        if (ours) {
                /* Bytes that were held back for pipes like these may have gone on since. */
                in = ours->in;
                fds[0].pipe = ours->out;
                fds[1].pipe = ours->err;
                item = items[0] = items[1] = NULL;
        } else {
                r = find_fd(item, "input", true, &in, err);
                for (size_t i = 0; r >= 0 && i < ELEMENTS(all); i++)
                        r = find_inherited(items[i], &fds[i], err);
        }
        for (size_t i = 0; r >= 0 && i < ELEMENTS(all); i++)
                r = restore_channel(all[i], process, &fds[i], items[i], err);
        if (r >= 0)
                r = restore_input(channels, &in, item, err);
        if (r < 0)
                channels_close_all(channels);
        (void)fd_close(in);
        close_inherited(&fds[0]);
        close_inherited(&fds[1]);
        return r;
}
