/* The last resort: see lastresort.h. */
#include "logs/lastresort.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "logs/journal.h"
#include "logs/stream.h"
#include "logs/syslog.h"

struct lastresort {
        char *ident;
        char *journal_path;      /* NULL: the system's */
        struct journal *journal; /* NULL: not connected */
        struct syslog *syslog;
};

struct lastresort *lastresort_new(const struct lastresort_options *options)
{
        struct lastresort *l = mem_new(sizeof(*l));

        l->ident = mem_strdup(options->ident);
        if (options->journal_path)
                l->journal_path = mem_strdup(options->journal_path);
        l->syslog = syslog_new(
                &(struct syslog_options){ .path = options->syslog_path, .ident = options->ident });
        return l;
}

struct lastresort *lastresort_free(struct lastresort *l)
{
        if (!l)
                return NULL;
        journal_free(l->journal);
        syslog_free(l->syslog);
        mem_free(l->ident);
        mem_free(l->journal_path);
        return mem_free(l);
}

static bool to_journal(struct lastresort *l, enum log_level level, const char *text, size_t length)
{
        char priority[12];
        uint64_t before;

        if (!l->journal && journal_new(l->journal_path, &l->journal, NULL) < 0)
                return false;
        (void)snprintf(priority, sizeof(priority), "%d", journal_priority(level)); /* one digit */
        before = journal_dropped(l->journal);
        journal_send(l->journal,
                (struct journal_field[]){ { "MESSAGE", text, length },
                        { "PRIORITY", priority, strlen(priority) },
                        { "SYSLOG_IDENTIFIER", l->ident, strlen(l->ident) } },
                3);
        return journal_dropped(l->journal) == before;
}

static bool to_syslog(struct lastresort *l, const char *line, size_t length)
{
        uint64_t before = syslog_dropped(l->syslog);

        syslog_send(l->syslog, NULL, line, length);
        return syslog_dropped(l->syslog) == before;
}

void lastresort_say(struct lastresort *l, enum log_level level, const char *text,
        size_t text_length, const char *line, size_t line_length)
{
        struct stream stderr_stream;

        if (to_journal(l, level, text, text_length) || to_syslog(l, line, line_length))
                return;
        if (stream_from_fd(STDERR_FILENO, &stderr_stream) < 0)
                return;
        (void)stream_write(&stderr_stream, line, line_length); /* there is nobody else to tell */
        stream_close(&stderr_stream);
}
