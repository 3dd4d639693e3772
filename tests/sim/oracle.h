/* The oracle: what must never be seen, and what must be seen once the world is whole and still. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/world.h"

struct oracle *oracle_new(const struct world *);
struct oracle *oracle_free(struct oracle *); /* takes NULL, returns NULL */

void oracle_object(struct oracle *, const struct world *, const char *sentence);
bool oracle_is_content(const struct oracle *);
const char *oracle_objection(const struct oracle *);

void oracle_after_step(struct oracle *, const struct world *, unsigned node);
/* The effects of a step, before they are run. */
void oracle_effects(
        struct oracle *, const struct world *, unsigned node, const struct cluster_effects *);
void oracle_order(
        struct oracle *, struct world *, unsigned node, unsigned from, uint64_t term, bool obeyed);
void oracle_life_ends(struct oracle *, unsigned node);

/* One master known to all, everybody RUNNING for everybody, nobody in a state that passes. */
bool oracle_is_settled(const struct world *);
/* From now on nothing may change any more. */
void oracle_expect_stillness(struct oracle *, const struct world *);
uint64_t oracle_masterships(const struct oracle *);
