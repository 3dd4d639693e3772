/* reevectl: the operator's client.  Owns the way from the command line to one command or the shell,
 * and the exit status. */
#include <curl/curl.h>
#include <locale.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "client/commands.h"
#include "client/options.h"
#include "client/session.h"
#include "client/shell.h"

static int refuse(const char *program, const char *message)
{
        (void)fprintf(stderr, "Error: %s\nFor help, use %s -h\n", message, program);
        return EXIT_INVALID_ARGUMENTS;
}

/* An option of one command has no business with another; a command that is none is told as that. */
static bool may_have_json(const char *text)
{
        CLEANUP(commands_line_clear) struct commands_line line = commands_parse(text);
        const struct commands_row *row = line.word ? commands_find(line.word) : NULL;

        return !row || (row->flags & COMMANDS_JSON);
}

static int run(const struct options *options)
{
        struct session session;
        int exit_status;

        session_open(&session, &(struct session_settings){
                                       .serverurl = options->serverurl,
                                       .username = options->username,
                                       .password = options->password,
                                       .configuration = options->configuration,
                                       .interactive = options->interactive,
                                       .json = options->json,
                               });
        if (options->line) {
                commands_run(&session, options->line);
                exit_status = session.exit_status;
        } else {
                shell_run(&session, options->prompt, options->history_file);
                exit_status = EXIT_OK;
        }
        if (session.was_interrupted && options->line)
                session_die_of_interrupt(&session);
        session_close(&session);
        return exit_status;
}

int main(int argc, char *argv[])
{
        CLEANUP(options_clear) struct options options = {};
        struct err err = {};
        int exit_status;

        (void)setlocale(LC_CTYPE, ""); /* an unknown locale leaves "C", which does as well */
        if (options_read(argc, argv, environ, &options, &err) < 0)
                return refuse(argv[0], err.text);
        if (options.help) {
                options_print_usage(argv[0]);
                return EXIT_OK;
        }
        if (options.version)
                return printf("%s\n", PACKAGE_VERSION) < 0 ? EXIT_GENERIC : EXIT_OK;
        if (options.json && options.line && !may_have_json(options.line))
                return refuse(argv[0], "option --json is not for this action");
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
                (void)fputs("reevectl: libcurl cannot be used\n", stderr);
                return EXIT_GENERIC;
        }
        exit_status = run(&options);
        curl_global_cleanup();
        if (ferror(stdout) || fclose(stdout) == EOF) {
                (void)fputs("reevectl: cannot write all of the output\n", stderr);
                return exit_status ? exit_status : EXIT_GENERIC;
        }
        return exit_status;
}
