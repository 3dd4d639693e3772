/* The options of the cluster: the table of them, section_reeve of sections.h, and how each is
 * taken. The order of the rows is the order in which they are read: what looks at another one comes
 * behind it. */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/text.h"
#include "config/clusterreading.h"
#include "config/clustervalues.h"
#include "config/instances.h"
#include "config/paths.h"
#include "config/values.h"
#include "config/words.h"

enum {
        CLUSTER_NAME_MAX = 64,
        INTERVAL_MSEC_MIN = 10,
        INTERVAL_MSEC_MAX = 60000,
        TIMEOUT_INTERVALS_MIN = 3,
        TIMEOUT_INTERVALS_MAX = 100,
};

static void *member(const struct clusterreading *reading, const struct section_option *option)
{
        return (char *)reading->config + option->offset;
}

static void put_text(char **at, char *taken)
{
        mem_free(*at);
        *at = taken;
}

static void put_list(char ***at, char **taken)
{
        words_free(*at);
        *at = taken;
}

static int take_list(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        return instances_read(reading, text, err);
}

/* It stands in front of every line of the log, so it must not break one. */
static int take_text(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        char *line = words_stripped(text);

        for (char *c = line; *c; c++)
                if ((unsigned char)*c < ' ' || *c == 0x7f)
                        *c = ' ';
        put_text(member(reading, option), line);
        return 0;
}

static int take_cluster_name(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        CLEANUP(words_free) char **names = NULL;

        if (strlen(text) > CLUSTER_NAME_MAX || clustervalues_names(text, 1, &names, NULL) < 0 ||
                !*names)
                return err_set(err, -EINVAL, "must be a name of 1 to %d bytes without a comma",
                        CLUSTER_NAME_MAX);
        put_text(member(reading, option), mem_strdup(names[0]));
        return 0;
}

/* 'max' of the row is how many. */
static int take_names(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        char **names = NULL;
        int r = clustervalues_names(text, (size_t)option->max, &names, err);

        if (r >= 0)
                put_list(member(reading, option), names);
        return r;
}

static int take_boolean(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        if (values_boolean(text, member(reading, option), NULL) < 0)
                return err_set(err, -EINVAL, "must be true or false");
        return 0;
}

static int take_integer(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        unsigned *at = member(reading, option);
        int64_t n = 0;
        int r = clustervalues_integer(text, option->min, option->max, &n, err);

        if (r >= 0)
                *at = (unsigned)n;
        return r;
}

static int take_port(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        uint16_t *at = member(reading, option);
        int64_t n = 0;
        int r = clustervalues_integer(text, option->min, 65535, &n, err);

        if (r >= 0)
                *at = (uint16_t)n;
        return r;
}

static int take_seconds(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        usec_t *at = member(reading, option);
        int64_t n = 0;
        int r = clustervalues_integer(text, option->min, option->max, &n, err);

        if (r >= 0)
                *at = usec_from_secs(n);
        return r;
}

static int take_size(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        int64_t *at = member(reading, option), n = 0;

        if (values_size(text, &n, NULL) < 0 || n < 0)
                return err_set(
                        err, -EINVAL, "must be a number of bytes, or one followed by KB, MB or GB");
        *at = n;
        return 0;
}

static int take_collecting_period(struct clusterreading *reading,
        const struct section_option *option, const char *text, struct err *err)
{
        struct clusterconfig *config = reading->config;
        int r = clustervalues_number(
                text, option->min, option->max, &config->stats_collecting_period, err);

        if (r >= 0)
                config->has_stats_collecting_period = reading->is_written;
        return r;
}

static int take_periods(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        return clustervalues_periods(
                text, reading->config->stats_periods, &reading->config->stats_periods_count, err);
}

static int take_stats_enabled(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        return clustervalues_statistics(
                text, &reading->config->stats_host, &reading->config->stats_process, err);
}

static int take_group(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        char *address = NULL;
        int r = clustervalues_group(text, &address, &reading->config->multicast_port, err);

        if (r >= 0)
                put_text(&reading->config->multicast_group, address);
        return r;
}

static int take_interfaces(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        char **interfaces = NULL;
        int r = clustervalues_interfaces(text, &interfaces, err);

        if (r >= 0)
                put_list(&reading->config->multicast_interfaces, interfaces);
        return r;
}

static int take_event_link(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        static const char *const words[] = {
                [EVENT_LINK_NONE] = "NONE",
                [EVENT_LINK_ZMQ] = "ZMQ",
                [EVENT_LINK_WS] = "WS",
        };
        size_t i = 0;
        int r = clustervalues_word(text, words, ELEMENTS(words), &i, err);

        if (r >= 0)
                reading->config->event_link = (enum clusterconfig_event_link)i;
        return r;
}

static int take_synchro(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        return clustervalues_synchro(text, &reading->config->synchro, err);
}

