/* Findings of the command "doctor": what was looked at, how it is, and what to do about it. */
#pragma once

#include "client/session.h"

enum finding_level {
        FINDING_GOOD,
        FINDING_NOTE,    /* worth to know, nothing to do */
        FINDING_DOUBT,   /* it works, but not as well as it could */
        FINDING_TROUBLE, /* it does not work */
};

struct findings {
        struct value *list; /* an array of structs: check, level, text, advice */
        unsigned doubts, troubles;
};

void findings_init(struct findings *);
void findings_clear(struct findings *);

static inline void findings_clear_at(struct findings *findings)
{
        findings_clear(findings);
}

/* 'advice' says what to do; NULL: nothing. */
void findings_add(struct findings *, const char *check, enum finding_level, const char *advice,
        const char *format, ...) __attribute__((format(printf, 5, 6)));
void findings_print(const struct findings *, struct session *);
int findings_print_json(const struct findings *) __attribute__((warn_unused_result));
