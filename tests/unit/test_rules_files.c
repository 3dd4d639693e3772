/* Rules files: what is read, what is refused in which words, and what is merged. */
#include "tests/unit/rules_case.h"

#include <errno.h>
#include <sys/stat.h>

#include "rules/document.h"
#include "rules/take.h"
#include "tests/unit/scratch.h"

static void what_is_refused_is_told_with_file_line_element_and_value(void **state)
{
        static const struct {
                const char *text, *words[3];
        } cases[] = {
                { "", { "rules file '1.xml'", "it is empty" } },
                { "text", { "rules file '1.xml'", "line 1: " } },
                { "<root>", { "line 1: " } },
                { "<root>\n<alias name='a'></root>", { "line 2: ", "alias" } },
                { "<root>\n&x;</root>", { "line 2: ", "'x'" } },
                { "<Root/>", { "line 1: ", "'Root'" } },
                { "<root xmlns='urn:x'/>", { "line 1: ", "root" } },
                { "<root>\n<unknown/></root>", { "line 2: ", "'unknown'" } },
                { "<root>text</root>", { "line 1: ", "'root'" } },
                { "<root x='1'/>", { "line 1: ", "'x'" } },
                { "<root><alias>a</alias></root>", { "'alias'", "'name'" } },
                { "<root>\n\n<model name='m'><start_sequence>128</start_sequence></model></root>",
                        { "line 3: ", "'start_sequence'", "'128'" } },
                { "<root><model><start_sequence>-129</start_sequence></model></root>",
                        { "'start_sequence'", "'-129'" } },
                { "<root><model><start_sequence>1.5</start_sequence></model></root>",
                        { "'start_sequence'", "'1.5'" } },
                { "<root><model><stop_sequence/></model></root>", { "'stop_sequence'", "''" } },
                { "<root><model><required>yes</required></model></root>",
                        { "'required'", "'yes'" } },
                { "<root><model><wait_exit/></model></root>", { "'wait_exit'", "''" } },
                { "<root><model><expected_loading>101</expected_loading></model></root>",
                        { "'expected_loading'", "'101'" } },
                { "<root><model><expected_loading>-1</expected_loading></model></root>",
                        { "'expected_loading'", "'-1'" } },
                { "<root><model><wait_exit_timeout>0</wait_exit_timeout></model></root>",
                        { "'wait_exit_timeout'", "'0'" } },
                { "<root><model><wait_exit_timeout>2147483648</wait_exit_timeout></model></root>",
                        { "'wait_exit_timeout'", "'2147483648'" } },
                { "<root><model><distribution>ALL_INSTANCES</distribution></model></root>",
                        { "'distribution'" } },
                { "<root><application><distribution> SINGLE_NODE</distribution></application></root>",
                        { "line 1: element 'distribution': the value ' SINGLE_NODE' is not an "
                          "element of the set {'ALL_INSTANCES', 'SINGLE_INSTANCE', 'SINGLE_NODE'}" } },
                { "<root><application><starting_strategy>local</starting_strategy></application>"
                  "</root>",
                        { "'starting_strategy'", "'local'", "'LOCAL'" } },
                { "<root><application><starting_failure_strategy/></application></root>",
                        { "'starting_failure_strategy'", "''" } },
                { "<root><model><running_failure_strategy>X</running_failure_strategy></model>"
                  "</root>",
                        { "'running_failure_strategy'", "'X'" } },
                { "<root><model><required>1</required>\n<required>1</required></model></root>",
                        { "line 2: ", "'required'" } },
                { "<root><application><reference>m</reference></application></root>",
                        { "'reference'" } },
                { "<root><application><wait_exit_timeout>1</wait_exit_timeout></application></root>",
                        { "'wait_exit_timeout'" } },
                /* Forms of former times */
                { "<root><application><program name='p'/></application></root>", { "'program'" } },
                { "<root><application><pattern name='p'/></application></root>", { "'pattern'" } },
                { "<root><application><distributed>true</distributed></application></root>",
                        { "'distributed'" } },
                { "<root><model><addresses>*</addresses></model></root>", { "'addresses'" } },
                { "<root><application><programs><program/></programs><programs/></application>"
                  "</root>",
                        { "'programs'" } },
                { "<root>\n<application pattern='p['/></root>",
                        { "line 2: element 'application'", "'p['", "missing terminating ]" } },
                { "<root><application><programs>\n<program pattern='*'/></programs></application>"
                  "</root>",
                        { "line 2: element 'program'", "'*'" } },
                { "<!DOCTYPE root>\n<root/>", { "line 1: a DOCTYPE is not allowed" } },
                { "<!DOCTYPE root SYSTEM 'file:///etc/passwd'><root/>", { "a DOCTYPE is not" } },
                { "<!DOCTYPE r [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><root>&b;</root>",
                        { "a DOCTYPE is not allowed" } },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                struct rules *rules = NULL;
                struct err err = {};

                if (rules_case_read(&cases[i].text, 1, &rules, &err) != -EINVAL)
                        fail_msg("'%s' was taken", cases[i].text);
                assert_null(rules);
                assert_true(text_starts(err.text, "rules file '1.xml': "));
                for (size_t j = 0; j < ELEMENTS(cases[i].words) && cases[i].words[j]; j++)
                        if (!strstr(err.text, cases[i].words[j]))
                                fail_msg("'%s' is not in '%s'", cases[i].words[j], err.text);
        }
}

