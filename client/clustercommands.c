/* The commands of Supvisors' client: see clustercommands.h. */
#include "client/clustercommands.h"

#include "client/clusteradmin.h"
#include "client/clustercontrol.h"
#include "client/clusterstatus.h"

static const struct commands_row table[] = {
        { "all_start", clustercontrol_all_start, COMMANDS_CLUSTER, COMPLETES_PROCESSES,
                "all_start <proc>\t\tStart a process on every instance that runs" },
        { "all_start_args", clustercontrol_all_start_args, COMMANDS_CLUSTER, COMPLETES_PROCESSES,
                "all_start_args <proc> <arg> [...]\tThe same, with extra arguments" },
        { "application_info", clusterstatus_applications, COMMANDS_CLUSTER | COMMANDS_JSON,
                COMPLETES_GROUPS,
                "application_info [<appli> ...]\tShow the states of applications, of all by "
                "default" },
        { "application_rules", clusterstatus_application_rules, COMMANDS_CLUSTER | COMMANDS_JSON,
                COMPLETES_GROUPS,
                "application_rules [<appli> ...]\tShow the rules of applications, of all by "
                "default" },
        { "conciliate", clusteradmin_conciliate, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "conciliate <strategy>\tSettle the conflicts by a strategy: SENICIDE, "
                "INFANTICIDE, USER, STOP, RESTART,\n"
                "\t\t\tRUNNING_FAILURE" },
        { "conflicts", clusterstatus_conflicts, COMMANDS_CLUSTER | COMMANDS_JSON, COMPLETES_NOTHING,
                "conflicts\t\tShow the processes that run more than once and should not" },
        { "disable", clusteradmin_disable, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "disable <program>\tStop the processes of a program of this instance, and let "
                "nothing start them" },
        { "disable_stats", clusteradmin_disable_statistics, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "disable_stats [host] [process] [all]\tEnd the collection of statistics, of all "
                "by default" },
        { "enable", clusteradmin_enable, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "enable <program>\tLet the processes of a program of this instance be started "
                "again" },
        { "enable_stats", clusteradmin_enable_statistics, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "enable_stats [host] [process] [all]\tBegin the collection of statistics, of all "
                "by default" },
        { "end_sync", clusteradmin_end_sync, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "end_sync [<identifier>]\tEnd the synchronization phase, and make this instance "
                "the Master, or let one\n"
                "\t\t\tbe elected" },
        { "instance_status", clusterstatus_instances, COMMANDS_CLUSTER | COMMANDS_JSON,
                COMPLETES_NOTHING,
                "instance_status [<identifier> ...]\tShow the instances and their loads, all by "
                "default" },
        { "lazy_update_numprocs", clusteradmin_lazy_update_numprocs, COMMANDS_CLUSTER,
                COMPLETES_NOTHING,
                "lazy_update_numprocs <program> <n>\tChange how many processes a program has; "
                "those too many run on until\n"
                "\t\t\t\t\tthey end by themselves" },
        { "local_status", clusterstatus_local, COMMANDS_CLUSTER | COMMANDS_JSON,
                COMPLETES_PROCESSES,
                "local_status [<proc> ...]\tShow the processes of this instance, all by default" },
        { "loglevel", clusteradmin_log_level, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "loglevel <level>\tSet the log level: critical, error, warn, info, debug, trace, "
                "blather" },
        { "master", clusterstatus_master, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "master\t\t\tShow who is Master" },
        { "process_rules", clusterstatus_process_rules, COMMANDS_CLUSTER | COMMANDS_JSON,
                COMPLETES_PROCESSES,
                "process_rules [<proc> ...]\tShow the rules of processes, of all by default" },
        { "restart_application", clustercontrol_restart_application, COMMANDS_CLUSTER,
                COMPLETES_GROUPS,
                "restart_application <strategy> [<appli> ...]\tStop and start applications, all "
                "managed ones by default" },
        { "restart_process", clustercontrol_restart_process, COMMANDS_CLUSTER, COMPLETES_PROCESSES,
                "restart_process <strategy> [<proc> ...]\tStop and start processes, all by "
                "default" },
        { "restart_sequence", clusteradmin_restart_sequence, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "restart_sequence\tStart what has never been started or has failed, in the order "
                "of the rules" },
        { "sreload", clusteradmin_restart, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "sreload\t\t\tStop everything in the order of the rules, and restart all "
                "instances" },
        { "sshutdown", clusteradmin_shutdown, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "sshutdown\t\tStop everything in the order of the rules, and end all instances" },
        { "sstate", clusterstatus_state, COMMANDS_CLUSTER | COMMANDS_JSON, COMPLETES_NOTHING,
                "sstate\t\t\t\tShow the state of the cluster as this instance sees it\n"
                "sstate <identifier> [...]\tShow the states of instances\n"
                "sstate all\t\t\tShow the states of all instances" },
        { "sstatus", clusterstatus_processes, COMMANDS_CLUSTER | COMMANDS_JSON, COMPLETES_PROCESSES,
                "sstatus [<proc> ...]\tShow processes and where they run, all by default" },
        { "start_any_process", clustercontrol_start_any, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "start_any_process <strategy> <regex> [...]\tStart a process whose name matches "
                "and that does not run" },
        { "start_any_process_args", clustercontrol_start_any_args, COMMANDS_CLUSTER,
                COMPLETES_NOTHING,
                "start_any_process_args <strategy> <regex> <arg> [...]\tThe same, with extra "
                "arguments" },
        { "start_application", clustercontrol_start_application, COMMANDS_CLUSTER, COMPLETES_GROUPS,
                "start_application <strategy> [<appli> ...]\tStart applications, all managed ones "
                "by default\n"
                "Strategies: CONFIG, LESS_LOADED, MOST_LOADED, LOCAL, LESS_LOADED_NODE, "
                "MOST_LOADED_NODE" },
        { "start_args", clustercontrol_start_args, COMMANDS_CLUSTER, COMPLETES_PROCESSES,
                "start_args <proc> <arg> [...]\tStart a process of this instance with extra "
                "arguments" },
        { "start_process", clustercontrol_start_process, COMMANDS_CLUSTER, COMPLETES_PROCESSES,
                "start_process <strategy> [<proc> ...]\tStart processes where the strategy says, "
                "all by default" },
        { "start_process_args", clustercontrol_start_process_args, COMMANDS_CLUSTER,
                COMPLETES_PROCESSES,
                "start_process_args <strategy> <proc> <arg> [...]\tThe same, with extra "
                "arguments" },
        { "stats_period", clusteradmin_statistics_period, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "stats_period <seconds>\tSet how often statistics are collected" },
        { "stats_status", clusterstatus_statistics, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "stats_status\t\tShow which statistics are collected" },
        { "stop_application", clustercontrol_stop_application, COMMANDS_CLUSTER, COMPLETES_GROUPS,
                "stop_application [<appli> ...]\tStop applications, all managed ones by default" },
        { "stop_process", clustercontrol_stop_process, COMMANDS_CLUSTER, COMPLETES_PROCESSES,
                "stop_process [<proc> ...]\tStop processes wherever they run, all running ones by "
                "default" },
        { "strategies", clusterstatus_strategies, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "strategies\t\tShow the strategies that all instances share" },
        { "sversion", clusterstatus_version, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "sversion\t\tShow the version of the cluster's interface" },
        { "test_start_application", clustercontrol_test_start_application, COMMANDS_CLUSTER,
                COMPLETES_GROUPS,
                "test_start_application <strategy> <appli>\tShow where an application would "
                "start" },
        { "test_start_process", clustercontrol_test_start_process, COMMANDS_CLUSTER,
                COMPLETES_PROCESSES,
                "test_start_process <strategy> <proc>\tShow where a process would start" },
        { "update_numprocs", clusteradmin_update_numprocs, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "update_numprocs <program> <n>\tChange how many processes a program of this "
                "instance has" },
};

const struct commands_row *clustercommands_table(size_t *ret_count)
{
        *ret_count = ELEMENTS(table);
        return table;
}
