/* Saver: see saver.h. */
#include "base/saver.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

struct saver {
        struct text text;
        usec_t now;
        unsigned depth;
};

struct saver *saver_new(usec_t now)
{
        struct saver *saver = mem_new(sizeof(*saver));

        saver->now = now;
        text_format(&saver->text, "reeve-state %d\n", SAVER_VERSION);
        return saver;
}

struct saver *saver_free(struct saver *saver)
{
        if (!saver)
                return NULL;
        text_clear(&saver->text);
        return mem_free(saver);
}

void saver_item(struct saver *saver, const char *type)
{
        text_append_char(&saver->text, '[');
        for (unsigned i = 0; i < saver->depth; i++)
                text_append_char(&saver->text, '.');
        text_append(&saver->text, type);
        text_append(&saver->text, "]\n");
}

void saver_inner(struct saver *saver)
{
        assert(saver->depth < SAVER_DEPTH_MAX - 1);
        saver->depth++;
}

void saver_outer(struct saver *saver)
{
        assert(saver->depth > 0);
        saver->depth--;
}

/* Numbers are most of a state, and printf() is slow where there are thousands. */
static void append_count(struct saver *saver, uint64_t count)
{
        char digits[20];
        size_t at = sizeof(digits);

        do {
                digits[--at] = (char)('0' + count % 10);
                count /= 10;
        } while (count > 0);
        text_append_bytes(&saver->text, digits + at, sizeof(digits) - at);
}

static void begin_field(struct saver *saver, const char *key)
{
        text_append(&saver->text, key);
        text_append_char(&saver->text, '=');
}

void saver_text(struct saver *saver, const char *key, const char *value)
{
        if (value)
                saver_bytes(saver, key, value, strlen(value));
}

void saver_bytes(struct saver *saver, const char *key, const void *data, size_t length)
{
        static const char hex[] = "0123456789abcdef";
        const unsigned char *bytes = data;
        size_t plain = 0;

        begin_field(saver, key);
        for (size_t i = 0; i < length; i++) {
                if (bytes[i] >= ' ' && bytes[i] != '\\' && bytes[i] != 0x7f)
                        continue;
                text_append_bytes(&saver->text, bytes + plain, i - plain);
                text_append_bytes(&saver->text,
                        (const char[]){ '\\', hex[bytes[i] >> 4], hex[bytes[i] & 15] }, 3);
                plain = i + 1;
        }
        text_append_bytes(&saver->text, bytes + plain, length - plain);
        text_append_char(&saver->text, '\n');
}

void saver_texts(struct saver *saver, const char *key, char *const *texts)
{
        size_t count = 0;

        if (!texts)
                return;
        while (texts[count])
                count++;
        text_append(&saver->text, key);
        text_append_bytes(&saver->text, "#=", 2);
        append_count(saver, count);
        text_append_char(&saver->text, '\n');
        for (size_t i = 0; i < count; i++)
                saver_text(saver, key, texts[i]);
}

void saver_number(struct saver *saver, const char *key, int64_t number)
{
        begin_field(saver, key);
        if (number < 0)
                text_append_char(&saver->text, '-');
        append_count(saver, number < 0 ? -(uint64_t)number : (uint64_t)number);
        text_append_char(&saver->text, '\n');
}

void saver_count(struct saver *saver, const char *key, uint64_t count)
{
        begin_field(saver, key);
        append_count(saver, count);
        text_append_char(&saver->text, '\n');
}

void saver_flag(struct saver *saver, const char *key, bool flag)
{
        if (flag)
                saver_count(saver, key, 1);
}

void saver_time(struct saver *saver, const char *key, usec_t time)
{
        bool is_later = time >= saver->now;

        if (time == 0) {
                saver_count(saver, key, 0);
                return;
        }
        begin_field(saver, key);
        if (time == USEC_NEVER) {
                text_append(&saver->text, "never\n");
                return;
        }
        text_append_char(&saver->text, is_later ? '+' : '-');
        append_count(saver, is_later ? time - saver->now : saver->now - time);
        text_append_char(&saver->text, '\n');
}

void saver_rest(struct saver *saver, const char *rest)
{
        if (rest)
                text_append(&saver->text, rest);
}

char *saver_take(struct saver *saver, size_t *ret_length)
{
        text_append(&saver->text, "[]\n");
        *ret_length = saver->text.length;
        return text_take(&saver->text);
}
