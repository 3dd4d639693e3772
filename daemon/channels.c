/* Channels: see channels.h. */
#include "daemon/channels.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/decoded.h"
#include "base/fd.h"
#include "base/text.h"
#include "daemon/channels_inner.h"
#include "daemon/children.h"
#include "daemon/daemon.h"
#include "daemon/journal_output.h"
#include "logs/autolog.h"

const char *channels_name(const struct channel *ch)
{
        return ch == &ch->child->channels.out ? "stdout" : "stderr";
}

const struct log_options *channels_log_options(
        const struct channel *ch, const struct program *program)
{
        return ch == &ch->child->channels.out ? &program->out : &program->err;
}

/*
 * Reading.
 */

static int on_rested(sd_event_source *source, uint64_t usec, void *context)
{
        struct daemon *d = context;

        while (d->resting) {
                struct channel *ch = d->resting;

                d->resting = TAKE(ch->next_resting);
                if (ch->source) /* right arguments do not fail */
                        (void)sd_event_source_set_enabled(ch->source, SD_EVENT_ON);
        }
        return 0;
}

/* Leaves a channel alone for a moment, so that a stream of small pieces is read in larger ones. */
static void rest(struct daemon *d, struct channel *ch)
{
        int r = 0;

        if (!d->resting) {
                if (!d->rest_timer)
                        r = sd_event_add_time_relative(d->loop, &d->rest_timer, CLOCK_MONOTONIC,
                                OUTPUT_REST_USEC, 1, on_rested, d);
                else
                        r = sd_event_source_set_time_relative(d->rest_timer, OUTPUT_REST_USEC);
                if (r >= 0)
                        r = sd_event_source_set_enabled(d->rest_timer, SD_EVENT_ONESHOT);
        }
        if (r < 0)
                return; /* then it is read at once, which only costs more */
        (void)sd_event_source_set_enabled(ch->source, SD_EVENT_OFF);
        ch->next_resting = d->resting;
        d->resting = ch;
}

static void forget_resting(struct daemon *d, struct channel *ch)
{
        for (struct channel **p = &d->resting; *p; p = &(*p)->next_resting)
                if (*p == ch) {
                        *p = TAKE(ch->next_resting);
                        return;
                }
}

static void close_output(struct channel *ch)
{
        forget_resting(ch->child->daemon, ch);
        ch->source = sd_event_source_disable_unref(ch->source);
        ch->output = output_free(ch->output);
}

static bool is_stderr(const struct channel *ch)
{
        return ch == &ch->child->channels.err;
}

static void close_relayed(struct channel *ch)
{
        if (ch->relayed) /* never 0, which is open all the time */
                (void)fd_close(ch->relayed);
        ch->relayed = 0;
        ch->reader = 0;
}

static int on_output(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        struct channel *ch = context;

        switch (output_read(ch->output)) {
        case OUTPUT_IDLE:
        case OUTPUT_MORE:
                break;
        case OUTPUT_REST:
                rest(ch->child->daemon, ch);
                break;
        case OUTPUT_CLOSED:
                close_output(ch);
                break;
        }
        return 0;
}

static void on_debug(void *context, const char *text, size_t length)
{
        const struct channel *ch = context;
        const struct process *process = engine_process(ch->child->daemon->engine, ch->child->id);

        daemon_log_bytes(ch->child->daemon, LOG_LEVEL_DEBUG, process, text, length);
}

/*
 * Events for listeners.
 */

static enum topic log_topic(const struct channel *ch)
{
        return ch == &ch->child->channels.out ? TOPIC_PROCESS_LOG_STDOUT : TOPIC_PROCESS_LOG_STDERR;
}

static void feed_output(const struct channel *ch, enum topic topic, const char *data, size_t length)
{
        CLEANUP(text_clear) struct text t = {};

        if (!engine_is_heard(ch->child->daemon->engine, topic))
                return;
        decoded_append(&t, data, length);
        daemon_feed(ch->child->daemon,
                &(struct event){ .type = EV_OUTPUT,
                        .output = { ch->child->id, text_string(&t), t.length, topic } });
}

