/* Text: see text.h. */
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

void text_reserve(struct text *t, size_t more)
{
        t->data = mem_grow(t->data, &t->capacity, t->length + more + 1, 1);
}

void text_append_bytes(struct text *t, const void *bytes, size_t length)
{
        text_reserve(t, length);
        if (length)
                memcpy(t->data + t->length, bytes, length);
        t->length += length;
        t->data[t->length] = '\0';
}

void text_append(struct text *t, const char *s)
{
        text_append_bytes(t, s, strlen(s));
}

void text_append_char(struct text *t, char c)
{
        text_append_bytes(t, &c, 1);
}

void text_vformat(struct text *t, const char *format, va_list ap)
{
        char *s = mem_vformat(format, ap);

        text_append(t, s);
        mem_free(s);
}

void text_format(struct text *t, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        text_vformat(t, format, ap);
        va_end(ap);
}

void text_truncate(struct text *t, size_t length)
{
        if (length >= t->length)
                return;
        t->length = length;
        t->data[length] = '\0';
}

char *text_take(struct text *t)
{
        char *s = t->data ? t->data : mem_strdup("");

        *t = (struct text){};
        return s;
}

const char *text_string(const struct text *t)
{
        return t->data ? t->data : "";
}

void text_clear(struct text *t)
{
        mem_free(t->data);
        *t = (struct text){};
}

static void append_repr_char(struct text *t, unsigned char c, char quote)
{
        if (c == '\n')
                text_append(t, "\\n");
        else if (c == '\r')
                text_append(t, "\\r");
        else if (c == '\t')
                text_append(t, "\\t");
        else if (c == '\\' || c == (unsigned char)quote)
                text_format(t, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
                text_format(t, "\\x%02x", c);
        else
                text_append_char(t, (char)c);
}

/* Of a whole sequence. */
static uint32_t code_of(const char *s, size_t n)
{
        uint32_t code = (unsigned char)s[0] & (0xffu >> (n + 1));

        for (size_t i = 1; i < n; i++)
                code = code << 6 | ((unsigned char)s[i] & 0x3f);
        return code;
}

/* What Python's repr() escapes beyond ASCII: controls, formats, spaces, what is private and what is
 * no character at all.  What a later Unicode may still assign counts as a character. */
static bool is_hidden(uint32_t code)
{
        static const struct {
                uint32_t first, last;
        } hidden[] = { { 0x80, 0xa0 }, { 0xad, 0xad }, { 0x600, 0x605 }, { 0x61c, 0x61c },
                { 0x6dd, 0x6dd }, { 0x70f, 0x70f }, { 0x890, 0x891 }, { 0x8e2, 0x8e2 },
                { 0x1680, 0x1680 }, { 0x180e, 0x180e }, { 0x2000, 0x200f }, { 0x2028, 0x202f },
                { 0x205f, 0x206f }, { 0x3000, 0x3000 }, { 0xe000, 0xf8ff }, { 0xfdd0, 0xfdef },
                { 0xfeff, 0xfeff }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0x110bd, 0x110bd },
                { 0x110cd, 0x110cd }, { 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 },
                { 0x1d173, 0x1d17a }, { 0xe0000, 0xe00ff }, { 0xe01f0, 0x10ffff } };

        for (size_t i = 0; i < ELEMENTS(hidden); i++)
                if (code >= hidden[i].first && code <= hidden[i].last)
                        return true;
        return false;
}

static void append_repr_code(struct text *t, const char *s, size_t n)
{
        uint32_t code = code_of(s, n);

        if (!is_hidden(code))
                text_append_bytes(t, s, n);
        else if (code < 0x100)
                text_format(t, "\\x%02x", code);
        else if (code < 0x10000)
                text_format(t, "\\u%04x", code);
        else
                text_format(t, "\\U%08x", code);
}

void text_append_repr(struct text *t, const char *s, size_t length)
{
        char quote = memchr(s, '\'', length) && !memchr(s, '"', length) ? '"' : '\'';

        text_append_char(t, quote);
        for (size_t i = 0; i < length;) {
                size_t n = text_utf8_length(s + i, length - i);

                if (n > 1) {
                        append_repr_code(t, s + i, n);
                } else {
                        append_repr_char(t, (unsigned char)s[i], quote);
                        n = 1;
                }
                i += n;
        }
        text_append_char(t, quote);
}

char *text_repr(const char *s)
{
        struct text t = {};

        text_append_repr(&t, s, strlen(s));
        return text_take(&t);
}

bool text_equal(const char *a, const char *b)
{
        return a == b || (a && b && strcmp(a, b) == 0);
}

bool text_starts(const char *s, const char *prefix)
{
        return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
int text_hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t text_characters(const char *utf8, size_t length)
{
        size_t count = 0;

        for (size_t i = 0; i < length; i++)
                count += ((unsigned char)utf8[i] & 0xc0) != 0x80;
        return count;
}

size_t text_utf8_length(const char *s, size_t length)
{
        const unsigned char *u = (const unsigned char *)s;
        static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
        uint32_t code;
        size_t n;

        if (length == 0)
                return 0;
        if (u[0] < 0x80)
                return 1;
        n = u[0] >= 0xf0 && u[0] < 0xf8   ? 4
            : u[0] >= 0xe0 && u[0] < 0xf0 ? 3
            : u[0] >= 0xc0 && u[0] < 0xe0 ? 2
                                          : 0;
        if (n == 0 || n > length)
                return 0;
        code = u[0] & (0xffu >> (n + 1));
        for (size_t i = 1; i < n; i++) {
                if ((u[i] & 0xc0) != 0x80)
                        return 0;
                code = code << 6 | (u[i] & 0x3f);
        }
        if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
                return 0;
        return n;
}

bool text_is_utf8(const char *s, size_t length)
{
        for (size_t i = 0; i < length;) {
                size_t n = text_utf8_length(s + i, length - i);

                if (n == 0)
                        return false;
                i += n;
        }
        return true;
}
