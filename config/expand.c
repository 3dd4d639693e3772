/* Expansion: see expand.h.  One conversion is read into a struct conversion, then written. */
#define uthash_malloc(size)  mem_new(size)
#define uthash_free(p, size) mem_free(p)

#include "config/expand.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/text.h"
#include "config/words.h"

struct expansion {
        char *name;
        char *text;
        bool is_number;
        int64_t number;
        UT_hash_handle hh;
};

struct expand_map {
        const struct expand_map *parent;
        struct expansion *entries;
};

struct expand_map *expand_map_new(const struct expand_map *parent)
{
        struct expand_map *map = mem_new(sizeof(*map));

        map->parent = parent;
        return map;
}

struct expand_map *expand_map_free(struct expand_map *map)
{
        struct expansion *entry, *next;

        if (!map)
                return NULL;
        HASH_ITER (hh, map->entries, entry, next) {
                HASH_DEL(map->entries, entry);
                mem_free(entry->name);
                mem_free(entry->text);
                mem_free(entry);
        }
        return mem_free(map);
}

static const struct expansion *find(const struct expand_map *map, const char *name)
{
        struct expansion *entry = NULL;

        for (; map && !entry; map = map->parent)
                HASH_FIND_STR(map->entries, name, entry);
        return entry;
}

static struct expansion *entry_of(struct expand_map *map, const char *name)
{
        struct expansion *entry;

        HASH_FIND_STR(map->entries, name, entry);
        if (!entry) {
                entry = mem_new(sizeof(*entry));
                entry->name = mem_strdup(name);
                HASH_ADD_KEYPTR(hh, map->entries, entry->name, strlen(entry->name), entry);
        }
        entry->text = mem_free(entry->text);
        return entry;
}

void expand_map_set(struct expand_map *map, const char *name, const char *value)
{
        struct expansion *entry = entry_of(map, name);

        entry->text = mem_strdup(value);
        entry->is_number = false;
}

void expand_map_set_number(struct expand_map *map, const char *name, int64_t value)
{
        struct expansion *entry = entry_of(map, name);

        entry->text = mem_format("%lld", (long long)value);
        entry->is_number = true;
        entry->number = value;
}

void expand_map_set_environment(struct expand_map *map, char *const *environment)
{
        for (; environment && *environment; environment++) {
                const char *equals = strchr(*environment, '=');
                CLEANUP(mem_free) char *name = NULL;

                if (!equals)
                        continue;
                name = mem_format("ENV_%.*s", (int)(equals - *environment), *environment);
                expand_map_set(map, name, equals + 1);
        }
}

struct conversion {
        const char *at; /* what is not read yet of the format */
        const char *format;
        const struct expansion *value; /* NULL: written without a name */
        bool value_is_used;            /* a '*' takes the value away */
        bool left, plus, space, alternative, zero;
        size_t width;
        bool has_precision;
        size_t precision;
        char letter;
};

