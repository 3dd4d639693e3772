/* Netcount: see netcount.h. */
#include "netlink/netcount.h"

#include <errno.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { ANSWER_WAIT_SEC = 1 };

static void tell_link(struct nl_object *object, void *context)
{
        const struct netcount_sink *sink = context;
        struct rtnl_link *link = (struct rtnl_link *)object;
        const unsigned flags = rtnl_link_get_flags(link);
        const char *name = rtnl_link_get_name(link);

        if (name && (flags & IFF_UP) && (flags & IFF_RUNNING))
                sink->tell(sink->context, name, rtnl_link_get_stat(link, RTNL_LINK_RX_BYTES),
                        rtnl_link_get_stat(link, RTNL_LINK_TX_BYTES));
}

static int take(struct nl_sock *sock, struct netcount_sink *sink)
{
        const struct timeval patience = { .tv_sec = ANSWER_WAIT_SEC };
        struct nl_cache *links = NULL;
        int r = nl_connect(sock, NETLINK_ROUTE);

        if (r < 0)
                return r;
        /* The answer is there at once: this is for a kernel that has none. */
        (void)setsockopt(
                nl_socket_get_fd(sock), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        r = rtnl_link_alloc_cache(sock, AF_UNSPEC, &links);
        if (r >= 0)
                nl_cache_foreach(links, tell_link, sink);
        nl_cache_free(links);
        return r;
}

int netcount_take(struct netcount_sink sink, struct err *err)
{
        struct nl_sock *sock = nl_socket_alloc();
        int r = sock ? take(sock, &sink) : -NLE_NOMEM;

        nl_socket_free(sock);
        return r < 0 ? err_set(err, -EIO, "the kernel tells nothing of its interfaces: %s",
                               nl_geterror(r))
                     : 0;
}
