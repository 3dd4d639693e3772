/* reeve.get_host_usage: what the machine has, and what of it is in use. */
#include "rpc/call.h"
#include "rpc/machine.h"
#include "rpc/methods_usage.h"
#include "rpc/xml.h"

static void append_doubles(struct text *out, const double *numbers, size_t count)
{
        xml_array_begin(out);
        for (size_t i = 0; i < count; i++)
                xml_double(out, numbers[i]);
        xml_array_end(out);
}

static void append_view(struct text *out, const char *name, const struct rpc_view *view)
{
        xml_member_begin(out, name);
        xml_struct_begin(out);
        xml_member_double(out, "cpus", view->cpus);
        xml_member_begin(out, "cores");
        xml_array_begin(out);
        for (size_t i = 1; i < view->cores_count; i++)
                xml_integer(out, view->cores[i].number);
        xml_array_end(out);
        xml_member_end(out);
        xml_member_begin(out, "cpu");
        xml_array_begin(out);
        for (size_t i = 0; i < view->cores_count; i++)
                append_doubles(out, (double[]){ view->cores[i].work, view->cores[i].idle }, 2);
        xml_array_end(out);
        xml_member_end(out);
        if (view->knows_memory) {
                xml_member_double(out, "memory", view->memory);
                xml_member_double(out, "memory_used", view->memory_used);
                xml_member_double(out, "memory_percent", view->memory_percent);
        }
        xml_struct_end(out);
        xml_member_end(out);
}

static void append_pairs(
        struct text *out, const char *name, const struct rpc_pair *pairs, size_t count)
{
        xml_member_begin(out, name);
        xml_struct_begin(out);
        for (size_t i = 0; i < count; i++) {
                xml_member_begin(out, pairs[i].name);
                append_doubles(out, (double[]){ pairs[i].in, pairs[i].out }, 2);
                xml_member_end(out);
        }
        xml_struct_end(out);
        xml_member_end(out);
}

static void append_pressures(struct text *out, const struct rpc_machine *machine)
{
        static const char *const names[RPC_PRESSURES] = { "cpu", "memory", "io" };

        xml_member_begin(out, "pressure");
        xml_struct_begin(out);
        for (size_t i = 0; i < RPC_PRESSURES; i++)
                if (machine->knows_pressure[i])
                        xml_member_double(out, names[i], machine->pressure[i]);
        xml_struct_end(out);
        xml_member_end(out);
}

static void append_machine(void *context, const struct rpc_machine *machine)
{
        struct text *out = context;

        xml_struct_begin(out);
        xml_member_double(out, "now", machine->now);
        xml_member_boolean(out, "limited", machine->is_bounded);
        xml_member_string(out, "cpus_source", machine->cpus_source);
        xml_member_string(out, "memory_source", machine->memory_source);
        append_view(out, "machine", &machine->all);
        append_view(out, "available", &machine->ours);
        if (machine->knows_swap) {
                xml_member_double(out, "swap", machine->swap);
                xml_member_double(out, "swap_used", machine->swap - machine->swap_free);
        }
        if (machine->knows_load) {
                xml_member_begin(out, "load");
                append_doubles(out, machine->load, ELEMENTS(machine->load));
                xml_member_end(out);
        }
        append_pressures(out, machine);
        append_pairs(out, "net_io", machine->nets, machine->nets_count);
        append_pairs(out, "disk_io", machine->disks, machine->disks_count);
        xml_member_begin(out, "disk_usage");
        xml_struct_begin(out);
        for (size_t i = 0; i < machine->mounts_count; i++)
                xml_member_double(out, machine->mounts[i].name, machine->mounts[i].percent);
        xml_struct_end(out);
        xml_member_end(out);
        xml_struct_end(out);
}

static enum call_piece look(const struct invocation *in, void *state)
{
        const struct rpc_machine_sink sink = { append_machine, in->out };

        return in->host->machine(in->context, state, sink) ? PIECE_DONE : PIECE_WAITS;
}

static void release(void *state)
{
        mem_free(state);
}

enum outcome usage_host(const struct invocation *in)
{
        static const struct call_work work = { look, release };

        return call_in_pieces(in, &work, mem_new(sizeof(uint64_t)));
}
