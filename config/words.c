/* Words: see words.h. */
#include "config/words.h"

#include <string.h>

/* Beyond ASCII these count too: files that went through a word processor have them. */
static const char *const wide_spaces[] = {
        "\xc2\x85",                                     /* next line */
        "\xc2\xa0",                                     /* no-break */
        "\xe1\x9a\x80",                                 /* ogham */
        "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", /* U+2000 and on: quads and fixed widths */
        "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", /* */
        "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", /* */
        "\xe2\x80\x89", "\xe2\x80\x8a",                 /* */
        "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", /* line, paragraph, narrow no-break */
        "\xe2\x81\x9f", "\xe3\x80\x80",                 /* mathematical, ideographic */
};

static bool is_ascii_space(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

size_t words_space(const char *s, size_t length)
{
        if (length == 0)
                return 0;
        if ((unsigned char)*s < 0x80)
                return is_ascii_space(*s) ? 1 : 0;
        for (size_t i = 0; i < ELEMENTS(wide_spaces); i++) {
                size_t n = strlen(wide_spaces[i]);

                if (n <= length && memcmp(s, wide_spaces[i], n) == 0)
                        return n;
        }
        return 0;
}

static size_t trailing_space(const char *s, size_t length)
{
        for (size_t n = 1; n <= 3 && n <= length; n++)
                if (words_space(s + length - n, n) == n)
                        return n;
        return 0;
}

bool words_end_in_space(const char *s, size_t length)
{
        return trailing_space(s, length) > 0;
}

void words_strip(const char **s, size_t *length)
{
        size_t n;

        while ((n = words_space(*s, *length)) > 0) {
                *s += n;
                *length -= n;
        }
        while ((n = trailing_space(*s, *length)) > 0)
                *length -= n;
}

char *words_stripped(const char *s)
{
        size_t length = strlen(s);

        words_strip(&s, &length);
        return mem_strndup(s, length);
}

char *words_lower(const char *s)
{
        char *lower = mem_strdup(s);

        for (char *p = lower; *p; p++)
                if (*p >= 'A' && *p <= 'Z')
                        *p = (char)(*p - 'A' + 'a');
        return lower;
}

char *words_upper(const char *s)
{
        char *upper = mem_strdup(s);

        for (char *p = upper; *p; p++)
                if (*p >= 'a' && *p <= 'z')
                        *p = (char)(*p - 'a' + 'A');
        return upper;
}

struct word_builder {
        char **words;
        size_t count;
        size_t capacity;
};

static void add(struct word_builder *b, char *taken)
{
        b->words = mem_grow(b->words, &b->capacity, b->count + 2, sizeof(*b->words));
        if (taken)
                b->words[b->count++] = taken;
        b->words[b->count] = NULL;
}

char **words_list(const char *s)
{
        struct word_builder b = {};

        add(&b, NULL);
        while (*s) {
                size_t whole = strcspn(s, ","), length = whole;
                const char *item = s;

                words_strip(&item, &length);
                add(&b, mem_strndup(item, length));
                s += whole;
                if (*s == ',' && *++s == '\0')
                        add(&b, mem_strdup(""));
        }
        return b.words;
}

char **words_split(const char *s)
{
        struct word_builder b = {};
        size_t left = strlen(s), n;

        add(&b, NULL);
        while (left) {
                size_t length = 0;

                while ((n = words_space(s, left)) > 0) {
                        s += n;
                        left -= n;
                }
                while (length < left && words_space(s + length, left - length) == 0)
                        length++;
                if (length)
                        add(&b, mem_strndup(s, length));
                s += length;
                left -= length;
        }
        return b.words;
}

size_t words_count(char *const *words)
{
        size_t count = 0;

        while (words && words[count])
                count++;
        return count;
}

char **words_append(char **words, char *taken)
{
        size_t count = words_count(words);

        words = mem_resize(words, count + 2, sizeof(*words));
        words[count] = taken;
        words[count + 1] = NULL;
        return words;
}

char **words_free(char **words)
{
        for (char **w = words; w && *w; w++)
                mem_free(*w);
        mem_free(words);
        return NULL;
}
