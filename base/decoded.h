/* Bytes of a child shown as text, where Supervisor decodes them.  Pure. */
#pragma once

#include <stddef.h>

#include "base/text.h"

/* Valid UTF-8 as it is; anything else as "Undecodable: b'...'". */
void decoded_append(struct text *, const char *data, size_t length);
/* Python's repr() of a bytes object: b'\xff\n'. */
void decoded_append_repr(struct text *, const char *data, size_t length);
