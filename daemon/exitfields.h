/* What is known of the end of a process, as fields of a record of the journal. */
#pragma once

#include "engine/exits.h"
#include "logs/activity.h"

enum { EXITFIELDS_MAX = 12, EXITFIELDS_NUMBER = 24 };

struct exitfields {
        struct activity_field at[EXITFIELDS_MAX];
        size_t count;
        char numbers[EXITFIELDS_MAX][EXITFIELDS_NUMBER]; /* that the fields point to */
};

void exitfields_make(struct exitfields *, const struct exit_record *);
