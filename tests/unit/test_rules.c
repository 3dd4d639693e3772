/* Rules: whom an element is for, and what an application or a process ends up with. */
#include "tests/unit/rules_case.h"

static struct rules_application *application_of(const struct rules *rules, const char *name)
{
        return rules_for_application(rules, name, STARTING_LESS_LOADED, NULL);
}

static struct rules_program *process_of(
        const struct rules *rules, const char *application, const char *process)
{
        CLEANUP(rules_application_free)
        struct rules_application *a = application_of(rules, application);

        return rules_for_process(rules, application, a, process, NULL);
}

static void the_defaults_are_those_of_the_interface(void **state)
{
        CLEANUP(rules_unref) struct rules *rules = rules_case_application("");
        CLEANUP(rules_application_free) struct rules_application *a = application_of(rules, "a");
        CLEANUP(rules_program_free)
        struct rules_program *p = rules_for_process(rules, "a", a, "p", NULL);

        assert_true(a->managed);
        assert_int_equal(a->distribution, ALL_INSTANCES);
        assert_true(a->places.all);
        assert_int_equal(a->start_sequence, 0);
        assert_int_equal(a->stop_sequence, 0);
        assert_int_equal(a->starting_strategy, STARTING_LESS_LOADED);
        assert_int_equal(a->starting_failure, FAILURE_ABORT);
        assert_int_equal(a->running_failure, RUNNING_CONTINUE);
        assert_null(a->formula);
        assert_true(p->places.all);
        assert_false(p->by_pattern);
        assert_int_equal(p->start_sequence, 0);
        assert_int_equal(p->stop_sequence, 0);
        assert_false(p->required);
        assert_false(p->wait_exit);
        assert_int_equal(p->wait_exit_max, 0);
        assert_int_equal(p->expected_loading, 0);
        assert_int_equal(p->starting_failure, FAILURE_ABORT);
        assert_int_equal(p->running_failure, RUNNING_CONTINUE);
}

static void an_application_has_what_its_element_says(void **state)
{
        CLEANUP(rules_unref)
        struct rules *rules = rules_case_application(
                "<operational_status>'p'</operational_status>"
                "<running_failure_strategy>RESTART_APPLICATION</running_failure_strategy>"
                "<starting_failure_strategy>STOP</starting_failure_strategy>"
                "<starting_strategy>MOST_LOADED_NODE</starting_strategy>"
                "<stop_sequence> 127 </stop_sequence><start_sequence>+3</start_sequence>"
                "<identifiers>B, A</identifiers><distribution>SINGLE_NODE</distribution>");
        CLEANUP(rules_application_free) struct rules_application *a = application_of(rules, "a");
        CLEANUP(rules_program_free)
        struct rules_program *p = rules_for_process(rules, "a", a, "p", NULL);
        CLEANUP(mem_free) char *places = rules_case_places(&a->places);

        assert_int_equal(a->distribution, SINGLE_NODE);
        assert_string_equal(places, "B,A");
        assert_int_equal(a->start_sequence, 3);
        assert_int_equal(a->stop_sequence, 127);
        assert_int_equal(a->starting_strategy, STARTING_MOST_LOADED_NODE);
        assert_int_equal(a->starting_failure, FAILURE_STOP);
        assert_int_equal(a->running_failure, RUNNING_RESTART_APPLICATION);
        assert_string_equal(formula_text(a->formula), "'p'");
        /* A program without strategies of its own has its application's. */
        assert_int_equal(p->starting_failure, FAILURE_STOP);
        assert_int_equal(p->running_failure, RUNNING_RESTART_APPLICATION);
}

static void a_process_has_what_its_element_says(void **state)
{
        CLEANUP(rules_unref)
        struct rules *rules = rules_case_program(
                "<identifiers>A</identifiers><start_sequence>2</start_sequence>"
                "<stop_sequence>1</stop_sequence><required>true</required><wait_exit>1</wait_exit>"
                "<wait_exit_timeout> 90 </wait_exit_timeout>"
                "<expected_loading>\n100\t</expected_loading>"
                "<starting_failure_strategy>CONTINUE</starting_failure_strategy>"
                "<running_failure_strategy>SHUTDOWN</running_failure_strategy>");
        CLEANUP(rules_program_free) struct rules_program *p = process_of(rules, "a", "p");
        CLEANUP(mem_free) char *places = rules_case_places(&p->places);

        assert_string_equal(places, "A");
        assert_int_equal(p->start_sequence, 2);
        assert_int_equal(p->stop_sequence, 1);
        assert_true(p->required);
        assert_true(p->wait_exit);
        assert_int_equal(p->wait_exit_max, 90 * USEC_SEC);
        assert_int_equal(p->expected_loading, 100);
        assert_int_equal(p->starting_failure, FAILURE_CONTINUE);
        assert_int_equal(p->running_failure, RUNNING_SHUTDOWN);
}

