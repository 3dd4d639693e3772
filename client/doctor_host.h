/* What "doctor" finds on this machine, whether a daemon runs or not. */
#pragma once

#include <stdbool.h>

#include "client/findings.h"

struct clusterconfig;
struct config;

void doctor_host_cgroups(struct findings *);
void doctor_host_exits(struct findings *); /* the kernel's proc connector */
/* 'cluster': NULL where none is configured; then nothing depends on the time. */
void doctor_host_clock(struct findings *, const struct clusterconfig *cluster);
void doctor_host_files(struct findings *, const struct config *);
void doctor_host_journal(struct findings *, const struct config *);
/* Sends to the configured group on each interface and listens for it. */
void doctor_host_multicast(struct findings *, const struct clusterconfig *);
