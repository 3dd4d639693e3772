/* The INI dialect: see ini.h.  Owns the line by line reading and nothing of what options mean. */
#define uthash_malloc(size)  mem_new(size)
#define uthash_free(p, size) mem_free(p)

#include "config/ini.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "config/words.h"

/* That some editors put at the beginning of a file. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct reading {
        struct ini *ini;
        const char *file;
        int line;
        struct ini_section *section; /* NULL: no header yet */
        struct ini_option *option;   /* what an indented line continues; NULL: nothing */
        struct text value;           /* of that option so far */
        size_t indent;               /* of the line that 'option' began on */
        struct text errors;
};

static struct ini_option *option_free(struct ini_option *option)
{
        mem_free(option->key);
        mem_free(option->value);
        return mem_free(option);
}

static struct ini_section *section_free(struct ini_section *section)
{
        struct ini_option *option, *next;

        HASH_ITER (hh, section->options, option, next) {
                HASH_DEL(section->options, option);
                option_free(option);
        }
        mem_free(section->name);
        return mem_free(section);
}

struct ini *ini_new(void)
{
        struct ini *ini = mem_new(sizeof(*ini));

        ini->defaults = mem_new(sizeof(*ini->defaults));
        ini->defaults->name = mem_strdup("DEFAULT");
        return ini;
}

struct ini *ini_free(struct ini *ini)
{
        struct ini_section *section, *next;

        if (!ini)
                return NULL;
        HASH_ITER (hh, ini->sections, section, next) {
                HASH_DEL(ini->sections, section);
                section_free(section);
        }
        section_free(ini->defaults);
        for (size_t i = 0; i < ini->files_count; i++)
                mem_free(ini->files[i]);
        mem_free(ini->files);
        return mem_free(ini);
}

const struct ini_section *ini_section(const struct ini *ini, const char *name)
{
        struct ini_section *section;

        HASH_FIND_STR(ini->sections, name, section);
        return section;
}

static struct ini_option *own_option(const struct ini_section *section, const char *key)
{
        struct ini_option *option;

        HASH_FIND_STR(section->options, key, option);
        return option;
}

bool ini_remove(struct ini *ini, const char *name, const char *key)
{
        struct ini_section *section;
        struct ini_option *option;

        HASH_FIND_STR(ini->sections, name, section);
        if (!section)
                return false;
        if (!key) {
                HASH_DEL(ini->sections, section);
                section_free(section);
                return true;
        }
        option = own_option(section, key);
        if (!option)
                return false;
        HASH_DEL(section->options, option);
        option_free(option);
        return true;
}

const struct ini_option *ini_option(
        const struct ini *ini, const struct ini_section *section, const char *key)
{
        const struct ini_option *option = own_option(section, key);

        return option ? option : own_option(ini->defaults, key);
}

const char *ini_value(const struct ini *ini, const struct ini_section *section, const char *key)
{
        const struct ini_option *option = ini_option(ini, section, key);

        return option ? option->value : NULL;
}

static struct ini_option *add_option(
        struct ini_section *section, const char *key, const char *file, int line)
{
        struct ini_option *option = own_option(section, key);
        int line_before = option && option->file == file && !option->is_lent ? option->line : 0;

        if (!option) {
                option = mem_new(sizeof(*option));
                option->key = mem_strdup(key);
                option->value = mem_strdup("");
                HASH_ADD_KEYPTR(hh, section->options, option->key, strlen(option->key), option);
        }
        option->file = file;
        option->line = line;
        option->line_before = line_before;
        option->is_lent = false;
        return option;
}

static void set_value(struct ini *ini, struct ini_option *option, char *taken)
{
        ini->bytes -= strlen(option->value);
        ini->bytes += strlen(taken);
        mem_free(option->value);
        option->value = taken;
}

/* The pieces of the current option are complete.  Trailing empty lines are no part of a value. */
static void finish_option(struct reading *r)
{
        const char *s = text_string(&r->value);
        size_t length = r->value.length;

        if (!r->option)
                return;
        while (length && words_end_in_space(s, length))
                length--;
        set_value(r->ini, r->option, mem_strndup(s, length));
        text_truncate(&r->value, 0);
        r->option = NULL;
}

/* Where the comment of a line begins, or its length.  Both markers are looked at in lock-step, the
 * first of each, then the second of each, and the first round that has one after white space
 * decides, so that in "x;y ;b #c" only "#c" is a comment. */
