/* Fuzz target: the bytes as an INI file, then every value of it as a format and as an environment,
 * and the words of it as a command line. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/commandline.h"
#include "config/environment.h"
#include "config/expand.h"
#include "config/ini.h"
#include "config/paths.h"
#include "config/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_value(const char *value, const struct expand_map *map, struct err *err)
{
        CLEANUP(words_free) char **environment = NULL;
        CLEANUP(words_free) char **merged = NULL;
        CLEANUP(mem_free) char *text = NULL, *path = NULL;

        if (expand_text(value, "fuzz", map, &text, err) >= 0 &&
                environment_parse(text, &environment, err) >= 0)
                merged = environment_merge(environment, environment);
        if (merged && words_count(merged) != words_count(environment))
                abort(); /* no key is there twice */
        path = paths_normalise(value);
        if (!*path)
                abort();
}

static void try_words(const char *text, struct err *err)
{
        static const struct commandline_option table[] = {
                { 'c', "configuration", true, 1 },
                { 'n', "nodaemon", false, 2 },
                { 0, "nocleanup", false, 3 },
        };
        CLEANUP(words_free) char **words = words_split(text);
        CLEANUP(commandline_free) struct commandline *line = NULL;
        int count = (int)words_count(words);

        if (commandline_parse(table, ELEMENTS(table), count, words, &line, err) >= 0 &&
                commandline_refuse_words(line, count, words, err) < 0 && line->next >= count)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(expand_map_free) struct expand_map *map = expand_map_new(NULL);
        CLEANUP(ini_free) struct ini *ini = ini_new();
        struct err err;

        expand_map_set(map, "here", "/etc");
        expand_map_set(map, "ENV_X", "\xc3\xa9'");
        expand_map_set_number(map, "process_num", 7);
        if (ini_parse(ini, "fuzz", (const char *)data, size, &err) < 0)
                return 0;
        if (ini_replace(ini, "%(here)s", "/etc/x", &err) < 0)
                return 0;
        for (const struct ini_section *s = ini->sections; s; s = s->hh.next)
                for (const struct ini_option *o = s->options; o; o = o->hh.next) {
                        try_value(o->value, map, &err);
                        try_words(o->value, &err);
                }
        return 0;
}
