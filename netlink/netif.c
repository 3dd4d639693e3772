/* Netif: see netif.h.
 *
 * Of the kernel's messages only that they came is looked at; what there is now is then asked for as
 * a whole.  So nothing can be missed, in whatever order they come and however many are lost, and
 * many changes at once are one question. */
#include "netlink/netif.h"

#include <errno.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { READS_MAX = 256, READ_SIZE = 16384, ANSWER_WAIT_SEC = 1 };

struct list {
        struct netif_entry **at;
        size_t count;
        size_t capacity;
};

struct netif {
        struct nl_sock *news;
        struct nl_sock *questions;
        struct list list;
};

static void clear(struct list *list)
{
        for (size_t i = 0; i < list->count; i++)
                mem_free(list->at[i]);
        mem_free(list->at);
        *list = (struct list){};
}

static inline void clear_at(struct list *list)
{
        clear(list);
}

/* libnl's errors, as far as they have one of ours. */
static int code_of(int r)
{
        switch (-r) {
        case NLE_NOMEM:
                return -ENOMEM;
        case NLE_PERM:
                return -EPERM;
        case NLE_AGAIN:
                return -EAGAIN;
        case NLE_AF_NOSUPPORT:
        case NLE_OPNOTSUPP:
        case NLE_PROTO_MISMATCH:
                return -EPROTONOSUPPORT;
        default:
                return -EIO;
        }
}

static void add_link(struct nl_object *object, void *context)
{
        struct rtnl_link *link = (struct rtnl_link *)object;
        struct list *list = context;
        const unsigned flags = rtnl_link_get_flags(link);
        const struct nl_addr *hardware = rtnl_link_get_addr(link);
        const char *name = rtnl_link_get_name(link);
        struct netif_entry *entry;

        if (list->count == NETIF_MAX)
                return;
        list->at = mem_grow(list->at, &list->capacity, list->count + 1, sizeof(*list->at));
        entry = list->at[list->count++] = mem_new(sizeof(*entry));
        entry->index = rtnl_link_get_ifindex(link);
        strncpy(entry->name, name ? name : "", sizeof(entry->name) - 1);
        entry->up = (flags & IFF_UP) && (flags & IFF_RUNNING);
        entry->multicast = flags & IFF_MULTICAST;
        entry->loopback = flags & IFF_LOOPBACK;
        if (hardware && nl_addr_get_len(hardware) == sizeof(entry->hardware))
                memcpy(entry->hardware, nl_addr_get_binary_addr(hardware), sizeof(entry->hardware));
}

static struct netif_entry *find(const struct list *list, int index)
{
        for (size_t i = 0; i < list->count; i++)
                if (list->at[i]->index == index)
                        return list->at[i];
        return NULL;
}

static void add_address(struct nl_object *object, void *context)
{
        struct rtnl_addr *from = (struct rtnl_addr *)object;
        const struct nl_addr *local = rtnl_addr_get_local(from);
        struct netif_entry *entry = find(context, rtnl_addr_get_ifindex(from));
        struct netif_address *address;
        size_t size;

        if (!entry || !local || entry->count == NETIF_ADDRESSES_MAX)
                return;
        address = &entry->addresses[entry->count];
        *address = (struct netif_address){ .family = nl_addr_get_family(local),
                .prefix = (uint8_t)rtnl_addr_get_prefixlen(from) };
        size = address->family == AF_INET    ? sizeof(address->in)
               : address->family == AF_INET6 ? sizeof(address->in6)
                                             : 0;
        if (size == 0 || nl_addr_get_len(local) != size)
                return;
        memcpy(&address->in6, nl_addr_get_binary_addr(local), size);
        entry->count++;
}

static int compare_entries(const void *a, const void *b)
{
        const struct netif_entry *const *left = a;
        const struct netif_entry *const *right = b;

        return ((*left)->index > (*right)->index) - ((*left)->index < (*right)->index);
}

static int compare_addresses(const void *a, const void *b)
{
        return memcmp(a, b, sizeof(struct netif_address));
}