static int take_starting(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        const char *words[STARTING_STRATEGIES];
        size_t i = 0;
        int r;

        for (size_t n = 0; n < ELEMENTS(words); n++)
                words[n] = starting_strategy_name((enum starting_strategy)n);
        r = clustervalues_word(text, words, ELEMENTS(words), &i, err);
        if (r >= 0)
                reading->config->starting_strategy = (enum starting_strategy)i;
        return r;
}

static int take_conciliation(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        const char *words[CONCILIATION_STRATEGIES];
        size_t i = 0;
        int r;

        for (size_t n = 0; n < ELEMENTS(words); n++)
                words[n] = conciliation_strategy_name((enum conciliation_strategy)n);
        r = clustervalues_word(text, words, ELEMENTS(words), &i, err);
        if (r >= 0)
                reading->config->conciliation_strategy = (enum conciliation_strategy)i;
        return r;
}

static int take_failure(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        static const char *const words[] = {
                [ON_FAILURE_CONTINUE] = "CONTINUE",
                [ON_FAILURE_RESYNC] = "RESYNC",
                [ON_FAILURE_SHUTDOWN] = "SHUTDOWN",
        };
        size_t i = 0;
        int r = clustervalues_word(text, words, ELEMENTS(words), &i, err);

        if (r >= 0)
                reading->config->failure_strategy = (enum clusterconfig_failure)i;
        return r;
}

static int take_auth(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        static const char *const words[] = { "none" };
        size_t i;
        int r = clustervalues_word(text, words, ELEMENTS(words), &i, err);

        if (r >= 0)
                reading->config->cluster_auth = CLUSTER_AUTH_NONE;
        return r;
}

static int take_heartbeat(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        usec_t interval = 0;
        int r = clustervalues_duration(text, &interval, err);

        if (r < 0)
                return r;
        if (interval < INTERVAL_MSEC_MIN * USEC_MSEC || interval > INTERVAL_MSEC_MAX * USEC_MSEC)
                return err_set(err, -EINVAL, "must be from %dms to %ds", INTERVAL_MSEC_MIN,
                        INTERVAL_MSEC_MAX / 1000);
        reading->config->heartbeat_interval = interval;
        return 0;
}

static int take_failure_timeout(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        usec_t interval = reading->config->heartbeat_interval, timeout = 0;
        int r = clustervalues_duration(text, &timeout, err);

        if (r < 0)
                return r;
        if (timeout < TIMEOUT_INTERVALS_MIN * interval ||
                timeout > TIMEOUT_INTERVALS_MAX * interval)
                return err_set(err, -EINVAL,
                        "must be %d to %d times heartbeat_interval, which is %gs",
                        TIMEOUT_INTERVALS_MIN, TIMEOUT_INTERVALS_MAX,
                        (double)interval / (double)USEC_SEC);
        reading->config->failure_timeout = timeout;
        return 0;
}

/* Two halves of what is listed must not have a majority each. */
static int take_quorum(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        struct clusterconfig *config = reading->config;
        unsigned expected = 0;
        bool majority = false;
        int r = clustervalues_quorum(text, &majority, &expected, err);

        if (r < 0)
                return r;
        if (majority && expected == 0 && config->list_count == 0)
                return err_set(err, -EINVAL,
                        "must be majority/N, with N the number of instances, as there is no "
                        "supvisors_list to count them in");
        if (expected && expected < config->list_count)
                return err_set(err, -EINVAL,
                        "must not expect less than the %zu instances of supvisors_list",
                        config->list_count);
        config->quorum_majority = majority;
        config->quorum_expected = expected;
        return 0;
}

/* A file or directory that need not be there; empty: none. */
static int take_path(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        CLEANUP(mem_free) char *path = paths_expand_home(text);

        put_text(member(reading, option),
                *text ? paths_absolute(path, reading->reader->line->start_directory) : NULL);
        return 0;
}

/* Secrets that are asked for and missing must not become no secrets. */
static int take_key_file(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        if (!*text)
                return err_set(err, -EINVAL, "must be the path of a key file");
        return take_path(reading, option, text, err);
}

static int take_logfile(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        struct log_options log = {};
        bool is_syslog;
        int r = values_logfile(text, &log, &is_syslog, err);

        if (r < 0)
                return r;
        if (log.kind == LOGFILE_NONE || is_syslog)
                return err_set(err, -EINVAL,
                        "the logfile of a cluster must be a file, or AUTO for the activity log");
        if (log.kind == LOGFILE_AUTO)
                put_text(&reading->config->logfile, NULL);
        else
                put_text(&reading->config->logfile,
                        paths_absolute(log.kind == LOGFILE_PATH ? log.path : text,
                                reading->reader->line->start_directory));
        mem_free(log.path);
        return 0;
}

