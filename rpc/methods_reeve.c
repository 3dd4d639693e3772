/* reeve.*: what Supvisors has no method for; the rows and their handlers. */
#include <inttypes.h>
#include <stdio.h>

#include "config/clusterconfig.h"
#include "rpc/call.h"
#include "rpc/health.h"
#include "rpc/methods_usage.h"
#include "rpc/naming.h"
#include "rpc/turns.h"
#include "rpc/wire.h"
#include "rpc/xml.h"

/*
 * The network.
 */

/* In 32 bits a counter of heartbeats would end after weeks. */
static void append_counter(struct text *out, const char *name, uint64_t counter)
{
        xml_member_double(out, name, (double)counter);
}

static void append_counters(struct text *out, const struct rpc_wire_counters *c)
{
        const struct {
                const char *name;
                uint64_t counter;
        } counters[] = {
                { "accepted", c->accepted },
                { "own", c->own },
                { "malformed", c->malformed },
                { "foreign", c->foreign },
                { "untagged", c->untagged },
                { "unknown_key", c->unknown_key },
                { "forged", c->forged },
                { "replayed", c->replayed },
                { "strangers", c->strangers },
                { "conflicting", c->conflicting },
                { "overflow", c->overflow },
                { "too_large", c->too_large },
                { "overflowed", c->overflowed },
                { "unlisted_interface", c->unlisted_interface },
                { "rejected", c->rejected },
                { "failed", c->failed },
                { "bad_frames", c->bad_frames },
                { "early_frames", c->early_frames },
        };

        xml_member_begin(out, "counters");
        xml_struct_begin(out);
        for (size_t i = 0; i < ELEMENTS(counters); i++)
                append_counter(out, counters[i].name, counters[i].counter);
        xml_struct_end(out);
        xml_member_end(out);
}

static void append_interface(struct text *out, const struct rpc_wire_interface *interface)
{
        xml_struct_begin(out);
        xml_member_string(out, "name", interface->name);
        xml_member_boolean(out, "joined", interface->joined);
        xml_member_string(out, "error", interface->error);
        append_counter(out, "sent", interface->sent);
        append_counter(out, "received", interface->received);
        append_counter(out, "send_errors", interface->send_errors);
        append_counter(out, "join_errors", interface->join_errors);
        xml_struct_end(out);
}

static void append_way(struct text *out, const char *name, const struct rpc_wire_way *way)
{
        xml_member_begin(out, name);
        xml_struct_begin(out);
        append_counter(out, "count", way->count);
        xml_member_double(out, "age", way->age);
        xml_member_string(out, "interface", way->interface);
        xml_member_string(out, "address", way->address);
        xml_struct_end(out);
        xml_member_end(out);
}

/* Too long for an integer of XML-RPC; "": not known. */
static void append_rules(struct text *out, bool is_known, uint64_t hash)
{
        char text[17] = "";

        if (is_known)
                (void)snprintf(text, sizeof(text), "%016" PRIx64, hash); /* 16 digits */
        xml_member_string(out, "rules", text);
}

static void append_peer(struct text *out, const struct rpc_wire_peer *peer)
{
        xml_struct_begin(out);
        xml_member_string(out, "identifier", peer->identifier);
        xml_member_string(out, "nick_identifier", peer->nick);
        xml_member_string(out, "state", peer->state);
        xml_member_string(out, "reason", peer->reason);
        xml_member_boolean(out, "listed", peer->listed);
        append_rules(out, peer->rules_told, peer->rules);
        append_way(out, "multicast", &peer->multicast);
        append_way(out, "unicast", &peer->unicast);
        xml_member_begin(out, "link");
        xml_struct_begin(out);
        xml_member_boolean(out, "up", peer->link);
        xml_member_boolean(out, "ours", peer->link_ours);
        xml_member_string(out, "address", peer->link_address);
        xml_member_integer(out, "port", peer->link_port);
        append_counter(out, "queued", peer->link_queued);
        xml_struct_end(out);
        xml_member_end(out);
        xml_struct_end(out);
}

