/* What "--check" looks at beside the configuration: see startcheck.h. */
#include "daemon/startcheck.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/text.h"
#include "config/clusterconfig.h"
#include "config/config.h"
#include "config/keyfile.h"
#include "daemon/cluster_setup.h"
#include "daemon/command.h"
#include "daemon/limits.h"
#include "daemon/sockets.h"
#include "rules/rules.h"

static void say(const struct log_sink *sink, enum log_level level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static void say(const struct log_sink *sink, enum log_level level, const char *format, ...)
{
        CLEANUP(mem_free) char *text = NULL;
        va_list ap;

        va_start(ap, format);
        text = mem_vformat(format, ap);
        va_end(ap);
        sink->write(sink->context, level, text);
}

/* Whether it could start now: what is missing may come, so that is no error. */
static void check_program(
        const struct program *program, const char *path, const struct log_sink *sink)
{
        CLEANUP(command_clear) struct program_command command = {};
        CLEANUP(mem_free) char *why = NULL;
        struct stat st;

        if (command_resolve(program, NULL, path, &command, &why) != FAULT_NONE)
                say(sink, LOG_LEVEL_WARN, "program '%s' could not start now: %s",
                        program_label(program), why);
        if (!program->directory || !*program->directory)
                return;
        if (stat(program->directory, &st) < 0)
                say(sink, LOG_LEVEL_WARN, "program '%s' could not start now: directory '%s': %s",
                        program_label(program), program->directory, strerrordesc_np(errno));
        else if (!S_ISDIR(st.st_mode))
                say(sink, LOG_LEVEL_WARN, "program '%s' could not start now: '%s' is no directory",
                        program_label(program), program->directory);
}

/* Of many that are alike the first one. */
static void check_programs(
        const struct program_set *set, const char *path, const struct log_sink *sink)
{
        for (size_t i = 0; i < set->count; i++)
                for (size_t j = 0; j < set->groups[i]->programs_count; j++)
                        if (set->groups[i]->programs[j]->index == 0)
                                check_program(set->groups[i]->programs[j], path, sink);
}

static void check_rules(const struct clusterconfig *cluster, const struct log_sink *sink)
{
        CLEANUP(rules_unref) struct rules *rules = NULL;
        const struct rules_note *notes;
        struct err err = {};
        size_t count = 0;

        while (cluster->rules_files && cluster->rules_files[count])
                count++;
        if (rules_read((const char *const *)cluster->rules_files, count, &rules, &err) < 0) {
                say(sink, LOG_LEVEL_ERROR, "no rules hold, every application is unmanaged: %s",
                        err.text);
                return;
        }
        notes = rules_notes(rules, &count);
        for (size_t i = 0; i < count; i++)
                say(sink, notes[i].level, "%s", notes[i].text);
}

static int check_cluster(const struct config *config, const struct log_sink *sink, struct err *err)
{
        CLEANUP(keyfile_clear) struct keyfile key = {};
        int r = cluster_setup_check(config, sink, err);

        if (r >= 0 && config->cluster->cluster_key_file)
                r = keyfile_read(config->cluster->cluster_key_file, &key, err);
        if (r >= 0)
                check_rules(config->cluster, sink);
        return r;
}

int startcheck_run(
        const struct config *config, const char *path, const struct log_sink *sink, struct err *err)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < config->servers_count; i++)
                r = sockets_check(&config->servers[i], err);
        if (r >= 0 && config->cluster)
                r = check_cluster(config, sink, err);
        if (r >= 0)
                r = limits_check_offered(&config->programs, sink, err);
        if (r >= 0)
                check_programs(&config->programs, path, sink);
        return r;
}
