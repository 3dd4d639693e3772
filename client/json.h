/* JSON: XML-RPC values as JSON text. */
#pragma once

#include <stdio.h>

#include "rpc/value.h"

/* Prints an array of the values, and a newline.  -ENOMEM, or -EIO when it cannot be written. */
int json_print(FILE *, const struct value *const *items, size_t count)
        __attribute__((warn_unused_result));
/* The same of one value. */
int json_print_value(FILE *, const struct value *) __attribute__((warn_unused_result));
