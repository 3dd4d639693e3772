/* What supvisors.* tells of the cluster and its instances. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "rpc/wire.h"
#include "tests/unit/supvisors_world.h"

#define STATES(second) "{'h1:60001': 'RUNNING', 'h2:60002': '" second "', 'h3:60003': 'STOPPED'}"

static void the_version_is_the_one_that_clients_ask_for(void **state)
{
        supvisors_world_check(*state, "0.19", "supvisors.get_api_version", "");
}

static void the_state_names_all_who_have_jobs(void **state)
{
        struct supvisors_world *w = *state;

        w->cluster->status.starting = true;
        w->cluster->status.degraded = true;
        fake_cluster_peer(w->cluster, 1)->said.modes = DATAGRAM_STARTING | DATAGRAM_STOPPING;
        supvisors_world_check(w,
                "{'identifier': 'h1:60001', 'nick_identifier': 'n1', 'now_monotonic': T, "
                "'fsm_statecode': 4, 'fsm_statename': 'OPERATION', 'degraded_mode': True, "
                "'discovery_mode': False, 'master_identifier': 'h1:60001', "
                "'starting_jobs': ['h1:60001', 'h2:60002'], 'stopping_jobs': ['h2:60002'], "
                "'instance_states': " STATES("RUNNING") "}",
                "supvisors.get_supvisors_state", "");
}

#define OWN                                                                                 \
        "{'identifier': 'h1:60001', 'nick_identifier': 'n1', 'now_monotonic': T, "          \
        "'fsm_statecode': 4, 'fsm_statename': 'OPERATION', 'degraded_mode': False, "        \
        "'discovery_mode': True, 'master_identifier': 'h1:60001', 'starting_jobs': False, " \
        "'stopping_jobs': True, 'instance_states': " STATES("RUNNING") "}"
#define SECOND(view)                                                                        \
        "{'identifier': 'h2:60002', 'nick_identifier': 'n2', 'now_monotonic': T, "          \
        "'fsm_statecode': 3, 'fsm_statename': 'DISTRIBUTION', 'degraded_mode': True, "      \
        "'discovery_mode': False, 'master_identifier': 'h3:60003', 'starting_jobs': True, " \
        "'stopping_jobs': False, 'instance_states': " view "}"
#define AWAY                                                                         \
        "{'identifier': 'h3:60003', 'nick_identifier': 'n3', 'now_monotonic': T, "   \
        "'fsm_statecode': 0, 'fsm_statename': 'OFF', 'degraded_mode': False, "       \
        "'discovery_mode': False, 'master_identifier': '', 'starting_jobs': False, " \
        "'stopping_jobs': False, 'instance_states': {}}"

/* What h2 has told, h3 too, though nobody asks it any more. */
static void tell_modes(struct supvisors_world *w)
{
        struct peers_word said = {
                .state = FSM_DISTRIBUTION,
                .modes = DATAGRAM_DEGRADED | DATAGRAM_STARTING,
                .master = fake_cluster_id(2),
                .digest = 7,
                .members = 2,
        };

        w->cluster->status.discovery = true;
        w->cluster->status.stopping = true;
        w->cluster->datagram = (struct datagram){ .digest = 7, .members = 2 };
        fake_cluster_peer(w->cluster, 1)->said = said;
        fake_cluster_peer(w->cluster, 2)->said = said;
}

static void modes_are_those_that_each_has_told(void **state)
{
        struct supvisors_world *w = *state;
        const char *method = "supvisors.get_instance_state_modes";

        tell_modes(w);
        supvisors_world_check(w, "[" OWN ", " SECOND(STATES("RUNNING")) ", " AWAY "]",
                "supvisors.get_all_instances_state_modes", "");
        supvisors_world_check(w, "[" OWN "]", method, "s", "h1:60001");
        supvisors_world_check(w, "[" SECOND(STATES("RUNNING")) "]", method, "s", "n2");
        supvisors_world_check(w, "[" OWN ", " SECOND(STATES("RUNNING")) "]", method, "s", "red");
        supvisors_world_check(
                w, "[10] BAD_NAME: identifier=nix is unknown to Supvisors", method, "s", "nix");
}

static void whom_an_instance_sees_is_known_where_it_sees_whom_we_see(void **state)
{
        struct supvisors_world *w = *state;

        tell_modes(w);
        w->cluster->datagram.digest = 8;
        supvisors_world_check(
                w, "[" SECOND("{}") "]", "supvisors.get_instance_state_modes", "s", "blue");
}