static void what_the_format_allows_is_taken(void **state)
{
        static const char *const texts[] = {
                "<root/>",
                "\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><root/>",
                "<?xml version='1.0' encoding='ISO-8859-1'?><root><alias name='\xe9'/></root>",
                "<?xml version='1.0'?><!-- c --><?pi x?><root> <!-- c --> </root>",
                "<root><application/><model/><alias name='a'/><application><programs/>"
                "</application><model pattern='p['/></root>",
                "<root><model><reference/><identifiers/></model></root>",
                "<root><application name='a' pattern='b'><programs><program name='c' pattern='d'/>"
                "<program name='c'/></programs></application><application name='a'/></root>",
                "<root><model><required> true\n</required><start_sequence> 5 </start_sequence>"
                "<stop_sequence>-128</stop_sequence></model></root>",
                "<root><application><operational_status> no formula</operational_status>"
                "</application></root>",
                "<root xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
                "xsi:noNamespaceSchemaLocation='http://127.0.0.1:1/rules.xsd'/>",
        };

        for (size_t i = 0; i < ELEMENTS(texts); i++) {
                struct rules *rules = NULL;
                struct err err = {};

                if (rules_case_read(&texts[i], 1, &rules, &err) < 0)
                        fail_msg("'%s': %s", texts[i], err.text);
                assert_non_null(rules);
                rules_unref(rules);
        }
}

static void a_formula_that_is_none_is_left_out_aloud(void **state)
{
        CLEANUP(rules_unref)
        struct rules *rules =
                rules_case_application("\n<operational_status>'p1' and</operational_status>");
        CLEANUP(rules_application_free)
        struct rules_application *a = rules_for_application(rules, "a", STARTING_CONFIG, NULL);
        const struct rules_note *notes;
        size_t count;

        assert_null(a->formula);
        notes = rules_notes(rules, &count);
        rules_case_has_note(notes, count, LOG_LEVEL_ERROR,
                "1.xml, line 2: element 'operational_status': the formula ''p1' and' is not valid: "
                "it ends too early; the formula is left out");
}

static void what_is_of_no_use_is_said(void **state)
{
        CLEANUP(rules_unref)
        struct rules *rules = rules_case(
                "<application/><application name='a'><programs><program/></programs></application>"
                "<model/><alias name='e'/><alias name=' '>x</alias>");
        const struct rules_note *notes;
        size_t count;

        notes = rules_notes(rules, &count);
        assert_int_equal(count, 5);
        rules_case_has_note(notes, count, LOG_LEVEL_WARN, "the application has neither a name");
        rules_case_has_note(notes, count, LOG_LEVEL_WARN, "the program has neither a name");
        rules_case_has_note(notes, count, LOG_LEVEL_WARN, "the model has no name");
        rules_case_has_note(notes, count, LOG_LEVEL_WARN, "the alias 'e' has no text");
        rules_case_has_note(notes, count, LOG_LEVEL_WARN, "the alias '' has no name");
}

