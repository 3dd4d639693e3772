/* The configuration: see config.h.  Owns the order in which its parts are read. */
#include "config/config.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/text.h"
#include "config/clusterconfig.h"
#include "config/environment.h"
#include "config/paths.h"
#include "config/reader.h"
#include "config/survey.h"
#include "config/values.h"
#include "config/words.h"

enum { VALUE_TOLD_MAX = 300 }; /* of a value in a message, in bytes */

static void server_clear(struct server_config *server)
{
        mem_free(server->section);
        mem_free(server->host);
        mem_free(server->file);
        mem_free(server->username);
        mem_free(server->password);
}

void config_note(struct config *config, enum log_level level, const char *format, ...)
{
        va_list ap;

        config->notes = mem_resize(config->notes, config->notes_count + 1, sizeof(*config->notes));
        va_start(ap, format);
        config->notes[config->notes_count++] =
                (struct config_note){ level, mem_vformat(format, ap) };
        va_end(ap);
}

struct config *config_free(struct config *config)
{
        if (!config)
                return NULL;
        for (size_t i = 0; i < config->servers_count; i++)
                server_clear(&config->servers[i]);
        for (size_t i = 0; i < config->notes_count; i++)
                mem_free(config->notes[i].text);
        program_set_clear(&config->programs);
        config_source_free(config->source);
        clusterconfig_free(config->cluster);
        mem_free(config->servers);
        mem_free(config->notes);
        mem_free(config->path);
        mem_free(config->here);
        mem_free(config->logfile);
        mem_free(config->pidfile);
        mem_free(config->state_file);
        mem_free(config->childlogdir);
        mem_free(config->directory);
        words_free(config->environment);
        words_free(config->known);
        mem_free(config->identifier);
        mem_free(config->serverurl);
        return mem_free(config);
}

uint16_t config_http_port(const struct config *config)
{
        for (size_t i = 0; i < config->servers_count; i++)
                if (config->servers[i].kind == SERVER_INET)
                        return (uint16_t)config->servers[i].port;
        return config->cluster->self.port;
}

void config_location_clear(struct config_location *location)
{
        mem_free(location->file);
        mem_free(location->section);
        mem_free(location->option);
        mem_free(location->value);
        *location = (struct config_location){};
}

char *config_location_text(const struct config_location *location)
{
        CLEANUP(text_clear) struct text text = {};

        if (!location->file)
                return text_take(&text);
        text_append(&text, "file ");
        text_append_repr(&text, location->file, strlen(location->file));
        if (location->line > 0)
                text_format(&text, ", line %d", location->line);
        if (location->section)
                text_format(&text, ", section [%s]", location->section);
        if (location->option)
                text_format(&text, ", option '%s'", location->option);
        if (location->value) {
                size_t length = strlen(location->value);

                text_append(&text, ", value ");
                text_append_repr(
                        &text, location->value, length < VALUE_TOLD_MAX ? length : VALUE_TOLD_MAX);
                if (length > VALUE_TOLD_MAX)
                        text_format(&text, "... (%zu bytes)", length);
        }
        if (location->error < 0)
                text_format(&text, ": %s", strerrordesc_np(-location->error));
        return text_take(&text);
}

static struct reader *reader_clear(struct reader *reader)
{
        config_free(reader->config);
        ini_free(reader->ini);
        mem_free(reader->node);
        mem_free(reader->user);
        reader_members_free(reader->members, reader->members_count);
        expand_map_free(reader->start);
        expand_map_free(reader->include);
        expand_map_free(reader->supervisord);
        expand_map_free(reader->server);
        expand_map_free(reader->here);
        expand_map_free(reader->cluster);
        config_location_clear(&reader->location);
        return NULL;
}
DEFINE_CLEANUP(struct reader *, reader_clear)

static void reader_begin(
        struct reader *reader, const struct command_line *line, char *const *environ)
{
        CLEANUP(mem_free) char *current = paths_current();
        CLEANUP(mem_free) char *path = paths_absolute(line->path, current);
        struct utsname host;

