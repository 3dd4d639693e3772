/* A node's network: see cluster_node.h.  The JSON owns the texts; the view points into it. */
#include "wire/cluster_node.h"

#include <arpa/inet.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "cluster/identity.h"

enum { TEXT_MAX = 1024 }; /* of a name */

struct cluster_node {
        json_t *json;
        struct rpc_network view;
        struct rpc_interface *interfaces;
};

static void clear_interfaces(struct cluster_node *n)
{
        for (size_t i = 0; i < n->view.interfaces_count; i++) {
                mem_free((void *)(uintptr_t)n->interfaces[i].aliases);
                mem_free((void *)(uintptr_t)n->interfaces[i].addresses);
        }
        mem_free(n->interfaces);
}

struct cluster_node *cluster_node_free(struct cluster_node *n)
{
        if (!n)
                return NULL;
        clear_interfaces(n);
        json_decref(n->json);
        return mem_free(n);
}

/* NULL when it is none, or too long: what is shown must not be anybody's megabytes. */
static const char *get_text(const json_t *object, const char *key)
{
        const json_t *value = json_object_get(object, key);

        return json_is_string(value) && json_string_length(value) <= TEXT_MAX
                       ? json_string_value(value)
                       : NULL;
}

/* An array that ends with NULL; NULL: it is none. */
static const char *const *get_names(const json_t *object, const char *key)
{
        const json_t *array = json_object_get(object, key);
        size_t count = json_array_size(array);
        const char **names;

        if (!json_is_array(array) || count > CLUSTER_NODE_NAMES_MAX)
                return NULL;
        names = mem_new_array(count + 1, sizeof(*names));
        for (size_t i = 0; i < count; i++) {
                names[i] = json_string_value(json_array_get(array, i));
                if (!names[i] || strlen(names[i]) > TEXT_MAX) {
                        mem_free(names);
                        return NULL;
                }
        }
        return names;
}

static bool view_interface(const json_t *object, struct rpc_interface *i)
{
        i->name = get_text(object, "name");
        i->address = get_text(object, "address");
        i->netmask = get_text(object, "netmask");
        i->host_name = get_text(object, "host_name");
        i->aliases = get_names(object, "aliases");
        i->addresses = get_names(object, "addresses");
        return i->name && i->address && i->netmask && i->host_name && i->aliases && i->addresses;
}

struct cluster_node *cluster_node_read(json_t *json)
{
        CLEANUP(cluster_node_free) struct cluster_node *n = mem_new(sizeof(*n));
        const json_t *interfaces = json_object_get(json, "interfaces");
        const json_t *port = json_object_get(json, "port");
        size_t count = json_array_size(interfaces);

        n->json = json_incref(json);
        n->view = (struct rpc_network){ .host = get_text(json, "host"),
                .machine_id = get_text(json, "machine_id"),
                .fqdn = get_text(json, "fqdn"),
                .port = (uint16_t)json_integer_value(port),
                .known = true };
        if (!n->view.host || !n->view.machine_id || !n->view.fqdn || !json_is_integer(port) ||
                json_integer_value(port) < 0 || json_integer_value(port) > UINT16_MAX ||
                !json_is_array(interfaces) || count > CLUSTER_NODE_INTERFACES_MAX)
                return NULL;
        n->interfaces = mem_new_array(count ? count : 1, sizeof(*n->interfaces));
        n->view.interfaces = n->interfaces;
        for (size_t i = 0; i < count; i++) {
                n->view.interfaces_count = i + 1;
                if (!view_interface(json_array_get(interfaces, i), &n->interfaces[i]))
                        return NULL;
        }
        return TAKE(n);
}

/*
 * Our own.
 */

static bool is_universal(const uint8_t hardware[6])
{
        return !(hardware[0] & 2);
}

static bool is_none(const uint8_t hardware[6])
{
        static const uint8_t none[6];

        return memcmp(hardware, none, sizeof(none)) == 0;
}