static int take_loglevel(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        enum log_level level;
        int r = values_loglevel(text, &level, err);

        if (r >= 0)
                put_text(&reading->config->loglevel, mem_strdup(log_level_name(level)));
        return r;
}

/* Supvisors expands these twice, so an old file may have a name behind two percent signs. */
static int find_files(struct clusterreading *reading, const struct section_option *option,
        const char *text, char ***ret, struct err *err)
{
        CLEANUP(mem_free) char *again = NULL;
        struct err why = {};
        int r;

        if (!reading->config->native) {
                r = expand_text(text, option->name, reader_map(reading->reader, option->scope),
                        &again, &why);
                if (r < 0)
                        return err_set(err, r, "is not possible: %s", why.text);
                text = again;
        }
        r = clustervalues_files(text, reading->reader->line->start_directory, ret, err);
        if (r >= 0 && *text && !**ret)
                clusterreading_note(
                        reading, LOG_LEVEL_WARN, option->name, "matches no file: %s", text);
        return r;
}

static int take_files(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        char **files = NULL;
        int r = find_files(reading, option, text, &files, err);

        if (r >= 0)
                put_list(member(reading, option), files);
        return r;
}

static int take_icon(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        CLEANUP(words_free) char **files = NULL;
        int r = find_files(reading, option, text, &files, err);
        const char *icon = NULL;

        if (r < 0 || !*files)
                return r;
        for (char **file = files; *file && !icon; file++) {
                struct stat st;

                if (stat(*file, &st) == 0 && S_ISREG(st.st_mode))
                        icon = *file;
        }
        if (!icon)
                clusterreading_note(
                        reading, LOG_LEVEL_WARN, option->name, "matches no regular file: %s", text);
        else if (words_count(files) > 1)
                clusterreading_note(reading, LOG_LEVEL_WARN, option->name,
                        "matches several files, of which %s is taken", icon);
        put_text(member(reading, option), icon ? mem_strdup(icon) : NULL);
        return 0;
}

#define AT(member) offsetof(struct clusterconfig, member)
#define CLUSTER    SCOPE_CLUSTER
#define DEFAULT    WRONG_IS_DEFAULT

