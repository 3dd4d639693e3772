/* Placement: see placement.h. */
#include "fleet/placement.h"

size_t placement_candidates(
        const struct fleet *fleet, const struct fleet_process *process, unsigned *ret)
{
        (void)fleet, (void)process, (void)ret;
        return 0;
}

unsigned placement_choose(const struct fleet *fleet, enum starting_strategy strategy,
        const unsigned *candidates, size_t count, int64_t load,
        const struct placement_pending *pending, unsigned local)
{
        (void)fleet, (void)strategy, (void)candidates, (void)count, (void)load, (void)pending;
        (void)local;
        return FLEET_NONE;
}

bool placement_distribute(const struct fleet *fleet, const struct fleet_application *application,
        enum starting_strategy strategy, struct fleet_process *const *processes, size_t count,
        const struct placement_pending *pending, unsigned local, unsigned *ret)
{
        (void)fleet, (void)application, (void)strategy, (void)processes, (void)count;
        (void)pending, (void)local, (void)ret;
        return false;
}

void placement_resolve(struct fleet *fleet, struct fleet_application *application)
{
        (void)fleet, (void)application;
}