static int compare_names(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of the map and its parents, sorted, none twice; joined by ", ". */
static char *available_names(const struct expand_map *map)
{
        CLEANUP(text_clear) struct text joined = {};
        CLEANUP(mem_free) const char **names = NULL;
        size_t count = 0, capacity = 0;

        for (; map; map = map->parent)
                for (struct expansion *e = map->entries; e; e = e->hh.next) {
                        names = mem_grow(names, &capacity, count + 1, sizeof(*names));
                        names[count++] = e->name;
                }
        if (count)
                qsort(names, count, sizeof(*names), compare_names);
        for (size_t i = 0; i < count; i++)
                if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
                        text_format(&joined, "%s%s", i ? ", " : "", names[i]);
        return text_take(&joined);
}

static int fail_unknown(struct conversion *c, const char *label, const char *name,
        const struct expand_map *map, struct err *err)
{
        CLEANUP(mem_free) char *value = text_repr(c->format), *quoted = text_repr(label);
        CLEANUP(mem_free) char *unknown = text_repr(name), *names = available_names(map);

        return err_set(err, -EINVAL,
                "Format string %s for %s contains names (%s) which cannot be expanded. "
                "Available names: %s",
                value, quoted, unknown, names);
}

/* -EBADMSG with a reason, to which expand_text() puts value and label in front; or -EINVAL with the
 * whole sentence. */
static int read_name(
        struct conversion *c, const char *label, const struct expand_map *map, struct err *err)
{
        const char *begin = c->at + 1;
        CLEANUP(mem_free) char *name = NULL;
        int depth = 1;

        c->value = NULL;
        if (*c->at != '(')
                return 0;
        for (c->at++; *c->at && depth > 0; c->at++)
                depth += *c->at == '(' ? 1 : *c->at == ')' ? -1 : 0;
        if (depth > 0)
                return err_set(err, -EBADMSG, "incomplete format key");
        name = mem_strndup(begin, (size_t)(c->at - begin - 1));
        c->value = find(map, name);
        return c->value ? 0 : fail_unknown(c, label, name, map, err);
}

static void read_flags(struct conversion *c)
{
        for (;; c->at++) {
                if (*c->at == '-')
                        c->left = true;
                else if (*c->at == '+')
                        c->plus = true;
                else if (*c->at == ' ')
                        c->space = true;
                else if (*c->at == '#')
                        c->alternative = true;
                else if (*c->at == '0')
                        c->zero = true;
                else
                        return;
        }
}

static int read_number(struct conversion *c, size_t *ret, const char *what, struct err *err)
{
        *ret = 0;
        if (*c->at == '*') {
                c->at++;
                if (!c->value || c->value_is_used || !c->value->is_number)
                        return err_set(err, -EBADMSG, "%s",
                                c->value_is_used ? "not enough arguments for format string"
                                                 : "* wants int");
                c->value_is_used = true;
                return 0;
        }
        for (; *c->at >= '0' && *c->at <= '9'; c->at++) {
                *ret = *ret * 10 + (size_t)(*c->at - '0');
                if (*ret > EXPAND_BYTES_MAX)
                        return err_set(err, -EBADMSG, "%s too big", what);
        }
        return 0;
}

static int read_conversion(
        struct conversion *c, const char *label, const struct expand_map *map, struct err *err)
{
        int r = read_name(c, label, map, err);

        if (r < 0)
                return r;
        c->value_is_used = c->left = c->plus = c->space = c->alternative = c->zero = false;
        c->has_precision = false;
        c->precision = 0;
        read_flags(c);
        r = read_number(c, &c->width, "width", err);
        if (r < 0)
                return r;
        if (*c->at == '.') {
                c->at++;
                c->has_precision = true;
                r = read_number(c, &c->precision, "precision", err);
                if (r < 0)
                        return r;
        }
        if (*c->at == 'h' || *c->at == 'l' || *c->at == 'L')
                c->at++;
        c->letter = *c->at;
        if (!c->letter)
                return err_set(err, -EBADMSG, "incomplete format");
        c->at++;
        return 0;
}

static size_t character_length(const char *s)
{
        size_t n = text_utf8_length(s, strnlen(s, 4));

        return n ? n : 1;
}

static size_t character_count(const char *s, size_t length)
{
        size_t count = 0;

        for (size_t i = 0; i < length; count++)
                i += character_length(s + i);
        return count;
}

static void pad(struct text *out, char c, size_t count)
{
        for (; count > 0; count--)
                text_append_char(out, c);
}

/* Sign or prefix, then zeros if those are wanted, then the body, in a field of the width. */
static void write_field(
        struct text *out, const struct conversion *c, const char *prefix, const char *body)
{
        size_t used = strlen(prefix) + character_count(body, strlen(body));
        size_t fill = c->width > used ? c->width - used : 0;

        if (fill && !c->left && !c->zero)
                pad(out, ' ', fill);
        text_append(out, prefix);
        if (fill && !c->left && c->zero)
                pad(out, '0', fill);
        text_append(out, body);
        if (fill && c->left)
                pad(out, ' ', fill);
}

static void write_string(struct text *out, struct conversion *c)
{
        CLEANUP(mem_free) char *body = NULL;

        if (c->letter != 's' && !c->value->is_number)
                body = text_repr(c->value->text);
        else
                body = mem_strdup(c->value->text);
        if (c->letter == 'a') {
                CLEANUP(text_clear) struct text ascii = {};

                for (const char *p = body; *p; p += character_length(p)) {
                        const unsigned char *u = (const unsigned char *)p;

                        switch (character_length(p)) {
                        case 2:
                                if (u[0] < 0xc4)
                                        text_format(&ascii, "\\x%02x",
                                                (u[0] & 0x1fu) << 6 | (u[1] & 0x3fu));
                                else
                                        text_format(&ascii, "\\u%04x",
                                                (u[0] & 0x1fu) << 6 | (u[1] & 0x3fu));
                                break;
                        case 3:
                                text_format(&ascii, "\\u%04x",
                                        (u[0] & 0xfu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu));
                                break;
                        case 4:
                                text_format(&ascii, "\\U%08x",
                                        (u[0] & 7u) << 18 | (u[1] & 0x3fu) << 12 |
                                                (u[2] & 0x3fu) << 6 | (u[3] & 0x3fu));
                                break;
                        default:
                                text_append_char(&ascii, *p);
                        }
                }
                mem_free(body);
                body = text_take(&ascii);
        }
        if (c->has_precision) {
                char *end = body;

                for (size_t i = 0; i < c->precision && *end; i++)
                        end += character_length(end);
                *end = '\0';
        }
        c->zero = false; /* zeros are for numbers */
        write_field(out, c, "", body);
}

static const char *sign_of(const struct conversion *c, bool negative)
{
        return negative ? "-" : c->plus ? "+" : c->space ? " " : "";
}

static void write_integer(struct text *out, const struct conversion *c)
{
        int64_t n = c->value->number;
        unsigned long long magnitude = n < 0 ? 0 - (unsigned long long)n : (unsigned long long)n;
        CLEANUP(text_clear) struct text digits = {};
        CLEANUP(mem_free) char *prefix = NULL;
        CLEANUP(mem_free)
        char *plain = mem_format(c->letter == 'o'   ? "%llo"
                                 : c->letter == 'x' ? "%llx"
                                 : c->letter == 'X' ? "%llX"
                                                    : "%llu",
                magnitude);
        const char *base = "";

        if (c->alternative)
                base = c->letter == 'o'   ? "0o"
                       : c->letter == 'x' ? "0x"
                       : c->letter == 'X' ? "0X"
                                          : "";
        prefix = mem_format("%s%s", sign_of(c, n < 0), base);
        if (c->has_precision && c->precision > strlen(plain))
                pad(&digits, '0', c->precision - strlen(plain));
        text_append(&digits, plain);
        write_field(out, c, prefix, text_string(&digits));
}

static void write_float(struct text *out, const struct conversion *c)
{
        double number = (double)c->value->number;
        double magnitude = number < 0 ? -number : number;
        int precision = c->has_precision ? (int)c->precision : 6;
        CLEANUP(mem_free) char *body = NULL;

        if (c->letter == 'e' || c->letter == 'E')
                body = mem_format(c->alternative ? "%#.*e" : "%.*e", precision, magnitude);
        else if (c->letter == 'g' || c->letter == 'G')
                body = mem_format(c->alternative ? "%#.*g" : "%.*g", precision, magnitude);
        else
                body = mem_format(c->alternative ? "%#.*f" : "%.*f", precision, magnitude);
        if (c->letter == 'E' || c->letter == 'G') {
                char *upper = words_upper(body);

                mem_free(body);
                body = upper;
        }
        write_field(out, c, sign_of(c, number < 0), body);
}

/* UTF-8 of a code point. */
static void append_code_point(struct text *out, uint32_t code)
{
        if (code < 0x80) {
                text_append_char(out, (char)code);
        } else if (code < 0x800) {
                text_append_char(out, (char)(0xc0 | code >> 6));
                text_append_char(out, (char)(0x80 | (code & 0x3f)));
        } else if (code < 0x10000) {
                text_append_char(out, (char)(0xe0 | code >> 12));
                text_append_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
                text_append_char(out, (char)(0x80 | (code & 0x3f)));
        } else {
                text_append_char(out, (char)(0xf0 | code >> 18));
                text_append_char(out, (char)(0x80 | (code >> 12 & 0x3f)));
                text_append_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
                text_append_char(out, (char)(0x80 | (code & 0x3f)));
        }
}

static int write_character(struct text *out, struct conversion *c, struct err *err)
{
        CLEANUP(text_clear) struct text body = {};
        const struct expansion *v = c->value;

        if (v->is_number && (v->number < 0 || v->number > 0x10ffff))
                return err_set(err, -EBADMSG, "%%c arg not in range(0x110000)");
        /* A NUL cannot be in a value, nor half of a surrogate pair in UTF-8. */
        if (v->is_number && (v->number == 0 || (v->number >= 0xd800 && v->number <= 0xdfff)))
                return err_set(err, -EBADMSG, "%%c arg is not a character");
        if (!v->is_number && (!*v->text || v->text[character_length(v->text)]))
                return err_set(err, -EBADMSG, "%%c requires int or char");
        if (v->is_number)
                append_code_point(&body, (uint32_t)v->number);
        else
                text_append(&body, v->text);
        c->zero = false;
        write_field(out, c, "", text_string(&body));
        return 0;
}

static int fail_letter(const struct conversion *c, struct err *err)
{
        const char *letter = c->at - 1;
        size_t n = character_length(letter);
        const unsigned char *u = (const unsigned char *)letter;
        uint32_t code = *u;

        if (n > 1) {
                code = *u & (0xffu >> (n + 1));
                for (size_t i = 1; i < n; i++)
                        code = code << 6 | (u[i] & 0x3f);
        }
        return err_set(err, -EBADMSG, "unsupported format character '%c' (0x%x) at index %zu",
                code > 31 && code < 127 ? (int)code : '?', code,
                character_count(c->format, (size_t)(letter - c->format)));
}

/* Python formats the whole mapping when a conversion has no name, which would leak the environment
 * into a value; here that is a bad format. */
static int fail_nameless(const struct conversion *c, struct err *err)
{
        if (strchr("diu", c->letter))
                return err_set(err, -EBADMSG, "%%%c format: a real number is required, not dict",
                        c->letter);
        if (strchr("oxX", c->letter))
                return err_set(
                        err, -EBADMSG, "%%%c format: an integer is required, not dict", c->letter);
        if (strchr("eEfFgG", c->letter))
                return err_set(err, -EBADMSG, "must be real number, not dict");
        if (c->letter == 'c')
                return err_set(err, -EBADMSG, "%%c requires int or char");
        return err_set(err, -EBADMSG, "not enough arguments for format string");
}

static int write_conversion(struct text *out, struct conversion *c, struct err *err)
{
        if (c->value_is_used)
                return err_set(err, -EBADMSG, "not enough arguments for format string");
        if (!strchr("diuoxXeEfFgGcrsa", c->letter))
                return fail_letter(c, err);
        if (!c->value)
                return fail_nameless(c, err);
        if (strchr("rsa", c->letter)) {
                write_string(out, c);
                return 0;
        }
        if (c->letter == 'c')
                return write_character(out, c, err);
        if (strchr("diuoxX", c->letter)) {
                if (!c->value->is_number)
                        return err_set(err, -EBADMSG, "%%%c format: %s is required, not str",
                                c->letter,
                                strchr("diu", c->letter) ? "a real number" : "an integer");
                write_integer(out, c);
                return 0;
        }
        if (!c->value->is_number)
                return err_set(err, -EBADMSG, "must be real number, not str");
        write_float(out, c);
        return 0;
}

static int expand_all(struct text *out, const char *text, const char *label,
        const struct expand_map *map, struct err *err)
{
        struct conversion c = { .at = text, .format = text };

        while (*c.at) {
                size_t plain = strcspn(c.at, "%");
                int r;

                text_append_bytes(out, c.at, plain);
                c.at += plain;
                if (!*c.at)
                        break;
                c.at++;
                if (*c.at == '%') {
                        text_append_char(out, *c.at++);
                        continue;
                }
                r = read_conversion(&c, label, map, err);
                if (r >= 0)
                        r = write_conversion(out, &c, err);
                if (r < 0)
                        return r;
                if (out->length > EXPAND_BYTES_MAX)
                        return err_set(err, -EBADMSG, "the result is too long");
        }
        return 0;
}

int expand_text(const char *text, const char *label, const struct expand_map *map, char **ret,
        struct err *err)
{
        CLEANUP(text_clear) struct text out = {};
        struct err reason;
        int r;

        reason.text[0] = '\0';
        r = expand_all(&out, text, label, map, &reason);
        if (r >= 0) {
                *ret = text_take(&out);
                return 0;
        }
        if (r == -EBADMSG) {
                CLEANUP(mem_free) char *value = text_repr(text), *quoted = text_repr(label);

                return err_set(err, -EINVAL, "Format string %s for %s is badly formatted: %s",
                        value, quoted, reason.text);
        }
        return err_set(err, r, "%s", reason.text);
}
