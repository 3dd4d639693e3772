/* The delegated scope that holds our programs under systemd, beside our service: their cgroups in
 * the service's own would keep it from being started again.
 *
 * It is called reeve-programs.scope for the instance "supervisor" (the default identifier), and
 * reeve-programs-<instance>.scope for any other, lies in reeve.slice, and is stopped after our
 * service at shutdown.  A keeper process in its cgroup "keeper" keeps it while no program runs. */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "base/text.h"

/* The directory of the scope, made or found again, for cgroup_options.root; the caller frees it.
 * May take seconds (at most 15), so it is called before we say that we are ready.  A failure says
 * why there is none: no systemd, not root, not a service, no D-Bus. */
int scope_obtain(const char *instance, char **ret_path, struct err *);
/* Moves a process of ours into the scope, beside the programs, so that it outlives our service. */
int scope_shelter(const char *path, pid_t, struct err *) __attribute__((warn_unused_result));
/* Ends the keeper, so that the scope goes once it is empty.  Takes what scope_obtain() gave, or
 * NULL. Not before a re-exec. */
void scope_release(const char *path);

void scope_append_name(struct text *, const char *instance); /* the unit's name; pure */
