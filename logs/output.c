/* Output: see output.h. */
#include "logs/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/decoded.h"
#include "base/fd.h"
#include "base/monotonic.h"
#include "base/saved.h"
#include "base/text.h"
#include "logs/ansi.h"
#include "logs/capture.h"

enum {
        PIPE_SIZE_DEFAULT = 65536,
        PIPE_SIZE_BUSY = 1 << 20,
        SMALL_PIECE = 32768,   /* a stream of smaller ones is cheaper with rests between them */
        FULL_COUNT_BUSY = 4,   /* so often at least half full: the pipe is too small */
        FULL_COUNT_AWAKE = 16, /* reads without a rest after one that found it at least half full */
};

#define HOT_USEC (4 * USEC_MSEC) /* pieces that follow each other so closely are a stream */

struct output {
        struct output_options options; /* name is a copy, file is owned */
        int fd;
        bool closed;
        struct capture *capture;
        size_t pipe_size;
        bool pipe_tried; /* to enlarge it */
        bool pipe_taken; /* a share of the enlarged ones */
        unsigned full_count;
        unsigned awake_count;
        bool has_gathered; /* see gathers() */
        usec_t last;
};

static const char *channel_name(enum output_channel channel)
{
        switch (channel) {
        case OUTPUT_STDOUT:
                return "stdout";
        case OUTPUT_STDERR:
                return "stderr";
        }
        return "stdout";
}

/* "'name' stdout", as the lines of the activity log begin. */
static void append_subject(struct text *t, const struct output *o)
{
        text_append_repr(t, o->options.name, strlen(o->options.name));
        text_append_char(t, ' ');
        text_append(t, channel_name(o->options.channel));
}

static void debug_data(struct output *o, const char *data, size_t length)
{
        CLEANUP(text_clear) struct text t = {};

        if (!o->options.host.debug)
                return;
        append_subject(&t, o);
        text_append(&t, " output:\n");
        if (o->options.host.listener)
                decoded_append_repr(&t, data, length);
        else
                decoded_append(&t, data, length);
        o->options.host.debug(o->options.context, t.data, t.length);
}

/* One unit outside of capture mode, or what capture mode makes of it. */
static void text(void *context, char *data, size_t length, bool captured)
{
        struct output *o = context;
        const struct output_host *host = &o->options.host;

        if (o->options.strip_ansi)
                length = ansi_strip(data, length);
        if (captured)
                capture_keep(o->capture, data, length);
        if (!captured && o->options.file)
                logfile_write(o->options.file, data, length);
        if (!captured && o->options.syslog)
                syslog_send(o->options.syslog, o->options.name, data, length);
        debug_data(o, data, length);
        if (host->log_event)
                host->log_event(o->options.context, o->options.channel, data, length);
}

static void captured(void *context, const char *data, size_t length)
{
        struct output *o = context;
        CLEANUP(text_clear) struct text t = {};

        if (o->options.host.comm_event)
                o->options.host.comm_event(o->options.context, o->options.channel, data, length);
        if (!o->options.host.debug)
                return;
        append_subject(&t, o);
        text_append(&t, " emitted a comm event");
        o->options.host.debug(o->options.context, t.data, t.length);
}

static void listener_text(struct output *o, const char *data, size_t length)
{
        if (o->options.file)
                logfile_write(o->options.file, data, length);
        debug_data(o, data, length);
        o->options.host.listener(o->options.context, data, length);
}

struct output *output_new(const struct output_options *options, int pipe_fd)
{
        struct output *o = mem_new(sizeof(*o));
        int flags = fcntl(pipe_fd, F_GETFL), size = fcntl(pipe_fd, F_GETPIPE_SZ);

        o->options = *options;
        o->options.name = mem_strdup(options->name);
        o->fd = pipe_fd;
        o->pipe_size = size > 0 ? (size_t)size : PIPE_SIZE_DEFAULT;
        /* A pipe that could be waited for would stop the loop: then rather no output at all. */
        o->closed = flags < 0 || fcntl(pipe_fd, F_SETFL, flags | O_NONBLOCK) < 0;
        if (options->capture_max > 0 && !options->host.listener)
                o->capture = capture_new(options->capture_max,
                        &(struct capture_host){ .text = text, .done = captured, .context = o });
        return o;
}

struct output *output_free(struct output *o)
{
        if (!o)
                return NULL;
        if (o->pipe_taken)
                logfiles_return_pipe(o->options.files);
        capture_free(o->capture);
        logfile_unref(o->options.file);
        fd_close(o->fd);
        mem_free((char *)o->options.name);
        return mem_free(o);
}

int output_fd(const struct output *o)
{
        return o->fd;
}

int output_stream_fd(const struct output *o)
{
        return o->options.file ? logfile_stream_fd(o->options.file) : -1;
}

void output_save(const struct output *o, struct saver *saver)
{
        if (o->capture)
                capture_save(o->capture, saver);
}

/* Where there is no capture mode any more, what was held back is text. */
static void give_held(struct output *o, struct saved_item *item)
{
        size_t length;
        const char *held = saved_bytes(item, "held", &length);
        CLEANUP(mem_free) char *copy = held ? mem_copy(held, length) : NULL;

        if (length)
                text(o, copy, length, false);
}