static void who_is_isolated_has_no_modes(void **state)
{
        struct supvisors_world *w = *state;

        tell_modes(w);
        supvisors_world_instance(w, 2, PEERS_ISOLATED);
        supvisors_world_check(
                w, "[" AWAY "]", "supvisors.get_instance_state_modes", "s", "h3:60003");
}

static void without_a_master_the_struct_is_empty(void **state)
{
        struct supvisors_world *w = *state;
        const char *method = "supvisors.get_master_identifier";

        w->cluster->status.master = 1;
        supvisors_world_check(w, "{'identifier': 'h2:60002', 'nick_identifier': 'n2'}", method, "");
        w->cluster->status.master = PEERS_NONE;
        supvisors_world_check(w, "{}", method, "");
}

static void strategies_are_those_of_the_configuration(void **state)
{
        struct supvisors_world *w = *state;
        const char *method = "supvisors.get_strategies";

        w->config.auto_fence = true;
        w->config.starting_strategy = STARTING_LESS_LOADED_NODE;
        w->config.conciliation_strategy = CONCILIATION_RUNNING_FAILURE;
        supvisors_world_check(w,
                "{'auto-fencing': True, 'starting': 'LESS_LOADED_NODE', "
                "'conciliation': 'RUNNING_FAILURE', 'supvisors_failure': 'RESYNC'}",
                method, "");
        w->config.synchro |= SYNCHRO_TIMEOUT;
        supvisors_world_check(w,
                "{'auto-fencing': True, 'starting': 'LESS_LOADED_NODE', "
                "'conciliation': 'RUNNING_FAILURE', 'supvisors_failure': 'CONTINUE'}",
                method, "");
}

static void the_network_is_there_once_it_was_told(void **state)
{
        static const char *const aliases[] = { "a", NULL }, *const addresses[] = { "10.0.0.1",
                NULL };
        static const struct rpc_interface interfaces[] = {
                { .name = "eth0",
                        .address = "10.0.0.1",
                        .netmask = "255.0.0.0",
                        .host_name = "h1.lan",
                        .aliases = aliases,
                        .addresses = addresses },
                { .name = "eth<1>",
                        .address = "10.0.0.2",
                        .netmask = "255.0.0.0",
                        .host_name = "" },
        };
        struct supvisors_world *w = *state;
        const char *method = "supvisors.get_network_info";

        w->host->networks[0] = (struct rpc_network){ .host = "h1",
                .port = 60001,
                .machine_id = "01:02:03:04:05:06",
                .fqdn = "h1.lan",
                .known = true,
                .interfaces = interfaces,
                .interfaces_count = ELEMENTS(interfaces) };
        supvisors_world_check(w,
                "{'identifier': 'h1:60001', 'nick_identifier': 'n1', 'host_id': 'h1', "
                "'http_port': 60001, 'stereotypes': ['red'], 'network': {"
                "'machine_id': '01:02:03:04:05:06', 'fqdn': 'h1.lan', 'addresses': {"
                "'eth0': {'host_name': 'h1.lan', 'aliases': ['a'], 'ipv4_addresses': ['10.0.0.1'], "
                "'nic_info': {'nic_name': 'eth0', 'ipv4_address': '10.0.0.1', "
                "'netmask': '255.0.0.0'}}, "
                "'eth<1>': {'host_name': '', 'aliases': [], 'ipv4_addresses': [], "
                "'nic_info': {'nic_name': 'eth<1>', 'ipv4_address': '10.0.0.2', "
                "'netmask': '255.0.0.0'}}}}}",
                method, "s", "h1:60001");
        supvisors_world_check(w,
                "{'identifier': 'h3:60003', 'nick_identifier': 'n3', 'host_id': 'h3', "
                "'http_port': 60003, 'stereotypes': []}",
                method, "s", "n3");
        supvisors_world_check(
                w, "[10] BAD_NAME: identifier=nix is unknown to Supvisors", method, "s", "nix");
        supvisors_world_check(w,
                "[2] INCORRECT_PARAMETERS: multiple identifiers=['h1:60001', 'h2:60002'] found for "
                "identifier=red",
                method, "s", "red");
}

