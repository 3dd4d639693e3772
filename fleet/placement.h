/* Placement: which instance is to run what. */
#pragma once

#include "fleet/state.h"

/* What has been asked for and does not show in the loads yet, by index of instance. */
struct placement_pending {
        int64_t *load; /* fleet_instances_count() of them */
};

/* Instances that may run the process, in the order of its rules: allowed, known to it there and
 * neither disabled nor obsolete, RUNNING.  Where the distribution is SINGLE_INSTANCE or SINGLE_NODE
 * and another process of the application runs, only there.  Returns how many; room for all
 * instances. */
size_t placement_candidates(const struct fleet *, const struct fleet_process *, unsigned *ret);
/* Which of the candidates; FLEET_NONE: none.  'local' is the instance that LOCAL means, 'load' what
 * is to be added; pending NULL: nothing. */
unsigned placement_choose(const struct fleet *, enum starting_strategy, const unsigned *candidates,
        size_t count, int64_t load, const struct placement_pending *, unsigned local);
/* SINGLE_INSTANCE and SINGLE_NODE: one instance per process of the list, of which some may run
 * already (then there).  False: no solution. */
bool placement_distribute(const struct fleet *, const struct fleet_application *,
        enum starting_strategy, struct fleet_process *const *processes, size_t count,
        const struct placement_pending *, unsigned local, unsigned *ret);
/* '#' and '@' of its programs and its own '#', which is final; names that are nobody's are told of
 * once.  Whenever the application is planned to start. */
void placement_resolve(struct fleet *, struct fleet_application *);
