/* Multicast: see multicast.h. */
#include "net/multicast.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "cluster/datagram.h"
#include "net/udpbatch.h"

/* A socket, and what it has been told about losses. */
struct ear {
        struct multicast *multicast;
        int fd;
        sd_event_source *source;
        bool by_group;
        uint32_t overflowed; /* as the kernel counts: wraps */
};

struct multicast {
        const struct multicast_handler *handler;
        void *context;
        struct sockaddr_in group; /* port 0: none */
        char **chosen;
        size_t chosen_count;
        bool loopback_only;
        struct endpoint address;
        struct ear group_ear, own_ear, own6_ear; /* own6: where there is IPv6 */
        struct multicast_interface *interfaces;
        size_t count;
        bool inherited; /* the interfaces: and not looked at since */
        struct addressbook *book;
        struct multicast_counters counters;
};

static void __attribute__((format(printf, 3, 4)))
tell(struct multicast *m, bool works, const char *format, ...)
{
        char text[512];
        va_list ap;

        va_start(ap, format);
        (void)vsnprintf(text, sizeof(text), format, ap); /* a longer one is cut */
        va_end(ap);
        m->handler->told(m->context, works, text);
}

static void on_name(void *context, const char *host, const char *error)
{
        if (error)
                tell(context, false, "the name '%s' of a peer cannot be resolved: %s", host, error);
        else
                tell(context, true, "the name '%s' of a peer is resolved again", host);
}

static struct multicast_interface *find(struct multicast *m, int index)
{
        for (size_t i = 0; i < m->count; i++)
                if (m->interfaces[i].index == index)
                        return &m->interfaces[i];
        return NULL;
}

/*
 * Receiving.
 */

static void hand_over(void *context, const struct udpbatch_arrival *a)
{
        struct ear *ear = context;
        struct multicast *m = ear->multicast;
        struct multicast_interface *interface = find(m, a->interface);

        if (a->size > DATAGRAM_SIZE_MAX) {
                m->counters.too_large++;
                return;
        }
        if (!ear->by_group)
                m->counters.unicast_received++;
        else if (interface)
                interface->received++;
        else
                m->counters.unlisted++;
        if (!ear->by_group || interface)
                m->handler->received(m->context, &(struct multicast_arrival){
                                                         .bytes = a->bytes,
                                                         .size = a->size,
                                                         .from = a->from,
                                                         .interface = a->interface,
                                                         .by_group = ear->by_group,
                                                 });
}

static int on_datagrams(sd_event_source *source, int fd, uint32_t events, void *context)
{
        struct ear *ear = context;
        uint32_t before = ear->overflowed;

        udpbatch_read(fd, &ear->overflowed, hand_over, ear);
        ear->multicast->counters.overflowed += (uint32_t)(ear->overflowed - before);
        return 0;
}

/*
 * Sending.
 */

static void note(struct multicast *m, struct multicast_interface *i, int result, const char *what)
{
        if (result == i->error)
                return;
        if (result < 0)
                tell(m, false, "multicast on %s: cannot %s: %s", i->name, what, strerror(-result));
        else
                tell(m, true, "multicast on %s works again", i->name);
        i->error = result;
}

static struct multicast_interface *nth_joined(struct multicast *m, size_t which)
{
        for (size_t i = 0; i < m->count; i++)
                if (m->interfaces[i].joined && which-- == 0)
                        return &m->interfaces[i];
        return NULL;
}

static void group_done(void *context, size_t which, int result)
{
        struct multicast *m = context;
        struct multicast_interface *i = nth_joined(m, which);

        assert(i);
        if (result < 0)
                i->send_errors++;
        else
                i->sent++;
        note(m, i, result, "send");
}

static void unicast_done(void *context, size_t which, int result)
{
        struct multicast *m = context;

        if (result < 0)
                m->counters.unicast_errors++;
        else
                m->counters.unicast_sent++;
}

