/* How the daemon lives: see health.h. */
#include "daemon/health.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon/daemon.h"

void health_tell(const struct daemon *d, struct rpc_health *ret)
{
        struct rlimit files = {};

        *ret = (struct rpc_health){
                .version = PACKAGE_VERSION,
                .configuration = d->config->path,
                .uid = geteuid(),
                .cgroups = d->tree ? cgroup_tree_describe(d->tree) : NULL,
                .has_controllers = d->tree && cgroup_tree_is_complete(d->tree),
                .scope = d->scope,
                .starts = spawner_describe(d->spawner),
                .hears_exits = d->descendants,
                .is_service = getenv("NOTIFY_SOCKET"),
                .log_dropped = activity_dropped(d->activity),
        };
        (void)sd_watchdog_enabled(0, &ret->watchdog); /* leaves 0 where nobody watches */
        (void)getrlimit(RLIMIT_NOFILE, &files);       /* right arguments do not fail */
        ret->files_soft = files.rlim_cur;
        ret->files_hard = files.rlim_max;
}
