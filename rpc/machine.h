/* The machine as reeve.get_host_usage tells of it: all of it, and what our cgroups leave us.  Plain
 * data, borrowed for the call. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct rpc_core {
        int number;        /* of the processor; -1: the mean of those that follow */
        double work, idle; /* seconds so far */
};

struct rpc_view { /* of a machine */
        double cpus;
        const struct rpc_core *cores;
        size_t cores_count;
        bool knows_memory;
        double memory, memory_used, memory_percent;
};

struct rpc_pair {
        const char *name;
        double in, out; /* bytes so far */
};

struct rpc_part {
        const char *name;
        double percent;
};

enum { RPC_PRESSURES = 3 }; /* of the processors, the memory, the disks */

struct rpc_machine {
        double now; /* monotonic seconds */
        bool is_bounded;
        const char *cpus_source, *memory_source; /* of the bounds: "v2", "v1"; "": there is none */
        struct rpc_view all, ours;
        bool knows_swap;
        double swap, swap_free;
        bool knows_load;
        double load[3];
        bool knows_pressure[RPC_PRESSURES];
        double pressure[RPC_PRESSURES]; /* percent of the last 10 s in which some task waited */
        const struct rpc_pair *nets, *disks;
        size_t nets_count, disks_count;
        const struct rpc_part *mounts;
        size_t mounts_count;
};
