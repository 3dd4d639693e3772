/* The handlers of supvisors.* that tell of the cluster and its instances: they only read. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cluster/cluster.h"
#include "config/clusterconfig.h"
#include "rpc/call.h"
#include "rpc/handlers_supvisors.h"
#include "rpc/listing.h"
#include "rpc/naming.h"
#include "rpc/xml.h"

enum outcome supvisors_api_version(const struct invocation *in)
{
        xml_string(in->out, RPC_SUPVISORS_VERSION);
        return OUTCOME_VALUE;
}

/*
 * State and modes.
 */

struct modes { /* of an instance, as far as it has told */
        enum fsm_state state;
        bool degraded, discovery, starting, stopping;
        const char *master; /* "": none */
        bool view_known;    /* it sees whom we see */
};

static const char *identifier_of(const struct invocation *in, unsigned index)
{
        const struct peers_peer *peer = peers_at(cluster_peers(in->cluster), index);

        return peer ? peer->identifier : "";
}

static struct modes own_modes(const struct invocation *in)
{
        struct cluster_status status = cluster_status(in->cluster);

        return (struct modes){
                .state = status.state,
                .degraded = status.degraded,
                .discovery = status.discovery,
                .starting = status.starting,
                .stopping = status.stopping,
                .master = identifier_of(in, status.master),
                .view_known = true,
        };
}

/* Heartbeats tell whom an instance sees as a digest only: where it is ours, its view is ours. */
static struct modes modes_of(const struct invocation *in, unsigned index)
{
        const struct peers *peers = cluster_peers(in->cluster);
        const struct peers_peer *peer = peers_at(peers, index);
        const struct peers_word *said = &peer->said;
        struct datagram own;

        if (index == 0)
                return own_modes(in);
        if (peer->state == PEERS_STOPPED || peer->state == PEERS_ISOLATED)
                return (struct modes){ .state = FSM_OFF, .master = "" };
        cluster_datagram(in->cluster, &own);
        return (struct modes){
                .state = said->state,
                .degraded = said->modes & DATAGRAM_DEGRADED,
                .discovery = said->modes & DATAGRAM_DISCOVERY,
                .starting = said->modes & DATAGRAM_STARTING,
                .stopping = said->modes & DATAGRAM_STOPPING,
                .master = identifier_of(in, peers_find_id(peers, &said->master)),
                .view_known = said->digest == own.digest && said->members == own.members,
        };
}

static void append_view(
        const struct invocation *in, const struct fleet_instance *const *all, size_t count)
{
        xml_member_begin(in->out, "instance_states");
        xml_struct_begin(in->out);
        for (size_t i = 0; i < count; i++)
                xml_member_string(in->out, all[i]->identifier, peers_state_name(all[i]->state));
        xml_struct_end(in->out);
        xml_member_end(in->out);
}

/* Up to the jobs, which the callers tell in two ways. */
static void begin_modes(
        const struct invocation *in, const struct peers_peer *peer, const struct modes *modes)
{
        xml_struct_begin(in->out);
        xml_member_string(in->out, "identifier", peer->identifier);
        xml_member_string(in->out, "nick_identifier", peer->nick);
        xml_member_double(in->out, "now_monotonic", listing_monotonic_secs());
        xml_member_integer(in->out, "fsm_statecode", modes->state);
        xml_member_string(in->out, "fsm_statename", fsm_state_name(modes->state));
        xml_member_boolean(in->out, "degraded_mode", modes->degraded);
        xml_member_boolean(in->out, "discovery_mode", modes->discovery);
        xml_member_string(in->out, "master_identifier", modes->master);
}

static void append_modes(const struct invocation *in, const struct fleet_instance *instance,
        const struct fleet_instance *const *all, size_t count)
{
        struct modes modes = modes_of(in, instance->index);

        begin_modes(in, peers_at(cluster_peers(in->cluster), instance->index), &modes);
        xml_member_boolean(in->out, "starting_jobs", modes.starting);
        xml_member_boolean(in->out, "stopping_jobs", modes.stopping);
        append_view(in, all, modes.view_known ? count : 0);
        xml_struct_end(in->out);
}

/* The identifiers of all instances that have jobs. */
static void append_busy(const struct invocation *in, const struct fleet_instance *const *all,
        size_t count, bool stopping)
{
        xml_member_begin(in->out, stopping ? "stopping_jobs" : "starting_jobs");
        xml_array_begin(in->out);
        for (size_t i = 0; i < count; i++) {
                struct modes modes = modes_of(in, all[i]->index);

                if (stopping ? modes.stopping : modes.starting)
                        xml_string(in->out, all[i]->identifier);
        }
        xml_array_end(in->out);
        xml_member_end(in->out);
}

