/* Parsing: the texts of rules files made a set of rules, without reading any.  For rules_read() and
 * for tests. */
#pragma once

#include <stddef.h>

#include "rules/rules.h"

#define PARSE_FILES_MAX    1000u
#define PARSE_ELEMENTS_MAX 100000u /* applications, programs and models of all files */

struct parse_source {
        const char *name; /* of the file, for what is said about it */
        const void *data;
        size_t size;
};

/* As rules_read(), of which it is all but the reading. */
int parse_sources(const struct parse_source *, size_t count, struct rules **ret, struct err *)
        __attribute__((warn_unused_result));
