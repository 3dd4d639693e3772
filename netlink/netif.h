/* Netif: the network interfaces of this machine and their addresses, as the kernel tells of
 * them (rtnetlink, through libnl-route-3), and when they change. */
#pragma once

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

#define NETIF_MAX           1024 /* further ones are left out */
#define NETIF_ADDRESSES_MAX 64   /* of one interface; further ones are left out */

struct netif_address {
        int family; /* AF_INET, AF_INET6 */
        uint8_t prefix;
        union {
                struct in_addr in;
                struct in6_addr in6;
        };
};

struct netif_entry {
        int index;
        char name[IF_NAMESIZE];
        bool up; /* and its cable, where it has one, is in */
        bool multicast;
        bool loopback;
        uint8_t hardware[6]; /* all zero: none of this size */
        size_t count;
        struct netif_address addresses[NETIF_ADDRESSES_MAX];
};

struct netif;

/* Lists what is there, and listens for changes. */
int netif_open(struct netif **ret, struct err *) __attribute__((warn_unused_result));
struct netif *netif_close(struct netif *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct netif *, netif_close)
int netif_fd(const struct netif *); /* readable when there is news */

/* Takes in the news.  1: the list is another one now; 0: it is as before; or a negative errno, upon
 * which the list is as before and netif_open() may be tried anew.  Lost messages are made good
 * by asking for everything again.  One call takes in a limited number, so it never takes long. */
int netif_read(struct netif *) __attribute__((warn_unused_result));
/* In the order of their indices; good until the next read. */
const struct netif_entry *const *netif_list(const struct netif *, size_t *ret_count);
const struct netif_entry *netif_find(const struct netif *, int index);
