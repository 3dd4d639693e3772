/* Formulas: what is one, and what it comes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "rules/formula.h"

/* p1 runs, p2 does not, q does not, r runs. */
static const struct formula_fact facts[] = {
        { "p1", true },
        { "p2", false },
        { "q", false },
        { "r", true },
        { "a'b", true },
        { "back\\slash", true },
        { "caf\xc3\xa9", true },
};

enum result { NO, YES, FAILS, REFUSED };

static const char *const result_names[] = { "no", "yes", "fails", "refused" };

static enum result result_of(const char *text, struct err *err)
{
        CLEANUP(formula_unref) struct formula *f = NULL;
        bool value = false;

        *err = (struct err){};
        if (formula_parse(text, &f, err) < 0) {
                assert_null(f);
                assert_non_null(strstr(err->text, "the formula '"));
                return REFUSED;
        }
        assert_string_equal(formula_text(f), text);
        if (formula_evaluate(f, facts, ELEMENTS(facts), &value, err) < 0) {
                assert_non_null(strstr(err->text, "the formula '"));
                return FAILS;
        }
        return value ? YES : NO;
}

struct example {
        const char *text;
        enum result result;
};

static void check(const struct example *examples, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                struct err err;
                enum result result = result_of(examples[i].text, &err);

                if (result != examples[i].result)
                        fail_msg("%s: %s: %s", examples[i].text, result_names[result], err.text);
        }
}

static void a_leaf_is_a_process_or_matches_whole_names(void **state)
{
        static const struct example examples[] = {
                { "'p1'", YES }, { "\"p2\"", NO }, { "'p'", FAILS }, { "'p.'", FAILS }, /* two */
                { "'p[12]'", FAILS }, { "'.1'", YES }, { "'(p1|x)'", YES }, { "'zzz'", FAILS },
                { "'p['", FAILS }, { "''", FAILS },
                { "'p1|q'", FAILS }, /* begins with p1, or is q: two */
                { "'1|r'", YES }, { "'2|q'", NO }, { "'r|z'", YES }, { "'z|r'", YES },
                { "'z|1'", FAILS }, /* no name is 1 */
        };

        check(examples, ELEMENTS(examples));
}

static void operators_need_single_values_and_all_operands(void **state)
{
        static const struct example examples[] = {
                { "not 'p2'", YES },
                { "not not 'p2'", NO },
                { "not 'p.'", FAILS },
                { "'p1' and 'r'", YES },
                { "'p1' and 'p2'", NO },
                { "'p1' and 'r' and 'p2'", NO },
                { "'p2' or 'q' or 'p1'", YES },
                { "'p2' or 'q'", NO },
                { "'p1' or 'zzz'", FAILS },
                { "'p2' and 'zzz'", FAILS },
                { "'p2' and 'q' and 'zzz'", FAILS },
                { "'p1' or 'r' or 'zzz'", FAILS },
                { "'p1' or 'p.'", FAILS },
                { "'p1' or 'p2' and 'q'", YES },
                { "('p1' or 'p2') and 'q'", NO },
                { "not 'p1' or 'r'", YES },
                { "not ('p1' or 'r')", NO },
                { "'p1' and not 'p2'", YES },
        };

        check(examples, ELEMENTS(examples));
}

static void any_and_all_reduce_their_first_argument(void **state)
{
        static const struct example examples[] = {
                { "any('p.*')", YES },
                { "all('p.*')", NO },
                { "all('p1')", YES },
                { "any('p2')", NO },
                { "all ( 'p1' , )", YES },
                { "any('p1','p2')", YES },
                { "any('p2','p1')", NO },
                { "any('p1','zzz')", YES },
                { "any(any('p.*'))", YES },
                { "any('p1' and 'r')", YES },
                { "any('zzz')", FAILS },
                { "any()", FAILS },
                { "all()", FAILS },
                { "any(x='p1')", FAILS },
                { "any(*'p1')", FAILS },
                { "any('p1', x='p2', **'q')", YES },
                { "any('p['  )", FAILS },
        };

        check(examples, ELEMENTS(examples));
}

