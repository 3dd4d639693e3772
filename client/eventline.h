/* Event lines: one line of text for each publication of an instance.  Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

/* The names of the publications; false: there is none of this name. */
bool eventline_is_header(const char *name);
char *eventline_headers(void); /* "['supvisors', ...]" */

/* The message is JSON: ["header", {...}].  What is none is shown as it is; nothing in the line can
 * control a terminal. */
char *eventline_text(const char *message, size_t length) __attribute__((returns_nonnull));
