/* What the daemon says: see daemon_log.h. */
#include "daemon/daemon_log.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/environment.h"
#include "daemon/exitfields.h"
#include "daemon/survival.h"
#include "engine/exits.h"

static void write_log(struct daemon *d, enum message message, enum log_level level,
        const struct process *process, const struct exitfields *fields, const char *text,
        size_t length)
{
        struct activity_subject subject = { .message = message };

        if (process)
                subject = (struct activity_subject){
                        .group = process->group_name,
                        .process = process->program->name,
                        .program = process->program->section,
                        .pid = process->pid,
                        .message = message,
                        .more = fields ? fields->at : NULL,
                        .more_count = fields ? fields->count : 0,
                };
        activity_write(d->activity, level, &subject, text, length);
        if (d->stdout_source && activity_wants_write(d->activity))
                (void)sd_event_source_set_enabled(d->stdout_source, SD_EVENT_ON);
}

void daemon_log_bytes(struct daemon *d, enum log_level level, const struct process *process,
        const char *text, size_t length)
{
        write_log(d, MESSAGE_NONE, level, process, NULL, text, length);
}

void daemon_log_message(struct daemon *d, enum message message, enum log_level level,
        const struct process *process, const char *text, bool of_exit)
{
        const struct exit_record *exit = process && of_exit ? exits_last(process) : NULL;
        struct exitfields fields;

        if (!activity_enabled(d->activity, level))
                return;
        if (exit)
                exitfields_make(&fields, exit);
        write_log(d, message, level, process, exit ? &fields : NULL, text, strlen(text));
}

void daemon_log(struct daemon *d, enum log_level level, const struct process *process,
        const char *format, ...)
{
        CLEANUP(mem_free) char *text = NULL;
        va_list ap;

        if (!activity_enabled(d->activity, level))
                return;
        va_start(ap, format);
        text = mem_vformat(format, ap);
        va_end(ap);
        daemon_log_bytes(d, level, process, text, strlen(text));
}

int daemon_log_open(struct daemon *d, struct err *err)
{
        const struct config *c = d->config;
        struct activity_options options = {
                .target = strcmp(c->logfile, "syslog") == 0    ? ACTIVITY_SYSLOG
                          : strcmp(c->logfile, "journal") == 0 ? ACTIVITY_JOURNAL
                                                               : ACTIVITY_FILE,
                .files = d->logfiles,
                .file = { .path = c->logfile,
                        .owner = "the activity log",
                        .bytes_max = c->logfile_bytes_max,
                        .backups = c->logfile_backups },
                .level = c->loglevel,
                .to_stdout = c->nodaemon && !c->silent,
                .ident = program_invocation_short_name,
                .instance = c->identifier,
                .journal_stream = environment_get(d->environ, "JOURNAL_STREAM"),
        };

        if (survival_is_check(d->survival)) { /* the log is another's */
                options.target = ACTIVITY_FILE;
                options.file = (struct logfile_options){ .path = "/dev/null" };
                options.to_stdout = false;
        }
        return activity_new(&options, &d->activity, err);
}

static int on_stdout(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        struct daemon *d = context;

        activity_flush(d->activity);
        if (!activity_wants_write(d->activity))
                (void)sd_event_source_set_enabled(
                        source, SD_EVENT_OFF); /* right arguments do not fail */
        return 0;
}

void daemon_log_watch(struct daemon *d)
{
        int fd = activity_stdout_fd(d->activity);

        /* A file as stdout cannot be waited for and need not be. */
        if (fd >= 0 && sd_event_add_io(d->loop, &d->stdout_source, fd, EPOLLOUT, on_stdout, d) >= 0)
                (void)sd_event_source_set_enabled(d->stdout_source, SD_EVENT_OFF);
}

void daemon_log_leave_loop(struct daemon *d)
{
        d->stdout_source = sd_event_source_disable_unref(d->stdout_source);
}

void daemon_log_notes(struct daemon *d)
{
        static const enum log_level order[] = { LOG_LEVEL_CRITICAL, LOG_LEVEL_ERROR, LOG_LEVEL_WARN,
                LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

        for (size_t i = 0; i < ELEMENTS(order); i++)
                for (size_t j = 0; j < d->config->notes_count; j++)
                        if (d->config->notes[j].level == order[i])
                                daemon_log(d, order[i], NULL, "%s", d->config->notes[j].text);
}
