/* The manual pages and the sample configuration say what the tables of the code say: no more, no
 * less. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "client/clustercommands.h"
#include "client/commands.h"
#include "client/options.h"
#include "config/arguments.h"
#include "config/sections.h"
#include "config/words.h"
#include "tests/unit/scratch.h"

/* A failure is counted and not asserted, so that one run names all that is missing. */
static void complain(unsigned *failures, const char *page, const char *what, const char *about)
{
        ++*failures;
        print_error("doc/%s: %s: %s\n", page, what, about);
}

static char *read_doc(const char *name)
{
        const char *srcdir = getenv("srcdir");
        CLEANUP(mem_free) char *path = mem_format("%s/doc/%s", srcdir ? srcdir : ".", name);
        char *text = scratch_read(path, NULL);

        assert_non_null(text);
        return text;
}

/* The lines from behind the first heading up to the next one of that kind. */
static char **lines_below(const char *page, const char *kind, const char *heading)
{
        CLEANUP(mem_free) char *text = read_doc(page);
        CLEANUP(mem_free) char *wanted = mem_format("%s %s", kind, heading);
        char **lines = NULL;
        bool inside = false;

        for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
                if (text_starts(line, kind))
                        inside = strcmp(line, wanted) == 0;
                else if (inside)
                        lines = words_append(lines, mem_strdup(line));
        }
        assert_non_null(lines);
        return lines;
}

/* The next option in a line, behind *s, where a dash is written as 'dash'; NULL at the end. */
static char *next_option(const char **s, const char *dash)
{
        size_t width = strlen(dash), length;
        const char *found = strstr(*s, dash);
        bool is_long;
        char *name;

        if (!found)
                return NULL;
        found += width;
        is_long = strncmp(found, dash, width) == 0;
        if (is_long)
                found += width;
        for (length = is_long ? 0 : 1;
                is_long && (isalnum((unsigned char)found[length]) || found[length] == '_');)
                length++;
        name = mem_format("%s%.*s", is_long ? "--" : "-", (int)length, found);
        *s = found + length;
        return name;
}

/* The options that the tags of a page's OPTIONS name. */
static char **options_of_page(const char *page)
{
        CLEANUP(words_free) char **lines = lines_below(page, ".SH", "OPTIONS");
        char **names = NULL;
        bool is_tag = false;

        for (char **line = lines; *line; line++) {
                const char *s = *line;
                char *name;

                while (is_tag && (name = next_option(&s, "\\-")))
                        names = words_append(names, name);
                is_tag = strcmp(*line, ".TP") == 0 || strcmp(*line, ".TQ") == 0;
        }
        assert_non_null(names);
        return names;
}

static bool contains(char *const *words, const char *word)
{
        for (; words && *words; words++)
                if (strcmp(*words, word) == 0)
                        return true;
        return false;
}

static char **options_of_table(const struct commandline_option *table, size_t count)
{
        char **names = NULL;

        for (size_t i = 0; i < count; i++) {
                if (table[i].letter)
                        names = words_append(names, mem_format("-%c", table[i].letter));
                if (table[i].name)
                        names = words_append(names, mem_format("--%s", table[i].name));
        }
        return names;
}

static unsigned compare(const char *page, char *const *written, char *const *known)
{
        unsigned failures = 0;

        for (char *const *name = known; *name; name++)
                if (!contains(written, *name))
                        complain(&failures, page, "is missing", *name);
        for (char *const *name = written; *name; name++)
                if (!contains(known, *name))
                        complain(&failures, page, "does not exist", *name);
        return failures;
}

static void reeved_8_has_the_options_of_reeved(void **state)
{
        CLEANUP(words_free) char **written = options_of_page("reeved.8"), **known = NULL;
        const struct commandline_option *table;
        size_t count;

        table = command_line_options(&count);
        known = options_of_table(table, count);
        assert_int_equal(compare("reeved.8", written, known), 0);
}

static void reevectl_1_has_the_options_of_reevectl(void **state)
{
        CLEANUP(words_free) char **written = options_of_page("reevectl.1"), **known = NULL;
        const struct commandline_option *table;
        size_t count;

        table = options_table(&count);
        known = options_of_table(table, count);
        known = words_append(known, mem_strdup("-?"));
        written = contains(written, "-?") ? written : words_append(written, mem_strdup("-?"));
        assert_int_equal(compare("reevectl.1", written, known), 0);
}

/* The help of reeved is written by hand as well. */
static void the_help_of_reeved_has_its_options(void **state)
{
        CLEANUP(mem_free) char *help = command_line_help("reeved");
        CLEANUP(words_free) char **written = NULL, **known = NULL;
        const struct commandline_option *table;
        size_t count;

        for (char *rest = help, *line; (line = strsep(&rest, "\n"));) {
                char *described = strstr(line, " -- ");
                const char *s = line;
                char *name;

                if (described)
                        *described = '\0';
                while (*line == '-' && (name = next_option(&s, "-")))
                        written = words_append(written, name);
        }
        assert_non_null(written);
        table = command_line_options(&count);
        known = options_of_table(table, count);
        assert_int_equal(compare("(help of reeved)", written, known), 0);
}