static size_t comment_start(const char *line, size_t length)
{
        size_t next[] = { 0, 0 }, start = length;

        for (unsigned left = ELEMENTS(next); left > 0 && start == length;) {
                left = 0;
                for (unsigned i = 0; i < ELEMENTS(next); i++) {
                        const char *found =
                                next[i] < length ? memchr(line + next[i], ";#"[i], length - next[i])
                                                 : NULL;
                        size_t at = found ? (size_t)(found - line) : length;

                        next[i] = at + 1;
                        if (!found)
                                continue;
                        left++;
                        if (at < start && (at == 0 || words_end_in_space(line, at)))
                                start = at;
                }
        }
        return start;
}

static void bad_line(struct reading *r, const char *line, size_t length, const char *ending)
{
        CLEANUP(text_clear) struct text whole = {};

        if (r->errors.length > ERR_TEXT_MAX)
                return; /* no more can be said */
        text_append_bytes(&whole, line, length);
        text_append(&whole, ending);
        text_format(&r->errors, "\n\t[line %2d]: ", r->line);
        text_append_repr(&r->errors, text_string(&whole), whole.length);
}

static void begin_section(struct reading *r, const char *name, size_t length)
{
        CLEANUP(mem_free) char *key = mem_strndup(name, length);
        struct ini_section *section;

        finish_option(r);
        if (strcmp(key, r->ini->defaults->name) == 0) {
                r->section = r->ini->defaults;
                return;
        }
        HASH_FIND_STR(r->ini->sections, key, section);
        if (!section) {
                section = mem_new(sizeof(*section));
                section->name = TAKE(key);
                section->file = r->file;
                section->line = r->line;
                HASH_ADD_KEYPTR(
                        hh, r->ini->sections, section->name, strlen(section->name), section);
        }
        r->section = section;
}

/* Returns whether the line is an option at all. */
static bool begin_option(struct reading *r, const char *s, size_t length)
{
        CLEANUP(mem_free) char *written = NULL, *key = NULL;
        size_t key_length = 0, value_length;
        const char *value;

        while (key_length < length && s[key_length] != '=' && s[key_length] != ':')
                key_length++;
        if (key_length == length)
                return false;
        value = s + key_length + 1;
        value_length = length - key_length - 1;
        words_strip(&s, &key_length);
        words_strip(&value, &value_length);
        finish_option(r);
        if (key_length == 0)
                return false;
        written = mem_strndup(s, key_length);
        key = words_lower(written);
        r->option = add_option(r->section, key, r->file, r->line);
        text_append_bytes(&r->value, value, value_length);
        return true;
}

static size_t indentation(const char *line, size_t length)
{
        size_t indent = 0, at = 0, n;

        while ((n = words_space(line + at, length - at)) > 0) {
                at += n;
                indent++;
        }
        return indent;
}

/* One line without its ending. */
static int read_line(
        struct reading *r, const char *line, size_t length, const char *ending, struct err *err)
{
        size_t whole = length, indent = indentation(line, length);
        const char *s = line;
        const char *close;

        words_strip(&s, &length);
        if (length && (*s == ';' || *s == '#'))
                return 0;
        s = line;
        length = comment_start(line, whole);
        words_strip(&s, &length);
        if (length == 0) {
                if (r->option && comment_start(line, whole) == whole)
                        text_append_char(&r->value, '\n');
                return 0;
        }
        if (memchr(line, '\0', whole)) {
                /* A value is a C string here; no text file has this. */
                bad_line(r, line, whole, ending);
                return 0;
        }
        if (r->option && indent > r->indent) {
                text_append_char(&r->value, '\n');
                text_append_bytes(&r->value, s, length);
                return 0;
        }
        r->indent = indent;
        close = *s == '[' ? memrchr(s, ']', length) : NULL;
        if (close && close > s + 1) {
                begin_section(r, s + 1, (size_t)(close - s - 1));
        } else if (!r->section) {
                CLEANUP(mem_free) char *path = text_repr(r->file);
                CLEANUP(mem_free) char *text = mem_format("%.*s%s", (int)whole, line, ending);
                CLEANUP(mem_free) char *quoted = text_repr(text);

                return err_set(err, -EINVAL,
                        "File contains no section headers.\nfile: %s, line: %d\n%s%s", path,
                        r->line, quoted,
                        r->line == 1 && text_starts(text, BYTE_ORDER_MARK)
                                ? "\nIt is about its byte order mark: save it as UTF-8 without "
                                  "one."
                                : "");
        } else if (!begin_option(r, s, length)) {
                bad_line(r, line, whole, ending);
        }
        return 0;
}

