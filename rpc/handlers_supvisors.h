/* The handlers of supvisors.*, by the file that holds them. */
#pragma once

#include "rpc/method.h"

/* Its clients talk to no other version. */
#define RPC_SUPVISORS_VERSION "0.19"

/* supvisors_status.c */
enum outcome supvisors_api_version(const struct invocation *);
enum outcome supvisors_state(const struct invocation *);
enum outcome supvisors_all_modes(const struct invocation *);
enum outcome supvisors_modes(const struct invocation *);
enum outcome supvisors_master(const struct invocation *);
enum outcome supvisors_strategies(const struct invocation *);
enum outcome supvisors_statistics(const struct invocation *);
enum outcome supvisors_network(const struct invocation *);
enum outcome supvisors_all_instances(const struct invocation *);
enum outcome supvisors_instance(const struct invocation *);

/* supvisors_processes.c */
enum outcome supvisors_all_applications(const struct invocation *);
enum outcome supvisors_application(const struct invocation *);
enum outcome supvisors_application_rules(const struct invocation *);
enum outcome supvisors_all_processes(const struct invocation *);
enum outcome supvisors_process(const struct invocation *);
enum outcome supvisors_process_rules(const struct invocation *);
enum outcome supvisors_conflicts(const struct invocation *);

/* supvisors_local.c */
enum outcome supvisors_all_local(const struct invocation *);
enum outcome supvisors_local(const struct invocation *);
enum outcome supvisors_all_inner(const struct invocation *);
enum outcome supvisors_inner(const struct invocation *);

/* supvisors_commands.c */
enum outcome supvisors_start_application(const struct invocation *);
enum outcome supvisors_restart_application(const struct invocation *);
enum outcome supvisors_test_start_application(const struct invocation *);
enum outcome supvisors_start_process(const struct invocation *);
enum outcome supvisors_start_any(const struct invocation *);
enum outcome supvisors_restart_process(const struct invocation *);
enum outcome supvisors_test_start_process(const struct invocation *);
enum outcome supvisors_stop_application(const struct invocation *);
enum outcome supvisors_stop_process(const struct invocation *);
enum outcome supvisors_restart_sequence(const struct invocation *);
enum outcome supvisors_conciliate(const struct invocation *);
enum outcome supvisors_restart(const struct invocation *);
enum outcome supvisors_shutdown(const struct invocation *);
enum outcome supvisors_end_sync(const struct invocation *);
enum outcome supvisors_start_args(const struct invocation *);
enum outcome supvisors_enable(const struct invocation *);
enum outcome supvisors_disable(const struct invocation *);
enum outcome supvisors_update_numprocs(const struct invocation *);
enum outcome supvisors_change_log_level(const struct invocation *);
enum outcome supvisors_enable_host(const struct invocation *);
enum outcome supvisors_enable_process(const struct invocation *);
enum outcome supvisors_update_period(const struct invocation *);