static void without_an_element_an_application_is_unmanaged(void **state)
{
        CLEANUP(rules_unref) struct rules *rules = rules_case_application("");
        CLEANUP(rules_application_free) struct rules_application *a = application_of(rules, "b");

        assert_false(a->managed);
        assert_int_equal(a->starting_strategy, STARTING_LESS_LOADED);
        assert_int_equal(a->stop_sequence, 0);
}

static void without_rules_the_option_does_not_count_and_stop_sequence_is_not_set(void **state)
{
        CLEANUP(rules_application_free) struct rules_application *a = application_of(NULL, "a");
        CLEANUP(rules_program_free)
        struct rules_program *p = rules_for_process(NULL, "a", a, "p", NULL);

        assert_false(a->managed);
        assert_int_equal(a->starting_strategy, STARTING_CONFIG);
        assert_int_equal(a->start_sequence, 0);
        assert_int_equal(a->stop_sequence, -1);
        assert_int_equal(p->stop_sequence, -1);
        assert_true(p->places.all);
}

static void what_is_empty_or_negative_keeps_what_was_there(void **state)
{
        CLEANUP(rules_unref)
        struct rules *rules = rules_case(
                "<model name='m'><start_sequence>4</start_sequence><identifiers>A</identifiers>"
                "</model><application name='a'><programs>"
                "<program name='p'><reference>m</reference><start_sequence>-1</start_sequence>"
                "<identifiers/></program>"
                "<program name='q'><reference/><start_sequence>-128</start_sequence>"
                "<stop_sequence>-1</stop_sequence></program></programs></application>");
        CLEANUP(rules_program_free) struct rules_program *p = process_of(rules, "a", "p");
        CLEANUP(rules_program_free) struct rules_program *q = process_of(rules, "a", "q");
        CLEANUP(mem_free) char *places = rules_case_places(&p->places);
        const struct rules_note *notes;
        size_t count;

        assert_int_equal(p->start_sequence, 4);
        assert_int_equal(p->stop_sequence, 4);
        assert_string_equal(places, "A");
        assert_int_equal(q->start_sequence, 0);
        assert_int_equal(q->stop_sequence, 0);
        assert_true(q->places.all);
        notes = rules_notes(rules, &count);
        assert_int_equal(count, 3);
        rules_case_has_note(notes, count, LOG_LEVEL_ERROR,
                "1.xml, line 1: element 'start_sequence': the value '-1' is negative");
}

static void each_spelling_of_a_boolean_is_understood(void **state)
{
        static const struct {
                const char *text;
                bool value;
        } cases[] = { { "true", true }, { "1", true }, { " true\n", true }, { "false", false },
                { "0", false } };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(mem_free)
                char *text = mem_format("<wait_exit>%s</wait_exit>", cases[i].text);
                CLEANUP(rules_unref) struct rules *rules = rules_case_program(text);
                CLEANUP(rules_program_free) struct rules_program *p = process_of(rules, "a", "p");

                assert_int_equal(p->wait_exit, cases[i].value);
        }
}