static void append_network(struct text *out, const struct rpc_cluster_network *network,
        const struct clusterconfig *config)
{
        xml_struct_begin(out);
        xml_member_string(out, "cluster", network->cluster);
        xml_member_string(out, "identifier", network->identifier);
        xml_member_string(out, "id", network->id);
        xml_member_boolean(out, "enabled", network->enabled);
        xml_member_string(out, "security", network->security);
        xml_member_integer(out, "key", network->key);
        xml_member_string(out, "group", network->group);
        xml_member_integer(out, "ttl", config->multicast_ttl);
        xml_member_string(out, "address", network->address);
        xml_member_integer(out, "link_port", network->link_port);
        xml_member_double(out, "interval", network->interval);
        append_rules(out, true, network->rules);
        append_counter(out, "sent", network->sent);
        append_counter(out, "unicast_sent", network->unicast_sent);
        append_counter(out, "unicast_errors", network->unicast_errors);
        append_counter(out, "unicast_received", network->unicast_received);
        append_counter(out, "unresolved", network->unresolved);
        append_counters(out, &network->counters);
        xml_member_begin(out, "interfaces");
        xml_array_begin(out);
        for (size_t i = 0; i < network->interfaces_count; i++)
                append_interface(out, &network->interfaces[i]);
        xml_array_end(out);
        xml_member_end(out);
        xml_member_begin(out, "peers");
        xml_array_begin(out);
        for (size_t i = 0; i < network->peers_count; i++)
                append_peer(out, &network->peers[i]);
        xml_array_end(out);
        xml_member_end(out);
        xml_struct_end(out);
}

static bool has_network(const struct rpc_host *host)
{
        return host->cluster_network;
}

static enum outcome get_network(const struct invocation *in)
{
        const struct rpc_cluster_network *network = in->host->cluster_network(in->context);

        if (!network)
                return call_fault(in->call, FAULT_NOT_APPLICABLE, "no cluster is configured");
        append_network(in->out, network, in->host->cluster_config(in->context));
        return OUTCOME_VALUE;
}

/*
 * The event stream.
 */

static const char *link_name(enum clusterconfig_event_link link)
{
        switch (link) {
        case EVENT_LINK_NONE:
                return "NONE";
        case EVENT_LINK_ZMQ:
                return "ZMQ";
        case EVENT_LINK_WS:
                return "WS";
        }
        return "";
}

static bool has_config(const struct rpc_host *host)
{
        return host->cluster_config;
}

static enum outcome get_event_link(const struct invocation *in)
{
        const struct clusterconfig *config = in->host->cluster_config(in->context);

        xml_struct_begin(in->out);
        xml_member_string(in->out, "link", link_name(config->event_link));
        xml_member_integer(in->out, "port", config->event_port);
        xml_struct_end(in->out);
        return OUTCOME_VALUE;
}

static void append_health(struct text *out, const struct rpc_health *health)
{
        xml_struct_begin(out);
        xml_member_string(out, "version", health->version);
        xml_member_string(out, "configuration", health->configuration);
        xml_member_integer(out, "uid", health->uid);
        xml_member_string(out, "cgroups", health->cgroups);
        xml_member_boolean(out, "controllers", health->has_controllers);
        xml_member_string(out, "scope", health->scope);
        xml_member_string(out, "starts", health->starts);
        xml_member_boolean(out, "hears_exits", health->hears_exits);
        xml_member_boolean(out, "service", health->is_service);
        xml_member_double(out, "watchdog", (double)health->watchdog / USEC_SEC);
        xml_member_double(out, "files_soft", (double)health->files_soft);
        xml_member_double(out, "files_hard", (double)health->files_hard);
        xml_member_double(out, "log_dropped", (double)health->log_dropped);
        xml_struct_end(out);
}

static enum outcome get_health(const struct invocation *in)
{
        struct rpc_health health = {};

        in->host->health(in->context, &health);
        append_health(in->out, &health);
        return OUTCOME_VALUE;
}

static bool has_health(const struct rpc_host *host)
{
        return host->health;
}

/*
 * Commands.
 */

static enum outcome reload_rules(const struct invocation *in)
{
        const char *error = in->host->reload_rules(in->context);

        if (error)
                return call_fault(in->call, FAULT_CANT_REREAD, error);
        xml_boolean(in->out, true);
        return OUTCOME_VALUE;
}

static bool has_reload_rules(const struct rpc_host *host)
{
        return host->reload_rules;
}

static enum outcome readmit(const struct invocation *in)
{
        size_t count = 0;
        CLEANUP(mem_free) const struct fleet_instance **found = naming_instances(in, 0, &count);

