/* Calls of supvisors.* in a cluster of three, of whom the third is away, for their tests.
 *
 * The list has them as h3, h1, h2.  Group b is managed, cat and x are not; cat and b are here, b
 * and x at h2. */
#pragma once

#include "config/clusterconfig.h"
#include "fleet/fleet.h"
#include "tests/unit/call_world.h"
#include "tests/unit/fake_cluster.h"

struct supvisors_world {
        struct call_world *calls;
        struct fake_host *host; /* of the calls */
        struct cluster *cluster;
        struct clusterconfig config;
        struct fleet *fleet;
        struct rules *rules;
        char *dir;
};

int supvisors_world_setup(void **state); /* in OPERATION, h1 is master */
int supvisors_world_teardown(void **state);
void supvisors_world_feed(struct supvisors_world *, const struct fleet_event *);
/* What an instance tells of a process, half a second after all were loaded. */
struct fleet_report supvisors_world_told(const char *group, const char *name, enum process_state);
/* Something that h1 or h2 tells of a process. */
void supvisors_world_report(
        struct supvisors_world *, unsigned instance, const struct fleet_report *);
void supvisors_world_instance(struct supvisors_world *, unsigned instance, enum peers_state);
/* As call_world_check(), with the present time left out of the result. */
void supvisors_world_check(
        struct supvisors_world *, const char *want, const char *method, const char *types, ...);
