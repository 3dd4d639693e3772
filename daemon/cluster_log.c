/* The cluster's log: see cluster_log.h.  Its lines are "date;LEVEL;text", behind the name of the
 * software where one is given. */
#include "daemon/cluster_log.h"

#include <string.h>
#include <time.h>

#include "base/text.h"
#include "config/clusterconfig.h"
#include "daemon/daemon.h"

struct cluster_log {
        struct logfile *file;
        enum log_level level;
        char *software; /* "" */
};

int cluster_log_open(struct daemon *d, struct cluster_log **ret, struct err *err)
{
        const struct clusterconfig *c = d->config->cluster;
        const struct logfile_options options = { .path = c->logfile,
                .owner = "the cluster",
                .bytes_max = c->logfile_maxbytes,
                .backups = c->logfile_backups };
        struct cluster_log *log;
        int level = log_level_parse(c->loglevel);
        int r;

        *ret = NULL;
        if (!c->logfile)
                return 0;
        log = mem_new(sizeof(*log));
        log->level = level < 0 ? LOG_LEVEL_INFO : (enum log_level)level;
        log->software = mem_strdup(c->software_name ?: "");
        r = logfile_open(d->logfiles, &options, &log->file, err);
        if (r < 0)
                cluster_log_free(log);
        else
                *ret = log;
        return r;
}

struct cluster_log *cluster_log_free(struct cluster_log *log)
{
        if (!log)
                return NULL;
        logfile_unref(log->file);
        mem_free(log->software);
        return mem_free(log);
}

bool cluster_log_enabled(
        const struct cluster_log *log, const struct daemon *d, enum log_level level)
{
        return log ? level >= log->level : activity_enabled(d->activity, level);
}

static void append_stamp(struct text *line)
{
        char stamp[64];
        struct timespec ts;
        struct tm tm = {};

        (void)clock_gettime(CLOCK_REALTIME, &ts); /* cannot fail */
        (void)localtime_r(&ts.tv_sec, &tm);       /* only fails for years that fit no int */
        (void)strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &tm);
        text_format(line, "%s,%03ld", stamp, ts.tv_nsec / 1000000);
}

void cluster_log_write(struct cluster_log *log, struct daemon *d, enum message message,
        enum log_level level, const char *text)
{
        CLEANUP(text_clear) struct text line = {};

        if (!cluster_log_enabled(log, d, level))
                return;
        if (!log) {
                daemon_log_message(d, message, level, NULL, text, false);
                return;
        }
        if (*log->software)
                text_format(&line, "%s;", log->software);
        append_stamp(&line);
        text_format(&line, ";%s;%s\n", log_level_code(level), text);
        logfile_write(log->file, line.data, line.length);
        activity_echo(d->activity, line.data, line.length);
}

enum log_level cluster_log_level(const struct cluster_log *log)
{
        return log->level;
}

void cluster_log_set_level(struct cluster_log *log, struct daemon *d, enum log_level level)
{
        if (log)
                log->level = level;
        else
                activity_set_level(d->activity, level);
}