static void files_are_merged(void **state)
{
        static const char *const texts[] = {
                "<root><alias name='x'>A</alias><alias name='y'>x</alias>"
                "<model name='m'><expected_loading>1</expected_loading></model>"
                "<application name='named'><start_sequence>1</start_sequence></application>"
                "<application name='named'><start_sequence>2</start_sequence></application>"
                "<application pattern='pat'><start_sequence>3</start_sequence></application>"
                "<application pattern='tap'><start_sequence>4</start_sequence></application></root>",
                "<root><alias name='x'>B,y</alias>"
                "<model name='m'><expected_loading>2</expected_loading></model>"
                "<application name='named'><start_sequence>5</start_sequence></application>"
                "<application pattern='pat'><start_sequence>6</start_sequence>"
                "<programs><program name='p'><reference>m</reference><identifiers>x</identifiers>"
                "</program></programs></application></root>",
        };
        CLEANUP(rules_unref) struct rules *rules = rules_case_several(texts, 2);
        CLEANUP(rules_application_free)
        struct rules_application *named =
                rules_for_application(rules, "named", STARTING_CONFIG, NULL);
        CLEANUP(rules_application_free)
        struct rules_application *pattern =
                rules_for_application(rules, "tap pat", STARTING_CONFIG, NULL);
        CLEANUP(rules_program_free)
        struct rules_program *p = rules_for_process(rules, "pat", pattern, "p", NULL);
        CLEANUP(mem_free) char *places = rules_case_places(&p->places);
        const struct rules_note *notes;
        size_t count;

        assert_int_equal(named->start_sequence, 1);
        assert_int_equal(pattern->start_sequence, 6); /* in the place that the first one had */
        assert_int_equal(p->expected_loading, 2);
        assert_string_equal(places, "B,x"); /* x still comes before y */
        notes = rules_notes(rules, &count);
        rules_case_has_note(notes, count, LOG_LEVEL_WARN,
                "2.xml, line 1: the alias 'x' replaces the one of 1.xml, line 1");
        rules_case_has_note(notes, count, LOG_LEVEL_WARN, "2.xml, line 1: the model 'm' replaces");
        rules_case_has_note(
                notes, count, LOG_LEVEL_WARN, "2.xml, line 1: the application 'named' is already");
        rules_case_has_note(notes, count, LOG_LEVEL_WARN, "with the pattern 'pat' replaces");
}

static void one_bad_file_makes_all_void(void **state)
{
        static const char *const texts[] = { "<root/>", "<root>\n</toor>", "<root/>" };
        struct rules *rules = NULL;
        struct err err = {};

        assert_int_equal(rules_case_read(texts, 3, &rules, &err), -EINVAL);
        assert_null(rules);
        assert_true(text_starts(err.text, "rules file '2.xml': line 2: "));
}

static uint64_t hash_of(const char *const *texts, size_t count)
{
        CLEANUP(rules_unref) struct rules *rules = rules_case_several(texts, count);

        return rules_hash(rules);
}

