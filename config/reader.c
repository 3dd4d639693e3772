/* One reading of a configuration: see reader.h. */
#include "config/reader.h"

#include <errno.h>
#include <stdarg.h>

#include "base/text.h"
#include "config/values.h"

void reader_note(struct reader *reader, enum log_level level, const char *format, ...)
{
        struct config *config = reader->config;
        CLEANUP(mem_free) char *text = NULL;
        va_list ap;

        va_start(ap, format);
        text = mem_vformat(format, ap);
        va_end(ap);
        config->notes = mem_grow(config->notes, &reader->notes_capacity, config->notes_count + 1,
                sizeof(*config->notes));
        config->notes[config->notes_count++] = (struct config_note){ level, TAKE(text) };
}

int reader_blame(
        struct reader *reader, const struct ini_section *section, const char *option, int code)
{
        struct config_location *location = &reader->location;
        const struct ini_option *found =
                section && option ? ini_option(reader->ini, section, option) : NULL;

        if (location->file)
                return code;
        location->file = mem_strdup(reader->config->path);
        if (!section)
                return code;
        location->section = mem_strdup(section->name);
        if (option)
                location->option = mem_strdup(option);
        if (found)
                location->value = mem_strdup(found->value);
        mem_free(location->file);
        location->file = mem_strdup(found ? found->file : section->file);
        location->line = found ? found->line : section->line;
        return code;
}

int reader_fail(struct reader *reader, const struct ini_section *section, const char *option,
        struct err *err, const char *format, ...)
{
        CLEANUP(mem_free) char *text = NULL;
        va_list ap;

        va_start(ap, format);
        text = mem_vformat(format, ap);
        va_end(ap);
        (void)err_set(err, -EINVAL, "%s", text); /* the code is the one that is returned */
        return reader_blame(reader, section, option, -EINVAL);
}

const struct expand_map *reader_map(const struct reader *reader, enum section_scope scope)
{
        switch (scope) {
        case SCOPE_START:
                return reader->start;
        case SCOPE_INCLUDE:
                return reader->include;
        case SCOPE_SUPERVISORD:
                return reader->supervisord;
        case SCOPE_SERVER:
                return reader->server;
        case SCOPE_CLUSTER:
                return reader->cluster;
        case SCOPE_HERE:
        case SCOPE_PROGRAM:
        case SCOPE_PROCESS:
                break;
        }
        return reader->here;
}

int reader_text(struct reader *reader, const struct ini_section *section, const char *option,
        const struct expand_map *map, char **ret, struct err *err)
{
        const char *value = ini_value(reader->ini, section, option);
        CLEANUP(mem_free) char *label = NULL;
        int r;

        *ret = NULL;
        if (!value)
                return 0;
        label = mem_format("%s.%s", section->name, option);
        r = expand_text(value, label, map, ret, err);
        return r < 0 ? reader_blame(reader, section, option, r) : 0;
}

int reader_store(struct reader *reader, const struct ini_section *section,
        const struct section_option *option, const struct expand_map *map, void *structure,
        struct err *err)
{
        CLEANUP(mem_free) char *text = NULL;
        int r = reader_text(reader, section, option->name, map, &text, err);

        if (r < 0)
                return r;
        if (!text && !option->fallback)
                return 0;
        r = section_store(option, text ? text : option->fallback, structure, err);
        return r < 0 ? reader_blame(reader, section, option->name, r) : 0;
}

int reader_integer(struct reader *reader, const struct ini_section *section, const char *option,
        const struct expand_map *map, int64_t fallback, int64_t *ret, struct err *err)
{
        CLEANUP(mem_free) char *text = NULL;
        int r = reader_text(reader, section, option, map, &text, err);

        *ret = fallback;
        if (r >= 0 && text)
                r = values_integer(text, ret, err);
        return r < 0 ? reader_blame(reader, section, option, r) : 0;
}