void output_restore(struct output *o, struct saved_item *item)
{
        if (o->capture)
                capture_restore(o->capture, item);
        else
                give_held(o, item);
        if (o->pipe_size < PIPE_SIZE_BUSY)
                return;
        o->pipe_tried = true;
        o->pipe_taken = logfiles_take_pipe(o->options.files);
}

void output_set_strip_ansi(struct output *o, bool strip)
{
        o->options.strip_ansi = strip;
}

void output_set_log_event(struct output *o,
        void (*log_event)(void *context, enum output_channel, const char *data, size_t length))
{
        o->options.host.log_event = log_event;
}

/* The end of the output: what was held back is not lost. */
static void finish(struct output *o)
{
        CLEANUP(text_clear) struct text t = {};

        if (o->closed)
                return;
        o->closed = true;
        if (o->capture)
                capture_finish(o->capture);
        if (!o->options.host.debug)
                return;
        text_format(&t, "fd %d closed, stopped monitoring <output of ", o->fd);
        append_subject(&t, o);
        text_append_char(&t, '>');
        o->options.host.debug(o->options.context, t.data, t.length);
}

/* Whether somebody besides a file wants the bytes. */
static bool must_read(const struct output *o)
{
        const struct output_host *host = &o->options.host;

        if (host->debug || host->log_event || host->listener || o->capture)
                return true;
        if (o->options.syslog || (o->options.file && !logfile_can_splice(o->options.file)))
                return true;
        return o->options.file && o->options.strip_ansi;
}

/* One unit.  Returns its length, 0 at the end, a negative errno. */
static ssize_t read_unit(struct output *o, size_t max)
{
        char buffer[LOGFILE_UNIT_MAX];
        ssize_t n;

        do
                n = read(o->fd, buffer, max < sizeof(buffer) ? max : sizeof(buffer));
        while (n < 0 && errno == EINTR);
        if (n <= 0)
                return n < 0 ? -errno : 0;
        if (o->options.host.listener)
                listener_text(o, buffer, (size_t)n);
        else if (o->capture)
                capture_feed(o->capture, buffer, (size_t)n);
        else
                text(o, buffer, (size_t)n, false);
        return n;
}

static ssize_t read_some(struct output *o, size_t max)
{
        ssize_t n;

        if (must_read(o))
                return read_unit(o, max);
        if (!o->options.file)
                return logfiles_discard(o->options.files, o->fd, max);
        n = logfile_splice(o->options.file, o->fd, max);
        return n == -EOPNOTSUPP ? read_unit(o, max) : n;
}

/* A child that fills its pipe again and again gets a larger one, as far as there is memory for
 * such.
 */
static void enlarge_pipe(struct output *o)
{
        int size;

        if (o->pipe_tried || ++o->full_count < FULL_COUNT_BUSY)
                return;
        o->pipe_tried = true;
        if (!logfiles_take_pipe(o->options.files))
                return;
        size = fcntl(o->fd, F_SETPIPE_SZ, PIPE_SIZE_BUSY);
        o->pipe_taken = size > 0;
        if (o->pipe_taken)
                o->pipe_size = (size_t)size;
        else
                logfiles_return_pipe(o->options.files);
}

/* Small pieces in quick succession (a child that writes line by line) cost a wake-up each; a rest
 * lets them gather.  A child that fills its pipe meanwhile would have to wait, so no rest then. */
static enum output_result pace(struct output *o, size_t length)
{
        usec_t now = monotonic_now(), gap = usec_sub(now, o->last);

        o->last = now;
        if (length >= o->pipe_size / 2) {
                enlarge_pipe(o);
                o->awake_count = FULL_COUNT_AWAKE;
        } else if (o->awake_count) {
                o->awake_count--;
        }
        if (length >= OUTPUT_TURN_MAX)
                return OUTPUT_MORE;
        if (length >= SMALL_PIECE || gap > HOT_USEC || o->awake_count || o->options.host.listener)
                return OUTPUT_IDLE;
        return OUTPUT_REST;
}

/* A listener writes the end of a result and its next READY one right after the other.  Who looks
 * on, by the log, knows them in one piece from Supervisor, which is not as quick to read. */
static bool gathers(struct output *o)
{
        o->has_gathered = o->options.host.listener && o->options.host.debug && !o->has_gathered;
        return o->has_gathered;
}

enum output_result output_read(struct output *o)
{
        ssize_t n;

        if (o->closed)
                return OUTPUT_CLOSED;
        if (gathers(o))
                return OUTPUT_REST;
        n = read_some(o, OUTPUT_TURN_MAX);
        if (n == -EAGAIN)
                return OUTPUT_IDLE;
        if (n > 0)
                return pace(o, (size_t)n);
        finish(o); /* the end, or a pipe that is broken for ever */
        return OUTPUT_CLOSED;
}

void output_drain(struct output *o)
{
        int left = 0;

        if (o->closed)
                return;
        if (ioctl(o->fd, FIONREAD, &left) < 0)
                left = 0;
        while (left > 0) {
                ssize_t n = read_some(o, (size_t)left);

                if (n <= 0)
                        break;
                left -= (int)n;
        }
        finish(o);
}

int output_clear(struct output *o, struct err *err)
{
        if (o->capture)
                capture_reset(o->capture);
        return o->options.file ? logfile_clear(o->options.file, err) : 0;
}
