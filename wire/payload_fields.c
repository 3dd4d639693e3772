/* Fields of payloads: see payload_fields.h. */
#include "wire/payload_fields.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/types.h>

#include "base/clock.h"
#include "engine/process.h"

/*
 * Writing.
 */

void payload_put_comma(struct text *t)
{
        char last = t->length ? t->data[t->length - 1] : '{';

        if (last != '{' && last != '[')
                text_append_char(t, ',');
}

void payload_put_string(struct text *t, const char *s)
{
        size_t left = strlen(s), room = PAYLOAD_STRING_MAX;

        text_append_char(t, '"');
        while (left) {
                size_t n = text_utf8_length(s, left), taken = n ? n : strlen("\uFFFD");

                if (taken > room)
                        break;
                room -= taken;
                if (n == 0) {
                        text_append(t, "\\ufffd");
                        n = 1;
                } else if (*s == '"' || *s == '\\') {
                        text_append_char(t, '\\');
                        text_append_char(t, *s);
                } else if ((unsigned char)*s < 0x20) {
                        text_format(t, "\\u%04x", (unsigned)*s);
                } else {
                        text_append_bytes(t, s, n);
                }
                s += n;
                left -= n;
        }
        text_append_char(t, '"');
}

void payload_put_key(struct text *t, const char *key)
{
        payload_put_comma(t);
        payload_put_string(t, key);
        text_append_char(t, ':');
}

static void put_integer(struct text *t, const struct payload_field *f, int64_t value)
{
        if (value == 0 && !f->required)
                return;
        payload_put_key(t, f->key);
        text_format(t, "%" PRId64, value);
}

static void put_text(struct text *t, const struct payload_field *f, const char *s)
{
        bool kept = f->required || (f->type == PAYLOAD_OPTIONAL ? s != NULL : s && *s);

        if (!kept)
                return;
        payload_put_key(t, f->key);
        payload_put_string(t, s ? s : "");
}

static void put_field(struct text *t, const struct payload_field *f, const void *member)
{
        switch (f->type) {
        case PAYLOAD_NAME:
        case PAYLOAD_STRING:
        case PAYLOAD_OPTIONAL:
                put_text(t, f, *(const char *const *)member);
                return;
        case PAYLOAD_BOOL:
                if (!*(const bool *)member && !f->required)
                        return;
                payload_put_key(t, f->key);
                text_append(t, *(const bool *)member ? "true" : "false");
                return;
        case PAYLOAD_STATE:
                payload_put_key(t, f->key);
                payload_put_string(t, process_state_name(*(const enum process_state *)member));
                return;
        case PAYLOAD_PID:
                put_integer(t, f, *(const pid_t *)member);
                return;
        case PAYLOAD_UNSIGNED:
                put_integer(t, f, *(const unsigned *)member);
                return;
        case PAYLOAD_INTEGER:
                put_integer(t, f, *(const int64_t *)member);
                return;
        case PAYLOAD_USEC:
                put_integer(t, f, (int64_t)usec_min(*(const usec_t *)member, INT64_MAX));
                return;
        }
}

void payload_put_fields(
        struct text *t, const struct payload_field *fields, size_t count, const void *object)
{
        for (size_t i = 0; i < count; i++)
                put_field(t, &fields[i], (const char *)object + fields[i].offset);
}

/*
 * Reading.
 */

/* Every value costs the parser many times its bytes, so they are counted before it gets them. */
static bool is_moderate(const char *s, size_t size)
{
        size_t parts = 0, commas = 0;
        bool quoted = false;

        for (size_t i = 0; i < size; i++) {
                if (quoted) {
                        if (s[i] == '\\')
                                i++;
                        else
                                quoted = s[i] != '"';
                        continue;
                }
                quoted = s[i] == '"';
                parts += s[i] == '{' || s[i] == '[';
                commas += s[i] == ',';
        }
        return parts <= PAYLOAD_PARTS_MAX && commas <= PAYLOAD_VALUES_MAX;
}

