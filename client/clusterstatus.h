/* Commands that show the cluster. */
#pragma once

#include "client/session.h"

int clusterstatus_version(struct session *, const char *args);
int clusterstatus_state(struct session *, const char *args);
int clusterstatus_master(struct session *, const char *args);
int clusterstatus_strategies(struct session *, const char *args);
int clusterstatus_statistics(struct session *, const char *args);
int clusterstatus_instances(struct session *, const char *args);
int clusterstatus_applications(struct session *, const char *args);
int clusterstatus_application_rules(struct session *, const char *args);
int clusterstatus_processes(struct session *, const char *args);
int clusterstatus_local(struct session *, const char *args);
int clusterstatus_process_rules(struct session *, const char *args);
int clusterstatus_conflicts(struct session *, const char *args);
