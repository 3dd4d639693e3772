/* JSON: see json.h. */
#include "rpc/json.h"

#include <stdlib.h>
#include <string.h>

/* Digits that suffice for times in microseconds since the epoch, and do not show the noise of
 * binary fractions. */
#define REAL_DIGITS 16
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static json_t *from_array(const struct value *value)
{
        json_t *array = json_array();

        for (size_t i = 0; i < value->array.count; i++)
                if (json_array_append_new(array, json_from_value(value->array.items[i])) < 0) {
                        json_decref(array);
                        return NULL;
                }
        return array;
}

static json_t *from_structure(const struct value *value)
{
        json_t *object = json_object();

        for (size_t i = 0; i < value->structure.count; i++) {
                const struct value_member *member = &value->structure.members[i];

                if (json_object_set_new(object, member->name, json_from_value(member->value)) < 0) {
                        json_decref(object);
                        return NULL;
                }
        }
        return object;
}

json_t *json_from_value(const struct value *value)
{
        switch (value->type) {
        case VALUE_NIL:
                return json_null();
        case VALUE_BOOLEAN:
                return json_boolean(value->boolean);
        case VALUE_INTEGER:
                return json_integer(value->integer);
        case VALUE_DOUBLE:
                return json_real(value->real);
        case VALUE_STRING:
                return json_stringn(value->string.data, value->string.length);
        case VALUE_ARRAY:
                return from_array(value);
        case VALUE_STRUCT:
                return from_structure(value);
        }
        return NULL;
}

json_t *json_from_text(const char *s)
{
        CLEANUP(text_clear) struct text valid = {};
        size_t left = s ? strlen(s) : 0;

        if (left == 0)
                return json_string("");
        if (text_is_utf8(s, left))
                return json_stringn(s, left);
        while (left) {
                size_t n = text_utf8_length(s, left), taken = n ? n : 1;

                text_append_bytes(&valid, n ? s : REPLACEMENT, n ? n : strlen(REPLACEMENT));
                s += taken;
                left -= taken;
        }
        return json_stringn(valid.data, valid.length);
}

static int append(const char *bytes, size_t length, void *context)
{
        text_append_bytes(context, bytes, length);
        return 0;
}

char *json_line(const json_t *json)
{
        struct text line = {};

        (void)json_dump_callback(json, append, &line,
                JSON_ENSURE_ASCII | JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_DIGITS));
        return text_take(&line);
}
