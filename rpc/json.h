/* JSON: XML-RPC values in JSON, for those who speak that. */
#pragma once

#include <jansson.h>

#include "base/text.h"
#include "rpc/value.h"

/* A new reference; NULL for lack of memory. */
json_t *json_from_value(const struct value *);
/* What is no UTF-8 is replaced by U+FFFD; NULL is "". */
json_t *json_from_text(const char *);
/* In one line, as Python writes it: keys in their order, ", " and ": ", ASCII only.  The caller
 * owns the text. */
char *json_line(const json_t *) __attribute__((returns_nonnull));
