/* The names of this machine: what a configuration may call it by. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct netif;

enum { SELFNAMES_MAX = 4096 }; /* further ones are left out */

struct selfnames {
        char **at;
        size_t count, capacity;
};

/* The host name, long and short, localhost, and the addresses of all interfaces; 'netif' may be
 * NULL.  No name server is asked: it may be away, and an address needs none. */
void selfnames_collect(struct selfnames *, const struct netif *);
void selfnames_clear(struct selfnames *);

static inline void selfnames_clear_at(struct selfnames *names)
{
        selfnames_clear(names);
}

/* Whether the name is that of one of these addresses.  This may ask a name server, and wait. */
bool selfnames_leads_here(const struct selfnames *, const char *host);
