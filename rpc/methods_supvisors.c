/* The rows of supvisors.*: the methods of a cluster.  Types are told as Supvisors tells them. */
#include "rpc/handlers_supvisors.h"

#define STRATEGY_PARAM                                                  \
        {                                                               \
                "strategy", "StartingStrategies", PARAM_ANY, false,     \
                        "how the instance is chosen, as name or number" \
        }
#define APPLICATION_PARAM                                                         \
        {                                                                         \
                "application_name", "str", PARAM_STRING, false, "the application" \
        }
#define NAMESPEC_PARAM                                                                       \
        {                                                                                    \
                "namespec", "str", PARAM_STRING, false,                                      \
                        "the process as group:name or name, or group:* for all of the group" \
        }
#define PROCESS_PARAM                                                                       \
        {                                                                                   \
                "namespec", "str", PARAM_STRING, false, "the process as group:name or name" \
        }
#define REGEX_PARAM                                                               \
        {                                                                         \
                "regex", "str", PARAM_STRING, false,                              \
                        "a regular expression that is searched for in group:name" \
        }
#define ARGS_PARAM                                                           \
        {                                                                    \
                "extra_args", "str", PARAM_STRING, true,                     \
                        "what is appended to the command (default: nothing)" \
        }
#define ARGS_NEEDED_PARAM                                                                   \
        {                                                                                   \
                "extra_args", "str", PARAM_STRING, false, "what is appended to the command" \
        }
#define WAIT_PARAM                                                                             \
        {                                                                                      \
                "wait", "bool", PARAM_ANY, true, "answer only when it is done (default: true)" \
        }
#define IDENTIFIER_PARAM                                                                   \
        {                                                                                  \
                "identifier", "str", PARAM_STRING, false, "identifier, nick or stereotype" \
        }
#define PROGRAM_PARAM                                               \
        {                                                           \
                "program_name", "str", PARAM_STRING, false,         \
                        "the program of a section of this instance" \
        }
#define CONCILIATION_PARAM                                                     \
        {                                                                      \
                "strategy", "ConciliationStrategies", PARAM_ANY, false,        \
                        "which of the running ones is kept, as name or number" \
        }

#define STRUCT_TYPE  "dict[str, Any]"
#define STRUCTS_TYPE "list[dict[str, Any]]"
#define DONE_TEXT    "true once it has begun, or, with wait, once it is done"

