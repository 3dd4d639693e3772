/* Text: a growing string, and the few string facts that several folders need.  Pure. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

/* A growing byte string, always NUL-terminated once something was appended.  {} is an empty one. */
struct text {
        char *data;
        size_t length;
        size_t capacity;
};

void text_append(struct text *, const char *);
void text_append_bytes(struct text *, const void *, size_t length);
void text_append_char(struct text *, char);
void text_format(struct text *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vformat(struct text *, const char *format, va_list) __attribute__((format(printf, 2, 0)));
void text_reserve(struct text *, size_t more); /* so that so much can be appended at no price */
void text_truncate(struct text *, size_t length);
/* The bytes as a string that the caller owns; the text is empty again. */
char *text_take(struct text *) __attribute__((returns_nonnull));
const char *text_string(const struct text *) __attribute__((returns_nonnull)); /* never NULL */
void text_clear(struct text *);                                                /* releases */

static inline void text_clear_at(struct text *t)
{
        text_clear(t);
}

/* The quoted form that Python's repr() gives a string, which the messages of the dialect use:
 * single quotes, double ones when the text has a ' but no "; backslash, newline, tab, CR and what
 * is not printable escaped. Valid UTF-8 above ASCII stays as it is (Python escapes the
 * non-printable of it too, we do so for C1 controls only). */
void text_append_repr(struct text *, const char *, size_t length);
char *text_repr(const char *) __attribute__((returns_nonnull));

bool text_equal(const char *a, const char *b); /* NULL equals NULL only */
bool text_starts(const char *s, const char *prefix);
/* As isspace() in the C locale, whatever the locale is. */
static inline bool text_is_space(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Of a hexadecimal digit in either case; -1: it is none. */
int text_hex_digit(char);
size_t text_characters(const char *utf8, size_t length); /* how many code points */
/* Length of the valid UTF-8 sequence at s (1 to 4), 0 when there is none within 'length' bytes. */
size_t text_utf8_length(const char *s, size_t length);
bool text_is_utf8(const char *s, size_t length);
