/* The names of this machine: see selfnames.h. */
#include "netlink/selfnames.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "netlink/netif.h"

static void add_name(struct selfnames *names, const char *name)
{
        if (names->count == SELFNAMES_MAX)
                return;
        names->at = mem_grow(names->at, &names->capacity, names->count + 1, sizeof(char *));
        names->at[names->count++] = mem_strdup(name);
}

void selfnames_clear(struct selfnames *names)
{
        for (size_t i = 0; i < names->count; i++)
                mem_free(names->at[i]);
        mem_free(names->at);
        *names = (struct selfnames){};
}

static void add_address(struct selfnames *names, const struct netif_address *a)
{
        char text[INET6_ADDRSTRLEN];

        if (inet_ntop(a->family, a->family == AF_INET ? (const void *)&a->in : &a->in6, text,
                    sizeof(text)))
                add_name(names, text);
}

void selfnames_collect(struct selfnames *names, const struct netif *netif)
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

static bool is_ours(const struct selfnames *names, const struct addrinfo *a)
{
        char text[INET6_ADDRSTRLEN];

        if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST))
                return false;
        for (size_t i = 0; i < names->count; i++)
                if (strcmp(names->at[i], text) == 0)
                        return true;
        return false;
}

bool selfnames_leads_here(const struct selfnames *names, const char *host)
{
        const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
        struct addrinfo *list = NULL;
        bool found = false;

        if (getaddrinfo(host, NULL, &hints, &list) != 0)
                return false;
        for (struct addrinfo *a = list; a && !found; a = a->ai_next)
                found = is_ours(names, a);
        freeaddrinfo(list);
        return found;
}
