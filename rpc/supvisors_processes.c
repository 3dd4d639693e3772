/* The handlers of supvisors.* that tell what all instances run: they only read the fleet. */
#include "rpc/call.h"
#include "rpc/handlers_supvisors.h"
#include "rpc/listing.h"
#include "rpc/naming.h"
#include "rpc/xml.h"
#include "rules/formula.h"

/*
 * Applications.
 */

static void append_application(
        const struct invocation *in, const struct fleet_application *application)
{
        struct text *out = in->out;

        xml_struct_begin(out);
        xml_member_string(out, "application_name", application->name);
        xml_member_boolean(out, "managed", application->rules->managed);
        xml_member_double(out, "now_monotonic", listing_monotonic_secs());
        xml_member_integer(out, "statecode", application->state);
        xml_member_string(out, "statename", application_state_name(application->state));
        xml_member_boolean(out, "major_failure", application->major_failure);
        xml_member_boolean(out, "minor_failure", application->minor_failure);
        xml_struct_end(out);
}

enum outcome supvisors_all_applications(const struct invocation *in)
{
        xml_array_begin(in->out);
        for (size_t i = 0; i < fleet_applications_count(in->fleet); i++)
                append_application(in, fleet_application_at(in->fleet, i));
        xml_array_end(in->out);
        return OUTCOME_VALUE;
}

enum outcome supvisors_application(const struct invocation *in)
{
        const struct fleet_application *application = naming_application(in, 0);

        if (!application)
                return OUTCOME_FAULT;
        append_application(in, application);
        return OUTCOME_VALUE;
}

static void append_identifiers(
        const struct invocation *in, const char *key, const unsigned *indexes, size_t count)
{
        xml_member_begin(in->out, key);
        xml_array_begin(in->out);
        for (size_t i = 0; i < count; i++) {
                const struct fleet_instance *instance = fleet_instance_at(in->fleet, indexes[i]);

                if (instance)
                        xml_string(in->out, instance->identifier);
        }
        xml_array_end(in->out);
        xml_member_end(in->out);
}

/* Places without a sign: as the rules have them. */
static void append_places(const struct invocation *in, const struct rules_places *places)
{
        static const char *const all[] = { "*", NULL };

        xml_member_strings(
                in->out, "identifiers", places->all ? all : (const char *const *)places->names);
}

static void append_application_places(
        const struct invocation *in, const struct fleet_application *application)
{
        static const struct rules_places all = { .all = true };
        const struct rules_application *rules = application->rules;

        if (rules->places.spread)
                append_identifiers(in, "identifiers", &application->node,
                        application->node == FLEET_NONE ? 0 : 1);
        else
                append_places(in, rules->distribution == ALL_INSTANCES && !rules->places.count
                                          ? &all
                                          : &rules->places);
}

enum outcome supvisors_application_rules(const struct invocation *in)
{
        const struct fleet_application *application = naming_application(in, 0);
        const struct rules_application *rules;
        struct text *out = in->out;

        if (!application)
                return OUTCOME_FAULT;
        rules = application->rules;
        xml_struct_begin(out);
        xml_member_string(out, "application_name", application->name);
        xml_member_boolean(out, "managed", rules->managed);
        if (rules->managed) {
                xml_member_string(out, "distribution", distribution_name(rules->distribution));
                append_application_places(in, application);
                xml_member_integer(out, "start_sequence", rules->start_sequence);
                xml_member_integer(out, "stop_sequence", rules->stop_sequence);
                xml_member_string(
                        out, "starting_strategy", starting_strategy_name(rules->starting_strategy));
                xml_member_string(out, "starting_failure_strategy",
                        starting_failure_name(rules->starting_failure));
                xml_member_string(out, "running_failure_strategy",
                        running_failure_name(rules->running_failure));
                xml_member_string(
                        out, "status_formula", rules->formula ? formula_text(rules->formula) : "");
        }
        xml_struct_end(out);
        return OUTCOME_VALUE;
}

/*
 * Processes.
 */

static void append_process(const struct invocation *in, const struct fleet_process *process)
{
        enum process_state state = fleet_process_shown(process);
        struct text *out = in->out;

        xml_struct_begin(out);
        xml_member_string(out, "application_name", process->application->name);
        xml_member_string(out, "process_name", process->name);
        xml_member_double(out, "now_monotonic", listing_monotonic_secs());
        xml_member_integer(out, "statecode", process_state_code(state));
        xml_member_string(out, "statename", process_state_name(state));
        xml_member_boolean(out, "expected_exit", process->expected);
        xml_member_double(out, "last_event_mtime", listing_secs(process->updated));
        append_identifiers(in, "identifiers", process->running, process->running_count);
        xml_member_string(out, "extra_args", process->extra_args);
        xml_struct_end(out);
}

static void append_process_rules(const struct invocation *in, const struct fleet_process *process)
{
        const struct rules_program *rules = process->rules;
        struct text *out = in->out;

        xml_struct_begin(out);
        xml_member_string(out, "application_name", process->application->name);
        xml_member_string(out, "process_name", process->name);
        if (rules->places.spread || rules->places.one_each)
                append_identifiers(in, "identifiers", process->assigned,
                        process->is_assigned ? process->assigned_count : 0);
        else
                append_places(in, &rules->places);
        xml_member_integer(out, "start_sequence", rules->start_sequence);
        xml_member_integer(out, "stop_sequence", rules->stop_sequence);
        xml_member_boolean(out, "required", rules->required);
        xml_member_boolean(out, "wait_exit", rules->wait_exit);
        xml_member_integer(out, "expected_loading", rules->expected_loading);
        xml_member_string(
                out, "starting_failure_strategy", starting_failure_name(rules->starting_failure));
        xml_member_string(
                out, "running_failure_strategy", running_failure_name(rules->running_failure));
        xml_struct_end(out);
}

typedef void append_fn(const struct invocation *, const struct fleet_process *);

/* An array of the process or all of an application that the namespec names. */
static enum outcome append_named(const struct invocation *in, append_fn *append)
{
        const struct fleet_application *application;
        const struct fleet_process *process;

        if (!naming_namespec(in, 0, &application, &process))
                return OUTCOME_FAULT;
        xml_array_begin(in->out);
        if (process)
                append(in, process);
        for (size_t i = 0; !process && i < application->processes_count; i++)
                append(in, application->processes[i]);
        xml_array_end(in->out);
        return OUTCOME_VALUE;
}

static enum outcome append_all(
        const struct invocation *in, bool (*wanted)(const struct fleet_process *))
{
        xml_array_begin(in->out);
        for (size_t a = 0; a < fleet_applications_count(in->fleet); a++) {
                const struct fleet_application *application = fleet_application_at(in->fleet, a);

                for (size_t i = 0; i < application->processes_count; i++)
                        if (!wanted || wanted(application->processes[i]))
                                append_process(in, application->processes[i]);
        }
        xml_array_end(in->out);
        return OUTCOME_VALUE;
}

enum outcome supvisors_all_processes(const struct invocation *in)
{
        return append_all(in, NULL);
}

enum outcome supvisors_process(const struct invocation *in)
{
        return append_named(in, append_process);
}

enum outcome supvisors_process_rules(const struct invocation *in)
{
        return append_named(in, append_process_rules);
}

enum outcome supvisors_conflicts(const struct invocation *in)
{
        return append_all(in, fleet_process_conflicts);
}
