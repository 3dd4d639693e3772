/* Tokens: the words of a formula, which are those of a Python expression.  For the files of this
 * folder only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"

enum formula_token_type {
        TOKEN_END,
        TOKEN_STRING,
        TOKEN_NUMBER,
        TOKEN_NAME,
        TOKEN_SIGN, /* an operator, a bracket, a comma */
};

struct formula_token {
        enum formula_token_type type;
        char *text;    /* of a string: what it stands for */
        bool is_plain; /* of a string: not bytes, and nothing to be put into it */
        bool is_bytes;
};

struct formula_tokens {
        struct formula_token *at; /* TOKEN_END is the last */
        size_t count, capacity;
};

/* -EINVAL and a sentence when it could not be the words of one expression. */
int formula_tokens_read(const char *text, struct formula_tokens *ret, struct err *)
        __attribute__((warn_unused_result));
void formula_tokens_clear(struct formula_tokens *);
