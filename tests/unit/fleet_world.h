/* A fleet in a few words: instances, what they tell, and what has come of it. */
#pragma once

#include "base/mem.h"
#include "fleet/fleet.h"
#include "fleet/placement.h"
#include "fleet/state.h"
#include "tests/unit/fake_rules.h"

struct world {
        struct rules *rules;
        struct fleet *fleet;
        struct fleet_effects fx; /* of the last step */
        usec_t now, wall;
        uint64_t asked;    /* ids of requests, where they are made up: each a new one */
        usec_t told;       /* event_time of the last report: later each time */
        uint64_t lives[8]; /* of the daemons of the first ones; 0: one more than the index */
};

/* 'instances' RUNNING ones: "i1:1" with nick "i1" is index 0, listed in this order; each on a node
 * of its own.  No rules: state them with fake_rules_*(world->rules) before anything is reported, or
 * call world_reload() thereafter. */
struct world *world_new(unsigned instances);
struct world *world_free(struct world *);
DEFINE_CLEANUP(struct world *, world_free)

void world_step(struct world *, struct fleet_event *); /* stamps the time; fx are of this step */
void world_wait(struct world *, usec_t);               /* time passes, with FLEET_TIMER when due */
void world_reload(struct world *);                     /* FLEET_RULES */

/* What it is now; an index that is new makes an instance. */
void world_peer(struct world *, unsigned index, enum peers_state, enum peers_why);
void world_node(struct world *, unsigned index, const char *node);
void world_stereotype(struct world *, unsigned index, const char *stereotype);

/* "a:p=RUNNING b:q=EXITED!": one FLEET_REPORT after the other; "!" is unexpected.  After a "/":
 * disabled, obsolete, autorestart, args=X, program=X, index=N, startsecs=N,
 * stopwaitsecs=N, start=N, stop=N (seconds), pid=N, output, ahead=N (its clock, usec), same (not a
 * later event), spawnerr=X, text=X (the description). */
void world_tell(struct world *, unsigned index, const char *reports);
void world_snapshot(struct world *, unsigned index, const char *reports); /* one FLEET_SNAPSHOT */
/* It tells that the process was lost with that life of the instance. */
void world_loss(struct world *, unsigned index, const char *namespec, unsigned instance,
        uint64_t life, bool is_awaited);
void world_remove(struct world *, unsigned index, const char *namespec); /* "a:" is the group */
void world_force(struct world *, const char *namespec, enum process_state, const char *reason,
        unsigned target, usec_t since);
/* We drive, or another one does. */
void world_state(struct world *, enum fsm_state, bool acting);

struct fleet_process *world_process(struct world *, const char *namespec);
struct fleet_application *world_application(struct world *, const char *name);
struct fleet_record *world_record(struct world *, unsigned index, const char *namespec);
/* "RUNNING i1,i2": the displayed state and where it runs; valid until the next call. */
const char *world_shown(struct world *, const char *namespec);
/* "RUNNING", "RUNNING major", "STOPPED minor". */
const char *world_application_shown(struct world *, const char *name);
/* How many effects of the last step are of this type and about "a:p"; NULL: about anything. */
size_t world_count(const struct world *, enum fleet_effect_type, const char *namespec);
const struct fleet_effect *world_effect(
        const struct world *, enum fleet_effect_type, const char *namespec); /* the first */
bool world_logged(const struct world *, const char *part);
