/* The rows of supervisor.* and system.*, and the tables in the order of their names. */
#include "rpc/call.h"
#include "rpc/handlers.h"

#define NAME_PARAM                                                                          \
        {                                                                                   \
                "name", "string", PARAM_STRING, false, "the process, as group:name or name" \
        }
#define GROUP_PARAM                                                        \
        {                                                                  \
                "name", "string", PARAM_STRING, false, "the process group" \
        }
#define SIGNAL_PARAM                                                                          \
        {                                                                                     \
                "signal", "string", PARAM_SIGNAL, false, "its name or number: HUP, SIGHUP, 1" \
        }
#define WAIT_PARAM                                                                                \
        {                                                                                         \
                "wait", "boolean", PARAM_ANY, true, "answer only when it is done (default: true)" \
        }
#define OFFSET_PARAM                                                              \
        {                                                                         \
                "offset", "int", PARAM_INTEGER, false, "where to begin, in bytes" \
        }
#define LENGTH_PARAM                                                                   \
        {                                                                              \
                "length", "int", PARAM_INTEGER, false, "how many bytes to answer with" \
        }

#define RANGE_HELP                                                                                \
        "An offset from 0 on with length 0 means up to the end; a negative offset with length 0 " \
        "means that many last bytes. One call answers with at most 64 MiB."

#define TAIL_HELP                                                                                  \
        "The offset that comes back is the size of the log: pass it with the next call to go on. " \
        "When more than the length was written since, the last bytes are given and the overflow "  \
        "flag is set. One call answers with at most 64 MiB."

#define ENTRIES_TEXT "structs with name, group, status and description, one for each process"