static void each_choice_is_understood(void **state)
{
        for (int i = 0; i < STARTING_STRATEGIES; i++) {
                CLEANUP(mem_free)
                char *text = mem_format("<starting_strategy>%s"
                                        "</starting_strategy>",
                        starting_strategy_name(i));
                CLEANUP(rules_unref) struct rules *rules = rules_case_application(text);
                CLEANUP(rules_application_free)
                struct rules_application *a = application_of(rules, "a");

                assert_int_equal(a->starting_strategy, i);
        }
        for (int i = 0; i < RUNNING_FAILURES; i++) {
                CLEANUP(mem_free)
                char *text = mem_format("<running_failure_strategy>%s"
                                        "</running_failure_strategy>",
                        running_failure_name(i));
                CLEANUP(rules_unref) struct rules *rules = rules_case_program(text);
                CLEANUP(rules_program_free) struct rules_program *p = process_of(rules, "a", "p");

                assert_int_equal(p->running_failure, i);
        }
        for (int i = 0; i < STARTING_FAILURES; i++) {
                CLEANUP(mem_free)
                char *text = mem_format("<starting_failure_strategy>%s"
                                        "</starting_failure_strategy>",
                        starting_failure_name(i));
                CLEANUP(rules_unref) struct rules *rules = rules_case_program(text);
                CLEANUP(rules_program_free) struct rules_program *p = process_of(rules, "a", "p");

                assert_int_equal(p->starting_failure, i);
        }
        for (int i = 0; i < DISTRIBUTIONS; i++) {
                CLEANUP(mem_free)
                char *text = mem_format("<distribution>%s</distribution>", distribution_name(i));
                CLEANUP(rules_unref) struct rules *rules = rules_case_application(text);
                CLEANUP(rules_application_free)
                struct rules_application *a = application_of(rules, "a");

                assert_int_equal(a->distribution, i);
        }
}

/* Elements are told apart by their start_sequence, which counts from 1 in each row. */
static void names_come_first_then_the_longest_match(void **state)
{
        static const struct {
                const char *attributes[4];
                const char *name;
                int found;
                bool by_pattern;
        } cases[] = {
                { { "pattern='prg'", "pattern='prg_'" }, "prg_1", 2, true },
                { { "pattern='^b'", "pattern='b.'" }, "bcd", 2, true },
                { { "pattern='bc'", "pattern='cd'" }, "bcd", 1, true },
                { { "name='prg_x'", "pattern='prg_'" }, "prg_x", 1, false },
                { { "pattern='prg_'", "name='prg_x'" }, "prg_x", 2, false },
                { { "pattern='dummies_'", "pattern='^d.*s_01_'" }, "dummies_01_any", 2, true },
                { { "name='n' pattern='prg'" }, "prg", 1, true },
                { { "name='n' pattern='prg'" }, "n", 1, false },
                { { "name='prg'" }, "prg_1", 0, false },
                { { "name='prg'" }, "Prg", 0, false },
                { { "pattern='a|b'" }, "xb", 1, true },
                { { "pattern='q'", "pattern='p'", "pattern='p'" }, "pq", 1, true },
                { { "pattern='q'", "pattern='p'" }, "x", 0, false },
                { { "pattern='x*'", "pattern=''" }, "yyy", 1, true },
                { { "pattern=''", "pattern='y'" }, "yyy", 2, true },
                { { "pattern=''", "pattern='y'" }, "zzz", 1, true },
                { { "name=''" }, "x", 0, false },
                { { "" }, "x", 0, false },
                { { "name='p'", "name='p'" }, "p", 1, false },
                { { "pattern='p'", "pattern='q'", "pattern='p'" }, "pq", 3, true },
                { { "pattern='..'", "pattern='\xc3\xa9'", "pattern='e...'" }, "\xc3\xa9t", 1,
                        true },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(text_clear) struct text applications = {}, programs = {};
                CLEANUP(rules_unref) struct rules *rules = NULL;
                CLEANUP(rules_application_free) struct rules_application *a = NULL;
                CLEANUP(rules_program_free) struct rules_program *p = NULL;

                for (int j = 0; j < 4 && cases[i].attributes[j]; j++) {
                        text_format(&applications,
                                "<application %s><start_sequence>%d</start_sequence>"
                                "</application>",
                                cases[i].attributes[j], j + 1);
                        text_format(&programs,
                                "<program %s><start_sequence>%d</start_sequence></program>",
                                cases[i].attributes[j], j + 1);
                }
                text_format(&applications,
                        "<application name='of programs'><programs>%s</programs></application>",
                        text_string(&programs));
                rules = rules_case(text_string(&applications));
                a = application_of(rules, cases[i].name);
                p = process_of(rules, "of programs", cases[i].name);
                if (a->start_sequence != cases[i].found || a->managed != (cases[i].found > 0))
                        fail_msg("row %zu: application %d", i, (int)a->start_sequence);
                if (p->start_sequence != cases[i].found || p->by_pattern != cases[i].by_pattern)
                        fail_msg("row %zu: program %d", i, (int)p->start_sequence);
        }
}

