/* The command line of reeved, and that its options are those of the tables. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/arguments.h"
#include "config/sections.h"
#include "tests/unit/config_case.h"

enum { WORDS_MAX = 8 };

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static int parse(const char *const words[], struct command_line **ret, enum command *ret_command,
        struct err *err)
{
        char *argv[WORDS_MAX + 2] = { mem_strdup("reeved") };
        int argc, r;

        for (argc = 1; words[argc - 1]; argc++)
                argv[argc] = mem_strdup(words[argc - 1]);
        r = command_line_parse(argc, argv, ret, ret_command, err);
        for (int i = 0; i < argc; i++)
                mem_free(argv[i]);
        return r;
}

static void fails(const char *const words[], const char *text)
{
        CLEANUP(command_line_free) struct command_line *line = NULL;
        enum command command;
        struct err err = {};

        assert_int_equal(parse(words, &line, &command, &err), -EINVAL);
        assert_string_equal(err.text, text);
}

static void asks(const char *const words[], enum command expected)
{
        CLEANUP(command_line_free) struct command_line *line = NULL;
        enum command command;
        struct err err = {};

        if (parse(words, &line, &command, &err) < 0)
                fail_msg("%s", err.text);
        assert_int_equal(command, expected);
}

static void the_line_says_what_to_do(void **state)
{
        config_case_write("f", "");
        asks(WORDS("-c", "f"), COMMAND_RUN);
        asks(WORDS("-c", "f", "--check"), COMMAND_CHECK);
        asks(WORDS("-?"), COMMAND_HELP);
        asks(WORDS("--help"), COMMAND_HELP);
        asks(WORDS("-v"), COMMAND_VERSION);
        asks(WORDS("-n", "-h", "-n"), COMMAND_HELP);
}

static void values_are_kept_for_each_reading(void **state)
{
        CLEANUP(command_line_free) struct command_line *line = NULL;
        enum command command;
        struct err err = {};

        assert_int_equal(parse(WORDS("-cf", "-n", "--minp=5", "-y", "1MB", "--profile_options=x"),
                                 &line, &command, &err),
                0);
        assert_string_equal(line->path, "f");
        assert_true(line->is_path_given);
        assert_true(line->has_profile_options);
        assert_string_equal(argument_value(line, "nodaemon"), "true");
        assert_string_equal(argument_value(line, "minprocs"), "5");
        assert_string_equal(argument_value(line, "logfile_maxbytes"), "1MB");
        assert_null(argument_value(line, "user"));
}

static void mistakes_are_told_in_supervisor_s_words(void **state)
{
        fails(WORDS("-n", "-n"), "conflicting command line option '-n'");
        fails(WORDS("-c", "f", "--conf=g"), "conflicting command line option '--configuration'");
        fails(WORDS("-m", "9"),
                "invalid value for -m '9': 9 can not be converted to an octal type");
        fails(WORDS("--logl=x"), "invalid value for --loglevel 'x': bad logging level name 'x'");
        fails(WORDS("-z", "x"),
                "invalid value for -z 'x': invalid literal for int() with base 10: 'x'");
        fails(WORDS("-d", "/no/such"),
                "invalid value for -d '/no/such': /no/such is not an existing directory");
        fails(WORDS("a", "-n"), "positional arguments are not supported: ['a', '-n']");
        fails(WORDS("--log", "x"), "option --log not a unique prefix");
        fails(WORDS("-x"), "option -x not recognized");
}

static void help_names_every_option(void **state)
{
        CLEANUP(mem_free) char *help = command_line_help("/sbin/reeved");

        assert_non_null(strstr(help, "Usage: /sbin/reeved "));
        for (size_t i = 0; i < section_supervisord.options_count; i++) {
                const char *name = section_supervisord.options[i].name;
                CLEANUP(mem_free) char *written = mem_format("--%s ", name);

                /* Of the file only: Supervisor's, and what is not to be undone in passing. */
                if (strcmp(name, "environment") == 0 || strcmp(name, "require_auth") == 0 ||
                        strcmp(name, "on_service_stop") == 0 || strcmp(name, "on_orphan") == 0 ||
                        strcmp(name, "default_logfile") == 0 || strcmp(name, "state_file") == 0)
                        continue;
                assert_non_null(strstr(help, written));
        }
        assert_non_null(strstr(help, "--check"));
}

static void sections_are_found_by_their_names(void **state)
{
        assert_ptr_equal(section_find("program:"), &section_program);
        assert_ptr_equal(section_find("inet_http_serverfoo"), &section_inet_server);
        assert_null(section_find("program"));
        assert_null(section_find("supervisordx"));
        assert_null(section_find("Program:x"));
        assert_non_null(section_option(&section_fcgi, "socket"));
        assert_non_null(section_option(&section_fcgi, "command"));
        assert_null(section_option(&section_program, "socket"));
}

static void every_default_is_a_value_of_its_option(void **state)
{
        CLEANUP(config_free) struct config *config = mem_new(sizeof(*config));
        CLEANUP(program_free) struct program *program = program_new();
        const struct {
                const struct section_kind *kind;
                void *structure;
        } rows[] = { { &section_supervisord, config }, { &section_program, program } };

        for (size_t i = 0; i < ELEMENTS(rows); i++)
                for (size_t j = 0; j < rows[i].kind->options_count; j++) {
                        const struct section_option *option = &rows[i].kind->options[j];

                        assert_true(strlen(option->help) > 0);
                        assert_true(strlen(section_type_name(option->type)) > 0);
                        if (option->fallback && option->offset != BY_HAND)
                                assert_int_equal(section_store(option, option->fallback,
                                                         rows[i].structure, NULL),
                                        0);
                }
        assert_int_equal(config->minfds, 1024);
        assert_int_equal(program->out.bytes_max, 52428800);
        for (size_t i = 0; section_kinds()[i]; i++)
                assert_true(strlen(section_kinds()[i]->help) > 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_line_says_what_to_do),
                cmocka_unit_test(values_are_kept_for_each_reading),
                cmocka_unit_test(mistakes_are_told_in_supervisor_s_words),
                cmocka_unit_test(help_names_every_option),
                cmocka_unit_test(sections_are_found_by_their_names),
                cmocka_unit_test(every_default_is_a_value_of_its_option),
        };

        return cmocka_run_group_tests(tests, config_case_begin, config_case_end);
}
