/* XML-RPC values, as they come from outside: a tree of plain data. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/text.h"

enum value_type {
        VALUE_NIL,
        VALUE_BOOLEAN,
        VALUE_INTEGER,
        VALUE_DOUBLE,
        VALUE_STRING, /* also what came as base64, dateTime or an unknown type element */
        VALUE_ARRAY,
        VALUE_STRUCT,
};

struct value;

struct value_member {
        char *name;
        struct value *value;
};

struct value {
        enum value_type type;
        union {
                bool boolean;
                int64_t integer;
                double real;
                struct {
                        char *data; /* UTF-8, NUL-terminated */
                        size_t length;
                } string;
                struct {
                        struct value **items;
                        size_t count;
                        size_t capacity;
                } array;
                struct {
                        struct value_member *members;
                        size_t count;
                        size_t capacity;
                } structure;
        };
};

struct value *value_new(enum value_type);
struct value *value_new_boolean(bool);
struct value *value_new_integer(int64_t);
struct value *value_new_double(double);
struct value *value_new_string(const char *);
struct value *value_new_string_bytes(const char *, size_t length);
struct value *value_free(struct value *);
DEFINE_CLEANUP(struct value *, value_free)
void value_append(struct value *array, struct value *item /* taken */);
void value_set(struct value *structure, const char *name, struct value *item /* taken */);
/* As value_set(), without looking whether the name is there already: value_member() finds the last.
 */
void value_add_member(
        struct value *structure, char *name /* taken */, struct value *item /* taken */);

struct value *value_copy(const struct value *) __attribute__((returns_nonnull));
/* NULL when it is no struct or has no such member. */
const struct value *value_member(const struct value *, const char *name);
/* The value, or the fallback when it is NULL or of another type. */
const char *value_string(const struct value *, const char *fallback);
int64_t value_integer(const struct value *, int64_t fallback);
/* Python's truth: false are nil, false, 0, 0.0, "" and what is empty. */
bool value_is_true(const struct value *);
/* Appends the value in the form of Python's str(): what a fault says of a wrong parameter. */
void value_append_words(struct text *, const struct value *);
/* The shortest form that reads back as the same number, as Python's repr() gives it. */
void value_append_double(struct text *, double);
