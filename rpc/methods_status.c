/* The handlers of supervisor.* that tell what is: they only read the engine. */
#include <unistd.h>

#include "rpc/call.h"
#include "rpc/handlers.h"
#include "rpc/listing.h"
#include "rpc/xml.h"

enum outcome status_api_version(const struct invocation *in)
{
        xml_string(in->out, RPC_API_VERSION);
        return OUTCOME_VALUE;
}

enum outcome status_supervisor_version(const struct invocation *in)
{
        xml_string(in->out, RPC_SUPERVISOR_VERSION);
        return OUTCOME_VALUE;
}

enum outcome status_identification(const struct invocation *in)
{
        xml_string(in->out, in->host->identifier(in->context));
        return OUTCOME_VALUE;
}

enum outcome status_state(const struct invocation *in)
{
        xml_struct_begin(in->out);
        /* While it is another one nobody gets here. */
        xml_member_integer(in->out, "statecode", MOOD_RUNNING);
        xml_member_string(in->out, "statename", "RUNNING");
        xml_struct_end(in->out);
        return OUTCOME_VALUE;
}

enum outcome status_pid(const struct invocation *in)
{
        xml_integer(in->out, getpid());
        return OUTCOME_VALUE;
}

/* The words are room that all descriptions share. */
static void append_info(
        const struct invocation *in, const struct process *process, int64_t now, struct text *words)
{
        const char *out_log = in->host->log_path(in->context, process->id, RPC_STDOUT);
        struct text *out = in->out;

        xml_struct_begin(out);
        xml_member_string(out, "name", process->program->name);
        xml_member_string(out, "group", process->group_name);
        xml_member_integer(out, "start", listing_epoch_secs(process->start_wall));
        xml_member_integer(out, "stop", listing_epoch_secs(process->stop_wall));
        xml_member_integer(out, "now", now);
        xml_member_integer(out, "state", process_state_code(process->state));
        xml_member_string(out, "statename", process_state_name(process->state));
        xml_member_string(out, "spawnerr", process->spawnerr);
        xml_member_integer(out, "exitstatus", process->has_exitstatus ? process->exitstatus : 0);
        xml_member_string(out, "logfile", out_log);
        xml_member_string(out, "stdout_logfile", out_log);
        xml_member_string(
                out, "stderr_logfile", in->host->log_path(in->context, process->id, RPC_STDERR));
        xml_member_integer(out, "pid", process->pid);
        text_truncate(words, 0);
        listing_append_description(words, process, now);
        xml_member_string(out, "description", text_string(words));
        xml_struct_end(out);
}

enum outcome status_process_info(const struct invocation *in)
{
        CLEANUP(text_clear) struct text words = {};
        const struct process *process = NULL;
        enum fault fault = engine_find_process(in->engine, method_string(in, 0), &process);

        if (fault != FAULT_NONE)
                return call_fault(in->call, fault, method_string(in, 0));
        append_info(in, process, listing_now_secs(), &words);
        return OUTCOME_VALUE;
}

enum outcome status_all_process_info(const struct invocation *in)
{
        CLEANUP(text_clear) struct text words = {};
        CLEANUP(mem_free) const struct process **all = NULL;
        int64_t now = listing_now_secs();
        size_t count = 0;

        all = listing_processes(in->engine, &count);
        xml_array_begin(in->out);
        for (size_t i = 0; i < count; i++)
                append_info(in, all[i], now, &words);
        xml_array_end(in->out);
        return OUTCOME_VALUE;
}
