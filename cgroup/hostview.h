/* The machine that is there for us: the host, as far as the cgroups that we are in leave us of it.
 * Pure, but for what asks of here. */
#pragma once

#include "cgroup/host.h"

bool hostview_is_bounded(const struct host_sample *);
/* How many processors' worth of time there is for us. */
double hostview_cpus(const struct host_sample *);
/* Those that we may use, their mean first; of that, where there is a quota, what it leaves.  The
 * caller owns them. */
size_t hostview_cores(const struct host_sample *, struct host_core **ret);

struct hostview_memory {
        bool is_known;
        uint64_t total, used; /* bytes */
        double percent;
};
struct hostview_memory hostview_memory(const struct host_sample *);
struct hostview_memory hostview_memory_of_all(const struct host_sample *); /* whatever bounds us */
uint64_t hostview_memory_here(void); /* bytes in all; 0: not known */