static void on_log_event(
        void *context, enum output_channel channel, const char *data, size_t length)
{
        feed_output(context, log_topic(context), data, length);
}

static void on_comm_event(
        void *context, enum output_channel channel, const char *data, size_t length)
{
        feed_output(context,
                channel == OUTPUT_STDOUT ? TOPIC_PROCESS_COMMUNICATION_STDOUT
                                         : TOPIC_PROCESS_COMMUNICATION_STDERR,
                data, length);
}

static void on_listener(void *context, const char *data, size_t length)
{
        const struct channel *ch = context;

        daemon_feed(ch->child->daemon,
                &(struct event){ .type = EV_LISTENER_OUTPUT,
                        .output = { .process = ch->child->id, .data = data, .length = length } });
}

static bool is_listener(const struct channel *ch)
{
        return ch == &ch->child->channels.out &&
               engine_is_listener(ch->child->daemon->engine, ch->child->id);
}

void channels_hear_logs(struct channels *channels, const struct program *program)
{
        struct channel *all[] = { &channels->out, &channels->err };

        for (size_t i = 0; i < ELEMENTS(all); i++) {
                const struct engine *engine = all[i]->child->daemon->engine;
                bool is_heard = channels_log_options(all[i], program)->events &&
                                engine_is_heard(engine, log_topic(all[i]));

                if (all[i]->output)
                        output_set_log_event(all[i]->output, is_heard ? on_log_event : NULL);
        }
}

void channels_strip_ansi(struct channels *channels, bool strip)
{
        if (channels->out.output)
                output_set_strip_ansi(channels->out.output, strip);
        if (channels->err.output)
                output_set_strip_ansi(channels->err.output, strip);
}

/*
 * Opening.
 */

static char *owner_of(const struct channel *ch, const struct program *program)
{
        const struct process *process = engine_process(ch->child->daemon->engine, ch->child->id);
        const char *group = process ? process->group_name : program->name;

        if (strcmp(group, program->name) == 0)
                return mem_format("the %s of '%s'", channels_name(ch), program->name);
        return mem_format("the %s of '%s:%s'", channels_name(ch), group, program->name);
}

int channels_open_file(
        struct channel *ch, const struct program *program, bool is_patient, struct logfile **ret)
{
        const struct log_options *log = channels_log_options(ch, program);
        CLEANUP(mem_free) char *owner = NULL;
        struct err err;

        *ret = NULL;
        if (!ch->path)
                return 0;
        owner = owner_of(ch, program);
        return logfile_open(ch->child->daemon->logfiles,
                &(struct logfile_options){ .path = ch->path,
                        .bytes_max = log->bytes_max,
                        .backups = log->backups,
                        .mode = log->kind == LOGFILE_AUTO ? AUTOLOG_MODE : 0,
                        .owner = owner,
                        .is_patient = is_patient },
                ret, &err);
}

/* A pipe to the relay: the child's own stdout when nothing else wants the output. */
int channels_open_journal(struct channel *ch, const struct process *process, struct err *err)
{
        int end = -1, r;

        close_relayed(ch);
        r = journal_output_open(ch->child->daemon, process, is_stderr(ch), &ch->relayed, &end, err);
        return r < 0 ? r : end;
}

/* Whether the output must pass through us, though the journal is where it goes. */
static bool needs_bytes(const struct channel *ch, const struct log_options *log)
{
        const struct daemon *d = ch->child->daemon;

        return is_listener(ch) || log->events || log->syslog || log->capture_max > 0 ||
               d->config->strip_ansi || activity_enabled(d->activity, LOG_LEVEL_DEBUG);
}

/* Takes the file and the pipe. */
int channels_attach(
        struct channel *ch, const struct process *process, struct logfile *file, int pipe_fd)
{
        struct daemon *d = ch->child->daemon;
        const struct log_options *log = channels_log_options(ch, process->program);
        struct output_options options = {
                .channel = ch == &ch->child->channels.out ? OUTPUT_STDOUT : OUTPUT_STDERR,
                .name = process->program->name,
                .files = d->logfiles,
                .file = file,
                .syslog = log->syslog ? d->syslog : NULL,
                .strip_ansi = d->config->strip_ansi,
                .capture_max = log->capture_max,
                .host = { .debug = activity_enabled(d->activity, LOG_LEVEL_DEBUG) ? on_debug : NULL,
                        .comm_event = on_comm_event,
                        .listener = is_listener(ch) ? on_listener : NULL },
                .context = ch,
        };
        int r;

