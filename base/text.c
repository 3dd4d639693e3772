/* Text: see text.h. */
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void text_reserve(struct text *t, size_t more)
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

void text_append_repr(struct text *t, const char *s, size_t length)
{
        char quote = memchr(s, '\'', length) && !memchr(s, '"', length) ? '"' : '\'';

        text_append_char(t, quote);
        for (size_t i = 0; i < length;) {
                size_t n = text_utf8_length(s + i, length - i);

                /* U+0080 to U+009F are controls, U+00A0 and U+00AD not printable either. */
                if (n == 2 && (unsigned char)s[i] == 0xc2 &&
                        ((unsigned char)s[i + 1] <= 0xa0 || (unsigned char)s[i + 1] == 0xad)) {
                        text_format(t, "\\x%02x", (unsigned char)s[i + 1]);
                } else if (n > 1) {
                        text_append_bytes(t, s + i, n);
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
