/* What processes use: see methods_usage.h. */
#include "rpc/methods_usage.h"

#include <sys/wait.h>

#include "base/signals.h"
#include "rpc/call.h"
#include "rpc/listing.h"
#include "rpc/xml.h"

/* Pressures are in hundredths of a percent inside. */
static double shown(const struct figures *figures, enum figure figure)
{
        double value = (double)figures->value[figure];

        if (figure == FIGURE_CPU_PRESSURE || figure == FIGURE_MEMORY_PRESSURE ||
                figure == FIGURE_IO_PRESSURE)
                value /= 100;
        return value;
}

/* Each figure that is known, and where each was read. */
static void append_figures(struct text *out, const struct figures *figures)
{
        for (unsigned i = 0; i < FIGURES; i++)
                if (figures_knows(figures, i))
                        xml_member_double(out, figures_name(i), shown(figures, i));
        xml_member_begin(out, "sources");
        xml_struct_begin(out);
        for (unsigned i = 0; i < FIGURES; i++)
                if (figures_knows(figures, i))
                        xml_member_string(
                                out, figures_name(i), figures_source_name(figures->source[i]));
        xml_struct_end(out);
        xml_member_end(out);
        xml_member_begin(out, "bounds");
        xml_array_begin(out);
        for (unsigned i = 0; i < FIGURES; i++)
                if (figures_knows(figures, i) && figures->is_bound[i])
                        xml_string(out, figures_name(i));
        xml_array_end(out);
        xml_member_end(out);
}

static void append_limits(struct text *out, const char *name, const struct limits *limits)
{
        xml_member_begin(out, name);
        xml_struct_begin(out);
        for (unsigned i = 0; i < LIMITS; i++)
                if (limits_get(limits, i))
                        xml_member_string(out, limits_name(i), limits->value[i]);
        xml_struct_end(out);
        xml_member_end(out);
}

static void append_exit(
        struct text *out, const struct process *process, const struct exit_record *record)
{
        int status = record->wait_status;
        int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        CLEANUP(mem_free) char *words = process_wait_text(status);
        CLEANUP(mem_free) char *cause = exits_sentence(process, record);

        xml_struct_begin(out);
        xml_member_string(out, "reason", exits_reason_name(record->reason));
        xml_member_string(out, "limit", record->limit);
        xml_member_string(out, "description", words);
        xml_member_string(out, "cause", cause);
        xml_member_integer(out, "pid", record->pid);
        xml_member_integer(out, "exitstatus", process_exit_code(status));
        xml_member_integer(out, "signal", signal);
        xml_member_string(out, "signame", signal ? signals_name(signal) : NULL);
        xml_member_boolean(out, "core", WIFSIGNALED(status) && WCOREDUMP(status));
        xml_member_boolean(out, "stop_asked", record->stop_asked);
        xml_member_integer(out, "start", listing_epoch_secs(record->start_wall));
        xml_member_integer(out, "stop", listing_epoch_secs(record->stop_wall));
        xml_member_double(out, "duration", listing_secs(record->duration));
        append_figures(out, &record->usage);
        xml_struct_end(out);
}

/* What log files have not taken; nothing where nothing was lost. */
static void append_log_troubles(const struct invocation *in, const struct process *process)
{
        static const char *const names[] = { [RPC_STDOUT] = "stdout", [RPC_STDERR] = "stderr" };
        const struct rpc_host *host = in->host;

        xml_member_begin(in->out, "log_troubles");
        xml_array_begin(in->out);
        for (unsigned i = 0; host->log_trouble && i < ELEMENTS(names); i++) {
                struct rpc_log_trouble trouble;

                if (!host->log_trouble(in->context, process->id, i, &trouble))
                        continue;
                xml_struct_begin(in->out);
                xml_member_string(in->out, "channel", names[i]);
                xml_member_string(in->out, "logfile", host->log_path(in->context, process->id, i));
                xml_member_string(in->out, "reason", trouble.reason);
                xml_member_double(in->out, "bytes_lost", (double)trouble.bytes_lost);
                xml_struct_end(in->out);
        }
        xml_array_end(in->out);
        xml_member_end(in->out);
}