static uint64_t sum_sent(const struct multicast *m)
{
        uint64_t sum = m->counters.unicast_sent;

        for (size_t i = 0; i < m->count; i++)
                sum += m->interfaces[i].sent;
        return sum;
}

unsigned multicast_send(struct multicast *m, const void *bytes, size_t size)
{
        size_t peers;
        const struct endpoint *peer = addressbook_addresses(m->book, &peers);
        const size_t most = peers > m->count ? peers : m->count;
        const uint64_t before = sum_sent(m);
        CLEANUP(udpbatch_free) struct udpbatch *batch = NULL;

        if (most == 0)
                return 0;
        batch = udpbatch_new(bytes, size, most);
        for (size_t i = 0; i < m->count; i++)
                if (m->interfaces[i].joined)
                        udpbatch_add_group(batch, &m->group, m->interfaces[i].index);
        udpbatch_send(batch, m->own_ear.fd, group_done, m);
        for (unsigned six = 0; six < 2; six++) {
                const struct ear *ear = six ? &m->own6_ear : &m->own_ear;
                size_t unreachable = 0;

                for (size_t i = 0; i < peers; i++) {
                        if (peer[i].address.ss_family != (six ? AF_INET6 : AF_INET))
                                continue;
                        if (ear->fd >= 0)
                                udpbatch_add(batch, &peer[i]);
                        else
                                unreachable++; /* no IPv6 here */
                }
                udpbatch_send(batch, ear->fd, unicast_done, m);
                m->counters.unicast_errors += unreachable;
        }
        return (unsigned)(sum_sent(m) - before);
}

/*
 * Interfaces.
 */

static bool has_address(const struct netif_entry *entry, const char *text)
{
        struct in_addr address;

        if (inet_pton(AF_INET, text, &address) != 1)
                return false;
        for (size_t i = 0; i < entry->count; i++)
                if (entry->addresses[i].family == AF_INET &&
                        entry->addresses[i].in.s_addr == address.s_addr)
                        return true;
        return false;
}

static bool has_ipv4(const struct netif_entry *entry)
{
        for (size_t i = 0; i < entry->count; i++)
                if (entry->addresses[i].family == AF_INET)
                        return true;
        return false;
}

/* On the loopback it works though the kernel does not say so. */
static bool can_be_used(const struct netif_entry *entry)
{
        return entry->up && has_ipv4(entry) && (entry->multicast || entry->loopback);
}

static bool is_chosen(const struct multicast *m, const struct netif_entry *entry, bool others)
{
        if (!can_be_used(entry) || (m->loopback_only && !entry->loopback))
                return false;
        if (m->chosen_count == 0)
                return m->loopback_only || !entry->loopback || !others;
        for (size_t i = 0; i < m->chosen_count; i++)
                if (strcmp(m->chosen[i], entry->name) == 0 || has_address(entry, m->chosen[i]))
                        return true;
        return false;
}

static int set_membership(struct multicast *m, int option, int index)
{
        const struct ip_mreqn request = { .imr_multiaddr = m->group.sin_addr,
                .imr_ifindex = index };

        return setsockopt(m->group_ear.fd, IPPROTO_IP, option, &request, sizeof(request)) < 0
                       ? -errno
                       : 0;
}

/* Also where it is joined already: leaving and joining tells switches anew that we are there. */
static void join(struct multicast *m, struct multicast_interface *i)
{
        int r;

        (void)set_membership(m, IP_DROP_MEMBERSHIP, i->index); /* mostly there is none */
        r = set_membership(m, IP_ADD_MEMBERSHIP, i->index);
        i->joined = r == 0;
        i->join_errors += r < 0;
        note(m, i, r, "join the group");
}

void multicast_set_interfaces(
        struct multicast *m, const struct netif_entry *const *list, size_t count)
{
        struct multicast_interface *old = m->interfaces;
        size_t old_count = m->count, kept = 0;
        bool others = false;

