/* Tokens: see formula_token.h. */
#include "rules/formula_token.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The longer ones first. */
static const char *const signs[] = { "**", "//", "<<", ">>", "<=", ">=", "==", "!=", "...", "+",
        "-", "*", "/", "%", "@", "&", "|", "^", "~", "<", ">", "(", ")", "[", "]", "{", "}", ",",
        ":", ".", "=" };

struct reader {
        const char *s; /* what is left */
        unsigned open; /* brackets: between them a line may end anywhere */
        struct formula_tokens *tokens;
        struct err *err;
};

static struct formula_token *append(struct reader *r, enum formula_token_type type, char *text)
{
        struct formula_tokens *t = r->tokens;

        t->at = mem_grow(t->at, &t->capacity, t->count + 1, sizeof(*t->at));
        t->at[t->count] = (struct formula_token){ .type = type, .text = text, .is_plain = true };
        return &t->at[t->count++];
}

static void append_character(struct text *t, uint32_t code)
{
        if (code < 0x80) {
                text_append_char(t, (char)code);
        } else if (code < 0x800) {
                text_append_char(t, (char)(0xc0 | code >> 6));
                text_append_char(t, (char)(0x80 | (code & 0x3f)));
        } else {
                if (code < 0x10000) {
                        text_append_char(t, (char)(0xe0 | code >> 12));
                } else {
                        text_append_char(t, (char)(0xf0 | code >> 18));
                        text_append_char(t, (char)(0x80 | (code >> 12 & 0x3f)));
                }
                text_append_char(t, (char)(0x80 | (code >> 6 & 0x3f)));
                text_append_char(t, (char)(0x80 | (code & 0x3f)));
        }
}

/* A character by its number, of 'digits' digits at r->s. */
static int read_code(struct reader *r, unsigned base, size_t digits, struct text *t)
{
        char copy[9] = {};
        uint32_t code;

        memcpy(copy, r->s, strnlen(r->s, digits));
        if (base == 16 && strspn(copy, "0123456789abcdefABCDEF") != digits)
                return err_set(r->err, -EINVAL, "the escape '\\%c' needs %zu hexadecimal digits",
                        r->s[-1], digits);
        code = (uint32_t)strtoul(copy, NULL, (int)base);
        if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
                return err_set(r->err, -EINVAL, "the escape '\\%s%s' is no character of a name",
                        base == 16 ? "x" : "", copy);
        append_character(t, code);
        r->s += digits;
        return 0;
}

/* What stands behind a backslash. */
static int read_escape(struct reader *r, struct text *t)
{
        static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
        char c = *r->s;
        const char *found = c ? strchr(from, c) : NULL;

        if (c >= '0' && c <= '7') {
                size_t digits = strspn(r->s, "01234567");

                return read_code(r, 8, digits < 3 ? digits : 3, t);
        }
        r->s++;
        if (c == 'x')
                return read_code(r, 16, 2, t);
        if (c == 'u')
                return read_code(r, 16, 4, t);
        if (c == 'U')
                return read_code(r, 16, 8, t);
        if (c == 'N')
                return err_set(r->err, -EINVAL, "the escape '\\N' is not supported");
        if (found)
                text_append_char(t, to[found - from]);
        else if (c != '\n') /* a line that goes on */
                text_format(t, "\\%c", c);
        return 0;
}

/* From its first quote on. */
static int read_string(struct reader *r, bool is_raw, bool is_bytes, bool is_format)
{
        CLEANUP(text_clear) struct text t = {};
        char quote[4] = { *r->s };
        struct formula_token *token;
        int e = 0;

        if (r->s[1] == *quote && r->s[2] == *quote)
                quote[1] = quote[2] = *quote;
        r->s += strlen(quote);
        while (e == 0 && *r->s && !text_starts(r->s, quote) && (*r->s != '\n' || quote[1])) {
                char c = *r->s++;

                if (c != '\\' || !*r->s) {
                        text_append_char(&t, c);
                } else if (is_raw) {
                        text_format(&t, "\\%c", *r->s++);
                } else {
                        e = read_escape(r, &t);
                }
        }
        if (e < 0)
                return e;
        if (!text_starts(r->s, quote))
                return err_set(r->err, -EINVAL, "a string has no end");
        r->s += strlen(quote);
        token = append(r, TOKEN_STRING, text_take(&t));
        token->is_bytes = is_bytes;
        token->is_plain = !is_bytes && !is_format;
        return 0;
}

static bool is_word(unsigned char c)
{
        return isalnum(c) || c == '_' || c >= 0x80;
}