static void append_usage(const struct invocation *in, const struct process *process, bool whole)
{
        const char *group_name = process->group_name;
        struct text *out = in->out;
        struct engine_group group;
        struct figures figures = {};

        if (process->pid && in->host->usage(in->context, process->id, whole, &figures) < 0)
                figures = (struct figures){};
        xml_struct_begin(out);
        xml_member_string(out, "name", process->program->name);
        xml_member_string(out, "group", group_name);
        xml_member_string(out, "statename", process_state_name(process->state));
        xml_member_integer(out, "pid", process->pid);
        xml_member_boolean(
                out, "frozen", process->pid && in->host->is_frozen(in->context, process->id));
        xml_member_boolean(out, "output_lost", process->pid && process->output_lost);
        append_log_troubles(in, process);
        xml_member_double(out, "now", listing_monotonic_secs());
        xml_member_double(out, "uptime",
                process->pid ? listing_monotonic_secs() - listing_secs(process->started) : 0);
        append_figures(out, &figures);
        append_limits(out, "limits", process->program->limits);
        append_limits(out, "group_limits",
                engine_group_find(in->engine, group_name, &group) ? group.config->limits : NULL);
        xml_member_begin(out, "last_exit");
        if (exits_last(process)) {
                append_exit(out, process, exits_last(process));
        } else {
                xml_struct_begin(out);
                xml_struct_end(out);
        }
        xml_member_end(out);
        xml_struct_end(out);
}

static enum outcome find(const struct invocation *in, const struct process **ret)
{
        const char *name = method_string(in, 0);
        enum fault fault = engine_find_process(in->engine, name, ret);

        return fault == FAULT_NONE ? OUTCOME_VALUE : call_fault(in->call, fault, name);
}

enum outcome usage_one(const struct invocation *in)
{
        const struct process *process;
        enum outcome outcome = find(in, &process);

        if (outcome == OUTCOME_VALUE)
                append_usage(in, process, true);
        return outcome;
}

/* A table of all programs takes tens of milliseconds, in which programs may come and go. */
struct table {
        uint32_t *ids;
        size_t count, next;
        bool has_begun;
};

static void table_free(void *state)
{
        struct table *table = state;

        mem_free(table->ids);
        mem_free(table);
}

static enum call_piece table_row(const struct invocation *in, void *state)
{
        struct table *table = state;
        const struct process *process;

        if (!table->has_begun)
                xml_array_begin(in->out);
        table->has_begun = true;
        if (table->next == table->count) {
                xml_array_end(in->out);
                return PIECE_DONE;
        }
        process = engine_process(in->engine, table->ids[table->next++]);
        if (process)
                append_usage(in, process, false);
        return PIECE_MORE;
}

enum outcome usage_all(const struct invocation *in)
{
        static const struct call_work work = { table_row, table_free };
        struct table *table = mem_new(sizeof(*table));
        CLEANUP(mem_free)
        const struct process **processes = listing_processes(in->engine, &table->count);

        table->ids = mem_new_array(table->count, sizeof(*table->ids));
        for (size_t i = 0; i < table->count; i++)
                table->ids[i] = processes[i]->id;
        return call_in_pieces(in, &work, table);
}

enum outcome usage_exits(const struct invocation *in)
{
        const struct process *process;
        enum outcome outcome = find(in, &process);

        if (outcome != OUTCOME_VALUE)
                return outcome;
        xml_array_begin(in->out);
        for (size_t i = process->exits_count; i > 0; i--)
                append_exit(in->out, process, &process->exits[i - 1]);
        xml_array_end(in->out);
        return outcome;
}

static enum outcome freeze(const struct invocation *in, bool frozen)
{
        const struct process *process;
        const char *name = method_string(in, 0);
        enum outcome outcome = find(in, &process);
        int r;

        if (outcome != OUTCOME_VALUE)
                return outcome;
        if (process->pid == 0 || process->reaped || process->stop_asked)
                return call_fault(in->call, FAULT_NOT_RUNNING, name);
        r = in->host->freeze(in->context, process->id, frozen);
        if (r < 0) {
                CLEANUP(mem_free)
                char *words = mem_format("%s has no cgroup that can be frozen", name);

                return call_fault(in->call, FAULT_NOT_APPLICABLE, words);
        }
        xml_boolean(in->out, true);
        return OUTCOME_VALUE;
}

enum outcome usage_freeze(const struct invocation *in)
{
        return freeze(in, true);
}

enum outcome usage_thaw(const struct invocation *in)
{
        return freeze(in, false);
}

enum outcome usage_update_limits(const struct invocation *in)
{
        return call_submit(in->call,
                &(struct request){ .type = REQUEST_LIMITS, .name = method_string(in, 0) });
}
