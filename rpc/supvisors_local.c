/* The handlers of supvisors.* that tell of processes at one instance: at this one from the engine,
 * at any one as the fleet was last told. */
#include <string.h>

#include "base/monotonic.h"
#include "rpc/call.h"
#include "rpc/handlers_supvisors.h"
#include "rpc/listing.h"
#include "rpc/naming.h"
#include "rpc/xml.h"

/* What both kinds tell, in the order in which it is told. */
struct facts {
        const char *group, *name;
        enum process_state state;
        int64_t start, stop, now;
        pid_t pid;
        const char *description, *spawnerr;
        bool expected;
        usec_t start_monotonic, stop_monotonic, now_monotonic;
        const char *extra_args;
        int64_t startsecs, stopwaitsecs;
        unsigned process_index;
        const char *program_name;
        bool disabled, has_stdout, has_stderr;
};

static void append_facts(struct text *out, const struct facts *facts)
{
        xml_member_string(out, "group", facts->group);
        xml_member_string(out, "name", facts->name);
        xml_member_integer(out, "state", process_state_code(facts->state));
        xml_member_string(out, "statename", process_state_name(facts->state));
        xml_member_integer(out, "start", facts->start);
        xml_member_integer(out, "stop", facts->stop);
        xml_member_integer(out, "now", facts->now);
        xml_member_integer(out, "pid", facts->pid);
        xml_member_string(out, "description", facts->description);
        xml_member_string(out, "spawnerr", facts->spawnerr);
        xml_member_boolean(out, "expected", facts->expected);
        xml_member_double(out, "start_monotonic", listing_secs(facts->start_monotonic));
        xml_member_double(out, "stop_monotonic", listing_secs(facts->stop_monotonic));
        xml_member_double(out, "now_monotonic", listing_secs(facts->now_monotonic));
        xml_member_string(out, "extra_args", facts->extra_args);
        xml_member_integer(out, "startsecs", facts->startsecs);
        xml_member_integer(out, "stopwaitsecs", facts->stopwaitsecs);
        xml_member_integer(out, "process_index", facts->process_index);
        xml_member_string(out, "program_name", facts->program_name);
        xml_member_boolean(out, "disabled", facts->disabled);
        xml_member_boolean(out, "has_stdout", facts->has_stdout);
        xml_member_boolean(out, "has_stderr", facts->has_stderr);
}

/*
 * Local processes.
 */

static bool is_file(const struct log_options *log)
{
        return log->kind == LOGFILE_AUTO || log->kind == LOGFILE_PATH;
}

/* The engine keeps the time of a stop by the wall clock only: the other is what the fleet was told
 * when it happened. */
static usec_t stop_monotonic(const struct invocation *in, const struct process *process)
{
        const struct fleet_application *application =
                fleet_application_find(in->fleet, process->group_name);
        const struct fleet_process *known =
                application ? fleet_process_find(application, process->program->name) : NULL;
        const struct fleet_record *record = known ? fleet_process_record(known, 0) : NULL;

        return record ? record->stop_monotonic : 0;
}

static void append_local(
        const struct invocation *in, const struct process *process, struct text *words)
{
        const struct program *program = process->program;
        const char *spawnerr = process->spawnerr ? process->spawnerr : "";
        int64_t now = listing_now_secs();

        text_truncate(words, 0);
        listing_append_description(words, process, now);
        xml_struct_begin(in->out);
        append_facts(
                in->out, &(struct facts){
                                 .group = process->group_name,
                                 .name = program->name,
                                 .state = process->state,
                                 .start = listing_epoch_secs(process->start_wall),
                                 .stop = listing_epoch_secs(process->stop_wall),
                                 .now = now,
                                 .pid = process->pid,
                                 .description = text_string(words),
                                 .spawnerr = spawnerr,
                                 .expected = !*spawnerr,
                                 .start_monotonic = process->started,
                                 .stop_monotonic = stop_monotonic(in, process),
                                 .now_monotonic = monotonic_now(),
                                 .extra_args = process->extra_args,
                                 .startsecs = program->startsecs,
                                 .stopwaitsecs = program->stopwaitsecs,
                                 .process_index = program->index,
                                 .program_name = program_label(program),
                                 .disabled = process->disabled,
                                 .has_stdout = is_file(&program->out),
                                 .has_stderr = is_file(&program->err) && !program->redirect_stderr,
                         });
        xml_struct_end(in->out);
}

enum outcome supvisors_all_local(const struct invocation *in)
{
        CLEANUP(text_clear) struct text words = {};
        size_t count = 0;
        CLEANUP(mem_free) const struct process **all = listing_processes(in->engine, &count);

        xml_array_begin(in->out);
        for (size_t i = 0; i < count; i++)
                append_local(in, all[i], &words);
        xml_array_end(in->out);
        return OUTCOME_VALUE;
}

enum outcome supvisors_local(const struct invocation *in)
{
        CLEANUP(text_clear) struct text words = {};
        const struct process *process = NULL;
        enum fault fault = engine_find_process(in->engine, method_string(in, 0), &process);

