/* The handlers of supvisors.* that change something: the fleet or the cluster is asked for what
 * concerns all instances, the engine for what is local. */
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "config/clusterconfig.h"
#include "rpc/call.h"
#include "rpc/handlers_supvisors.h"
#include "rpc/naming.h"
#include "rpc/xml.h"

/* Of the statistics, in seconds: as the option has it. */
enum { PERIOD_MIN = 1, PERIOD_MAX = 3600 };

/* The optional parameter that is true when it is not given. */
static bool wants_to_wait(const struct invocation *in, size_t index)
{
        const struct value *wait = method_param(in, index);

        return !wait || value_is_true(wait);
}

/*
 * Of the fleet.
 */

/* The strategy, then the name.  Arguments are refused here as the engine refuses them, rather than
 * travel to where they are. */
static enum outcome submit_placed(
        const struct invocation *in, enum fleet_request_type type, const char *args, bool wait)
{
        CLEANUP(mem_free) char *words = NULL;
        struct fleet_request request = {
                .type = type,
                .name = method_string(in, 1),
                .args = args,
                .wait = wait,
        };

        if (!naming_starting(in, 0, &request.strategy))
                return OUTCOME_FAULT;
        if (args && strlen(args) > PROCESS_ARGS_MAX) {
                words = mem_format("extra arguments of more than %d bytes", PROCESS_ARGS_MAX);
                return call_fault(in->call, FAULT_INCORRECT_PARAMETERS, words);
        }
        return call_submit_fleet(in->call, &request);
}

enum outcome supvisors_start_application(const struct invocation *in)
{
        return submit_placed(in, FLEET_START_APPLICATION, NULL, wants_to_wait(in, 2));
}

enum outcome supvisors_restart_application(const struct invocation *in)
{
        return submit_placed(in, FLEET_RESTART_APPLICATION, NULL, wants_to_wait(in, 2));
}

enum outcome supvisors_test_start_application(const struct invocation *in)
{
        return submit_placed(in, FLEET_TEST_START_APPLICATION, NULL, false);
}

enum outcome supvisors_start_process(const struct invocation *in)
{
        return submit_placed(in, FLEET_START_PROCESS, method_string(in, 2), wants_to_wait(in, 3));
}

enum outcome supvisors_start_any(const struct invocation *in)
{
        return submit_placed(in, FLEET_START_ANY, method_string(in, 2), wants_to_wait(in, 3));
}

enum outcome supvisors_restart_process(const struct invocation *in)
{
        return submit_placed(in, FLEET_RESTART_PROCESS, method_string(in, 2), wants_to_wait(in, 3));
}

enum outcome supvisors_test_start_process(const struct invocation *in)
{
        return submit_placed(in, FLEET_TEST_START_PROCESS, NULL, false);
}

static enum outcome submit_stop(const struct invocation *in, enum fleet_request_type type)
{
        return call_submit_fleet(in->call, &(struct fleet_request){
                                                   .type = type,
                                                   .name = method_string(in, 0),
                                                   .wait = wants_to_wait(in, 1),
                                           });
}

enum outcome supvisors_stop_application(const struct invocation *in)
{
        return submit_stop(in, FLEET_STOP_APPLICATION);
}

enum outcome supvisors_stop_process(const struct invocation *in)
{
        return submit_stop(in, FLEET_STOP_PROCESS);
}

enum outcome supvisors_restart_sequence(const struct invocation *in)
{
        return call_submit_fleet(in->call, &(struct fleet_request){
                                                   .type = FLEET_RESTART_SEQUENCE,
                                                   .wait = wants_to_wait(in, 0),
                                           });
}

enum outcome supvisors_conciliate(const struct invocation *in)
{
        struct fleet_request request = { .type = FLEET_CONCILIATE };

        if (!naming_conciliation(in, 0, &request.strategy))
                return OUTCOME_FAULT;
        if (request.strategy != CONCILIATION_USER)
                return call_submit_fleet(in->call, &request);
        xml_boolean(in->out, false); /* the user does it himself */
        return OUTCOME_VALUE;
}

