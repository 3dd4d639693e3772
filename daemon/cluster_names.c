/* What name servers call this machine: asked by an errand, for they may be away, and told to the
 * others when it is known. */
#include <arpa/inet.h>
#include <limits.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "daemon/cluster_parts.h"
#include "loop/errand.h"

enum { BUFFER_SIZE = 8192 };

struct job {
        json_t *network; /* as in the hello: a copy, whose names are filled in */
};

static void release(void *context)
{
        struct job *job = context;

        json_decref(job->network);
        mem_free(job);
}

static void put(json_t *object, const char *key, const char *text)
{
        json_t *value = json_string(text);

        if (value) /* a name that is no UTF-8 is none */
                (void)json_object_set_new(object, key, value);
}

static void ask_full_name(json_t *network)
{
        const struct addrinfo hints = { .ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM };
        char host[HOST_NAME_MAX + 1] = "";
        struct addrinfo *list = NULL;

        if (gethostname(host, sizeof(host)) < 0)
                return;
        host[HOST_NAME_MAX] = '\0';
        if (getaddrinfo(host, NULL, &hints, &list) != 0)
                return;
        if (list->ai_canonname && strchr(list->ai_canonname, '.'))
                put(network, "fqdn", list->ai_canonname);
        freeaddrinfo(list);
}

static json_t *list_names(char **names)
{
        json_t *array = json_array();

        for (; *names && json_array_size(array) < CLUSTER_NODE_NAMES_MAX; names++) {
                json_t *value = json_string(*names);

                if (value)
                        (void)json_array_append_new(array, value);
        }
        return array;
}

static json_t *list_addresses(char **addresses)
{
        json_t *array = json_array();

        for (; *addresses && json_array_size(array) < CLUSTER_NODE_NAMES_MAX; addresses++) {
                char text[INET_ADDRSTRLEN];

                if (inet_ntop(AF_INET, *addresses, text, sizeof(text)))
                        (void)json_array_append_new(array, json_string(text));
        }
        return array;
}

static void ask_names(json_t *interface)
{
        const char *address = json_string_value(json_object_get(interface, "address"));
        CLEANUP(mem_free) char *buffer = mem_new(BUFFER_SIZE);
        struct hostent entry, *found = NULL;
        struct in_addr in;
        int error;

        if (!address || inet_pton(AF_INET, address, &in) != 1 ||
                gethostbyaddr_r(&in, sizeof(in), AF_INET, &entry, buffer, BUFFER_SIZE, &found,
                        &error) != 0 ||
                !found)
                return;
        put(interface, "host_name", found->h_name);
        (void)json_object_set_new(interface, "aliases", list_names(found->h_aliases));
        (void)json_object_set_new(interface, "addresses", list_addresses(found->h_addr_list));
}

static void work(void *context)
{
        struct job *job = context;
        json_t *interfaces = json_object_get(job->network, "interfaces");

        ask_full_name(job->network);
        for (size_t i = 0; i < json_array_size(interfaces); i++)
                ask_names(json_array_get(interfaces, i));
}

static void done(void *context, void *work)
{
        struct cluster_host *h = context;
        struct job *job = work;
        json_t *network = TAKE(job->network); /* the thread may be the last to leave the job */
        struct cluster_node *node = cluster_node_read(network);

        json_decref(network);
        h->errand = errand_free(h->errand);
        if (h->names_again) {
                cluster_node_free(node);
                h->names_again = false;
                cluster_names_ask(h);
                return;
        }
        if (!node)
                return;
        if (json_equal(cluster_node_json(node), cluster_node_json(h->node))) {
                cluster_node_free(node);
                return;
        }
        cluster_node_free(h->node);
        h->node = node;
        cluster_links_tell(h);
}

static const struct errand_kind kind = { work, done, release };

void cluster_names_ask(struct cluster_host *h)
{
        struct job *job;
        struct err err = {};

        /* What it brings will be old.  One that waits for a dead name server cannot be ended, and
         * interfaces may come and go faster than it gives up: so there is never another beside. */
        if (h->errand) {
                h->names_again = true;
                return;
        }
        job = mem_new(sizeof(*job));
        job->network = json_deep_copy(cluster_node_json(h->node));
        if (errand_start(h->daemon->loop, &kind, job, h, &h->errand, &err) < 0)
                cluster_words_say(h, LOG_LEVEL_WARN,
                        "cluster: the names of this machine are not asked for: %s", err.text);
}