static void other_python_fails_whenever_it_is_evaluated(void **state)
{
        static const char *const texts[] = { "sum('p.*')", "True", "p1", "'p1'=='p2'",
                "all(['p1'])", "1", "1.5e3", "-1", "'p1' if 'p2' else 'q'", "('p1',)", "()", "[]",
                "{}", "{'a': 'b'}", "'p1', 'p2'", "'p1',", "'p1' in 'p2'", "'p1' not in 'p2'",
                "'p1' is not 'p2'", "'p1' + 'p2' * 3 ** 4", "'p1'.upper()", "'p1'[0]",
                "a.b.c(d)[e]", "b'p1'", "f'p1'", "any", "any.x", "any('p1')('p2')", "...", "~'p1'",
                "'p1' < 'p2'", "any('p1').x", "'p1' or True" };

        for (size_t i = 0; i < ELEMENTS(texts); i++) {
                struct err err;

                if (result_of(texts[i], &err) != FAILS)
                        fail_msg("%s: %s", texts[i], err.text);
        }
}

static void what_is_no_expression_is_refused(void **state)
{
        static const char *const texts[] = { "", " ", "\n", " 'p1'", "\t'p1'", "\n 'p1'",
                "'p1' 'p2", "'p1", "\"p1'", "'''p1'", "'p1\n'", "'p1';'p2'", "'p1'\n'p2'",
                "'p1' and\n'p2'", "'p1' and", "and 'p1'", "('p1'", "'p1')", "any('p1'",
                "any('p1' 'p2' p)", "any(,)", "'p1' or or 'p2'", "not", "'p1' p1", "p1 'p1'",
                "x = 'p1'", "$", "'p1' ?", "!'p1'", "'p1' if 'p2'", "'p1' == not 'p2'",
                "- not 'p1'", "'a' b'a'", "x'p1'", "'\\x4'", "'\\u12'", "'\\U00110000'", "'\\0'",
                "'\\ud800'", "'\\N{DIGIT ONE}'", "lambda: 'p1'", "if", "(('p1')", "['p1'", "{'p1'",
                "'p1'.", "'p1'.1", "[:]", "'p1' # c\n'p2'" };

        for (size_t i = 0; i < ELEMENTS(texts); i++) {
                struct err err;
                enum result result = result_of(texts[i], &err);

                if (result != REFUSED)
                        fail_msg("%s: %s: %s", texts[i], result_names[result], err.text);
        }
}

static void strings_are_those_of_python(void **state)
{
        static const struct example examples[] = {
                { "'p' '1'", YES },
                { "'p' \"1\" and 'r'", YES },
                { "u'p1'", YES },
                { "R'p1'", YES },
                { "r'\\w1'", YES },
                { "'\\w1'", YES }, /* an unknown escape stays as it is */
                { "'\\x70\\61'", YES },
                { "'\\u0070\\U00000031'", YES },
                { "'caf\\xe9'", YES },
                { "'caf\xc3\xa9'", YES },
                { "'a\\'b'", YES },
                { "\"a'b\"", YES },
                { "'back\\\\slash'", YES },
                { "r'back\\\\slash'", YES },
                { "'p\\\n1'", YES },
                { "'''p1'''", YES },
                { "\"\"\"p1\"\"\"", YES },
                { "'''p\n1'''", FAILS },
                { "''''''", FAILS },
                { "'p\\n1'", FAILS },
        };

        check(examples, ELEMENTS(examples));
}

static void lines_end_between_parentheses_or_behind_all(void **state)
{
        static const struct example examples[] = {
                { "('p1'\n  and\n\n 'r')", YES },
                { "any(\n'p1'\n)", YES },
                { "'p1' \\\n and 'r'", YES },
                { "'p1'\n", YES },
                { "'p1' ; # all", YES },
                { "not'p2'", YES },
                { "'p1'  \n  \n\t\n", YES },
                { "\n\n'p1'", YES },
                { "  \n'p1'", YES },
                { "# why\n'p1' # this one\n# indeed\n", YES },
                { "('p1' # this one\n and 'r')", YES },
                { "'p1'\r\n", YES },
        };

        check(examples, ELEMENTS(examples));
}

