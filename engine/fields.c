/* Fields: see fields.h. */
#include "engine/fields.h"

#include <limits.h>

#include "base/saved.h"
#include "base/saver.h"

_Static_assert(sizeof(enum field_kind) == sizeof(unsigned), "an ordinal is read as an unsigned");

static void save(struct saver *saver, const void *member, const struct field *field)
{
        switch (field->kind) {
        case FIELD_TEXT:
                saver_text(saver, field->key, *(char *const *)member);
                return;
        case FIELD_TEXTS:
                saver_texts(saver, field->key, *(char **const *)member);
                return;
        case FIELD_FLAG:
                saver_flag(saver, field->key, *(const bool *)member);
                return;
        case FIELD_INT:
                saver_number(saver, field->key, *(const int *)member);
                return;
        case FIELD_INT64:
                saver_number(saver, field->key, *(const int64_t *)member);
                return;
        case FIELD_UINT32:
                saver_count(saver, field->key, *(const uint32_t *)member);
                return;
        case FIELD_UINT64:
                saver_count(saver, field->key, *(const uint64_t *)member);
                return;
        case FIELD_TIME:
                saver_time(saver, field->key, *(const usec_t *)member);
                return;
        case FIELD_ORDINAL:
                saver_text(saver, field->key, field->names[*(const unsigned *)member]);
                return;
        }
}

void fields_save(struct saver *saver, const void *object, const struct field *fields, size_t count)
{
        for (size_t i = 0; i < count; i++)
                save(saver, (const char *)object + fields[i].offset, &fields[i]);
}

struct saved_item *fields_item(struct saved_item *outer, const char *type)
{
        struct saved_item *item = saved_inner(outer, type);

        if (item && saved_next(item))
                saved_fail(outer, type, "there are two of it");
        return item;
}

static void restore_text(struct saved_item *item, char **member, const struct field *field)
{
        const char *text = saved_text(item, field->key);

        if (text) {
                mem_free(*member);
                *member = mem_strdup(text);
        } else if (field->is_needed) {
                saved_fail(item, field->key, "it is missing");
        }
}

static void restore_texts(struct saved_item *item, char ***member, const struct field *field)
{
        char **texts = saved_texts(item, field->key);

        if (!texts)
                return;
        for (char **s = *member; s && *s; s++)
                mem_free(*s);
        mem_free(*member);
        *member = texts;
}

static int64_t restore_number(struct saved_item *item, const struct field *field, int64_t min,
        int64_t max, int64_t fallback)
{
        bool is_bounded = field->min || field->max;

        return saved_number(item, field->key, is_bounded ? field->min : min,
                is_bounded ? field->max : max, fallback);
}

static uint64_t restore_count(
        struct saved_item *item, const struct field *field, uint64_t max, uint64_t fallback)
{
        return saved_count(item, field->key, field->limit ? field->limit : max, fallback);
}

static void restore(struct saved_item *item, void *member, const struct field *field)
{
        switch (field->kind) {
        case FIELD_TEXT:
                restore_text(item, member, field);
                return;
        case FIELD_TEXTS:
                restore_texts(item, member, field);
                return;
        case FIELD_FLAG:
                *(bool *)member = saved_count(item, field->key, 1, false);
                return;
        case FIELD_INT:
                *(int *)member = (int)restore_number(item, field, INT_MIN, INT_MAX, *(int *)member);
                return;
        case FIELD_INT64:
                *(int64_t *)member =
                        restore_number(item, field, INT64_MIN, INT64_MAX, *(int64_t *)member);
                return;
        case FIELD_UINT32:
                *(uint32_t *)member =
                        (uint32_t)restore_count(item, field, UINT32_MAX, *(uint32_t *)member);
                return;
        case FIELD_UINT64:
                *(uint64_t *)member = restore_count(item, field, UINT64_MAX, *(uint64_t *)member);
                return;
        case FIELD_TIME:
                *(usec_t *)member = saved_time(item, field->key, *(usec_t *)member);
                return;
        case FIELD_ORDINAL:
                *(unsigned *)member = saved_name(
                        item, field->key, field->names, field->names_count, *(unsigned *)member);
                return;
        }
}

void fields_restore(struct saved_item *item, void *object, const struct field *fields, size_t count)
{
        for (size_t i = 0; i < count; i++)
                restore(item, (char *)object + fields[i].offset, &fields[i]);
}
