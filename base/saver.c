/* Saver: see saver.h. */
#include "base/saver.h"

#include <assert.h>
#include <inttypes.h>
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
        const unsigned char *bytes = data;
        size_t plain = 0;

        begin_field(saver, key);
        for (size_t i = 0; i < length; i++) {
                if (bytes[i] >= ' ' && bytes[i] != '\\' && bytes[i] != 0x7f)
                        continue;
                text_append_bytes(&saver->text, bytes + plain, i - plain);
                text_format(&saver->text, "\\%02x", bytes[i]);
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
        text_format(&saver->text, "%s#=%zu\n", key, count);
        for (size_t i = 0; i < count; i++)
                saver_text(saver, key, texts[i]);
}

void saver_number(struct saver *saver, const char *key, int64_t number)
{
        text_format(&saver->text, "%s=%" PRId64 "\n", key, number);
}

void saver_count(struct saver *saver, const char *key, uint64_t count)
{
        text_format(&saver->text, "%s=%" PRIu64 "\n", key, count);
}

void saver_flag(struct saver *saver, const char *key, bool flag)
{
        if (flag)
                text_format(&saver->text, "%s=1\n", key);
}

void saver_time(struct saver *saver, const char *key, usec_t time)
{
        if (time == 0)
                text_format(&saver->text, "%s=0\n", key);
        else if (time == USEC_NEVER)
                text_format(&saver->text, "%s=never\n", key);
        else if (time >= saver->now)
                text_format(&saver->text, "%s=+%" PRIu64 "\n", key, time - saver->now);
        else
                text_format(&saver->text, "%s=-%" PRIu64 "\n", key, saver->now - time);
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
