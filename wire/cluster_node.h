/* A node's network as an instance describes its own: what others are told in the hello, and what
 * callers ask for. */
#pragma once

#include <jansson.h>

#include "base/mem.h"
#include "netlink/netif.h"
#include "rpc/http.h"

#define CLUSTER_NODE_INTERFACES_MAX 64
#define CLUSTER_NODE_NAMES_MAX      16 /* aliases, or addresses, of one interface */

struct cluster_node;

/* The description as it travels; NULL: it is none. */
struct cluster_node *cluster_node_read(json_t *borrowed);
/* Of this machine. */
struct cluster_node *cluster_node_local(const struct netif *, const char *host, uint16_t port);
struct cluster_node *cluster_node_free(struct cluster_node *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct cluster_node *, cluster_node_free)

json_t *cluster_node_json(const struct cluster_node *);                   /* borrowed */
const struct rpc_network *cluster_node_view(const struct cluster_node *); /* good as long as it */