static void a_pattern_that_takes_too_long_is_left_out_aloud(void **state)
{
        CLEANUP(rules_unref)
        struct rules *rules = rules_case("<application pattern='^(a+)+$'/><application pattern='b'>"
                                         "<start_sequence>1</start_sequence></application>");
        __attribute__((cleanup(rules_notes_clear))) struct rules_notes notes = {};
        CLEANUP(rules_application_free)
        struct rules_application *a = rules_for_application(
                rules, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", STARTING_CONFIG, &notes);

        assert_int_equal(a->start_sequence, 1);
        assert_int_equal(notes.count, 1);
        rules_case_has_note(notes.at, notes.count, LOG_LEVEL_ERROR, "takes too long");
}

static void models_are_followed_twice(void **state)
{
        CLEANUP(rules_unref)
        struct rules *rules = rules_case(
                "<application name='a'><programs>"
                "<program name='alone'><expected_loading>1</expected_loading></program>"
                "<program name='one'><reference>m1</reference><expected_loading>1"
                "</expected_loading></program>"
                "<program name='two'><reference>m2</reference></program>"
                "<program name='three'><reference>m3</reference></program>"
                "<program name='unknown'><reference>m9</reference><start_sequence>5"
                "</start_sequence></program>"
                "<program name='self'><reference>s</reference></program>"
                "<program name='circle'><reference>c1</reference></program>"
                "</programs></application>"
                "<model name='m1'><start_sequence>1</start_sequence>"
                "<expected_loading>11</expected_loading></model>"
                "<model name='m2'><reference>m1</reference><expected_loading>12</expected_loading>"
                "<required>1</required></model>"
                "<model name='m3'><reference>m2</reference><expected_loading>13</expected_loading>"
                "</model>"
                "<model name='s'><reference>s</reference><start_sequence>7</start_sequence></model>"
                "<model name='c1'><reference>c2</reference><start_sequence>8</start_sequence>"
                "</model>"
                "<model name='c2'><reference>c1</reference><stop_sequence>9</stop_sequence>"
                "</model>");
        static const struct {
                const char *name;
                int start, stop, loading;
                bool required;
        } cases[] = {
                { "alone", 0, 0, 1, false },
                { "one", 1, 1, 1, false },
                { "two", 1, 1, 12, true },
                { "three", 0, 0, 13, false }, /* what m2 says of required fails its check */
                { "unknown", 5, 5, 0, false },
                { "self", 7, 7, 0, false },
                { "circle", 8, 9, 0, false },
        };
        const struct rules_note *notes;
        size_t count;

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(rules_program_free)
                struct rules_program *p = process_of(rules, "a", cases[i].name);

                assert_int_equal(p->start_sequence, cases[i].start);
                assert_int_equal(p->stop_sequence, cases[i].stop);
                assert_int_equal(p->expected_loading, cases[i].loading);
                assert_int_equal(p->required, cases[i].required);
        }
        notes = rules_notes(rules, &count);
        rules_case_has_note(notes, count, LOG_LEVEL_WARN, "there is no model 'm9'");
        rules_case_has_note(notes, count, LOG_LEVEL_WARN, "the model 'm1' is left out");
}

static void a_models_signs_count_for_the_program_and_lists_replace_each_other(void **state)
{
        CLEANUP(rules_unref)
        struct rules *rules =
                rules_case("<model name='sign'><identifiers>#,A</identifiers></model>"
                           "<model name='list'><identifiers>B,C</identifiers></model>"
                           "<application name='a'><programs>"
                           "<program pattern='x'><reference>sign</reference></program>"
                           "<program name='y'><reference>sign</reference></program>"
                           "<program pattern='z'><reference>sign</reference>"
                           "<identifiers>D</identifiers></program>"
                           "<program pattern='w'><reference>list</reference>"
                           "<identifiers>#</identifiers></program></programs></application>");
        static const char *const cases[][2] = { { "x", "#A" }, { "y", "*" }, { "z", "D" },
                { "w", "#*" } };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(rules_program_free)
                struct rules_program *p = process_of(rules, "a", cases[i][0]);
                CLEANUP(mem_free) char *places = rules_case_places(&p->places);

                assert_string_equal(places, cases[i][1]);
        }
}