static void nesting_is_limited(void **state)
{
        for (size_t depth = 50; depth <= 5000; depth *= 10) {
                CLEANUP(text_clear) struct text t = {}, nots = {};
                struct err err;

                for (size_t i = 0; i < depth; i++) {
                        text_append_char(&t, '(');
                        text_append(&nots, "not ");
                }
                text_append(&t, "'p1'");
                text_append(&nots, "'p1'");
                for (size_t i = 0; i < depth; i++)
                        text_append_char(&t, ')');
                assert_int_equal(result_of(text_string(&t), &err), depth > 100 ? REFUSED : YES);
                assert_int_equal(result_of(text_string(&nots), &err), depth > 100 ? REFUSED : YES);
        }
}

static void length_is_limited(void **state)
{
        CLEANUP(text_clear) struct text t = {};
        struct err err;

        text_append(&t, "'p1'");
        while (t.length < 16000)
                text_append(&t, " or 'p2'");
        assert_int_equal(result_of(text_string(&t), &err), YES);
        while (t.length < 17000)
                text_append(&t, " or 'p2'");
        assert_int_equal(result_of(text_string(&t), &err), REFUSED);
}

static void the_errors_say_what_is_wrong(void **state)
{
        static const struct {
                const char *text, *words;
        } cases[] = {
                { "'zzz'", "no process is named 'zzz' or matches it" },
                { "'p.'", "several processes where one status is needed" },
                { "sum('p1')", "a function other than any and all" },
                { "any()", "any() needs an argument" },
                { "'p['", "missing terminating ]" },
                { " 'p1'", "blanks in front of it" },
                { "'p1' and", "it ends too early" },
                { "'p1'\nor 'p2'", "only end between parentheses" },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                struct err err;

                (void)result_of(cases[i].text, &err); /* the words are looked at */
                if (!strstr(err.text, cases[i].words))
                        fail_msg("'%s' is not in '%s'", cases[i].words, err.text);
        }
}

static void a_search_that_takes_too_long_fails_the_formula(void **state)
{
        static const struct formula_fact slow[] = { { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
                true } };
        CLEANUP(formula_unref) struct formula *f = NULL;
        struct err err = {};
        bool value;

        assert_int_equal(formula_parse("'(a+)+'", &f, &err), 0);
        assert_int_equal(formula_evaluate(f, slow, 1, &value, &err), -E2BIG);
        assert_non_null(strstr(err.text, "takes too long"));
}

static void a_formula_has_several_owners(void **state)
{
        CLEANUP(formula_unref) struct formula *f = NULL;
        struct formula *other;

        assert_int_equal(formula_parse("'p1'", &f, NULL), 0);
        other = formula_ref(f);
        assert_ptr_equal(other, f);
        assert_null(formula_unref(other));
        assert_string_equal(formula_text(f), "'p1'");
        assert_null(formula_ref(NULL));
        assert_null(formula_unref(NULL));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_leaf_is_a_process_or_matches_whole_names),
                cmocka_unit_test(operators_need_single_values_and_all_operands),
                cmocka_unit_test(any_and_all_reduce_their_first_argument),
                cmocka_unit_test(other_python_fails_whenever_it_is_evaluated),
                cmocka_unit_test(what_is_no_expression_is_refused),
                cmocka_unit_test(strings_are_those_of_python),
                cmocka_unit_test(lines_end_between_parentheses_or_behind_all),
                cmocka_unit_test(nesting_is_limited),
                cmocka_unit_test(length_is_limited),
                cmocka_unit_test(the_errors_say_what_is_wrong),
                cmocka_unit_test(a_search_that_takes_too_long_fails_the_formula),
                cmocka_unit_test(a_formula_has_several_owners),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
