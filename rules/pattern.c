/* Patterns: see pattern.h.  pcre2 speaks nearly the language of Python's re module; what means
 * something else there is rewritten before it is compiled, what Python refuses is refused. */
#include "rules/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <errno.h>
#include <pcre2.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

/* Names are short: honest patterns need some hundred steps, and all of these take a millisecond. */
#define STEPS_MAX     100000
#define HEAP_KIB_MAX  4096
#define COMPILE_FLAGS (PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C)

struct pattern {
        pcre2_code *code;
        pcre2_match_context *limits;
        pcre2_match_data *data;
};

static void *take_memory(size_t size, void *context)
{
        return mem_new(size);
}

static void release_memory(void *p, void *context)
{
        mem_free(p);
}

static bool are_hex(const char *s, size_t count)
{
        return strspn(s, "0123456789abcdefABCDEF") >= count;
}

/* Appends what stands behind a backslash at *s, and moves *s behind it. */
static int translate_escape(struct text *t, const char **s, struct err *err)
{
        char c = **s;
        size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;

        if (!c)
                return err_set(err, -EINVAL, "there is nothing behind the last backslash");
        if (((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) &&
                !strchr("AbBdDsSwWZzafnrtvxuU", c))
                return err_set(err, -EINVAL, "there is no such escape as '\\%c'", c);
        ++*s;
        if (digits) {
                if (!are_hex(*s, digits))
                        return err_set(err, -EINVAL,
                                "'\\%c' needs %zu hexadecimal digits behind it", c, digits);
                text_format(t, "\\x{%.*s}", (int)digits, *s);
                *s += digits;
        } else if (c == 'Z') {
                text_append(t, "\\z"); /* the very end: pcre2's \Z allows a newline there */
        } else if (c == 'v') {
                text_append(t, "\\x0b"); /* one character in Python, a class in pcre2 */
        } else {
                text_format(t, "\\%c", c);
        }
        return 0;
}

/* A set in brackets; *s is behind the opening one. */
static int translate_set(struct text *t, const char **s, struct err *err)
{
        int r = 0;

        text_append_char(t, '[');
        if (**s == '^')
                text_append_char(t, *(*s)++);
        if (**s == ']') { /* the first one is a member */
                text_append(t, "\\]");
                ++*s;
        }
        while (r == 0 && **s && **s != ']') {
                char c = *(*s)++;

                if (c == '\\')
                        r = translate_escape(t, s, err);
                else if (c == '[')
                        text_append(t, "\\["); /* Python has no [:alpha:] */
                else
                        text_append_char(t, c);
        }
        return r;
}

/* A parenthesis; *s is behind it. */
static int translate_group(struct text *t, const char **s, struct err *err)
{
        if (**s == '*')
                return err_set(err, -EINVAL, "there is nothing that the '*' could repeat");
        if (strncmp(*s, "?#", 2) == 0) {
                const char *end = strchr(*s, ')');

                if (!end)
                        return err_set(err, -EINVAL, "a comment has no end");
                *s = end + 1;
                return 0;
        }
        text_append_char(t, '(');
        return 0;
}

static int translate(const char *s, struct text *t, struct err *err)
{
        int r = 0;

        while (r == 0 && *s) {
                char c = *s++;

                if (c == '\\')
                        r = translate_escape(t, &s, err);
                else if (c == '[')
                        r = translate_set(t, &s, err);
                else if (c == '(')
                        r = translate_group(t, &s, err);
                else if (c == '{' && *s == ',' && s[1 + strspn(s + 1, "0123456789")] == '}')
                        text_append(t, "{0"); /* from none on */
                else
                        text_append_char(t, c);
        }
        return r;
}

static int compile(struct pattern *p, const char *text, struct err *err)
{
        pcre2_general_context *memory =
                pcre2_general_context_create(take_memory, release_memory, NULL);
        pcre2_compile_context *context = pcre2_compile_context_create(memory);
        PCRE2_UCHAR words[256];
        PCRE2_SIZE offset = 0;
        int code = 0;

        p->code = pcre2_compile(
                (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, COMPILE_FLAGS, &code, &offset, context);
        pcre2_compile_context_free(context);
        if (p->code) {
                p->data = pcre2_match_data_create_from_pattern(p->code, memory);
                p->limits = pcre2_match_context_create(memory);
                (void)pcre2_set_match_limit(p->limits, STEPS_MAX); /* these three return 0 */
                (void)pcre2_set_depth_limit(p->limits, STEPS_MAX);
                (void)pcre2_set_heap_limit(p->limits, HEAP_KIB_MAX);
        }
        pcre2_general_context_free(memory);
        if (p->code)
                return 0;
        if (pcre2_get_error_message(code, words, sizeof(words)) < 0)
                words[0] = '\0';
        return err_set(err, -EINVAL, "%s", (const char *)words);
}

int pattern_compile(const char *text, struct pattern **ret, struct err *err)
{
        CLEANUP(pattern_free) struct pattern *p = mem_new(sizeof(*p));
        CLEANUP(text_clear) struct text translated = {};
        int r;

        if (strlen(text) > PATTERN_LENGTH_MAX)
                return err_set(err, -EINVAL,
                        "the regular expression '%.60s...' is longer than %d "
                        "bytes",
                        text, PATTERN_LENGTH_MAX);
        r = translate(text, &translated, err);
        if (r == 0)
                r = compile(p, text_string(&translated), err);
        if (r < 0)
                return err_wrap(err, r, "the regular expression '%s' is not valid", text);
        *ret = TAKE(p);
        return 0;
}

struct pattern *pattern_free(struct pattern *p)
{
        if (!p)
                return NULL;
        pcre2_match_data_free(p->data);
        pcre2_match_context_free(p->limits);
        pcre2_code_free(p->code);
        return mem_free(p);
}

static int run(const struct pattern *p, const char *subject, uint32_t flags, size_t *ret_length)
{
        int r = pcre2_match(
                p->code, (PCRE2_SPTR)subject, strlen(subject), 0, flags, p->data, p->limits);
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(p->data);

        if (r == PCRE2_ERROR_NOMATCH)
                return 0;
        if (r < 0)
                return -E2BIG;
        if (ret_length)
                *ret_length = ends[1] > ends[0]
                                      ? text_characters(subject + ends[0], ends[1] - ends[0])
                                      : 0;
        return 1;
}

int pattern_search(const struct pattern *p, const char *subject, size_t *ret_length)
{
        return run(p, subject, 0, ret_length);
}

int pattern_match(const struct pattern *p, const char *subject, size_t *ret_length)
{
        return run(p, subject, PCRE2_ANCHORED, ret_length);
}