static const struct section_option options[] = {
        { "supvisors_list", TYPE_LIST, CLUSTER, NULL, BY_HAND,
                "the instances, as [<nick>]host[:port]", WRONG_IS_FATAL, .take = take_list },
        { "core_identifiers", TYPE_LIST, CLUSTER, "", AT(core_identifiers),
                "the instances that CORE waits for", DEFAULT, 0, CLUSTERCONFIG_INSTANCES_MAX,
                take_names },
        { "stereotypes", TYPE_LIST, CLUSTER, "", AT(stereotypes),
                "names that rules may call this instance by", DEFAULT, 0,
                CLUSTERCONFIG_STEREOTYPES_MAX, take_names },
        { "cluster_name", TYPE_STRING, CLUSTER, "reeve", AT(cluster_name),
                "instances of another cluster are not heard", WRONG_IS_ALONE,
                .take = take_cluster_name },
        { "cluster_key_file", TYPE_FILE, CLUSTER, NULL, AT(cluster_key_file),
                "the secrets that its instances share", WRONG_IS_ALONE, .take = take_key_file },
        { "cluster_auth", TYPE_WORD, CLUSTER, NULL, AT(cluster_auth),
                "\"none\": open to everybody, where there are no secrets", DEFAULT,
                .take = take_auth },
        { "multicast_group", TYPE_GROUP, CLUSTER, NULL, BY_HAND, "where instances find each other",
                DEFAULT, .take = take_group },
        { "multicast_interface", TYPE_LIST, CLUSTER, "ANY", BY_HAND,
                "the interfaces for that, by name or address", DEFAULT, .take = take_interfaces },
        { "multicast_ttl", TYPE_INTEGER, CLUSTER, "1", AT(multicast_ttl),
                "how many routers that may pass", DEFAULT, 0, 255, take_integer },
        { "link_port", TYPE_PORT, CLUSTER, "0", AT(link_port),
                "where other instances connect to; 0: any free port", DEFAULT, 0, 65535,
                take_port },
        { "heartbeat_interval", TYPE_DURATION, CLUSTER, "200ms", AT(heartbeat_interval),
                "how often an instance says that it is there", DEFAULT, .take = take_heartbeat },
        { "failure_timeout", TYPE_DURATION, CLUSTER, NULL, AT(failure_timeout),
                "after which silence it counts as lost; 5 intervals by default", DEFAULT,
                .take = take_failure_timeout },
        { "inactivity_ticks", TYPE_INTEGER, CLUSTER, "2", AT(inactivity_ticks),
                "accepted; failure_timeout holds", DEFAULT, 2, 720, take_integer },
        { "quorum", TYPE_WORD, CLUSTER, "none", BY_HAND,
                "\"none\", \"majority\" or \"majority/N\": who may elect a master", WRONG_IS_ALONE,
                .take = take_quorum },
        { "auto_fence", TYPE_BOOLEAN, CLUSTER, "false", AT(auto_fence),
                "never let a lost instance in again", DEFAULT, .take = take_boolean },
        { "synchro_options", TYPE_LIST, CLUSTER, "STRICT,TIMEOUT,CORE", AT(synchro),
                "what ends the synchronization", DEFAULT, .take = take_synchro },
        { "synchro_timeout", TYPE_INTEGER, CLUSTER, "15", AT(synchro_timeout),
                "seconds until TIMEOUT does", DEFAULT, 15, 1200, take_seconds },
        { "supvisors_failure_strategy", TYPE_WORD, CLUSTER, "CONTINUE", AT(failure_strategy),
                "when an instance that was waited for is lost", DEFAULT, .take = take_failure },
        { "starting_strategy", TYPE_WORD, CLUSTER, "CONFIG", AT(starting_strategy),
                "where to start a process", DEFAULT, .take = take_starting },
        { "conciliation_strategy", TYPE_WORD, CLUSTER, "USER", AT(conciliation_strategy),
                "what to do with a process that runs twice", DEFAULT, .take = take_conciliation },
        { "rules_files", TYPE_PATTERNS, CLUSTER, NULL, AT(rules_files),
                "the rules of the applications", DEFAULT, .take = take_files },
        { "disabilities_file", TYPE_FILE, CLUSTER, NULL, AT(disabilities_file),
                "keeps which programs are disabled", DEFAULT, .take = take_path },
        { "state_dir", TYPE_FILE, CLUSTER, NULL, AT(state_dir), "keeps what must survive a restart",
                DEFAULT, .take = take_path },
        { "software_name", TYPE_STRING, CLUSTER, "", AT(software_name),
                "on web pages and in front of log lines", DEFAULT, .take = take_text },
        { "software_icon", TYPE_PATTERNS, CLUSTER, NULL, AT(software_icon), "on web pages", DEFAULT,
                .take = take_icon },
        { "css_files", TYPE_PATTERNS, CLUSTER, NULL, AT(css_files), "styles of web pages", DEFAULT,
                .take = take_files },
        { "event_link", TYPE_WORD, CLUSTER, "NONE", AT(event_link),
                "how events are published: NONE, ZMQ or WS", DEFAULT, .take = take_event_link },
        { "event_port", TYPE_PORT, CLUSTER, NULL, AT(event_port),
                "where; the port of the HTTP server + 1 by default", DEFAULT, 1, 65535, take_port },
        { "stats_enabled", TYPE_LIST, CLUSTER, "ALL", BY_HAND,
                "which statistics are collected: OFF, HOST, PROCESS or ALL", DEFAULT,
                .take = take_stats_enabled },
        { "stats_collecting_period", TYPE_NUMBER, CLUSTER, "5", BY_HAND,
                "seconds from one collection to the next", DEFAULT, 1, 3600,
                take_collecting_period },
        { "stats_periods", TYPE_LIST, CLUSTER, "10", BY_HAND,
                "seconds that statistics are averaged over", DEFAULT, .take = take_periods },
        { "stats_histo", TYPE_INTEGER, CLUSTER, "200", AT(stats_histo), "points that are kept",
                DEFAULT, 10, 1500, take_integer },
        { "stats_irix_mode", TYPE_BOOLEAN, CLUSTER, "false", AT(stats_irix_mode),
                "100 % is one processor, not all", DEFAULT, .take = take_boolean },
        { "tail_limit", TYPE_SIZE, CLUSTER, "1024", AT(tail_limit),
                "bytes of a log that a web page shows", DEFAULT, .take = take_size },
        { "tailf_limit", TYPE_SIZE, CLUSTER, "1024", AT(tailf_limit),
                "bytes of a log that a followed one begins with", DEFAULT, .take = take_size },
        { "logfile", TYPE_PATH, CLUSTER, "AUTO", AT(logfile),
                "a log of the cluster's own; AUTO: the activity log", WRONG_IS_FATAL,
                .take = take_logfile },
        { "logfile_maxbytes", TYPE_SIZE, CLUSTER, "50MB", AT(logfile_maxbytes),
                "rotate it at this size; 0: never" },
        { "logfile_backups", TYPE_INTEGER, CLUSTER, "10", AT(logfile_backups),
                "how many rotated ones to keep" },
        { "loglevel", TYPE_LOGLEVEL, CLUSTER, "info", AT(loglevel),
                "the least level that is written to it", WRONG_IS_FATAL, .take = take_loglevel },
};

const struct section_kind section_reeve = { "reeve", NAMED_EXACTLY, options, ELEMENTS(options),
        .help = "the cluster" };
