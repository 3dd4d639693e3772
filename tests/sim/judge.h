/* The judge: the oracle of what the fleets do.  It sees the programs as they really are, all
 * orders, and who waits for an answer. */
#pragma once

#include "fleet/fleet.h"
#include "tests/sim/world.h"

struct judge;

struct judge *judge_new(const struct world *);
struct judge *judge_free(struct judge *); /* takes NULL, returns NULL */

/* The fleet of the node is about to make a step. */
void judge_before(struct world *, unsigned node, const struct fleet_event *);
/* The fleet of the node has made a step; its effects have not been run. */
void judge_step(struct world *, unsigned node, const struct fleet_event *);
void judge_effect(struct world *, unsigned node, const struct fleet_effect *);
void judge_answered(struct world *, unsigned node, uint64_t request, const struct answer *);
/* It is about to be upgraded: whoever waits for an answer of it is sent away. */
void judge_callers_leave(struct world *, unsigned node);
void judge_life_ends(struct world *, unsigned node);
/* Somebody asks something; more of it follows while w->is_asking. */
void judge_ask(struct world *, unsigned node);

/* From now on the world stays whole: no second copy of a managed program is excused any more. */
void judge_expect_peace(struct world *);
/* A program at the node has changed. */
void judge_program(struct world *, unsigned node, unsigned program);
/* Nobody starts, stops or waits. */
bool judge_is_idle(const struct world *);
/* When all is idle: whether all know what is true, and what is to run runs. */
void judge_look(struct world *);
uint64_t judge_orders(const struct world *);
uint64_t judge_conflicts(const struct world *);
