/* What "import-supervisor" makes of a file: the new text, and what there is to say about it.  Pure.
 */
#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "client/names.h"
#include "config/ini.h"
#include "config/survey.h"

struct import {
        struct text text;      /* of the new file */
        struct names same;     /* what works as it did */
        struct names differs;  /* what works, but otherwise */
        struct names left_out; /* what was not taken over, and why */
        struct names wrong;    /* what was not taken over since it is wrong, and where */
        bool has_password;
};

/* What has a problem, and would be taken over, becomes a comment. */
void import_make(
        const struct ini *, const char *path, const struct config_problems *, struct import *ret);
void import_clear(struct import *);

static inline void import_clear_at(struct import *import)
{
        import_clear(import);
}