static const struct method rows[] = {
        {
                .name = "supvisors.change_log_level",
                .help = "Changes the log level of this instance until it ends.",
                .params = { { "level_param", "Union[str, int]", PARAM_ANY, false,
                        "the level, as name or number" } },
                .result = "bool",
                .result_text = "true",
                .during_shutdown = true,
                .handler = supvisors_change_log_level,
        },
        {
                .name = "supvisors.conciliate",
                .help = "Settles the processes that run more than once. USER leaves that to the user.",
                .params = { CONCILIATION_PARAM },
                .result = "bool",
                .result_text = "false for USER, else true",
                .gate = GATE_CONCILIATION,
                .during_shutdown = true,
                .handler = supvisors_conciliate,
        },
        {
                .name = "supvisors.disable",
                .help = "Forbids all processes of a program of this instance to start, and stops them.",
                .params = { PROGRAM_PARAM, WAIT_PARAM },
                .result = "bool",
                .result_text = "true",
                .gate = GATE_OPERATION,
                .handler = supvisors_disable,
        },
        {
                .name = "supvisors.enable",
                .help = "Allows the processes of a program of this instance to start again.",
                .params = { PROGRAM_PARAM, WAIT_PARAM },
                .result = "bool",
                .result_text = "true",
                .gate = GATE_OPERATION,
                .handler = supvisors_enable,
        },
        {
                .name = "supvisors.enable_host_statistics",
                .help = "Starts or stops the statistics of the host.",
                .params = { { "enable_host", "bool", PARAM_ANY, false,
                        "whether they are collected" } },
                .result = "bool",
                .result_text = "true",
                .during_shutdown = true,
                .handler = supvisors_enable_host,
        },
        {
                .name = "supvisors.enable_process_statistics",
                .help = "Starts or stops the statistics of processes.",
                .params = { { "enable_process", "bool", PARAM_ANY, false,
                        "whether they are collected" } },
                .result = "bool",
                .result_text = "true",
                .during_shutdown = true,
                .handler = supvisors_enable_process,
        },
        {
                .name = "supvisors.end_sync",
                .help = "Ends the synchronization, when synchro_options has USER.",
                .params = { { "master", "str", PARAM_STRING, true,
                        "identifier, nick or stereotype of the Master; empty: one is elected (default)" } },
                .result = "bool",
                .result_text = "true, before it has an effect",
                .gate = GATE_SYNCHRONIZATION,
                .signature = SIGNATURE_RESULT,
                .during_shutdown = true,
                .handler = supvisors_end_sync,
        },
        { .name = "supvisors.end_synchro", .alias_of = "supvisors.end_sync" },
        {
                .name = "supvisors.get_all_applications_info",
                .help = "Tells the state of every application.",
                .result = STRUCTS_TYPE,
                .result_text = "structs as of get_application_info, in the order of discovery",
                .gate = GATE_DISTRIBUTED,
                .during_shutdown = true,
                .handler = supvisors_all_applications,
        },
        {
                .name = "supvisors.get_all_inner_process_info",
                .help = "Tells what is known of every process at an instance.",
                .params = { IDENTIFIER_PARAM },
                .result = STRUCTS_TYPE,
                .result_text = "structs as of get_inner_process_info",
                .during_shutdown = true,
                .handler = supvisors_all_inner,
        },
        {
                .name = "supvisors.get_all_instances_info",
                .help = "Tells the state of every instance.",
                .result = STRUCTS_TYPE,
                .result_text = "structs as of get_instance_info, sorted by identifier",
                .during_shutdown = true,
                .handler = supvisors_all_instances,
        },
        {
                .name = "supvisors.get_all_instances_state_modes",
                .help = "Tells the state and modes of every instance as it has told them.",
                .result = STRUCTS_TYPE,
                .result_text = "structs, sorted by identifier",
                .signature = SIGNATURE_NONE,
                .during_shutdown = true,
                .handler = supvisors_all_modes,
        },
        {
                .name = "supvisors.get_all_local_process_info",
                .help = "Tells the state of every process of this instance.",
                .result = STRUCTS_TYPE,
                .result_text = "structs as of get_local_process_info, sorted by group and name",
                .handler = supvisors_all_local,
        },
        {
                .name = "supvisors.get_all_process_info",
                .help = "Tells the state of every process over all instances.",
                .result = STRUCTS_TYPE,
                .result_text = "structs as of get_process_info, by application",
                .gate = GATE_DISTRIBUTED,
                .during_shutdown = true,
                .handler = supvisors_all_processes,
        },
        {
                .name = "supvisors.get_api_version",
                .help = "Tells the release of Supvisors whose interface this is.",
                .result = "str",
                .result_text = "the version",
                .during_shutdown = true,
                .handler = supvisors_api_version,
        },
        {
                .name = "supvisors.get_application_info",
                .help = "Tells the state of an application.",
                .params = { APPLICATION_PARAM },
                .result = STRUCT_TYPE,
                .result_text = "the state and whether there are failures",
                .gate = GATE_DISTRIBUTED,
                .during_shutdown = true,
                .handler = supvisors_application,
        },
        {
                .name = "supvisors.get_application_rules",
                .help = "Tells the rules of an application.",
                .params = { APPLICATION_PARAM },
                .result = STRUCT_TYPE,
                .result_text = "the rules; of an application without any only its name and managed",
                .gate = GATE_DISTRIBUTED,
                .during_shutdown = true,
                .handler = supvisors_application_rules,
        },
        {
                .name = "supvisors.get_conflicts",
                .help = "Tells the processes that run more than once and may not.",
                .result = STRUCTS_TYPE,
                .result_text = "structs as of get_process_info",
                .gate = GATE_DISTRIBUTED,
                .during_shutdown = true,
                .handler = supvisors_conflicts,
        },
        {
                .name = "supvisors.get_inner_process_info",
                .help = "Tells what is known of a process at an instance.",
                .params = { IDENTIFIER_PARAM, NAMESPEC_PARAM },
                .result = STRUCTS_TYPE,
                .result_text = "structs, one for each process and instance",
                .during_shutdown = true,
                .handler = supvisors_inner,
        },
        {
                .name = "supvisors.get_instance_info",
                .help = "Tells the state of an instance as this one sees it.",
                .params = { IDENTIFIER_PARAM },
                .result = STRUCTS_TYPE,
                .result_text = "structs, one for each instance that is meant",
                .signature = SIGNATURE_NONE,
                .during_shutdown = true,
                .handler = supvisors_instance,
        },
        {
                .name = "supvisors.get_instance_state_modes",
                .help = "Tells the state and modes of an instance as it has told them.",
                .params = { IDENTIFIER_PARAM },
                .result = STRUCTS_TYPE,
                .result_text = "structs, one for each instance that is meant",
                .signature = SIGNATURE_NONE,
                .during_shutdown = true,
                .handler = supvisors_modes,
        },
        {
                .name = "supvisors.get_local_process_info",
                .help = "Tells the state of a process of this instance.",
                .params = { PROCESS_PARAM },
                .result = STRUCT_TYPE,
                .result_text = "the state, times and some of the configuration",
                .handler = supvisors_local,
        },
        {
                .name = "supvisors.get_master_identifier",
                .help = "Tells who is Master.",
                .result = STRUCT_TYPE,
                .result_text = "identifier and nick_identifier; empty when there is none",
                .signature = SIGNATURE_NONE,
                .during_shutdown = true,
                .handler = supvisors_master,
        },
        {
                .name = "supvisors.get_network_info",
                .help = "Tells the network interfaces of an instance.",
                .params = { IDENTIFIER_PARAM },
                .result = STRUCT_TYPE,
                .result_text = "names, addresses and, once the instance has told it, its network",
                .signature = SIGNATURE_NONE,
                .during_shutdown = true,
                .handler = supvisors_network,
        },
        {
                .name = "supvisors.get_process_info",
                .help = "Tells the state of a process, or of all of a group, over all instances.",
                .params = { NAMESPEC_PARAM },
                .result = STRUCTS_TYPE,
                .result_text = "structs, one for each process",
                .gate = GATE_DISTRIBUTED,
                .during_shutdown = true,
                .handler = supvisors_process,
        },
        {
                .name = "supvisors.get_process_rules",
                .help = "Tells the rules of a process, or of all of a group.",
                .params = { NAMESPEC_PARAM },
                .result = STRUCTS_TYPE,
                .result_text = "structs, one for each process",
                .gate = GATE_DISTRIBUTED,
                .during_shutdown = true,
                .handler = supvisors_process_rules,
        },
        {
                .name = "supvisors.get_statistics_status",
                .help = "Tells which statistics are collected, and how often.",
                .result = STRUCT_TYPE,
                .result_text = "host_stats, process_stats and collecting_period in seconds",
                .during_shutdown = true,
                .handler = supvisors_statistics,
        },
        {
                .name = "supvisors.get_strategies",
                .help = "Tells the strategies of the configuration.",
                .result = STRUCT_TYPE,
                .result_text = "their names",
                .signature = SIGNATURE_NONE,
                .during_shutdown = true,
                .handler = supvisors_strategies,
        },
        {
                .name = "supvisors.get_supvisors_state",
                .help = "Tells the state of the cluster as this instance sees it.",
                .result = STRUCT_TYPE,
                .result_text = "the state, the modes, and who has jobs under way",
                .during_shutdown = true,
                .handler = supvisors_state,
        },
        {
                .name = "supvisors.restart",
                .help = "Stops all applications in order, then starts every instance anew.",
                .result = "bool",
                .result_text = "true, before it has an effect",
                .gate = GATE_DISTRIBUTED,
                .during_shutdown = true,
                .handler = supvisors_restart,
        },
        {
                .name = "supvisors.restart_application",
                .help = "Stops an application where it runs and starts it again.",
                .params = { STRATEGY_PARAM, APPLICATION_PARAM, WAIT_PARAM },
                .result = "bool",
                .result_text = DONE_TEXT,
                .gate = GATE_OPERATION,
                .during_shutdown = true,
                .handler = supvisors_restart_application,
        },
        {
                .name = "supvisors.restart_process",
                .help = "Stops a process, or all of a group, and starts it again.",
                .params = { STRATEGY_PARAM, NAMESPEC_PARAM, ARGS_PARAM, WAIT_PARAM },
                .result = "bool",
                .result_text = DONE_TEXT,
                .gate = GATE_OPERATION,
                .during_shutdown = true,
                .handler = supvisors_restart_process,
        },
        {
                .name = "supvisors.restart_sequence",
                .help = "Starts the applications that were never started or have a failure, in order.",
                .params = { WAIT_PARAM },
                .result = "bool",
                .result_text = DONE_TEXT,
                .gate = GATE_OPERATION,
                .during_shutdown = true,
                .handler = supvisors_restart_sequence,
        },
        {
                .name = "supvisors.shutdown",
                .help = "Stops all applications in order, then ends every instance.",
                .result = "bool",
                .result_text = "true, before it has an effect",
                .gate = GATE_DISTRIBUTED,
                .during_shutdown = true,
                .handler = supvisors_shutdown,
        },
        {
                .name = "supvisors.start_any_process",
                .help = "Starts the first process that matches, does not run, and can be placed.",
                .params = { STRATEGY_PARAM, REGEX_PARAM, ARGS_PARAM, WAIT_PARAM },
                .result = "str",
                .result_text = "the process as group:name",
                .gate = GATE_OPERATION,
                .during_shutdown = true,
                .handler = supvisors_start_any,
        },
        {
                .name = "supvisors.start_application",
                .help = "Starts the processes of an application in order.",
                .params = { STRATEGY_PARAM, APPLICATION_PARAM, WAIT_PARAM },
                .result = "bool",
                .result_text = DONE_TEXT,
                .gate = GATE_OPERATION,
                .during_shutdown = true,
                .handler = supvisors_start_application,
        },
        {
                .name = "supvisors.start_args",
                .help = "Starts a process of this instance with extra arguments.",
                .params = { PROCESS_PARAM, ARGS_NEEDED_PARAM, WAIT_PARAM },
                .result = "bool",
                .result_text = "true",
                .handler = supvisors_start_args,
        },
        {
                .name = "supvisors.start_process",
                .help = "Starts a process, or all of a group, where the strategy says.",
                .params = { STRATEGY_PARAM, NAMESPEC_PARAM, ARGS_PARAM, WAIT_PARAM },
                .result = "bool",
                .result_text = DONE_TEXT,
                .gate = GATE_OPERATION,
                .during_shutdown = true,
                .handler = supvisors_start_process,
        },
        {
                .name = "supvisors.stop_application",
                .help = "Stops the processes of an application in order.",
                .params = { APPLICATION_PARAM, WAIT_PARAM },
                .result = "bool",
                .result_text = DONE_TEXT,
                .gate = GATE_WORKING,
                .during_shutdown = true,
                .handler = supvisors_stop_application,
        },
        {
                .name = "supvisors.stop_process",
                .help = "Stops a process, or all of a group, wherever it runs.",
                .params = { NAMESPEC_PARAM, WAIT_PARAM },
                .result = "bool",
                .result_text = DONE_TEXT,
                .gate = GATE_WORKING,
                .during_shutdown = true,
                .handler = supvisors_stop_process,
        },
        {
                .name = "supvisors.test_start_application",
                .help = "Tells where the processes of an application would be started.",
                .params = { STRATEGY_PARAM, APPLICATION_PARAM },
                .result = STRUCTS_TYPE,
                .result_text =
                        "structs with application_name, process_name, state, forced_reason and running_identifiers",
                .gate = GATE_OPERATION,
                .during_shutdown = true,
                .handler = supvisors_test_start_application,
        },
        {
                .name = "supvisors.test_start_process",
                .help = "Tells where a process, or all of a group, would be started.",
                .params = { STRATEGY_PARAM, NAMESPEC_PARAM },
                .result = STRUCTS_TYPE,
                .result_text = "structs as of test_start_application",
                .gate = GATE_OPERATION,
                .signature = SIGNATURE_NONE,
                .during_shutdown = true,
                .handler = supvisors_test_start_process,
        },
        {
                .name = "supvisors.update_collecting_period",
                .help = "Changes how often statistics are collected.",
                .params = { { "collecting_period", "float", PARAM_ANY, false,
                        "seconds, from 1 to 3600" } },
                .result = "bool",
                .result_text = "true",
                .during_shutdown = true,
                .handler = supvisors_update_period,
        },
        {
                .name = "supvisors.update_numprocs",
                .help = "Changes how many processes a program of this instance has, until it ends.",
                .params = { PROGRAM_PARAM, { "numprocs", "int", PARAM_ANY, false, "how many" },
                        WAIT_PARAM,
                        { "lazy", "bool", PARAM_ANY, true,
                                "excess processes are not stopped (default: false)" } },
                .result = "bool",
                .result_text = "true",
                .gate = GATE_OPERATION,
                .handler = supvisors_update_numprocs,
        },
};

const struct method_table methods_supvisors = { rows, ELEMENTS(rows) };