        reader->line = line;
        reader->environ = environ;
        reader->config = mem_new(sizeof(*reader->config));
        reader->config->path = mem_strdup(line->path);
        reader->config->here = paths_directory(path);
        reader->ini = ini_new();
        reader->node = mem_strdup(uname(&host) == 0 ? host.nodename : "localhost");
        reader->start = expand_map_new(NULL);
        expand_map_set_environment(reader->start, environ);
        reader->include = expand_map_new(reader->start);
        expand_map_set(reader->include, "here", reader->config->here);
        expand_map_set(reader->include, "host_node_name", reader->node);
        reader->supervisord = expand_map_new(reader->start);
        expand_map_set(reader->supervisord, "here", reader->config->here);
        reader->server = expand_map_new(reader->start);
        reader->here = expand_map_new(reader->server);
        expand_map_set(reader->here, "here", reader->config->here);
        reader->cluster = expand_map_new(reader->here);
        expand_map_set(reader->cluster, "host_node_name", reader->node);
}

static int read_files(struct reader *reader, struct err *err)
{
        const char *path = reader->config->path;
        int r;

        if (access(path, F_OK) < 0)
                return err_set(err, -ENOENT, "could not find config file %s", path);
        r = ini_read(reader->ini, path, err);
        if (r < 0 && r != -EINVAL && r != -E2BIG) {
                reader->location.error = r; /* Supervisor's sentence does not have it */
                return err_set(err, r, "could not read config file %s", path);
        }
        return r < 0 ? r : include_read(reader, err);
}

static int read_environment(
        struct reader *reader, const struct ini_section *section, struct err *err)
{
        CLEANUP(mem_free) char *text = NULL;
        int r = reader_text(reader, section, "environment", reader->include, &text, err);

        if (r < 0)
                return r;
        r = environment_parse(text ? text : "", &reader->config->environment, err);
        if (r < 0)
                return reader_blame(reader, section, "environment", r);
        expand_map_set_environment(reader->server, reader->config->environment);
        return 0;
}

