/* The state of a world as text, and what happens to it at random. */
#pragma once

#include "base/err.h"
#include "tests/unit/fleet_lead.h"

#define STATE_INSTANCES 4
#define STATE_GROUPS    4
#define STATE_NAMES     4

char *state_save(const struct world *); /* the caller owns it */
/* The world's fleet goes on from the text, 'later' on its clock; else what is wrong with it. */
int state_restore(struct world *, const char *text, usec_t later, struct err *);
/* All effects of the last step; the caller owns it. */
char *state_effects(const struct world *);

/* All that it knows, told otherwise than by fleet_save(); the caller owns it. */
char *state_model(const struct world *);

/* All that it knows, told otherwise than by fleet_save(); the caller owns it. */
char *state_model(const struct world *);

struct world *state_world(void); /* a few instances, rules of all kinds */
/* Anything but a restart of it; the same seed does the same to worlds that are the same. */
void state_do(struct world *, uint64_t *seed);
uint64_t state_draw(uint64_t *seed, uint64_t limit);