        if (m->group.sin_port == 0)
                return;
        for (size_t i = 0; i < count; i++)
                others |= can_be_used(list[i]) && !list[i]->loopback;
        m->interfaces = mem_new_array(count ? count : 1, sizeof(*m->interfaces));
        for (size_t i = 0; i < count; i++) {
                struct multicast_interface *entry = &m->interfaces[kept];

                if (!is_chosen(m, list[i], others))
                        continue;
                for (size_t k = 0; k < old_count; k++)
                        if (old[k].index == list[i]->index)
                                *entry = old[k];
                entry->index = list[i]->index;
                memcpy(entry->name, list[i]->name, sizeof(entry->name));
                m->count = ++kept;
                /* The group does not hear that we leave and come when nothing else happens. */
                if (!m->inherited || !entry->joined)
                        join(m, entry);
        }
        m->count = kept;
        m->inherited = false;
        for (size_t i = 0; i < old_count; i++)
                if (old[i].joined && !find(m, old[i].index))
                        (void)set_membership(
                                m, IP_DROP_MEMBERSHIP, old[i].index); /* it may be gone */
        mem_free(old);
}

/*
 * Opening.
 */

static int watch(sd_event *loop, struct ear *ear, struct err *err)
{
        int r = sd_event_add_io(loop, &ear->source, ear->fd, EPOLLIN, on_datagrams, ear);

        return r < 0 ? err_errno(err, r, "the loop does not watch for heartbeats") : 0;
}

static int open_ear(sd_event *loop, struct ear *ear, struct endpoint *address, struct err *err)
{
        struct sockaddr *at = (struct sockaddr *)&address->address;
        const bool six = at->sa_family == AF_INET6;
        char name[ENDPOINT_NAME_SIZE];
        int fd, r;

        if (ear->fd >= 0)
                return watch(loop, ear, err);
        fd = socket(at->sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return err_errno(err, -errno, "cannot make a socket for heartbeats");
        ear->fd = fd;
        r = udpbatch_prepare(fd, at->sa_family);
        if (r < 0)
                return err_errno(err, r, "cannot set up a socket for heartbeats");
        /* Several instances on this machine share the group's port, none shares our own. */
        if ((ear->by_group &&
                    (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) < 0 ||
                            setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &(int){ 0 }, sizeof(int)) <
                                    0)) ||
                (six && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 1 }, sizeof(int)) < 0) ||
                bind(fd, at, address->size) < 0 || getsockname(fd, at, &address->size) < 0)
                return err_errno(
                        err, -errno, "cannot open %s for heartbeats", endpoint_name(address, name));
        return watch(loop, ear, err);
}

static int open_group(struct multicast *m, sd_event *loop, const struct multicast_options *options,
        struct err *err)
{
        struct endpoint address;
        const int ttl = (int)options->ttl;

        if (!options->group)
                return 0;
        if (endpoint_parse(options->group, options->group_port, &address) < 0 ||
                address.address.ss_family != AF_INET || options->group_port == 0)
                return err_set(err, -EINVAL, "'%s' is no multicast group", options->group);
        memcpy(&m->group, &address.address, sizeof(m->group));
        if (!IN_MULTICAST(ntohl(m->group.sin_addr.s_addr)))
                return err_set(err, -EINVAL, "'%s' is no multicast group", options->group);
        /* Bound to the group, not to any address, lest it hear what others joined. */
        m->group_ear.by_group = true;
        if (m->group_ear.fd < 0 &&
                (setsockopt(m->own_ear.fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl)) < 0 ||
                        setsockopt(m->own_ear.fd, IPPROTO_IP, IP_MULTICAST_LOOP, &(int){ 1 },
                                sizeof(int)) < 0))
                return err_errno(err, -errno, "cannot set up multicast");
        return open_ear(loop, &m->group_ear, &address, err);
}

/* Beside an IPv4 socket for any address, one for IPv6 with the same port, where there is IPv6. */
static void open_six(struct multicast *m, sd_event *loop)
{
        struct endpoint address;

        if ((m->inherited && m->own6_ear.fd < 0) ||
                ((const struct sockaddr_in *)&m->address.address)->sin_addr.s_addr != INADDR_ANY ||
                endpoint_parse("::", endpoint_port(&m->address), &address) < 0)
                return;
        if (open_ear(loop, &m->own6_ear, &address, NULL) < 0)
                m->own6_ear.fd = fd_close(m->own6_ear.fd);
}

