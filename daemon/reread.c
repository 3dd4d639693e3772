/* Reading the configuration again: see reread.h. */
#include "daemon/reread.h"

#include "daemon/daemon.h"

/* What Supervisor lets a reread change in the running daemon. */
static void adopt(struct config *active, struct config *read)
{
        char **ours[] = { &active->identifier, &active->childlogdir };
        char **theirs[] = { &read->identifier, &read->childlogdir };

        for (size_t i = 0; i < ELEMENTS(ours); i++) {
                mem_free(*ours[i]);
                *ours[i] = mem_strdup(*theirs[i]);
        }
        active->strip_ansi = read->strip_ansi;
        active->minfds = read->minfds;
}

void reread_refuse_groups(struct daemon *d, struct config *config)
{
        struct program_set *set = &config->programs;
        size_t kept = 0;

        for (size_t i = 0; i < set->count; i++) {
                struct program_group *group = set->groups[i];

                if (group->kind == GROUP_EVENTLISTENER) {
                        daemon_log(d, LOG_LEVEL_CRITICAL, NULL,
                                "[eventlistener:%s] is not run: this version has no event listeners",
                                group->name);
                        program_group_unref(group);
                } else {
                        set->groups[kept++] = group;
                }
        }
        set->count = kept;
}

void reread(struct daemon *d, uint64_t request, bool restart)
{
        CLEANUP(config_free) struct config *config = NULL;
        struct event ev = { .type = EV_CONFIG_READ,
                .config = { .request = request, .restart = restart } };
        struct err err = {};
        int r = config_read(d->line, d->environ, &config, &err);

        if (r < 0) {
                ev.config.error = err.text;
        } else {
                reread_refuse_groups(d, config);
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
        }
}