/* A name, or the letters in front of a string. */
static int read_name(struct reader *r)
{
        static const char *const prefixes[] = { "r", "u", "b", "f", "br", "rb", "fr", "rf" };
        size_t length = 0;
        char *name;

        while (is_word((unsigned char)r->s[length]))
                length++;
        name = mem_strndup(r->s, length);
        r->s += length;
        if (*r->s != '\'' && *r->s != '"') {
                (void)append(r, TOKEN_NAME, name); /* what it is, is known */
                return 0;
        }
        for (size_t i = 0; i < ELEMENTS(prefixes); i++) {
                if (strcasecmp(name, prefixes[i]) != 0)
                        continue;
                mem_free(name);
                return read_string(r, strchr(prefixes[i], 'r'), strchr(prefixes[i], 'b'),
                        strchr(prefixes[i], 'f'));
        }
        (void)append(r, TOKEN_NAME, name); /* "not'p1'" */
        return 0;
}

/* As much as looks like one: it is never evaluated. */
static void read_number(struct reader *r)
{
        size_t length = 0;

        while (is_word((unsigned char)r->s[length]) || r->s[length] == '.')
                length++;
        (void)append(r, TOKEN_NUMBER, mem_strndup(r->s, length)); /* what it is, is known */
        r->s += length;
}

/* A semicolon may end the only expression. */
static bool is_last_semicolon(const char *s)
{
        s += strspn(s, " \t\f\r");
        return !*s || *s == '\n' || *s == '#';
}

static int read_sign(struct reader *r)
{
        size_t length;

        for (size_t i = 0; i < ELEMENTS(signs); i++) {
                if (!text_starts(r->s, signs[i]))
                        continue;
                if (strchr("([{", *r->s))
                        r->open++;
                if (strchr(")]}", *r->s) && r->open)
                        r->open--;
                (void)append(r, TOKEN_SIGN, mem_strdup(signs[i])); /* what it is, is known */
                r->s += strlen(signs[i]);
                return 0;
        }
        if (*r->s == ';' && !r->open && r->tokens->count && is_last_semicolon(r->s + 1)) {
                r->s++;
                return 0;
        }
        if (*r->s == ';')
                return err_set(r->err, -EINVAL, "there may be one expression only, and no ';'");
        length = text_utf8_length(r->s, strlen(r->s));
        return err_set(r->err, -EINVAL, "'%.*s' is not part of an expression",
                (int)(length ? length : 1), r->s);
}

/* Blanks, comments and, where they are allowed, ends of lines. */
static int skip_blanks(struct reader *r)
{
        for (;;) {
                r->s += strspn(r->s, " \t\f\r");
                if (r->s[0] == '\\' && r->s[1] == '\n') {
                        r->s += 2;
                        continue;
                }
                if (*r->s == '#')
                        r->s += strcspn(r->s, "\n");
                if (*r->s == '\n' && !r->open && r->s[strspn(r->s, " \t\f\r\n")] &&
                        r->s[strspn(r->s, " \t\f\r\n")] != '#')
                        return err_set(r->err, -EINVAL,
                                "a line may only end between parentheses, or behind all");
                if (*r->s != '\n')
                        return 0;
                r->s++;
        }
}

/* Empty lines and comments may come first, but the expression's own line begins with it. */
static int skip_head(struct reader *r)
{
        for (;;) {
                size_t blanks = strspn(r->s, " \t\f\r");

                if (r->s[blanks] == '#')
                        r->s += strcspn(r->s, "\n");
                else if (r->s[blanks] == '\n' || !r->s[blanks])
                        r->s += blanks;
                else if (blanks)
                        return err_set(r->err, -EINVAL, "there are blanks in front of it");
                if (*r->s != '\n')
                        return 0;
                r->s++;
        }
}

int formula_tokens_read(const char *text, struct formula_tokens *ret, struct err *err)
{
        struct reader r = { .s = text, .tokens = ret, .err = err };
        int e = skip_head(&r);

        while (e == 0 && *r.s) {
                unsigned char c = (unsigned char)*r.s;

                if (c == '\'' || c == '"')
                        e = read_string(&r, false, false, false);
                else if (isdigit(c) || (c == '.' && isdigit((unsigned char)r.s[1])))
                        read_number(&r);
                else if (is_word(c))
                        e = read_name(&r);
                else
                        e = read_sign(&r);
                if (e == 0)
                        e = skip_blanks(&r);
        }
        if (e == 0)
                (void)append(&r, TOKEN_END, mem_strdup("")); /* what it is, is known */
        return e;
}

void formula_tokens_clear(struct formula_tokens *tokens)
{
        for (size_t i = 0; i < tokens->count; i++)
                mem_free(tokens->at[i].text);
        mem_free(tokens->at);
        *tokens = (struct formula_tokens){};
}