/*
 * Of the cluster.
 */

static enum outcome end_cluster(const struct invocation *in, bool restart)
{
        if (cluster_status(in->cluster).master == PEERS_NONE)
                return call_fault(
                        in->call, FAULT_BAD_SUPVISORS_STATE, "no Supvisors Master is known");
        return call_end_cluster(in->call, restart);
}

enum outcome supvisors_restart(const struct invocation *in)
{
        return end_cluster(in, true);
}

enum outcome supvisors_shutdown(const struct invocation *in)
{
        return end_cluster(in, false);
}

static enum outcome refuse_master(
        const struct invocation *in, const struct fleet_instance *const *found, size_t count)
{
        CLEANUP(text_clear) struct text words = {};

        if (!found) {
                text_format(&words, "unknown Supvisors identifier=%s", method_string(in, 0));
                return call_fault(in->call, FAULT_BAD_NAME, text_string(&words));
        }
        if (count > 1) {
                text_append(&words, "multiple identifiers=");
                naming_append_identifiers(&words, found, count);
                text_format(&words, " found for Supvisors master=%s", method_string(in, 0));
                return call_fault(in->call, FAULT_INCORRECT_PARAMETERS, text_string(&words));
        }
        text_format(&words, "Supvisors instance=%s is not RUNNING (%s)", found[0]->identifier,
                peers_state_name(found[0]->state));
        return call_fault(in->call, FAULT_NOT_RUNNING, text_string(&words));
}

enum outcome supvisors_end_sync(const struct invocation *in)
{
        CLEANUP(mem_free) const struct fleet_instance **found = NULL;
        const char *master = method_string(in, 0);
        size_t count = 0;

        if (cluster_status(in->cluster).master != PEERS_NONE)
                return call_fault(
                        in->call, FAULT_BAD_SUPVISORS_STATE, "Supvisors synchronization ending");
        if (!(in->config->synchro & SYNCHRO_USER))
                return call_fault(
                        in->call, FAULT_NOT_APPLICABLE, "USER expected in synchro_options");
        if (!*master)
                return call_end_sync(in->call, PEERS_NONE);
        found = naming_find_instances(in->fleet, master, &count);
        if (count != 1 || found[0]->state != PEERS_RUNNING)
                return refuse_master(in, found, count);
        return call_end_sync(in->call, found[0]->index);
}

/*
 * Of the engine.
 */

enum outcome supvisors_start_args(const struct invocation *in)
{
        const struct fleet_application *application;
        const struct fleet_process *process;

        if (!naming_namespec(in, 0, &application, &process))
                return OUTCOME_FAULT;
        return call_submit(in->call, &(struct request){
                                             .type = REQUEST_START,
                                             .name = method_string(in, 0),
                                             .args = method_string(in, 1),
                                             .wait = wants_to_wait(in, 2),
                                     });
}

static bool has_program(const struct engine *engine, const char *name)
{
        for (size_t i = 0; i < engine_groups_count(engine); i++)
                if (program_group_holds(engine_group_at(engine, i).config, name))
                        return true;
        return false;
}

/* The first parameter is the name of a local program; else NULL. */
static const char *find_program(const struct invocation *in)
{
        const char *name = method_string(in, 0);
        CLEANUP(mem_free) char *words = NULL;

        if (has_program(in->engine, name))
                return name;
        words = mem_format("program=%s unknown to Supvisors", name);
        call_fault(in->call, FAULT_BAD_NAME, words);
        return NULL;
}

static enum outcome submit_ability(const struct invocation *in, enum request_type type)
{
        struct request request = {
                .type = type,
                .name = find_program(in),
                .wait = wants_to_wait(in, 1),
        };

        return request.name ? call_submit(in->call, &request) : OUTCOME_FAULT;
}

enum outcome supvisors_enable(const struct invocation *in)
{
        return submit_ability(in, REQUEST_ENABLE);
}