static int read_supervisord(
        struct reader *reader, const struct ini_section *section, struct err *err)
{
        for (size_t i = 0; i < section_supervisord.options_count; i++) {
                const struct section_option *option = &section_supervisord.options[i];
                int r;

                if (strcmp(option->name, "user") == 0)
                        r = reader_text(reader, section, option->name,
                                reader_map(reader, option->scope), &reader->user, err);
                else if (strcmp(option->name, "environment") == 0)
                        r = read_environment(reader, section, err);
                else
                        r = reader_store(reader, section, option, reader_map(reader, option->scope),
                                reader->config, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Looked up last, as in Supervisor. */
static int find_user(struct reader *reader, const struct ini_section *section, struct err *err)
{
        const char *argument = argument_value(reader->line, "user");
        int r;

        if ((!reader->user && !argument) || reader->is_reread)
                return 0;
        r = values_user(argument ? argument : reader->user, &reader->config->user, err);
        if (r < 0)
                return argument ? r : reader_blame(reader, section, "user", r);
        reader->config->has_user = true;
        return 0;
}

/* What the command line says wins over the file. */
static int apply_arguments(struct reader *reader, struct err *err)
{
        const struct command_line *line = reader->line;

        for (size_t i = 0; i < line->arguments_count; i++) {
                const struct argument *argument = &line->arguments[i];
                const struct section_option *row =
                        section_option(&section_supervisord, argument->option);
                int r;

                if (row->offset == BY_HAND)
                        continue;
                r = section_store(row, argument->value, reader->config, err);
                if (r < 0)
                        return r; /* a directory that was there at the start */
        }
        return 0;
}

static void make_absolute(char **path, const char *directory)
{
        char *absolute = paths_absolute(*path, directory);

        mem_free(*path);
        *path = absolute;
}

static void finish(struct reader *reader)
{
        const struct command_line *line = reader->line;
        struct config *config = reader->config;

        if (strcmp(config->logfile, "syslog") != 0 && strcmp(config->logfile, "journal") != 0)
                make_absolute(&config->logfile, line->start_directory);
        make_absolute(&config->pidfile, line->start_directory);
        if (config->state_file && strcmp(config->state_file, "NONE") != 0)
                make_absolute(&config->state_file, line->start_directory);
        if (!config->childlogdir)
                config->childlogdir = paths_temporary(reader->environ);
        if (line->has_profile_options)
                reader_note(reader, LOG_LEVEL_WARN,
                        "option --profile_options is not acted upon by this version");
        if (!line->is_path_given && geteuid() == 0)
                reader_note(reader, LOG_LEVEL_WARN,
                        "started as root without -c, so %s was found by searching, also in the "
                        "current directory; name the file with -c to be sure of it",
                        config->path);
        unknown_note(reader);
}

static int read_all(struct reader *reader, const struct config_problems *omitted, struct err *err)
{
        const struct ini_section *section;
        int r = read_files(reader, err);

        if (r < 0)
                return reader_blame(reader, NULL, NULL, r);
        for (size_t i = 0; omitted && i < omitted->count; i++) {
                const struct config_problem *problem = &omitted->at[i];

                (void)ini_remove(reader->ini, problem->location.section,
                        problem->is_whole ? NULL : problem->location.option);
        }
        section = ini_section(reader->ini, "supervisord");
        if (!section) {
                err_set(err, -EINVAL, ".ini file does not include supervisord section");
                return reader_blame(reader, NULL, NULL, -EINVAL);
        }
        r = read_supervisord(reader, section, err);
        if (r >= 0)
                r = interfaces_read(reader, err);
        if (r >= 0)
                r = groups_read(reader, err);
        if (r >= 0)
                r = servers_read(reader, err);
        if (r >= 0)
                r = apply_arguments(reader, err);
        if (r >= 0)
                r = find_user(reader, section, err);
        if (r >= 0)
                r = clusterconfig_read(reader, err);
        if (r >= 0)
                finish(reader);
        return r;
}

int config_read_omitting(const struct command_line *line, char *const *environ,
        const struct config *before, const struct config_problems *omitted, struct config **ret,
        struct config_location *location, struct err *err)
{
        struct reader reading = {};
        CLEANUP(reader_clear) struct reader *reader = &reading;
        int r;

        reader_begin(reader, line, environ);
        reader->is_reread = before;
        if (before)
                expand_map_set_environment(reader->start, before->known);
        r = read_all(reader, omitted, err);
        if (r >= 0) {
                reader->config->known = environment_merge(
                        before ? before->known : NULL, reader->config->environment);
                reader->config->source = reader_take_source(reader);
                *ret = TAKE(reader->config);
        } else if (location) {
                config_location_clear(location);
                *location = reader->location;
                reader->location = (struct config_location){};
        }
        return r;
}

int config_reread(const struct command_line *line, char *const *environ,
        const struct config *before, struct config **ret, struct config_location *location,
        struct err *err)
{
        return config_read_omitting(line, environ, before, NULL, ret, location, err);
}

int config_read_located(const struct command_line *line, char *const *environ, struct config **ret,
        struct config_location *location, struct err *err)
{
        return config_reread(line, environ, NULL, ret, location, err);
}

int config_read(
        const struct command_line *line, char *const *environ, struct config **ret, struct err *err)
{
        return config_read_located(line, environ, ret, NULL, err);
}

int config_read_sections(
        const struct command_line *line, char *const *environ, struct ini **ret, struct err *err)
{
        struct reader reading = {};
        CLEANUP(reader_clear) struct reader *reader = &reading;
        int r;

        reader_begin(reader, line, environ);
        r = read_files(reader, err);
        if (r >= 0) /* a file that includes nothing knows it in some options only */
                r = ini_replace(reader->ini, "%(here)s", reader->config->here, err);
        if (r < 0)
                return r;
        *ret = TAKE(reader->ini);
        return 0;
}
