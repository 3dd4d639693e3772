/* The activity log: see activity.h. */
#include "logs/activity.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "logs/journal.h"
#include "logs/lastresort.h"
#include "logs/logtrouble.h"
#include "logs/messages.h"
#include "logs/stream.h"
#include "logs/syslog.h"

enum {
        WAITING_MAX = 256 * 1024, /* bytes that wait for stdout */
        FIELDS_MAX = 24,
};

struct activity {
        enum log_level level;
        char *ident;
        char *instance;
        struct logfiles *files;
        struct logfile *file;
        struct syslog *syslog;
        struct journal *journal;
        struct lastresort *spare; /* of the file */
        struct stream out;        /* the foreground's copy */
        struct text waiting;
        uint64_t out_dropped; /* lines since it was last said */
        uint64_t dropped;
        time_t second; /* that 'stamp' is for */
        char stamp[64];
        struct text line; /* kept between lines for its memory */
};

static void sink_write(void *context, enum log_level level, const char *text)
{
        activity_write(context, level, NULL, text, strlen(text));
}

struct log_sink activity_sink(struct activity *a)
{
        return (struct log_sink){ .write = sink_write, .context = a };
}

static int open_target(struct activity *a, const struct activity_options *options, struct err *err)
{
        switch (options->target) {
        case ACTIVITY_FILE:
                a->spare = lastresort_new(&(struct lastresort_options){ .ident = options->ident,
                        .journal_path = options->journal_path,
                        .syslog_path = options->syslog_path });
                return logfile_open(options->files, &options->file, &a->file, err);
        case ACTIVITY_SYSLOG:
                a->syslog = syslog_new(&(struct syslog_options){
                        .path = options->syslog_path, .ident = options->ident });
                return 0;
        case ACTIVITY_JOURNAL:
                return journal_new(options->journal_path, &a->journal, err);
        }
        return err_set(err, -EINVAL, "no such target of the activity log");
}

/* A stdout that is the journal's stream gets records instead of lines.  A stdout that is closed
 * gets nothing: no reason not to run. */
static void open_stdout(struct activity *a, const struct activity_options *options)
{
        if (!options->to_stdout)
                return;
        if (journal_is_stream(STDOUT_FILENO, options->journal_stream) &&
                (a->journal || journal_new(options->journal_path, &a->journal, NULL) == 0))
                return;
        if (stream_from_fd(STDOUT_FILENO, &a->out) < 0)
                a->out.fd = -1;
}

int activity_new(const struct activity_options *options, struct activity **ret, struct err *err)
{
        CLEANUP(activity_free) struct activity *a = mem_new(sizeof(*a));
        int r;

        a->level = options->level;
        a->ident = mem_strdup(options->ident);
        a->instance = mem_strdup(options->instance);
        a->out.fd = -1;
        a->second = -1;
        r = open_target(a, options, err);
        if (r < 0)
                return r;
        open_stdout(a, options);
        a->files = options->files;
        logfiles_set_sink(a->files, activity_sink(a));
        *ret = TAKE(a);
        return 0;
}

struct activity *activity_free(struct activity *a)
{
        if (!a)
                return NULL;
        if (a->files) {
                activity_flush(a);
                logfiles_set_sink(a->files, (struct log_sink){});
        }
        logfile_unref(a->file);
        syslog_free(a->syslog);
        journal_free(a->journal);
        lastresort_free(a->spare);
        stream_close(&a->out);
        text_clear(&a->waiting);
        text_clear(&a->line);
        mem_free(a->ident);
        mem_free(a->instance);
        return mem_free(a);
}

bool activity_enabled(const struct activity *a, enum log_level level)
{
        return level >= a->level;
}

enum log_level activity_level(const struct activity *a)
{
        return a->level;
}

const char *activity_waiting(const struct activity *a, size_t *ret_length)
{
        *ret_length = a->waiting.length;
        return a->waiting.data;
}