static void lists_of_identifiers_are_cleaned_and_their_signs_taken_out(void **state)
{
        static const char *const cases[][2] = {
                { "*", "*" },
                { "A,*,B", "*" },
                { "A,B", "A,B" },
                { " A ,\n\tB,, A,", "A,B" },
                { "n 1,10.0.0.1:60000", "n 1,10.0.0.1:60000" },
                { " ", "" },
                { ",,", "" },
                { "#", "#*" },
                { "#,*", "#*" },
                { "*,#,A", "#*" },
                { "A,#,B", "#A,B" },
                { "@", "@*" },
                { "B,@", "@B" },
                { "#,@,A", "@A" },
                { "@,#", "@*" },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(mem_free)
                char *text = mem_format("<identifiers>%s</identifiers>", cases[i][0]);
                CLEANUP(rules_unref) struct rules *rules = rules_case_program(text);
                CLEANUP(rules_program_free) struct rules_program *p = process_of(rules, "a", "pat");
                CLEANUP(mem_free) char *places = rules_case_places(&p->places);

                assert_true(p->by_pattern);
                assert_string_equal(places, cases[i][1]);
        }
}

static void aliases_are_replaced_in_one_pass(void **state)
{
        static const char *const cases[][2] = {
                { "z,C", "A,B,C" },
                { "C,z", "C,A,B" },
                { "x,y", "B,A" },
                { "y,x,y", "A,B,y" }, /* only the first of them */
                { "back", "z" },      /* z was before it */
                { "two words", "D,E" },
                { "blank,F", "F" },
                { "blank", "" },
                { "empty", "empty" },
                { "sign", "#A" },
                { "any", "*" },
                { "twice", "G" },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(mem_free)
                char *text = mem_format(
                        "<alias name='z'>y, x</alias><alias name='twice'>first</alias>"
                        "<alias name='y'>A</alias><alias name='x'>B,A</alias>"
                        "<alias name='back'>z</alias><alias name=' two words '>D,E</alias>"
                        "<alias name='blank'> </alias><alias name='empty'/>"
                        "<alias name='sign'>#,A</alias><alias name='any'>*</alias>"
                        "<alias name='last'>G</alias><alias name='twice'>last</alias>"
                        "<application name='a'><programs><program pattern='p'>"
                        "<identifiers>%s</identifiers></program></programs></application>",
                        cases[i][0]);
                CLEANUP(rules_unref) struct rules *rules = rules_case(text);
                CLEANUP(rules_program_free) struct rules_program *p = process_of(rules, "a", "p");
                CLEANUP(mem_free) char *places = rules_case_places(&p->places);

                assert_string_equal(places, cases[i][1]);
        }
}

static void the_checks_of_a_program_are_said_and_done(void **state)
{
        static const struct {
                const char *content, *process, *places, *words;
                bool required;
        } cases[] = {
                { "<identifiers>@,A</identifiers>", "p", "*", "'@' needs a program with a pattern",
                        false },
                { "<identifiers>#,A</identifiers>", "p", "*", "'#' needs a program with a pattern",
                        false },
                { "<identifiers>#,@,A</identifiers>", "pat", "@A", "exclude each other", false },
                { "<required>true</required>", "p", "*", "not required, since its start_sequence",
                        false },
                { "<required>true</required><start_sequence>1</start_sequence>", "p", "*", NULL,
                        true },
                { "<wait_exit_timeout>5</wait_exit_timeout>", "p", "*", NULL, false },
                { "<identifiers>#,A</identifiers>", "pat", "#A", NULL, false },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(rules_unref) struct rules *rules = rules_case_program(cases[i].content);
                CLEANUP(rules_application_free)
                struct rules_application *a = application_of(rules, "a");
                __attribute__((cleanup(rules_notes_clear))) struct rules_notes notes = {};
                CLEANUP(rules_program_free)
                struct rules_program *p =
                        rules_for_process(rules, "a", a, cases[i].process, &notes);
                CLEANUP(mem_free) char *places = rules_case_places(&p->places);

                assert_string_equal(places, cases[i].places);
                assert_int_equal(p->required, cases[i].required);
                if (cases[i].words) {
                        assert_int_equal(notes.count, 1);
                        rules_case_has_note(notes.at, notes.count, LOG_LEVEL_ERROR, cases[i].words);
                        rules_case_has_note(notes.at, 1, LOG_LEVEL_ERROR, "1.xml, line 1: a:p");
                }
        }
}