        if (!found)
                return OUTCOME_FAULT;
        for (size_t i = 0; i < count; i++)
                if (found[i]->state != PEERS_ISOLATED) {
                        CLEANUP(mem_free)
                        char *words = mem_format("instance=%s is not ISOLATED (%s)",
                                found[i]->identifier, peers_state_name(found[i]->state));

                        return call_fault(in->call, FAULT_NOT_APPLICABLE, words);
                }
        for (size_t i = 0; i < count; i++)
                in->host->readmit(in->context, found[i]->index);
        xml_boolean(in->out, true);
        return OUTCOME_VALUE;
}

static bool has_readmit(const struct rpc_host *host)
{
        return host->readmit;
}

/*
 * Upgrade in place.
 */

static bool has_upgrade(const struct rpc_host *host)
{
        return host->upgrade && host->upgrades;
}

/* Who may end this daemon may have it replaced by what is installed; another file is what whoever
 * names it wants to be run with our rights. */
static enum outcome upgrade(const struct invocation *in)
{
        const char *binary = method_param(in, 0) ? method_string(in, 0) : NULL;

        if (binary && !call_is_owner(in->call))
                return call_fault(in->call, FAULT_FAILED,
                        "another binary may only be named by root, or the user that this instance "
                        "runs as, by its unix socket");
        if (binary && *binary != '/')
                return call_fault(
                        in->call, FAULT_INCORRECT_PARAMETERS, "the path of the binary is relative");
        return call_upgrade(in->call, binary);
}

static enum outcome get_upgrade(const struct invocation *in)
{
        struct rpc_upgrade upgrade = in->host->upgrades(in->context);

        xml_struct_begin(in->out);
        xml_member_string(in->out, "version", upgrade.version);
        xml_member_boolean(in->out, "under_way", upgrade.is_under_way);
        xml_member_integer(in->out, "done", (int32_t)upgrade.done);
        xml_member_string(in->out, "from", upgrade.from ? upgrade.from : "");
        xml_member_double(in->out, "pause", (double)upgrade.pause / USEC_SEC);
        xml_member_integer(in->out, "failed", (int32_t)upgrade.failed);
        xml_member_string(in->out, "failure", upgrade.failure ? upgrade.failure : "");
        xml_struct_end(in->out);
        return OUTCOME_VALUE;
}

static bool has_usage(const struct rpc_host *host)
{
        return host->usage && host->freeze && host->is_frozen;
}

static bool has_machine(const struct rpc_host *host)
{
        return host->machine;
}

static bool has_turns(const struct rpc_host *host)
{
        return host->turns;
}

#define NAMESPEC                                                                     \
        {                                                                            \
                "name", "string", PARAM_STRING, false, "process name, or group:name" \
        }