void activity_restore_waiting(struct activity *a, const char *text, size_t length)
{
        if (a->out.fd >= 0 && length <= WAITING_MAX)
                text_append_bytes(&a->waiting, text, length);
}

void activity_set_level(struct activity *a, enum log_level level)
{
        a->level = level;
}

/* "2026-01-31 12:00:00,123": the local time is worked out once a second. */
static void append_stamp(struct activity *a, struct text *line)
{
        struct timespec ts;
        struct tm tm = {};

        (void)clock_gettime(CLOCK_REALTIME, &ts); /* cannot fail */
        if (ts.tv_sec != a->second) {
                (void)localtime_r(&ts.tv_sec, &tm); /* only fails for years that fit no int */
                (void)strftime(a->stamp, sizeof(a->stamp), "%Y-%m-%d %H:%M:%S", &tm);
                a->second = ts.tv_sec;
        }
        text_format(line, "%s,%03ld ", a->stamp, ts.tv_nsec / 1000000);
}

static void make_line(struct activity *a, struct text *line, enum log_level level, const char *text,
        size_t length)
{
        append_stamp(a, line);
        text_append(line, log_level_code(level));
        text_append_char(line, ' ');
        text_append_bytes(line, text, length);
        text_append_char(line, '\n');
}

/* Writes as much of what waits as goes. */
static void flush_waiting(struct activity *a)
{
        ssize_t n = stream_write(&a->out, a->waiting.data, a->waiting.length);

        if (n < 0 && n != -EAGAIN) { /* nobody will ever read it */
                stream_close(&a->out);
                text_clear(&a->waiting);
                return;
        }
        if (n <= 0)
                return;
        memmove(a->waiting.data, a->waiting.data + n, a->waiting.length - (size_t)n);
        text_truncate(&a->waiting, a->waiting.length - (size_t)n);
        if (a->waiting.length == 0)
                text_clear(&a->waiting);
}

static void wait_or_drop(struct activity *a, const char *line, size_t length)
{
        if (a->waiting.length > WAITING_MAX || length > WAITING_MAX - a->waiting.length) {
                a->out_dropped++;
                a->dropped++;
                return;
        }
        text_append_bytes(&a->waiting, line, length);
}

/* What was dropped is said where the lines would have been, as soon as there is room. */
static void say_dropped(struct activity *a)
{
        CLEANUP(mem_free) char *text = NULL;
        CLEANUP(text_clear) struct text line = {};

        if (!a->out_dropped || a->waiting.length)
                return;
        text = mem_format("%" PRIu64 " lines were dropped here, nobody read them", a->out_dropped);
        a->out_dropped = 0;
        make_line(a, &line, LOG_LEVEL_WARN, text, strlen(text));
        wait_or_drop(a, line.data, line.length);
        flush_waiting(a);
}

void activity_flush(struct activity *a)
{
        if (a->out.fd < 0)
                return;
        if (a->waiting.length)
                flush_waiting(a);
        say_dropped(a);
}

static void to_stdout(struct activity *a, const char *line, size_t length)
{
        ssize_t n = 0;

        activity_flush(a);
        if (a->out.fd < 0)
                return;
        if (!a->waiting.length)
                n = stream_write(&a->out, line, length);
        if (n == (ssize_t)length)
                return;
        if (n < 0 && n != -EAGAIN) {
                stream_close(&a->out);
                return;
        }
        n = n < 0 ? 0 : n;
        if (n > 0) /* the rest of a line that began is never dropped */
                text_append_bytes(&a->waiting, line + n, length - (size_t)n);
        else
                wait_or_drop(a, line, length);
}

void activity_echo(struct activity *a, const char *line, size_t length)
{
        to_stdout(a, line, length);
}

static void add_field(
        struct journal_field *fields, size_t *count, const char *name, const char *value)
{
        if (value && *value)
                fields[(*count)++] = (struct journal_field){ name, value, strlen(value) };
}

