/* Options: see options.h. */
#include "client/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client/commands.h"
#include "config/commandline.h"
#include "config/expand.h"
#include "config/ini.h"
#include "config/paths.h"
#include "config/values.h"

enum option {
        OPTION_CONFIGURATION,
        OPTION_HELP,
        OPTION_INTERACTIVE,
        OPTION_SERVERURL,
        OPTION_USERNAME,
        OPTION_PASSWORD,
        OPTION_HISTORY,
        OPTION_JSON,
        OPTION_VERSION,
        OPTIONS,
};

static const struct commandline_option table[] = {
        { 'c', "configuration", true, OPTION_CONFIGURATION },
        { 'h', "help", false, OPTION_HELP },
        { '?', NULL, false, OPTION_HELP },
        { 'i', "interactive", false, OPTION_INTERACTIVE },
        { 's', "serverurl", true, OPTION_SERVERURL },
        { 'u', "username", true, OPTION_USERNAME },
        { 'p', "password", true, OPTION_PASSWORD },
        { 'r', "history_file", true, OPTION_HISTORY }, /* accepted, and never had an effect */
        { 0, "json", false, OPTION_JSON },
        { 0, "version", false, OPTION_VERSION },
};

/* What was given on the command line, by option; NULL: not given. */
struct given {
        const struct commandline_match *at[OPTIONS];
};

static const char *given_value(const struct given *given, enum option option)
{
        return given->at[option] ? given->at[option]->value : NULL;
}

static int sort_matches(const struct commandline *line, struct given *ret, struct err *err)
{
        for (size_t i = 0; i < line->count; i++) {
                const struct commandline_match *match = &line->matches[i];

                if (match->option->id == OPTION_HELP || match->option->id == OPTION_VERSION) {
                        ret->at[match->option->id] = match; /* what follows does not matter */
                        return 0;
                }
                if (ret->at[match->option->id])
                        return commandline_conflict(match, err);
                if (match->option->id == OPTION_SERVERURL && values_url(match->value, err) < 0)
                        return commandline_invalid(match, err);
                ret->at[match->option->id] = match;
        }
        return 0;
}

/* Reads an option of the section, when it is there, into '*target'. */
static int read_option(const struct ini *ini, const struct ini_section *section, const char *key,
        const struct expand_map *map, char **target, struct err *err)
{
        const char *value = ini_value(ini, section, key);
        CLEANUP(mem_free) char *label = NULL;
        char *expanded = NULL;
        int r;

        if (!value)
                return 0;
        label = mem_format("supervisorctl.%s", key);
        r = expand_text(value, label, map, &expanded, err);
        if (r < 0)
                return r;
        mem_free(*target);
        *target = expanded;
        return 0;
}

static void make_absolute(char **path)
{
        CLEANUP(mem_free) char *current = paths_current();
        CLEANUP(mem_free) char *old = *path;

        *path = paths_absolute(old, current);
}

/* The path of a unix:// address is made absolute and plain. */
static void normalise_serverurl(struct options *options)
{
        static const char scheme[] = "unix://";
        CLEANUP(mem_free) char *path = NULL;

        if (!text_starts(options->serverurl, scheme))
                return;
        path = mem_strdup(options->serverurl + strlen(scheme));
        make_absolute(&path);
        mem_free(options->serverurl);
        options->serverurl = mem_format("%s%s", scheme, path);
}

static int read_section(const struct ini *ini, const struct ini_section *section, const char *here,
        char *const *environment, struct options *options, struct err *err)
{
        CLEANUP(expand_map_free) struct expand_map *plain = expand_map_new(NULL);
        CLEANUP(expand_map_free) struct expand_map *placed = expand_map_new(plain);
        const struct {
                const char *key;
                const struct expand_map *map;
                char **target;
        } entries[] = {
                { "serverurl", placed, &options->serverurl },
                { "prompt", plain, &options->prompt },
                { "username", plain, &options->username },
                { "password", plain, &options->password },
                { "history_file", placed, &options->history_file },
        };
        int r = 0;

        expand_map_set_environment(plain, environment);
        expand_map_set(placed, "here", here);
        for (size_t i = 0; r == 0 && i < ELEMENTS(entries); i++)
                r = read_option(
                        ini, section, entries[i].key, entries[i].map, entries[i].target, err);
        if (r < 0)
                return r;
        normalise_serverurl(options);
        if (options->history_file) {
                CLEANUP(mem_free) char *written = options->history_file;

                options->history_file = paths_expand_home(written);
                make_absolute(&options->history_file);
        }
        return 0;
}