static const struct method rows[] = {
        {
                .name = "reeve.freeze_process",
                .help = "Freezes all that a process has started, by its cgroup. Its state stays "
                        "what it is; a stop thaws it.",
                .params = { NAMESPEC },
                .result = "boolean",
                .result_text = "true",
                .offered = has_usage,
                .standalone = true,
                .handler = usage_freeze,
        },
        {
                .name = "reeve.getClusterNetwork",
                .help = "Tells how this instance sends and hears heartbeats, what it dropped and "
                        "why, and its links. Counters are doubles.",
                .result = "struct",
                .result_text = "the network; an age is in seconds, negative: never",
                .during_shutdown = true,
                .offered = has_network,
                .handler = get_network,
        },
        {
                .name = "reeve.getEventLink",
                .help = "Tells how events can be followed: by ZMQ or WS (WebSocket) at a port of "
                        "this instance, or not at all: NONE.",
                .result = "struct",
                .result_text = "link and port",
                .during_shutdown = true,
                .offered = has_config,
                .handler = get_event_link,
        },
        {
                .name = "reeve.getHealth",
                .help = "Tells how this daemon lives: where its programs are, what the kernel and "
                        "the service manager let it do, and its limits.",
                .result = "struct",
                .result_text = "the facts; what is not there is an empty string, False or 0",
                .standalone = true,
                .during_shutdown = true,
                .offered = has_health,
                .handler = get_health,
        },
        {
                .name = "reeve.get_all_process_usage",
                .help = "Tells what the present run of each process has used, as "
                        "reeve.get_process_usage does, but for the rarer figures.",
                .result = "array",
                .result_text = "one struct for each process, by group and name",
                .offered = has_usage,
                .standalone = true,
                .during_shutdown = true,
                .handler = usage_all,
        },
        {
                .name = "reeve.get_exit_history",
                .help = "Tells how the last runs of a process ended, why as far as that was "
                        "proven, and what they used.",
                .params = { NAMESPEC },
                .result = "array",
                .result_text = "structs, the latest first",
                .offered = has_usage,
                .standalone = true,
                .during_shutdown = true,
                .handler = usage_exits,
        },
        {
                .name = "reeve.get_host_usage",
                .help = "Tells what the machine has and what of it is in use: all of it, and what "
                        "is available to us where cgroups or a cpuset limit us. Times of "
                        "processors are seconds of work and idleness so far, the mean first; "
                        "networks and disks are bytes so far, in and out; memory is in bytes, "
                        "disk_usage and pressure in percent. What is not known is not there.",
                .result = "struct",
                .result_text = "the figures",
                .offered = has_machine,
                .standalone = true,
                .during_shutdown = true,
                .handler = usage_host,
        },
        {
                .name = "reeve.get_loop_latency",
                .help = "Tells for how long the turns of this instance's loop have kept all others "
                        "waiting, in seconds. Of those of half a millisecond and more, which may "
                        "have waited for a processor themselves, it is told how much was work and "
                        "how much was sleep in a system call.",
                .params = { { "reset", "boolean", PARAM_ANY, true,
                        "whether to begin anew after it (default: false)" } },
                .result = "struct",
                .result_text = "since, count, busy (the sum), max, p50, p99, p999, worked_max, "
                               "slept_max, where it is known, and a histogram",
                .offered = has_turns,
                .standalone = true,
                .during_shutdown = true,
                .handler = turns_get_latency,
        },
        {
                .name = "reeve.get_process_usage",
                .help = "Tells what the present run of a process has used with all its children, "
                        "where each figure was read, its limits and how its last run ended. A "
                        "figure that is not known is not there. Figures are doubles.",
                .params = { NAMESPEC },
                .result = "struct",
                .result_text = "the figures",
                .offered = has_usage,
                .standalone = true,
                .during_shutdown = true,
                .handler = usage_one,
        },
        {
                .name = "reeve.get_upgrade",
                .help = "Tells which version runs, how many upgrades in place there were since the "
                        "process began, and what became of the last one.",
                .result = "struct",
                .result_text = "version; under_way; done, and from which version with which pause "
                               "in seconds; failed, and why",
                .offered = has_upgrade,
                .standalone = true,
                .during_shutdown = true,
                .handler = get_upgrade,
        },
        {
                .name = "reeve.readmit",
                .help = "Lifts the isolation of an instance: it is let in again when it is heard.",
                .params = { { "identifier", "string", PARAM_STRING, false,
                        "identifier, nick or stereotype" } },
                .result = "boolean",
                .result_text = "true, before it has an effect",
                .offered = has_readmit,
                .handler = readmit,
        },
        {
                .name = "reeve.reloadRules",
                .help = "Reads the rules files again; when they are not good those that hold stay.",
                .result = "boolean",
                .result_text = "true",
                .offered = has_reload_rules,
                .handler = reload_rules,
        },
        {
                .name = "reeve.thaw_process",
                .help = "Lets a frozen process run on.",
                .params = { NAMESPEC },
                .result = "boolean",
                .result_text = "true",
                .offered = has_usage,
                .standalone = true,
                .handler = usage_thaw,
        },
        {
                .name = "reeve.update_limits",
                .help = "Gives a running group the limits of the configuration that was read last, "
                        "when nothing else of it has changed.",
                .params = { { "name", "string", PARAM_STRING, false, "group name" } },
                .result = "boolean",
                .result_text = "false when more has changed: then it is to be removed and added",
                .offered = has_usage,
                .standalone = true,
                .handler = usage_update_limits,
        },
        {
                .name = "reeve.upgrade",
                .help = "Replaces the running reeved by the binary that is installed, in place: the "
                        "same process goes on, and no program notices. The answer comes when the "
                        "new binary has been found able to go on; reeve.get_upgrade tells the "
                        "rest. Another binary may be named by root through the unix socket.",
                .params = { { "binary", "string", PARAM_STRING, true, "absolute path" } },
                .result = "boolean",
                .result_text = "true when it is about to come",
                .offered = has_upgrade,
                .standalone = true,
                .handler = upgrade,
        },
};

const struct method_table methods_reeve = { rows, ELEMENTS(rows) };