/* The hardware address by which all instances of a machine agree that they are on it: the first
 * that a maker gave, else the first of any kind.  Without any, one is made of the machine's name,
 * marked as no address of a real card. */
static char *machine_id(const struct netif *netif, const char *host)
{
        size_t count = 0;
        const struct netif_entry *const *list = netif ? netif_list(netif, &count) : NULL;
        const uint8_t *best = NULL;
        uint8_t made[8];
        uint64_t hash;

        for (size_t i = 0; i < count; i++) {
                const uint8_t *h = list[i]->hardware;

                if (list[i]->loopback || is_none(h))
                        continue;
                if (!best || (is_universal(h) && !is_universal(best)))
                        best = h;
        }
        if (!best) {
                hash = identity_hash_bytes(host, strlen(host), 7);
                memcpy(made, &hash, sizeof(made));
                made[0] |= 1;
                best = made;
        }
        return mem_format("%02x:%02x:%02x:%02x:%02x:%02x", best[0], best[1], best[2], best[3],
                best[4], best[5]);
}

static json_t *text(const char *s)
{
        json_t *value = json_string(s);

        return value ?: json_string("?"); /* it is not UTF-8 */
}

static json_t *one_text(const char *s)
{
        json_t *array = json_array();

        (void)json_array_append_new(array, text(s)); /* memory does not run out */
        return array;
}

static json_t *describe_interface(const struct netif_entry *entry, const struct netif_address *a)
{
        char address[INET_ADDRSTRLEN], netmask[INET_ADDRSTRLEN];
        const struct in_addr mask = { htonl(a->prefix ? ~UINT32_C(0) << (32 - a->prefix) : 0) };
        json_t *object = json_object();

        (void)inet_ntop(AF_INET, &a->in, address, sizeof(address));
        (void)inet_ntop(AF_INET, &mask, netmask, sizeof(netmask));
        (void)json_object_set_new(object, "name", text(entry->name));
        (void)json_object_set_new(object, "address", text(address));
        (void)json_object_set_new(object, "netmask", text(netmask));
        (void)json_object_set_new(object, "host_name", text(""));
        (void)json_object_set_new(object, "aliases", json_array());
        (void)json_object_set_new(object, "addresses", one_text(address));
        return object;
}

static json_t *describe_interfaces(const struct netif *netif)
{
        size_t count = 0;
        const struct netif_entry *const *list = netif ? netif_list(netif, &count) : NULL;
        json_t *array = json_array();

        for (size_t i = 0; i < count; i++)
                for (size_t k = 0; !list[i]->loopback && k < list[i]->count; k++)
                        if (list[i]->addresses[k].family == AF_INET &&
                                json_array_size(array) < CLUSTER_NODE_INTERFACES_MAX)
                                (void)json_array_append_new(
                                        array, describe_interface(list[i], &list[i]->addresses[k]));
        return array;
}

struct cluster_node *cluster_node_local(const struct netif *netif, const char *host, uint16_t port)
{
        char name[HOST_NAME_MAX + 1] = "localhost";
        CLEANUP(mem_free) char *machine = NULL;
        struct cluster_node *node;
        json_t *json = json_object();

        (void)gethostname(name, sizeof(name)); /* or it is called that */
        name[HOST_NAME_MAX] = '\0';
        machine = machine_id(netif, name);
        (void)json_object_set_new(json, "host", text(host));
        (void)json_object_set_new(json, "port", json_integer(port));
        (void)json_object_set_new(json, "machine_id", text(machine));
        (void)json_object_set_new(json, "fqdn", text(name));
        (void)json_object_set_new(json, "interfaces", describe_interfaces(netif));
        node = cluster_node_read(json);
        json_decref(json);
        return node;
}

json_t *cluster_node_json(const struct cluster_node *n)
{
        return n->json;
}

const struct rpc_network *cluster_node_view(const struct cluster_node *n)
{
        return &n->view;
}