        if (fault != FAULT_NONE)
                return call_fault(in->call, fault, method_string(in, 0));
        append_local(in, process, &words);
        return OUTCOME_VALUE;
}

/*
 * Records.
 */

/* What the clock of its instance shows now, as far as ours tells. */
static usec_t now_there(const struct fleet_record *record)
{
        usec_t now = monotonic_now();

        return record->clock_offset < 0 ? usec_sub(now, -(uint64_t)record->clock_offset)
                                        : usec_add(now, (uint64_t)record->clock_offset);
}

/* What its wall clock shows, by which its start and stop are told; as of its latest heartbeat. */
static int64_t wall_there(const struct invocation *in, unsigned instance)
{
        int64_t told = instance ? in->host->tick(in->context, instance).remote_time : 0;

        return told > 0 ? told : listing_now_secs();
}

/* An uptime goes on after it was told. */
static const char *description_now(
        const struct fleet_record *record, usec_t now, struct text *words)
{
        if (record->state != RUNNING)
                return record->description;
        listing_append_uptime(
                words, record->pid, (int64_t)(usec_sub(now, record->start_monotonic) / USEC_SEC));
        return text_string(words);
}

static void append_uptime(struct text *out, const struct fleet_record *record, usec_t now)
{
        if (record->state == RUNNING || record->state == STOPPING)
                xml_member_double(
                        out, "uptime", listing_secs(usec_sub(now, record->start_monotonic)));
        else
                xml_member_integer(out, "uptime", 0);
}

static void append_record(const struct invocation *in, const struct fleet_record *record)
{
        const struct fleet_instance *instance = fleet_instance_at(in->fleet, record->instance);
        CLEANUP(text_clear) struct text words = {};
        usec_t now = now_there(record);
        struct text *out = in->out;

        xml_struct_begin(out);
        append_facts(out, &(struct facts){
                                  .group = record->process->application->name,
                                  .name = record->process->name,
                                  .state = record->state,
                                  .start = listing_epoch_secs(record->start),
                                  .stop = listing_epoch_secs(record->stop),
                                  .now = wall_there(in, record->instance),
                                  .pid = record->pid,
                                  .description = description_now(record, now, &words),
                                  .spawnerr = record->spawnerr,
                                  .expected = record->expected,
                                  .start_monotonic = record->start_monotonic,
                                  .stop_monotonic = record->stop_monotonic,
                                  .now_monotonic = now,
                                  .extra_args = record->extra_args,
                                  .startsecs = record->startsecs,
                                  .stopwaitsecs = record->stopwaitsecs,
                                  .process_index = record->process_index,
                                  .program_name = record->program_name,
                                  .disabled = record->disabled,
                                  .has_stdout = record->has_stdout,
                                  .has_stderr = record->has_stderr,
                          });
        xml_member_double(out, "local_mtime", listing_secs(record->received));
        xml_member_double(out, "event_time", listing_secs(record->event_time));
        append_uptime(out, record, now);
        xml_member_boolean(out, "has_crashed", record->has_crashed);
        xml_member_string(out, "identifier", instance->identifier);
        xml_member_string(out, "nick_identifier", instance->nick);
        xml_struct_end(out);
}

static void append_records_of(
        const struct invocation *in, const struct fleet_application *application, unsigned instance)
{
        for (size_t i = 0; i < application->processes_count; i++) {
                const struct fleet_record *record =
                        fleet_process_record(application->processes[i], instance);

                if (record)
                        append_record(in, record);
        }
}

enum outcome supvisors_all_inner(const struct invocation *in)
{
        size_t count = 0;
        CLEANUP(mem_free) const struct fleet_instance **asked = naming_instances(in, 0, &count);

        if (!asked)
                return OUTCOME_FAULT;
        xml_array_begin(in->out);
        for (size_t i = 0; i < count; i++)
                for (size_t a = 0; a < fleet_applications_count(in->fleet); a++)
                        append_records_of(in, fleet_application_at(in->fleet, a), asked[i]->index);
        xml_array_end(in->out);
        return OUTCOME_VALUE;
}

enum outcome supvisors_inner(const struct invocation *in)
{
        size_t count = 0;
        CLEANUP(mem_free) const struct fleet_instance **asked = naming_instances(in, 0, &count);
        const struct fleet_application *application;
        const struct fleet_process *process;

        if (!asked || !naming_namespec(in, 1, &application, &process))
                return OUTCOME_FAULT;
        xml_array_begin(in->out);
        for (size_t i = 0; i < count; i++) {
                const struct fleet_record *record;

                if (!process) {
                        append_records_of(in, application, asked[i]->index);
                        continue;
                }
                record = fleet_process_record(process, asked[i]->index);
                if (!record) {
                        CLEANUP(mem_free)
                        char *words = mem_format(
                                "%s unknown on %s", method_string(in, 1), asked[i]->identifier);

                        return call_fault(in->call, FAULT_FAILED, words);
                }
                append_record(in, record);
        }
        xml_array_end(in->out);
        return OUTCOME_VALUE;
}
