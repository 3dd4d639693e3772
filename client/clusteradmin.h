/* Commands about the cluster as a whole, and about the programs of the instance that is asked. */
#pragma once

#include "client/session.h"

int clusteradmin_update_numprocs(struct session *, const char *args);
int clusteradmin_lazy_update_numprocs(struct session *, const char *args);
int clusteradmin_enable(struct session *, const char *args);
int clusteradmin_disable(struct session *, const char *args);
int clusteradmin_conciliate(struct session *, const char *args);
int clusteradmin_restart_sequence(struct session *, const char *args);
int clusteradmin_restart(struct session *, const char *args);
int clusteradmin_shutdown(struct session *, const char *args);
int clusteradmin_end_sync(struct session *, const char *args);
int clusteradmin_log_level(struct session *, const char *args);
int clusteradmin_enable_statistics(struct session *, const char *args);
int clusteradmin_disable_statistics(struct session *, const char *args);
int clusteradmin_statistics_period(struct session *, const char *args);
/* What Supvisors has no command for. */
int clusteradmin_reload_rules(struct session *, const char *args);
int clusteradmin_readmit(struct session *, const char *args);
