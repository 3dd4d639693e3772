/* The XML-RPC codec: calls and responses, both ways, with limits; no DTD, no entity, no network. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "rpc/value.h"

struct xml_limits {
        size_t depth_max;
        size_t values_max;
};

struct xml_call {
        char *method;         /* NULL or empty: the call had none */
        struct value *params; /* an array, possibly empty */
};

void xml_call_clear(struct xml_call *);
static inline void xml_call_clear_at(struct xml_call *call)
{
        xml_call_clear(call);
}

/* What need not be made anew for each document. */
struct xml_reader;
struct xml_reader *xml_reader_new(void);
struct xml_reader *xml_reader_free(struct xml_reader *);
DEFINE_CLEANUP(struct xml_reader *, xml_reader_free)

/* -EBADMSG with a sentence when it is not well-formed, has a DOCTYPE, or a value does not convert;
 * -E2BIG when a limit is passed. */
int xml_decode_call(struct xml_reader *, const char *body, size_t length, const struct xml_limits *,
        struct xml_call *ret, struct err *) __attribute__((warn_unused_result));

struct xml_response {
        struct value *value; /* NULL when it is a fault */
        int fault_code;
        char *fault_string;
};

void xml_response_clear(struct xml_response *);
static inline void xml_response_clear_at(struct xml_response *response)
{
        xml_response_clear(response);
}
/* As xml_decode_call(), with limits of its own that no honest answer meets; <i8> is an integer. */
int xml_decode_response(const char *body, size_t length, struct xml_response *ret, struct err *)
        __attribute__((warn_unused_result));

void xml_encode_call(
        struct text *, const char *method, const struct value *params /* array or NULL */);

/* Pieces of a response, appended in the form that Supervisor's clients know.  Text is made valid
 * XML 1.0: what is no UTF-8 becomes U+FFFD, and so do control characters that XML cannot hold. */
void xml_response_begin(struct text *);
void xml_response_end(struct text *);
void xml_fault(struct text *, int code, const char *string);        /* a whole response */
void xml_fault_struct(struct text *, int code, const char *string); /* only its value */
void xml_string(struct text *, const char *);
void xml_string_bytes(struct text *, const char *, size_t length);
/* A string in pieces; a piece must not end within a UTF-8 sequence that the next one continues. */
void xml_string_begin(struct text *);
void xml_string_piece(struct text *, const char *, size_t length);
void xml_string_end(struct text *);
void xml_integer(struct text *, int64_t);
void xml_boolean(struct text *, bool);
void xml_double(struct text *, double); /* the shortest text that reads back as the same number */
void xml_array_begin(struct text *);
void xml_array_end(struct text *);
void xml_struct_begin(struct text *);
void xml_struct_end(struct text *);
void xml_member_begin(struct text *, const char *name);
void xml_member_end(struct text *);
void xml_member_string(struct text *, const char *name, const char *); /* NULL: "" */
void xml_member_integer(struct text *, const char *name, int64_t);
void xml_member_boolean(struct text *, const char *name, bool);
void xml_member_double(struct text *, const char *name, double);
void xml_member_strings(struct text *, const char *name, const char *const *); /* NULL at the end */
