/* Completion: what may stand where the cursor is.  Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "client/names.h"
#include "rpc/value.h"

struct complete {
        struct names candidates; /* whole words, in their order */
        size_t typed;            /* length of the word in front of the cursor */
};

/* 'line' is what is in front of the cursor. */
bool complete_needs_processes(const char *line);
/* 'processes' is the answer of getAllProcessInfo, NULL when there is none. */
struct complete complete_find(const char *line, const struct value *processes);
void complete_clear(struct complete *);

static inline void complete_clear_at(struct complete *complete)
{
        complete_clear(complete);
}

/* What all candidates go on with behind the typed part; with only one, a blank follows. */
char *complete_common(const struct complete *) __attribute__((returns_nonnull));
