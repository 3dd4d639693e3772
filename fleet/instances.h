/* Instances: who may run something, in what order they come, and whether they are there. */
#pragma once

#include "fleet/state.h"

enum instances_news {
        INSTANCES_SAME,
        INSTANCES_LOST,   /* what ran there runs there no more */
        INSTANCES_JOINED, /* it is RUNNING now */
};

enum instances_news instances_update(struct fleet *, const struct fleet_event *);
/* It was here when we were absent, and has not come back in time: now it is lost, too.  FLEET_NONE:
 * none (left).  'at_once': of everybody who is not here, unless only his daemon died. */
unsigned instances_lose_kept(struct fleet *, bool at_once);
usec_t instances_deadline(const struct fleet *);
void instances_snapshot_taken(struct fleet *, unsigned instance);
/* It is here, and has told what it runs in this life. */
bool instances_is_loaded(const struct fleet_instance *);
/* Another life than the last one that told speaks now. */
bool instances_is_reborn(const struct fleet_instance *);
/* A new one, which is STOPPED and has no name yet; after names, the list's order. */
struct fleet_instance *instances_add(struct fleet *, unsigned index);
void instances_sort(struct fleet *);
void instances_release(struct fleet *);
