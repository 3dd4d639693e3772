/* The keys of the cluster: where they come from, and what is said when there are none. */
#include <errno.h>

#include "daemon/cluster_parts.h"

static const struct server_config *find_server(const struct config *config)
{
        for (size_t i = 0; i < config->servers_count; i++)
                if (config->servers[i].kind == SERVER_INET)
                        return &config->servers[i];
        return NULL;
}

static bool is_given(const char *s)
{
        return s && *s;
}

/* Read at the first start, when we may read everything; after a restart in place we may be a plain
 * user, and go on with what we have. */
static int load(struct cluster_host *h, struct err *err)
{
        struct daemon *d = h->daemon;
        int r = keyring_load(h->config->cluster_key_file, h->name, &h->keyring, err);

        if (r == -EACCES && d->cluster_keys && d->cluster_keys_of == h->name) {
                h->keyring = keyring_ref(d->cluster_keys);
                return 0;
        }
        if (r < 0)
                return r;
        keyring_free(d->cluster_keys);
        d->cluster_keys = keyring_ref(h->keyring);
        d->cluster_keys_of = h->name;
        return 0;
}

int cluster_keys_choose(struct cluster_host *h, struct err *err)
{
        const struct clusterconfig *config = h->config;
        const struct server_config *server = find_server(h->daemon->config);

        if (config->cluster_key_file) {
                h->secret = CLUSTER_SECRET_FILE;
                return load(h, err);
        }
        if (config->cluster_auth == CLUSTER_AUTH_NONE) {
                h->secret = CLUSTER_SECRET_NONE;
                return 0;
        }
        if (!config->native && server && is_given(server->username) && is_given(server->password)) {
                h->secret = CLUSTER_SECRET_PASSWORD;
                return keyring_derive(
                        server->username, server->password, h->name, &h->keyring, err);
        }
        h->secret = CLUSTER_SECRET_MISSING;
        h->confined = config->native;
        return 0;
}

void cluster_keys_tell(struct cluster_host *h)
{
        static const char remedy[] =
                "make a key with 'reevectl keygen', give it to all instances, and name it in "
                "cluster_key_file";

        if (!h->has_wire)
                return;
        switch (h->secret) {
        case CLUSTER_SECRET_FILE:
                cluster_words_say(h, LOG_LEVEL_INFO,
                        "cluster: %u key%s from %s, key %u is sent with", keyring_count(h->keyring),
                        keyring_count(h->keyring) == 1 ? "" : "s", h->config->cluster_key_file,
                        keyring_sending(h->keyring));
                break;
        case CLUSTER_SECRET_PASSWORD:
                cluster_words_say(h, LOG_LEVEL_WARN,
                        "cluster: without a key file its key is made of the HTTP server's user name "
                        "and password, and is as weak as these; %s",
                        remedy);
                break;
        case CLUSTER_SECRET_NONE:
                cluster_words_say(h, LOG_LEVEL_INFO,
                        "cluster: open, as cluster_auth = none says: whoever reaches this machine's "
                        "network can join it and give orders");
                break;
        case CLUSTER_SECRET_MISSING:
                if (h->confined)
                        cluster_words_say(h, LOG_LEVEL_WARN,
                                "cluster: there is no key, so it is confined to this machine "
                                "(127.0.0.1); %s, or write cluster_auth = none",
                                remedy);
                else
                        cluster_words_say(h, LOG_LEVEL_WARN,
                                "cluster: open, for there is no key: whoever reaches this machine's "
                                "network can join it and give orders; %s",
                                remedy);
                break;
        }
}

/* What stands, stands: keys change the handshakes and the heartbeats to come. */
void cluster_host_reload(struct daemon *d)
{
        struct cluster_host *h = d->cluster;
        struct keyring *keyring = NULL;
        struct err err = {};
        bool is_other;

        if (!h || !h->has_wire || h->secret != CLUSTER_SECRET_FILE)
                return;
        if (keyring_load(h->config->cluster_key_file, h->name, &keyring, &err) < 0) {
                cluster_words_say(h, LOG_LEVEL_ERROR,
                        "cluster: the keys stay as they are, for they cannot be read again: %s",
                        err.text);
                return;
        }
        is_other = keyring_count(keyring) != keyring_count(h->keyring) ||
                   keyring_sending(keyring) != keyring_sending(h->keyring);
        keyring_free(h->keyring);
        h->keyring = keyring;
        links_set_keyring(h->links, keyring);
        keyring_free(d->cluster_keys);
        d->cluster_keys = keyring_ref(keyring);
        d->cluster_keys_of = h->name;
        if (is_other) /* every reread comes here */
                cluster_keys_tell(h);
}
