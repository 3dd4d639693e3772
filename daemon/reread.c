/* Reading the configuration again: see reread.h. */
#include "daemon/reread.h"

#include "config/source.h"
#include "daemon/cluster_host.h"
#include "daemon/daemon.h"
#include "daemon/fleet_host.h"
#include "daemon/limits.h"

/* What Supervisor lets a reread change in the running daemon. */
static void adopt(struct config *active, struct config *read)
{
        char **ours[] = { &active->identifier, &active->childlogdir };
        char **theirs[] = { &read->identifier, &read->childlogdir };

        for (size_t i = 0; i < ELEMENTS(ours); i++) {
                mem_free(*ours[i]);
                *ours[i] = mem_strdup(*theirs[i]);
        }
        if (active->source) {
                config_source_free(active->source);
                active->source = TAKE(read->source);
        }
        active->strip_ansi = read->strip_ansi;
        active->minfds = read->minfds;
}

void reread(struct daemon *d, uint64_t request, bool restart)
{
        CLEANUP(config_free) struct config *config = NULL;
        struct event ev = { .type = EV_CONFIG_READ,
                .config = { .request = request, .restart = restart } };
        struct err err = {};
        int r = config_read(d->line, d->environ, &config, &err);

        if (r >= 0) /* one that cannot be had changes nothing, as a mistake does */
                r = limits_check(d, &config->programs, &err);
        if (r < 0)
                ev.config.error = err.text;
        else
                ev.config.set = config->programs;
        daemon_feed(d, &ev);
        if (r < 0)
                return;
        if (restart) {
                config_free(d->next);
                d->next = TAKE(config);
        } else {
                adopt(d->config, config);
                cluster_host_reload(d);
                /* Why it cannot be is in the log: the programs are another matter. */
                (void)fleet_host_reload_rules(d, config);
        }
}
