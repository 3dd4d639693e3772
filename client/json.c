/* JSON: see json.h. */
#include "client/json.h"

#include <errno.h>
#include <jansson.h>

static json_t *from_value(const struct value *value);

static json_t *from_array(const struct value *value)
{
        json_t *array = json_array();

        for (size_t i = 0; i < value->array.count; i++)
                if (json_array_append_new(array, from_value(value->array.items[i])) < 0) {
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

                if (json_object_set_new(object, member->name, from_value(member->value)) < 0) {
                        json_decref(object);
                        return NULL;
                }
        }
        return object;
}

/* NULL for lack of memory; the makers of containers pass that on. */
static json_t *from_value(const struct value *value)
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

/* Takes the text's tree, NULL for lack of memory. */
static int print(FILE *f, json_t *json)
{
        int r = json ? 0 : -ENOMEM;

        if (r == 0 && json_dumpf(json, f, JSON_INDENT(2)) < 0)
                r = -EIO;
        if (r == 0 && (fputc('\n', f) == EOF || fflush(f) == EOF))
                r = -EIO;
        json_decref(json);
        return r;
}

int json_print(FILE *f, const struct value *const *items, size_t count)
{
        json_t *array = json_array();

        for (size_t i = 0; array && i < count; i++)
                if (json_array_append_new(array, from_value(items[i])) < 0) {
                        json_decref(array);
                        array = NULL;
                }
        return print(f, array);
}

int json_print_value(FILE *f, const struct value *value)
{
        return print(f, from_value(value));
}