json_t *payload_parse(const void *bytes, size_t size, struct err *err)
{
        json_error_t error;
        json_t *json;

        if (!is_moderate(bytes, size)) {
                (void)err_set(err, -EBADMSG, "more values than any payload has");
                return NULL;
        }
        json = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);
        if (!json) {
                (void)err_set(err, -EBADMSG, "no JSON, byte %d: %s", error.position, error.text);
        } else if (!json_is_object(json)) {
                (void)err_set(err, -EBADMSG, "no JSON object");
                json_decref(json);
                json = NULL;
        }
        return json;
}

bool payload_is_name(const char *s)
{
        size_t length = strlen(s);

        for (size_t i = 0; i < length; i++)
                if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
                        return false;
        return length > 0 && length <= PAYLOAD_NAME_MAX && text_is_utf8(s, length);
}

static bool get_state(const json_t *json, enum process_state *ret)
{
        const char *name = json_string_value(json);

        for (enum process_state state = 0; name && state < PROCESS_STATES; state++)
                if (strcmp(name, process_state_name(state)) == 0) {
                        *ret = state;
                        return true;
                }
        return false;
}

static bool get_integer(const json_t *json, int64_t min, int64_t max, int64_t *ret)
{
        if (!json_is_integer(json))
                return false;
        *ret = json_integer_value(json);
        return *ret >= min && *ret <= max;
}

static bool get_member(const json_t *json, enum payload_type type, void *member)
{
        int64_t integer;

        switch (type) {
        case PAYLOAD_NAME:
                *(const char **)member = json_string_value(json);
                return json_is_string(json) && payload_is_name(json_string_value(json));
        case PAYLOAD_STRING:
        case PAYLOAD_OPTIONAL:
                *(const char **)member = json_string_value(json);
                return json_is_string(json) && json_string_length(json) <= PAYLOAD_STRING_MAX;
        case PAYLOAD_BOOL:
                *(bool *)member = json_is_true(json);
                return json_is_boolean(json);
        case PAYLOAD_STATE:
                return get_state(json, member);
        case PAYLOAD_PID:
                if (!get_integer(json, 0, INT_MAX, &integer))
                        return false;
                *(pid_t *)member = (pid_t)integer;
                return true;
        case PAYLOAD_UNSIGNED:
                if (!get_integer(json, 0, UINT_MAX, &integer))
                        return false;
                *(unsigned *)member = (unsigned)integer;
                return true;
        case PAYLOAD_INTEGER:
                return get_integer(json, INT64_MIN, INT64_MAX, member);
        case PAYLOAD_USEC:
                if (!get_integer(json, 0, INT64_MAX, &integer))
                        return false;
                *(usec_t *)member = (usec_t)integer;
                return true;
        }
        return false;
}

int payload_get_fields(const json_t *json, const struct payload_field *fields, size_t count,
        void *object, struct err *err)
{
        if (!json_is_object(json))
                return err_set(err, -EBADMSG, "an object is expected");
        for (size_t i = 0; i < count; i++) {
                const struct payload_field *f = &fields[i];
                void *member = (char *)object + f->offset;
                const json_t *value = json_object_get(json, f->key);

                if (!value && f->required)
                        return err_set(err, -EBADMSG, "'%s' is missing", f->key);
                if (!value && f->type == PAYLOAD_STRING)
                        *(const char **)member = "";
                if (value && !get_member(value, f->type, member))
                        return err_set(err, -EBADMSG, "'%s' is not what it may be", f->key);
        }
        return 0;
}

json_t *payload_get_array(const json_t *json, const char *key, size_t max, struct err *err)
{
        json_t *array = json_object_get(json, key);

        if (!json_is_array(array)) {
                (void)err_set(err, -EBADMSG, "'%s' is not a list", key);
                return NULL;
        }
        if (json_array_size(array) > max) {
                (void)err_set(err, -EBADMSG, "'%s' is longer than %zu", key, max);
                return NULL;
        }
        return array;
}