#define FIRST                                                                             \
        "{'identifier': 'h1:60001', 'nick_identifier': 'n1', 'node_name': 'h1', "         \
        "'port': 60001, 'statecode': 3, 'statename': 'RUNNING', 'loading': 20, "          \
        "'process_failure': False, 'remote_sequence_counter': 12, "                       \
        "'remote_time': 1700000000, 'remote_mtime': 60.5, 'local_sequence_counter': 12, " \
        "'local_time': 1700000000, 'local_mtime': 60.5}"
#define OTHER(n, state, load, failure)                                                      \
        "{'identifier': 'h" n ":6000" n "', 'nick_identifier': 'n" n "', 'node_name': 'h" n \
        "', 'port': 6000" n ", " state ", 'loading': " load ", 'process_failure': " failure \
        ", 'remote_sequence_counter': 0, 'remote_time': 0, 'remote_mtime': 0.0, "           \
        "'local_sequence_counter': 0, 'local_time': 0, 'local_mtime': 0.0}"
#define IS_RUNNING "'statecode': 3, 'statename': 'RUNNING'"
#define IS_STOPPED "'statecode': 0, 'statename': 'STOPPED'"

static void an_instance_shows_its_load_and_its_ticks(void **state)
{
        struct supvisors_world *w = *state;
        const char *method = "supvisors.get_instance_info";

        w->host->ticks[0] = (struct rpc_tick){ .remote_counter = 12,
                .local_counter = 12,
                .remote_monotonic = 60.5,
                .local_monotonic = 60.5,
                .remote_time = 1700000000,
                .local_time = 1700000000 };
        supvisors_world_check(w,
                "[" FIRST ", " OTHER("2", IS_RUNNING, "0", "False") ", " OTHER(
                        "3", IS_STOPPED, "0", "False") "]",
                "supvisors.get_all_instances_info", "");
        supvisors_world_check(w, "[" FIRST "]", method, "s", "n1");
        supvisors_world_check(
                w, "[" FIRST ", " OTHER("2", IS_RUNNING, "0", "False") "]", method, "s", "red");
        supvisors_world_check(
                w, "[10] BAD_NAME: identifier=nix is unknown to Supvisors", method, "s", "nix");
}

static void an_instance_with_a_crashed_process_has_a_failure(void **state)
{
        struct supvisors_world *w = *state;
        const char *method = "supvisors.get_instance_info";
        struct fleet_report report = supvisors_world_told("x", "x", FATAL);

        supvisors_world_report(w, 1, &report);
        supvisors_world_check(w, "[" OTHER("2", IS_RUNNING, "0", "True") "]", method, "s", "n2");
        report = supvisors_world_told("x", "x", EXITED);
        supvisors_world_report(w, 1, &report);
        supvisors_world_check(w, "[" OTHER("2", IS_RUNNING, "0", "False") "]", method, "s", "n2");
        report.expected = false;
        supvisors_world_report(w, 1, &report);
        supvisors_world_check(w, "[" OTHER("2", IS_RUNNING, "0", "True") "]", method, "s", "n2");
}

static void times_beyond_32_bits_are_the_last_that_fit(void **state)
{
        struct supvisors_world *w = *state;

        w->host->ticks[2] =
                (struct rpc_tick){ .remote_counter = 1ULL << 40, .remote_time = 1LL << 40 };
        supvisors_world_check(w,
                "[{'identifier': 'h3:60003', 'nick_identifier': 'n3', 'node_name': 'h3', "
                "'port': 60003, 'statecode': 0, 'statename': 'STOPPED', 'loading': 0, "
                "'process_failure': False, 'remote_sequence_counter': 2147483647, "
                "'remote_time': 2147483647, 'remote_mtime': 0.0, 'local_sequence_counter': 0, "
                "'local_time': 0, 'local_mtime': 0.0}]",
                "supvisors.get_instance_info", "s", "n3");
}

