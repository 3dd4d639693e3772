/* What is told of the machine: see machine_report.h. */
#include "daemon/machine_report.h"

#include "cgroup/hostview.h"
#include "daemon/daemon.h"
#include "daemon/machine.h"
#include "rpc/machine.h"

static struct rpc_core *cores_of(const struct host_core *cores, size_t count)
{
        struct rpc_core *ours = mem_new_array(count, sizeof(*ours));

        for (size_t i = 0; i < count; i++)
                ours[i] = (struct rpc_core){ i ? (int)cores[i].number : -1, cores[i].work,
                        cores[i].idle };
        return ours;
}

static struct rpc_pair *pairs_of(const struct host_counters *counters)
{
        struct rpc_pair *pairs = mem_new_array(counters->count, sizeof(*pairs));

        for (size_t i = 0; i < counters->count; i++)
                pairs[i] = (struct rpc_pair){ counters->at[i].name, (double)counters->at[i].in,
                        (double)counters->at[i].out };
        return pairs;
}

static struct rpc_part *parts_of(const struct host_sample *sample)
{
        struct rpc_part *parts = mem_new_array(sample->mounts_count, sizeof(*parts));

        for (size_t i = 0; i < sample->mounts_count; i++)
                parts[i] = (struct rpc_part){ sample->mounts[i].point, sample->mounts[i].percent };
        return parts;
}

static const char *source_of(enum figure_source source)
{
        return source == FIGURE_UNKNOWN ? "" : figures_source_name(source);
}

static void set_memory(struct rpc_view *view, struct hostview_memory memory)
{
        view->knows_memory = memory.is_known;
        view->memory = (double)memory.total;
        view->memory_used = (double)memory.used;
        view->memory_percent = memory.percent;
}

static void set_rest(struct rpc_machine *machine, const struct host_sample *sample)
{
        machine->knows_swap = sample->knows_memory;
        machine->swap = (double)sample->swap;
        machine->swap_free = (double)sample->swap_free;
        machine->knows_load = sample->knows_load;
        for (size_t i = 0; i < ELEMENTS(machine->load); i++)
                machine->load[i] = sample->load[i];
        _Static_assert((int)RPC_PRESSURES == (int)HOST_PRESSURES, "the same ones");
        for (size_t i = 0; i < RPC_PRESSURES; i++) {
                machine->knows_pressure[i] = sample->knows_pressure[i];
                machine->pressure[i] = sample->pressure[i];
        }
}

static void tell(const struct host_sample *sample, struct rpc_machine_sink sink)
{
        CLEANUP(mem_free) struct host_core *cores = NULL;
        size_t count = hostview_cores(sample, &cores);
        CLEANUP(mem_free) struct rpc_core *ours = cores_of(cores, count);
        CLEANUP(mem_free) struct rpc_core *all = cores_of(sample->cores, sample->cores_count);
        CLEANUP(mem_free) struct rpc_pair *nets = pairs_of(&sample->nets);
        CLEANUP(mem_free) struct rpc_pair *disks = pairs_of(&sample->disks);
        CLEANUP(mem_free) struct rpc_part *parts = parts_of(sample);
        struct rpc_machine machine = {
                .now = (double)sample->now / (double)USEC_SEC,
                .is_bounded = hostview_is_bounded(sample),
                .cpus_source = source_of(sample->bounds.cpus_source),
                .memory_source = source_of(sample->bounds.memory_source),
                .all = { .cpus = sample->cores_count ? (double)(sample->cores_count - 1) : 0,
                        .cores = all,
                        .cores_count = sample->cores_count },
                .ours = { .cpus = hostview_cpus(sample), .cores = ours, .cores_count = count },
                .nets = nets,
                .nets_count = sample->nets.count,
                .disks = disks,
                .disks_count = sample->disks.count,
                .mounts = parts,
                .mounts_count = sample->mounts_count,
        };

        set_memory(&machine.all, hostview_memory_of_all(sample));
        set_memory(&machine.ours, hostview_memory(sample));
        set_rest(&machine, sample);
        sink.told(sink.context, &machine);
}

static void on_sample(void *context, const struct host_sample *sample)
{
        const struct daemon *d = context;

        if (d->http)
                http_wake(d->http);
}

bool machine_report(void *context, uint64_t *ticket, struct rpc_machine_sink sink)
{
        struct daemon *d = context;

        if (*ticket == 0) {
                *ticket = machine_count(d->machine) + 1;
                machine_ask(d->machine, on_sample, d);
        }
        if (machine_count(d->machine) < *ticket)
                return false;
        tell(machine_last(d->machine), sink);
        return true;
}
