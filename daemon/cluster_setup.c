/* From the configuration to the options of cluster/: see cluster_setup.h. */
#include "daemon/cluster_setup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/clusterconfig.h"
#include "daemon/daemon.h"
#include "daemon/privileges.h"
#include "rules/rules.h"

enum { NAMES_MAX = 4096 };

uint16_t cluster_setup_port(const struct daemon *d)
{
        for (size_t i = 0; i < d->config->servers_count; i++)
                if (d->config->servers[i].kind == SERVER_INET)
                        return (uint16_t)d->config->servers[i].port;
        return d->config->cluster->self.port;
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

struct names {
        char **at;
        size_t count, capacity;
};

static void add_name(struct names *names, const char *name)
{
        if (names->count == NAMES_MAX)
                return;
        names->at = mem_grow(names->at, &names->capacity, names->count + 1, sizeof(char *));
        names->at[names->count++] = mem_strdup(name);
}

static void clear_names(struct names *names)
{
        for (size_t i = 0; i < names->count; i++)
                mem_free(names->at[i]);
        mem_free(names->at);
}

static void add_address(struct names *names, const struct netif_address *a)
{
        char text[INET6_ADDRSTRLEN];

        if (inet_ntop(a->family, a->family == AF_INET ? (const void *)&a->in : &a->in6, text,
                    sizeof(text)))
                add_name(names, text);
}

/* Without asking a name server: it may be away, and an address needs none. */
static void collect_names(struct names *names, const struct netif *netif)
{
        char host[HOST_NAME_MAX + 1] = "";
        size_t count = 0;
        const struct netif_entry *const *list = netif ? netif_list(netif, &count) : NULL;

        if (gethostname(host, sizeof(host)) == 0) {
                char *dot;

                host[HOST_NAME_MAX] = '\0';
                add_name(names, host);
                dot = strchr(host, '.');
                if (dot) {
                        *dot = '\0';
                        add_name(names, host);
                }
        }
        add_name(names, "localhost");
        add_name(names, "127.0.0.1");
        for (size_t i = 0; i < count; i++)
                for (size_t k = 0; k < list[i]->count; k++)
                        add_address(names, &list[i]->addresses[k]);
}

static bool is_ours(const struct names *names, const struct addrinfo *a)
{
        char text[INET6_ADDRSTRLEN];

        if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST))
                return false;
        for (size_t i = 0; i < names->count; i++)
                if (strcmp(names->at[i], text) == 0)
                        return true;
        return false;
}

/* Other names may lead to us as well; they are looked up before the loop runs, only when none of
 * those that we know by ourselves is in the list, and only up to the first that does. */
static void resolve_names(struct names *names, const struct clusterconfig *config, uint16_t port)
{
        const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
        bool found = false;

        for (size_t i = 0; i < config->list_count && !found; i++) {
                struct addrinfo *list = NULL;

                if (config->list[i].port != port ||
                        getaddrinfo(config->list[i].host, NULL, &hints, &list) != 0)
                        continue;
                for (struct addrinfo *a = list; a && !found; a = a->ai_next)
                        found = is_ours(names, a);
                freeaddrinfo(list);
                if (found)
                        add_name(names, config->list[i].host);
        }
}

static int find(const struct daemon *d, const struct names *names, size_t *ret, char **why)
{
        *why = mem_free(*why);
        return clusterconfig_find_self(d->config->cluster, (const char *const *)names->at,
                names->count, cluster_setup_port(d), d->config->identifier, ret, why);
}

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

static int find_self(
        struct daemon *d, const struct netif *netif, struct cluster_setup *setup, struct err *err)
{
        const struct clusterconfig *config = d->config->cluster;
        struct names names = {};
        size_t index = CLUSTERCONFIG_SELF;
        int r;

        collect_names(&names, netif);
        r = find(d, &names, &index, &setup->why);
        if (r == -ENOENT) {
                resolve_names(&names, config, cluster_setup_port(d));
                r = find(d, &names, &index, &setup->why);
        }
        clear_names(&names);
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
