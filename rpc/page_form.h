/* Forms: "a=1&b=x%20y+z", as a query or a body holds it, taken apart.  Pure. */
#pragma once

#include <stddef.h>

/* The last value of that name that is not empty, decoded; the caller owns it.  1, or 0 for none, or
 * -EBADMSG when it holds a NUL. */
int page_form_value(const char *form, size_t length, const char *name, char **ret)
        __attribute__((warn_unused_result));
