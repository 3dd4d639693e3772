/* A world whose first instance is the master: what it is asked, and what it does. */
#pragma once

#include "tests/unit/fleet_world.h"

/* Distributes under a ticket of its own, and goes to OPERATION when nothing is left to do. */
void lead(struct world *);
void lead_work(struct world *, enum fsm_work, uint64_t ticket);
void lead_state(struct world *, enum fsm_state, uint64_t mastership, bool abort);
void lead_ask(struct world *, uint64_t id, enum fleet_request_type, const char *name, bool wait);
/* Of the last step: "true", "false", the text, the faultString; NULL: no answer to this one. */
const char *lead_answer(const struct world *, uint64_t id);
/* "start a:p 1, stop b:q 2, force c:r": the orders of the last step, with instances as "i1". */
const char *lead_orders(const struct world *);
/* "7 starting stopping conflict", "7 idle": what the cluster was told in it; "": nothing. */
const char *lead_report(const struct world *);

struct rules_program lead_rank(int64_t start_sequence);
void lead_rules(struct world *, const char *application, int64_t start_sequence);
