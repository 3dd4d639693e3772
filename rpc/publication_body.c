/* The bodies of publications: see publication.h.
 *
 * What a method of supvisors.* answers is published in the words of that method: its answer is
 * read, and written as JSON. */
#include <jansson.h>
#include <string.h>

#include "fleet/fleet.h"
#include "rpc/handlers_supvisors.h"
#include "rpc/json.h"
#include "rpc/publication.h"
#include "rpc/xml.h"

#define DELETED_CODE (-1)
#define DELETED_NAME "DELETED"

/* What the handler appends: a struct, or the first of an array.  NULL: nothing. */
static char *answer_of(const struct rpc_host *host, void *context,
        enum outcome (*handler)(const struct invocation *), const char *name)
{
        CLEANUP(value_free) struct value *params = value_new(VALUE_ARRAY);
        CLEANUP(text_clear) struct text xml = {};
        CLEANUP(xml_response_clear) struct xml_response response = {};
        struct invocation in = {
                .host = host,
                .context = context,
                .engine = host->engine(context),
                .fleet = host->fleet(context),
                .cluster = host->cluster(context),
                .config = host->cluster_config(context),
                .params = params,
                .out = &xml,
        };
        const struct value *value;
        struct err err = {};
        json_t *json;
        char *line;

        if (name)
                value_append(params, value_new_string(name));
        xml_response_begin(&xml);
        if (handler(&in) != OUTCOME_VALUE)
                return NULL;
        xml_response_end(&xml);
        if (xml_decode_response(xml.data, xml.length, &response, &err) < 0)
                return NULL;
        value = response.value;
        if (value && value->type == VALUE_ARRAY)
                value = value->array.count ? value->array.items[0] : NULL;
        if (!value)
                return NULL;
        json = json_from_value(value);
        line = json_line(json);
        json_decref(json);
        return line;
}

char *publication_supvisors(const struct rpc_host *host, void *context)
{
        return answer_of(host, context, supvisors_state, NULL);
}

char *publication_instance(const struct rpc_host *host, void *context, unsigned index)
{
        const struct fleet_instance *instance = fleet_instance_at(host->fleet(context), index);

        return instance ? answer_of(host, context, supvisors_instance, instance->identifier) : NULL;
}

char *publication_application(const struct rpc_host *host, void *context, const char *application)
{
        return fleet_application_find(host->fleet(context), application)
                       ? answer_of(host, context, supvisors_application, application)
                       : NULL;
}

char *publication_process(const struct rpc_host *host, void *context, const char *namespec)
{
        CLEANUP(mem_free) char *detail = NULL;
        struct fleet_application *application;
        struct fleet_process *process;

        if (fleet_find_namespec(host->fleet(context), namespec, &application, &process, &detail) !=
                        FAULT_NONE ||
                !process)
                return NULL;
        return answer_of(host, context, supvisors_process, namespec);
}

/* The line of an object, which is released. */
static char *finish(json_t *taken)
{
        char *line = json_line(taken);

        json_decref(taken);
        return line;
}

static double secs(usec_t usec)
{
        return (double)usec / (double)USEC_SEC;
}

static void set_text(json_t *object, const char *key, const char *text)
{
        (void)json_object_set_new(object, key, json_from_text(text));
}

static void set_number(json_t *object, const char *key, int64_t number)
{
        (void)json_object_set_new(object, key, json_integer(number));
}

static void set_real(json_t *object, const char *key, double number)
{
        (void)json_object_set_new(object, key, json_real(number));
}

static void set_truth(json_t *object, const char *key, bool truth)
{
        (void)json_object_set_new(object, key, json_boolean(truth));
}

char *publication_application_deleted(const char *application, struct publication_clock clock)
{
        json_t *body = json_object();

        set_text(body, "application_name", application);
        set_truth(body, "managed", false);
        set_real(body, "now_monotonic", clock.monotonic);
        set_number(body, "statecode", APPLICATION_DELETED);
        set_text(body, "statename", DELETED_NAME);
        set_truth(body, "major_failure", false);
        set_truth(body, "minor_failure", false);
        return finish(body);
}

char *publication_process_deleted(
        const char *application, const char *process, struct publication_clock clock)
{
        json_t *body = json_object();

        set_text(body, "application_name", application);
        set_text(body, "process_name", process);
        set_real(body, "now_monotonic", clock.monotonic);
        set_number(body, "statecode", DELETED_CODE);
        set_text(body, "statename", DELETED_NAME);
        set_truth(body, "expected_exit", true);
        set_real(body, "last_event_mtime", clock.monotonic);
        (void)json_object_set_new(body, "identifiers", json_array());
        set_text(body, "extra_args", "");
        return finish(body);
}

/*
 * Events.
 */

static void set_instance(json_t *body, const struct fleet_instance *instance)
{
        set_text(body, "identifier", instance ? instance->identifier : "");
        set_text(body, "nick_identifier", instance ? instance->nick : "");
}

char *publication_event(const struct fleet *fleet, const struct fleet_record *record,
        struct publication_clock clock)
{
        json_t *body = json_object();
        /* The event on our own clock, and how long ago that is. */
        double ours = secs(record->event_time) - (double)record->clock_offset / USEC_SEC;
        double age = clock.monotonic > ours ? clock.monotonic - ours : 0;

