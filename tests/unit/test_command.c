/* Splitting and finding a program's command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/command.h"

static void assert_words(const char *text, const char *const *expected)
{
        const char *reason = NULL;
        char **argv = command_split(text, &reason);
        size_t i = 0;

        assert_non_null(argv);
        for (; expected[i]; i++) {
                assert_non_null(argv[i]);
                assert_string_equal(argv[i], expected[i]);
        }
        assert_null(argv[i]);
        command_argv_free(argv);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void words_are_split_at_blanks_and_newlines(void **state)
{
        assert_words("cat -u\t x\n y ", WORDS("cat", "-u", "x", "y"));
        assert_words(" \n", (const char *const[]){ NULL });
}

static void quotes_keep_words_together(void **state)
{
        assert_words("sh -c 'a \"b\" \\n'", WORDS("sh", "-c", "a \"b\" \\n"));
        assert_words("\"a \\\" \\\\ \\x\"", WORDS("a \" \\ \\x"));
        assert_words("a'b 'c\"d\"", WORDS("ab cd"));
        assert_words("'' x", WORDS("", "x"));
}

static void a_backslash_takes_the_next_character_as_it_is(void **state)
{
        assert_words("a\\ b \\'c", WORDS("a b", "'c"));
}

static void nothing_is_expanded(void **state)
{
        assert_words("$HOME * ~ # ;", WORDS("$HOME", "*", "~", "#", ";"));
}

static void what_does_not_end_is_refused_with_its_reason(void **state)
{
        const char *reason = NULL;

        assert_null(command_split("a 'b", &reason));
        assert_string_equal(reason, "No closing quotation");
        assert_null(command_split("a \"b\\\"", &reason));
        assert_string_equal(reason, "No closing quotation");
        assert_null(command_split("a \\", &reason));
        assert_string_equal(reason, "No escaped character");
}

static void assert_refused(const struct program *program, enum fault fault, const char *text)
{
        CLEANUP(mem_free) char *why = NULL;
        struct program_command command;

        assert_int_equal(command_resolve(program, NULL, "/nowhere", &command, &why), fault);
        assert_string_equal(why, text);
}

static void a_command_that_cannot_run_says_why(void **state)
{
        char file[] = "/tmp/test_command.XXXXXX";
        CLEANUP(mem_free) char *text = NULL;
        struct program program = {};
        int fd = mkstemp(file);

        assert_true(fd >= 0);
        close(fd);
        program.command = (char *)"";
        assert_refused(&program, FAULT_NOT_EXECUTABLE, "command is empty");
        program.command = (char *)"'";
        assert_refused(
                &program, FAULT_NOT_EXECUTABLE, "can't parse command \"'\": No closing quotation");
        program.command = (char *)"nosuchthing x";
        assert_refused(&program, FAULT_NO_FILE, "can't find command 'nosuchthing'");
        program.command = (char *)"/nonexistent/x";
        assert_refused(&program, FAULT_NO_FILE, "can't find command '/nonexistent/x'");
        program.command = (char *)"/tmp";
        assert_refused(&program, FAULT_NOT_EXECUTABLE, "command at '/tmp' is a directory");
        program.command = file;
        text = mem_format("command at '%s' is not executable", file);
        assert_refused(&program, FAULT_NOT_EXECUTABLE, text);
        unlink(file);
}

static void the_path_of_the_program_comes_before_that_of_the_daemon(void **state)
{
        char *environment[] = { (char *)"A=1", (char *)"PATH=/nowhere:/usr/bin", NULL };
        CLEANUP(command_clear) struct program_command command = {};
        struct program program = { .command = (char *)"env x", .environment = environment };
        char *text = NULL;

        assert_int_equal(
                command_resolve(&program, NULL, "/nonexistent", &command, &text), FAULT_NONE);
        assert_string_equal(command.path, "/usr/bin/env");
        assert_string_equal(command.argv[0], "env");
}

static void extra_arguments_follow_those_of_the_command(void **state)
{
        static const char *const expected[] = { "/bin/echo", "a b", "-x", "c  d", "" };
        CLEANUP(command_clear) struct program_command command = {};
        struct program program = { .command = (char *)"/bin/echo 'a b'" };
        char *text = NULL;

        assert_int_equal(
                command_resolve(&program, " -x 'c  d' ''", NULL, &command, &text), FAULT_NONE);
        for (size_t i = 0; i < ELEMENTS(expected); i++)
                assert_string_equal(command.argv[i], expected[i]);
        assert_null(command.argv[ELEMENTS(expected)]);
}

static void extra_arguments_neither_complete_a_command_nor_become_one(void **state)
{
        struct program_command command;
        struct program program = { .command = (char *)"/bin/echo 'a" };
        CLEANUP(mem_free) char *open = NULL, *empty = NULL, *bad = NULL;

        assert_int_equal(
                command_resolve(&program, "b'", NULL, &command, &open), FAULT_NOT_EXECUTABLE);
        assert_string_equal(open, "can't parse command \"/bin/echo 'a\": No closing quotation");
        program.command = (char *)"";
        assert_int_equal(command_resolve(&program, "/bin/echo", NULL, &command, &empty),
                FAULT_NOT_EXECUTABLE);
        assert_string_equal(empty, "command is empty");
        program.command = (char *)"/bin/echo";
        assert_int_equal(
                command_resolve(&program, "\"b", NULL, &command, &bad), FAULT_INCORRECT_PARAMETERS);
        assert_string_equal(bad, "can't parse extra arguments '\"b': No closing quotation");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(words_are_split_at_blanks_and_newlines),
                cmocka_unit_test(quotes_keep_words_together),
                cmocka_unit_test(a_backslash_takes_the_next_character_as_it_is),
                cmocka_unit_test(nothing_is_expanded),
                cmocka_unit_test(what_does_not_end_is_refused_with_its_reason),
                cmocka_unit_test(a_command_that_cannot_run_says_why),
                cmocka_unit_test(the_path_of_the_program_comes_before_that_of_the_daemon),
                cmocka_unit_test(extra_arguments_follow_those_of_the_command),
                cmocka_unit_test(extra_arguments_neither_complete_a_command_nor_become_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