enum outcome supvisors_state(const struct invocation *in)
{
        size_t count = 0;
        CLEANUP(mem_free)
        const struct fleet_instance **all = naming_all_instances(in->fleet, &count);
        struct modes modes = own_modes(in);

        begin_modes(in, peers_at(cluster_peers(in->cluster), 0), &modes);
        append_busy(in, all, count, false);
        append_busy(in, all, count, true);
        append_view(in, all, count);
        xml_struct_end(in->out);
        return OUTCOME_VALUE;
}

static enum outcome append_all_modes(
        const struct invocation *in, const struct fleet_instance *const *asked, size_t asked_count)
{
        size_t count = 0;
        CLEANUP(mem_free)
        const struct fleet_instance **all = naming_all_instances(in->fleet, &count);

        xml_array_begin(in->out);
        for (size_t i = 0; i < asked_count; i++)
                append_modes(in, asked[i], all, count);
        xml_array_end(in->out);
        return OUTCOME_VALUE;
}

enum outcome supvisors_all_modes(const struct invocation *in)
{
        size_t count = 0;
        CLEANUP(mem_free)
        const struct fleet_instance **all = naming_all_instances(in->fleet, &count);

        return append_all_modes(in, all, count);
}

enum outcome supvisors_modes(const struct invocation *in)
{
        size_t count = 0;
        CLEANUP(mem_free) const struct fleet_instance **asked = naming_instances(in, 0, &count);

        return asked ? append_all_modes(in, asked, count) : OUTCOME_FAULT;
}

enum outcome supvisors_master(const struct invocation *in)
{
        const struct peers_peer *master =
                peers_at(cluster_peers(in->cluster), cluster_status(in->cluster).master);

        xml_struct_begin(in->out);
        if (master) {
                xml_member_string(in->out, "identifier", master->identifier);
                xml_member_string(in->out, "nick_identifier", master->nick);
        }
        xml_struct_end(in->out);
        return OUTCOME_VALUE;
}

enum outcome supvisors_strategies(const struct invocation *in)
{
        static const char *const failures[] = {
                [ON_FAILURE_CONTINUE] = "CONTINUE",
                [ON_FAILURE_RESYNC] = "RESYNC",
                [ON_FAILURE_SHUTDOWN] = "SHUTDOWN",
        };
        const struct clusterconfig *config = in->config;
        bool forced = config->synchro & SYNCHRO_TIMEOUT; /* then nobody fails */

        xml_struct_begin(in->out);
        xml_member_boolean(in->out, "auto-fencing", config->auto_fence);
        xml_member_string(in->out, "starting", starting_strategy_name(config->starting_strategy));
        xml_member_string(
                in->out, "conciliation", conciliation_strategy_name(config->conciliation_strategy));
        xml_member_string(in->out, "supvisors_failure",
                failures[forced ? ON_FAILURE_CONTINUE : config->failure_strategy]);
        xml_struct_end(in->out);
        return OUTCOME_VALUE;
}

enum outcome supvisors_statistics(const struct invocation *in)
{
        struct rpc_statistics statistics = { .period = in->config->stats_collecting_period };

        if (in->host->statistics)
                statistics = in->host->statistics(in->context);
        xml_struct_begin(in->out);
        xml_member_boolean(in->out, "host_stats", statistics.host);
        xml_member_boolean(in->out, "process_stats", statistics.process);
        xml_member_double(in->out, "collecting_period", statistics.period);
        xml_struct_end(in->out);
        return OUTCOME_VALUE;
}

/*
 * Instances.
 */

/* The host and the port of an identifier. */
static char *host_of(const char *identifier, int64_t *ret_port)
{
        const char *colon = strrchr(identifier, ':');

        *ret_port = colon ? strtol(colon + 1, NULL, 10) : 0;
        return colon ? mem_strndup(identifier, (size_t)(colon - identifier))
                     : mem_strdup(identifier);
}

static void append_interface(struct text *out, const struct rpc_interface *interface)
{
        xml_member_begin(out, interface->name);
        xml_struct_begin(out);
        xml_member_string(out, "host_name", interface->host_name);
        xml_member_strings(out, "aliases", interface->aliases);
        xml_member_strings(out, "ipv4_addresses", interface->addresses);
        xml_member_begin(out, "nic_info");
        xml_struct_begin(out);
        xml_member_string(out, "nic_name", interface->name);
        xml_member_string(out, "ipv4_address", interface->address);
        xml_member_string(out, "netmask", interface->netmask);
        xml_struct_end(out);
        xml_member_end(out);
        xml_struct_end(out);
        xml_member_end(out);
}

