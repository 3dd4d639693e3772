/* The command line by a table. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/commandline.h"

static const struct commandline_option table[] = {
        { 'c', "configuration", true, 1 },
        { 'n', "nodaemon", false, 2 },
        { 'l', "logfile", true, 3 },
        { 0, "logfile_maxbytes", true, 4 },
        { '?', NULL, false, 5 },
        { 0, "nocleanup", false, 6 },
};

enum { WORDS_MAX = 8 };

/* The words end with NULL. */
static int parse(char *const words[], int *ret_count, struct commandline **ret, struct err *err)
{
        char *argv[WORDS_MAX + 1] = { (char[]){ "prog" } };

        for (*ret_count = 1; words[*ret_count - 1]; ++*ret_count)
                argv[*ret_count] = words[*ret_count - 1];
        return commandline_parse(table, ELEMENTS(table), *ret_count, argv, ret, err);
}

#define WORDS(...) ((char *const[]){ __VA_ARGS__, NULL })
#define W(text)    ((char[]){ text })

static void fails(char *const words[], const char *text)
{
        CLEANUP(commandline_free) struct commandline *line = NULL;
        struct err err = {};
        int count;

        assert_int_equal(parse(words, &count, &line, &err), -EINVAL);
        assert_string_equal(err.text, text);
}

static void short_flags_cluster_and_the_rest_of_the_word_is_the_value(void **state)
{
        CLEANUP(commandline_free) struct commandline *line = NULL;
        struct err err = {};
        int count;

        assert_int_equal(parse(WORDS(W("-nn?cfile"), W("-l"), W("-c")), &count, &line, &err), 0);
        assert_int_equal(line->count, 5);
        assert_int_equal(line->matches[2].id, 5);
        assert_int_equal(line->matches[3].id, 1);
        assert_string_equal(line->matches[3].value, "file");
        assert_string_equal(line->matches[4].value, "-c");
        assert_string_equal(line->matches[4].written, "-l");
}

static void long_names_may_be_shortened_while_they_are_unique(void **state)
{
        CLEANUP(commandline_free) struct commandline *line = NULL;
        struct err err = {};
        int count;

        assert_int_equal(parse(WORDS(W("--conf=a=b"), W("--nod"), W("--logfile"), W("x")), &count,
                                 &line, &err),
                0);
        assert_string_equal(line->matches[0].value, "a=b");
        assert_string_equal(line->matches[0].written, "--configuration");
        assert_int_equal(line->matches[1].id, 2);
        assert_null(line->matches[1].value);
        assert_int_equal(line->matches[2].id, 3); /* though it begins another one too */
        assert_string_equal(line->matches[2].value, "x");
}

static void parsing_stops_at_the_first_word_that_is_no_option(void **state)
{
        CLEANUP(commandline_free) struct commandline *line = NULL, *dashes = NULL, *dash = NULL;
        struct err err = {};
        int count;

        assert_int_equal(parse(WORDS(W("-n"), W("tail"), W("-f")), &count, &line, &err), 0);
        assert_int_equal(line->count, 1);
        assert_int_equal(line->next, 2);
        assert_int_equal(parse(WORDS(W("--"), W("-n")), &count, &dashes, &err), 0);
        assert_int_equal(dashes->count, 0);
        assert_int_equal(dashes->next, 2);
        assert_int_equal(parse(WORDS(W("-")), &count, &dash, &err), 0);
        assert_int_equal(dash->next, 1);
}

static void what_the_table_does_not_know_is_refused(void **state)
{
        fails(WORDS(W("-x")), "option -x not recognized");
        fails(WORDS(W("-nx")), "option -x not recognized");
        fails(WORDS(W("--zz=1")), "option --zz not recognized");
        fails(WORDS(W("--no")), "option --no not a unique prefix");
        fails(WORDS(W("-c")), "option -c requires argument");
        fails(WORDS(W("--conf")), "option --configuration requires argument");
        fails(WORDS(W("--nodaemon=1")), "option --nodaemon must not have an argument");
}

static void a_daemon_refuses_the_words_that_are_left(void **state)
{
        char *argv[] = { W("prog"), W("a"), W("it's"), NULL };
        CLEANUP(commandline_free) struct commandline *line = NULL;
        struct err err = {};

        assert_int_equal(commandline_parse(table, ELEMENTS(table), 3, argv, &line, &err), 0);
        assert_int_equal(commandline_refuse_words(line, 3, argv, &err), -EINVAL);
        assert_string_equal(err.text, "positional arguments are not supported: ['a', \"it's\"]");
        assert_int_equal(commandline_refuse_words(line, 1, argv, &err), 0);
}

static void conflicts_and_invalid_values_name_the_option(void **state)
{
        const struct commandline_match match = {
                .option = &table[0], .id = 1, .value = "9", .written = W("--umask")
        };
        struct err err = {};

        assert_int_equal(commandline_conflict(&match, &err), -EINVAL);
        assert_string_equal(err.text, "conflicting command line option '--umask'");
        (void)err_set(&err, -EINVAL, "bad"); /* the code is not of interest */
        assert_int_equal(commandline_invalid(&match, &err), -EINVAL);
        assert_string_equal(err.text, "invalid value for --umask '9': bad");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(short_flags_cluster_and_the_rest_of_the_word_is_the_value),
                cmocka_unit_test(long_names_may_be_shortened_while_they_are_unique),
                cmocka_unit_test(parsing_stops_at_the_first_word_that_is_no_option),
                cmocka_unit_test(what_the_table_does_not_know_is_refused),
                cmocka_unit_test(a_daemon_refuses_the_words_that_are_left),
                cmocka_unit_test(conflicts_and_invalid_values_name_the_option),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