/* Whether a tag has the name as a word of its own. */
static bool has_word(const char *tag, const char *name)
{
        size_t length = strlen(name);

        for (const char *s = strstr(tag, name); s; s = strstr(s + 1, name))
                if (s > tag && strchr(" \"", s[-1]) && !isalnum((unsigned char)s[length]) &&
                        s[length] != '_')
                        return true;
        return false;
}

static unsigned missing_actions(char *const *lines, const struct commands_row *rows, size_t count)
{
        unsigned failures = 0;

        for (size_t i = 0; i < count; i++) {
                bool found = false, is_tag = false;

                for (char *const *line = lines; *line && !found; line++) {
                        found = is_tag && has_word(*line, rows[i].name);
                        is_tag = strcmp(*line, ".TP") == 0 || strcmp(*line, ".TQ") == 0;
                }
                if (!found)
                        complain(&failures, "reevectl.1", "is missing", rows[i].name);
        }
        return failures;
}

static void reevectl_1_has_the_actions(void **state)
{
        CLEANUP(words_free) char **lines = lines_below("reevectl.1", ".SH", "ACTIONS");
        const struct commands_row *rows;
        unsigned failures;
        size_t count;

        rows = commands_table(&count);
        failures = missing_actions(lines, rows, count);
        rows = clustercommands_table(&count);
        failures += missing_actions(lines, rows, count);
        rows = commands_own_table(&count);
        failures += missing_actions(lines, rows, count);
        assert_int_equal(failures, 0);
}

static char *heading_of(const struct section_kind *kind)
{
        return mem_format("[%s%s]", kind->name, kind->naming == NAMED_WITH_LABEL ? ":x" : "");
}

/* The tag of an option: its name, and its type and default in parentheses. */
static char *tag_of(const struct section_option *option)
{
        bool has_default = option->fallback && *option->fallback;
        CLEANUP(text_clear) struct text type = {};

        for (const char *c = section_type_name(option->type); *c; c++)
                if (*c != '"')
                        text_append_char(&type, *c);
        return mem_format(".BR %s \" (%s%s%s)\"", option->name, text_string(&type),
                has_default ? "; " : "", has_default ? option->fallback : "");
}

static char **tags_of_section(const struct section_kind *kind)
{
        char **tags = words_list("");

        for (size_t i = 0; i < kind->options_count; i++)
                tags = words_append(tags, tag_of(&kind->options[i]));
        return tags;
}

/* Those of the page end with a type, which tells them from other tags. */
static char **tags_below(const char *heading)
{
        CLEANUP(words_free) char **lines = lines_below("reeve.conf.5", ".SS", heading);
        char **tags = words_list("");
        bool is_tag = false;

        for (char **line = lines; *line && !text_starts(*line, ".SH"); line++) {
                if (is_tag)
                        tags = words_append(tags, mem_strdup(*line));
                is_tag = strcmp(*line, ".TP") == 0 || strcmp(*line, ".TQ") == 0;
        }
        return tags;
}

static void reeve_conf_5_has_each_option_with_its_type_and_default(void **state)
{
        const struct section_kind *const *kinds = section_kinds();
        unsigned failures = 0;

        for (size_t i = 0; kinds[i]; i++) {
                CLEANUP(mem_free) char *heading = heading_of(kinds[i]);
                CLEANUP(words_free) char **written = tags_below(heading);
                CLEANUP(words_free) char **known = tags_of_section(kinds[i]);

                failures += compare("reeve.conf.5", written, known);
        }
        assert_int_equal(failures, 0);
}

static void reeve_conf_5_has_each_limit(void **state)
{
        CLEANUP(words_free) char **lines = lines_below("reeve.conf.5", ".SH", "LIMITS");
        CLEANUP(words_free) char **cgroups = tags_of_section(&section_cgroup_limits);
        CLEANUP(words_free) char **processes = tags_of_section(&section_process_limits);
        CLEANUP(words_free) char **written = words_list("");
        bool is_tag = false;

        for (char **tag = cgroups; *tag; tag++)
                processes = words_append(processes, mem_strdup(*tag));
        for (char **line = lines; *line; line++) {
                if (is_tag)
                        written = words_append(written, mem_strdup(*line));
                is_tag = strcmp(*line, ".TP") == 0 || strcmp(*line, ".TQ") == 0;
        }
        assert_int_equal(compare("reeve.conf.5", written, processes), 0);
}

static void reeve_conf_5_has_no_section_that_does_not_exist(void **state)
{
        CLEANUP(mem_free) char *text = read_doc("reeve.conf.5");
        CLEANUP(words_free) char **written = NULL, **known = NULL;
        const struct section_kind *const *kinds = section_kinds();

        for (size_t i = 0; kinds[i]; i++)
                known = words_append(known, heading_of(kinds[i]));
        for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
                if (text_starts(line, ".SS "))
                        written = words_append(written, mem_strdup(line + strlen(".SS ")));
        assert_non_null(written);
        assert_int_equal(compare("reeve.conf.5", written, known), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reeved_8_has_the_options_of_reeved),
                cmocka_unit_test(the_help_of_reeved_has_its_options),
                cmocka_unit_test(reevectl_1_has_the_options_of_reevectl),
                cmocka_unit_test(reevectl_1_has_the_actions),
                cmocka_unit_test(reeve_conf_5_has_each_option_with_its_type_and_default),
                cmocka_unit_test(reeve_conf_5_has_each_limit),
                cmocka_unit_test(reeve_conf_5_has_no_section_that_does_not_exist),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
