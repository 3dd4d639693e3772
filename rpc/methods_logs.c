/* The handlers of supervisor.* about log files: read, tail, clear. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/call.h"
#include "rpc/handlers.h"
#include "rpc/logread.h"
#include "rpc/xml.h"

static enum outcome read_log(
        const struct invocation *in, const char *path, int64_t offset, int64_t length)
{
        enum fault fault = path ? logread_read(in->out, path, offset, length) : FAULT_NO_FILE;

        if (fault == FAULT_NONE)
                return OUTCOME_VALUE;
        return call_fault(in->call, fault, fault == FAULT_NO_FILE ? path : NULL);
}

static enum outcome read_journal(const struct invocation *in, const struct process *process,
        enum rpc_channel channel, bool is_tail)
{
        const struct rpc_log_request request = { process->id, channel, is_tail,
                method_integer(in, 1), method_integer(in, 2) };

        return call_read_log(in->call, &request);
}

static enum outcome read_process(const struct invocation *in, enum rpc_channel channel)
{
        const struct process *process = NULL;
        enum fault fault = engine_find_process(in->engine, method_string(in, 0), &process);

        if (fault != FAULT_NONE)
                return call_fault(in->call, fault, method_string(in, 0));
        if (logread_is_in_journal(process->program, channel))
                return read_journal(in, process, channel, false);
        return read_log(in, in->host->log_path(in->context, process->id, channel),
                method_integer(in, 1), method_integer(in, 2));
}

static enum outcome tail_process(const struct invocation *in, enum rpc_channel channel)
{
        const struct process *process = NULL;
        enum fault fault = engine_find_process(in->engine, method_string(in, 0), &process);

        if (fault != FAULT_NONE)
                return call_fault(in->call, fault, method_string(in, 0));
        if (logread_is_in_journal(process->program, channel))
                return read_journal(in, process, channel, true);
        logread_tail(in->out, in->host->log_path(in->context, process->id, channel),
                method_integer(in, 1), method_integer(in, 2));
        return OUTCOME_VALUE;
}

enum outcome logs_read_main(const struct invocation *in)
{
        return read_log(
                in, in->host->main_log(in->context), method_integer(in, 0), method_integer(in, 1));
}

enum outcome logs_read_stdout(const struct invocation *in)
{
        return read_process(in, RPC_STDOUT);
}

enum outcome logs_read_stderr(const struct invocation *in)
{
        return read_process(in, RPC_STDERR);
}

enum outcome logs_tail_stdout(const struct invocation *in)
{
        return tail_process(in, RPC_STDOUT);
}

enum outcome logs_tail_stderr(const struct invocation *in)
{
        return tail_process(in, RPC_STDERR);
}

enum outcome logs_clear_main(const struct invocation *in)
{
        const char *path = in->host->main_log(in->context);
        int r;

        if (!path || !logread_exists(path))
                return call_fault(in->call, FAULT_NO_FILE, NULL);
        r = in->host->clear_main_log(in->context);
        if (r < 0)
                return call_fault(in->call, FAULT_FAILED, NULL);
        xml_boolean(in->out, true);
        return OUTCOME_VALUE;
}

/* Nothing is open of a process that does not run, so there is nothing to clear either: that is how
 * Supervisor has it, and it is no failure. */
static int clear_process(const struct invocation *in, const struct process *process)
{
        return process->pid ? in->host->clear_logs(in->context, process->id) : 0;
}

enum outcome logs_clear(const struct invocation *in)
{
        const char *name = method_string(in, 0);
        const struct process *process = NULL;
        enum fault fault = engine_find_process(in->engine, name, &process);

        if (fault != FAULT_NONE)
                return call_fault(in->call, fault, name);
        if (clear_process(in, process) < 0)
                return call_fault(in->call, FAULT_FAILED, name);
        xml_boolean(in->out, true);
        return OUTCOME_VALUE;
}

struct slot {
        const struct process *process;
        int64_t group_priority;
        size_t index; /* keeps the order of equals */
};

static int compare_slots(const void *a, const void *b)
{
        const struct slot *x = a, *y = b;

        if (x->group_priority != y->group_priority)
                return x->group_priority < y->group_priority ? -1 : 1;
        return x->index < y->index ? -1 : x->index > y->index;
}

static int compare_members(const void *a, const void *b)
{
        const struct slot *x = a, *y = b;

        if (x->process->program->priority != y->process->program->priority)
                return x->process->program->priority < y->process->program->priority ? -1 : 1;
        return x->index < y->index ? -1 : x->index > y->index;
}

/* Groups by priority, and within a group processes by theirs; the caller owns the array. */
static struct slot *ordered_slots(const struct engine *engine, size_t *ret_count)
{
        struct slot *slots = NULL;
        size_t count = 0, capacity = 0;

        for (size_t i = 0; i < engine_groups_count(engine); i++) {
                struct engine_group group = engine_group_at(engine, i);
                size_t first = count;

                slots = mem_grow(slots, &capacity, count + group.processes_count, sizeof(*slots));
                for (size_t j = 0; j < group.processes_count; j++, count++)
                        slots[count] = (struct slot){ .process = group.processes[j],
                                .group_priority = group.config->priority,
                                .index = count };
                if (count - first > 1)
                        qsort(slots + first, count - first, sizeof(*slots), compare_members);
                for (size_t j = first; j < count; j++)
                        slots[j].index = j;
        }
        if (count > 1)
                qsort(slots, count, sizeof(*slots), compare_slots);
        *ret_count = count;
        return slots;
}

static void append_cleared(const struct invocation *in, const struct process *process)
{
        const char *name = process->program->name;
        bool good = clear_process(in, process) >= 0;
        CLEANUP(mem_free) char *namespec = NULL, *failure = NULL;

        if (!good) {
                namespec = strcmp(name, process->group_name) == 0
                                   ? mem_strdup(name)
                                   : mem_format("%s:%s", process->group_name, name);
                failure = fault_text(FAULT_FAILED, namespec);
        }
        xml_struct_begin(in->out);
        xml_member_begin(in->out, "name");
        xml_string(in->out, name);
        xml_member_end(in->out);
        xml_member_begin(in->out, "group");
        xml_string(in->out, process->group_name);
        xml_member_end(in->out);
        xml_member_begin(in->out, "status");
        xml_integer(in->out, good ? (int)FAULT_SUCCESS : (int)FAULT_FAILED);
        xml_member_end(in->out);
        xml_member_begin(in->out, "description");
        xml_string(in->out, good ? "OK" : failure);
        xml_member_end(in->out);
        xml_struct_end(in->out);
}

enum outcome logs_clear_all(const struct invocation *in)
{
        size_t count = 0;
        CLEANUP(mem_free) struct slot *slots = ordered_slots(in->engine, &count);

        xml_array_begin(in->out);
        for (size_t i = 0; i < count; i++)
                append_cleared(in, slots[i].process);
        xml_array_end(in->out);
        return OUTCOME_VALUE;
}