static void copy_chosen(struct multicast *m, const struct multicast_options *options)
{
        m->chosen_count = options->chosen_count;
        m->chosen = mem_new_array(m->chosen_count ? m->chosen_count : 1, sizeof(*m->chosen));
        for (size_t i = 0; i < m->chosen_count; i++)
                m->chosen[i] = mem_strdup(options->chosen[i]);
}

int multicast_new(sd_event *loop, const struct multicast_options *options,
        const struct multicast_handler *handler, void *context, struct multicast **ret,
        struct err *err)
{
        CLEANUP(multicast_free) struct multicast *m = mem_new(sizeof(*m));
        struct addressbook_options book = options->peers;
        int r;

        m->group_ear = m->own_ear = m->own6_ear = (struct ear){ .multicast = m, .fd = -1 };
        m->inherited = options->inherited != NULL;
        if (m->inherited) {
                m->group_ear.fd = options->inherited->group;
                m->own_ear.fd = options->inherited->own;
                m->own6_ear.fd = options->inherited->own6;
        }
        m->handler = handler;
        m->context = context;
        m->address = options->address;
        copy_chosen(m, options);
        if (m->address.address.ss_family != AF_INET || options->ttl > 255)
                return err_set(err, -EINVAL, "heartbeats need an IPv4 address and a TTL up to 255");
        m->loopback_only =
                ntohl(((const struct sockaddr_in *)&m->address.address)->sin_addr.s_addr) >> 24 ==
                IN_LOOPBACKNET;
        r = open_ear(loop, &m->own_ear, &m->address, err);
        if (r >= 0)
                r = open_group(m, loop, options, err);
        if (r < 0)
                return r;
        open_six(m, loop);
        book.told = on_name;
        book.context = m;
        r = addressbook_new(loop, &book, &m->book, err);
        if (r < 0)
                return r;
        *ret = TAKE(m);
        return 0;
}

static void close_ear(struct ear *ear)
{
        ear->source = sd_event_source_disable_unref(ear->source);
        ear->fd = fd_close(ear->fd);
}

struct multicast *multicast_free(struct multicast *m)
{
        if (!m)
                return NULL;
        addressbook_free(m->book);
        close_ear(&m->group_ear);
        close_ear(&m->own_ear);
        close_ear(&m->own6_ear);
        for (size_t i = 0; i < m->chosen_count; i++)
                mem_free(m->chosen[i]);
        mem_free(m->chosen);
        mem_free(m->interfaces);
        return mem_free(m);
}

int multicast_set_peers(struct multicast *m, const struct addressbook_peer *peers, size_t count)
{
        return addressbook_set(m->book, peers, count);
}

void multicast_inherit(
        struct multicast *m, const struct multicast_interface *interfaces, size_t count)
{
        mem_free(m->interfaces);
        m->interfaces = mem_new_array(count ? count : 1, sizeof(*m->interfaces));
        if (count)
                memcpy(m->interfaces, interfaces, count * sizeof(*interfaces));
        m->count = count;
        m->inherited = true;
}

struct multicast_sockets multicast_sockets(const struct multicast *m)
{
        return (struct multicast_sockets){ m->group_ear.fd, m->own_ear.fd, m->own6_ear.fd };
}

struct addressbook *multicast_peers(struct multicast *m)
{
        return m->book;
}

const struct endpoint *multicast_address(const struct multicast *m)
{
        return &m->address;
}

const struct multicast_interface *multicast_interfaces(const struct multicast *m, size_t *count)
{
        *count = m->count;
        return m->interfaces;
}

const struct multicast_counters *multicast_counters(const struct multicast *m)
{
        return &m->counters;
}

size_t multicast_unresolved(const struct multicast *m)
{
        return addressbook_unresolved(m->book);
}