static int read_file(
        const char *path, char *const *environment, struct options *options, struct err *err)
{
        CLEANUP(ini_free) struct ini *ini = ini_new();
        CLEANUP(mem_free) char *here = paths_directory(path);
        const struct ini_section *section;
        int r = ini_read(ini, path, err);

        if (r < 0 && r != -EINVAL && r != -E2BIG)
                return err_set(err, -EINVAL, "could not read config file %s", path);
        if (r < 0)
                return r;
        section = ini_section(ini, "supervisorctl");
        if (!section)
                return err_set(err, -EINVAL, ".ini file does not include supervisorctl section");
        make_absolute(&here);
        return read_section(ini, section, here, environment, options, err);
}

/* The file that is given or found; *ret is NULL when there is none, which is no error. */
static int find_file(const char *given, const char *program, char **ret, struct err *err)
{
        int r = paths_find_configuration(given, program, ret, err);

        if (r == 0 || given)
                return r;
        *ret = NULL;
        return 0;
}

static void replace(char **target, const char *value)
{
        if (!value)
                return;
        mem_free(*target);
        *target = mem_strdup(value);
}

static char *join_words(char *const *words)
{
        struct text line = {};

        for (char *const *word = words; *word; word++)
                text_format(&line, "%s%s", word == words ? "" : " ", *word);
        return text_take(&line);
}

static int apply(const struct given *given, int argc, char *const argv[], int next,
        char *const *environment, struct options *options, struct err *err)
{
        const struct commands_row *row = next < argc ? commands_find(argv[next]) : NULL;
        bool needs_server = !row || !(row->flags & COMMANDS_LOCAL);
        CLEANUP(mem_free) char *path = NULL;
        int r = 0;

        options->serverurl = mem_strdup("http://localhost:9001");
        options->prompt = mem_strdup("supervisor");
        replace(&options->configuration, given_value(given, OPTION_CONFIGURATION));
        if (needs_server)
                r = find_file(options->configuration, argv[0], &path, err);
        if (r == 0 && path)
                r = read_file(path, environment, options, err);
        if (r < 0 && row && row->flags & COMMANDS_LENIENT)
                r = 0; /* it says itself what is wrong */
        if (r < 0)
                return r;
        replace(&options->serverurl, given_value(given, OPTION_SERVERURL));
        replace(&options->username, given_value(given, OPTION_USERNAME));
        replace(&options->password, given_value(given, OPTION_PASSWORD));
        options->json = given->at[OPTION_JSON];
        options->line = next < argc ? join_words(argv + next) : NULL;
        options->interactive = given->at[OPTION_INTERACTIVE] || !options->line;
        return 0;
}

int options_read(int argc, char *const argv[], char *const *environment, struct options *ret,
        struct err *err)
{
        CLEANUP(commandline_free) struct commandline *line = NULL;
        CLEANUP(options_clear) struct options options = {};
        struct given given = {};
        int r;

        r = commandline_parse(table, ELEMENTS(table), argc, argv, &line, err);
        if (r == 0)
                r = sort_matches(line, &given, err);
        if (r < 0)
                return r;
        options.help = given.at[OPTION_HELP];
        options.version = given.at[OPTION_VERSION];
        if (!options.help && !options.version)
                r = apply(&given, argc, argv, line->next, environment, &options, err);
        if (r < 0)
                return r;
        *ret = options;
        options = (struct options){};
        return 0;
}

void options_clear(struct options *options)
{
        mem_free(options->serverurl);
        mem_free(options->username);
        mem_free(options->password);
        mem_free(options->prompt);
        mem_free(options->history_file);
        mem_free(options->configuration);
        mem_free(options->line);
        *options = (struct options){};
}

const struct commandline_option *options_table(size_t *ret_count)
{
        *ret_count = ELEMENTS(table);
        return table;
}

void options_print_usage(const char *program)
{
        printf("%s -- control applications that a reeved (or supervisord) runs\n"
               "\n"
               "Usage: %s [options] [action [arguments]]\n"
               "\n"
               "Options:\n"
               "-c/--configuration FILENAME -- the configuration file (searched for if not given)\n"
               "-h/--help -- print this text and exit\n"
               "-i/--interactive -- start an interactive shell; with an action, let it ask\n"
               "-s/--serverurl URL -- where the server listens\n"
               "     (default \"http://localhost:9001\").\n"
               "-u/--username USERNAME -- the user name for the server\n"
               "-p/--password PASSWORD -- the password for the server\n"
               "-r/--history_file FILENAME -- accepted, without effect: see history_file\n"
               "--version -- print the version of this client and exit\n"
               "--json -- print what the action shows as JSON, where it can\n"
               "\n"
               "An action is a command such as \"status\" or \"tail\". Without one, a shell is\n"
               "started that takes them line by line. The action \"help\" lists them all.\n"
               "\n",
                basename(program), program);
}