static void add_kind(struct journal_field *fields, size_t *count, enum message message)
{
        const struct message_row *row = messages_row(message);

        if (!row)
                return;
        add_field(fields, count, "MESSAGE_ID", row->id);
        add_field(fields, count, "REEVE_EVENT", row->event);
}

static void to_journal(struct activity *a, enum log_level level,
        const struct activity_subject *subject, const char *text, size_t length)
{
        struct journal_field fields[FIELDS_MAX] = { { "MESSAGE", text, length } };
        uint64_t before = journal_dropped(a->journal);
        char priority[12], pid[12];
        size_t count = 1;

        (void)snprintf(priority, sizeof(priority), "%d", journal_priority(level)); /* one digit */
        add_field(fields, &count, "PRIORITY", priority);
        add_field(fields, &count, "SYSLOG_IDENTIFIER", a->ident);
        add_field(fields, &count, "REEVE_INSTANCE", a->instance);
        if (subject) {
                add_kind(fields, &count, subject->message);
                add_field(fields, &count, "REEVE_GROUP", subject->group);
                add_field(fields, &count, "REEVE_PROCESS", subject->process);
                add_field(fields, &count, "REEVE_PROGRAM", subject->program);
        }
        if (subject && subject->pid > 0) {
                (void)snprintf(pid, sizeof(pid), "%d", (int)subject->pid); /* fits an int */
                add_field(fields, &count, "REEVE_PID", pid);
        }
        for (size_t i = 0; subject && i < subject->more_count && count < FIELDS_MAX; i++)
                add_field(fields, &count, subject->more[i].name, subject->more[i].value);
        journal_send(a->journal, fields, count);
        a->dropped += journal_dropped(a->journal) - before;
}

/* Whether what was just written is nowhere. */
static bool is_unheard(const struct activity *a)
{
        return a->file && logfile_error(a->file) < 0 && !a->journal && a->out.fd < 0;
}

void activity_write(struct activity *a, enum log_level level,
        const struct activity_subject *subject, const char *text, size_t length)
{
        /* Taken, because a file that cannot be written to is told of right here, in between. */
        struct text line = a->line;
        uint64_t before;

        if (!activity_enabled(a, level))
                return;
        a->line = (struct text){};
        text_truncate(&line, 0);
        make_line(a, &line, level, text, length);
        if (a->file)
                logfile_write(a->file, line.data, line.length);
        if (a->syslog) {
                before = syslog_dropped(a->syslog);
                syslog_send(a->syslog, NULL, line.data, line.length);
                a->dropped += syslog_dropped(a->syslog) - before;
        }
        if (a->journal)
                to_journal(a, level, subject, text, length);
        if (a->out.fd >= 0)
                to_stdout(a, line.data, line.length);
        if (level >= LOG_LEVEL_WARN && is_unheard(a))
                lastresort_say(a->spare, level, text, length, line.data, line.length);
        text_clear(&a->line);
        a->line = line;
        if (a->line.capacity > LOGFILE_UNIT_MAX) /* a large one is rare: its memory is not kept */
                text_clear(&a->line);
}

void activity_log(struct activity *a, enum log_level level, const char *format, ...)
{
        CLEANUP(mem_free) char *text = NULL;
        va_list ap;

        if (!activity_enabled(a, level))
                return;
        va_start(ap, format);
        text = mem_vformat(format, ap);
        va_end(ap);
        activity_write(a, level, NULL, text, strlen(text));
}

const char *activity_path(const struct activity *a)
{
        return a->file ? logfile_path(a->file) : NULL;
}

/* It is said before, so that a log that was just cleared is empty. */
int activity_clear(struct activity *a, struct err *err)
{
        if (!a->file)
                return 0;
        activity_log(a, LOG_LEVEL_INFO, "reopening log file");
        return logfile_clear(a->file, err);
}

int activity_stdout_fd(const struct activity *a)
{
        return a->out.fd;
}

bool activity_wants_write(const struct activity *a)
{
        return a->out.fd >= 0 && a->waiting.length > 0;
}

uint64_t activity_dropped(const struct activity *a)
{
        return a->dropped;
}
