/* What "import-supervisor" makes of a file: the new text, and what there is to say about it.  Pure.
 */
#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "client/names.h"
#include "config/ini.h"

struct import {
        struct text text;      /* of the new file */
        struct names same;     /* what works as it did */
        struct names differs;  /* what works, but otherwise */
        struct names left_out; /* what was not taken over, and why */
        bool has_password;
};

void import_make(const struct ini *, const char *path, struct import *ret);
void import_clear(struct import *);

static inline void import_clear_at(struct import *import)
{
        import_clear(import);
}