static void the_hash_is_that_of_the_meaning(void **state)
{
        static const char *const one[] = {
                "<root><alias name='x'>A,B</alias><model name='m'><required>1</required></model>"
                "<application name='a'><start_sequence>1</start_sequence><programs>"
                "<program name='p'><reference>m</reference><identifiers>x</identifiers></program>"
                "<program name='q'/></programs></application><application name='b'/></root>"
        };
        static const char *const same[] = {
                "<?xml version='1.0'?>\n<root> <application name='b'><distribution>ALL_INSTANCES"
                "</distribution></application></root>",
                "<root><application name='a'><programs><program name='q'><required>0</required>"
                "</program><program name='p'><identifiers>A, B,A</identifiers><required>true"
                "</required></program></programs><stop_sequence>1</stop_sequence>"
                "<start_sequence> 01 </start_sequence></application><model name='unused'/></root>",
        };
        static const char *const others[] = {
                "<root/>",
                "<root><application name='a'/></root>",
                "<root><application pattern='a'/></root>",
                "<root><application name='b'/></root>",
                "<root><application name='a'/><application name='b'/></root>",
                "<root><application pattern='a'/><application pattern='b'/></root>",
                "<root><application pattern='b'/><application pattern='a'/></root>",
                "<root><application name='a'><starting_strategy>CONFIG</starting_strategy>"
                "</application></root>",
                "<root><application name='a'><stop_sequence>1</stop_sequence></application></root>",
                "<root><application name='a'><identifiers>A</identifiers></application></root>",
                "<root><application name='a'><identifiers>A,B</identifiers></application></root>",
                "<root><application name='a'><identifiers>B,A</identifiers></application></root>",
                "<root><application name='a'><identifiers>#,A</identifiers></application></root>",
                "<root><application name='a'><operational_status>'p'</operational_status>"
                "</application></root>",
                "<root><application name='a'><programs><program name='p'/></programs>"
                "</application></root>",
                "<root><application name='a'><programs><program pattern='p'/></programs>"
                "</application></root>",
                "<root><application name='a'><programs><program name='p'><wait_exit_timeout>1"
                "</wait_exit_timeout></program></programs></application></root>",
        };
        uint64_t hashes[ELEMENTS(others)];

        assert_int_equal(hash_of(one, 1), hash_of(same, 2));
        for (size_t i = 0; i < ELEMENTS(others); i++) {
                hashes[i] = hash_of(&others[i], 1);
                assert_int_not_equal(hashes[i], 0);
                for (size_t j = 0; j < i; j++)
                        assert_int_not_equal(hashes[i], hashes[j]);
        }
        assert_int_equal(rules_hash(NULL), 0);
}

static void no_file_is_no_rules(void **state)
{
        struct rules *rules = (struct rules *)state;
        size_t count = 1;

        assert_int_equal(rules_read(NULL, 0, &rules, NULL), 0);
        assert_null(rules);
        assert_null(rules_ref(NULL));
        assert_null(rules_unref(NULL));
        (void)rules_notes(NULL, &count); /* the count tells */
        assert_int_equal(count, 0);
}

static void files_are_read_and_what_is_none_is_refused(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *good = scratch_path(dir, "good.xml"), *bad = scratch_path(dir, "bad.xml");
        const char *pipe = scratch_path(dir, "pipe.xml"), *none = scratch_path(dir, "none.xml");
        CLEANUP(rules_unref) struct rules *rules = NULL;
        struct rules *other;
        struct err err = {};

        scratch_write(good, "<root><application name='a'/></root>");
        scratch_write(bad, "<root>\n<application start='a'/></root>");
        assert_int_equal(mkfifo(pipe, 0600), 0);
        assert_int_equal(rules_read(&good, 1, &rules, &err), 0);
        other = rules_ref(rules);
        assert_ptr_equal(other, rules);
        rules_unref(other);
        assert_int_not_equal(rules_hash(rules), 0);
        assert_int_equal(rules_read((const char *const[]){ good, bad }, 2, &other, &err), -EINVAL);
        assert_non_null(strstr(err.text, bad));
        assert_non_null(strstr(err.text, "line 2"));
        assert_int_equal(rules_read(&none, 1, &other, &err), -ENOENT);
        assert_non_null(strstr(err.text, none));
        assert_non_null(strstr(err.text, "No such file"));
        assert_int_equal(rules_read(&pipe, 1, &other, &err), -EINVAL);
        assert_non_null(strstr(err.text, "it is not a file"));
        assert_int_equal(rules_read((const char *const *)&dir, 1, &other, &err), -EINVAL);
}

static int read_repeated(const char *head, const char *piece, size_t count, const char *tail)
{
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(rules_unref) struct rules *rules = NULL;
        struct err err = {};
        int r;

        text_append(&t, head);
        for (size_t i = 0; i < count; i++)
                text_append(&t, piece);
        text_append(&t, tail);
        r = rules_case_read((const char *const *)&t.data, 1, &rules, &err);
        assert_true(r == 0 || strstr(err.text, "1.xml"));
        return r;
}

