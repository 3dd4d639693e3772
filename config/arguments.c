/* The command line of reeved: see arguments.h.
 *
 * An option that has a twin in [supervisord] is checked and stored by that one's row, so that the
 * two cannot differ. */
#include "config/arguments.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "config/commandline.h"
#include "config/paths.h"
#include "config/sections.h"

enum { ID_CONFIGURATION, ID_CHECK, ID_HELP, ID_VERSION, ID_PROFILE, ID_TWIN };

static const struct commandline_option options[] = {
        { 'c', "configuration", true, ID_CONFIGURATION },
        { 'n', "nodaemon", false, ID_TWIN },
        { 's', "silent", false, ID_TWIN },
        { 'h', "help", false, ID_HELP },
        { '?', NULL, false, ID_HELP },
        { 'v', "version", false, ID_VERSION },
        { 'u', "user", true, ID_TWIN },
        { 'm', "umask", true, ID_TWIN },
        { 'd', "directory", true, ID_TWIN },
        { 'l', "logfile", true, ID_TWIN },
        { 'y', "logfile_maxbytes", true, ID_TWIN },
        { 'z', "logfile_backups", true, ID_TWIN },
        { 'e', "loglevel", true, ID_TWIN },
        { 'j', "pidfile", true, ID_TWIN },
        { 'i', "identifier", true, ID_TWIN },
        { 'q', "childlogdir", true, ID_TWIN },
        { 'k', "nocleanup", false, ID_TWIN },
        { 'a', "minfds", true, ID_TWIN },
        { 't', "strip_ansi", false, ID_TWIN },
        { 0, "minprocs", true, ID_TWIN },
        { 0, "profile_options", true, ID_PROFILE },
        { 0, "check", false, ID_CHECK },
};

_Static_assert(ELEMENTS(options) <= ARGUMENTS_MAX, "every option must have room to be kept");

/* Its lines have the form of Supervisor's, which scripts may look into. */
static const char help_text[] =
        "%s -- run a set of applications, and keep them running\n"
        "\n"
        "Usage: %s [option ...]\n"
        "\n"
        "Options:\n"
        "-c/--configuration FILENAME -- read this file; otherwise a supervisord.conf is\n"
        "                               searched for in the usual places\n"
        "--check -- read the configuration, say what is wrong with it, exit\n"
        "-n/--nodaemon -- stay in the foreground\n"
        "-s/--silent -- in the foreground, do not copy the log to stdout\n"
        "-h/-?/--help -- print this and exit\n"
        "-v/--version -- print the version and exit\n"
        "\n"
        "These replace the option of the same name in [supervisord]:\n"
        "-u/--user USER -- become this user (name or number) first\n"
        "-m/--umask OCTAL -- file mode mask of the daemon (022)\n"
        "-d/--directory DIRECTORY -- change to it when becoming a daemon\n"
        "-l/--logfile FILENAME -- use FILENAME as activity log (supervisord.log)\n"
        "-y/--logfile_maxbytes SIZE -- rotate the activity log at this size (50MB)\n"
        "-z/--logfile_backups COUNT -- rotated activity logs to keep (10)\n"
        "-e/--loglevel LEVEL -- critical, error, warn, info, debug, trace or blather\n"
        "-j/--pidfile FILENAME -- where to write the process id (supervisord.pid)\n"
        "-i/--identifier NAME -- name of this instance (supervisor)\n"
        "-q/--childlogdir DIRECTORY -- where AUTO log files of programs go\n"
        "-k/--nocleanup -- keep the AUTO log files of an earlier run\n"
        "-a/--minfds COUNT -- file descriptors that must be available (1024)\n"
        "-t/--strip_ansi -- remove escape sequences from captured output\n"
        "--minprocs COUNT -- processes that must be available (200)\n"
        "--profile_options LIST -- accepted for compatibility, does nothing\n";

struct command_line *command_line_free(struct command_line *line)
{
        if (!line)
                return NULL;
        for (size_t i = 0; i < line->arguments_count; i++)
                mem_free(line->arguments[i].value);
        mem_free(line->path);
        mem_free(line->start_directory);
        return mem_free(line);
}

const struct commandline_option *command_line_options(size_t *ret_count)
{
        *ret_count = ELEMENTS(options);
        return options;
}

char *command_line_help(const char *argv0)
{
        CLEANUP(text_clear) struct text help = {};

        text_format(&help, help_text, basename(argv0), argv0);
        return text_take(&help);
}

const char *argument_value(const struct command_line *line, const char *option)
{
        for (size_t i = 0; i < line->arguments_count; i++)
                if (strcmp(line->arguments[i].option, option) == 0)
                        return line->arguments[i].value;
        return NULL;
}

/* A user is looked up when the configuration is read, as the one that the file names. */
static int check_twin(const struct commandline_match *match, const char *value, struct err *err)
{
        const struct section_option *row =
                section_option(&section_supervisord, match->option->name);
        CLEANUP(config_free) struct config *scratch = mem_new(sizeof(*scratch));

        if (row->offset == BY_HAND || section_store(row, value, scratch, err) >= 0)
                return 0;
        return commandline_invalid(match, err);
}

static int take_twin(
        struct command_line *line, const struct commandline_match *match, struct err *err)
{
        const char *value = match->value ? match->value : "true";
        int r = check_twin(match, value, err);

        if (r < 0)
                return r;
        if (argument_value(line, match->option->name))
                return commandline_conflict(match, err);
        line->arguments[line->arguments_count++] =
                (struct argument){ match->option->name, mem_strdup(value) };
        return 0;
}

/* In the order that they were written in, so help or version end it even before a mistake. */
static int take_matches(struct command_line *line, const struct commandline *given,
        enum command *ret_command, struct err *err)
{
        for (size_t i = 0; i < given->count; i++) {
                const struct commandline_match *match = &given->matches[i];
                int r;

                switch (match->id) {
                case ID_HELP:
                        *ret_command = COMMAND_HELP;
                        return 0;
                case ID_VERSION:
                        *ret_command = COMMAND_VERSION;
                        return 0;
                case ID_CHECK:
                        *ret_command = COMMAND_CHECK;
                        break;
                case ID_PROFILE:
                        line->has_profile_options = true;
                        break;
                case ID_CONFIGURATION:
                        if (line->path)
                                return commandline_conflict(match, err);
                        line->path = mem_strdup(match->value);
                        line->is_path_given = true;
                        break;
                default:
                        r = take_twin(line, match, err);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

int command_line_parse(int argc, char *argv[], struct command_line **ret, enum command *ret_command,
        struct err *err)
{
        CLEANUP(command_line_free) struct command_line *line = mem_new(sizeof(*line));
        CLEANUP(commandline_free) struct commandline *given = NULL;
        CLEANUP(mem_free) char *path = NULL;
        enum command command = COMMAND_RUN;
        int r;

        line->start_directory = paths_current();
        r = commandline_parse(options, ELEMENTS(options), argc, argv, &given, err);
        if (r >= 0)
                r = commandline_refuse_words(given, argc, argv, err);
        if (r >= 0)
                r = take_matches(line, given, &command, err);
        if (r < 0)
                return r;
        if (command == COMMAND_RUN || command == COMMAND_CHECK) {
                r = paths_find_configuration(line->path, argc > 0 ? argv[0] : "", &path, err);
                if (r < 0)
                        return r;
                mem_free(line->path);
                line->path = TAKE(path);
        }
        *ret = TAKE(line);
        *ret_command = command;
        return 0;
}
