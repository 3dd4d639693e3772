/* Base 64 decoding, for <base64> values and for Basic authentication. */
#pragma once

#include <stddef.h>

#include "base/text.h"

/* Appends the decoded bytes.  White space is skipped, padding must be right; -EBADMSG otherwise. */
int base64_decode(struct text *, const char *, size_t length) __attribute__((warn_unused_result));