static int ask(struct netif *interfaces, struct list *ret)
{
        CLEANUP(clear) struct list list = {};
        struct nl_cache *links = NULL, *addresses = NULL;
        int r = rtnl_link_alloc_cache(interfaces->questions, AF_UNSPEC, &links);

        if (r >= 0)
                r = rtnl_addr_alloc_cache(interfaces->questions, &addresses);
        if (r >= 0) {
                nl_cache_foreach(links, add_link, &list);
                nl_cache_foreach(addresses, add_address, &list);
        }
        nl_cache_free(links);
        nl_cache_free(addresses);
        if (r < 0)
                return code_of(r);
        if (list.count > 0)
                qsort(list.at, list.count, sizeof(*list.at), compare_entries);
        for (size_t i = 0; i < list.count; i++)
                qsort(list.at[i]->addresses, list.at[i]->count, sizeof(struct netif_address),
                        compare_addresses);
        *ret = list;
        list = (struct list){};
        return 0;
}

static int connect_to_kernel(struct nl_sock **ret)
{
        const struct timeval patience = { .tv_sec = ANSWER_WAIT_SEC };
        int r;

        *ret = nl_socket_alloc();
        if (!*ret)
                return -ENOMEM;
        r = nl_connect(*ret, NETLINK_ROUTE);
        if (r < 0)
                return code_of(r);
        /* The kernel answers at once; should it ever not, we are not to hang. */
        return setsockopt(nl_socket_get_fd(*ret), SOL_SOCKET, SO_RCVTIMEO, &patience,
                       sizeof(patience)) < 0
                       ? -errno
                       : 0;
}

int netif_open(struct netif **ret, struct err *err)
{
        CLEANUP(netif_close) struct netif *interfaces = mem_new(sizeof(*interfaces));
        int r = connect_to_kernel(&interfaces->news);

        /* Before the question, so that no change falls in between. */
        if (r >= 0 && nl_socket_add_memberships(interfaces->news, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
                              RTNLGRP_IPV6_IFADDR, 0) < 0)
                r = -EPERM;
        if (r >= 0)
                r = connect_to_kernel(&interfaces->questions);
        if (r >= 0)
                r = ask(interfaces, &interfaces->list);
        if (r < 0)
                return err_errno(err, r, "the kernel does not tell of network interfaces");
        *ret = TAKE(interfaces);
        return 0;
}

struct netif *netif_close(struct netif *interfaces)
{
        if (!interfaces)
                return NULL;
        if (interfaces->news)
                nl_socket_free(interfaces->news);
        if (interfaces->questions)
                nl_socket_free(interfaces->questions);
        clear(&interfaces->list);
        return mem_free(interfaces);
}

int netif_fd(const struct netif *interfaces)
{
        return nl_socket_get_fd(interfaces->news);
}

static bool is_equal(const struct list *a, const struct list *b)
{
        if (a->count != b->count)
                return false;
        for (size_t i = 0; i < a->count; i++)
                if (memcmp(a->at[i], b->at[i], sizeof(struct netif_entry)) != 0)
                        return false;
        return true;
}

int netif_read(struct netif *interfaces)
{
        CLEANUP(clear) struct list list = {};
        struct list old = interfaces->list;
        char buffer[READ_SIZE];
        bool news = false;
        int r;

        for (unsigned i = 0; i < READS_MAX; i++) {
                ssize_t n = recv(netif_fd(interfaces), buffer, sizeof(buffer), MSG_DONTWAIT);

                if (n < 0 && errno == EAGAIN)
                        break;
                if (n < 0 && errno != ENOBUFS && errno != EINTR)
                        return -errno;
                news = true; /* also when messages were lost */
        }
        if (!news)
                return 0;
        r = ask(interfaces, &list);
        if (r < 0)
                return r;
        if (is_equal(&old, &list))
                return 0;
        interfaces->list = list;
        list = old; /* released */
        return 1;
}

const struct netif_entry *const *netif_list(const struct netif *interfaces, size_t *ret_count)
{
        *ret_count = interfaces->list.count;
        return (const struct netif_entry *const *)interfaces->list.at;
}

const struct netif_entry *netif_find(const struct netif *interfaces, int index)
{
        return find(&interfaces->list, index);
}