        set_instance(body, fleet_instance_at(fleet, record->instance));
        set_text(body, "name", record->process->name);
        set_text(body, "group", record->process->application->name);
        set_number(body, "state", process_state_code(record->state));
        set_real(body, "now", clock.wall - age);
        set_real(body, "now_monotonic", secs(record->event_time));
        set_number(body, "pid", record->run_pid);
        set_truth(body, "expected", record->state != EXITED || record->expected);
        set_text(body, "spawnerr", record->spawnerr);
        set_text(body, "extra_args", record->extra_args);
        set_truth(body, "disabled", record->disabled);
        set_real(body, "event_mtime", clock.monotonic);
        return finish(body);
}

char *publication_event_forced(const struct fleet *fleet, const struct fleet_process *process,
        unsigned index, struct publication_clock clock)
{
        json_t *body = json_object();

        set_instance(body, index == FLEET_NONE ? NULL : fleet_instance_at(fleet, index));
        set_text(body, "group", process->application->name);
        set_text(body, "name", process->name);
        set_number(body, "state", process_state_code(fleet_process_shown(process)));
        set_real(body, "now", clock.wall);
        set_real(body, "now_monotonic", clock.monotonic);
        set_number(body, "pid", 0);
        set_truth(body, "expected", false);
        set_text(body, "spawnerr", process->forced_reason);
        set_text(body, "extra_args", process->extra_args);
        set_real(body, "event_mtime", clock.monotonic);
        return finish(body);
}

char *publication_event_ability(const struct fleet *fleet, const struct fleet_record *record,
        struct publication_clock clock)
{
        json_t *body = json_object();

        set_text(body, "group", record->process->application->name);
        set_text(body, "name", record->process->name);
        set_number(body, "state", process_state_code(record->state));
        set_text(body, "statename", process_state_name(record->state));
        set_number(body, "start", (int64_t)(record->start / USEC_SEC));
        set_number(body, "stop", (int64_t)(record->stop / USEC_SEC));
        set_number(body, "now", (int64_t)clock.wall);
        set_number(body, "pid", record->pid);
        set_text(body, "description", record->description);
        set_text(body, "spawnerr", record->spawnerr);
        set_truth(body, "expected", !record->spawnerr || !*record->spawnerr);
        set_real(body, "start_monotonic", secs(record->start_monotonic));
        set_real(body, "stop_monotonic", secs(record->stop_monotonic));
        set_real(body, "now_monotonic", secs(record->event_time));
        set_text(body, "extra_args", record->extra_args);
        set_number(body, "startsecs", record->startsecs);
        set_number(body, "stopwaitsecs", record->stopwaitsecs);
        set_number(body, "process_index", record->process_index);
        set_text(body, "program_name", record->program_name);
        set_truth(body, "disabled", record->disabled);
        set_truth(body, "has_stdout", record->has_stdout);
        set_truth(body, "has_stderr", record->has_stderr);
        set_instance(body, fleet_instance_at(fleet, record->instance));
        return finish(body);
}

char *publication_event_removed(
        const struct fleet_instance *instance, const char *application, const char *process)
{
        json_t *body = json_object();

        set_text(body, "name", process);
        set_text(body, "group", application);
        set_number(body, "state", DELETED_CODE);
        set_instance(body, instance);
        return finish(body);
}

/*
 * Figures.
 */

static json_t *pair_of(double first, double second)
{
        json_t *pair = json_array();

        (void)json_array_append_new(pair, json_real(first));
        (void)json_array_append_new(pair, json_real(second));
        return pair;
}

static void set_pairs(
        json_t *body, const char *key, const struct statistics_pair *pairs, size_t count)
{
        json_t *object = json_object();

        for (size_t i = 0; i < count; i++)
                (void)json_object_set_new(
                        object, pairs[i].name, pair_of(pairs[i].in, pairs[i].out));
        (void)json_object_set_new(body, key, object);
}

static void set_host(json_t *body, const struct statistics_figure *figure)
{
        json_t *cores = json_array();
        json_t *mounts = json_object();

        for (size_t i = 0; i < figure->cores_count; i++)
                (void)json_array_append_new(cores, json_real(figure->cores[i]));
        (void)json_object_set_new(body, "cpu", cores);
        set_real(body, "mem", figure->memory);
        set_pairs(body, "net_io", figure->nets, figure->nets_count);
        set_pairs(body, "disk_io", figure->disks, figure->disks_count);
        for (size_t i = 0; i < figure->mounts_count; i++)
                set_real(mounts, figure->mounts[i].name, figure->mounts[i].percent);
        (void)json_object_set_new(body, "disk_usage", mounts);
}

char *publication_figure(const struct fleet_instance *instance,
        const struct statistics_figure *figure, struct publication_clock clock)
{
        json_t *body = json_object();

        if (figure->namespec)
                set_text(body, "namespec", figure->namespec);
        set_text(body, "identifier", instance->identifier);
        if (figure->namespec)
                set_number(body, "pid", figure->pid);
        set_real(body, "now_monotonic", clock.monotonic);
        set_real(body, "target_period", figure->target);
        (void)json_object_set_new(body, "period", pair_of(figure->start, figure->end));
        if (figure->namespec) {
                set_real(body, "cpu", figure->cpu);
                set_real(body, "mem", figure->memory);
        } else {
                set_host(body, figure);
        }
        return finish(body);
}