static const struct method supervisor_rows[] = {
        {
                .name = "supervisor.addProcessGroup",
                .help = "Makes a group of the most recently read configuration active; its "
                        "programs start when they are configured to.",
                .params = { GROUP_PARAM },
                .result = "boolean",
                .result_text = "true",
                .handler = control_add_group,
        },
        {
                .name = "supervisor.clearAllProcessLogs",
                .help = "Empties the log files of every running process.",
                .result = "array",
                .result_text = ENTRIES_TEXT,
                .handler = logs_clear_all,
        },
        {
                .name = "supervisor.clearLog",
                .help = "Empties the daemon's own log file.",
                .result = "boolean",
                .result_text = "true",
                .handler = logs_clear_main,
        },
        { .name = "supervisor.clearProcessLog", .alias_of = "supervisor.clearProcessLogs" },
        {
                .name = "supervisor.clearProcessLogs",
                .help = "Empties both log files of a process while it runs; files that rotation "
                        "has put aside stay.",
                .params = { NAME_PARAM },
                .result = "boolean",
                .result_text = "true",
                .handler = logs_clear,
        },
        {
                .name = "supervisor.getAPIVersion",
                .help = "Tells which version of this interface is spoken.",
                .result = "string",
                .result_text = "the version",
                .handler = status_api_version,
        },
        {
                .name = "supervisor.getAllConfigInfo",
                .help = "Tells the options of every process in the most recently read "
                        "configuration, whether its group is active or not.",
                .result = "array",
                .result_text = "structs, one for each process",
                .handler = config_all_info,
        },
        {
                .name = "supervisor.getAllProcessInfo",
                .help = "Tells the state of every process of the active groups.",
                .result = "array",
                .result_text = "structs as of getProcessInfo, sorted by group and name",
                .handler = status_all_process_info,
        },
        {
                .name = "supervisor.getIdentification",
                .help = "Tells the name that the configuration gives this daemon.",
                .result = "string",
                .result_text = "the identifier",
                .handler = status_identification,
        },
        {
                .name = "supervisor.getPID",
                .help = "Tells the process id of the daemon.",
                .result = "int",
                .result_text = "the pid",
                .handler = status_pid,
        },
        {
                .name = "supervisor.getProcessInfo",
                .help = "Tells the state of one process: its times, exit status, log files, pid "
                        "and a description for people.",
                .params = { NAME_PARAM },
                .result = "struct",
                .result_text = "the state",
                .handler = status_process_info,
        },
        {
                .name = "supervisor.getState",
                .help = "Tells the state of the daemon itself.",
                .result = "struct",
                .result_text = "statecode and statename",
                .handler = status_state,
        },
        {
                .name = "supervisor.getSupervisorVersion",
                .help = "Tells the release of Supervisor whose behaviour this daemon has.",
                .result = "string",
                .result_text = "the version",
                .handler = status_supervisor_version,
        },
        { .name = "supervisor.getVersion", .alias_of = "supervisor.getAPIVersion" },
        {
                .name = "supervisor.readLog",
                .help = "Reads a part of the daemon's own log. " RANGE_HELP,
                .params = { OFFSET_PARAM, LENGTH_PARAM },
                .result = "string",
                .result_text = "the bytes, as far as they are there",
                .handler = logs_read_main,
        },
        { .name = "supervisor.readMainLog", .alias_of = "supervisor.readLog" },
        { .name = "supervisor.readProcessLog", .alias_of = "supervisor.readProcessStdoutLog" },
        {
                .name = "supervisor.readProcessStderrLog",
                .help = "Reads a part of the file that holds what a process wrote to its standard "
                        "error. " RANGE_HELP,
                .params = { NAME_PARAM, OFFSET_PARAM, LENGTH_PARAM },
                .result = "string",
                .result_text = "the bytes, as far as they are there",
                .handler = logs_read_stderr,
        },
        {
                .name = "supervisor.readProcessStdoutLog",
                .help = "Reads a part of the file that holds what a process wrote to its standard "
                        "output. " RANGE_HELP,
                .params = { NAME_PARAM, OFFSET_PARAM, LENGTH_PARAM },
                .result = "string",
                .result_text = "the bytes, as far as they are there",
                .handler = logs_read_stdout,
        },
        {
                .name = "supervisor.reloadConfig",
                .help = "Reads the configuration again and compares it with the active groups; "
                        "it changes none of them.",
                .result = "array",
                .result_text = "one array of three: the names of added, changed, removed groups",
                .handler = control_reload_config,
        },
        {
                .name = "supervisor.removeProcessGroup",
                .help = "Takes a group whose processes have all stopped out of the active ones.",
                .params = { GROUP_PARAM },
                .result = "boolean",
                .result_text = "true",
                .handler = control_remove_group,
        },
        {
                .name = "supervisor.restart",
                .help = "Stops every process and starts the daemon anew with the configuration as "
                        "it is then.",
                .result = "boolean",
                .result_text = "true, before the first process is stopped",
                .handler = control_restart,
        },
        {
                .name = "supervisor.sendProcessStdin",
                .help = "Writes to the standard input of a running process.",
                .params = { NAME_PARAM,
                        { "chars", "string", PARAM_ANY, false, "what to write, as UTF-8" } },
                .result = "boolean",
                .result_text = "true",
                .handler = control_send_stdin,
        },
        {
                .name = "supervisor.sendRemoteCommEvent",
                .help = "Emits an event that the listeners of REMOTE_COMMUNICATION receive.",
                .params = { { "type", "string", PARAM_SCALAR, false, "the type it carries" },
                        { "data", "string", PARAM_SCALAR, false, "the body it carries" } },
                .result = "boolean",
                .result_text = "true",
                .during_shutdown = true,
                .handler = control_send_event,
        },
        {
                .name = "supervisor.shutdown",
                .help = "Stops every process and ends the daemon.",
                .result = "boolean",
                .result_text = "true, before the first process is stopped",
                .handler = control_shutdown,
        },
        {
                .name = "supervisor.signalAllProcesses",
                .help = "Sends a signal to every process that is there to receive it.",
                .params = { SIGNAL_PARAM },
                .result = "array",
                .result_text = ENTRIES_TEXT,
                .handler = control_signal_all,
        },
        {
                .name = "supervisor.signalProcess",
                .help = "Sends a signal to a process, or with group:* to all of a group.",
                .params = { NAME_PARAM, SIGNAL_PARAM },
                .result = "boolean",
                .result_text = "true",
                .handler = control_signal,
        },
        {
                .name = "supervisor.signalProcessGroup",
                .help = "Sends a signal to every process of a group.",
                .params = { GROUP_PARAM, SIGNAL_PARAM },
                .result = "array",
                .result_text = ENTRIES_TEXT,
                .handler = control_signal_group,
        },
        {
                .name = "supervisor.startAllProcesses",
                .help = "Starts every process that does not run.",
                .params = { WAIT_PARAM },
                .result = "array",
                .result_text = ENTRIES_TEXT,
                .handler = control_start_all,
        },
        {
                .name = "supervisor.startProcess",
                .help = "Starts a process, or with group:* all of a group.",
                .params = { NAME_PARAM, WAIT_PARAM },
                .result = "boolean",
                .result_text = "true",
                .handler = control_start,
        },
        {
                .name = "supervisor.startProcessGroup",
                .help = "Starts every process of a group that does not run.",
                .params = { GROUP_PARAM, WAIT_PARAM },
                .result = "array",
                .result_text = ENTRIES_TEXT,
                .handler = control_start_group,
        },
        {
                .name = "supervisor.stopAllProcesses",
                .help = "Stops every process that runs.",
                .params = { WAIT_PARAM },
                .result = "array",
                .result_text = ENTRIES_TEXT,
                .handler = control_stop_all,
        },
        {
                .name = "supervisor.stopProcess",
                .help = "Stops a process, or with group:* all of a group.",
                .params = { NAME_PARAM, WAIT_PARAM },
                .result = "boolean",
                .result_text = "true",
                .handler = control_stop,
        },
        {
                .name = "supervisor.stopProcessGroup",
                .help = "Stops every process of a group that runs.",
                .params = { GROUP_PARAM, WAIT_PARAM },
                .result = "array",
                .result_text = ENTRIES_TEXT,
                .handler = control_stop_group,
        },
        { .name = "supervisor.tailProcessLog", .alias_of = "supervisor.tailProcessStdoutLog" },
        {
                .name = "supervisor.tailProcessStderrLog",
                .help = "Reads the end of what a process wrote to its standard error. " TAIL_HELP,
                .params = { NAME_PARAM, OFFSET_PARAM, LENGTH_PARAM },
                .result = "array",
                .result_text = "the bytes, the offset, the overflow flag",
                .handler = logs_tail_stderr,
        },
        {
                .name = "supervisor.tailProcessStdoutLog",
                .help = "Reads the end of what a process wrote to its standard output. " TAIL_HELP,
                .params = { NAME_PARAM, OFFSET_PARAM, LENGTH_PARAM },
                .result = "array",
                .result_text = "the bytes, the offset, the overflow flag",
                .handler = logs_tail_stdout,
        },
};

