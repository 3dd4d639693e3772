/* From the configuration to the options of cluster/, and who of the configured ones we are. */
#pragma once

#include "base/err.h"
#include "base/log.h"
#include "cluster/cluster_options.h"
#include "netlink/netif.h"

struct config;
struct daemon;

struct cluster_setup {
        struct cluster_options options; /* not completed; borrows from here and the configuration */
        struct identity *list;
        const char *host; /* of our own item */
        char *why;        /* something to warn of; NULL: nothing */
};

/* 'netif' may be NULL: the interfaces are not known.  Who we are is found out, or known by an
 * identifier, which is looked for only in the configuration. */
int cluster_setup_make(struct daemon *, const struct netif *, const char *identifier,
        struct cluster_setup *ret, struct err *) __attribute__((warn_unused_result));
void cluster_setup_clear(struct cluster_setup *);
static inline void cluster_setup_clear_at(struct cluster_setup *setup)
{
        cluster_setup_clear(setup);
}

/* Whether we would be found in the list; what is odd about that is told. */
int cluster_setup_check(const struct config *, const struct log_sink *, struct err *)
        __attribute__((warn_unused_result));
uint16_t cluster_setup_port(const struct daemon *); /* of the HTTP server, and so of heartbeats */
/* The state directory, while we may still make it: for whom we shall run as.  When that fails it is
 * noticed where it is used. */
void cluster_setup_directory(struct daemon *);
