/* Configuration files for a test: see config_case.h. */
#include "tests/unit/config_case.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "config/words.h"

enum { WORDS_MAX = 16 };

static char directory[] = "/tmp/config_case_XXXXXX";
static char *location;

int config_case_begin(void **state)
{
        memcpy(directory + strlen(directory) - 6, "XXXXXX", 6);
        return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
        return remove(path);
}

int config_case_end(void **state)
{
        location = mem_free(location);
        return chdir("/") < 0 || nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS) < 0 ? -1
                                                                                            : 0;
}

void config_case_write(const char *name, const char *text)
{
        FILE *f = fopen(name, "we");

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

static int read_file(const char *text, char *const words[], struct config **ret, struct err *err)
{
        char *const environment[] = { (char[]){ "HOME=/tmp" }, (char[]){ "FOO=foo" },
                (char[]){ "ONE=1" }, NULL };
        char *argv[WORDS_MAX] = { (char[]){ "reeved" }, (char[]){ "-c" }, (char[]){ "s.conf" } };
        CLEANUP(command_line_free) struct command_line *line = NULL;
        struct config_location found = {};
        enum command command;
        int argc, r;

        for (argc = 3; words && words[argc - 3]; argc++)
                argv[argc] = words[argc - 3];
        config_case_write("s.conf", text);
        r = command_line_parse(argc, argv, &line, &command, err);
        if (r < 0)
                return r;
        r = config_read_located(line, environment, ret, &found, err);
        mem_free(location);
        location = config_location_text(&found);
        config_location_clear(&found);
        return r;
}

struct config *config_case_read_with(const char *text, char *const words[])
{
        struct config *config = NULL;
        struct err err = {};

        if (read_file(text, words, &config, &err) < 0)
                fail_msg("%s", err.text);
        return config;
}

struct config *config_case_read(const char *text)
{
        return config_case_read_with(text, NULL);
}

void config_case_refused(const char *text, const char *words)
{
        struct config *config = NULL;
        struct err err = {};

        assert_true(read_file(text, NULL, &config, &err) < 0);
        assert_string_equal(err.text, words);
        assert_null(config);
}

void config_case_program_refused(const char *section, const char *text, const char *words)
{
        CLEANUP(mem_free) char *file = mem_format("[supervisord]\n[%s]\n%s", section, text);
        CLEANUP(mem_free)
        char *whole = mem_format("%s in section '%s' (file: 's.conf')", words, section);

        config_case_refused(file, whole);
}

const char *config_case_location(void)
{
        return location;
}

const struct program_group *config_case_group(const struct config *config, const char *name)
{
        const struct program_group *group = program_set_find(&config->programs, name);

        assert_non_null(group);
        return group;
}

const struct program *config_case_program(const struct config *config, const char *group, size_t at)
{
        const struct program_group *found = config_case_group(config, group);

        assert_true(at < found->programs_count);
        return found->programs[at];
}

bool config_case_notes(const struct config *config, enum log_level level, const char *text)
{
        for (size_t i = 0; i < config->notes_count; i++)
                if (config->notes[i].level == level && strcmp(config->notes[i].text, text) == 0)
                        return true;
        for (size_t i = 0; i < config->notes_count; i++)
                print_message("note: %s\n", config->notes[i].text);
        return false;
}
