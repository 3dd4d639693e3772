/* Commands that act on the cluster. */
#pragma once

#include "client/session.h"

int clustercontrol_start_application(struct session *, const char *args);
int clustercontrol_restart_application(struct session *, const char *args);
int clustercontrol_stop_application(struct session *, const char *args);
int clustercontrol_test_start_application(struct session *, const char *args);
int clustercontrol_start_process(struct session *, const char *args);
int clustercontrol_start_process_args(struct session *, const char *args);
int clustercontrol_restart_process(struct session *, const char *args);
int clustercontrol_stop_process(struct session *, const char *args);
int clustercontrol_test_start_process(struct session *, const char *args);
int clustercontrol_start_any(struct session *, const char *args);
int clustercontrol_start_any_args(struct session *, const char *args);
int clustercontrol_start_args(struct session *, const char *args);
int clustercontrol_all_start(struct session *, const char *args);
int clustercontrol_all_start_args(struct session *, const char *args);
