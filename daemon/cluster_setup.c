/* From the configuration to the options of cluster/: see cluster_setup.h. */
#include "daemon/cluster_setup.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/clusterconfig.h"
#include "daemon/daemon.h"
#include "daemon/privileges.h"
#include "netlink/selfnames.h"
#include "rules/rules.h"

uint16_t cluster_setup_port(const struct daemon *d)
{
        return config_http_port(d->config);
}

/*
 * The state directory.
 */

static void make_one(const struct daemon *d, const char *path)
{
        if (mkdir(path, 0755) < 0 || !d->config->has_user || d->config->user == getuid())
                return;
        {
                CLEANUP(privileges_user_free)
                struct spawn_user *user = privileges_user(d->config->user);

                (void)!chown(path, user->uid, user->gid);
        }
}

void cluster_setup_directory(struct daemon *d)
{
        CLEANUP(mem_free) char *path = mem_strdup(d->config->cluster->state_dir);

        for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                (void)mkdir(path, 0755);
                *slash = '/';
        }
        make_one(d, path);
}

/*
 * Who we are.
 */

static void be(struct cluster_setup *setup, const struct clusterconfig_item *item)
{
        setup->host = item->host;
        setup->options.self.identifier = item->identifier;
        setup->options.self.nick = item->nick;
}

static int be_as_before(const struct clusterconfig *config, const char *identifier,
        struct cluster_setup *setup, struct err *err)
{
        for (size_t i = 0; i < config->list_count; i++)
                if (strcmp(config->list[i].identifier, identifier) == 0) {
                        be(setup, &config->list[i]);
                        return 0;
                }
        if (config->list_count > 0 || strcmp(config->self.identifier, identifier) != 0)
                return err_set(err, -EBADMSG,
                        "this instance was '%s', which is not configured any more", identifier);
        be(setup, &config->self);
        return 0;
}

static bool leads_here(void *context, const char *host)
{
        return selfnames_leads_here(context, host);
}

static int seek_self(
        const struct config *config, const struct netif *netif, size_t *ret_index, char **why)
{
        CLEANUP(selfnames_clear) struct selfnames names = {};

        selfnames_collect(&names, netif);
        return clusterconfig_seek_self(config->cluster,
                &(struct clusterconfig_place){ .names = (const char *const *)names.at,
                        .count = names.count,
                        .leads_here = leads_here,
                        .context = &names,
                        .http_port = config_http_port(config),
                        .identifier = config->identifier },
                ret_index, why);
}

int cluster_setup_check(const struct config *config, const struct log_sink *sink, struct err *err)
{
        CLEANUP(netif_close) struct netif *netif = NULL;
        CLEANUP(mem_free) char *why = NULL;
        size_t index;
        int r;

        if (netif_open(&netif, NULL) < 0)
                netif = NULL; /* then by its name alone */
        r = seek_self(config, netif, &index, &why);
        if (r < 0)
                return err_set(err, r, "[%s]: %s", config->cluster->section, why);
        if (why)
                sink->write(sink->context, LOG_LEVEL_WARN, why);
        return 0;
}

static int find_self(
        struct daemon *d, const struct netif *netif, struct cluster_setup *setup, struct err *err)
{
        const struct clusterconfig *config = d->config->cluster;
        size_t index = CLUSTERCONFIG_SELF;
        int r = seek_self(d->config, netif, &index, &setup->why);

        if (r < 0)
                return err_set(err, r, "%s", setup->why ?: "who we are cannot be told");
        be(setup, index == CLUSTERCONFIG_SELF ? &config->self : &config->list[index]);
        return 0;
}

/*
 * The options.
 */

static size_t length(char *const *list)
{
        size_t n = 0;

        while (list && list[n])
                n++;
        return n;
}

/* So that instances with other rules are told from each other.  Rules that cannot be read are told
 * of where they are used. */
static uint64_t hash_rules(const struct clusterconfig *config)
{
        CLEANUP(rules_unref) struct rules *rules = NULL;
        int r = rules_read((const char *const *)config->rules_files, length(config->rules_files),
                &rules, NULL);

        return r < 0 ? 0 : rules_hash(rules);
}

static void fill(struct cluster_options *o, const struct clusterconfig *c)
{
        o->name = c->cluster_name;
        o->list_count = c->list_count;
        o->discovery = c->multicast_group != NULL;
        o->core = (const char *const *)c->core_identifiers;
        o->core_count = length(c->core_identifiers);
        o->stereotypes = (const char *const *)c->stereotypes;
        o->stereotypes_count = length(c->stereotypes);
        o->heartbeat_interval = c->heartbeat_interval;
        o->failure_timeout = c->failure_timeout;
        o->synchro = c->synchro; /* the bits are the same */
        o->synchro_timeout = c->synchro_timeout;
        o->auto_fence = c->auto_fence;
        o->starting_strategy = (uint8_t)c->starting_strategy;
        o->conciliation_strategy = (uint8_t)c->conciliation_strategy;
        o->failure_strategy = (enum cluster_failure)c->failure_strategy; /* so are the numbers */
        o->quorum = c->quorum_majority ? CLUSTER_QUORUM_MAJORITY : CLUSTER_QUORUM_NONE;
        o->expected = c->quorum_expected;
        o->rules_hash = hash_rules(c);
}

_Static_assert(
        (unsigned)SYNCHRO_STRICT == CLUSTER_STRICT && (unsigned)SYNCHRO_LIST == CLUSTER_LIST &&
                (unsigned)SYNCHRO_TIMEOUT == CLUSTER_TIMEOUT &&
                (unsigned)SYNCHRO_CORE == CLUSTER_CORE && (unsigned)SYNCHRO_USER == CLUSTER_USER,
        "the bits of config/ and cluster/ are those of the interface");
_Static_assert((unsigned)ON_FAILURE_CONTINUE == CLUSTER_CONTINUE &&
                       (unsigned)ON_FAILURE_RESYNC == CLUSTER_RESYNC &&
                       (unsigned)ON_FAILURE_SHUTDOWN == CLUSTER_SHUTDOWN,
        "so are the numbers");

int cluster_setup_make(struct daemon *d, const struct netif *netif, const char *identifier,
        struct cluster_setup *ret, struct err *err)
{
        const struct clusterconfig *config = d->config->cluster;
        int r = identifier ? be_as_before(config, identifier, ret, err)
                           : find_self(d, netif, ret, err);

        if (r < 0)
                return err_wrap(err, r, "[%s]", config->section);
        fill(&ret->options, config);
        if (getrandom(&ret->options.seed, sizeof(ret->options.seed), 0) < 0)
                return err_errno(err, -errno, "cannot draw a number");
        ret->list = mem_new_array(config->list_count ? config->list_count : 1, sizeof(*ret->list));
        for (size_t i = 0; i < config->list_count; i++)
                ret->list[i] = (struct identity){ .identifier = config->list[i].identifier,
                        .nick = config->list[i].nick };
        ret->options.list = ret->list;
        return 0;
}

void cluster_setup_clear(struct cluster_setup *setup)
{
        mem_free(setup->list);
        mem_free(setup->why);
        *setup = (struct cluster_setup){};
}