        if (log->events && engine_is_heard(d->engine, log_topic(ch)))
                options.host.log_event = on_log_event;
        ch->output = output_new(&options, pipe_fd);
        r = sd_event_add_io(d->loop, &ch->source, output_fd(ch->output), EPOLLIN, on_output, ch);
        if (r < 0)
                close_output(ch);
        return r;
}

/* An end that both reads and writes: as long as the program has it, its pipe has a reader and a
 * writer.  So should we be killed, the program is not by its next line, and what it writes waits
 * for the daemon that comes after us. */
static int make_lasting(int end)
{
        char path[32];
        int both;

        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", end); /* fits */
        both = open(path, O_RDWR | O_CLOEXEC);
        if (both < 0)
                return end; /* no /proc: then it is as it is everywhere else */
        (void)fd_close(end);
        return both;
}

static int open_pipe(
        struct channel *ch, const struct process *process, struct logfile *file, int *ret_end)
{
        int pipes[2];
        int r;

        if (pipe2(pipes, O_CLOEXEC) < 0) {
                r = -errno;
                logfile_unref(file);
                return r;
        }
        if (!process->program->kill_narrow) /* what that leaves behind is to notice the end */
                pipes[1] = make_lasting(pipes[1]);
        r = channels_attach(ch, process, file, pipes[0]);
        if (r < 0)
                fd_close(pipes[1]);
        else
                *ret_end = pipes[1];
        return r;
}

static int open_channel(struct channel *ch, const struct process *process, int *ret_end)
{
        const struct log_options *log = channels_log_options(ch, process->program);
        struct logfile *file = NULL;
        struct err err = {};
        int r;

        if (log->kind != LOGFILE_JOURNAL) {
                r = channels_open_file(ch, process->program, false, &file);
                return r < 0 ? r : open_pipe(ch, process, file, ret_end);
        }
        r = channels_open_journal(ch, process, &err);
        if (r < 0) {
                daemon_log(ch->child->daemon, LOG_LEVEL_ERROR, process,
                        "%s_logfile=journal of '%s': %s", channels_name(ch), process->program->name,
                        err.text);
                return r;
        }
        if (!needs_bytes(ch, log)) {
                *ret_end = r;
                return 0;
        }
        r = logfile_adopt(ch->child->daemon->logfiles, "journal", r, &file, &err);
        return r < 0 ? r : open_pipe(ch, process, file, ret_end);
}

static void unwatch_input(struct channels *channels)
{
        channels->input_source = sd_event_source_disable_unref(channels->input_source);
}

static int on_input(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        struct channels *channels = context;

        if (input_flush(channels->input) < 0) {
                unwatch_input(channels);
                input_close(channels->input);
        } else if (!input_wants_write(channels->input)) {
                unwatch_input(channels);
        }
        return 0;
}

/* Most programs are never told so much that their pipe is full: a source in the loop is only made
 * when something waits. */
int channels_watch_input(struct channels *channels)
{
        if (channels->input_source || !input_wants_write(channels->input))
                return 0;
        return sd_event_add_io(channels->out.child->daemon->loop, &channels->input_source,
                input_fd(channels->input), EPOLLOUT, on_input, channels);
}

static int open_input(struct channels *channels, const struct process *process, int *ret_end)
{
        int pipes[2];

        if (pipe2(pipes, O_CLOEXEC) < 0)
                return -errno;
        /* Likewise: without us it waits for its next input, and does not read the end of it. */
        *ret_end = process->program->kill_narrow ? pipes[0] : make_lasting(pipes[0]);
        channels->input = input_new(pipes[1], INPUT_QUEUE_MAX);
        return 0;
}

void channels_close_all(struct channels *channels)
{
        close_output(&channels->out);
        close_output(&channels->err);
        close_relayed(&channels->out);
        close_relayed(&channels->err);
        unwatch_input(channels);
        channels->input = input_free(channels->input);
}

