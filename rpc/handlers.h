/* The handlers of the method table, by the file that holds them. */
#pragma once

#include "rpc/method.h"

/* What this interface says it is: clients look for the number of a released Supervisor here and
 * choose by it; reeve behaves as that release does. */
#define RPC_SUPERVISOR_VERSION "4.3.0"
#define RPC_API_VERSION        "3.0"

/* methods_system.c */
enum outcome system_list_methods(const struct invocation *);
enum outcome system_method_help(const struct invocation *);
enum outcome system_method_signature(const struct invocation *);

/* methods_status.c */
enum outcome status_api_version(const struct invocation *);
enum outcome status_supervisor_version(const struct invocation *);
enum outcome status_identification(const struct invocation *);
enum outcome status_state(const struct invocation *);
enum outcome status_pid(const struct invocation *);
enum outcome status_process_info(const struct invocation *);
enum outcome status_all_process_info(const struct invocation *);

/* methods_config.c */
enum outcome config_all_info(const struct invocation *);

/* methods_control.c */
enum outcome control_start(const struct invocation *);
enum outcome control_start_group(const struct invocation *);
enum outcome control_start_all(const struct invocation *);
enum outcome control_stop(const struct invocation *);
enum outcome control_stop_group(const struct invocation *);
enum outcome control_stop_all(const struct invocation *);
enum outcome control_signal(const struct invocation *);
enum outcome control_signal_group(const struct invocation *);
enum outcome control_signal_all(const struct invocation *);
enum outcome control_add_group(const struct invocation *);
enum outcome control_remove_group(const struct invocation *);
enum outcome control_reload_config(const struct invocation *);
enum outcome control_shutdown(const struct invocation *);
enum outcome control_restart(const struct invocation *);
enum outcome control_send_stdin(const struct invocation *);
enum outcome control_send_event(const struct invocation *);

/* methods_logs.c */
enum outcome logs_read_main(const struct invocation *);
enum outcome logs_clear_main(const struct invocation *);
enum outcome logs_read_stdout(const struct invocation *);
enum outcome logs_read_stderr(const struct invocation *);
enum outcome logs_tail_stdout(const struct invocation *);
enum outcome logs_tail_stderr(const struct invocation *);
enum outcome logs_clear(const struct invocation *);
enum outcome logs_clear_all(const struct invocation *);
