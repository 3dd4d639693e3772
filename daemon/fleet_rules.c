/* The rules files: when they are read, and what becomes of their faults. */
#include <string.h>

#include "daemon/cluster_words.h"
#include "daemon/fleet_parts.h"

static size_t count_of(char *const *list)
{
        size_t count = 0;

        while (list && list[count])
                count++;
        return count;
}

/* The files that the configuration names; h->why says why they cannot be had. */
static int read_files(struct fleet_host *h, struct rules **ret)
{
        char **files = h->daemon->config->cluster->rules_files;
        int r = rules_read((const char *const *)files, count_of(files), ret, &h->why);
        size_t count = 0;
        const struct rules_note *notes;

        if (r < 0)
                return r;
        notes = rules_notes(*ret, &count);
        for (size_t i = 0; i < count; i++)
                cluster_words_say(h->daemon->cluster, notes[i].level, "%s", notes[i].text);
        return 0;
}

void fleet_rules_read(struct fleet_host *h)
{
        if (read_files(h, &h->rules) < 0)
                cluster_words_say(h->daemon->cluster, LOG_LEVEL_ERROR,
                        "no rules hold, every application is unmanaged: %s", h->why.text);
}

/* The globs may match other files than at the start. */
static int adopt_files(struct fleet_host *h, struct config *just_read)
{
        struct daemon *d = h->daemon;
        CLEANUP(config_free) struct config *own = NULL;
        struct config *from = just_read;
        char **files;

        if (!from) {
                int r = config_read(d->line, d->environ, &own, &h->why);

                if (r < 0)
                        return r;
                from = own;
        }
        if (!from->cluster)
                return 0;
        files = from->cluster->rules_files;
        from->cluster->rules_files = d->config->cluster->rules_files;
        d->config->cluster->rules_files = files;
        return 0;
}

const char *fleet_host_reload_rules(struct daemon *d, struct config *just_read)
{
        struct fleet_host *h = d->fleet;
        CLEANUP(rules_unref) struct rules *rules = NULL;
        int r;

        if (!h || !h->fleet)
                return "no cluster is configured";
        r = adopt_files(h, just_read);
        if (r >= 0)
                r = read_files(h, &rules);
        if (r < 0) {
                cluster_words_say(d->cluster, LOG_LEVEL_ERROR, "the rules stay as they were: %s",
                        h->why.text);
                return h->why.text;
        }
        if (rules_hash(rules) == rules_hash(h->rules))
                return NULL;
        rules_unref(h->rules);
        h->rules = TAKE(rules);
        cluster_words_say(d->cluster, LOG_LEVEL_INFO, "other rules hold from now on");
        cluster_host_set_rules(d, rules_hash(h->rules));
        fleet_parts_feed(h, &(struct fleet_event){ .type = FLEET_RULES, .rules = h->rules });
        return NULL;
}