int channels_open(struct channels *channels, const struct process *process, bool with_input,
        struct channel_ends *ret)
{
        struct channel_ends ends = { -1, -1, -1 };
        int r = with_input ? open_input(channels, process, &ends.in) : 0;

        if (r >= 0)
                r = open_channel(&channels->out, process, &ends.out);
        if (r >= 0 && !process->program->redirect_stderr)
                r = open_channel(&channels->err, process, &ends.err);
        if (r < 0) {
                channels_close_ends(&ends);
                channels_close_all(channels);
                return r;
        }
        *ret = ends;
        return 0;
}

void channels_close_ends(struct channel_ends *ends)
{
        ends->in = fd_close(ends->in);
        ends->out = fd_close(ends->out);
        ends->err = fd_close(ends->err);
}

void channels_finish(struct channels *channels)
{
        if (channels->out.output)
                output_drain(channels->out.output);
        if (channels->err.output)
                output_drain(channels->err.output);
        channels_close_all(channels);
}

/*
 * The slot.
 */

/* 'path' is that of an AUTO file that is there already; NULL: none is. */
void channels_init_channel(
        struct channel *ch, struct child *child, const struct process *process, const char *path)
{
        const struct log_options *log;
        struct daemon *d = child->daemon;
        struct err err = {};

        ch->child = child;
        log = channels_log_options(ch, process->program);
        switch (log->kind) {
        case LOGFILE_NONE:
        case LOGFILE_JOURNAL:
                break;
        case LOGFILE_PATH:
                ch->path = mem_strdup(log->path);
                break;
        case LOGFILE_AUTO:
                if (ch == &child->channels.err && process->program->redirect_stderr)
                        break;
                if (path)
                        ch->path = mem_strdup(path);
                else if (autolog_create(d->config->childlogdir, process->program->name,
                                 channels_name(ch), d->config->identifier, &ch->path, &err) < 0)
                        daemon_log(d, LOG_LEVEL_ERROR, process, "no %s log for '%s': %s",
                                channels_name(ch), process->program->name, err.text);
                break;
        }
}

void channels_init(struct channels *channels, struct child *child, const struct process *process)
{
        channels_init_channel(&channels->out, child, process, NULL);
        channels_init_channel(&channels->err, child, process, NULL);
}

void channels_clear(struct channels *channels)
{
        channels_close_all(channels);
        channels->out.path = mem_free(channels->out.path);
        channels->err.path = mem_free(channels->err.path);
}

void channels_write_journal_again(struct channels *channels, const struct process *process)
{
        struct channel *all[] = { &channels->out, &channels->err };

        for (size_t i = 0; i < ELEMENTS(all); i++)
                if (all[i]->relayed && !all[i]->reader)
                        journal_output_again(
                                all[i]->child->daemon, process, is_stderr(all[i]), all[i]->relayed);
}

size_t channels_lose_reader(struct channels *channels, const struct process *process, pid_t reader)
{
        struct channel *all[] = { &channels->out, &channels->err };
        size_t count = 0;

        for (size_t i = 0; i < ELEMENTS(all); i++) {
                if (!all[i]->relayed || all[i]->reader != reader)
                        continue;
                all[i]->reader = 0;
                journal_output_again(
                        all[i]->child->daemon, process, is_stderr(all[i]), all[i]->relayed);
                count++;
        }
        return count;
}

int channels_write(struct channels *channels, const char *data, size_t length)
{
        int r;

        if (!channels->input || input_is_closed(channels->input))
                return -EPIPE;
        r = input_write(channels->input, data, length);
        return r < 0 ? r : channels_watch_input(channels);
}

int channels_clear_logs(struct channels *channels)
{
        struct output *outputs[] = { channels->out.output, channels->err.output };
        int r = 0;

        for (size_t i = 0; i < ELEMENTS(outputs); i++) {
                struct err err = {};
                int q = outputs[i] ? output_clear(outputs[i], &err) : 0;

                r = r < 0 ? r : q;
        }
        return r;
}