/* A line ends with \n, \r\n or \r. */
static int read_lines(struct reading *r, const char *data, size_t length, struct err *err)
{
        const char *end = data + length;

        while (data < end) {
                const char *newline = data;
                int result;

                while (newline < end && *newline != '\n' && *newline != '\r')
                        newline++;
                r->line++;
                result = read_line(
                        r, data, (size_t)(newline - data), newline < end ? "\n" : "", err);
                if (result < 0)
                        return result;
                data = newline + 1;
                if (newline < end - 1 && newline[0] == '\r' && newline[1] == '\n')
                        data++;
        }
        return 0;
}

static const char *keep_file(struct ini *ini, const char *path)
{
        for (size_t i = 0; i < ini->files_count; i++)
                if (strcmp(ini->files[i], path) == 0)
                        return ini->files[i];
        ini->files = mem_resize(ini->files, ini->files_count + 1, sizeof(*ini->files));
        return ini->files[ini->files_count++] = mem_strdup(path);
}

static int check_total(const struct ini *ini, struct err *err)
{
        if (ini->bytes <= INI_TOTAL_BYTES_MAX)
                return 0;
        return err_set(
                err, -E2BIG, "the configuration is larger than %zu MiB", INI_TOTAL_BYTES_MAX >> 20);
}

int ini_parse(struct ini *ini, const char *path, const char *data, size_t length, struct err *err)
{
        struct reading reading = { .ini = ini, .file = keep_file(ini, path) };
        CLEANUP(text_clear) struct text errors = {};
        int r;

        if (length > INI_FILE_BYTES_MAX)
                return err_set(err, -E2BIG, "configuration file '%s' is larger than %zu MiB", path,
                        INI_FILE_BYTES_MAX >> 20);
        r = read_lines(&reading, data, length, err);
        finish_option(&reading);
        text_clear(&reading.value);
        errors = reading.errors;
        if (r >= 0 && errors.length) {
                CLEANUP(mem_free) char *quoted = text_repr(path);

                r = err_set(err, -EINVAL, "Source contains parsing errors: %s%s", quoted,
                        text_string(&errors));
        }
        return r < 0 ? r : check_total(ini, err);
}

int ini_read(struct ini *ini, const char *path, struct err *err)
{
        CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
        CLEANUP(mem_free) char *data = NULL;
        size_t capacity = 0, length = 0;
        ssize_t n;

        if (fd < 0)
                return err_errno(err, -errno, "cannot open '%s'", path);
        do {
                data = mem_grow(data, &capacity, length + 65536, 1);
                n = read(fd, data + length, 65536);
                if (n < 0 && errno != EINTR)
                        return err_errno(err, -errno, "cannot read '%s'", path);
                length += n > 0 ? (size_t)n : 0;
        } while (n != 0 && length <= INI_FILE_BYTES_MAX);
        return ini_parse(ini, path, data, length, err);
}

static char *replaced(const char *value, const char *from, const char *to)
{
        CLEANUP(text_clear) struct text out = {};
        const char *found;

        /* What exceeds the limit is refused by the caller, who counts the bytes. */
        while (out.length <= INI_TOTAL_BYTES_MAX && (found = strstr(value, from))) {
                text_append_bytes(&out, value, (size_t)(found - value));
                text_append(&out, to);
                value = found + strlen(from);
        }
        text_append(&out, value);
        return text_take(&out);
}

static int replace_in(struct ini *ini, struct ini_section *section, const char *from,
        const char *to, struct err *err)
{
        for (struct ini_option *o = section->options; o; o = o->hh.next) {
                if (strstr(o->value, from))
                        set_value(ini, o, replaced(o->value, from, to));
                if (check_total(ini, err) < 0)
                        return -E2BIG;
        }
        return 0;
}

int ini_replace(struct ini *ini, const char *from, const char *to, struct err *err)
{
        for (struct ini_section *s = ini->sections; s; s = s->hh.next) {
                /* What is lent is replaced where it is lent to, because a section that is read
                 * later may be lent it with another replacement. */
                for (struct ini_option *o = ini->defaults->options; o; o = o->hh.next) {
                        struct ini_option *copy;

                        if (!strstr(o->value, from) || own_option(s, o->key))
                                continue;
                        copy = add_option(s, o->key, o->file, o->line);
                        set_value(ini, copy, mem_strdup(o->value));
                        copy->is_lent = true;
                }
                if (replace_in(ini, s, from, to, err) < 0)
                        return -E2BIG;
        }
        return 0;
}
