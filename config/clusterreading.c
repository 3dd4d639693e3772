/* Reading the cluster's options: see clusterreading.h. */
#include "config/clusterreading.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "config/words.h"

enum { VALUE_SHOWN_MAX = 256 }; /* bytes of a value that a note quotes */

static char *place_of(const struct clusterreading *reading, const char *option)
{
        const struct ini_option *found = ini_option(reading->reader->ini, reading->section, option);

        return mem_format("%s, line %d: option '%s' of [%s]",
                found ? found->file : reading->section->file,
                found ? found->line : reading->section->line, option, reading->section->name);
}

void clusterreading_note(const struct clusterreading *reading, enum log_level level,
        const char *option, const char *format, ...)
{
        CLEANUP(mem_free) char *place = place_of(reading, option);
        CLEANUP(mem_free) char *words = NULL;
        va_list ap;

        va_start(ap, format);
        words = mem_vformat(format, ap);
        va_end(ap);
        reader_note(reading->reader, level, "%s %s", place, words);
}

/* Without a default that is as safe, there is no cluster rather than another one than was meant. */
static void note_wrong(
        struct clusterreading *reading, const struct section_option *option, const struct err *why)
{
        const char *value = ini_value(reading->reader->ini, reading->section, option->name);
        CLEANUP(text_clear) struct text shown = {};
        CLEANUP(mem_free) char *outcome = NULL;

        text_append_repr(&shown, value, strnlen(value, VALUE_SHOWN_MAX));
        if (strlen(value) > VALUE_SHOWN_MAX)
                text_append(&shown, "...");
        if (option->wrong == WRONG_IS_ALONE)
                outcome = mem_strdup("this instance stays alone");
        else if (option->fallback && *option->fallback)
                outcome = mem_format("the default, %s, holds", option->fallback);
        else
                outcome = mem_strdup("it is as if it were not there");
        clusterreading_note(reading, LOG_LEVEL_ERROR, option->name, "has the value %s but %s; %s",
                text_string(&shown), why->text, outcome);
        reading->alone = reading->alone || option->wrong == WRONG_IS_ALONE;
}

static int refuse(struct clusterreading *reading, const struct section_option *option,
        const struct err *why, struct err *err)
{
        return reader_fail(reading->reader, reading->section, option->name, err, "%s%s",
                reading->config->native ? "" : "Could not make supvisors rpc interface: ",
                why->text);
}

static int take(struct clusterreading *reading, const struct section_option *option,
        const char *text, struct err *err)
{
        return option->take ? option->take(reading, option, text, err)
                            : section_store(option, text, reading->config, err);
}

int clusterreading_take(
        struct clusterreading *reading, const struct section_option *option, struct err *err)
{
        CLEANUP(mem_free) char *expanded = NULL, *text = NULL;
        struct err why = {};
        int r = reader_text(reading->reader, reading->section, option->name,
                reader_map(reading->reader, option->scope), &expanded, err);

        if (r < 0)
                return r;
        if (expanded) {
                text = words_stripped(expanded);
                reading->is_written = true;
                r = take(reading, option, text, &why);
                if (r >= 0)
                        return 0;
                if (option->wrong == WRONG_IS_FATAL)
                        return refuse(reading, option, &why, err);
                note_wrong(reading, option, &why);
        }
        reading->is_written = false;
        return option->fallback ? take(reading, option, option->fallback, err) : 0;
}
