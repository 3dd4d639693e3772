/* Terminal escapes: taking them out of a child's output.  Pure. */
#pragma once

#include <stddef.h>

/* Removes, in place, everything from ESC [ to the first of the bytes that end such a sequence; one
 * that does not end takes the rest with it.  Nothing is remembered between calls.  Returns the new
 * length. */
size_t ansi_strip(char *data, size_t length);