static const struct method system_rows[] = {
        {
                .name = "system.listMethods",
                .help = "Tells the names of all methods.",
                .result = "array",
                .result_text = "strings, sorted",
                .during_shutdown = true,
                .handler = system_list_methods,
        },
        {
                .name = "system.methodHelp",
                .help = "Tells what a method does.",
                .params = { { "name", "string", PARAM_STRING, false, "the method" } },
                .result = "string",
                .result_text = "the text",
                .during_shutdown = true,
                .handler = system_method_help,
        },
        {
                .name = "system.methodSignature",
                .help = "Tells the types of a method.",
                .params = { { "name", "string", PARAM_STRING, false, "the method" } },
                .result = "array",
                .result_text = "the type it answers with, then those of its parameters",
                .during_shutdown = true,
                .handler = system_method_signature,
        },
        {
                .name = "system.multicall",
                .help = "Makes several calls, one after another.",
                .params = { { "calls", "array", PARAM_ARRAY, false,
                        "structs with methodName and params" } },
                .result = "array",
                .result_text = "for each call its result or a struct with faultCode and "
                               "faultString",
                .during_shutdown = true,
                .handler = call_multi,
        },
};

const struct method_table methods_supervisor = { supervisor_rows, ELEMENTS(supervisor_rows) };
const struct method_table methods_system = { system_rows, ELEMENTS(system_rows) };
