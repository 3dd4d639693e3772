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
        char **known;

        for (size_t i = 0; i < ELEMENTS(ours); i++) {
                mem_free(*ours[i]);
                *ours[i] = mem_strdup(*theirs[i]);
        }
        if (active->source) {
                config_source_free(active->source);
                active->source = TAKE(read->source);
        }
        known = TAKE(active->known);
        active->known = TAKE(read->known);
        read->known = known; /* freed with the rest of it */
        active->strip_ansi = read->strip_ansi;
        active->minfds = read->minfds;
}

static void tell_failure(struct daemon *d, const char *text, const char *where)
{
        CLEANUP(mem_free)
        char *line = mem_format("cannot read the configuration: %s%s%s", text,
                *where ? "; it is about " : "", where);

        daemon_log_message(d, MESSAGE_CONFIGURATION_REFUSED, LOG_LEVEL_WARN, NULL, line, false);
}

void reread(struct daemon *d, uint64_t request, bool restart)
{
        CLEANUP(config_free) struct config *config = NULL;
        struct config_location location = {};
        CLEANUP(mem_free) char *where = NULL;
        struct event ev = { .type = EV_CONFIG_READ,
                .config = { .request = request, .restart = restart } };
        struct err err = {};
        /* A restart begins anew, a reread goes on. */
        int r = config_reread(
                d->line, d->environ, restart ? NULL : d->config, &config, &location, &err);

        if (r >= 0) /* one that cannot be had changes nothing, as a mistake does */
                r = limits_check(d, &config->programs, &err);
        if (r < 0) {
                /* The caller's fault is in Supervisor's words, which do not say where. */
                where = config_location_text(&location);
                config_location_clear(&location);
                tell_failure(d, err.text, where);
                ev.config.error = err.text;
        } else {
                ev.config.set = config->programs;
        }
        daemon_feed(d, &ev);
        if (r < 0)
                return;
        if (restart) {
                config_free(d->next);
                d->next = TAKE(config);
        } else {
                adopt(d->config, config);
                children_strip_ansi(d);
                cluster_host_reload(d);
                /* Why it cannot be is in the log: the programs are another matter. */
                (void)fleet_host_reload_rules(d, config);
        }
}