static void a_wait_exit_timeout_without_wait_exit_is_said(void **state)
{
        CLEANUP(rules_unref)
        struct rules *rules = rules_case_program("<wait_exit_timeout>5</wait_exit_timeout>");
        __attribute__((cleanup(rules_notes_clear))) struct rules_notes notes = {};
        CLEANUP(rules_program_free)
        struct rules_program *p = rules_for_process(rules, "a", NULL, "p", &notes);

        assert_int_equal(p->wait_exit_max, 5 * USEC_SEC);
        rules_case_has_note(notes.at, notes.count, LOG_LEVEL_WARN, "has no effect");
}

static void an_application_is_spread_by_the_number_of_its_name(void **state)
{
        static const struct {
                const char *name, *identifiers, *places;
                int64_t number, start, stop;
        } cases[] = {
                { "a_02", "#", "#*", 2, 3, 3 },
                { "a_3", "#,I3,I2", "#I3,I2", 3, 3, 3 },
                { "a-10", "I3,#", "#I3", 10, 3, 3 },
                { "a_99999999999999999999", "#", "#*", INT64_MAX, 3, 3 },
                { "abc", "#", "", 0, 0, 3 },
                { "a_0", "#", "", 0, 0, 3 },
                { "a_00", "#,A", "", 0, 0, 3 },
                { "a2", "#", "", 0, 0, 3 },
                { "a_2b", "#", "", 0, 0, 3 },
                { "a_", "#", "", 0, 0, 3 },
                { "a_1", "@", "", 0, 3, 3 },
                { "a_1", "@,#,A", "#A", 1, 3, 3 },
                { "a_1", "A", "A", 0, 3, 3 },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(mem_free)
                char *text = mem_format(
                        "<application pattern='.'><start_sequence>3</start_sequence><identifiers>%s"
                        "</identifiers><distribution>SINGLE_INSTANCE</distribution></application>",
                        cases[i].identifiers);
                CLEANUP(rules_unref) struct rules *rules = rules_case(text);
                __attribute__((cleanup(rules_notes_clear))) struct rules_notes notes = {};
                CLEANUP(rules_application_free)
                struct rules_application *a =
                        rules_for_application(rules, cases[i].name, STARTING_CONFIG, &notes);
                CLEANUP(mem_free) char *places = rules_case_places(&a->places);

                assert_string_equal(places, cases[i].places);
                assert_int_equal(a->number, cases[i].number);
                assert_int_equal(a->start_sequence, cases[i].start);
                assert_int_equal(a->stop_sequence, cases[i].stop);
                if (!*places)
                        rules_case_has_note(
                                notes.at, notes.count, LOG_LEVEL_ERROR, "has no instance");
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_defaults_are_those_of_the_interface),
                cmocka_unit_test(an_application_has_what_its_element_says),
                cmocka_unit_test(a_process_has_what_its_element_says),
                cmocka_unit_test(without_an_element_an_application_is_unmanaged),
                cmocka_unit_test(
                        without_rules_the_option_does_not_count_and_stop_sequence_is_not_set),
                cmocka_unit_test(what_is_empty_or_negative_keeps_what_was_there),
                cmocka_unit_test(each_spelling_of_a_boolean_is_understood),
                cmocka_unit_test(each_choice_is_understood),
                cmocka_unit_test(names_come_first_then_the_longest_match),
                cmocka_unit_test(a_pattern_that_takes_too_long_is_left_out_aloud),
                cmocka_unit_test(models_are_followed_twice),
                cmocka_unit_test(a_models_signs_count_for_the_program_and_lists_replace_each_other),
                cmocka_unit_test(lists_of_identifiers_are_cleaned_and_their_signs_taken_out),
                cmocka_unit_test(aliases_are_replaced_in_one_pass),
                cmocka_unit_test(the_checks_of_a_program_are_said_and_done),
                cmocka_unit_test(a_wait_exit_timeout_without_wait_exit_is_said),
                cmocka_unit_test(an_application_is_spread_by_the_number_of_its_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
