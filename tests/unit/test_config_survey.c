/* The survey of a configuration: all that is wrong with it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "config/survey.h"
#include "tests/unit/config_case.h"

/* What is told, a line each: "section option". */
static bool survey(const char *text, struct text *ret)
{
        char program[] = "reeved", option[] = "-c", name[] = "s.conf";
        char *argv[] = { program, option, name, NULL };
        CLEANUP(command_line_free) struct command_line *line = NULL;
        CLEANUP(config_problems_clear) struct config_problems problems = {};
        CLEANUP(config_free) struct config *config = NULL;
        enum command command;
        struct err err = {};

        config_case_write("s.conf", text);
        assert_true(command_line_parse(3, argv, &line, &command, &err) >= 0);
        config = config_survey(line, environ, &problems);
        for (size_t i = 0; i < problems.count; i++) {
                const struct config_location *at = &problems.at[i].location;

                if (!problems.at[i].is_follow_up)
                        text_format(ret, "%s %s%s\n", at->section ? at->section : "-",
                                at->option ? at->option : "-",
                                problems.at[i].is_whole ? " whole" : "");
        }
        return config;
}

static void expect(const char *text, bool is_readable, const char *told)
{
        CLEANUP(text_clear) struct text found = {};

        assert_int_equal(survey(text, &found), is_readable);
        assert_string_equal(text_string(&found), told);
}

static void a_good_file_has_no_problem(void **state)
{
        expect("[supervisord]\n[program:a]\ncommand=c\n", true, "");
}

static void all_options_that_are_wrong_are_told(void **state)
{
        expect("[supervisord]\numask=9\n"
               "[program:a]\ncommand=c\nstartsecs=soon\nautostart=maybe\n"
               "stdout_logfile=/nonexistent/a.log\n"
               "[program:b]\ncommand=c\n"
               "[program:c]\ncommand=c\nstderr_logfile=/nonexistent/c.log\n",
                true,
                "supervisord umask\n"
                "program:a autostart\nprogram:a startsecs\nprogram:a stdout_logfile\n"
                "program:c stderr_logfile\n");
}

static void what_is_missed_only_since_it_was_wrong_is_not_told(void **state)
{
        expect("[supervisord]\n[eventlistener:e]\ncommand=c\nevents=NEVER\n", true,
                "eventlistener:e events\n");
        expect("[supervisord]\n[program:a]\ncommand=c\nnumprocs=2\n[group:g]\nprograms=a\n", true,
                "program:a numprocs\n");
        expect("[supervisord]\n[program:a]\n[group:g]\nprograms=a\n", true,
                "program:a - whole\n");
        expect("[DEFAULT]\nstartsecs=soon\n[supervisord]\n[program:a]\ncommand=c\n", true,
                "program:a startsecs\n");
}

static void what_stands_in_the_way_of_all_is_the_last(void **state)
{
        expect("[program:a]\ncommand=c\n", false, "- - whole\n");
        expect("[supervisord]\nnonsense\n", false, "- - whole\n");
}

static void there_is_a_limit(void **state)
{
        CLEANUP(text_clear) struct text text = {}, found = {};

        text_append(&text, "[supervisord]\n");
        for (int i = 0; i < CONFIG_PROBLEMS_MAX + 1; i++)
                text_format(&text, "[program:p%d]\ncommand=c\nstartsecs=soon\n", i);
        assert_false(survey(text_string(&text), &found));
        assert_true(text_starts(text_string(&found), "program:p0 startsecs\n"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_good_file_has_no_problem),
                cmocka_unit_test(all_options_that_are_wrong_are_told),
                cmocka_unit_test(what_is_missed_only_since_it_was_wrong_is_not_told),
                cmocka_unit_test(what_stands_in_the_way_of_all_is_the_last),
                cmocka_unit_test(there_is_a_limit),
        };

        return cmocka_run_group_tests(tests, config_case_begin, config_case_end);
}
