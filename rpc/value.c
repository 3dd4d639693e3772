/* XML-RPC values: see value.h. */
#include "rpc/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct value *value_new(enum value_type type)
{
        struct value *value = mem_new(sizeof(*value));

        value->type = type;
        if (type == VALUE_STRING)
                value->string.data = mem_strdup("");
        return value;
}

struct value *value_new_boolean(bool boolean)
{
        struct value *value = value_new(VALUE_BOOLEAN);

        value->boolean = boolean;
        return value;
}

struct value *value_new_integer(int64_t integer)
{
        struct value *value = value_new(VALUE_INTEGER);

        value->integer = integer;
        return value;
}

struct value *value_new_double(double real)
{
        struct value *value = value_new(VALUE_DOUBLE);

        value->real = real;
        return value;
}

struct value *value_new_string(const char *s)
{
        return value_new_string_bytes(s, strlen(s));
}

struct value *value_new_string_bytes(const char *s, size_t length)
{
        struct value *value = mem_new(sizeof(*value));

        value->type = VALUE_STRING;
        value->string.data = mem_strndup(s, length);
        value->string.length = length;
        return value;
}

struct value *value_free(struct value *value)
{
        if (!value)
                return NULL;
        switch (value->type) {
        case VALUE_STRING:
                mem_free(value->string.data);
                break;
        case VALUE_ARRAY:
                for (size_t i = 0; i < value->array.count; i++)
                        value_free(value->array.items[i]);
                mem_free(value->array.items);
                break;
        case VALUE_STRUCT:
                for (size_t i = 0; i < value->structure.count; i++) {
                        mem_free(value->structure.members[i].name);
                        value_free(value->structure.members[i].value);
                }
                mem_free(value->structure.members);
                break;
        case VALUE_NIL:
        case VALUE_BOOLEAN:
        case VALUE_INTEGER:
        case VALUE_DOUBLE:
                break;
        }
        return mem_free(value);
}

void value_append(struct value *array, struct value *item)
{
        array->array.items = mem_grow(array->array.items, &array->array.capacity,
                array->array.count + 1, sizeof(*array->array.items));
        array->array.items[array->array.count++] = item;
}

void value_add_member(struct value *structure, char *name, struct value *item)
{
        structure->structure.members =
                mem_grow(structure->structure.members, &structure->structure.capacity,
                        structure->structure.count + 1, sizeof(*structure->structure.members));
        structure->structure.members[structure->structure.count++] =
                (struct value_member){ .name = name, .value = item };
}

static struct value_member *find_member(const struct value *structure, const char *name)
{
        if (!structure || structure->type != VALUE_STRUCT)
                return NULL;
        for (size_t i = structure->structure.count; i-- > 0;)
                if (strcmp(structure->structure.members[i].name, name) == 0)
                        return &structure->structure.members[i];
        return NULL;
}

void value_set(struct value *structure, const char *name, struct value *item)
{
        struct value_member *member = find_member(structure, name);

        if (!member) {
                value_add_member(structure, mem_strdup(name), item);
                return;
        }
        value_free(member->value);
        member->value = item;
}

struct value *value_copy(const struct value *value)
{
        struct value *copy = value_new(value->type);

        switch (value->type) {
        case VALUE_NIL:
                break;
        case VALUE_BOOLEAN:
                copy->boolean = value->boolean;
                break;
        case VALUE_INTEGER:
                copy->integer = value->integer;
                break;
        case VALUE_DOUBLE:
                copy->real = value->real;
                break;
        case VALUE_STRING:
                mem_free(copy->string.data);
                copy->string.data = mem_strndup(value->string.data, value->string.length);
                copy->string.length = value->string.length;
                break;
        case VALUE_ARRAY:
                for (size_t i = 0; i < value->array.count; i++)
                        value_append(copy, value_copy(value->array.items[i]));
                break;
        case VALUE_STRUCT:
                for (size_t i = 0; i < value->structure.count; i++)
                        value_add_member(copy, mem_strdup(value->structure.members[i].name),
                                value_copy(value->structure.members[i].value));
                break;
        }
        return copy;
}

const struct value *value_member(const struct value *structure, const char *name)
{
        const struct value_member *member = find_member(structure, name);

        return member ? member->value : NULL;
}

const char *value_string(const struct value *value, const char *fallback)
{
        return value && value->type == VALUE_STRING ? value->string.data : fallback;
}

int64_t value_integer(const struct value *value, int64_t fallback)
{
        return value && value->type == VALUE_INTEGER ? value->integer : fallback;
}

bool value_is_true(const struct value *value)
{
        if (!value)
                return false;
        switch (value->type) {
        case VALUE_NIL:
                return false;
        case VALUE_BOOLEAN:
                return value->boolean;
        case VALUE_INTEGER:
                return value->integer != 0;
        case VALUE_DOUBLE:
                return value->real != 0;
        case VALUE_STRING:
                return value->string.length != 0;
        case VALUE_ARRAY:
                return value->array.count != 0;
        case VALUE_STRUCT:
                return value->structure.count != 0;
        }
        return false;
}

void value_append_double(struct text *t, double real)
{
        char s[32];

        for (int digits = 15; digits <= 17; digits++) {
                (void)snprintf(s, sizeof(s), "%.*g", digits, real); /* 32 bytes hold any of them */
                if (strtod(s, NULL) == real)
                        break;
        }
        text_append(t, s);
        if (!strpbrk(s, ".en"))
                text_append(t, ".0");
}

static void append_words(struct text *t, const struct value *value, bool quoted)
{
        switch (value->type) {
        case VALUE_NIL:
                text_append(t, "None");
                break;
        case VALUE_BOOLEAN:
                text_append(t, value->boolean ? "True" : "False");
                break;
        case VALUE_INTEGER:
                text_format(t, "%" PRId64, value->integer);
                break;
        case VALUE_DOUBLE:
                value_append_double(t, value->real);
                break;
        case VALUE_STRING:
                if (quoted)
                        text_append_repr(t, value->string.data, value->string.length);
                else
                        text_append_bytes(t, value->string.data, value->string.length);
                break;
        case VALUE_ARRAY:
                text_append_char(t, '[');
                for (size_t i = 0; i < value->array.count; i++) {
                        text_append(t, i ? ", " : "");
                        append_words(t, value->array.items[i], true);
                }
                text_append_char(t, ']');
                break;
        case VALUE_STRUCT:
                text_append_char(t, '{');
                for (size_t i = 0; i < value->structure.count; i++) {
                        const struct value_member *member = &value->structure.members[i];

                        text_append(t, i ? ", " : "");
                        text_append_repr(t, member->name, strlen(member->name));
                        text_append(t, ": ");
                        append_words(t, member->value, true);
                }
                text_append_char(t, '}');
                break;
        }
}

void value_append_words(struct text *t, const struct value *value)
{
        append_words(t, value, false);
}