static void everything_that_may_grow_has_a_limit(void **state)
{
        CLEANUP(text_clear) struct text t = {};

        assert_int_equal(
                read_repeated("<root>", "          ", DOCUMENT_SIZE_MAX / 10, "</root>"), -E2BIG);
        assert_int_equal(
                read_repeated("<root>", "<model/>", DOCUMENT_ELEMENTS_MAX, "</root>"), -E2BIG);
        assert_int_equal(read_repeated("<root>", "<model/>", 10000, "</root>"), 0);
        assert_int_equal(read_repeated("", "<root>", 10000, ""), -EINVAL);
        /* Of names all over the cluster, and of those that aliases bring in. */
        assert_int_equal(read_repeated("<root><application name='a'><identifiers>", "x,", 2000,
                                 "</identifiers></application></root>"),
                -E2BIG);
        text_append(&t, "<root><application name='a'><identifiers>a0");
        for (unsigned i = 1; i < 30; i++)
                text_format(&t, ",a%u", i);
        text_append(&t, "</identifiers></application>");
        for (unsigned i = 0; i < 30; i++) {
                text_format(&t, "<alias name='a%u'>", i);
                for (unsigned j = 0; j < 100; j++)
                        text_format(&t, "n%u,", j);
                text_append(&t, "</alias>");
        }
        text_append(&t, "</root>");
        assert_int_equal(read_repeated(text_string(&t), "", 0, ""), -E2BIG);
        text_truncate(&t, 0);
        text_append(&t, "<root>");
        for (unsigned i = 0; i < 1001; i++)
                text_format(&t, "<alias name='a%u'>x</alias>", i);
        assert_int_equal(read_repeated(text_string(&t), "</root>", 1, ""), -E2BIG);
}

static void lines_behind_65535_are_told_as_well(void **state)
{
        CLEANUP(text_clear) struct text t = {};
        struct rules *rules = NULL;
        struct err err = {};

        text_append(&t, "<root>");
        for (unsigned i = 0; i < 70000; i++)
                text_append_char(&t, '\n');
        text_append(&t, "<application pattern='p['>x</application></root>");
        assert_int_equal(rules_case_read((const char *const *)&t.data, 1, &rules, &err), -EINVAL);
        assert_non_null(strstr(err.text, "line 70001"));
}

/* The text of a file of the source tree. */
static char *source_of(const char *name)
{
        const char *srcdir = getenv("srcdir");
        CLEANUP(mem_free) char *path = mem_format("%s/%s", srcdir ? srcdir : ".", name);
        char *text = scratch_read(path, NULL);

        assert_non_null(text);
        return text;
}

static void the_schema_and_the_manual_have_each_rule(void **state)
{
        CLEANUP(mem_free) char *schema = source_of("rules/rules.xsd");
        CLEANUP(mem_free) char *manual = source_of("doc/reeve-rules.5");
        size_t in_schema = 0, rules = 0;

        for (enum set_rule rule = 0; rule < SET_RULES; rule++) {
                const char *name = take_name(rule);
                CLEANUP(mem_free) char *element = mem_format("<xs:element name=\"%s\" ", name);
                CLEANUP(mem_free) char *tag = mem_format("\n.BR %s \" (", name);

                if (!strstr(schema, element))
                        fail_msg("'%s' is not in the schema", name);
                if (!strstr(manual, tag))
                        fail_msg("'%s' is not in the manual", name);
                for (const char *s = schema; (s = strstr(s, element)); s++)
                        rules++;
        }
        /* And no other: the rest are the six elements that have no value. */
        for (const char *s = schema; (s = strstr(s, "<xs:element name=")); s++)
                in_schema++;
        assert_int_equal(in_schema, rules + 6);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_refused_is_told_with_file_line_element_and_value),
                cmocka_unit_test(what_the_format_allows_is_taken),
                cmocka_unit_test(a_formula_that_is_none_is_left_out_aloud),
                cmocka_unit_test(what_is_of_no_use_is_said),
                cmocka_unit_test(files_are_merged),
                cmocka_unit_test(one_bad_file_makes_all_void),
                cmocka_unit_test(the_hash_is_that_of_the_meaning),
                cmocka_unit_test(no_file_is_no_rules),
                cmocka_unit_test(files_are_read_and_what_is_none_is_refused),
                cmocka_unit_test(everything_that_may_grow_has_a_limit),
                cmocka_unit_test(lines_behind_65535_are_told_as_well),
                cmocka_unit_test(the_schema_and_the_manual_have_each_rule),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