static void the_wire_is_told(void **state)
{
        static const struct rpc_wire_interface interfaces[] = {
                { .name = "eth0", .joined = true, .error = "", .sent = 5, .received = 6 },
        };
        static const struct rpc_wire_peer peers[] = {
                { .identifier = "h2:60002",
                        .nick = "n2",
                        .state = "RUNNING",
                        .reason = "readmitted",
                        .listed = true,
                        .multicast = { 1ULL << 33, 0.25, "eth0", "10.0.0.2:60000" },
                        .unicast = { .age = -1, .interface = "", .address = "" },
                        .link = true,
                        .link_address = "10.0.0.2:60001",
                        .link_port = 60001,
                        .link_queued = 3 },
        };
        static const struct rpc_cluster_network wire = {
                .cluster = "reeve",
                .identifier = "h1:60001",
                .id = "0a",
                .enabled = true,
                .security = "key file",
                .key = 2,
                .group = "239.0.0.1:60000",
                .address = "0.0.0.0:60000",
                .link_port = 60000,
                .interval = 0.2,
                .sent = 7,
                .counters = { .accepted = 1, .early_frames = 18 },
                .interfaces = interfaces,
                .interfaces_count = 1,
                .peers = peers,
                .peers_count = 1,
        };
        struct supvisors_world *w = *state;

        call_world_check(w->calls, "[104] NOT_APPLICABLE: no cluster is configured",
                "reeve.getClusterNetwork", "");
        w->host->wire = &wire;
        w->config.multicast_ttl = 3;
        call_world_check(w->calls,
                "{'cluster': 'reeve', 'identifier': 'h1:60001', 'id': '0a', 'enabled': True, "
                "'security': 'key file', 'key': 2, 'group': '239.0.0.1:60000', "
                "'ttl': 3, 'address': '0.0.0.0:60000', 'link_port': 60000, 'interval': 0.2, "
                "'rules': '0000000000000000', 'sent': 7.0, "
                "'unicast_sent': 0.0, 'unicast_errors': 0.0, 'unicast_received': 0.0, "
                "'unresolved': 0.0, 'counters': {'accepted': 1.0, 'own': 0.0, 'malformed': 0.0, "
                "'foreign': 0.0, 'untagged': 0.0, 'unknown_key': 0.0, 'forged': 0.0, "
                "'replayed': 0.0, 'strangers': 0.0, 'conflicting': 0.0, 'overflow': 0.0, "
                "'too_large': 0.0, 'overflowed': 0.0, 'unlisted_interface': 0.0, "
                "'rejected': 0.0, 'failed': 0.0, 'bad_frames': 0.0, 'early_frames': 18.0}, "
                "'interfaces': [{'name': 'eth0', 'joined': True, 'error': '', 'sent': 5.0, "
                "'received': 6.0, 'send_errors': 0.0, 'join_errors': 0.0}], "
                "'peers': [{'identifier': 'h2:60002', 'nick_identifier': 'n2', "
                "'state': 'RUNNING', 'reason': 'readmitted', 'listed': True, "
                "'rules': '', 'multicast': {'count': 8589934592.0, 'age': 0.25, 'interface': 'eth0', "
                "'address': '10.0.0.2:60000'}, 'unicast': {'count': 0.0, 'age': -1.0, "
                "'interface': '', 'address': ''}, 'link': {'up': True, 'ours': False, "
                "'address': '10.0.0.2:60001', 'port': 60001, 'queued': 3.0}}]}",
                "reeve.getClusterNetwork", "");
}

static void how_to_follow_events_is_told(void **state)
{
        struct supvisors_world *w = *state;

        w->config.event_port = 60002;
        supvisors_world_check(w, "{'link': 'NONE', 'port': 60002}", "reeve.getEventLink", "");
        w->config.event_link = EVENT_LINK_ZMQ;
        supvisors_world_check(w, "{'link': 'ZMQ', 'port': 60002}", "reeve.getEventLink", "");
        w->config.event_link = EVENT_LINK_WS;
        supvisors_world_check(w, "{'link': 'WS', 'port': 60002}", "reeve.getEventLink", "");
}

#define TEST(name) \
        cmocka_unit_test_setup_teardown(name, supvisors_world_setup, supvisors_world_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_version_is_the_one_that_clients_ask_for),
                TEST(the_state_names_all_who_have_jobs),
                TEST(modes_are_those_that_each_has_told),
                TEST(whom_an_instance_sees_is_known_where_it_sees_whom_we_see),
                TEST(who_is_isolated_has_no_modes),
                TEST(without_a_master_the_struct_is_empty),
                TEST(strategies_are_those_of_the_configuration),
                TEST(the_network_is_there_once_it_was_told),
                TEST(an_instance_shows_its_load_and_its_ticks),
                TEST(an_instance_with_a_crashed_process_has_a_failure),
                TEST(times_beyond_32_bits_are_the_last_that_fit),
                TEST(the_wire_is_told),
                TEST(how_to_follow_events_is_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
