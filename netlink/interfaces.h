/* Interfaces: the network interfaces of this machine and their addresses, as the kernel tells of
 * them (rtnetlink, through libnl-route-3), and when they change. */
#pragma once

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

#define INTERFACES_MAX           1024 /* further ones are left out */
#define INTERFACES_ADDRESSES_MAX 64   /* of one interface; further ones are left out */

struct interfaces_address {
        int family; /* AF_INET, AF_INET6 */
        uint8_t prefix;
        union {
                struct in_addr in;
                struct in6_addr in6;
        };
};

struct interfaces_entry {
        int index;
        char name[IF_NAMESIZE];
        bool up; /* and its cable, where it has one, is in */
        bool multicast;
        bool loopback;
        uint8_t hardware[6]; /* all zero: none of this size */
        size_t count;
        struct interfaces_address addresses[INTERFACES_ADDRESSES_MAX];
};

struct interfaces;

/* Lists what is there, and listens for changes. */
int interfaces_open(struct interfaces **ret, struct err *) __attribute__((warn_unused_result));
struct interfaces *interfaces_close(struct interfaces *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct interfaces *, interfaces_close)
int interfaces_fd(const struct interfaces *); /* readable when there is news */

/* Takes in the news.  1: the list is another one now; 0: it is as before; or a negative errno, upon
 * which the list is as before and interfaces_open() may be tried anew.  Lost messages are made good
 * by asking for everything again.  One call takes in a limited number, so it never takes long. */
int interfaces_read(struct interfaces *) __attribute__((warn_unused_result));
/* In the order of their indices; good until the next read. */
const struct interfaces_entry *const *interfaces_list(const struct interfaces *, size_t *ret_count);
const struct interfaces_entry *interfaces_find(const struct interfaces *, int index);
