/* The sample configuration: good as it is, good with everything in it switched on, and complete. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "config/clusterconfig.h"
#include "config/ini.h"
#include "config/sections.h"
#include "tests/unit/config_case.h"
#include "tests/unit/scratch.h"

/* The text, read before the tests change the directory. */
static char *sample;

static int begin(void **state)
{
        const char *srcdir = getenv("srcdir");
        CLEANUP(mem_free)
        char *path = mem_format("%s/doc/examples/reeve.conf", srcdir ? srcdir : ".");

        sample = scratch_read(path, NULL);
        return sample ? config_case_begin(state) : -1;
}

static int end(void **state)
{
        sample = mem_free(sample);
        return config_case_end(state);
}

/* With the options on that are commented out, which is a semicolon without a blank behind it. */
static char *switched_on(void)
{
        CLEANUP(text_clear) struct text text = {};
        CLEANUP(mem_free) char *copy = mem_strdup(sample);

        for (char *rest = copy, *line; (line = strsep(&rest, "\n"));) {
                bool is_option = line[0] == ';' && line[1] && line[1] != ' ';

                text_format(&text, "%s\n", line + is_option);
        }
        return text_take(&text);
}

static void the_sample_is_good_and_leaves_no_note(void **state)
{
        CLEANUP(config_free) struct config *config = config_case_read(sample);

        for (size_t i = 0; i < config->notes_count; i++)
                print_error("%s\n", config->notes[i].text);
        assert_int_equal(config->notes_count, 0);
        assert_int_equal(config->programs.count, 0);
}

static void with_everything_on_it_only_misses_files(void **state)
{
        CLEANUP(mem_free) char *text = switched_on();
        CLEANUP(config_free) struct config *config = config_case_read(text);

        for (size_t i = 0; i < config->notes_count; i++)
                if (config->notes[i].level >= LOG_LEVEL_WARN &&
                        !text_starts(config->notes[i].text, "No file matches via include") &&
                        !strstr(config->notes[i].text, "matches no file"))
                        fail_msg("%s", config->notes[i].text);
        assert_int_equal(config->programs.count, 3);
        assert_int_equal(config->servers_count, 2);
        assert_int_equal(config->cluster->list_count, 3);
}

static bool has_option(const struct ini *ini, const struct section_kind *kind, const char *name)
{
        for (const struct ini_section *s = ini->sections; s; s = s->hh.next)
                if (section_find(s->name) == kind && ini_option(ini, s, name))
                        return true;
        return false;
}

static void the_sample_has_every_option_of_every_section(void **state)
{
        const struct section_kind *const *kinds = section_kinds();
        CLEANUP(mem_free) char *text = switched_on();
        CLEANUP(ini_free) struct ini *ini = ini_new();
        struct err err = {};
        unsigned failures = 0;

        config_case_write("on.conf", text);
        assert_int_equal(ini_read(ini, "on.conf", &err), 0);
        for (size_t i = 0; kinds[i]; i++)
                for (size_t j = 0; j < kinds[i]->options_count; j++)
                        if (!has_option(ini, kinds[i], kinds[i]->options[j].name)) {
                                print_error("[%s] has no %s\n", kinds[i]->name,
                                        kinds[i]->options[j].name);
                                failures++;
                        }
        assert_int_equal(failures, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_sample_is_good_and_leaves_no_note),
                cmocka_unit_test(with_everything_on_it_only_misses_files),
                cmocka_unit_test(the_sample_has_every_option_of_every_section),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
