/* [include]: the further files of a configuration.
 *
 * Their directory is %(here)s in them, which is done by replacing that text in all that was read so
 * far: with the directory of the main file first, then after each file with that one's.  So with an
 * [include] section, and only then, every option of the main file knows %(here)s. */
#include <errno.h>
#include <string.h>

#include "config/paths.h"
#include "config/reader.h"
#include "config/words.h"

static const char here[] = "%(here)s";

static int include_file(struct reader *reader, const char *file, struct err *err)
{
        CLEANUP(mem_free) char *current = paths_current();
        CLEANUP(mem_free) char *path = paths_absolute(file, current);
        CLEANUP(mem_free) char *directory = paths_directory(path);
        int r;

        reader_note(reader, LOG_LEVEL_INFO, "Included extra file \"%s\" during parsing", file);
        r = ini_read(reader->ini, file, err);
        if (r == -EINVAL || r == -E2BIG) {
                reader->location.file = mem_strdup(file);
                return r;
        }
        if (r < 0)
                reader_note(reader, LOG_LEVEL_WARN, "Extra file \"%s\" cannot be read: %s", file,
                        strerrordesc_np(-r));
        return ini_replace(reader->ini, here, directory, err);
}

static int include_pattern(struct reader *reader, const char *pattern, struct err *err)
{
        CLEANUP(mem_free) char *joined = paths_join(reader->config->here, pattern);
        CLEANUP(words_free) char **files = paths_glob(joined);

        if (!*files)
                reader_note(reader, LOG_LEVEL_WARN, "No file matches via include \"%s\"", joined);
        for (char **file = files; *file; file++) {
                int r = include_file(reader, *file, err);

                if (r < 0)
                        return r;
        }
        return 0;
}

int include_read(struct reader *reader, struct err *err)
{
        const struct ini_section *section = ini_section(reader->ini, "include");
        CLEANUP(words_free) char **patterns = NULL;
        CLEANUP(mem_free) char *files = NULL;
        const char *value;
        int r;

        if (!section)
                return 0;
        r = ini_replace(reader->ini, here, reader->config->here, err);
        if (r < 0)
                return r;
        value = ini_value(reader->ini, section, "files");
        if (!value)
                return reader_fail(reader, section, NULL, err,
                        ".ini file has [include] section, but no files setting");
        r = expand_text(value, "include.files", reader->include, &files, err);
        if (r < 0)
                return reader_blame(reader, section, "files", r);
        patterns = words_split(files);
        for (char **pattern = patterns; *pattern; pattern++) {
                r = include_pattern(reader, *pattern, err);
                if (r < 0)
                        return r;
        }
        return 0;
}
