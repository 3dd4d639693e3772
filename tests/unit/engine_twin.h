/* A twin of an engine under test: made from the text of its state, and held to doing the same. */
#pragma once

#include "base/clock.h"
#include "engine/engine.h"

struct twin {
        struct engine *engine; /* NULL: there is none */
        struct effects fx;
};

void twin_clear(struct twin *);
char *twin_text(const struct engine *, usec_t now); /* of its state; the caller owns it */
/* An engine from that text, which is checked to save the same text again. */
struct engine *twin_of(const struct engine *, usec_t now);
/* A new one, after 'of' (which may be the one that it takes the place of). */
void twin_renew(struct twin *, const struct engine *of, usec_t now);
/* The same step for the twin: the effects must be those of the other one, and the state too. */
void twin_step(struct twin *, const struct event *, const struct effects *of_other);
void twin_compare(const struct twin *, const struct engine *other, usec_t now);
