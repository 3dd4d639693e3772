/* Save fields: see savefields.h. */
#include "cluster/savefields.h"

#include <stdbool.h>
#include <string.h>

static void write_one(struct saver *saver, const uint8_t *at, const struct savefields_field *f)
{
        char text[IDENTITY_TEXT_SIZE];

        switch (f->kind) {
        case SAVEFIELDS_FLAG:
                saver_flag(saver, f->key, *(const bool *)at);
                break;
        case SAVEFIELDS_U16:
                saver_count(saver, f->key, *(const uint16_t *)(const void *)at);
                break;
        case SAVEFIELDS_U32:
                saver_count(saver, f->key, *(const uint32_t *)(const void *)at);
                break;
        case SAVEFIELDS_TIME:
                if (*(const usec_t *)(const void *)at == USEC_NEVER) {
                        saver_text(saver, f->key, "never");
                        break;
                }
                __attribute__((fallthrough));
        case SAVEFIELDS_COUNT:
        case SAVEFIELDS_DURATION:
                saver_count(saver, f->key, *(const uint64_t *)(const void *)at);
                break;
        case SAVEFIELDS_ID:
                identity_text((const struct identity_id *)at, text);
                saver_text(saver, f->key, text);
                break;
        }
}

void savefields_write(
        struct saver *saver, const void *from, const struct savefields_field *fields, size_t count)
{
        for (size_t i = 0; i < count; i++)
                write_one(saver, (const uint8_t *)from + fields[i].offset, &fields[i]);
}

static usec_t read_time(struct saved_item *item, const char *key, usec_t latest, usec_t fallback)
{
        const char *text = saved_text(item, key);
        usec_t at;

        if (!text)
                return fallback;
        if (strcmp(text, "never") == 0)
                return USEC_NEVER;
        at = saved_count(item, key, UINT64_MAX, fallback);
        if (at > latest)
                saved_fail(item, key, "nothing lies so far ahead");
        return at;
}

static uint64_t most(const struct savefields_field *f, uint64_t fits)
{
        return f->max ? f->max : fits;
}

static void read_one(
        struct saved_item *item, uint8_t *at, const struct savefields_field *f, usec_t now)
{
        uint16_t *u16 = (void *)at;
        uint32_t *u32 = (void *)at;
        uint64_t *u64 = (void *)at;
        struct identity_id *id = (void *)at;
        const char *text;

        switch (f->kind) {
        case SAVEFIELDS_FLAG:
                *(bool *)at = saved_flag(item, f->key);
                break;
        case SAVEFIELDS_U16:
                *u16 = (uint16_t)saved_count(item, f->key, most(f, UINT16_MAX), *u16);
                break;
        case SAVEFIELDS_U32:
                *u32 = (uint32_t)saved_count(item, f->key, most(f, UINT32_MAX), *u32);
                break;
        case SAVEFIELDS_COUNT:
                *u64 = saved_count(item, f->key, most(f, UINT64_MAX), *u64);
                break;
        case SAVEFIELDS_TIME:
                *u64 = read_time(item, f->key, usec_add(now, SAVEFIELDS_AHEAD_MAX), *u64);
                break;
        case SAVEFIELDS_DURATION:
                *u64 = saved_count(item, f->key, SAVEFIELDS_AHEAD_MAX, *u64);
                break;
        case SAVEFIELDS_ID:
                text = saved_text(item, f->key);
                if (text && !identity_parse(text, id))
                        saved_fail(item, f->key, "that is no id");
                break;
        }
}

void savefields_read(struct saved_item *item, void *to, const struct savefields_field *fields,
        size_t count, usec_t now)
{
        for (size_t i = 0; i < count; i++)
                read_one(item, (uint8_t *)to + fields[i].offset, &fields[i], now);
}
