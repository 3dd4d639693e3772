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
        const struct output *outputs[] = { channels->out.output, channels->err.output };

        if (channels->input && !input_is_closed(channels->input))
                each(context, input_fd(channels->input));
        for (size_t i = 0; i < ELEMENTS(outputs); i++) {
                if (!outputs[i])
                        continue;
                each(context, output_fd(outputs[i]));
                if (output_stream_fd(outputs[i]) >= 0)
                        each(context, output_stream_fd(outputs[i]));
        }
}

/*
 * Restoring.
 */

struct inherited { /* descriptors of an earlier daemon; -1: none */
        struct channel_ends pipes;
        int out_stream, err_stream;
};

static void close_inherited(struct inherited *fds)
{
        channels_close_ends(&fds->pipes);
        fds->out_stream = fd_close(fds->out_stream);
        fds->err_stream = fd_close(fds->err_stream);
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

static int find_inherited(struct saved_item *item, struct saved_item *out,
        struct saved_item *err_item, struct inherited *fds, struct err *err)
{
        int r = find_fd(item, "input", true, &fds->pipes.in, err);

        if (r >= 0)
                r = find_fd(out, "pipe", true, &fds->pipes.out, err);
        if (r >= 0)
                r = find_fd(out, "stream", false, &fds->out_stream, err);
        if (r >= 0)
                r = find_fd(err_item, "pipe", true, &fds->pipes.err, err);
        if (r >= 0)
                r = find_fd(err_item, "stream", false, &fds->err_stream, err);
        return r;
}

/* Takes the descriptors.  Without a file its bytes go to whoever else wants them. */
static int restore_channel(struct channel *ch, const struct process *process, int *pipe_fd,
        int *stream_fd, struct saved_item *item, struct err *err)
{
        const struct log_options *log = channels_log_options(ch, process->program);
        struct logfile *file = NULL;
        int r;

        if (*pipe_fd < 0)
                return 0;
        if (*stream_fd < 0 && log->kind == LOGFILE_JOURNAL) {
                *stream_fd = channels_open_journal(ch, process, err);
                if (*stream_fd < 0)
                        daemon_log(ch->child->daemon, LOG_LEVEL_ERROR, process,
                                "%s_logfile=journal of '%s': %s", channels_name(ch),
                                process->program->name, err->text);
        }
        if (*stream_fd >= 0)
                r = logfile_adopt(
                        ch->child->daemon->logfiles, "journal", TAKE_FD(*stream_fd), &file, err);
        else
                r = channels_open_file(ch, process->program, true, &file);
        if (r >= 0)
                r = channels_attach(ch, process, file, TAKE_FD(*pipe_fd));
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
        r = channels_attach_input(channels, TAKE_FD(*pipe_fd));
        if (r < 0)
                return err_errno(err, r, "cannot go on with its stdin");
        if (item)
                input_restore(channels->input, item);
        if (input_wants_write(channels->input)) /* right arguments do not fail */
                (void)sd_event_source_set_enabled(channels->input_source, SD_EVENT_ON);
        return 0;
}

int channels_restore(struct channels *channels, struct child *child, const struct process *process,
        struct saved_item *item, const struct channel_ends *ours, struct err *err)
{
        struct saved_item *out = item ? saved_inner(item, "out") : NULL;
        struct saved_item *err_item = item ? saved_inner(item, "err") : NULL;
        struct inherited fds = { { -1, -1, -1 }, -1, -1 };
        int r = 0;

        channels_init_channel(&channels->out, child, process, out ? saved_text(out, "path") : NULL);
        channels_init_channel(
                &channels->err, child, process, err_item ? saved_text(err_item, "path") : NULL);
        if (ours) {
                /* Bytes that were held back for pipes like these may have gone on since. */
                fds.pipes = *ours;
                item = out = err_item = NULL;
        } else {
                r = find_inherited(item, out, err_item, &fds, err);
        }
        if (r >= 0)
                r = restore_channel(
                        &channels->out, process, &fds.pipes.out, &fds.out_stream, out, err);
        if (r >= 0)
                r = restore_channel(
                        &channels->err, process, &fds.pipes.err, &fds.err_stream, err_item, err);
        if (r >= 0)
                r = restore_input(channels, &fds.pipes.in, item, err);
        if (r < 0)
                channels_close_all(channels);
        close_inherited(&fds);
        return r;
}
