/* Modifier: the "-f" or "-100" in front of a tail command.  Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum modifier_kind { MODIFIER_BYTES, MODIFIER_FOLLOW, MODIFIER_BAD, MODIFIER_TOO_LARGE };

struct modifier {
        enum modifier_kind kind;
        int64_t offset; /* BYTES: where to begin, negative from the end */
};

bool modifier_is_one(const char *word);
/* A word that is one, or NULL for the default. */
struct modifier modifier_parse(const char *word);