enum outcome supvisors_disable(const struct invocation *in)
{
        return submit_ability(in, REQUEST_DISABLE);
}

enum outcome supvisors_update_numprocs(const struct invocation *in)
{
        struct request request = {
                .type = REQUEST_NUMPROCS,
                .name = find_program(in),
                .wait = wants_to_wait(in, 2),
                .lazy = value_is_true(method_param(in, 3)),
        };
        CLEANUP(text_clear) struct text words = {};
        int64_t number = 0;

        if (!request.name)
                return OUTCOME_FAULT;
        if (method_read_integer(method_param(in, 1), &number) < 0 || number <= 0 ||
                number > INT32_MAX) {
                text_format(&words, "program=%s incorrect numprocs=", request.name);
                value_append_words(&words, method_param(in, 1));
                text_append(&words, " - integer > 0 expected");
                return call_fault(in->call, FAULT_INCORRECT_PARAMETERS, text_string(&words));
        }
        request.number = (unsigned)number;
        return call_submit(in->call, &request);
}

/*
 * Of the daemon.
 */

static enum log_level level_at(size_t place)
{
        static const enum log_level levels[] = { LOG_LEVEL_CRITICAL, LOG_LEVEL_ERROR,
                LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVEL_TRACE,
                LOG_LEVEL_BLATHER };

        return levels[place];
}

static const char *level_name(size_t place)
{
        return log_level_name(level_at(place));
}

static int level_number(size_t place)
{
        return (int)level_at(place);
}

enum outcome supvisors_change_log_level(const struct invocation *in)
{
        static const struct naming_words words = { "logger", 7, level_name, level_number, true };
        unsigned level;

        if (!naming_word(in, 0, &words, &level))
                return OUTCOME_FAULT;
        in->host->set_log_level(in->context, (int)level);
        xml_boolean(in->out, true);
        return OUTCOME_VALUE;
}

/* False when there is nothing that collects. */
static bool read_statistics(const struct invocation *in, struct rpc_statistics *ret)
{
        if (!in->host->statistics) {
                call_fault(in->call, FAULT_NOT_INSTALLED, "psutil not installed");
                return false;
        }
        *ret = in->host->statistics(in->context);
        return true;
}

static enum outcome write_statistics(
        const struct invocation *in, const struct rpc_statistics *statistics)
{
        in->host->set_statistics(in->context, statistics);
        xml_boolean(in->out, true);
        return OUTCOME_VALUE;
}

enum outcome supvisors_enable_host(const struct invocation *in)
{
        struct rpc_statistics statistics;

        if (!read_statistics(in, &statistics))
                return OUTCOME_FAULT;
        statistics.host = value_is_true(method_param(in, 0));
        return write_statistics(in, &statistics);
}

enum outcome supvisors_enable_process(const struct invocation *in)
{
        struct rpc_statistics statistics;

        if (!read_statistics(in, &statistics))
                return OUTCOME_FAULT;
        statistics.process = value_is_true(method_param(in, 0));
        return write_statistics(in, &statistics);
}

enum outcome supvisors_update_period(const struct invocation *in)
{
        const struct value *value = method_param(in, 0);
        CLEANUP(text_clear) struct text words = {};
        struct rpc_statistics statistics;
        double period = 0;

        if (!read_statistics(in, &statistics))
                return OUTCOME_FAULT;
        if (value->type == VALUE_DOUBLE)
                period = value->real;
        else if (value->type == VALUE_INTEGER)
                period = (double)value->integer;
        if (!(period >= PERIOD_MIN && period <= PERIOD_MAX)) {
                text_append(&words, "invalid collecting_period value=");
                value_append_words(&words, value);
                text_format(
                        &words, " - number of seconds in [%d;%d] expected", PERIOD_MIN, PERIOD_MAX);
                return call_fault(in->call, FAULT_INCORRECT_PARAMETERS, text_string(&words));
        }
        statistics.period = period;
        return write_statistics(in, &statistics);
}