static void append_network(struct text *out, const struct rpc_network *network)
{
        xml_member_begin(out, "network");
        xml_struct_begin(out);
        xml_member_string(out, "machine_id", network->machine_id);
        xml_member_string(out, "fqdn", network->fqdn);
        xml_member_begin(out, "addresses");
        xml_struct_begin(out);
        for (size_t i = 0; i < network->interfaces_count; i++)
                append_interface(out, &network->interfaces[i]);
        xml_struct_end(out);
        xml_member_end(out);
        xml_struct_end(out);
        xml_member_end(out);
}

static void append_network_info(const struct invocation *in, const struct fleet_instance *instance)
{
        struct rpc_network network = {};
        struct text *out = in->out;
        int64_t port;
        CLEANUP(mem_free) char *host = host_of(instance->identifier, &port);

        if (!in->host->network(in->context, instance->index, &network))
                network = (struct rpc_network){};
        xml_struct_begin(out);
        xml_member_string(out, "identifier", instance->identifier);
        xml_member_string(out, "nick_identifier", instance->nick);
        xml_member_string(out, "host_id", host);
        xml_member_integer(out, "http_port", port);
        xml_member_strings(out, "stereotypes", (const char *const *)instance->stereotypes);
        if (network.known)
                append_network(out, &network);
        xml_struct_end(out);
}

enum outcome supvisors_network(const struct invocation *in)
{
        size_t count = 0;
        CLEANUP(mem_free) const struct fleet_instance **found = naming_instances(in, 0, &count);
        CLEANUP(text_clear) struct text words = {};

        if (!found)
                return OUTCOME_FAULT;
        if (count == 1) {
                append_network_info(in, found[0]);
                return OUTCOME_VALUE;
        }
        text_append(&words, "multiple identifiers=");
        naming_append_identifiers(&words, found, count);
        text_format(&words, " found for identifier=%s", method_string(in, 0));
        return call_fault(in->call, FAULT_INCORRECT_PARAMETERS, text_string(&words));
}

static int64_t int32_of(uint64_t number)
{
        return number > INT32_MAX ? INT32_MAX : (int64_t)number;
}

static void append_instance(const struct invocation *in, const struct fleet_instance *instance)
{
        struct rpc_tick tick = in->host->tick(in->context, instance->index);
        bool running = instance->state == PEERS_RUNNING;
        struct text *out = in->out;
        int64_t port;
        CLEANUP(mem_free) char *host = host_of(instance->identifier, &port);

        xml_struct_begin(out);
        xml_member_string(out, "identifier", instance->identifier);
        xml_member_string(out, "nick_identifier", instance->nick);
        xml_member_string(out, "node_name", host);
        xml_member_integer(out, "port", port);
        xml_member_integer(out, "statecode", instance->state);
        xml_member_string(out, "statename", peers_state_name(instance->state));
        xml_member_integer(out, "loading", instance->load);
        xml_member_boolean(out, "process_failure", running && instance->crashes);
        xml_member_integer(out, "remote_sequence_counter", int32_of(tick.remote_counter));
        xml_member_integer(out, "remote_time", int32_of((uint64_t)tick.remote_time));
        xml_member_double(out, "remote_mtime", tick.remote_monotonic);
        xml_member_integer(out, "local_sequence_counter", int32_of(tick.local_counter));
        xml_member_integer(out, "local_time", int32_of((uint64_t)tick.local_time));
        xml_member_double(out, "local_mtime", tick.local_monotonic);
        xml_struct_end(out);
}

static enum outcome append_instances(
        const struct invocation *in, const struct fleet_instance *const *instances, size_t count)
{
        xml_array_begin(in->out);
        for (size_t i = 0; i < count; i++)
                append_instance(in, instances[i]);
        xml_array_end(in->out);
        return OUTCOME_VALUE;
}

enum outcome supvisors_all_instances(const struct invocation *in)
{
        size_t count = 0;
        CLEANUP(mem_free)
        const struct fleet_instance **all = naming_all_instances(in->fleet, &count);

        return append_instances(in, all, count);
}

enum outcome supvisors_instance(const struct invocation *in)
{
        size_t count = 0;
        CLEANUP(mem_free) const struct fleet_instance **found = naming_instances(in, 0, &count);

        return found ? append_instances(in, found, count) : OUTCOME_FAULT;
}
